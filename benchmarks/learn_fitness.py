"""Learn the weights of knowledge/fitness.py: `python -m benchmarks.learn_fitness [--check | --ablate] COUNTY…`.

A county is a folder with `documents/` and `questions.jsonl` (see knowledge/gold.py). Logistic regression, balanced, on
the clauses found for every question that the files answer or should leave unanswered. `--check` leaves each county
out in turn and tells how it fares with weights learnt from the others: the right clause first and in three, and how
many unanswerable questions are refused while 95, 90 and 85 of 100 answerable ones are answered. `--ablate` does the
same without one group of features after the other, for all counties together.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import knowledge
from bot.app import open_app
from bot.settings import Settings
from knowledge.evaluate import is_at
from knowledge.fitness import features
from knowledge.gold import Gold, read_questions
from knowledge.search import Index

TODAY = date(2026, 11, 24)
TAKEN = 12  # clauses of a question that are learnt from
RIDGE = 5.0
FILE = Path(knowledge.__file__).parent / "lexicon" / "fitness.toml"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A question with its candidates' features (clauses × features) and which of them are right."""

    answerable: bool
    rows: Floats
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    mean: Floats
    spread: Floats
    weights: Floats
    bias: float

    def odds(self, rows: Floats) -> Floats:
        return np.asarray((rows - self.mean) / self.spread @ self.weights + self.bias)


async def read(county: Path) -> tuple[list[Asked], list[str]]:
    """Index a county and give its questions with features, and the features' names."""
    names: list[str] = []
    found: list[Asked] = []
    with tempfile.TemporaryDirectory() as home:
        async with open_app(Settings(home=Path(home))) as app:
            await app.library.index([county / "documents"])
            for gold in read_questions(county / "questions.jsonl"):
                if gold.kind in ("answered", "not_found") and not gold.needs:
                    asked, names = _asked(gold, app.library.searchable)
                    found.append(asked)
    return found, names


def _asked(gold: Gold, index: Index) -> tuple[Asked, list[str]]:
    hits = index.search(gold.text, on=gold.asked_on or TODAY, k=30, history=gold.history[-1:])
    hits.sort(key=lambda hit: -hit.score)
    understood = index.understand(gold.text, gold.history[-1:])
    rows = features(understood, index.candidates(hits), index.is_filed, index.rarity_of_matters)
    right = np.array([is_at(hit.document.file, hit.clause, gold.places) for hit in hits], dtype=bool)
    matrix = np.array([list(row.values()) for row in rows]) if rows else np.zeros((0, 0))
    return Asked(gold.kind == "answered", matrix, right), list(rows[0]) if rows else []


def learn(questions: Sequence[Asked]) -> Model:
    """Fit by Newton's method; features are brought to mean 0 and spread 1 first."""
    usable = [q for q in questions if len(q.rows) and (q.right.any() or not q.answerable)]
    rows = np.vstack([q.rows[:TAKEN] for q in usable])
    right = np.concatenate([q.right[:TAKEN] & q.answerable for q in usable]).astype(float)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    design = np.c_[(rows - mean) / spread, np.ones(len(rows))]
    share = right.mean()
    importance = np.where(right == 1, 0.5 / share, 0.5 / (1 - share))
    ridge = np.diag([RIDGE] * rows.shape[1] + [1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (importance * (chance - right)) + ridge @ weights
        curvature = (design * (importance * chance * (1 - chance))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curvature, gradient)
    return Model(mean, spread, weights[:-1], float(weights[-1]))


@dataclass(frozen=True)
class Fared:
    """How questions fared: shares with the right clause first and in three, and the best odds of either kind."""

    first: float
    three: float
    kept: Floats
    refused: Floats

    def refused_at(self, lost: float) -> float:
        """Give the share of unanswerable questions refused where this share of answerable ones is lost."""
        return float((self.refused < np.quantile(self.kept, lost)).mean())


def fare(questions: Sequence[Asked], model: Model) -> Fared:
    first, three, answerable, best = 0, 0, 0, []
    for question in questions:
        odds = model.odds(question.rows) if len(question.rows) else np.array([-9.0])
        best.append((float(odds.max()), question.answerable))
        if question.answerable:
            order = np.argsort(-odds)
            answerable += 1
            first += bool(question.right[order[:1]].any())
            three += bool(question.right[order[:3]].any())
    kept = np.array([odds for odds, answered in best if answered])
    return Fared(first / answerable, three / answerable, kept, np.array([o for o, answered in best if not answered]))


def left_out(counties: dict[str, list[Asked]]) -> dict[str, Fared]:
    """Let each county fare with weights learnt from the others."""
    return {
        name: fare(some, learn([q for other, more in counties.items() if other != name for q in more]))
        for name, some in counties.items()
    }


def check(counties: dict[str, list[Asked]]) -> None:
    print(f"{'left out':<16}{'first':>8}{'in three':>10}{'refused at 95':>15}{'90':>6}{'85':>6}")
    for name, fared in left_out(counties).items():
        print(f"{name:<16}{fared.first:>8.3f}{fared.three:>10.3f}{fared.refused_at(0.05):>15.2f}", end="")
        print(f"{fared.refused_at(0.10):>6.2f}{fared.refused_at(0.15):>6.2f}")


# What stands behind each group of features, for --ablate.
GROUPS = {
    "lexical score": ("score", "rank", "document"),
    "words said": ("said", "said_in_all", "said_in_heading", "missing", "missing_name", "missing_qualifier"),
    "in one sentence": ("said_in_sentence", "names_in_sentence"),
    "matters": ("matters", "matters_served", "matters_in_body", "matter_missing"),
    "what is asked for": ("aim", "aim_at_all", "no_money", "other_unit", "same_units", "class_missing", "class_named"),
    "kind of clause": ("formula", "table", "length", "faq", "interpretation", "no_source"),
    "unheard words": ("words", "unheard", "unheard_name", "unheard_beside_money", "news"),
}


def ablate(counties: dict[str, list[Asked]], names: Sequence[str]) -> None:
    print(
        f"{'without':<20}{'first':>8}{'in three':>10}{'refused at 90':>15}   (means over the counties, each left out)"
    )
    for group, dropped in {"–": (), **GROUPS}.items():
        kept = [i for i, name in enumerate(names) if name not in dropped]
        without = {
            name: [replace(q, rows=q.rows[:, kept] if len(q.rows) else q.rows) for q in some]
            for name, some in counties.items()
        }
        fared = list(left_out(without).values())
        figures = [np.mean([f.first for f in fared]), np.mean([f.three for f in fared])]
        print(f"{group:<20}{figures[0]:>8.3f}{figures[1]:>10.3f}{np.mean([f.refused_at(0.1) for f in fared]):>15.3f}")


def write(model: Model, names: Sequence[str], path: Path) -> None:
    """Write the weights for features as they are, not as they were scaled for learning."""
    weights = model.weights / model.spread
    bias = model.bias - float((weights * model.mean).sum())
    lines = [f"{name} = {weight:.4f}" for name, weight in zip(names, weights, strict=True)]
    head = "# Weights of knowledge/fitness.py in log-odds, learnt by benchmarks/learn_fitness.py; not to be edited."
    path.write_text("\n".join([head, f"bias = {bias:.4f}", "", "[weights]", *lines, ""]), "utf-8")


async def main(arguments: Sequence[str]) -> None:
    counties, names = {}, []
    for folder in (Path(argument) for argument in arguments if not argument.startswith("--")):
        counties[folder.name], names = await read(folder)
    if "--check" in arguments:
        check(counties)
    elif "--ablate" in arguments:
        ablate(counties, names)
    else:
        write(learn([question for some in counties.values() for question in some]), names, FILE)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1:]))
