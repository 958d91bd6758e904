"""What reading one file may cost, and how a child process is held to it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: `memory_mb` in MiB of address space, `seconds` by the clock on the wall.

    `inflated_mb` and `ratio` bound what a compressed file may unpack to. Pages that are pictures
    and old Office files are read with the help of an engine, which needs more of both.
    """

    size_mb: int = 50
    inflated_mb: int = 200
    ratio: int = 150
    memory_mb: int = 512
    seconds: int = 60
    ocr_memory_mb: int = 2048
    ocr_seconds: int = 600
    office_memory_mb: int = 2048

    def for_engine(self, engine: str) -> Limits:
        """Give the limits that hold while `engine` ("ocr", "office", or "" for none) is at work."""
        if engine == "ocr":
            return replace(self, memory_mb=self.ocr_memory_mb, seconds=self.ocr_seconds)
        if engine == "office":
            return replace(self, memory_mb=self.office_memory_mb)
        return self


def confine(limits: Limits) -> None:
    """Bound this process in memory, processor time and files it writes, as far as the system knows such limits."""
    if hasattr(signal, "alarm"):
        # Should whoever watches this process be gone, it ends by itself.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(limits.seconds + 2)
    try:
        import resource
    except ImportError:
        return
    processor_s = (limits.seconds + 1) * (os.cpu_count() or 1)
    for limit, value in (
        (resource.RLIMIT_AS, limits.memory_mb * MIB),
        (resource.RLIMIT_CPU, processor_s),
        (resource.RLIMIT_FSIZE, limits.inflated_mb * MIB),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            # Only the soft limit: once an engine has done its work, what it made is read under the ordinary limits.
            resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))
        except (ValueError, OSError):
            # macOS knows RLIMIT_AS but refuses to set it.
            continue
