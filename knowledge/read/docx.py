"""Word files: paragraphs and tables in order, with the numbers Word draws but does not write."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from knowledge.numbering import mark_of
from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.hidden import Hidden
from knowledge.read.word_numbers import WordNumbers
from knowledge.read.word_runs import Runs

_CONTAINERS = frozenset(qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "ins", "smartTag", "moveTo"))
_STYLE, _OUTLINE = f"{qn('w:pPr')}/{qn('w:pStyle')}", f"{qn('w:pPr')}/{qn('w:outlineLvl')}"
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d", re.IGNORECASE)


def read_docx(data: bytes) -> Reading:
    """Read a Word file as printed with its changes accepted; headers, footers, comments and hidden words left out."""
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile, SyntaxError, OpcError, AttributeError) as error:
        raise Unreadable("broken", f"Word can't have written this ({error}); open it and save it again") from error
    reader = _Reader(document)
    blocks = tuple(reader.blocks(document.element.body))
    return Reading(blocks, "docx", document.core_properties.title or None, reader.warnings())


class _Reader:
    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._numbers = WordNumbers(document)
        self._hidden = Hidden()
        self._runs = Runs(document, self._hidden)
        self._notes = {kind: _notes(document, kind) for kind in ("footnote", "endnote")}
        self._noted = 0
        self._styles: dict[str, Any] = {style.style_id: style for style in document.styles}
        self._ranks: dict[str, tuple[BlockKind, int] | None] = {}

    def warnings(self) -> tuple[str, ...]:
        """Tell staff what was left out."""
        for comment in _texts(self._document, "comments", "comment").values():
            self._hidden.comment(comment)
        changed = sum(1 for _ in self._document.element.body.iter(qn("w:ins"), qn("w:del")))
        tracked = (f"tracked changes taken as accepted: {changed}; accept or reject them in Word",) if changed else ()
        return (*self._hidden.warnings(), *tracked)

    def blocks(self, parent: Any) -> Iterator[Block]:
        """Walk the body in order, through content controls and text boxes."""
        for element in parent.iterchildren():
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in _CONTAINERS and not _is_contents(element):
                yield from self.blocks(element)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        named = element.find(_STYLE)
        rank = self._rank_of(named.get(qn("w:val")) if named is not None else "")
        if rank is None:
            return
        text = self._runs.text(element).strip()
        # Word counts a numbered paragraph even if nothing is written in it.
        number = self._numbers.next(element)
        if text:
            outline = element.find(_OUTLINE)
            kind, level = rank if outline is None else _outlined(outline)
            if number and kind is BlockKind.PARAGRAPH:
                kind = BlockKind.LIST_ITEM
            for part in _lines(f"{number}{text}", kind):
                yield Block(kind, part, level)
        yield from self._notes_of(element)
        for box in element.iter(qn("w:txbxContent")):
            # Word writes every text box twice, once for old versions.
            if not any(above.tag.endswith("}Fallback") for above in box.iterancestors()):
                yield from self.blocks(box)

    def _rank_of(self, style: str) -> tuple[BlockKind, int] | None:
        """Read a rank from a style or those it is based on; None for a line of a table of contents."""
        if style not in self._ranks:
            self._ranks[style] = _rank(self._styles, style)
        return self._ranks[style]

    def _notes_of(self, element: Any) -> Iterator[Block]:
        """Give the notes a paragraph or table refers to, right after it."""
        for reference in element.iter(qn("w:footnoteReference"), qn("w:endnoteReference")):
            kind = "footnote" if reference.tag == qn("w:footnoteReference") else "endnote"
            text = self._notes[kind].pop(reference.get(qn("w:id")), "")
            if text:
                self._noted += 1
                yield Block(BlockKind.PARAGRAPH, f"注{self._noted}：{text}")

    def _table(self, element: Any) -> Iterator[Block]:
        """Give a table with every merged cell repeated in what it covers; layout of one cell is no table."""
        rows: list[tuple[str, ...]] = []
        held: list[list[Any]] = []
        above: list[str] = []
        for row in _own(element, "w:tr"):
            if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                continue
            cells = [""] * _count(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0)
            held.append([])
            for cell in _own(row, "w:tc"):
                merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
                goes_on = merged is not None and merged.get(qn("w:val")) != "restart"
                place = len(cells)
                text = above[place] if goes_on and place < len(above) else self._cell(cell)
                cells.extend([text] * max(1, _count(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), 1)))
                held[-1].append(cell)
            rows.append(tuple(cells))
            above = cells
        if max(map(len, held), default=0) <= 1 or len(rows) < 2:
            for cell in (cell for row in held for cell in row):
                yield from self.blocks(cell)
            return
        width = max(map(len, rows))
        yield Block(BlockKind.TABLE, rows=tuple((*row, *[""] * (width - len(row))) for row in rows))
        yield from self._notes_of(element)

    def _cell(self, cell: Any) -> str:
        """Write a cell on one line; a table in it row by row."""
        parts: list[str] = []
        for element in cell.iterchildren():
            if element.tag == qn("w:p"):
                parts.append(f"{self._numbers.next(element)}{self._runs.text(element).strip()}".strip())
            elif element.tag == qn("w:tbl"):
                rows = (" ".join(filter(None, map(self._cell, _own(row, "w:tc")))) for row in _own(element, "w:tr"))
                parts.append("；".join(filter(None, rows)))
            elif element.tag in _CONTAINERS:
                parts.append(self._cell(element))
        return re.sub(r"\s*\n\s*", " ", " ".join(filter(None, parts)))


def _own(parent: Any, tag: str) -> Iterator[Any]:
    """Give a table's rows, or a row's cells, also those in content controls; not those of tables within."""
    for child in parent.iterchildren():
        if child.tag == qn(tag):
            yield child
        elif child.tag in _CONTAINERS:
            yield from _own(child, tag)


def _count(element: Any, default: int) -> int:
    said = (element.get(qn("w:val")) or "") if element is not None else ""
    return min(int(said), 100) if said.isdigit() else default


def _lines(text: str, kind: BlockKind) -> Iterator[str]:
    """Take lines broken by hand for paragraphs, as they are in texts pasted from elsewhere; not so in a heading."""
    if kind in (BlockKind.TITLE, BlockKind.HEADING):
        yield re.sub(r"\s*\n\s*", "", text)
        return
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    held = ""
    for line in lines:
        if held and (mark_of(line) is not None or held.endswith(("。", "；", "：", ";", ":"))):
            yield held
            held = line
        else:
            held += line
    if held:
        yield held


def _is_contents(element: Any) -> bool:
    gallery = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"


def _rank(styles: dict[str, Any], identity: str) -> tuple[BlockKind, int] | None:
    style = styles.get(identity)
    for _ in range(20):  # styles may be based on one another in a circle
        if style is None:
            break
        name = style.name or ""
        if _CONTENTS.fullmatch(name):
            return None
        if re.fullmatch(r"title|标题", name, re.IGNORECASE):
            return BlockKind.TITLE, 0
        if named := re.fullmatch(r"(?:heading|标题)\s*([1-9])", name, re.IGNORECASE):
            return BlockKind.HEADING, int(named.group(1))
        outline = style.element.find(_OUTLINE)
        if outline is not None:
            return _outlined(outline)
        style = style.base_style
    return BlockKind.PARAGRAPH, 0


def _outlined(outline: Any) -> tuple[BlockKind, int]:
    said = outline.get(qn("w:val")) or ""
    level = int(said) if said.isdigit() else 9
    return (BlockKind.HEADING, level + 1) if level < 9 else (BlockKind.PARAGRAPH, 0)


def _notes(document: WordDocument, kind: str) -> dict[str, str]:
    return _texts(document, f"{kind}s", kind)


def _texts(document: WordDocument, part: str, tag: str) -> dict[str, str]:
    """Give the texts of a part beside the body (footnotes, comments) by their ids."""
    for found in document.part.package.iter_parts():
        if str(found.partname) != f"/word/{part}.xml":
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            root = etree.fromstring(found.blob, parser)
        except etree.XMLSyntaxError:
            return {}
        return {
            note.get(qn("w:id")) or "": "".join(node.text or "" for node in note.iter(qn("w:t"))).strip()
            for note in root.iter(qn(f"w:{tag}"))
        }
    return {}
