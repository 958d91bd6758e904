"""One chat while a message is dealt with: consent, review, who the person is, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from handlers.asking import Asking
from handlers.buttons import Press
from handlers.desk import Desk
from handlers.dialogue import Items, Message, Reply
from handlers.fields import fields_of
from handlers.flow import Again, Ended, Pause
from handlers.journal import CONSENT, REVIEW, Journal
from handlers.outcome import Effect, Outcome
from handlers.questions import NO, YES, Problem, Question, Unsure, bare
from storage import people
from storage.conversations import Conversation

T = TypeVar("T")

AGREEING = {"agree", "i agree", "同意", "我同意", "yes", "是"}


class Purpose(StrEnum):
    """What somebody agrees to; each has its own text, version and record."""

    ASK_PERSON = "ask-person"
    REGISTRY = "registry"  # the county's registry of natives and experts
    NEED = "need"  # a firm's technical need
    INVEST = "invest"
    EVENT = "event"
    DONATE = "donate"
    NOMINATE = "nominate"
    RIGHTS = "rights"
    COMPLAIN = "complain"
    BOOK = "book"  # a consultation slot
    # Each of these is asked on its own, never together with another (PIPL art. 23, 25, 39).
    SHARE_WITH_FIRMS = "share-with-firms"
    PUBLISH = "publish"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True)
class Consent:
    purpose: Purpose
    version: str
    given_at: datetime


class Chat(Asking):
    """One chat while one message is dealt with, and what shall come of it."""

    def __init__(self, message: Message, conversation: Conversation, desk: Desk) -> None:
        super().__init__(message, conversation, desk)
        self.person = conversation.person
        self.effects: list[Effect] = []
        self.lasting: list[Effect] = []  # collected in this run of the conversation
        self._before: list[Effect] = []  # collected before the conversation ran
        self._conversation = conversation

    async def consent(self, purpose: Purpose, version: str, *, steps: int = 0) -> Consent:
        """Ask for consent in its own turn, with the text's version; a "no" ends the conversation politely.

        `steps` is how many steps the whole form has, where consent comes first. What the short text leaves out
        is a button away.
        """
        entry = self.journal.value(CONSENT)
        if entry is not None and entry["version"] == version:
            return Consent(purpose, version, datetime.fromisoformat(entry["at"]))
        words = self._take(CONSENT)
        said = bare(words or "")
        if said in AGREEING:
            given_at = self.desk.clock.now()
            self.journal.record(CONSENT, {"version": version, "at": given_at.isoformat()})
            return Consent(purpose, version, given_at)
        if said == "decline" or said in NO:
            raise Ended(self.say(f"consent.{purpose}.declined", self.doors("ask", "start:ask-person")))
        text, more = f"consent.{purpose}.text", f"consent.{purpose}.more"
        layered = self.desk.texts.has(more)
        wants_more = layered and said in {"more", "full text", "全文", "看全文"}
        problem = None if words is None or wants_more else Problem("problem.consent")
        choices = [self._choice(CONSENT, "agree"), self._choice(CONSENT, "decline")]
        shown = self.parts(more if wants_more else text, version=version)
        if steps:
            shown = [*self.parts("form.step", step=1, of=steps), *shown]
        details = [self._choice(CONSENT, "more")] if layered and not wants_more else []
        rows = [choices, details, *self._ways_out(CONSENT)]
        if words is not None and problem is not None:
            # What somebody tells before they agree is read after they agree.
            self.journal.keep(CONSENT, words)
        raise Pause(CONSENT, self.reply(self._asking(shown, problem), rows), problem=problem)

    async def confirm(self, form: BaseModel) -> None:
        """Show all answers for review; any of them can be changed from here, and what was not asked be added."""
        if self.journal.has(REVIEW):
            return
        words = self._take(REVIEW)
        said = bare(words or "")
        fields = {field.name: field for field in fields_of(type(form))}
        given = [name for name in fields if self.journal.has(name) and getattr(form, name) is not None]
        open_ = [name for name in fields if name not in given and fields[name].skippable]
        if said in {"submit", "提交", "确认提交"} or (said in YES and words is not None):
            self.journal.record(REVIEW, "submit")
            return
        if said.startswith("edit.") and said.removeprefix("edit.") in fields:
            self._change(said.removeprefix("edit."))
            raise Again
        if said in {"edit", "修改", "change", "add", "补充"}:
            adding = said in {"add", "补充"}
            names = open_ if adding else given
            if names:
                rows = [[self._choice(REVIEW, f"edit.{name}", self._own(name, "label"))] for name in names]
                parts = self.parts("review.what_more" if adding else "review.which")
                raise Pause(REVIEW, self.reply(parts, [*rows, *self._ways_out(REVIEW)]))
        problem = None if words is None else Problem("problem.choice")
        review = Items(items=tuple(self._shown(form)))
        parts = self._asking([*self.parts("review.intro"), review, *self.parts("review.next")], problem)
        choices = [self._choice(REVIEW, "submit"), self._choice(REVIEW, "edit")]
        more = [self._choice(REVIEW, "add")] if open_ else []
        raise Pause(REVIEW, self.reply(parts, [choices, more, *self._ways_out(REVIEW)]), problem=problem)

    def offer(self, key: str, question: Question[T], words: str, note: str) -> None:
        """Fill in what the person said before this conversation began, and say so with a note."""
        if self.journal.has(key) or self.journal.was_dropped(key):
            return
        value = question.read(words)
        if not isinstance(value, (Problem, Unsure)):
            self.journal.record(key, question.dump(value), words)
            given = self.written(key, question, value)
            self.note(self.parts(note, given=given if len(given) <= 120 else given[:119] + "…"))

    def do(self, effect: Effect) -> None:
        """Collect a change; it happens together with everything else, once, when this conversation is done."""
        self.effects.append(effect)

    def do_now(self, effect: Effect) -> None:
        """Collect a change that happens with this message even if the conversation only pauses at a question."""
        self.lasting.append(effect)

    def keep_after(self, effect: Effect) -> None:
        """Collect a change that stands however the conversation goes on with this message."""
        self._before.append(effect)

    async def known_person(self) -> str | None:
        """Give this person's id if anything was ever stored about them."""
        if self.person is None:
            async with self.desk.database.read() as connection:
                self.person = await people.person_of(connection, self.message.channel, self.message.sender)
        return self.person

    async def identify(self) -> str:
        """Give this person's id, known or new; `people.ensure_person` stores it."""
        self.person = await self.known_person() or self.desk.ids.new()
        return self.person

    def forget_person(self) -> None:
        """Forget who this is and what they asked; the chosen language is not about a person."""
        self.person = None
        self.memory = {key: self.memory[key] for key in ("run", "language") if key in self.memory}

    def start(self, flow: str) -> None:
        """Give a conversation the floor, with an empty journal of its own."""
        self.leave()
        self.flow = flow
        # Tells the buttons of this filling from those of an earlier one.
        self.memory["run"] = self.desk.ids.new()[:6]

    def take_up(self, entries: dict[str, Any], open_key: str | None = None) -> None:
        """Go on with answers given earlier: a draft, another chat's, or a record that is to be corrected."""
        self.journal = Journal(entries)
        self.open_key = open_key

    def leave(self) -> None:
        """Take the floor from the conversation and forget its answers."""
        self.flow, self.open_key = None, None
        self.journal = Journal({})
        self.memory.pop("run", None)

    def take_back(self, key: str) -> None:
        """Take back one answer, to be asked for again."""
        self._change(key)

    def asks_instead(self, reply: Reply) -> Reply:
        """Let a reply's own buttons be what is asked for now: their numbers are presses, whatever the form asks."""
        self.memory["free_text"] = False
        return reply.model_copy(update={"free_text": False})

    def step_back(self) -> bool:
        """Take back the last answer. False when there is none."""
        last = self.journal.last()
        if last is not None:
            self._change(last)
        return last is not None

    def is_current(self, press: Press) -> bool:
        """Tell whether a pressed button belongs to the open question of this very run."""
        return (press.flow, press.run, press.key) == (self.flow, self.memory.get("run"), self.open_key)

    def switch_language(self, language: str) -> None:
        self.chosen_language = self.language = language

    def outcome(self, replies: Sequence[Reply]) -> Outcome:
        """Give the conversation as it now stands with the replies and the collected effects."""
        if replies:
            shown = [[button.drawn, button.data] for row in replies[-1].buttons for button in row]
            self.memory["shown"] = shown
        now = replace(
            self._conversation,
            language=self.chosen_language,
            person=self.person,
            flow=self.flow,
            asked=self.open_key,
            answers=self.journal.entries(),
            memory=self.memory,
        )
        return Outcome(now, tuple(replies), (*self._before, *self.lasting, *self.effects))

    def _change(self, key: str) -> None:
        self.journal.drop(key)
        self.journal.forget(REVIEW)

    def _shown(self, form: BaseModel) -> Iterator[str]:
        for field in fields_of(type(form)):
            value = getattr(form, field.name)
            if value is not None and self.journal.has(field.name):
                written = self.written(field.name, field.question, value)
                yield self.text("review.line", label=self._own(field.name, "label"), value=written)
