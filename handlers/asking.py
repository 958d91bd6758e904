"""Asking one question after the other: what was said before, what this message says, and what is still missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, overload

from pydantic import BaseModel

from handlers.buttons import BACK, CANCEL, Press
from handlers.choices import PARTED, Choices
from handlers.desk import Desk
from handlers.dialogue import Button, Message, Part
from handlers.fields import FormField, fields_of
from handlers.flow import Pause
from handlers.journal import CONSENT, REVIEW, Journal
from handlers.language import hinted, written
from handlers.places import Place, in_language
from handlers.questions import NO, YES, Problem, Question, Surroundings, Unsure, bare, tidy, word_set
from handlers.uploads import Upload
from handlers.voice import Rows, Voice
from storage.conversations import Conversation

T = TypeVar("T")
F = TypeVar("F", bound=BaseModel)
Watch = Callable[[str, Any], None]

SKIP, DONE = "skip", "done"
SKIPPING = word_set("skip 跳过 不填 略过 先不填 以后再说 没有 无 none n/a no")
DONE_WORDS = word_set("done 选好了 好了 完成 就这些 ok")
# Somebody who puts an earlier answer right says which one, and often what it is not.
CORRECTING = re.compile(r"填错|写错|打错|说错|弄错|改成|改为|改一下|更正|应该是|correct|change my|wrong", re.I)
NOT_THIS = re.compile(r"[,，]?(?:而?不是|并非)[^,，。]{1,16}")
SIDE_BY_SIDE, IN_THREES = 3, 9  # more choices than this stand two or three to a row


class Asking(Voice):
    """One chat while one message is dealt with: what was said before, and what it lacks."""

    def __init__(self, message: Message, conversation: Conversation, desk: Desk) -> None:
        super().__init__(desk, desk.language)
        self.message = message
        self.desk = desk
        self.memory: dict[str, Any] = dict(conversation.memory)
        self.flow = conversation.flow
        self.open_key = conversation.asked
        self.chosen_language = conversation.language
        self.language = self._language()
        self.journal = Journal(conversation.answers)
        self.takes_bookings = False  # whether a door to booking leads anywhere
        self._unread: str | None = None
        self._steps: tuple[int, int] | None = None
        self._words_of: str | None = None

    @overload
    async def ask(self, key: str, question: Question[T]) -> T: ...
    @overload
    async def ask(self, key: str, question: Question[T], *, skip: bool) -> T | None: ...
    async def ask(self, key: str, question: Question[T], *, skip: bool = False) -> T | None:
        """Give the recorded answer, or read it from this message or from what was said before; else ask."""
        question = question.settle(Surroundings(self.desk.county, self.desk.clock.today()))
        if self.journal.has(key):
            stored = self.journal.value(key)
            return None if stored is None else question.load(stored)
        if (words := self._take(key)) is not None:
            return self._read(key, question, words, skip=skip)
        # An answer somebody took back is asked for again, never guessed again.
        if not self.journal.was_dropped(key) and (found := self._find(key, question)) is not None:
            return found
        raise self._pause(key, question, skip=skip)

    async def fill(self, form: type[F], watch: Watch | None = None) -> F:
        """Ask for every field of a form that is still missing, one at a time.

        `watch` sees each answer with its field's name as soon as it is there, and may end the conversation.
        """
        answers: dict[str, Any] = {}
        fields = fields_of(form)
        self._put_right(fields)
        for field in fields:
            name = field.name
            self._count(fields, answers, name)
            if not field.applies(answers):
                answers[name] = None
            elif field.asked.later and not self.journal.has(name) and not self.journal.was_dropped(name):
                settled = field.question.settle(Surroundings(self.desk.county, self.desk.clock.today()))
                answers[name] = self._find(name, settled)
            else:
                answers[name] = await self.ask(name, field.question, skip=field.skippable)
            if watch is not None and answers[name] is not None:
                watch(name, answers[name])
        self._steps = None
        return form(**answers)

    def hear(self, words: str | None) -> None:
        """Lay a person's words before the open question."""
        self._unread = None if words is None else tidy(words)

    def overhear(self, words: str) -> None:
        """Keep words said before this conversation began: its questions may find their answers there."""
        self.journal.keep("", tidy(words))

    def heard(self, *keys: str) -> str | None:
        """Give this message's words if they are for one of some questions a conversation asks in a way of its own."""
        return next((words for key in keys if (words := self._take(key)) is not None), None)

    def pause_at(
        self,
        key: str,
        parts: Sequence[Part],
        choices: Sequence[Sequence[tuple[str, str]]],
        problem: Problem | None = None,
        *,
        doors: Rows = (),
    ) -> Pause:
        """Stop at such a question: what is said, its choices (id, label) row by row, other doors, the ways out."""
        self.memory["takes_file"] = False
        rows = [[self._choice(key, choice, label) for choice, label in row] for row in choices]
        return Pause(
            key, self.reply(self._asking(parts, problem), [*rows, *doors, *self._ways_out(key)]), problem=problem
        )

    # Reading.

    def _take(self, key: str) -> str | None:
        # A release may put a new question before the open one: words answer only what was asked.
        if self._unread is None or self.open_key != key:
            return None
        words, self._unread = self._unread, None
        return words

    def _find(self, key: str, question: Question[T]) -> T | None:
        for said in self.journal.said():
            if (found := question.find(said)) is not None:
                self.journal.record(key, question.dump(found))
                return found
        return None

    def _read(self, key: str, question: Question[T], words: str, *, skip: bool) -> T | None:
        said = bare(words)
        if (doubted := self.journal.doubted(key)) is not None:
            self.journal.settle(key)
            if said in YES:
                self.journal.record(key, doubted)
                return question.load(doubted)
            if said in NO:
                raise self._pause(key, question, skip=skip)
        if said in SKIPPING and (skip or said in {SKIP, "跳过"}):
            if not skip:
                raise self._pause(key, question, Problem("problem.required"))
            self.journal.record(key, None)
            return None
        if isinstance(question, Choices) and (said in DONE_WORDS or words in question.choices):
            ticked: T = self._tick(key, question, words, skip=skip)
            return ticked
        value = self._value(key, question, words)
        if isinstance(value, Unsure):
            self.journal.doubt(key, question.dump(value.value))
            raise self._pause(key, question, unsure=value.value, skip=skip)
        if isinstance(value, Problem):
            self.journal.keep(key, words)
            raise self._pause(key, question, value, skip=skip)
        self.journal.record(key, question.dump(value), "" if words in question.choices else words)
        return value

    def _value(self, key: str, question: Question[T], words: str) -> T | Unsure[T] | Problem:
        if isinstance(question, Upload) and self.message.file is not None:
            taken: Any = question.take(self.message)
            return taken  # type: ignore[no-any-return]
        labels = {bare(self._label(key, question, choice)): choice for choice in question.choices}
        parts = [bare(part) for part in PARTED.split(words) if bare(part)]
        if bare(words) in labels:
            words = labels[bare(words)]
        elif isinstance(question, Choices) and parts and all(part in labels for part in parts):
            words = " ".join(labels[part] for part in parts)
        return question.read(words)

    def _tick(self, key: str, question: Any, words: str, *, skip: bool) -> Any:
        picked = self.journal.picked(key)
        if words not in question.choices:
            value = question.agreed(picked)
            if isinstance(value, Problem):
                raise self._pause(key, question, value, skip=skip)
            self.journal.record(key, question.dump(value))
            return value
        picked = question.toggled(picked, words)
        if question.most == 1 or set(picked) & question.alone:
            self.journal.record(key, question.dump(picked))
            return picked
        self.journal.pick(key, picked)
        too_many = question.agreed(picked) if len(picked) > question.most else None
        pause = self._pause(key, question, too_many if isinstance(too_many, Problem) else None, skip=skip)
        # The boxes change where they stand; a message for every tap would push the question out of sight.
        pause.reply = pause.reply.model_copy(update={"replaces": self.message.below})
        raise pause

    def _put_right(self, fields: Sequence[FormField]) -> None:
        """Take words that correct one earlier answer by its name: "地址填错了,是苏州不是徐州"."""
        words = self._unread
        if words is None or not CORRECTING.search(words):
            return
        meant = [field for field in fields if self.journal.has(field.name) and self._named(field.name, words)]
        if len(meant) != 1 or meant[0].name == self.open_key:
            return
        name = meant[0].name
        question = meant[0].question.settle(Surroundings(self.desk.county, self.desk.clock.today()))
        told = re.sub(r"^.*?(?:填错|写错|打错|说错|弄错)了?[,，。;；]?\s*", "", NOT_THIS.sub("", words))
        told = re.sub(r"^.*?(?:改成|改为|应该是|更正为|是|to)\s*[:：]?\s*", "", told).strip(" ,，。了")
        value = question.read(told) if told else Problem("problem.choice")
        if isinstance(value, (Problem, Unsure)):
            return
        self._unread = None
        self.journal.record(name, question.dump(value))
        self.journal.forget(REVIEW)
        self.note(
            self.parts("form.put_right", label=self._own(name, "label"), value=self.written(name, question, value))
        )

    def _named(self, name: str, words: str) -> bool:
        called = self._own(name, "called").split() if self._has(name, "called") else []
        return any(word.casefold() in words.casefold() for word in [self._own(name, "label"), *called])

    def written(self, name: str, question: Question[Any], value: Any) -> str:
        """Write an answer as a person reads it: choices by their labels."""
        question = question.settle(Surroundings(self.desk.county, self.desk.clock.today()))
        if isinstance(question, Choices):
            labels = [self._label(name, question, choice) for choice in value]
            return self.text("front.join").join(labels)
        stored = question.dump(value)
        if isinstance(stored, str) and stored in question.choices:
            return self._label(name, question, stored)
        if isinstance(stored, dict) and stored.get("code") in question.choices:
            return self._label(name, question, stored["code"])
        return in_language(value, self.language) if isinstance(value, Place) else question.show(value)

    # Asking.

    def _count(self, fields: Sequence[FormField], answers: Mapping[str, Any], name: str) -> None:
        """Work out which step of how many this is; consent and review are steps, too."""
        asked = [field.name for field in fields if not field.asked.later and field.applies(answers)]
        before = 1 if self.journal.has(CONSENT) else 0
        self._steps = (asked.index(name) + 1 + before, len(asked) + 2) if name in asked else None

    def _pause(
        self,
        key: str,
        question: Question[Any],
        problem: Problem | None = None,
        *,
        unsure: Any = None,
        skip: bool = False,
    ) -> Pause:
        self.memory["takes_file"] = isinstance(question, Upload)
        share = self._own(key, "share") if self._has(key, "share") else ""
        if unsure is not None:
            sure = self.parts("form.unsure", value=self.written(key, question, unsure))
            rows = [[self._choice(key, "yes"), self._choice(key, "no")]]
            return Pause(key, self.reply(sure, [*rows, *self._ways_out(key)]), free_text=question.free_text)
        prompt = self._prompt(key, question, problem)
        rows = self._rows(key, question)
        if skip:
            own = self._own(key, f"choice.{SKIP}") if self._has(key, f"choice.{SKIP}") else ""
            rows.append([self._choice(key, SKIP, own)])
        reply = self.reply(self._asking(prompt, problem), [*rows, *self._ways_out(key)], ask_contact=share)
        return Pause(key, reply, free_text=question.free_text, problem=problem)

    def _prompt(self, key: str, question: Question[Any], problem: Problem | None) -> list[Part]:
        prompt = self.parts(self._own_key(key, "prompt"), **question.params)
        if problem is not None and self._has(key, "example"):
            prompt += self.parts(self._own_key(key, "example"))
        if isinstance(question, Choices) and (picked := self.journal.picked(key)):
            labels = [self._label(key, question, choice) for choice in question.choices if choice in picked]
            prompt = self.parts("form.picked", given=self.text("front.join").join(labels))
        if self._steps is not None:
            step, of = self._steps
            prompt = [*self.parts("form.step", step=step, of=of), *prompt]
        return prompt

    def _rows(self, key: str, question: Question[Any]) -> list[list[Button]]:
        if isinstance(question, Choices):
            picked = self.journal.picked(key)
            boxes = [
                self._choice(key, choice, self._label(key, question, choice), ticked=choice in picked)
                for choice in question.choices
            ]
            return [*_in_rows(boxes, 2), [self._choice(key, DONE)]]
        choices = [self._choice(key, choice, self._label(key, question, choice)) for choice in question.choices]
        if len(choices) <= SIDE_BY_SIDE:
            return [choices]
        return _in_rows(choices, 3 if len(choices) >= IN_THREES else 1)

    def _asking(self, prompt: Sequence[Part], problem: Problem | None) -> list[Part]:
        return [*(self.parts(problem.key, **problem.params) if problem else ()), *prompt]

    def _label(self, key: str, question: Question[Any], choice: str) -> str:
        own = question.label(choice, self.language)
        if own is not None:
            return own
        return (
            self._own(key, f"choice.{choice}") if self._has(key, f"choice.{choice}") else self.text(f"choice.{choice}")
        )

    def _choice(self, key: str, choice: str, label: str = "", *, ticked: bool | None = None) -> Button:
        if not label:
            own = self._has(key, f"choice.{choice}")
            label = self._own(key, f"choice.{choice}") if own else self.text(f"choice.{choice}")
        data = Press(self.flow or "", self.memory.get("run", ""), key, choice).data
        return Button(label=label, data=data, ticked=ticked)

    def _ways_out(self, key: str) -> list[list[Button]]:
        back = [self._choice(key, BACK)] if self.journal.last() else []
        return [[*back, self._choice(key, CANCEL)]]

    # Words of a form: its own, or those all forms share.

    @contextmanager
    def in_words_of(self, flow: str) -> Iterator[None]:
        """Speak of a form's fields without being in it."""
        self._words_of = flow
        try:
            yield
        finally:
            self._words_of = None

    def label(self, key: str) -> str:
        """Give what a field is called."""
        return self._own(key, "label")

    def has_label(self, key: str) -> bool:
        return self._has(key, "label")

    def _own_key(self, key: str, what: str) -> str:
        own = f"{self._words_of or self.flow}.{key}.{what}"
        return own if self.desk.texts.has(own) else f"form.{key}.{what}"

    def _own(self, key: str, what: str) -> str:
        return self.text(self._own_key(key, what))

    def _has(self, key: str, what: str) -> bool:
        return self.desk.texts.has(self._own_key(key, what))

    def _language(self) -> str:
        if self.chosen_language:
            return self.chosen_language
        # Inside a form a Latin name or an address says nothing about the language.
        heard = None if self.flow or self.message.text.startswith("/") else written(self.message.text)
        language = heard or self.memory.get("language") or hinted(self.message.language) or self.desk.language
        self.memory["language"] = language
        return str(language)


def _in_rows(buttons: Sequence[Button], width: int) -> list[list[Button]]:
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]
