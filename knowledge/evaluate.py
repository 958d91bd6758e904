"""Measure answers against questions whose right clause is known; refusal and accuracy are reported together."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.answer import Answer, Kind
from knowledge.citing import Citation
from knowledge.errors import KnowledgeError
from knowledge.numbering import halved

# A person sees three clauses before asking for more; what stands behind them does not count.
SHOWN = 3


class BadQuestions(KnowledgeError):
    """A questions file that can't be used; the message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A question with what a right answer holds: any of `clauses` cited, every `must`, no `must_not`.

    `kind` is the kind of answer due, `type` the way it is asked; `clauses` are (file, label, exact words).
    """

    id: str
    text: str
    kind: str
    type: str = "plain"
    asked_on: date | None = None
    history: tuple[str, ...] = ()
    clauses: tuple[tuple[str, str, str], ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one question went. The last three are None where they do not apply."""

    gold: Gold
    kind: str
    ms: float
    cited: bool | None = None
    figures: bool | None = None
    stale: bool | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All verdicts and the figures a release is judged by."""

    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def cited(self) -> tuple[int, int]:
        """Of the answerable questions: (right clause among the three shown, all)."""
        return _count(v.cited for v in self.verdicts)

    @property
    def figures(self) -> tuple[int, int]:
        """Of the questions with figures: (all of them in the evidence shown, all)."""
        return _count(v.figures for v in self.verdicts)

    @property
    def stale(self) -> tuple[int, int]:
        """Of the questions with superseded figures: (given as current, all). The first must be 0."""
        return _count(v.stale for v in self.verdicts)

    @property
    def refused(self) -> tuple[int, int]:
        """Of the questions the files do not answer: (not answered, all)."""
        return _count(v.kind != Kind.ANSWERED for v in self.verdicts if v.gold.kind == Kind.NOT_FOUND)

    @property
    def wrongly_refused(self) -> tuple[int, int]:
        """Of the answerable questions: (said to be not in the files, all)."""
        return _count(v.kind == Kind.NOT_FOUND for v in self.verdicts if v.gold.kind == Kind.ANSWERED)

    @property
    def kinds(self) -> dict[str, tuple[int, int]]:
        """For each kind: (told right, all)."""
        names = dict.fromkeys(v.gold.kind for v in self.verdicts)
        return {name: _count(v.kind == name for v in self.verdicts if v.gold.kind == name) for name in names}

    @property
    def median_ms(self) -> float:
        return statistics.median(v.ms for v in self.verdicts) if self.verdicts else 0.0

    @property
    def faults(self) -> tuple[Verdict, ...]:
        """Give the verdicts worth a look: wrong kind, wrong clause, missing or stale figures."""
        return tuple(
            v
            for v in self.verdicts
            if v.kind != v.gold.kind or v.cited is False or v.figures is False or v.stale is True
        )


def evaluate(path: Path, answer: Callable[[Gold], Answer]) -> Evaluation:
    """Ask every question of a JSONL file. Raises BadQuestions."""
    verdicts = []
    for gold in read_questions(path):
        start = time.perf_counter()
        given = answer(gold)
        verdicts.append(judge(gold, given, (time.perf_counter() - start) * 1000))
    return Evaluation(tuple(verdicts))


def judge(gold: Gold, given: Answer, ms: float) -> Verdict:
    """Compare an answer with what is known of the question."""
    shown = given.citations[:SHOWN]
    answerable = gold.kind == Kind.ANSWERED
    evidence = _bare("\n".join(_words(citation) for citation in shown))
    current = _bare("\n".join(_words(citation) for citation in shown if citation.status == "in_force"))
    return Verdict(
        gold=gold,
        kind=given.kind.value,
        ms=ms,
        cited=any(_is_gold(citation, gold.clauses) for citation in shown) if answerable and gold.clauses else None,
        figures=all(_bare(figure) in evidence for figure in gold.must) if answerable and gold.must else None,
        stale=any(_bare(figure) in current for figure in gold.must_not) if gold.must_not else None,
    )


def read_questions(path: Path) -> list[Gold]:
    """Read a questions file: one JSON object a line with id, text, kind and, where known, gold, must, must_not."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(_gold(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadQuestions(f"{path.name}, line {number}: {error!r}; each line needs id and text") from error
    return found


def _gold(entry: dict[str, Any]) -> Gold:
    return Gold(
        id=str(entry["id"]),
        text=str(entry["text"]),
        kind=str(entry.get("kind", Kind.ANSWERED.value)),
        asked_on=date.fromisoformat(entry["asked_on"]) if entry.get("asked_on") else None,
        history=tuple(entry.get("history", ())),
        type=str(entry.get("type", "plain")),
        clauses=tuple((gold["file"], gold["clause"], gold.get("quote", "")) for gold in entry.get("gold", ())),
        must=tuple(entry.get("must", ())),
        must_not=tuple(entry.get("must_not", ())),
    )


def _is_gold(citation: Citation, clauses: Sequence[tuple[str, str, str]]) -> bool:
    """A finer or coarser label of the same place counts: 第八条 for 第八条第(二)项."""
    label = _bare(citation.clause)
    return any(
        citation.file == file and (label.startswith(_bare(clause)) or _bare(clause).startswith(label))
        for file, clause, _ in clauses
    )


def _words(citation: Citation) -> str:
    return "\n".join((citation.quote, *("|".join(row) for row in citation.rows)))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", halved(text))


def _count(facts: Iterable[bool | None]) -> tuple[int, int]:
    known = [fact for fact in facts if fact is not None]
    return sum(known), len(known)
