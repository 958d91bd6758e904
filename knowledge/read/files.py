"""Read files, each in a child process of its own: a file that breaks its reader breaks nothing else."""

from __future__ import annotations

import json
import os
import queue
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.limits import Limits

# How much later than its own clock a nursery is given up.
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file's bytes are: a path, or a place in the archive there. `name` tells its format."""

    path: Path
    name: str
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its place, its name there and the SHA-256 of its content."""

    place: int
    name: str
    content: str


def read_file(path: Path, limits: Limits | None = None) -> Reading:
    """Read one file. Raises Unreadable, saying why and what to do."""
    nursery = _Nursery()
    try:
        return _read(Source(path, path.name), limits or Limits(), nursery)
    finally:
        nursery.close()


def read_files(sources: Sequence[Source], limits: Limits | None = None) -> Iterator[Reading | Unreadable]:
    """Read files with as many children at once as there are processors; results come in the order asked."""
    limits = limits or Limits()

    with _nurseries(min(os.cpu_count() or 1, len(sources))) as borrow:

        def attempt(source: Source) -> Reading | Unreadable:
            try:
                with borrow() as nursery:
                    return _read(source, limits, nursery)
            except Unreadable as refusal:
                return refusal

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as readers:
            yield from readers.map(attempt, sources)


@dataclass(frozen=True, slots=True)
class Archive:
    """What is in a ZIP archive: its files, those that can't be had, and its manifests by folder."""

    members: tuple[Member, ...]
    refused: tuple[tuple[str, Unreadable], ...]
    manifests: tuple[tuple[str, str], ...]


def list_archive(path: Path, limits: Limits | None = None) -> Archive:
    """Look into a ZIP archive. Raises Unreadable for the whole of it."""
    limits = limits or Limits()
    check(path, limits)
    nursery = _Nursery()
    try:
        told = nursery.ask("list", Source(path, path.name), limits)
    finally:
        nursery.close()
    if "reason" in told:
        raise Unreadable(told["reason"], told["message"])
    return Archive(
        tuple(Member(place, name, content) for place, name, content in told["members"]),
        tuple((name, Unreadable(reason, message)) for name, reason, message in told["refused"]),
        tuple((folder, text) for folder, text in told["manifests"]),
    )


def check(path: Path, limits: Limits | None = None) -> None:
    """Refuse what needs no reader to be refused: no ordinary file, empty, too large. Raises Unreadable."""
    limits = limits or Limits()
    try:
        found = path.stat()
    except OSError as error:
        if path.is_symlink():
            raise Unreadable("irregular", "it is a link that leads nowhere; put the file itself here") from error
        raise Unreadable("missing", "no such file; check the name") from error
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
        raise Unreadable("irregular", f"it is {kind}, not a file")
    if found.st_size == 0:
        raise Unreadable("empty", "the file is empty (0 bytes); upload it again")
    if found.st_size > limits.size_mb * 1_000_000:
        size = f"{found.st_size / 1e6:.0f} MB"
        raise Unreadable("too_large", f"{size}, at most {limits.size_mb} MB are read; split or compress it")


def _read(source: Source, limits: Limits, nursery: _Nursery) -> Reading:
    check(source.path, limits)
    told = nursery.ask("read", source, limits)
    if "needs" in told:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as workshop:
            told = nursery.ask("read", source, limits, told["needs"], workshop)
    if "reason" in told:
        raise Unreadable(told["reason"], told["message"])
    blocks = tuple(
        Block(BlockKind(kind), text, level, page, tuple(map(tuple, rows)), sheet)
        for kind, text, level, page, rows, sheet in told["blocks"]
    )
    return Reading(blocks, told["format"], told["title"], tuple(told["warnings"]))


class _Nursery:
    """A process that forks a child for every file (see knowledge.read.nursery), started when first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(
        self, task: str, source: Source, limits: Limits, engine: str = "", workshop: str | None = None
    ) -> dict[str, Any]:
        """Have a child do a task. Raises Unreadable if it died of the file."""
        request = {
            "task": task,
            "path": str(source.path),
            "name": source.name,
            "member": source.member,
            "limits": asdict(limits),
            "engine": engine,
            "workshop": workshop,
        }
        held = limits.for_engine(engine)
        process = self._started()
        # The nursery watches its child by the clock; should it fail to, we watch the nursery.
        watch = threading.Timer(held.seconds + _GRACE_S, process.kill)
        watch.start()
        try:
            status, said = _exchange(process, request)
        finally:
            watch.cancel()
        if status is None or not hasattr(os, "fork"):
            self.close()
        if status == "0":
            told: dict[str, Any] = json.loads(said)
            return told
        raise _casualty(status, held)

    def close(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "knowledge.read.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=reader_environment(),
                # Ctrl-C is for us to handle, not for everything that reads.
                start_new_session=True,
            )
        return self._process


def reader_environment() -> dict[str, str]:
    """Give only what Python needs to start: a reader has no business with tokens and passwords."""
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "SYSTEMROOT")
    # One thread each: as many files are read at once as there are processors, and threads don't survive a fork.
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@contextmanager
def _nurseries(count: int) -> Iterator[Any]:
    """Hold so many nurseries, lent out one at a time."""
    idle: queue.SimpleQueue[_Nursery] = queue.SimpleQueue()
    everyone = [_Nursery() for _ in range(count)]
    for nursery in everyone:
        idle.put(nursery)

    @contextmanager
    def borrow() -> Iterator[_Nursery]:
        nursery = idle.get()
        try:
            yield nursery
        finally:
            idle.put(nursery)

    try:
        yield borrow
    finally:
        for nursery in everyone:
            nursery.close()


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any]) -> tuple[str | None, bytes]:
    """Send a request, take the answer; no status if the process is gone."""
    if process.stdin is None or process.stdout is None:
        return None, b""
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        head = process.stdout.readline().split()
        if len(head) != 2:
            return None, b""
        said = process.stdout.read(int(head[1]))
    except OSError:
        return None, b""
    return (head[0].decode(), said) if len(said) == int(head[1]) else (None, b"")


def _casualty(status: str | None, limits: Limits) -> Unreadable:
    """Say what a child died of: the clock, its memory limit, or a fault of the file's (or of ours)."""
    # SIGXCPU and SIGALRM are its own clocks.
    if status is None or status in ("slow", "-24", "-14"):
        return Unreadable(
            "too_slow", f"not read within {limits.seconds} seconds; split it or save it in a simpler format"
        )
    # Native code ends itself when it gets no memory; SIGKILL is the system's own answer to that.
    if status in ("-9", "-6", "-4", "-5"):
        return Unreadable("too_large", f"needs more than {limits.memory_mb} MB of memory; split it")
    return Unreadable("broken", f"its reader crashed (status {status}); open it and save it again")
