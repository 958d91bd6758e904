"""Tell whether the evidence found is about what was asked: a county that answers beside the question misleads."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents import Clause
from knowledge.search import Hit, row_text
from knowledge.synonyms import Synonyms, is_english
from knowledge.words import lexicon_words, normalise, rarity, words_of

# What a word weighs that narrows a question to a group or thing: as much as the rarest.
QUALIFIER = 3.5

_NUMBER = re.compile(r"[\d.,%]+[a-z]*|[一二两三四五六七八九十百千万亿多几来余]+[万千百亿块元岁个年月天平]*")

# What a question is about: (word, how much it says, what files call it).
Words = Sequence[tuple[str, float, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Grounding:
    """How far the evidence speaks of the question: 0 (not at all) to 1, and the word it misses most."""

    share: float
    missing: str = ""
    missing_weight: float = 0.0


def content_words(question: str, synonyms: Synonyms) -> Words:
    """Give the words a question is about: (word, how much it says, what files call it)."""
    if is_english(question):
        words, unknown = synonyms.translate(question)
        return [(word, rarity(word), ()) for word in words] + [(word, 2.5, ()) for word in unknown]
    plain = normalise(question)
    expanded = synonyms.expand(plain)
    found: dict[str, tuple[str, float, tuple[str, ...]]] = {}
    for word in words_of(plain):
        filed = [other for said, others in expanded.items() if word in said or said in word for other in others]
        found[word] = (word, _weight(word, spoken=bool(filed)), tuple(filed))
    return list(found.values())


def ground(words: Words, hits: Sequence[Hit]) -> Grounding:
    """Measure how much of what the question says is said by the evidence.

    A word counts as said when it, or what files call it, stands in the clause, its path or the
    document's title; a compound counts by its parts.
    """
    text = "\n".join(_spoken(hit.document.title, hit.clause) for hit in hits)
    whole = said = 0.0
    missing, most = "", 0.0
    for word, weight, filed in words:
        share = _share(word, filed, text)
        whole += weight
        said += weight * share
        if weight * (1 - share) > most:
            missing, most = word, weight * (1 - share)
    return Grounding(said / whole if whole else 0.0, missing, most)


def is_vague(words: Words) -> bool:
    """Tell a question that names nothing in particular ("回去有什么优惠政策")."""
    return all(
        word in lexicon_words("commonplaces.txt") or _NUMBER.fullmatch(word) or (len(word) == 1 and not filed)
        for word, _, filed in words
    )


@functools.lru_cache(maxsize=20_000)
def _spoken(document: str, clause: Clause) -> str:
    """Give everything a clause says, with where it stands, in one spelling."""
    rows = [row_text(clause.rows[0], row) for row in clause.rows[1:]]
    return normalise("\n".join((document, *clause.path, clause.text, *rows)))


def _weight(word: str, *, spoken: bool) -> float:
    if _NUMBER.fullmatch(word):
        # The person's own amounts and years need not stand in a rule that speaks of bands.
        return 0.3
    if word in lexicon_words("qualifiers.txt"):
        return QUALIFIER
    if len(word) == 1:
        return 1.0 if spoken else 0.4
    return rarity(word) * (0.4 if word in lexicon_words("commonplaces.txt") else 1.0)


def _share(word: str, filed: Sequence[str], text: str) -> float:
    if word in text:
        return 1.0
    if any(other in text for other in filed):
        return 0.9
    if word.isascii() or len(word) < 3 or word in lexicon_words("qualifiers.txt"):
        return 0.0
    # A compound counts by the pairs of its characters that stand in the text, a lone one for half.
    covered = [0.5 if character in text else 0.0 for character in word]
    for i in range(len(word) - 1):
        if word[i : i + 2] in text:
            covered[i] = covered[i + 1] = 1.0
    # Squared: "服务卡" is not half said where there is only "服务".
    return 0.9 * (sum(covered) / len(word)) ** 2 if 1.0 in covered else 0.0
