"""Passages given one a line (`{"id","title","text"}`): how public data sets and other programs bring their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.read import Unreadable


@dataclass(frozen=True, slots=True)
class Passage:
    id: str
    title: str
    text: str


def read_passages(path: Path) -> Iterator[Passage]:
    """Read a JSONL file. Raises Unreadable naming the first line that is not a passage."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _passage(line, number)
    except UnicodeDecodeError as error:
        raise Unreadable("broken", f"not UTF-8 text ({error.reason}); save it as UTF-8") from error


def _passage(line: str, number: int) -> Passage:
    try:
        entry = json.loads(line)
        return Passage(str(entry["id"]), str(entry.get("title") or ""), str(entry["text"]))
    except (ValueError, KeyError, TypeError) as error:
        message = f'line {number} is not {{"id","title","text"}}: {error!r}'
        raise Unreadable("broken", message) from error
