"""What a file holds but doesn't show: left out of every reading, and told to staff with its first words."""

from __future__ import annotations

import re
import unicodedata

_EXCERPTS = 3
_LONGEST = 40


class Hidden:
    """Collects hidden words while a file is read. `warnings()` are sentences for staff."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._comments: list[str] = []

    def words(self, text: str) -> None:
        """Note words that are there but can't be seen."""
        if text.strip():
            self._words.append(text)

    def comment(self, text: str) -> None:
        """Note a comment or note, which is not part of the text."""
        if text.strip():
            self._comments.append(text)

    def warnings(self) -> tuple[str, ...]:
        """Tell what was left out, or nothing."""
        kinds = (("hidden words", self._words), ("comments", self._comments))
        return tuple(f"{kind} left out: {len(found)} ({_excerpts(found)})" for kind, found in kinds if found)


def excerpt(text: str) -> str:
    """Give the first words of a text in a form that is safe to print: no control characters, no long numbers."""
    plain = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text[:400])
    plain = re.sub(r"\d(?:[\s-]?\d){6,}", lambda found: "*" * len(found.group()), plain)
    plain = re.sub(r"\s+", " ", plain).strip()
    return f'"{plain[:_LONGEST]}…"' if len(plain) > _LONGEST else f'"{plain}"'


def _excerpts(found: list[str]) -> str:
    shown = ", ".join(map(excerpt, found[:_EXCERPTS]))
    return f"{shown}, …" if len(found) > _EXCERPTS else shown
