"""From a page's lines to paragraphs and tables: what PDFs and recognised pictures have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.numbering import halved, mark_of
from knowledge.read import Block, BlockKind

Rows = tuple[tuple[str, ...], ...]

_PAGE_NUMBER = re.compile(
    r"[-—–·.\s]*(?:第?\s*\d{1,4}\s*页?(?:\s*[,,/共]\s*(?:共\s*)?\d{1,4}\s*页?)?|第[一二三四五六七八九十百]+页|"
    r"page\s*\d+(?:\s*of\s*\d+)?)[-—–·.\s]*",
    re.IGNORECASE,
)
_EDGE = 0.12  # the share of a page that headers, and footers, stand in
# What a number is parted by from its words is a blank people write.
_NUMBER = re.compile(r"\s*(第\S{1,7}[编章节条]|附\s?[件表录]\s?\d*)\s+")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page in points (or pixels for a picture); `top` counts from the page's upper edge."""

    text: str
    page: int
    left: float
    right: float
    top: float
    height: float
    share: float  # where on the page: 0 its upper, 1 its lower edge


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table found by its lines, and where it stands on its page."""

    top: float
    bottom: float
    rows: Rows


def blocks_of(pages: Sequence[Sequence[Line]], tables: Mapping[int, Sequence[RuledTable]]) -> list[Block]:
    """Put lines back into paragraphs and tables in their places; `tables` by page number, from 1."""
    return list(_joined_tables(list(_blocks(_without_furniture(pages), tables))))


def _without_furniture(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """Drop page numbers, and what stands at the same edge of most pages (or of most odd or even ones)."""
    edges = [[line for line in lines if _at_edge(line)] for lines in pages]
    seen = Counter((shape, line_top) for lines in edges for shape, line_top in {_place(line) for line in lines})
    written = sum(1 for lines in pages if lines)
    # Left and right pages may have headers of their own, and a title page none.
    needed = max(2, 0.6 * written if written < 4 else 0.3 * written)
    common = {place for place, count in seen.items() if count >= needed}
    return [
        line
        for lines in pages
        for line in lines
        if not (_at_edge(line) and (_place(line) in common or _PAGE_NUMBER.fullmatch(line.text)))
    ]


def _at_edge(line: Line) -> bool:
    return line.share < _EDGE or line.share > 1 - _EDGE


def _place(line: Line) -> tuple[str, bool]:
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", line.text)), line.share < 0.5


def _blocks(lines: Sequence[Line], tables: Mapping[int, Sequence[RuledTable]]) -> Iterator[Block]:
    """Join lines into paragraphs, and put tables where they stood."""
    inside = {id(line): _table_at(line, tables) for line in lines}
    prose = [line for line in lines if inside[id(line)] is None]
    # Most lines of a text are full; the ninth decile is their edge whatever headings do.
    rights = sorted(line.right for line in prose)
    margin = rights[int(0.9 * (len(rights) - 1))] if rights else 0.0
    edge = _usual([line.left for line in prose])
    told: set[tuple[int, float]] = set()
    held: list[Line] = []
    for line in lines:
        table = inside[id(line)]
        if table is not None:
            yield from _paragraph(held)
            held = []
            if (line.page, table.top) not in told:
                told.add((line.page, table.top))
                yield Block(BlockKind.TABLE, rows=table.rows, page=line.page)
        elif held and _goes_on(held, line, margin, edge):
            held.append(line)
        else:
            yield from _paragraph(held)
            held = [line]
    yield from _paragraph(held)


def _table_at(line: Line, tables: Mapping[int, Sequence[RuledTable]]) -> RuledTable | None:
    middle = line.top + line.height / 2
    return next((t for t in tables.get(line.page, ()) if t.top - 1 <= middle <= t.bottom + 1), None)


def _paragraph(lines: Sequence[Line]) -> Iterator[Block]:
    if lines:
        words = lines[0].text
        for line in lines[1:]:
            words = joined(words, line.text)
        yield Block(BlockKind.PARAGRAPH, words, page=lines[0].page)


def joined(before: str, after: str) -> str:
    """Join two lines of one paragraph: figures and Chinese words without a gap, Latin words with one."""
    if before[-1:] == "-" and before[-2:-1].isascii() and before[-2:-1].isalpha() and after[:1].islower():
        return before[:-1] + after
    latin = before[-1:].isascii() and after[:1].isascii()
    gap = latin and (before[-1:].isalpha() or before[-1:] in ",.;:") and after[:1].isalnum()
    return f"{before}{' ' if gap and not (before[-1:] in ',.' and after[:1].isdigit()) else ''}{after}"


def tightened(text: str) -> str:
    """Take out the blanks that justified lines leave between Chinese characters and inside figures."""
    number = _NUMBER.match(text)
    head = f"{number.group(1)} " if number else ""
    rest = text[number.end() :] if number else text
    return head + re.sub(rf"(?<=[{_CJK}]) +(?=[{_CJK}\d])|(?<=\d) +(?=[{_CJK}])", "", rest)


def _goes_on(held: Sequence[Line], line: Line, margin: float, edge: float) -> bool:
    """Tell whether a line goes on with the sentence of the line before it."""
    before = held[-1]
    if mark_of(line.text) is not None and not _is_torn(before, line):
        return False
    em = max(before.height, line.height, 1.0)
    if line.left > edge + 1.2 * em and not abs(line.left - before.left) < 0.5 * em:
        return False
    if line.page == before.page and line.top - before.top > 3.5 * em:
        return False
    # Type of another size is another thing: a heading, a note.
    if max(before.height, line.height) > 1.5 * min(before.height, line.height):
        return False
    # A line may end a little early where the next word would not fit; a figure never ends a paragraph.
    return before.right >= margin - 6 * em or before.text[-1:].isdigit() or halved(before.text).endswith(",")


def _is_torn(before: Line, line: Line) -> bool:
    """Tell a figure broken in two from a number that opens a point: "每月1" / "200. 元" against "1. 材料"."""
    return before.text[-1:].isdigit() and bool(re.match(r"\d", line.text)) and not re.match(r"\d{1,2}[.、]", line.text)


def _usual(places: Sequence[float]) -> float:
    """Give where most lines begin, to the nearest few points."""
    counted = Counter(round(place / 6) * 6 for place in places)
    return float(counted.most_common(1)[0][0]) if counted else 0.0


def _joined_tables(blocks: list[Block]) -> Iterator[Block]:
    """Join a table that goes on overleaf: the next block, as many columns, its header repeated or not."""
    held: Block | None = None
    last_page = 0
    for block in blocks:
        if held is not None and _continues(held, block, last_page):
            held = replace(held, rows=(*held.rows, *_continuation(held.rows, block.rows)))
        else:
            if held is not None:
                yield held
            held = block
        last_page = block.page or 0
    if held is not None:
        yield held


def _continues(held: Block, block: Block, last_page: int) -> bool:
    return (
        held.kind is block.kind is BlockKind.TABLE
        and block.page == last_page + 1
        and len(block.rows[0]) == len(held.rows[0])
        and (_same(held.rows[0], block.rows[0]) or not _is_header(block.rows[0], held.rows))
    )


def _is_header(row: Sequence[str], above: Rows) -> bool:
    """Tell a header of another table: words where the table above has nothing but figures."""
    figures = [i for i in range(len(row)) if len(above) > 2 and all(re.search(r"\d", r[i]) for r in above[1:])]
    return bool(figures) and all(len(row[i]) > 1 and not re.search(r"\d", row[i]) for i in figures)


def _continuation(above: Rows, rows: Rows) -> Rows:
    """Give a table's rows overleaf without its repeated header; a cell that spans the break says so again."""
    repeated = 0
    while repeated < min(len(above), len(rows)) and _same(above[repeated], rows[repeated]):
        repeated += 1
    rest = list(rows[repeated:])
    for number, row in enumerate(rest):
        if row[0] or not any(row):
            break
        rest[number] = (above[-1][0], *row[1:])
    return tuple(rest)


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    return [re.sub(r"\s+", "", cell) for cell in one] == [re.sub(r"\s+", "", cell) for cell in other]
