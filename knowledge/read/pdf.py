"""PDF files with text: lines put back into paragraphs, page furniture left out, ruled tables kept."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from knowledge.numbering import halved, mark_of
from knowledge.read import Block, BlockKind, Reading, Unreadable

_PAGE_NUMBER = re.compile(
    r"[-—–·\s]*(?:第?\s*\d{1,4}\s*页?(?:\s*[,,/共]\s*(?:共\s*)?\d{1,4}\s*页?)?|page\s*\d+(?:\s*of\s*\d+)?)[-—–·\s]*",
    re.IGNORECASE,
)
_FEW = 8  # characters on a page that carries only a stamp or a number


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; `top` counts from the page's upper edge, in points."""

    text: str
    page: int
    left: float
    right: float
    top: float
    share: float  # where on the page: 0 its upper, 1 its lower edge


def read_pdf(data: bytes) -> Reading:
    """Read a PDF's text. Raises Unreadable for one that is encrypted, or made of pictures only."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            message = "the file is protected by a password; remove it and upload the file again"
            raise Unreadable("encrypted", message) from error
        raise Unreadable("broken", f"no PDF reader can open it ({error}); export it again") from error
    try:
        pages = [list(_lines(document[number], number + 1)) for number in range(len(document))]
        ruled = [number for number in range(len(document)) if _is_ruled(document[number])]
        title = document.get_metadata_dict().get("Title") or None
    finally:
        document.close()
    bare = [n + 1 for n, lines in enumerate(pages) if sum(len(line.text) for line in lines) < _FEW]
    if len(bare) == len(pages):
        message = (
            f"its {len(pages)} pages are pictures without text; upload a version with text (DOCX, or PDF made from it)"
        )
        raise Unreadable("scanned", message)
    tables = _tables(data, ruled) if ruled else {}
    lines = _without_furniture(pages)
    blocks = _joined_tables(list(_blocks(lines, tables)))
    warnings = (f"pages without text left out: {', '.join(map(str, bare))}",) if bare else ()
    return Reading(tuple(blocks), "pdf", title, warnings)


def _lines(page: Any, number: int) -> Iterator[_Line]:
    """Give a page's lines with their places, as the text layer orders them."""
    height = page.get_height()
    text = page.get_textpage()
    try:
        start = 0
        content = text.get_text_range()
        for said in re.split(r"\r\n|\r|\n", content):
            length = len(said)
            words = re.sub(r"[\ufffe\u00ad]", "", said).strip()
            if words:
                first = start + (len(said) - len(said.lstrip()))
                last = start + len(said.rstrip()) - 1
                left, _, _, top = text.get_charbox(first)
                right = text.get_charbox(last)[2]
                yield _Line(words, number, left, right, height - top, (height - top) / height if height else 0.5)
            start += length + (2 if content[start + length : start + length + 2] == "\r\n" else 1)
    finally:
        text.close()


def _is_ruled(page: Any) -> bool:
    """Tell a page with drawn lines, where a table may stand."""
    return sum(1 for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2)) >= 4


def _tables(data: bytes, pages: Sequence[int]) -> dict[int, list[tuple[float, float, tuple[tuple[str, ...], ...]]]]:
    """Find ruled tables with pdfplumber: (top, bottom, rows) for each page number."""
    import pdfplumber

    found: dict[int, list[tuple[float, float, tuple[tuple[str, ...], ...]]]] = {}
    with pdfplumber.open(io.BytesIO(data)) as document:
        for number in pages:
            for table in document.pages[number].find_tables():
                rows = tuple(tuple(re.sub(r"\s*\n\s*", "", cell or "") for cell in row) for row in table.extract())
                if len(rows) >= 2 and len(rows[0]) >= 2:
                    _, top, _, bottom = table.bbox
                    found.setdefault(number + 1, []).append((top, bottom, _filled(rows)))
    return found


def _filled(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Repeat the first column's word down the cells it spans: pdfplumber leaves them empty."""
    out: list[tuple[str, ...]] = []
    for row in rows:
        first = row[0] or (out[-1][0] if out else "")
        out.append((first, *row[1:]))
    return tuple(out)


def _without_furniture(pages: Sequence[Sequence[_Line]]) -> list[_Line]:
    """Drop page numbers, and what stands at the same edge of most pages."""
    edges = [[line for line in lines if line.share < 0.12 or line.share > 0.88] for lines in pages]
    seen = Counter(shape for lines in edges for shape in {_shape(line.text) for line in lines})
    common = {shape for shape, count in seen.items() if len(pages) > 1 and count >= max(2, 0.6 * len(pages))}
    return [
        line
        for lines in pages
        for line in lines
        if not (
            (line.share < 0.12 or line.share > 0.88)
            and (_shape(line.text) in common or _PAGE_NUMBER.fullmatch(line.text))
        )
    ]


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", text))


def _blocks(
    lines: Sequence[_Line], tables: dict[int, list[tuple[float, float, tuple[tuple[str, ...], ...]]]]
) -> Iterator[Block]:
    """Join lines into paragraphs, and put tables where they stood."""
    # Most lines of a text are full; the ninth decile is their edge whatever headings do.
    rights = sorted(line.right for line in lines)
    margin = rights[int(0.9 * (len(rights) - 1))] if rights else 0.0
    edge = _usual([line.left for line in lines])
    told: set[tuple[int, float]] = set()
    words, page, before = "", 1, None
    for line in lines:
        table = next((t for t in tables.get(line.page, ()) if t[0] - 2 <= line.top <= t[1] + 2), None)
        if table is not None:
            if words:
                yield Block(BlockKind.PARAGRAPH, words, page=page)
                words = ""
            if (line.page, table[0]) not in told:
                told.add((line.page, table[0]))
                yield Block(BlockKind.TABLE, rows=table[2], page=line.page)
            before = None
            continue
        if before is not None and words and _goes_on(before, line, margin, edge):
            words += (
                " " if words[-1:].isascii() and words[-1:].isalpha() and line.text[:1].isascii() else ""
            ) + line.text
        else:
            if words:
                yield Block(BlockKind.PARAGRAPH, words, page=page)
            words, page = line.text, line.page
        before = line
    if words:
        yield Block(BlockKind.PARAGRAPH, words, page=page)


def _goes_on(before: _Line, line: _Line, margin: float, edge: float) -> bool:
    """Tell whether a line goes on with the sentence of the line before it."""
    if mark_of(line.text) is not None:
        return False
    if line.left > edge + 12:
        return False
    # A line may end a little early where the next word would not fit; a figure never ends a paragraph.
    return before.right >= margin - 80 or before.text[-1:].isdigit() or halved(before.text).endswith(",")


def _usual(places: Sequence[float]) -> float:
    """Give where most lines end or begin, to the nearest few points."""
    counted = Counter(round(place / 6) * 6 for place in places)
    return float(counted.most_common(1)[0][0]) if counted else 0.0


def _joined_tables(blocks: list[Block]) -> Iterator[Block]:
    """Join a table that goes on overleaf: the next block, as many columns, its header repeated or not."""
    held: Block | None = None
    for block in blocks:
        same = (
            held is not None
            and block.kind is held.kind is BlockKind.TABLE
            and block.page == (held.page or 0) + 1
            and len(block.rows[0]) == len(held.rows[0])
        )
        if same and held is not None:
            more = block.rows[1:] if block.rows[0] == held.rows[0] else block.rows
            held = Block(BlockKind.TABLE, held.text, page=block.page, rows=held.rows + more)
            continue
        if held is not None:
            yield held
        held = block
    if held is not None:
        yield held
