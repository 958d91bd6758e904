"""What a question is after (a sum, a deadline, the papers, the place) and the clauses that speak of such things.

Words decide what a question is about; among clauses about it, the one that gives what is asked for
comes first: "补贴几月份到账" wants the clause that pays, not the one that promises.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from knowledge.documents import Clause
from knowledge.words import normalise


@dataclass(frozen=True, slots=True)
class Aim:
    """Something people ask for: how it is asked, and how a clause reads that gives it."""

    name: str
    asked: re.Pattern[str]
    given: re.Pattern[str]


def aims_of(question: str) -> tuple[Aim, ...]:
    """Give what a question is after, by lexicon/aims.toml; empty for one that does not say."""
    plain = normalise(question)
    return tuple(aim for aim in _aims() if aim.asked.search(plain))


def served(aims: tuple[Aim, ...], clause: Clause) -> float:
    """Tell how many of the aims a clause serves: 0 (none, or no aim) to 1 (all)."""
    if not aims:
        return 0.0
    return sum(name in _given(clause) for name in (aim.name for aim in aims)) / len(aims)


@functools.lru_cache(maxsize=20_000)
def _given(clause: Clause) -> frozenset[str]:
    header = " ".join(clause.rows[0]) if clause.rows else ""
    text = normalise("\n".join((*clause.path[-1:], clause.text, header)))
    return frozenset(aim.name for aim in _aims() if aim.given.search(text))


@functools.cache
def _aims() -> tuple[Aim, ...]:
    source = resources.files("knowledge").joinpath("lexicon/aims.toml").read_text("utf-8")
    return tuple(
        Aim(aim["name"], re.compile(aim["asked"]), re.compile(aim["given"])) for aim in tomllib.loads(source)["aim"]
    )
