"""Learn the weights of knowledge/intents.py from labelled messages: `python -m benchmarks.learn_intents [--check]`.

Softmax regression by Adam over hashed features, a fixed seed; `--check` instead learns on three quarters and tells
how the rest is judged. Needed again whenever lexicon/utterances changes; the weights are committed.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import knowledge
from knowledge.intents import BUCKETS, POLICY, WEIGHTS, buckets_of, labels

LEXICON = Path(knowledge.__file__).parent / "lexicon"
FOLDER = LEXICON / "utterances"
EPOCHS, BATCH, RATE, DECAY = 30, 256, 0.05, 1e-5
# Messages that only sound like another label and mean a question.
AS_POLICY = "distress_not"

Floats = NDArray[np.float32]


def utterances(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Give every message with its label: one file a label, one message a line."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        label = POLICY if path.stem == AS_POLICY else path.stem
        found += [(line.strip(), label) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return found


def digest(messages: Sequence[tuple[str, str]]) -> str:
    """Name a set of messages, so that a test can tell when the weights are of another."""
    return hashlib.sha256("\n".join(f"{label}\t{text}" for text, label in messages).encode()).hexdigest()[:16]


def learn(messages: Sequence[tuple[str, str]]) -> tuple[Floats, Floats, list[str]]:
    """Give weights (buckets × labels), bias and the labels in order."""
    names = sorted(labels())
    truth = np.array([names.index(label) for _, label in messages])
    matrix = np.zeros((len(messages), BUCKETS), np.float32)
    for row, (text, _) in enumerate(messages):
        buckets = buckets_of(text)
        matrix[row, buckets] = 1 / np.sqrt(len(buckets))
    # Small labels count more, though not as much as they are smaller.
    sizes = Counter(truth.tolist())
    importance = np.sqrt(np.array([max(sizes.values()) / sizes[label] for label in truth.tolist()], np.float32))
    targets = np.eye(len(names), dtype=np.float32)[truth]
    weights, bias = np.zeros((BUCKETS, len(names)), np.float32), np.zeros(len(names), np.float32)
    steps = [
        (weights, np.zeros_like(weights), np.zeros_like(weights)),
        (bias, np.zeros_like(bias), np.zeros_like(bias)),
    ]
    generator, time = np.random.default_rng(0), 0
    for _ in range(EPOCHS):
        for batch in np.array_split(generator.permutation(len(messages)), max(1, len(messages) // BATCH)):
            time += 1
            scores = matrix[batch] @ weights + bias
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            error = (powers / powers.sum(axis=1, keepdims=True) - targets[batch]) * importance[batch, None] / len(batch)
            gradients = (matrix[batch].T @ error + DECAY * weights, error.sum(axis=0))
            for (value, mean, square), gradient in zip(steps, gradients, strict=True):
                mean += 0.1 * (gradient - mean)
                square += 0.001 * (gradient**2 - square)
                value -= RATE * (mean / (1 - 0.9**time)) / (np.sqrt(square / (1 - 0.999**time)) + 1e-8)
    return weights, bias, names


def main() -> None:
    messages = utterances()
    if "--check" in sys.argv:
        check(messages)
        return
    weights, bias, names = learn(messages)
    scale = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        LEXICON / WEIGHTS,
        weights=np.round(weights / scale).astype(np.int8),
        scale=scale,
        bias=bias,
        labels=np.array(names),
        digest=np.array(digest(messages)),
    )
    print(f"{len(messages)} messages, {len(names)} labels")


def check(messages: Sequence[tuple[str, str]]) -> None:
    """Print how messages left out of the learning are judged, by kind."""
    kinds = labels()
    order = np.random.default_rng(1).permutation(len(messages))
    held = {int(i) for i in order[::4]}
    weights, bias, names = learn([message for i, message in enumerate(messages) if i not in held])
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for i in held:
        text, label = messages[i]
        buckets = buckets_of(text)
        scores = weights[buckets].sum(axis=0) / np.sqrt(len(buckets)) + bias
        every[label] += 1
        right[label] += kinds[names[int(scores.argmax())]][0] == kinds[label][0]
    for label in sorted(every):
        print(f"{label:<20}{right[label]:>5} / {every[label]}")
    print(f"{'all':<20}{right.total():>5} / {every.total()}")


if __name__ == "__main__":
    main()
