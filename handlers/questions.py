"""Questions: each asks for one thing and knows how to read it; prompts live in the catalogues."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, Self, TypeVar

from handlers.county import County

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a question may need to know where and when it is asked."""

    county: County
    today: date


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer could not be taken: a catalogue key and its parameters."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsure(Generic[T]):
    """A value that was read but not for certain: the person is asked whether it is meant."""

    value: T


class Question(ABC, Generic[T]):
    """Asks for one thing.

    `free_text` says that any words may be the answer, so that a question mark or a number in
    them is never taken for something else. `choices` are ids; their labels are in the catalogue.
    """

    free_text: ClassVar[bool] = False

    def settle(self, around: Surroundings) -> Self:
        """Give this question as it is asked here and today: with the county's own townships, say."""
        return self

    def label(self, choice: str, language: str) -> str | None:
        """Give a choice's label where the catalogue can't know it."""
        return None

    @property
    def choices(self) -> tuple[str, ...]:
        return ()

    @property
    def params(self) -> Mapping[str, object]:
        """Give what the prompt may mention, such as the longest answer taken."""
        return {}

    @abstractmethod
    def read(self, text: str) -> T | Unsure[T] | Problem:
        """Read a person's words, or the id of a pressed choice."""

    def find(self, text: str) -> T | None:
        """Find the answer in words said to another question; only where there is no doubt."""
        return None

    def dump(self, value: T) -> Any:
        """Give the value as JSON for the journal."""
        return value

    def load(self, stored: Any) -> T:
        """Give the value back from the journal."""
        return stored  # type: ignore[no-any-return]

    def show(self, value: T) -> str:
        """Write the value for the review; a choice shows its label instead."""
        return str(value)


@dataclass(frozen=True)
class Text(Question[str]):
    """Any words, between `shortest` and `longest` characters after trimming.

    With `statement`, words that ask something are not taken for the answer.
    """

    longest: int
    shortest: int = 1
    statement: bool = False
    free_text: ClassVar[bool] = True

    @property
    def params(self) -> Mapping[str, object]:
        return {"longest": self.longest, "shortest": self.shortest}

    def read(self, text: str) -> str | Problem:
        words = tidy(text)
        if self.statement and looks_like_question(words):
            return Problem("problem.text.question")
        if len(words) < self.shortest:
            return Problem("problem.text.short", {"shortest": self.shortest})
        if len(words) > self.longest:
            return Problem("problem.text.long", {"longest": self.longest, "length": len(words)})
        return words


def word_set(listed: str) -> frozenset[str]:
    """Give the words of a list parted by spaces."""
    return frozenset(listed.split())


YES = word_set("是 是的 对 对的 好 好的 行 可以 同意 我同意 确认 嗯 要 yes y ok okay sure agree")
NO = word_set("不 不是 不对 不好 不行 不可以 不同意 我不同意 否 不要 不用 算了 no n nope disagree")


@dataclass(frozen=True)
class YesNo(Question[bool]):
    """Yes or no, pressed or said; `yes` and `no` are what else people say for it here."""

    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()

    @property
    def choices(self) -> tuple[str, ...]:
        return ("yes", "no")

    def read(self, text: str) -> bool | Problem:
        said = bare(text)
        if said in YES | self.yes:
            return True
        if said in NO | self.no:
            return False
        return Problem("problem.choice")

    def dump(self, value: bool) -> Any:
        return "yes" if value else "no"

    def load(self, stored: Any) -> bool:
        return bool(stored == "yes")


def bare(text: str) -> str:
    """Give a short remark without the signs at its end, for comparing with lists of words."""
    return re.sub(r"[\s。.,!~]+$", "", unicodedata.normalize("NFKC", tidy(text))).casefold()


def tidy(text: str) -> str:
    """Trim, drop control and invisible characters, and squeeze runs of blank lines and spaces."""
    visible = "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in "\n\t\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\u3000]+", " ", visible)).strip()


ASKING_ZH = re.compile(
    r"吗|呢$|么$|什么|怎么|怎样|如何|多少|几[个天次年月点号]|哪[里个些儿家]|是否|能不能|可不可以|要不要|会不会|有没有|是不是|为什么|为啥|咋"
)
ASKING_EN = re.compile(
    r"(what|how|when|where|who|whom|which|why|can|could|do|does|did|is|are|was|will|would|should|may|must)\b",
    re.I,
)


def looks_like_question(text: str) -> bool:
    """Tell whether words given at a form's step rather ask something than answer it."""
    said = unicodedata.normalize("NFKC", text).strip()
    return said.endswith("?") or bool(ASKING_ZH.search(said)) or bool(ASKING_EN.match(said))
