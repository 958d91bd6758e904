"""An article of a file as a sum needs it: its words and its tables together, however they were cut into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Clause
from knowledge.numbering import article_of, halved

_PIECE = re.compile(r"附表|\(表后\)|第\d+段|\(\d+\)$")
_EXAMPLE = re.compile(r"^\S{0,6}\s*(?:计算)?(?:示例|举例|例如)")
_BEGINNING = re.compile(r"^第[一二三四五六七八九十百\d]+条[\s:、]*")


@dataclass(frozen=True, slots=True)
class Article:
    """What stands under one number: `text` in half-width, the header first in each of `tables`.

    `number` is the article's; None where a file has headings or annexes instead.
    """

    text: str
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()
    number: int | None = None
    ids: frozenset[str] = frozenset()

    @classmethod
    def of_text(cls, text: str, *tables: Sequence[Sequence[str]]) -> Article:
        """Make an article of its words alone and any tables."""
        lines = [re.sub(r"\s+", "", _BEGINNING.sub("", halved(line))) for line in text.splitlines()]
        cells = tuple(tuple(tuple(map(_cell, row)) for row in table) for table in tables)
        return cls("\n".join(dict.fromkeys(filter(None, lines))), cells, article_of(text[:12]))

    @classmethod
    def of(cls, clauses: Sequence[Clause]) -> Article:
        """Join the clauses of one article. An opening that each piece repeats is kept once."""
        text = "\n".join(clause.text for clause in clauses if not clause.rows)
        article = cls.of_text(text, *(clause.rows for clause in clauses if clause.rows))
        return replace(article, number=article_of(clauses[0].label), ids=frozenset(clause.id for clause in clauses))

    @property
    def is_example(self) -> bool:
        """Tell a worked example: its figures are nobody's and no rule."""
        return bool(_EXAMPLE.match(self.text))

    def before(self, file: Sequence[Article]) -> Article | None:
        """Give the article that 前条 means here."""
        place = next((i for i, article in enumerate(file) if article is self), 0)
        return file[place - 1] if place else None


def articles_of(clauses: Iterable[Clause]) -> list[Article]:
    """Group the clauses of one file, as amended and in reading order, into its articles, headings and annexes."""
    groups: dict[tuple[tuple[str, ...], str], list[Clause]] = {}
    for clause in clauses:
        number = article_of(clause.label)
        base = _PIECE.split(halved(clause.label))[0] if number is None else str(number)
        groups.setdefault((clause.path[:1], base), []).append(clause)
    return [Article.of(group) for group in groups.values()]


def _cell(cell: str) -> str:
    return re.sub(r"\s+", "", halved(cell))
