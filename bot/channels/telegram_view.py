"""How a Reply looks in Telegram: pieces of at most 4,096 UTF-16 units, HTML entities, keyboards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from bot.channels.sources import source_line
from handlers.dialogue import Button, File, Heading, Invitation, Items, Paragraph, Part, Quote, Reply, Table
from handlers.texts import Texts

# Bot API, sendMessage: text of 1-4096 characters after entities parsing; characters are UTF-16 units.
LIMIT = 4096
WIDEST_TABLE = 36  # columns a telephone shows in its fixed-width font
WIDEST_ROW = 34  # columns of labels side by side before a telephone cuts them short
MOST_IN_A_ROW = 8
GAP = "\n\n"
NO_WORDS = "…"  # buttons can't stand without words

# Where a text may be cut, best first; a cut comes after the match.
BORDERS = tuple(re.compile(border) for border in (r"\n\s*\n", r"\n", r"[。！？；]|[.!?;](?=\s)", r"[，、,]|\s"))
JOINED = frozenset("\u200d\ufe0e\ufe0f")


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: HTML, the same without tags, and the keyboard below it, if any; or a file."""

    html: str
    plain: str
    markup: dict[str, Any] | None = None
    file: File | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """Words under one tag ("" for none); `gap` separates it from what stands before, unless it stands `alone`."""

    text: str
    tag: str = ""
    gap: str = GAP
    alone: bool = False

    @property
    def html(self) -> str:
        words = escape(self.text, quote=False)
        return f"<{self.tag}>{words}</{self.tag}>" if self.tag else words

    @property
    def taken(self) -> int:
        return _units(self.gap) + _units(self.text)


def pieces(reply: Reply, texts: Texts, *, apart: bool = False, bot: str = "") -> list[Piece]:
    """Give the messages that show a reply, in order; files come first. The last one carries the keyboard.

    `apart` gives the first words a message of their own if there are others. `bot` is our own user name.
    """
    messages: list[list[_Block]] = []
    room = 0
    for block in _short(_blocks(reply, texts, bot)):
        taken = block.taken
        if taken > room or block.alone:
            # A heading goes along with what it heads.
            heading = messages[-1][-1] if messages and len(messages[-1]) > 1 else None
            carries = heading is not None and heading.tag == "b" and heading.taken + taken <= LIMIT
            carried = carries and not block.alone
            messages.append([messages[-1].pop()] if carried else [])
            room = LIMIT - sum(block.taken for block in messages[-1])
        messages[-1].append(block)
        # What is to be passed on is a message of its own, to be forwarded as it is.
        room = 0 if block.alone or (apart and len(messages) == 1) else room - taken
    if not messages and reply.buttons:
        messages.append([_Block(NO_WORDS)])
    shown = [Piece(_joined(m, html=True), _joined(m, html=False)) for m in messages]
    if shown:
        shown[-1] = replace(shown[-1], markup=_keyboard(reply))
    files = [Piece(part.name, part.name, file=part) for part in reply.parts if isinstance(part, File)]
    return [*files, *shown]


def _joined(message: Sequence[_Block], *, html: bool) -> str:
    first, *others = message
    words = [first.html if html else first.text]
    for block in others:
        words += [block.gap, block.html if html else block.text]
    return "".join(words)


def _blocks(reply: Reply, texts: Texts, bot: str) -> Iterator[_Block]:
    for part in reply.parts:
        for block in _drawn(part, reply.language, texts, bot):
            # Telegram trims what it shows; blank words would make an empty message.
            if block.text.strip():
                yield replace(block, text=block.text.rstrip() if block.tag == "pre" else block.text.strip())


def _drawn(part: Part, language: str, texts: Texts, bot: str) -> Iterator[_Block]:
    match part:
        case Paragraph():
            yield _Block(part.text)
        case Heading():
            yield _Block(part.text, "b")
        case Items():
            marks = (f"{n}." if part.ordered else "•" for n in range(1, len(part.items) + 1))
            yield _Block("\n".join(f"{mark} {item}" for mark, item in zip(marks, part.items, strict=True)))
        case Table():
            yield _table(part, language)
        case Quote():
            yield _Block(part.text, "blockquote")
            if part.table:
                # A fixed-width block can't stand inside a quotation.
                table = _table(part.table, language)
                yield table if table.tag else replace(table, tag="blockquote")
            yield _Block(source_line(part.source, texts, language), "i", gap="\n")
        case Invitation():
            # Core: deep links, t.me/BOT?start=PAYLOAD.
            ways = [part.page, f"https://t.me/{bot}?start={part.start}"]
            yield _Block("\n".join([part.text, *filter(None, ways)]), alone=True)


def _table(table: Table, language: str) -> _Block:
    """Draw a narrow table in columns; a wide one row by row, each cell after its header."""
    rows = [[" ".join(cell.split()) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(map(columns, cells)) for cells in zip(*rows, strict=False)]
    if sum(widths) + 2 * (len(widths) - 1) <= WIDEST_TABLE and all(len(row) == len(widths) for row in rows):
        return _Block("\n".join(_set(row, widths) for row in rows), "pre")
    colon = "：" if language.startswith("zh") else ": "
    header, *body = rows
    told = []
    for row in body:
        names = [*header, *[""] * len(row)]
        told.append("\n".join(f"{name}{colon}{cell}" if name else cell for name, cell in zip(names, row, strict=False)))
    return _Block(GAP.join(told) or "\n".join(header))


def _set(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()


def columns(text: str) -> int:
    """Count the columns of a fixed-width font: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _short(blocks: Iterable[_Block]) -> Iterator[_Block]:
    """Cut every block that is too long for one message."""
    for block in blocks:
        rest = block
        while _units(rest.text) > LIMIT - len(GAP):
            cut = _cut(rest.text, LIMIT - len(GAP))
            yield replace(rest, text=rest.text[:cut].rstrip())
            rest = replace(rest, text=rest.text[cut:].lstrip(), gap="\n")
        yield rest


def _cut(text: str, limit: int) -> int:
    """Find where to cut so that what comes before has at most `limit` UTF-16 units."""
    end = min(len(text), limit)
    while _units(text[:end]) > limit:
        end -= max(1, (_units(text[:end]) - limit) // 2)
    for border in BORDERS:
        # A cut in the first half would leave a short message for the sake of a tidy end.
        ends = [found.end() for found in border.finditer(text, end // 2, end)]
        if ends:
            return ends[-1]
    while end > 1 and (unicodedata.combining(text[end]) or {text[end], text[end - 1]} & JOINED):
        end -= 1
    return end


def _units(text: str) -> int:
    """Count UTF-16 units, which are Telegram's characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _keyboard(reply: Reply) -> dict[str, Any] | None:
    if reply.ask_contact:
        # Only a keyboard in place of the letters can share a contact. It replaces the buttons, too:
        # their labels come back as words, which the front desk takes for a press.
        rows: list[list[dict[str, Any]]] = [[{"text": reply.ask_contact, "request_contact": True}]]
        rows += [[{"text": button.drawn} for button in row] for row in _rows(reply.buttons)]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    if not reply.buttons:
        return None
    return {
        "inline_keyboard": [
            [{"text": button.drawn, "callback_data": button.data} for button in row] for row in _rows(reply.buttons)
        ]
    }


def _rows(rows: Iterable[Sequence[Button]]) -> Iterator[list[Button]]:
    """Give rows that a telephone can show: labels too wide to stand side by side stand below each other."""
    for row in rows:
        taken: list[Button] = []
        for button in row:
            width = sum(columns(other.drawn) + 3 for other in taken) + columns(button.drawn)
            if taken and (width > WIDEST_ROW or len(taken) == MOST_IN_A_ROW):
                yield taken
                taken = []
            taken.append(button)
        if taken:
            yield taken
