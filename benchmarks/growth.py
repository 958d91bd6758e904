"""Speed and memory as the library grows: `python -m benchmarks.growth [--picture FILE] [SIZES…]`.

Clauses are made of the sentences of the invented counties in benchmarks/counties, shuffled with a fixed seed, and asked
that counties' questions through the whole search. Each size runs in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.app import open_app
from bot.settings import Settings
from knowledge.documents import Clause, Document
from knowledge.search import Index
from knowledge.synonyms import Synonyms
from knowledge.words import sentences

COUNTIES = Path(__file__).parent / "counties"
SIZES = (1_000, 10_000, 100_000)
TODAY = date(2026, 11, 24)
QUESTIONS = 300
A_DOCUMENT = 25  # clauses in one document


async def said() -> list[str]:
    """Give every sentence of the counties' files."""
    with tempfile.TemporaryDirectory() as home:
        async with open_app(Settings(home=Path(home))) as app:
            await app.library.index(sorted(COUNTIES.glob("*/documents")))
            clauses = list(app.library.searchable.clauses.values())
    return [part for clause in clauses for part in sentences(clause.text) if 8 < len(part) < 120]


def made(size: int, parts: list[str], generator: random.Random) -> Iterator[tuple[Document, list[Clause]]]:
    for number in range(size // A_DOCUMENT):
        identity = f"d{number}"
        clauses = [
            Clause(f"{identity}#{i}", identity, i, (), f"第{i + 1}条", "。".join(generator.sample(parts, 3)) + "。")
            for i in range(A_DOCUMENT)
        ]
        yield (
            Document(identity, f"{identity}.txt", f"第{number}号办法", "measures", effective=date(2025, 1, 1)),
            clauses,
        )


def measure(size: int, parts: list[str]) -> dict[str, float]:
    """Index so many clauses and ask; gives clauses a second, milliseconds, megabytes."""
    generator = random.Random(7)
    index = Index(Synonyms.load())
    start = time.perf_counter()
    for document, clauses in made(size, parts, generator):
        index.add(document, clauses)
    index.settle()
    rate = size / (time.perf_counter() - start)
    lines = [
        line for path in sorted(COUNTIES.glob("*/questions.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    questions = [json.loads(line)["text"] for line in generator.sample(lines, QUESTIONS)]
    index.search(questions[0], on=TODAY)
    times = []
    for question in questions[1:]:
        start = time.perf_counter()
        index.search(question, on=TODAY)
        times.append((time.perf_counter() - start) * 1000)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"size": size, "rate": rate, "p50": statistics.median(times), "p95": p95, "memory": memory}


def draw(rows: list[dict[str, float]], path: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    times, memory = figure.subplots(1, 2)
    sizes = [row["size"] for row in rows]
    times.plot(sizes, [row["p50"] for row in rows], "o-", color="#2f6f4f", label="p50")
    times.plot(sizes, [row["p95"] for row in rows], "o--", color="#2f6f4f", label="p95")
    memory.plot(sizes, [row["memory"] for row in rows], "o-", color="#8a5a2b")
    for axes, title in ((times, "milliseconds a question"), (memory, "megabytes in all")):
        axes.set(xscale="log", xlabel="clauses", title=title, ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
    times.legend(frameon=False)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "laoxiang"}):
        figure.savefig(path, metadata={"Date": None})


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(int(arguments[1]), json.load(sys.stdin))))
        return
    picture = Path(arguments[1]) if arguments[:1] == ["--picture"] else None
    sizes = [int(size) for size in (arguments[2:] if picture else arguments)] or list(SIZES)
    print(f"{'clauses':>9}{'clauses/s':>11}{'p50 ms':>9}{'p95 ms':>9}{'MB':>7}")
    parts, rows = json.dumps(asyncio.run(said())), []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.growth", "--one", str(size)]
        ran = subprocess.run(command, input=parts, check=True, capture_output=True, text=True)
        rows.append(row := json.loads(ran.stdout))
        print(f"{size:>9}{row['rate']:>11.0f}{row['p50']:>9.1f}{row['p95']:>9.1f}{row['memory']:>7.0f}", flush=True)
    if picture:
        draw(rows, picture)


if __name__ == "__main__":
    main(sys.argv[1:])
