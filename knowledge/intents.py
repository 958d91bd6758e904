"""Tell what a message wants before any file is searched: a rule, one's own case, a form, a person, care.

First the sure patterns of lexicon/intents.toml, care before all. Then a linear classifier over the message's
characters and words, learnt from the labelled messages in lexicon/utterances (see benchmarks/learn_intents.py).
"""

from __future__ import annotations

import functools
import re
import tomllib
import zlib
from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.words import cut_words, normalise

BUCKETS = 1 << 14
WEIGHTS = "intents.npz"
POLICY = "policy"
# A question taken for something else is not answered at all; a wish taken for a question is answered beside the point.
DOUBT = 3.0
# After an earlier turn a short question is most likely a follow-up.
DOUBT_IN_TALK = 9.0
# Less than that is no reason to refuse a question which a clause answers.
SURE = 0.9
_MISTAKABLE = dict.fromkeys(("official", "other_work", "greeting", "vague", "unlawful", "abuse"), SURE)
# Asked for somebody's number, an office's is sometimes meant.
_MISTAKABLE["private_data"] = 0.6
# A suspicion is enough to care, unless a clause answers what was said.
CARE, SURE_CARE = 0.35, 0.92


@dataclass(frozen=True, slots=True)
class _Classifier:
    """`weights` (buckets × labels), `bias` and the labels; `kinds` gives each label's (kind, topic)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    labels: tuple[str, ...]
    kinds: dict[str, tuple[str, str]]

    def probabilities(self, text: str) -> dict[str, float]:
        buckets = buckets_of(text)
        scores = self.weights[buckets].sum(axis=0) / np.sqrt(max(1, len(buckets))) + self.bias
        powers = np.exp(scores - scores.max())
        return dict(zip(self.labels, (powers / powers.sum()).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message wants: an answer's kind and a topic the texts know.

    `is_doubtful`: told by a classifier that is not sure, of something that gets no answer from the files.
    """

    kind: str
    topic: str
    is_doubtful: bool = False


def intent_of(text: str, *, in_talk: bool = False) -> Intent | None:
    """Tell what a message wants; None for a question about a rule.

    `in_talk`: the person asked something before, so that a fragment is no greeting.
    """
    plain = normalise(text)
    if not plain.strip():
        return None
    for kind, topic, pattern in _patterns():
        if pattern.search(plain):
            return Intent(kind, topic)
    classifier = _classifier()
    found = classifier.probabilities(text)
    if found["distress"] >= CARE:
        return Intent(*classifier.kinds["distress"], is_doubtful=found["distress"] < SURE_CARE)
    # Kinds compete first: five forms that are each half likely are a form.
    by_kind: defaultdict[str, float] = defaultdict(float)
    for label, probability in found.items():
        by_kind[classifier.kinds[label][0]] += probability
    by_kind[POLICY] *= DOUBT_IN_TALK if in_talk else DOUBT
    kind = max(by_kind, key=lambda name: by_kind[name])
    if kind == POLICY:
        return None
    label = max((label for label in found if classifier.kinds[label][0] == kind), key=lambda label: found[label])
    doubtful = found[label] < _MISTAKABLE.get(label, 0.0)
    return Intent(*classifier.kinds[label], is_doubtful=doubtful)


def buckets_of(text: str) -> NDArray[np.intp]:
    """Give the hash buckets of a message: its runs of one to four characters, its words and their pairs."""
    plain = normalise(text).strip()
    shape = "^" + "".join(character if character.isalnum() else " " for character in plain) + "$"
    features = {shape[i : i + n] for n in (1, 2, 3, 4) for i in range(len(shape) - n + 1)}
    words = [word for word in cut_words(plain) if word.strip()]
    features.update(f"w:{word}" for word in words)
    features.update(f"b:{one}_{other}" for one, other in pairwise(words))
    # crc32, for Python's own hash differs from process to process.
    return np.array(sorted({zlib.crc32(feature.encode()) % BUCKETS for feature in features}), dtype=np.intp)


def labels() -> dict[str, tuple[str, str]]:
    """Give every label of lexicon/intents.toml with its (kind, topic)."""
    told: dict[str, dict[str, str]] = _told()["label"]
    return {name: (label["kind"], label.get("topic", "")) for name, label in told.items()}


@functools.cache
def _told() -> dict[str, Any]:
    return tomllib.loads(resources.files("knowledge").joinpath("lexicon/intents.toml").read_text("utf-8"))


@functools.cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (intent["kind"], intent["topic"], re.compile("|".join(f"(?:{p})" for p in intent["patterns"])))
        for intent in _told()["intent"]
    )


@functools.cache
def _classifier() -> _Classifier:
    with (
        resources.as_file(resources.files("knowledge").joinpath(f"lexicon/{WEIGHTS}")) as path,
        np.load(path) as kept,
    ):
        # Stored as bytes with a scale for each label: a quarter of the size, the same answers.
        weights = kept["weights"].astype(np.float32) * kept["scale"].astype(np.float32)
        return _Classifier(weights, kept["bias"].astype(np.float32), tuple(kept["labels"].tolist()), labels())
