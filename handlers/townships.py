"""The township somebody's family comes from: today's names, names before a merger, villages, and names by ear."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from handlers.county import Township
from handlers.questions import Problem, Question, Surroundings, bare, tidy
from knowledge.words import normalise

OTHER = "other"
KIND = re.compile(r"(?:镇|乡|街道|办事处|民族乡)$")
SAID_OTHER = re.compile(r"其他|别的|都不是|不是本县|没有|other|none", re.I)
LONGEST = 40


@dataclass(frozen=True, slots=True)
class HomeTownship:
    """A township of the county by its code, "other" for a tie without one; `name` as shown."""

    code: str
    name: str


@dataclass(frozen=True)
class NativeTownship(Question[HomeTownship]):
    """One of the county's townships, or "other"; without a list in the profile any short name is taken."""

    townships: tuple[Township, ...] = ()
    other: bool = True  # whether no township is an answer

    def settle(self, around: Surroundings) -> NativeTownship:
        return replace(self, townships=around.county.townships)

    @property
    def choices(self) -> tuple[str, ...]:
        if not self.townships:
            return ()
        return (*(township.code for township in self.townships), *([OTHER] if self.other else []))

    def label(self, choice: str, language: str) -> str | None:
        township = next((one for one in self.townships if one.code == choice), None)
        return None if township is None else (township.name_en or township.name) if language == "en" else township.name

    def read(self, text: str) -> HomeTownship | Problem:
        if not self.townships:
            words = tidy(text)
            return HomeTownship("", words) if 2 <= len(words) <= LONGEST else Problem("problem.township.unknown")
        by_code = {township.code: township for township in self.townships}
        if text in by_code:
            return _home(by_code[text])
        found = _standing_in(normalise(text), self.townships)
        if not found and len(bare(text)) <= 12:
            found = _sounding_like(normalise(bare(text)), self.townships)
        if len(found) == 1:
            return _home(found[0])
        if len(found) > 1:
            return Problem("problem.township.several", {"given": "、".join(one.name for one in found[:4])})
        if self.other and (text == OTHER or SAID_OTHER.search(bare(text))):
            return HomeTownship(OTHER, OTHER)
        return Problem("problem.township.unknown")

    def find(self, text: str) -> HomeTownship | None:
        found = _standing_in(normalise(text), self.townships, whole=True)
        return _home(found[0]) if len(found) == 1 else None

    def dump(self, value: HomeTownship) -> Any:
        return {"code": value.code, "name": value.name}

    def load(self, stored: Any) -> HomeTownship:
        return HomeTownship(stored["code"], stored["name"])

    def show(self, value: HomeTownship) -> str:
        return value.name


def _home(township: Township) -> HomeTownship:
    return HomeTownship(township.code, township.name)


def _standing_in(text: str, townships: tuple[Township, ...], *, whole: bool = False) -> list[Township]:
    """Give the townships named in a text; `whole` takes no name that has lost its 镇 or 乡."""
    hits: list[tuple[int, int, Township]] = []
    for township in townships:
        for name in _names(township):
            plain = normalise(name)
            shorter = [] if whole or len(KIND.sub("", plain)) < 2 else [KIND.sub("", plain)]
            for wanted in [plain, *shorter]:
                hits += [(found.start(), found.end(), township) for found in re.finditer(re.escape(wanted), text)]
    longest = sorted(hits, key=lambda hit: hit[0] - hit[1])
    taken: list[tuple[int, int, Township]] = []
    for start, end, township in longest:
        if not any(start < other_end and other_start < end for other_start, other_end, _ in taken):
            taken.append((start, end, township))
    return list(dict.fromkeys(township for _, _, township in sorted(taken, key=lambda hit: hit[0])))


def _sounding_like(text: str, townships: tuple[Township, ...]) -> list[Township]:
    heard = _sounds(KIND.sub("", re.sub(r"^(?:我|老家|籍贯|是|在|的)+|(?:人|的|那边|那儿)+$", "", text)))
    return [one for one in townships if heard and any(_sounds(KIND.sub("", name)) == heard for name in _names(one))]


def _names(township: Township) -> tuple[str, ...]:
    names = (township.name, township.name_en, *township.formerly, *township.villages)
    return tuple(name for name in names if name)


@lru_cache(maxsize=4096)
def _sounds(name: str) -> str:
    """Give how a name sounds without tones; n/ng, s/sh and l/n are one to many ears."""
    from pypinyin import lazy_pinyin

    plain = "-".join(lazy_pinyin(name))
    return re.sub(r"(?<=[zcs])h", "", re.sub(r"ng\b", "n", plain)).replace("l", "n")
