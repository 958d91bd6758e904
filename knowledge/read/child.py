"""The child process that reads one file: `python -m knowledge.read.child PATH LIMITS`, JSON on standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from knowledge.read import Unreadable
from knowledge.read.files import Limits
from knowledge.read.formats import read_bytes


def main() -> None:
    """Read the file under the limits given and print what it says, or why it can't be read."""
    path, limits = Path(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    _confine(limits)
    try:
        reading = read_bytes(path.read_bytes(), path.name, limits)
    except Unreadable as refusal:
        told: dict[str, object] = {"reason": refusal.reason, "message": str(refusal)}
    else:
        told = {
            "format": reading.format,
            "title": reading.title,
            "warnings": reading.warnings,
            "blocks": [(b.kind.value, b.text, b.level, b.page, b.rows) for b in reading.blocks],
        }
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))


def _confine(limits: Limits) -> None:
    """Bound memory, processor time and core files; where the system has no such limits, the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    memory = limits.memory_mb * 1_000_000
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):
            # macOS knows RLIMIT_AS but refuses to set it.
            continue


if __name__ == "__main__":
    main()
