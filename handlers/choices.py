"""Questions with a few answers to choose from: one of them, or several; pressed, numbered or said in own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from handlers.questions import Problem, Question, Surroundings, bare, looks_like_question
from knowledge.words import normalise

# What somebody does, not what they only mention.
DOING = re.compile(
    r"(?:做|搞|干|从事|主营|经营|行业|领域|专业|开|种|养|当|我是|学的?是|works? (?:in|as)|i am an?|i'm an?)"
    r"([^,，。;；!！]{1,16})"
)
DENIED = re.compile(r"(?:不|没|别|无|非)[是想要做在去打算]{0,2}\W?$|\bnot?\W*(?:an? )?$")
# What stands between several answers; an English label has spaces of its own.
PARTED = re.compile(r"\s*(?:[,，、;；/和与及+&]|还有|\band\b)\s*")


@dataclass(frozen=True)
class Choice(Question[str]):
    """One of a few ids; `words` are what people say for each, parted by spaces ("_" stands for a space).

    With `findable` it is also read from what was said to other questions. `if_asked` are words that answer this
    question and yet mean something else elsewhere.
    """

    ids: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    if_asked: Mapping[str, str] = field(default_factory=dict)
    findable: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        return self.ids

    def read(self, text: str) -> str | Problem:
        if text in self.ids:
            return text
        words = {choice: f"{self.words.get(choice, '')} {self.if_asked.get(choice, '')}" for choice in self.ids}
        said = said_ids(text, words)
        return said[0] if len(said) == 1 else Problem("problem.choice")

    def find(self, text: str) -> str | None:
        said = said_ids(text, self.words) if self.findable else []
        return said[0] if len(said) == 1 else None


@dataclass(frozen=True)
class Choices(Question[list[str]]):
    """One to `most` of several ids, in the order of `ids`; `alone` are those that stand for themselves ("none yet")."""

    ids: tuple[str, ...]
    most: int
    words: Mapping[str, str] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()
    findable: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        return self.ids

    @property
    def params(self) -> Mapping[str, object]:
        return {"most": self.most}

    def read(self, text: str) -> list[str] | Problem:
        numbers = re.fullmatch(r"[\s,、;和]*\d{1,2}(?:[\s,、;和]+\d{1,2})*[\s,、;和.]*", normalise(text))
        if numbers:
            picked = [int(number) for number in re.findall(r"\d+", text)]
            if not all(1 <= number <= len(self.ids) for number in picked):
                return Problem("problem.choice")
            said = [self.ids[number - 1] for number in picked]
        elif all(part in self.ids for part in text.split()) and text.strip():
            said = text.split()
        else:
            said = said_ids(text, self.words)
        return self.agreed(said)

    def agreed(self, picked: Sequence[str]) -> list[str] | Problem:
        """Put picked ids in order, or say what is wrong with them together."""
        chosen = [choice for choice in self.ids if choice in picked]
        if not chosen:
            return Problem("problem.choices.none")
        if len(chosen) > 1 and self.alone & set(chosen):
            return Problem("problem.choices.alone")
        if len(chosen) > self.most:
            return Problem("problem.choices.many", {"most": self.most, "count": len(chosen)})
        return chosen

    def toggled(self, picked: Sequence[str], choice: str) -> list[str]:
        """Give what is picked after one more press: on or off; what stands alone replaces the rest."""
        if choice in picked:
            return [other for other in picked if other != choice]
        if choice in self.alone:
            return [choice]
        return [*(other for other in picked if other not in self.alone), choice]

    def find(self, text: str) -> list[str] | None:
        if not self.findable or looks_like_question(text):
            return None
        found = self.agreed(said_ids(text, self.words))
        return found if isinstance(found, list) else None


@dataclass(frozen=True)
class FieldClasses(Choices):
    """The county's classes of fields (分类); from its profile where that names them."""

    ids: tuple[str, ...] = ()
    most: int = 2
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findable: bool = True

    def find(self, text: str) -> list[str] | None:
        return super().find(" , ".join(DOING.findall(normalise(text))))

    def settle(self, around: Surroundings) -> FieldClasses:
        classes = around.county.field_classes
        return replace(
            self,
            ids=tuple(one.code for one in classes),
            words={one.code: " ".join([one.name, one.name_en.replace(" ", "_"), *one.words]) for one in classes},
            names={one.code: {"zh-Hans": one.name, "en": one.name_en or one.name} for one in classes},
        )

    def label(self, choice: str, language: str) -> str | None:
        return self.names.get(choice, {}).get(language)

    def dump(self, value: list[str]) -> Any:
        return list(value)


def said_ids(text: str, words: Mapping[str, str]) -> list[str]:
    """Give the ids whose words stand in a text and are not denied there; a longer word hides one inside it."""
    said = f" {normalise(bare(text))} "
    spans: list[tuple[int, int, str]] = []
    for choice, listed in words.items():
        for word in listed.split():
            plain = normalise(word.replace("_", " "))
            # Latin words are whole words, or "art" would stand in "start".
            pattern = rf"(?<![a-z]){re.escape(plain)}(?![a-z])" if plain[0].isascii() else re.escape(plain)
            spans += [(found.start(), found.end(), choice) for found in re.finditer(pattern, said)]
    spans.sort(key=lambda span: (span[0] - span[1], span[0]))
    taken: list[tuple[int, int, str]] = []
    for start, end, choice in spans:
        if not any(start < other_end and other_start < end for other_start, other_end, _ in taken):
            taken.append((start, end, choice))
    meant = [(start, choice) for start, _, choice in taken if not DENIED.search(said[max(0, start - 6) : start])]
    return list(dict.fromkeys(choice for _, choice in sorted(meant)))
