"""How a Reply looks in a terminal: quotations with a bar at their left, sources dim, buttons numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from bot.channels.sources import source_line
from handlers.dialogue import File, Heading, Invitation, Items, Paragraph, Part, Quote, Reply, Table
from handlers.texts import Texts

WIDEST = 100  # columns; longer lines of Chinese are hard to read
# A word, or one character; opening signs stay with what follows, closing signs with what precedes.
PIECE = re.compile(
    r"[\u201c\u2018\u300a\u300c\u3010\u3014\uff08(\[]*(?:[^\s\u2e80-\uffef]+|\s|.)"
    r"[\u201d\u2019\u300b\u300d\u3011\u3015\uff09)\],.;:?\u3001\u3002\uff0c\uff1a\uff1b\uff1f]*"
)


class Folded:
    """Fold a text to the width there is, between any two Chinese characters but never before a closing sign.

    Rich folds at spaces, which Chinese does not have: lines would end where a number or a word begins.
    """

    def __init__(self, text: str, style: str = "") -> None:
        self._text = text
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in fold(self._text, options.max_width):
            yield Text(line, style=self._style, no_wrap=True, overflow="ignore")


class Barred:
    """Draw a bar at the left of every line of a renderable."""

    def __init__(self, inside: RenderableType) -> None:
        self._inside = inside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - 2, 10)
        for line in console.render_lines(self._inside, options.update_width(width), pad=False):
            yield Segment("▍ ", Style(color="cyan"))
            yield from line
            yield Segment.line()


def fold(text: str, width: int) -> list[str]:
    """Give the lines of a text, each at most `width` columns where its words allow."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in PIECE.findall(paragraph):
            if line and cell_len(line + piece.rstrip()) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
            # A word wider than the terminal, such as a link, is cut.
            while line.isascii() and len(line.rstrip()) > width:
                lines.append(line[:width])
                line = line[width:]
        lines.append(line.rstrip())
    return lines


def show(reply: Reply, texts: Texts) -> None:
    """Print a reply for a person at a screen."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDEST)
    console.print()
    for number, part in enumerate(reply.parts):
        if number:
            console.print()
        console.print(_drawn(part, texts, reply.language))
    if buttons := [button.drawn for row in reply.buttons for button in row]:
        console.print()
        console.print(_side_by_side(buttons, console.width, numbered=not reply.free_text))
    console.print()


def tell(words: str) -> None:
    """Print a remark of the terminal's own."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(Folded(words, "dim"))


def plain(reply: Reply, texts: Texts) -> str:
    """Write a reply for a pipe: no colours, no folding, one paragraph a line."""
    blocks = ["\n".join(_lines(part, texts, reply.language)) for part in reply.parts]
    if buttons := [button.drawn for row in reply.buttons for button in row]:
        blocks.append(
            "  ".join(
                f"[{label}]" if reply.free_text else f"[{place}] {label}" for place, label in enumerate(buttons, 1)
            )
        )
    return "\n\n".join(blocks)


def _side_by_side(labels: list[str], width: int, *, numbered: bool) -> Text:
    """Set buttons side by side as far as they fit, each after its number if that presses it."""
    line, used = Text(), 0
    for place, label in enumerate(labels, 1):
        number = f"{place} " if numbered else ""
        taken = cell_len(number + label)
        if used:
            line.append("\n" if used + 3 + taken > width else "   ")
            used = 0 if used + 3 + taken > width else used + 3
        line.append(number, style="bold cyan").append(label, style="" if numbered else "cyan")
        used += taken
    return line


def _drawn(part: Part, texts: Texts, language: str) -> RenderableType:
    match part:
        case Heading():
            return Text(part.text, style="bold")
        case Items():
            marks = (f"{n}. " if part.ordered else "• " for n in range(1, len(part.items) + 1))
            grid = RichTable.grid()
            for mark, item in zip(marks, part.items, strict=True):
                grid.add_row(Text(mark), Folded(item))
            return Padding(grid, (0, 0, 0, 1))
        case Table():
            return _table(part)
        case Quote():
            quoted: list[RenderableType] = [Folded(part.text)] if part.text else []
            quoted += [_table(part.table)] if part.table else []
            return Barred(Group(*quoted, Folded(source_line(part.source, texts, language), "dim")))
        case Invitation():
            return Folded(_invited(part, texts, language))
        case File():
            return Folded(texts("terminal.file", language, name=f"received/{part.name}"), "dim")
        case Paragraph():
            return Folded(part.text)


def _table(table: Table) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    for cell in table.header:
        drawn.add_column(Text(cell))
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def _lines(part: Part, texts: Texts, language: str) -> Iterator[str]:
    match part:
        case Heading() | Paragraph():
            yield part.text
        case Items():
            for number, item in enumerate(part.items, 1):
                yield f"{number}. {item}" if part.ordered else f"- {item}"
        case Table():
            for row in (part.header, *part.rows):
                yield " | ".join(row)
        case Invitation():
            yield from _invited(part, texts, language).split("\n")
        case File():
            yield texts("terminal.file", language, name=f"received/{part.name}")
        case Quote():
            words = part.text.splitlines()
            words += list(_lines(part.table, texts, language)) if part.table else []
            for line in words:
                yield f"> {line}"
            yield f"  {source_line(part.source, texts, language)}"


def _invited(part: Invitation, texts: Texts, language: str) -> str:
    """Write what is to be passed on; nobody can be led into a terminal by an address."""
    return f"{part.text}\n{part.page or texts('refer.code', language, command=part.command)}"
