"""Vectors in a real Chroma: kept in step, owned by one process, done without when they are gone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.embeddings import DIMENSIONS, HashingEmbeddings, embeddings_for
from knowledge.retriever import ClauseRetriever
from knowledge.search import Index
from knowledge.vectors import Vectors, VectorsBusy, VectorsGone
from tests.knowledge.county import FILES, County, clauses, document

PASSAGES = {"rent": "厂房租金补贴每月每平方米2元", "school": "子女转学提交学籍证明", "gift": "捐赠应当自愿"}


def opened(folder: Path) -> Vectors:
    return Vectors.open(folder, *embeddings_for())


def test_what_is_wanted_is_held_and_nothing_else_is_touched(tmp_path: Path):
    vectors = opened(tmp_path / "vectors")

    assert vectors.sync(PASSAGES) == (3, 0)
    assert vectors.sync(PASSAGES) == (0, 0)
    assert vectors.sync({"rent": PASSAGES["rent"], "new": "贷款贴息"}) == (1, 2)
    assert vectors.ids() == {"rent", "new"}
    vectors.close()


def test_vectors_outlive_the_process_that_made_them(tmp_path: Path):
    first = opened(tmp_path / "vectors")
    first.sync(PASSAGES)
    first.close()

    again = opened(tmp_path / "vectors")

    nearest = again.nearest("廠房的租金補貼", 2)
    assert nearest[0][0] == "rent"
    assert 0 < nearest[0][1] <= 1
    again.close()


def test_a_second_process_is_told_that_the_store_is_taken(tmp_path: Path):
    vectors = opened(tmp_path / "vectors")
    script = (
        "import sys; from pathlib import Path; from knowledge.embeddings import embeddings_for; "
        "from knowledge.vectors import Vectors, VectorsBusy\n"
        "try: Vectors.open(Path(sys.argv[1]), *embeddings_for())\n"
        "except VectorsBusy: print('busy')"
    )

    other = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "vectors")], capture_output=True, text=True, check=True
    )

    assert other.stdout.strip() == "busy"
    with pytest.raises(VectorsBusy):
        opened(tmp_path / "vectors")
    vectors.close()


def test_search_goes_on_from_words_when_the_vectors_are_gone(county: County):
    def gone(question: str, k: int) -> list[tuple[str, float]]:
        raise VectorsGone("the folder was deleted")

    index = Index(county.synonyms, gone, 0.5)
    for file in FILES:
        index.add(document(file), clauses(file))
    index.settle()

    assert index.search("租", on=date(2026, 11, 24)) == county.index.search("租", on=date(2026, 11, 24))


def test_vectors_bring_what_no_word_found(county: County):
    def nearest(question: str, k: int) -> list[tuple[str, float]]:
        return [("入学指南.md#0", 0.9)]

    index = Index(county.synonyms, nearest, 0.5)
    for file in FILES:
        index.add(document(file), clauses(file))
    index.settle()

    assert [hit.clause.id for hit in index.search("qwertz", on=date(2026, 11, 24))] == ["入学指南.md#0"]


def test_a_damaged_store_is_refused_and_can_be_made_anew(tmp_path: Path):
    folder = tmp_path / "vectors"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"no database at all")
    with pytest.raises(VectorsGone):
        opened(folder)

    shutil.rmtree(folder)

    vectors = opened(folder)
    assert vectors.sync(PASSAGES) == (3, 0)
    vectors.close()


@given(st.text(max_size=60))
def test_an_embedding_is_a_unit_vector_or_nothing(text: str):
    vector = HashingEmbeddings().embed_query(text)

    assert len(vector) == DIMENSIONS
    assert sum(value * value for value in vector) == pytest.approx(1) or not any(vector)


def test_the_search_is_a_langchain_retriever(county: County):
    found = ClauseRetriever(index=county.index, on=date(2026, 11, 24), k=3).invoke("厂房租金补贴")

    assert found[0].metadata["clause"] == "第三条"
    assert "每月每平方米2元" in found[0].page_content
