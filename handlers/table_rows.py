"""One row of a table that an answer shows whole: its buttons, and the row alone with its header and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.buttons import Action
from handlers.dialogue import Button
from handlers.voice import Voice
from knowledge.citing import Citation

FEWEST, MOST = 3, 10  # rows below the header: fewer are read at a glance, more are no choice
LONGEST = 16  # characters by which a row is named on a button
A_LINE = 20  # characters of the buttons that stand beside each other


def choices(voice: Voice, citations: Sequence[Citation], token: str, *, but: int | None = None) -> list[list[Button]]:
    """Give a button for each row of the first table among some citations, maybe but for one that is shown already.

    None where rows can't be told by a name.
    """
    found = _first_table(citations)
    rows: list[list[Button]] = []
    room = 0
    for index, name in enumerate(_names(found) if found else ()):
        if index == but:
            continue
        button = Button(label=voice.text("ask.row", row=name), data=Action("row", f"{token}.{index}").data)
        if not rows or room < len(button.label):
            rows.append([])
            room = A_LINE
        rows[-1].append(button)
        room -= len(button.label)
    return rows


def only_row(citations: Sequence[Citation], index: int) -> tuple[str, Citation] | None:
    """Give a row's name, and its citation with nothing but header and row; None for a row there is not."""
    found = _first_table(citations)
    names = _names(found) if found else ()
    if found is None or not 0 <= index < len(names):
        return None
    return names[index], replace(found, rows=(found.rows[0], found.rows[index + 1]))


def _first_table(citations: Sequence[Citation]) -> Citation | None:
    return next((one for one in citations if FEWEST <= len(one.rows) - 1 <= MOST), None)


def _names(table: Citation) -> tuple[str, ...]:
    """Give what rows are called by the first column that tells them apart, not merely numbers them."""
    for column in range(min(2, len(table.rows[0]))):
        names = tuple(row[column].strip() for row in table.rows[1:])
        if all(name.isdecimal() for name in names):
            continue
        told_apart = len(set(names)) == len(names)
        return names if told_apart and all(0 < len(name) <= LONGEST for name in names) else ()
    return ()
