"""Learn the weights of knowledge/fitness.py: `python -m benchmarks.learn_fitness [--check | --ablate] COUNTY…`.

A county is a folder with `documents/` and `questions.jsonl` (see knowledge/gold.py). What orders clauses is learnt by
multinomial regression: of all clauses found for a question, the right one should be likeliest. Whether any answers is
learnt by logistic regression, balanced, from the best few as ordered by weights that other counties taught. `--check`
leaves each county out in turn and tells how it fares with weights learnt from the others: the right clause first and
in three, and how many unanswerable questions are refused while 95, 90 and 85 of 100 answerable ones are answered.
`--ablate` does the same without one group of features after the other, for all counties together.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import knowledge
from bot.app import open_app
from bot.settings import Settings
from knowledge.evaluate import is_at
from knowledge.fitness import features, outlook
from knowledge.gold import Gold, read_questions
from knowledge.search import CANDIDATES, Index

TODAY = date(2026, 11, 24)
TAKEN = CANDIDATES  # clauses of a question that are learnt from: as many as are judged
MOST_FOUND = (TAKEN, 10, 4)  # a county that has just begun has a few files, and little is found in them
RIDGE_OF_ORDER = 0.01  # for each question
RIDGE_OF_ANSWERED = 60.0
FILE = Path(knowledge.__file__).parent / "lexicon" / "fitness.toml"

Floats = NDArray[np.float64]
Rows = list[dict[str, float]]


@dataclass(frozen=True)
class Asked:
    """A question with its candidates' features and which of them are right."""

    answerable: bool
    rows: Rows
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Linear:
    """Weights by name, for features as they are, not as they were scaled for learning."""

    weights: Mapping[str, float]
    bias: float = 0.0

    def of(self, row: Mapping[str, float]) -> float:
        return self.bias + sum(self.weights.get(name, 0.0) * value for name, value in row.items())


@dataclass(frozen=True)
class Model:
    order: Linear
    answered: Linear

    def odds(self, rows: Rows) -> tuple[list[float], float]:
        """Give how good each clause is beside the others, and the log-odds that any answers."""
        order = [self.order.of(row) for row in rows]
        return order, self.answered.of(outlook(rows, order)) if rows else -9.0


async def read(county: Path) -> list[Asked]:
    """Index a county and give its questions with the features of what is found for them."""
    with tempfile.TemporaryDirectory() as home:
        async with open_app(Settings(home=Path(home))) as app:
            await app.library.index([county / "documents"])
            return [
                _asked(gold, app.library.searchable)
                for gold in read_questions(county / "questions.jsonl")
                if gold.kind in ("answered", "not_found") and not gold.needs
            ]


def _asked(gold: Gold, index: Index) -> Asked:
    hits = index.search(gold.text, on=gold.asked_on or TODAY, k=TAKEN, history=gold.history[-1:])
    hits.sort(key=lambda hit: -hit.score)
    understood = index.understand(gold.text, gold.history[-1:])
    rows = features(understood, index.candidates(hits), index.is_filed, index.rarity_of_matters)
    right = np.array([is_at(hit.document.file, hit.clause, gold.places) for hit in hits], dtype=bool)
    return Asked(gold.kind == "answered", rows, right)


def learn(counties: Mapping[str, list[Asked]]) -> Model:
    """Learn both sets of weights; a county's best clauses are told by what the others taught, as they will be."""
    looks: list[tuple[dict[str, float], bool]] = []
    for name, some in counties.items():
        order = learn_order([question for other, more in counties.items() if other != name for question in more])
        for question, most in itertools.product(some, MOST_FOUND):
            rows, right = question.rows[:most], question.right[:most]
            # Where the right clause was not found at all, the question is not answered, yet not to be refused either.
            if rows and (right.any() or not question.answerable):
                looks.append((outlook(rows, [order.of(row) for row in rows]), question.answerable))
    every = [question for some in counties.values() for question in some]
    return Model(learn_order(every), learn_answered(looks))


def learn_order(questions: Sequence[Asked]) -> Linear:
    """Fit by Newton's method, step halved while it does not help; features are brought to mean 0 and spread 1 first."""
    usable = [question for question in questions if question.answerable and question.right.any()]
    names = list(usable[0].rows[0])
    tables = [np.array([[row[name] for name in names] for row in question.rows]) for question in usable]
    mean, spread = np.vstack(tables).mean(axis=0), np.vstack(tables).std(axis=0) + 1e-6
    design = np.zeros((len(usable), TAKEN, len(names)))
    target, closed = np.zeros(design.shape[:2]), np.full(design.shape[:2], -1e9)
    for number, (question, table) in enumerate(zip(usable, tables, strict=True)):
        design[number, : len(table)] = (table - mean) / spread
        target[number, : len(table)] = question.right / question.right.sum()
        closed[number, : len(table)] = 0
    ridge = RIDGE_OF_ORDER * len(usable)

    def chances(weights: Floats) -> tuple[Floats, float]:
        scores = design @ weights + closed
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        chance = shifted / shifted.sum(axis=1, keepdims=True)
        likelihood = (target * np.log(chance + 1e-300)).sum()
        return chance, float(ridge / 2 * weights @ weights - likelihood)

    weights = np.zeros(len(names))
    chance, loss = chances(weights)
    for _ in range(30):
        gradient = np.einsum("qcf,qc->f", design, chance - target) + ridge * weights
        expected = np.einsum("qcf,qc->qf", design, chance)
        flat = design.reshape(-1, len(names))
        curvature = (flat * chance.reshape(-1, 1)).T @ flat - expected.T @ expected + ridge * np.eye(len(names))
        step = np.linalg.solve(curvature, gradient)
        while (after := chances(weights - step))[1] > loss and np.abs(step).max() > 1e-6:
            step /= 2
        weights, (chance, reached) = weights - step, after
        if loss - reached < 1e-6 * loss:
            break
        loss = reached
    return Linear(dict(zip(names, map(float, weights / spread), strict=True)))


def learn_answered(looks: Sequence[tuple[dict[str, float], bool]]) -> Linear:
    """Fit by Newton's method, answered and unanswered questions counting the same in all."""
    names = list(looks[0][0])
    table = np.array([[seen[name] for name in names] for seen, _ in looks])
    answered = np.array([told for _, told in looks], dtype=float)
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-6
    design = np.c_[(table - mean) / spread, np.ones(len(table))]
    importance = np.where(answered == 1, 0.5 / answered.mean(), 0.5 / (1 - answered.mean()))
    ridge = np.diag([RIDGE_OF_ANSWERED] * len(names) + [1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (importance * (chance - answered)) + ridge @ weights
        curvature = (design * (importance * chance * (1 - chance))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curvature, gradient)
    plain = weights[:-1] / spread
    return Linear(dict(zip(names, map(float, plain), strict=True)), float(weights[-1] - plain @ mean))


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
        order, odds = model.odds(question.rows)
        best.append((odds, question.answerable))
        if question.answerable:
            ranked = np.argsort(-np.array(order))
            answerable += 1
            first += bool(question.right[ranked[:1]].any())
            three += bool(question.right[ranked[:3]].any())
    kept = np.array([odds for odds, answered in best if answered])
    return Fared(first / answerable, three / answerable, kept, np.array([o for o, answered in best if not answered]))


def left_out(counties: Mapping[str, list[Asked]]) -> dict[str, Fared]:
    """Let each county fare with weights learnt from the others."""
    return {
        name: fare(some, learn({other: more for other, more in counties.items() if other != name}))
        for name, some in counties.items()
    }


def check(counties: Mapping[str, list[Asked]]) -> None:
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


def ablate(counties: Mapping[str, list[Asked]]) -> None:
    print(
        f"{'without':<20}{'first':>8}{'in three':>10}{'refused at 90':>15}   (means over the counties, each left out)"
    )
    for group, dropped in {"–": (), **GROUPS}.items():
        without = {
            name: [replace(q, rows=[_without(row, dropped) for row in q.rows]) for q in some]
            for name, some in counties.items()
        }
        fared = list(left_out(without).values())
        figures = [np.mean([f.first for f in fared]), np.mean([f.three for f in fared])]
        print(f"{group:<20}{figures[0]:>8.3f}{figures[1]:>10.3f}{np.mean([f.refused_at(0.1) for f in fared]):>15.3f}")


def _without(row: dict[str, float], dropped: Sequence[str]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name not in dropped}


def write(model: Model, path: Path) -> None:
    lines = ["# Weights of knowledge/fitness.py, learnt by benchmarks/learn_fitness.py; not to be edited."]
    lines += [f"bias = {model.answered.bias:.4f}", "", "[order]"]
    lines += [f"{name} = {weight:.4f}" for name, weight in model.order.weights.items()]
    lines += ["", "[answered]"]
    lines += [f'"{name}" = {weight:.4f}' for name, weight in model.answered.weights.items()]
    path.write_text("\n".join([*lines, ""]), "utf-8")


async def main(arguments: Sequence[str]) -> None:
    counties = {folder.name: await read(folder) for folder in map(Path, arguments) if not folder.name.startswith("--")}
    if "--check" in arguments:
        check(counties)
    elif "--ablate" in arguments:
        ablate(counties)
    else:
        write(learn(counties), FILE)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1:]))
