"""From the rows of a sheet to blocks: titles and notes as lines, the rest as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.read import Block, BlockKind

Row = tuple[str, ...]


def blocks_of(rows: Sequence[Row], sheet: str | None = None) -> Iterator[Block]:
    """Split rows at empty ones; each stretch is a table with the lines above and below it."""
    stretch: list[Row] = []
    for row in [*rows, ()]:
        if any(row):
            stretch.append(row)
        elif stretch:
            yield from _blocks(stretch, sheet)
            stretch = []


def _blocks(rows: list[Row], sheet: str | None) -> Iterator[Block]:
    """Tell lone lines above and below (a title, an as-of date, a note) from the table between them."""
    lone = [_is_line(row) for row in rows]
    first = next((i for i, line in enumerate(lone) if not line), len(rows))
    last = next((i for i in range(len(rows) - 1, -1, -1) if not lone[i]), -1)
    yield from (Block(BlockKind.PARAGRAPH, _line(row), sheet=sheet) for row in rows[:first])
    table = rows[first : last + 1]
    if len(table) == 1:
        yield Block(BlockKind.PARAGRAPH, " ".join(filter(None, table[0])), sheet=sheet)
    elif table:
        used = [i for i in range(len(table[0])) if any(row[i] for row in table)]
        yield Block(BlockKind.TABLE, rows=tuple(tuple(row[i] for i in used) for row in table), sheet=sheet)
    yield from (Block(BlockKind.PARAGRAPH, _line(row), sheet=sheet) for row in rows[max(last + 1, first) :])


def _is_line(row: Row) -> bool:
    """Tell a row that says one thing: a lone cell, or one merged over the sheet."""
    return len({cell for cell in row if cell}) == 1 and (sum(map(bool, row)) == 1 or all(row))


def _line(row: Row) -> str:
    return next(cell for cell in row if cell)
