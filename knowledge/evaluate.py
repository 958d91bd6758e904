"""Measure answers against questions whose right clause is known; refusal and accuracy are reported together."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.amounts import quantities_in
from knowledge.answer import Answer, Kind
from knowledge.citing import Citation, with_units
from knowledge.documents import Clause
from knowledge.gold import Gold, Place, read_questions
from knowledge.numbering import halved

# A person sees three clauses before asking for more; what stands behind them does not count.
SHOWN = 3

# The figures a release is judged by, and whether more of them is better.
MEASURES = {
    "cited": True,
    "cited_first": True,
    "figures": True,
    "stale": False,
    "refused": True,
    "wrongly_refused": False,
    "kinds_right": True,
    "obeyed": False,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one question went. What does not apply to it is None."""

    gold: Gold
    kind: str
    ms: float
    cited: bool | None = None
    cited_first: bool | None = None
    figures: bool | None = None
    stale: bool | None = None
    refused: bool | None = None
    wrongly_refused: bool | None = None
    obeyed: bool | None = None

    @property
    def kinds_right(self) -> bool:
        return self.kind == self.gold.kind

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong with the answer: its kind, its clause, its figures."""
        unwanted = self.stale or self.obeyed
        return self.kinds_right and self.cited is not False and self.figures is not False and not unwanted


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All verdicts and the figures a release is judged by."""

    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def measures(self) -> dict[str, tuple[int, int]]:
        """Give each of MEASURES as (how many, of how many it applies to).

        `cited`: right clause among the three shown, of the answerable; `cited_first`: as the first.
        `figures`: all of them in what is shown. `stale`: superseded figures given as current.
        `refused`: not answered, of those the files do not answer. `wrongly_refused`: said to be not in
        the files, of the answerable. `kinds_right`: told as what they are. `obeyed`: instructions and
        unlawful wishes answered as if they were questions.
        """
        return {name: _count(getattr(verdict, name) for verdict in self.verdicts) for name in MEASURES}

    @property
    def by_kind(self) -> dict[str, tuple[int, int]]:
        """For each kind of answer due: (told right, all)."""
        return self._grouped(lambda verdict: verdict.gold.kind, lambda verdict: verdict.kinds_right)

    @property
    def by_type(self) -> dict[str, tuple[int, int]]:
        """For each type of question (table, date, voice …): (nothing wrong with the answer, all)."""
        return self._grouped(lambda verdict: verdict.gold.type, lambda verdict: verdict.is_right)

    @property
    def median_ms(self) -> float:
        return statistics.median(v.ms for v in self.verdicts) if self.verdicts else 0.0

    @property
    def faults(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.is_right)

    def _grouped(
        self, name: Callable[[Verdict], str], is_right: Callable[[Verdict], bool]
    ) -> dict[str, tuple[int, int]]:
        names = sorted({name(verdict) for verdict in self.verdicts} - {""})
        return {n: _count(is_right(verdict) for verdict in self.verdicts if name(verdict) == n) for n in names}


def evaluate(path: Path, answer: Callable[[Gold], Answer], files: Set[str]) -> Evaluation:
    """Ask every question of a JSONL file, but those whose files are not among `files` for want of an extra.

    Raises knowledge.gold.BadQuestions.
    """
    verdicts = []
    for gold in read_questions(path):
        if gold.needs and not any(place.file in files for place in gold.places):
            continue
        start = time.perf_counter()
        given = answer(gold)
        verdicts.append(judge(gold, given, (time.perf_counter() - start) * 1000))
    return Evaluation(tuple(verdicts))


def judge(gold: Gold, given: Answer, ms: float) -> Verdict:
    """Compare an answer with what is known of the question."""
    shown = given.citations[:SHOWN]
    answerable = gold.kind == Kind.ANSWERED
    placed = answerable and bool(gold.places)
    worked = [value for sum_ in given.estimates for step in sum_.steps for _, value in step.values]
    evidence = "\n".join((*map(_words, shown), *worked))
    current = "\n".join(_words(citation) for citation in shown if citation.status == "in_force")
    answered = given.kind is Kind.ANSWERED
    return Verdict(
        gold=gold,
        kind=given.kind.value,
        ms=ms,
        cited=any(is_at(citation.file, citation, gold.places) for citation in shown) if placed else None,
        cited_first=any(is_at(citation.file, citation, gold.places) for citation in shown[:1]) if placed else None,
        figures=_all_stand(gold, given, evidence) if answerable and (gold.must or gold.result_yuan) else None,
        stale=answered and any(_bare(figure) in _bare(current) for figure in gold.must_not) if gold.must_not else None,
        refused=not answered if gold.kind == Kind.NOT_FOUND else None,
        wrongly_refused=given.kind is Kind.NOT_FOUND if answerable else None,
        obeyed=answered if gold.kind == Kind.DECLINED else None,
    )


def is_at(file: str, clause: Clause | Citation, places: Sequence[Place]) -> bool:
    """Tell whether a clause or citation is at one of the right places: its words, or a finer or coarser label of it."""
    label = clause.label if isinstance(clause, Clause) else clause.clause
    words = clause.text if isinstance(clause, Clause) else clause.quote
    label, words = _bare(label), _bare("\n".join((words, *("|".join(row) for row in clause.rows))))
    for place in places:
        if file != place.file:
            continue
        if place.quote and _bare(place.quote) in words:
            return True
        wanted = _bare(place.clause)
        if wanted and (label.startswith(wanted) or wanted.startswith(label)):
            return True
    return False


def _all_stand(gold: Gold, given: Answer, evidence: str) -> bool:
    worked = gold.result_yuan is None or any(sum_.result == gold.result_yuan for sum_ in given.estimates)
    return worked and all(_stands(figure, evidence) for figure in gold.must)


def _stands(figure: str, evidence: str) -> bool:
    """Tell whether a figure is shown, as written or as the same quantity: 18万元 for 180,000元."""
    if _bare(figure) in _bare(evidence):
        return True
    meant = {(quantity.value, quantity.unit) for quantity in quantities_in(figure)}
    return bool(meant) and meant <= {(quantity.value, quantity.unit) for quantity in quantities_in(evidence)}


def _words(citation: Citation) -> str:
    rows = (*citation.rows, *with_units(citation.rows)) if citation.rows else ()
    return "\n".join((citation.quote, *("|".join(row) for row in rows)))


def _bare(text: str) -> str:
    return re.sub(r"[\s|]+", "", halved(text))


def _count(facts: Iterable[bool | None]) -> tuple[int, int]:
    known = [fact for fact in facts if fact is not None]
    return sum(known), len(known)
