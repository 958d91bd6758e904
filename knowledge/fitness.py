"""How likely a clause answers a question: features of the two, weighed by what labelled questions taught.

The lexical search brings clauses that share words with the question. Here each is looked at again: does it speak of
the question's names and matters, does it give what is asked for, is it a rule at all? One set of weights tells which
clause answers best, another, from how the best few look and how far they stand out, whether any does. Both stand in
lexicon/fitness.toml, learnt by benchmarks/learn_fitness.py.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from knowledge.aims import served
from knowledge.amounts import quantities_in
from knowledge.asked import Asked, Sort, Word, matters_given
from knowledge.clauses import heading_of
from knowledge.documents import Clause, Document
from knowledge.words import normalise, sentences

# A sentence beyond these adds nothing: no rule is that long.
SENTENCES = 40
# Said well enough to count as said.
SAID = 0.5
# Whether anything answers is told from so many of the best.
BEST = 3

_FORMULA = re.compile(
    r"制定本[\u4e00-\u9fff]{2,4}$|负责解释$|起(?:正式)?(?:施行|实施|执行)|有效期.{0,12}[年日]$|同时废止$"
)
_MONEY = re.compile(r"\d(?:[\d,.]*)\s*(?:亿|万)?元|\d%|\(元|\(万元|元/|‰|折|倍")
_CLASSES = re.compile(r"[a-h]类")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clause the search brought, as it reads on the day; `score` is relative to the best one's."""

    clause: Clause
    document: Document
    score: float


@dataclass(frozen=True, slots=True)
class Text:
    """A clause in one spelling: all its words, its sentences (rows included), where it stands, its header."""

    body: str
    sentences: tuple[str, ...]
    place: str
    caption: str
    header: str


@dataclass(frozen=True, slots=True)
class Weights:
    """What features weigh: `order` for one clause against another, `answered` for whether any answers; log-odds."""

    order: Mapping[str, float]
    answered: Mapping[str, float]
    bias: float


def fitness(
    asked: Asked,
    candidates: Sequence[Candidate],
    is_filed: Callable[[str], bool],
    rarity_of_matter: Mapping[str, float],
) -> list[float]:
    """Give each candidate's log-odds of answering the question, in their order.

    The best has the log-odds that the question is answered at all, each other one so much less as it is less likely
    than the best. `is_filed` tells whether a word stands anywhere in the county's files; `rarity_of_matter` says how
    few clauses speak of a matter (natural logarithm).
    """
    if not candidates:
        return []
    weights = _weights()
    rows = features(asked, candidates, is_filed, rarity_of_matter)
    order = [sum(weights.order.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    seen = outlook(rows, order)
    answered = weights.bias + sum(weights.answered.get(name, 0.0) * value for name, value in seen.items())
    return [answered + score - max(order) for score in order]


def outlook(rows: Sequence[Mapping[str, float]], order: Sequence[float]) -> dict[str, float]:
    """Give what tells whether a question is answered by any of its clauses, by name.

    The features of the clause that is best in `order`, their means over the best few and over all, the most any clause
    has of each, and how far the best stands out.
    """
    ranked = sorted(range(len(rows)), key=lambda number: -order[number])
    best = ranked[:BEST]
    seen = {f"first.{name}": value for name, value in rows[ranked[0]].items()}
    for name in rows[ranked[0]]:
        seen[f"mean.{name}"] = sum(rows[number][name] for number in best) / len(best)
        everywhere = [row[name] for row in rows]
        seen[f"all.{name}"], seen[f"most.{name}"] = sum(everywhere) / len(everywhere), max(everywhere)
    top = order[ranked[0]]
    seen["order"] = top
    seen["ahead_of_second"] = top - order[ranked[min(1, len(ranked) - 1)]]
    seen["ahead_of_third"] = top - order[ranked[min(2, len(ranked) - 1)]]
    seen["ahead_of_mean"] = top - sum(order) / len(order)
    seen["rivals"] = math.log(sum(math.exp(score - top) for score in order))
    return seen


def features(
    asked: Asked,
    candidates: Sequence[Candidate],
    is_filed: Callable[[str], bool],
    rarity_of_matter: Mapping[str, float],
) -> list[dict[str, float]]:
    """Give each candidate's features by name; those of the question alone are the same for all."""
    nearest: dict[str, float] = {}
    for candidate in candidates:
        nearest[candidate.document.id] = max(nearest.get(candidate.document.id, 0.0), candidate.score)
    alone = _of_question(asked, is_filed)
    return [
        {
            "score": candidate.score,
            "rank": 1 / (number + 1),
            "document": nearest[candidate.document.id],
            **alone,
            **_of_words(asked, candidate),
            **_of_matters(asked, candidate, rarity_of_matter),
            **_of_kind(asked, candidate),
        }
        for number, candidate in enumerate(candidates)
    ]


def _of_question(asked: Asked, is_filed: Callable[[str], bool]) -> dict[str, float]:
    """What no file speaks of: a name beside money is a subject of its own, one elsewhere a circumstance."""
    tellers = [word for word in asked.words if word.sort in (Sort.WORD, Sort.QUALIFIER, Sort.FOREIGN)]
    unheard = [word for word in tellers if not is_word_filed(word, is_filed)]
    return {
        "words": len(asked.words) / 10,
        "unheard": sum(word.weight for word in unheard) / asked.weight,
        "unheard_name": max((word.weight for word in unheard if word.is_name), default=0.0),
        "unheard_beside_money": max((word.weight for word in unheard if asked.is_about_money(word)), default=0.0),
        "news": float(asked.asks_news),
        "matters": len(asked.matters) / 5,
    }


def _of_words(asked: Asked, candidate: Candidate) -> dict[str, float]:
    """How much of what the question says is said by the clause, where it stands, and in one sentence."""
    text = text_of(candidate.document.title, candidate.clause)
    whole = asked.weight
    shares = [(word, word.share_in(text.body), word.share_in(text.place)) for word in asked.words]
    # A word that the whole does not say, no sentence of it says.
    spoken = [word for word, share, _ in shares if share]
    of_names = sum(word.weight for word in asked.words if word.is_noun) or 1.0
    best = best_names = 0.0
    for part in text.sentences:
        said = said_names = 0.0
        for word in spoken:
            weight = word.weight * word.share_in(part)
            said += weight
            said_names += weight if word.is_noun else 0.0
        best, best_names = max(best, said), max(best_names, said_names)
    missing = [
        word
        for word, in_body, in_place in shares
        if word.sort in (Sort.WORD, Sort.QUALIFIER)
        and max(in_body, in_place) < SAID
        and word.share_in(text.header) < SAID
    ]
    return {
        "said": sum(word.weight * in_body for word, in_body, _ in shares) / whole,
        "said_in_all": sum(word.weight * max(in_body, in_place) for word, in_body, in_place in shares) / whole,
        "said_in_heading": sum(w.weight * max(p, w.share_in(text.caption)) for w, _, p in shares) / whole,
        "said_in_sentence": best / whole,
        "names_in_sentence": best_names / of_names if any(word.is_noun for word in asked.words) else 0.5,
        "missing": sum(word.weight for word in missing) / whole,
        "missing_name": max((word.weight for word in missing if word.is_name), default=0.0),
        "missing_qualifier": sum(1 - max(b, p) for word, b, p in shares if word.sort is Sort.QUALIFIER),
    }


def _of_matters(asked: Asked, candidate: Candidate, rarity_of_matter: Mapping[str, float]) -> dict[str, float]:
    text = text_of(candidate.document.title, candidate.clause)
    body = matters_given(f"{text.body}\n{text.header}", asked.matters)
    place = matters_given(text.place, asked.matters)
    unknown = max(rarity_of_matter.values(), default=5.0)

    def weight(matters: frozenset[str]) -> float:
        return sum(rarity_of_matter.get(matter, unknown) for matter in matters)

    whole = weight(asked.matters)
    left = asked.matters - body - place
    return {
        "matters_served": weight(body | place) / whole if whole else 0.5,
        "matters_in_body": weight(body) / whole if whole else 0.5,
        "matter_missing": max((rarity_of_matter.get(matter, unknown) for matter in left), default=0.0) / 5,
    }


def _of_kind(asked: Asked, candidate: Candidate) -> dict[str, float]:
    """Whether the clause is of the kind that answers: a rule, with what is asked for, for the class asked about."""
    clause, document = candidate.clause, candidate.document
    text = text_of(document.title, clause)
    has_classes = bool(asked.classes) and (bool(clause.rows) or bool(_CLASSES.search(text.body)))
    names_class = any(re.search(rf"(?<![a-z]){letter}", text.body) for letter in asked.classes)
    units = {quantity.unit for quantity in quantities_in(clause.text)} if asked.units else set()
    share = served(asked.aims, clause)
    return {
        "aim": share,
        "aim_at_all": float(share > 0),
        "no_money": float(asked.asks_sum and not _MONEY.search(text.body + text.header)),
        "other_unit": float(bool(asked.each) and asked.each not in text.body + text.header),
        "same_units": len(asked.units & units) / len(asked.units) if asked.units else 0.0,
        "class_missing": float(has_classes and not names_class),
        "class_named": float(has_classes and names_class),
        "formula": formula_share(clause.text),
        "table": float(bool(clause.rows)),
        "length": math.log1p(len(text.body)) / 7,
        "faq": float(document.kind == "faq"),
        "interpretation": float(document.kind == "interpretation"),
        "no_source": float(document.kind in ("news", "leaflet", "speech")),
    }


@functools.lru_cache(maxsize=20_000)
def formula_share(text: str) -> float:
    """Tell how much of a clause is what every file says of itself: why it was made, who explains it, its days."""
    parts = sentences(text)
    return sum(bool(_FORMULA.search(part)) for part in parts) / len(parts) if parts else 0.0


def is_word_filed(word: Word, is_filed: Callable[[str], bool]) -> bool:
    """Tell whether files say a word, by itself, by what they call it, or by all pairs of its characters."""
    if any(is_filed(other) for other in word.filed):
        return True
    pairs = [word.text[i : i + 2] for i in range(len(word.text) - 1)] or [word.text]
    return is_filed(word.text) or (len(word.text) > 2 and all(is_filed(pair) for pair in pairs))


@functools.lru_cache(maxsize=5_000)
def text_of(title: str, clause: Clause) -> Text:
    """Give a clause of a document in one spelling."""
    rows = [normalise(row_text(clause.rows[0], row)) for row in clause.rows[1:]]
    return Text(
        body=normalise("\n".join((clause.text, *rows))),
        sentences=tuple([*(normalise(part) for part in sentences(clause.text)), *rows][:SENTENCES]),
        place=normalise("\n".join((title, *clause.path))),
        caption=normalise(heading_of(clause)),
        header=normalise(" ".join(clause.rows[0])) if clause.rows else "",
    )


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """Read a table row with its headers: "人才类别:D类;生活补贴(元/月):1500"."""
    return ";".join(f"{name}:{cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell)


@functools.cache
def _weights() -> Weights:
    source = resources.files("knowledge").joinpath("lexicon/fitness.toml").read_text("utf-8")
    told = tomllib.loads(source)
    return Weights(told["order"], told["answered"], float(told["bias"]))
