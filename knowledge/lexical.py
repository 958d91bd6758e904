"""BM25 that learns and forgets one passage at a time, with a closer look at the best candidates.

The established libraries score whole corpora fast but are built once; a county files one
document today and withdraws another tomorrow, and the rest must not be rebuilt for it.
The first stage equals bm25s' "lucene" variant (Robertson and Zaragoza 2009, Kamphuis et al. 2020);
the second asks how much of the question stands together in one sentence, and in the heading.
"""

from __future__ import annotations

import functools
import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Term saturation and length normalisation. Measured on CMRC 2018 and DRCD; the optimum is flat.
K1 = 1.2
B = 0.75

# How much standing together in one sentence, in two neighbouring ones, and in the heading raises
# a candidate's score. Each is a share of the question's (heading's) weight between 0 and 1.
IN_SENTENCE = 1.0
IN_NEIGHBOURS = 1.0
IN_HEADING = 0.4
CANDIDATES = 20

_SENTENCES = 64  # bits of a mask; what stands later counts as the last sentence


@dataclass(slots=True)
class _Posting:
    """Where a token occurs: slots in rising order, its count there, and a bit per sentence holding it."""

    slots: array[int]
    counts: array[float]
    sentences: array[int]


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found. `coverage` is the share of the question's weight that stands in the passage."""

    passage: str
    score: float
    coverage: float


class LexicalIndex:
    """Passages by their tokens. A passage sits in a numbered slot; slots are not used twice."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []
        self._tokens: list[tuple[str, ...]] = []
        self._headings: list[frozenset[str]] = []
        self._lengths = array("f")
        self._postings: dict[str, _Posting] = {}
        self._total_length = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, passage: str) -> bool:
        return passage in self._slots

    def add(self, passage: str, heading: Sequence[str], sentences: Sequence[Sequence[str]]) -> None:
        """Add a passage by the tokens of its heading and of each sentence, or replace the one of this id.

        Costs the passage's own tokens only; nothing else is touched.
        """
        self.remove(passage)
        counts = Counter(heading)
        masks: dict[str, int] = {}
        for number, sentence in enumerate(sentences):
            counts.update(sentence)
            bit = 1 << min(number, _SENTENCES - 1)
            for token in sentence:
                masks[token] = masks.get(token, 0) | bit
        slot, length = len(self._ids), counts.total()
        self._slots[passage] = slot
        self._ids.append(passage)
        self._tokens.append(tuple(counts))
        self._headings.append(frozenset(heading))
        self._lengths.append(length)
        self._total_length += length
        for token, count in counts.items():
            posting = self._postings.get(token)
            if posting is None:
                posting = self._postings[token] = _Posting(array("i"), array("f"), array("Q"))
            posting.slots.append(slot)
            posting.counts.append(count)
            posting.sentences.append(masks.get(token, 0))

    def remove(self, passage: str) -> None:
        """Forget a passage; unknown ids are ignored."""
        slot = self._slots.pop(passage, None)
        if slot is None:
            return
        for token in self._tokens[slot]:
            posting = self._postings[token]
            place = bisect_left(posting.slots, slot)
            del posting.slots[place], posting.counts[place], posting.sentences[place]
            if not posting.slots:
                del self._postings[token]
        self._total_length -= int(self._lengths[slot])
        self._ids[slot], self._tokens[slot], self._headings[slot] = "", (), frozenset()
        self._lengths[slot] = 0

    def counts(self) -> Iterator[tuple[str, int]]:
        """Give every token with how many passages hold it."""
        return ((token, len(posting.slots)) for token, posting in self._postings.items())

    def weight(self, token: str) -> float:
        """Give a token's inverse document frequency (lucene form, never negative); 0 if unknown."""
        posting = self._postings.get(token)
        return 0.0 if posting is None else self._rarity(len(posting.slots))

    def search(
        self, question: Sequence[tuple[str, float]], k: int, *, among: NDArray[np.bool_] | None = None
    ) -> list[Match]:
        """Give the best k passages for weighted question tokens, best first; scores of 0 are left out.

        `among` (one flag per slot, see `flags`) limits what may be found; rarity and lengths still
        come from all passages, so that a filter does not change the scores.
        """
        found = self._found(question)
        if not found:
            return []
        where, weights, gains = self._gains(found)
        scores = np.bincount(where, weights=gains, minlength=len(self._ids))
        if among is not None:
            scores[~among] = 0
        best = _largest(scores, max(k, CANDIDATES))
        if not len(best):
            return []

        # The closer look, at the candidates' postings only.
        place = np.full(len(scores), -1, dtype=np.int32)
        place[best] = np.arange(len(best))
        kept = place[where] >= 0
        masks = np.concatenate([np.frombuffer(posting.sentences, dtype=np.uint64) for posting, _, _ in found])[kept]
        held = np.zeros((len(best), len(masks)))
        held[place[where[kept]], np.arange(len(masks))] = weights[kept]
        # What nobody wrote weighs most: an unknown token counts as one seen in no passage.
        unknown = sum(factor for token, factor in question if token not in self._postings) * self._rarity(0)
        total = sum(weight for _, weight, _ in found)
        in_sentence = (held @ _bits(masks)).max(axis=1) / total
        in_neighbours = (held @ _bits(masks | (masks >> np.uint64(1)))).max(axis=1) / total
        asked = {token for _, _, token in found}
        in_heading = np.array([self._heading_share(slot, asked) for slot in best])
        final = scores[best] * (
            1 + IN_SENTENCE * in_sentence + IN_NEIGHBOURS * in_neighbours + IN_HEADING * in_heading**2
        )
        coverage = held.sum(axis=1) / (total + unknown)
        # Equal scores keep the order of adding, so that results do not depend on the sort.
        return [Match(self._ids[best[i]], float(final[i]), float(coverage[i])) for i in np.lexsort((best, -final))[:k]]

    def scores(self, question: Sequence[tuple[str, float]]) -> NDArray[np.float64]:
        """Give the BM25 score of every slot, before the closer look."""
        found = self._found(question)
        if not found:
            return np.zeros(len(self._ids))
        where, _, gains = self._gains(found)
        return np.asarray(np.bincount(where, weights=gains, minlength=len(self._ids)), dtype=np.float64)

    def flags(self, passages: Sequence[str]) -> NDArray[np.bool_]:
        """Give one flag per slot, true for these passages: what `search` takes as `among`."""
        flags = np.zeros(len(self._ids), dtype=np.bool_)
        flags[[self._slots[passage] for passage in passages if passage in self._slots]] = True
        return flags

    def _found(self, question: Sequence[tuple[str, float]]) -> list[tuple[_Posting, float, str]]:
        """Give the postings of the known tokens, with the weight of each token in this question."""
        return [
            (posting, factor * self._rarity(len(posting.slots)), token)
            for token, factor in question
            if (posting := self._postings.get(token))
        ]

    def _gains(
        self, found: Sequence[tuple[_Posting, float, str]]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Lay the postings end to end: slots, the token's weight, and what the occurrence adds to the score."""
        where = np.concatenate([np.frombuffer(posting.slots, dtype=np.int32) for posting, _, _ in found])
        counts = np.concatenate([np.frombuffer(posting.counts, dtype=np.float32) for posting, _, _ in found])
        weights = np.repeat([weight for _, weight, _ in found], [len(posting.slots) for posting, _, _ in found])
        average = self._total_length / len(self)
        norms = K1 * (1 - B + B * np.frombuffer(self._lengths, dtype=np.float32) / average)
        return where, weights, weights * (counts / (counts + norms[where]))

    def _rarity(self, seen: int) -> float:
        return _idf(len(self._slots), seen)

    def _heading_share(self, slot: int, asked: set[str]) -> float:
        heading = self._headings[slot]
        whole = sum(map(self.weight, heading))
        return sum(map(self.weight, heading & asked)) / whole if whole else 0.0


@functools.lru_cache(maxsize=50_000)
def _idf(passages: int, seen: int) -> float:
    return math.log(1 + (passages - seen + 0.5) / (seen + 0.5))


def _largest(scores: NDArray[Any], n: int) -> NDArray[np.intp]:
    best = np.argpartition(scores, -n)[-n:] if n < len(scores) else np.arange(len(scores))
    return best[scores[best] > 0]


def _bits(masks: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Spread each mask over a row of 64 zeros and ones (little-endian bytes, so bit n is column n)."""
    return np.unpackbits(masks.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
