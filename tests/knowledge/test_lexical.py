"""The incremental index: scores of an established library, whatever was added and removed before."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import lexical
from knowledge.lexical import LexicalIndex

WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12)
PASSAGES = st.dictionaries(st.integers(0, 9).map(str), st.tuples(WORDS, st.lists(WORDS, max_size=3)), min_size=1)


def build(passages: dict[str, tuple[list[str], list[list[str]]]]) -> LexicalIndex:
    index = LexicalIndex()
    for identity, (heading, sentences) in passages.items():
        index.add(identity, heading, sentences)
    return index


def found(index: LexicalIndex, question: str) -> list[tuple[str, float]]:
    return [(m.passage, pytest.approx(m.score)) for m in index.search([(token, 1.0) for token in question], 20)]


@given(PASSAGES, st.sets(st.sampled_from("abcdefgh"), min_size=1))
def test_the_first_stage_scores_as_bm25s_does(passages, question):
    corpus = [[*heading, *(token for s in sentences for token in s)] for heading, sentences in passages.values()]
    oracle = bm25s.BM25(method="lucene", k1=lexical.K1, b=lexical.B)
    oracle.index(corpus, show_progress=False)
    expected = oracle.get_scores(sorted(question))

    ours = build(passages).scores([(token, 1.0) for token in sorted(question)])

    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


@given(PASSAGES, PASSAGES, st.text("abcdefgh", min_size=1, max_size=5))
def test_what_was_added_and_removed_leaves_no_trace(kept, passing, question):
    direct = build(kept)
    detour = build(passing)
    for identity in passing:
        detour.remove(identity)
    for identity, (heading, sentences) in kept.items():
        detour.add(identity, heading, sentences)

    assert found(detour, question) == found(direct, question)


def test_words_that_stand_together_beat_words_scattered():
    index = build(
        {"scattered": ([], [["a"], ["x"], ["y"], ["b"]]), "together": ([], [["x"], ["a", "b"], ["y"], ["z"]])}
    )

    assert [match.passage for match in index.search([("a", 1.0), ("b", 1.0)], 2)] == ["together", "scattered"]


def test_a_filter_hides_without_changing_scores():
    index = build({"old": ([], [["a"]]), "new": ([], [["a", "b"]])})
    whole = {match.passage: match.score for match in index.search([("a", 1.0)], 5)}

    shown = index.search([("a", 1.0)], 5, among=index.flags(["new"]))

    assert [(match.passage, match.score) for match in shown] == [("new", whole["new"])]


def test_nothing_known_finds_nothing():
    assert LexicalIndex().search([("a", 1.0)], 5) == []
    assert build({"p": ([], [["a"]])}).search([("unknown", 1.0)], 5) == []
