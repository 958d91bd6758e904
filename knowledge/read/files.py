"""Read files, each in a child process of its own: a file that breaks its reader breaks nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.read import Block, BlockKind, Reading, Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. `inflated_mb` and `ratio` bound what a compressed file may unpack to."""

    size_mb: int = 50
    inflated_mb: int = 200
    ratio: int = 50
    memory_mb: int = 1500
    seconds: int = 60


def read_file(path: Path, limits: Limits | None = None) -> Reading:
    """Read one file. Raises Unreadable, saying why and what to do."""
    limits = limits or Limits()
    if not path.is_file():
        raise Unreadable("missing", "no such file; check the name")
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("empty", "the file is empty (0 bytes); upload it again")
    if size > limits.size_mb * 1_000_000:
        raise Unreadable(
            "too_large", f"{size / 1e6:.0f} MB, at most {limits.size_mb} MB are read; split or compress it"
        )
    command = [sys.executable, "-m", "knowledge.read.child", str(path), json.dumps(asdict(limits))]
    # Only what Python needs to start: a reader has no business with tokens and passwords.
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "PYTHONPATH") if name in os.environ}
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, capture_output=True, timeout=limits.seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"not read within {limits.seconds} seconds; split it or save it in a simpler format"
        raise Unreadable("too_slow", message) from error
    if child.returncode != 0:
        raise _casualty(child.returncode, child.stderr, limits)
    return _unpack(json.loads(child.stdout))


def read_files(paths: Sequence[Path], limits: Limits | None = None) -> Iterator[tuple[Path, Reading | Unreadable]]:
    """Read files with as many children at once as there are processors; results come in the order asked."""

    def attempt(path: Path) -> Reading | Unreadable:
        try:
            return read_file(path, limits)
        except Unreadable as refusal:
            return refusal

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as readers:
        yield from zip(paths, readers.map(attempt, paths), strict=True)


def _casualty(code: int, complaint: bytes, limits: Limits) -> Unreadable:
    """Say what a reader died of: its memory limit, or a fault of the file's (or of ours)."""
    last = complaint.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1]
    if "MemoryError" in last or code in (-9, -6):
        return Unreadable("too_large", f"needs more than {limits.memory_mb} MB of memory; split it")
    return Unreadable("broken", f"its reader failed ({last or f'signal {-code}'}); open it and save it again")


def _unpack(told: dict[str, Any]) -> Reading:
    if "reason" in told:
        raise Unreadable(told["reason"], told["message"])
    blocks = tuple(
        Block(BlockKind(kind), text, level, page, tuple(tuple(row) for row in rows))
        for kind, text, level, page, rows in told["blocks"]
    )
    return Reading(blocks, told["format"], told["title"], tuple(told["warnings"]))
