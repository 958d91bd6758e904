"""Excel files: every visible sheet with its tables, title rows and notes, cells as a reader of the sheet sees them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.read import Block, BlockKind, Reading, Unreadable

# No list of a county is longer; what is, is an export nobody reads in chat.
MOST_ROWS = 20_000
MOST_COLUMNS = 200

Row = tuple[str, ...]


def read_xlsx(data: bytes) -> Reading:
    """Read an Excel file. Hidden sheets, rows and columns and cell notes are left out and reported."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except (
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        zipfile.BadZipFile,
        SyntaxError,
        InvalidFileException,
    ) as error:
        raise Unreadable("broken", f"Excel can't have written this ({error}); open it and save it again") from error
    reader = _Reader()
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    reader.hidden += len(book.worksheets) - len(visible)
    blocks = [block for sheet in visible for block in reader.sheet(sheet, named=len(visible) > 1)]
    warnings = [f"hidden words left out: {reader.hidden} places"] if reader.hidden else []
    warnings += [f"rows left out after the first {MOST_ROWS}"] if reader.cut else []
    return Reading(tuple(blocks), "xlsx", book.properties.title or None, tuple(warnings))


class _Reader:
    def __init__(self) -> None:
        self.hidden = 0
        self.cut = False

    def sheet(self, sheet: Any, *, named: bool) -> Iterator[Block]:
        """Give a sheet's name, then its stretches of rows: titles and notes as lines, the rest as tables."""
        rows = self._rows(sheet)
        if not rows:
            return
        if named:
            yield Block(BlockKind.HEADING, str(sheet.title).strip(), 1)
        for stretch in _stretches(rows):
            yield from _blocks(stretch)

    def _rows(self, sheet: Any) -> list[Row]:
        """Give the rows that are seen, with every merged cell's words in each cell it covers."""
        covered = _covered(sheet)
        # `iter_rows` would make a cell for every place up to the last one, be it a million rows down.
        held: dict[int, dict[int, Any]] = {}
        for (row, column), cell in sorted(sheet._cells.items()):
            self.hidden += cell.comment is not None
            if cell.value is not None and column <= MOST_COLUMNS:
                held.setdefault(row, {})[column] = cell
        for (row, column), holder in covered.items():
            held.setdefault(row, {}).setdefault(column, holder)
        width = max((column for cells in held.values() for column in cells), default=0)
        shown = [column for column in range(1, width + 1) if not _hides(sheet, column)]
        found: list[Row] = []
        before = 0
        for number, cells in sorted(held.items()):
            if number > MOST_ROWS:
                self.cut = True
                break
            if sheet.row_dimensions[number].hidden:
                self.hidden += 1
                continue
            self.hidden += any(column not in shown for column in cells)
            if number > before + 1:
                found.append(())
            before = number
            found.append(tuple(_text(cells.get(column)) for column in shown))
        return found


def _covered(sheet: Any) -> dict[tuple[int, int], Any]:
    """Map every cell under a merged one to the cell that holds its words."""
    found: dict[tuple[int, int], Any] = {}
    for merged in sheet.merged_cells.ranges:
        holder = sheet.cell(merged.min_row, merged.min_col)
        last_row, last_column = min(merged.max_row, MOST_ROWS), min(merged.max_col, MOST_COLUMNS)
        # A merged range of a million cells is a painted background.
        if holder.value is not None and (last_row - merged.min_row + 1) * (last_column - merged.min_col + 1) <= 10_000:
            for row in range(merged.min_row, last_row + 1):
                for column in range(merged.min_col, last_column + 1):
                    found[row, column] = holder
    return found


def _hides(sheet: Any, column: int) -> bool:
    return any(
        settings.hidden and (settings.min or 0) <= column <= (settings.max or 0)
        for settings in sheet.column_dimensions.values()
    )


def _stretches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split rows at empty ones."""
    stretch: list[Row] = []
    for row in [*rows, ()]:
        if any(row):
            stretch.append(row)
        elif stretch:
            yield stretch
            stretch = []


def _blocks(rows: list[Row]) -> Iterator[Block]:
    """Tell lone lines above and below (a title, an as-of date, a note) from the table between them."""
    lone = [_is_line(row) for row in rows]
    first = next((i for i, line in enumerate(lone) if not line), len(rows))
    last = next((i for i in range(len(rows) - 1, -1, -1) if not lone[i]), -1)
    yield from (Block(BlockKind.PARAGRAPH, _line(row)) for row in rows[:first])
    table = rows[first : last + 1]
    if len(table) == 1:
        yield Block(BlockKind.PARAGRAPH, " ".join(filter(None, table[0])))
    elif table:
        used = [i for i in range(len(table[0])) if any(row[i] for row in table)]
        yield Block(BlockKind.TABLE, rows=tuple(tuple(row[i] for i in used) for row in table))
    yield from (Block(BlockKind.PARAGRAPH, _line(row)) for row in rows[max(last + 1, first) :])


def _is_line(row: Row) -> bool:
    """Tell a row that says one thing: a lone cell, or one merged over the sheet."""
    return len({cell for cell in row if cell}) == 1 and (sum(map(bool, row)) == 1 or all(row))


def _line(row: Row) -> str:
    return next(cell for cell in row if cell)


def _text(cell: Any) -> str:
    """Write a cell as the sheet shows it: percentages as such, days as days, whole numbers without a point."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format or "")
    return re.sub(r"\s*\n\s*", " ", str(value)).strip()


def _number(value: float, shown_as: str) -> str:
    percent = "%" in shown_as
    # Fifteen digits are what Excel keeps; more is noise of binary fractions.
    number = Decimal(f"{value * 100 if percent else value:.15g}").normalize()
    return f"{number:f}{'%' if percent else ''}"
