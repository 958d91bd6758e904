"""One chat while a message is dealt with: asking, filling forms, consent, review, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from handlers.buttons import BACK, CANCEL, Press
from handlers.desk import Desk
from handlers.dialogue import Button, Items, Message, Part, Reply
from handlers.flow import Again, Ended, Pause
from handlers.journal import Journal
from handlers.language import hinted, written
from handlers.outcome import Effect, Outcome
from handlers.questions import NO, YES, Problem, Question, bare, tidy
from handlers.voice import Voice
from storage import people
from storage.conversations import Conversation

T = TypeVar("T")
F = TypeVar("F", bound=BaseModel)

CONSENT, REVIEW = "consent", "review"


class Purpose(StrEnum):
    """What somebody agrees to; each has its own text, version and record."""

    ASK_PERSON = "ask-person"


@dataclass(frozen=True, slots=True)
class Consent:
    purpose: Purpose
    version: str
    given_at: datetime


class Chat(Voice):
    """One chat while one message is dealt with: what was said before, and what shall come of it."""

    def __init__(self, message: Message, conversation: Conversation, desk: Desk) -> None:
        super().__init__(desk, desk.language)
        self.message = message
        self.desk = desk
        self.memory: dict[str, Any] = dict(conversation.memory)
        self.person = conversation.person
        self.flow = conversation.flow
        self.open_key = conversation.asked
        self.chosen_language = conversation.language
        self.language = self._language()
        self.effects: list[Effect] = []
        self.journal = Journal(conversation.answers)
        self._conversation = conversation
        self._unread: str | None = None

    async def ask(self, key: str, question: Question[T]) -> T:
        """Give the recorded answer, or read it from this message or from what was said before; else ask."""
        if self.journal.has(key):
            return question.load(self.journal.value(key))
        if (words := self._take(key)) is not None:
            value = question.read(words)
            if not isinstance(value, Problem):
                self.journal.record(key, question.dump(value), "" if words in question.choices else words)
                return value
            self.journal.keep(key, words)
            raise self._pause(key, question, value)
        # An answer somebody took back is asked for again, never guessed again.
        if not self.journal.was_dropped(key):
            for said in self.journal.said():
                if (found := question.find(said)) is not None:
                    self.journal.record(key, question.dump(found))
                    return found
        raise self._pause(key, question)

    async def fill(self, form: type[F]) -> F:
        """Ask for every field of a form that is still missing, one at a time."""
        return form(**{name: await self.ask(name, question) for name, question in questions_of(form)})

    async def consent(self, purpose: Purpose, version: str) -> Consent:
        """Ask for consent in its own turn, with the text's version; a "no" ends the conversation politely."""
        entry = self.journal.value(CONSENT)
        if entry is not None and entry["version"] == version:
            return Consent(purpose, version, datetime.fromisoformat(entry["at"]))
        words = self._take(CONSENT)
        said = bare(words or "")
        if said in {"agree", "i agree", "同意", "我同意", "yes", "是"}:
            given_at = self.desk.clock.now()
            self.journal.record(CONSENT, {"version": version, "at": given_at.isoformat()})
            return Consent(purpose, version, given_at)
        if said == "decline" or said in NO:
            raise Ended(self.say(f"consent.{purpose}.declined"))
        problem = None if words is None else Problem("problem.consent")
        choices = [self._choice(CONSENT, "agree"), self._choice(CONSENT, "decline")]
        parts = self._asking(self.parts(f"consent.{purpose}.text", version=version), problem)
        raise Pause(CONSENT, self.reply(parts, [choices, *self._ways_out(CONSENT)]), problem=problem)

    async def confirm(self, form: BaseModel) -> None:
        """Show all answers for review; any of them can be changed from here."""
        if self.journal.has(REVIEW):
            return
        words = self._take(REVIEW)
        said = bare(words or "")
        names = [name for name, _ in questions_of(type(form))]
        if said in {"submit", "提交", "确认提交"} or (said in YES and words is not None):
            self.journal.record(REVIEW, "submit")
            return
        if said.startswith("edit.") and said.removeprefix("edit.") in names:
            self._change(said.removeprefix("edit."))
            raise Again
        if said in {"edit", "修改", "change"}:
            fields = [[self._choice(REVIEW, f"edit.{name}", self.text(f"{self.flow}.{name}.label"))] for name in names]
            parts = self.parts("review.which")
            raise Pause(REVIEW, self.reply(parts, [*fields, *self._ways_out(REVIEW)]))
        problem = None if words is None else Problem("problem.choice")
        review = Items(items=tuple(self._shown(form)))
        parts = self._asking([*self.parts("review.intro"), review, *self.parts("review.next")], problem)
        choices = [self._choice(REVIEW, "submit"), self._choice(REVIEW, "edit")]
        raise Pause(REVIEW, self.reply(parts, [choices, *self._ways_out(REVIEW)]), problem=problem)

    def offer(self, key: str, question: Question[T], words: str, note: str) -> None:
        """Fill in what the person said before this conversation began, and say so with a note."""
        if self.journal.has(key) or self.journal.was_dropped(key):
            return
        value = question.read(words)
        if not isinstance(value, Problem):
            self.journal.record(key, question.dump(value), words)
            given = question.show(value)
            self.note(self.parts(note, given=given if len(given) <= 120 else given[:119] + "…"))

    def do(self, effect: Effect) -> None:
        """Collect a change; it happens together with everything else, once, when this message is done."""
        self.effects.append(effect)

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

    def leave(self) -> None:
        """Take the floor from the conversation and forget its answers."""
        self.flow, self.open_key = None, None
        self.journal = Journal({})
        self.memory.pop("run", None)

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
            shown = [[button.label, button.data] for row in replies[-1].buttons for button in row]
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
        return Outcome(now, tuple(replies), tuple(self.effects))

    def hear(self, words: str | None) -> None:
        """Lay a person's words before the open question."""
        self._unread = None if words is None else tidy(words)

    def _take(self, key: str) -> str | None:
        # A release may put a new question before the open one: words answer only what was asked.
        if self._unread is None or self.open_key != key:
            return None
        words, self._unread = self._unread, None
        return words

    def _change(self, key: str) -> None:
        self.journal.drop(key)
        self.journal.forget(REVIEW)

    def _pause(self, key: str, question: Question[Any], problem: Problem | None = None) -> Pause:
        choices = [self._choice(key, choice) for choice in question.choices]
        rows = [choices] if len(choices) <= 3 else [[choice] for choice in choices]
        prompt = self.parts(f"{self.flow}.{key}.prompt", **question.params)
        contact_key = f"{self.flow}.{key}.share"
        share = self.text(contact_key) if self.desk.texts.has(contact_key) else ""
        reply = self.reply(self._asking(prompt, problem), [*rows, *self._ways_out(key)], ask_contact=share)
        return Pause(key, reply, free_text=question.free_text, problem=problem)

    def _asking(self, prompt: Sequence[Part], problem: Problem | None) -> list[Part]:
        return [*(self.parts(problem.key, **problem.params) if problem else ()), *prompt]

    def _choice(self, key: str, choice: str, label: str = "") -> Button:
        own = f"{self.flow}.{key}.choice.{choice}"
        label = label or self.text(own if self.desk.texts.has(own) else f"choice.{choice}")
        return Button(label=label, data=Press(self.flow or "", self.memory.get("run", ""), key, choice).data)

    def _ways_out(self, key: str) -> list[list[Button]]:
        back = [self._choice(key, BACK)] if self.journal.last() else []
        return [[*back, self._choice(key, CANCEL)]]

    def _shown(self, form: BaseModel) -> Iterator[str]:
        for name, question in questions_of(type(form)):
            value = getattr(form, name)
            choice = question.dump(value) if question.choices else None
            shown = self._choice(name, str(choice)).label if choice in question.choices else question.show(value)
            yield self.text("review.line", label=self.text(f"{self.flow}.{name}.label"), value=shown)

    def _language(self) -> str:
        if self.chosen_language:
            return self.chosen_language
        # Inside a form a Latin name or an address says nothing about the language.
        heard = None if self.flow or self.message.text.startswith("/") else written(self.message.text)
        language = heard or self.memory.get("language") or hinted(self.message.language) or self.desk.language
        self.memory["language"] = language
        return str(language)


def questions_of(form: type[BaseModel]) -> list[tuple[str, Question[Any]]]:
    """Give a form's fields with their questions, in order."""
    fields: Mapping[str, Any] = form.model_fields
    return [
        (name, question)
        for name, field in fields.items()
        for question in field.metadata
        if isinstance(question, Question)
    ]
