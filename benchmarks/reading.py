"""How fast files become clauses, by format: python -m benchmarks.reading [COPIES].

Each sample file is read COPIES times, changed a little, by as many children as there are processors; then once in a
process started for it alone, which is what forking saves.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from knowledge.clauses import split
from knowledge.read import Reading
from knowledge.read.files import Source, read_file, read_files

SAMPLES = Path("samples/documents")


def main(copies: int) -> None:
    """Print a row for every format, and one for all."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'format':<8}{'files':>7}{'clauses':>9}{'ms/file':>9}{'clauses/s':>11}{'ms alone':>10}")
        everything: list[Path] = []
        for ending in sorted({path.suffix for path in SAMPLES.iterdir() if path.name != "manifest.json"}):
            paths = [path for path in SAMPLES.iterdir() if path.suffix == ending and path.name != "manifest.json"]
            made = [copied(path, Path(folder), number) for path in paths for number in range(copies)]
            everything += made
            start = time.perf_counter()
            read_file(made[0])
            alone_s = time.perf_counter() - start
            measure(ending, made, f"{alone_s * 1000:10.0f}")
        measure("all", everything, "")


def copied(path: Path, folder: Path, number: int) -> Path:
    """Copy a file under another name."""
    return shutil.copy(path, folder / f"{number}-{path.name}")


def measure(name: str, paths: Sequence[Path], alone: str) -> None:
    """Read files and cut them into clauses, by the clock on the wall."""
    start = time.perf_counter()
    readings = read_files([Source(path, path.name) for path in paths])
    clauses = sum(len(split("d", reading.blocks)) for reading in readings if isinstance(reading, Reading))
    took = time.perf_counter() - start
    print(f"{name:<8}{len(paths):>7}{clauses:>9}{took / len(paths) * 1000:>9.1f}{clauses / took:>11.0f}{alone}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
