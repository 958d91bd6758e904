"""Excel files: every visible sheet with its tables, title rows and notes, cells as a reader of the sheet sees them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.grids import Row, blocks_of
from knowledge.read.hidden import Hidden

# No list of a county is longer; what is, is an export nobody reads in chat.
MOST_ROWS = 20_000
MOST_COLUMNS = 200

_LARGE = 4_000_000  # bytes of a sheet above which it is worth slimming
# Cells that only carry a format, and rows of nothing else: sheets formatted to their last row have a million.
_EMPTY_CELL = re.compile(rb"<c\b[^<>]*/>")
_EMPTY_ROW = re.compile(rb"<row\b[^<>]*/>|<row\b[^<>]*>\s*</row>")
_UNCOUNTED = re.compile(rb"<c\b[^<>]*><f\b[^<>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")


def read_xlsx(data: bytes) -> Reading:
    """Read an Excel file. Hidden sheets, rows and columns and cell notes are left out and reported."""
    try:
        data, uncounted = _slimmed(data)
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except (
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        AttributeError,
        SyntaxError,
        InvalidFileException,
    ) as error:
        raise Unreadable("broken", f"Excel can't have written this ({error}); open it and save it again") from error
    reader = _Reader()
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in book.worksheets:
        if sheet not in visible:
            reader.hidden.words(f"{sheet.title}: {_first_words(sheet)}")
    blocks = [block for sheet in visible for block in reader.sheet(sheet, named=len(visible) > 1)]
    warnings = [*reader.hidden.warnings()]
    warnings += [f"rows left out after the first {MOST_ROWS}"] if reader.cut else []
    warnings += [f"formulas without a value: {uncounted}; open it in Excel or WPS and save it"] if uncounted else []
    return Reading(tuple(blocks), "xlsx", book.properties.title or None, tuple(warnings))


def _slimmed(data: bytes) -> tuple[bytes, int]:
    """Take the empty cells out of very large sheets; also count formulas whose value was never worked out."""
    uncounted = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [part for part in archive.infolist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename)]
        large = {part.filename for part in sheets if part.file_size > _LARGE}
        for part in sheets:
            if part.filename not in large:
                uncounted += len(_UNCOUNTED.findall(archive.read(part)))
        if not large:
            return data, uncounted
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as slim:
            for part in archive.infolist():
                content = archive.read(part)
                if part.filename in large:
                    content = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", content))
                    uncounted += len(_UNCOUNTED.findall(content))
                slim.writestr(part.filename, content)
        return out.getvalue(), uncounted


def _first_words(sheet: Any) -> str:
    return " ".join(_text(cell) for _, cell in sorted(sheet._cells.items())[:20])


class _Reader:
    def __init__(self) -> None:
        self.hidden = Hidden()
        self.cut = False

    def sheet(self, sheet: Any, *, named: bool) -> Iterator[Block]:
        """Give a sheet's name, then its stretches of rows: titles and notes as lines, the rest as tables."""
        rows = self._rows(sheet)
        if not rows:
            return
        if named:
            yield Block(BlockKind.HEADING, str(sheet.title).strip(), 1, sheet=str(sheet.title).strip())
        yield from blocks_of(rows, str(sheet.title).strip())

    def _rows(self, sheet: Any) -> list[Row]:
        """Give the rows that are seen, with every merged cell's words in each cell it covers."""
        covered = _covered(sheet)
        # `iter_rows` would make a cell for every place up to the last one, be it a million rows down.
        held: dict[int, dict[int, Any]] = {}
        for (row, column), cell in sorted(sheet._cells.items()):
            if cell.comment is not None:
                self.hidden.comment(cell.comment.text or "")
            if cell.value is None:
                continue
            if _is_unseen(cell):
                self.hidden.words(str(cell.value))
            elif column <= MOST_COLUMNS:
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
            if sheet.row_dimensions[number].hidden or sheet.row_dimensions[number].height == 0:
                self.hidden.words(" ".join(_text(cell) for cell in cells.values()))
                continue
            self.hidden.words(" ".join(_text(cell) for column, cell in cells.items() if column not in shown))
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
        (settings.hidden or settings.width == 0) and (settings.min or 0) <= column <= (settings.max or 0)
        for settings in sheet.column_dimensions.values()
    )


def _text(cell: Any) -> str:
    """Write a cell as the sheet shows it: percentages as such, days as days, whole numbers without a point."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    shown_as = cell.number_format or ""
    if isinstance(value, datetime):
        if "d" not in re.sub(r'"[^"]*"|\[[^\]]*\]', "", shown_as.lower()) and "y" in shown_as.lower():
            return value.strftime("%Y-%m")
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value, shown_as)
    return re.sub(r"\s*\n\s*", " ", str(value)).strip()


def _number(value: float, shown_as: str) -> str:
    """Write a number with the words its format puts around it (0"万元"); a percentage as such."""
    shown_as = re.sub(r"\[[^\]]*\]", "", shown_as.split(";")[0])
    before, after = (
        re.split(r"[0#?](?:.*[0#?])?", f"{shown_as} ", maxsplit=1) if re.search(r"[0#?]", shown_as) else ("", "")
    )
    percent = "%" in after
    # Fifteen digits are what Excel keeps; more is noise of binary fractions.
    number = Decimal(f"{value * 100 if percent else value:.15g}").normalize()
    unit = "".join(re.findall(r'"([^"]*)"', after)).strip()
    return f"{''.join(re.findall(r'[¥￥$€]', before))}{number:f}{'%' if percent else ''}{unit}"


def _is_unseen(cell: Any) -> bool:
    """Tell a cell that shows nothing: white on no ground, or in a format that is empty."""
    if not cell.has_style:
        return False
    if (cell.number_format or "").replace(" ", "").strip('"') == ";;;":
        return True
    color = cell.font.color if cell.font is not None else None
    if color is None or (cell.fill is not None and cell.fill.fill_type not in (None, "none")):
        return False
    if color.type == "theme":
        return color.theme == 0 and not color.tint
    return color.type == "rgb" and str(color.rgb).upper()[-6:] == "FFFFFF"
