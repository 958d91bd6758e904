"""Word files: paragraphs and tables in order, with the numbers Word draws but does not write."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.word_numbers import WordNumbers

_TEXT, _TAB, _BREAK, _RUN = qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:r")
_DELETED = frozenset([qn("w:del"), qn("w:moveFrom")])
_WHITE = frozenset(["FFFFFF", "FEFEFE"])


def read_docx(data: bytes) -> Reading:
    """Read a Word file. Headers, footers, comments, deleted and hidden text are left out."""
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unreadable("broken", f"Word can't have written this ({error}); open it and save it again") from error
    reader = _Reader(document)
    blocks = [*reader.blocks(document.element.body), *_footnotes(document)]
    warnings = (f"hidden words left out: {reader.hidden} places",) if reader.hidden else ()
    return Reading(tuple(blocks), "docx", document.core_properties.title or None, warnings)


class _Reader:
    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._numbers = WordNumbers(document)
        self.hidden = 0

    def blocks(self, parent: Any) -> Iterator[Block]:
        """Walk the body in order, through content controls and text boxes."""
        for element in parent.iterchildren():
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in (
                qn("w:sdt"),
                qn("w:sdtContent"),
                qn("w:customXml"),
                qn("w:ins"),
                qn("w:smartTag"),
            ):
                yield from self.blocks(element)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        text = self._text(element).strip()
        paragraph = Paragraph(element, self._document)
        if text:
            number = self._numbers.next(element)
            kind, level = _rank(paragraph)
            if number and kind is BlockKind.PARAGRAPH:
                kind = BlockKind.LIST_ITEM
            yield Block(kind, f"{number}{text}", level)
        for box in element.iter(qn("w:txbxContent")):
            # Word writes every text box twice, once for old versions.
            if not any(above.tag.endswith("}Fallback") for above in box.iterancestors()):
                yield from self.blocks(box)

    def _text(self, paragraph: Any) -> str:
        """Join the words of a paragraph that a reader sees."""
        words: list[str] = []
        for run in paragraph.iter(_RUN):
            if any(above.tag in _DELETED for above in run.iterancestors()) or _in_box(run, paragraph):
                continue
            said = "".join(_said(child) for child in run)
            if said.strip() and _is_hidden(run):
                self.hidden += 1
                continue
            words.append(said)
        return "".join(words)

    def _table(self, element: Any) -> Iterator[Block]:
        """Give a table with every merged cell repeated in what it covers; layout of one cell is no table."""
        rows: list[tuple[str, ...]] = []
        above: list[str] = []
        for row in element.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not element:
                continue
            cells: list[str] = []
            for cell in row.iterchildren(qn("w:tc")):
                merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
                goes_on = merged is not None and merged.get(qn("w:val")) != "restart"
                span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
                width = int(span.get(qn("w:val"))) if span is not None else 1
                place = len(cells)
                text = above[place] if goes_on and place < len(above) else self._cell(cell)
                cells.extend([text] * max(1, min(width, 100)))
            rows.append(tuple(cells))
            above = cells
        width = max(map(len, rows), default=0)
        if width <= 1 or len(rows) < 2:
            for line in rows:
                yield from (Block(BlockKind.PARAGRAPH, text) for text in dict.fromkeys(line) if text)
            return
        yield Block(BlockKind.TABLE, rows=tuple((*row, *[""] * (width - len(row))) for row in rows))

    def _cell(self, cell: Any) -> str:
        return " ".join(filter(None, (self._text(p).strip() for p in cell.iter(qn("w:p")))))


def _said(child: Any) -> str:
    if child.tag == _TEXT:
        return str(child.text or "")
    if child.tag == _TAB:
        return " "
    return "\n" if child.tag == _BREAK and child.get(qn("w:type")) is None else ""


def _in_box(run: Any, paragraph: Any) -> bool:
    for above in run.iterancestors():
        if above is paragraph:
            return False
        if above.tag == qn("w:txbxContent"):
            return True
    return False


def _is_hidden(run: Any) -> bool:
    settings = run.find(qn("w:rPr"))
    if settings is None:
        return False
    vanish = settings.find(qn("w:vanish"))
    if vanish is not None and vanish.get(qn("w:val")) not in ("0", "false"):
        return True
    color = settings.find(qn("w:color"))
    shaded = settings.find(qn("w:shd")) is not None or settings.find(qn("w:highlight")) is not None
    return color is not None and (color.get(qn("w:val")) or "").upper() in _WHITE and not shaded


def _rank(paragraph: Paragraph) -> tuple[BlockKind, int]:
    """Read a paragraph's rank from its style or those its style is based on, or from its outline level."""
    style: Any = paragraph.style
    outline = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    while outline is None and style is not None:
        name = style.name or ""
        if re.fullmatch(r"title|标题", name, re.IGNORECASE):
            return BlockKind.TITLE, 0
        if named := re.fullmatch(r"(?:heading|标题)\s*([1-9])", name, re.IGNORECASE):
            return BlockKind.HEADING, int(named.group(1))
        outline = style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        style = style.base_style
    level = int(outline.get(qn("w:val"))) if outline is not None else 9
    return (BlockKind.HEADING, level + 1) if level < 9 else (BlockKind.PARAGRAPH, 0)


def _footnotes(document: WordDocument) -> Iterator[Block]:
    for part in document.part.package.iter_parts():
        if str(part.partname) != "/word/footnotes.xml":
            continue
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(part.blob, parser).iter(qn("w:footnote")):
            text = "".join(node.text or "" for node in note.iter(_TEXT)).strip()
            if text:
                yield Block(BlockKind.PARAGRAPH, text)
