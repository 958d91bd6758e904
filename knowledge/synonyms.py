"""How people say it and how files say it: expansion of a question by a list the county can edit, and English."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from knowledge.words import normalise, words_of

_LATIN = re.compile(r"[a-z][a-z'&-]*")


@dataclass(frozen=True, slots=True)
class Synonyms:
    """`spoken` maps a word or phrase to the words files use for it; `english` likewise for English phrases."""

    spoken: dict[str, tuple[str, ...]]
    english: dict[str, tuple[str, ...]]
    english_stop: frozenset[str]

    @classmethod
    def load(cls, own: Path | None = None) -> Synonyms:
        """Read the lists that come with the project, and the county's own `synonyms.txt` if it exists."""
        lines = _lines("synonyms.txt")
        if own is not None and own.is_file():
            lines += _read(own.read_text("utf-8-sig"))
        spoken: dict[str, tuple[str, ...]] = {}
        for said, filed in _pairs(lines):
            for word in said.split():
                spoken[word] = tuple(dict.fromkeys((*spoken.get(word, ()), *filed.split())))
        english: dict[str, tuple[str, ...]] = {}
        for said, filed in _pairs(_lines("english.txt")):
            for phrase in said.split(","):
                english[phrase.strip()] = tuple(filed.split())
        stop = frozenset(word for line in _lines("english_stop.txt") for word in line.split())
        return cls(spoken, english, stop)

    def expand(self, question: str) -> dict[str, tuple[str, ...]]:
        """Give the words of a normalised question that files say otherwise, with what they say.

        A single character counts only as a word of its own: "租" in "租房" but not in "租金".
        """
        words = set(words_of(question))
        return {
            said: filed
            for said, filed in self.spoken.items()
            if (said in words if len(said) == 1 else said in question)
        }

    def translate(self, question: str) -> tuple[list[str], list[str]]:
        """Turn an English question into the words of Chinese files: (words, English words nobody knows)."""
        left = normalise(question)
        words: list[str] = []
        for phrase in self._phrases():
            left, count = re.subn(rf"\b{re.escape(phrase)}(?:s|es|d|ed|ing)?\b", " ", left)
            if count:
                words.extend(self.english[phrase])
        unknown = [word for word in _LATIN.findall(left) if word not in self.english_stop and len(word) > 1]
        return list(dict.fromkeys(words)), unknown

    def _phrases(self) -> list[str]:
        return sorted(self.english, key=len, reverse=True)


def is_english(question: str) -> bool:
    """Tell whether a question is written in English: at least two Latin words and hardly a Han character."""
    han = len(re.findall(r"[\u3400-\u9fff]", question))
    latin = len(re.findall(r"[A-Za-z]{2,}", question))
    return latin >= 2 and latin > han


@functools.cache
def _source(name: str) -> str:
    return resources.files("knowledge").joinpath(f"lexicon/{name}").read_text("utf-8")


def _lines(name: str) -> list[str]:
    return _read(_source(name))


def _read(text: str) -> list[str]:
    return [normalise(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        said, found, filed = line.partition("=")
        if found:
            yield said.strip(), filed.strip()
