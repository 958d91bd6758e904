"""Quality and speed of retrieval on a labelled set: `python -m benchmarks.retrieval FOLDER…`.

A folder holds `corpus.jsonl` ({"id","title","text"}) and `open.jsonl` ({"id","text","relevant":[ids]}). The whole
search of the assistant is measured (validity, expansion, ranking), with the index in memory.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date
from pathlib import Path

from knowledge.documents import Clause, Document
from knowledge.passages import read_passages
from knowledge.search import PASSAGES, Index
from knowledge.synonyms import Synonyms

TODAY = date(2026, 11, 24)
K = 10


def main(folders: list[Path]) -> None:
    print(f"{'set':<14}{'passages':>9}{'questions':>11}{'hit@1':>8}{'hit@5':>8}{'MRR@10':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for folder in folders:
        index, seconds = build(folder / "corpus.jsonl")
        measure(folder, index)
        change(index, seconds)


def build(corpus: Path) -> tuple[Index, float]:
    """Index every passage as a document of its own, so that adding and removing one can be measured."""
    start = time.perf_counter()
    index = Index(Synonyms.load())
    for passage in read_passages(corpus):
        clause = Clause(passage.id, passage.id, 0, (passage.title,), "", passage.text)
        index.add(Document(passage.id, passage.id, "", PASSAGES), [clause])
    index.settle()
    return index, time.perf_counter() - start


def measure(folder: Path, index: Index) -> None:
    questions = [json.loads(line) for line in (folder / "open.jsonl").open(encoding="utf-8")]
    ranks, times = [], []
    index.search("预热", on=TODAY, k=K)
    for question in questions:
        start = time.perf_counter()
        found = [hit.clause.id for hit in index.search(question["text"], on=TODAY, k=K)]
        times.append((time.perf_counter() - start) * 1000)
        ranks.append(next((rank for rank, id_ in enumerate(found, 1) if id_ in question["relevant"]), 0))
    total = len(ranks)
    hit_1, hit_5 = (sum(0 < rank <= n for rank in ranks) / total for n in (1, 5))
    mrr = sum(1 / rank for rank in ranks if rank) / total
    p95 = statistics.quantiles(times, n=20)[-1]
    print(
        f"{folder.name:<14}{len(index.documents):>9}{total:>11}{hit_1:>8.4f}{hit_5:>8.4f}{mrr:>8.4f}"
        f"{statistics.median(times):>8.2f}{p95:>8.2f}"
    )


def change(index: Index, building_s: float) -> None:
    """Remove a document and add it again: what a county does every week."""
    document = index.documents[len(index.documents) // 2]
    clauses = index.clauses_of(document.id)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        index.remove(document.id)
        index.add(document, clauses)
        times.append((time.perf_counter() - start) * 1000)
    print(f"  built in {building_s:.1f} s; one document removed and added again in {statistics.median(times):.1f} ms")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
