"""Tables as text, a line a row: what spreadsheets and databases export."""

from __future__ import annotations

import csv
import io

from knowledge.read import Reading, Unreadable
from knowledge.read.encodings import decode
from knowledge.read.grids import blocks_of

MOST_ROWS = 20_000


def read_csv(data: bytes) -> Reading:
    """Read comma-, tab- or semicolon-separated values. Raises Unreadable."""
    text = decode(data)
    first = next((line for line in text.split("\n") if line.strip()), "")
    separator = max(",\t;，", key=first.count)
    try:
        found = [tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), delimiter=separator)]
    except csv.Error as error:
        raise Unreadable("broken", f"its rows can't be told apart ({error}); save it as .xlsx") from error
    width = max(map(len, found), default=0)
    rows = [(*row, *[""] * (width - len(row))) for row in found[:MOST_ROWS]]
    warnings = (f"rows left out after the first {MOST_ROWS}",) if len(found) > MOST_ROWS else ()
    return Reading(tuple(blocks_of(rows)), "csv", warnings=warnings)
