"""Reads the sample files for their tests, simply and without the assistant's readers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pypdfium2
from docx.oxml.ns import qn
from docx.table import Table
from selectolax.lexbor import LexborHTMLParser

from samples import build

SAMPLES = Path(__file__).parents[2] / "samples"
DOCUMENTS = SAMPLES / "documents"

_DIGITS = "零一二三四五六七八九十"


@cache
def text_of(name: str) -> str:
    """Give a file's words without any white space; a table's cells follow one another, row by row."""
    path = DOCUMENTS / name
    if path.suffix == ".docx":
        words = "".join([*word_parts(path), *_beside(path), *_drawn_numbers(path)])
    elif path.suffix == ".xlsx":
        words = "".join(word_parts(path))
    elif path.stem == build.SCAN:
        words = build.text_of(build.SCAN)
    elif path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            words = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    else:
        words = decoded(path)
        if path.suffix == ".html":
            words = _visible(words)
    return bare(words)


def bare(words: str) -> str:
    return re.sub(r"\s", "", words)


def word_parts(path: Path) -> list[str]:
    """Give the paragraphs and cells of a Word file, or the sheets' names and cells of an Excel file."""
    if path.suffix == ".xlsx":
        sheets = openpyxl.load_workbook(path).worksheets
        cells = ((sheet.title, *(c for row in sheet.iter_rows(values_only=True) for c in row)) for sheet in sheets)
        return [str(cell) for sheet in cells for cell in sheet if cell is not None]
    parts = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            parts += [cell.text for row in block.rows for cell in row.cells]
        else:
            parts.append(block.text)
    return parts


def decoded(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _beside(path: Path) -> list[str]:
    """Give what stands in text boxes and footnotes."""
    document = docx.Document(str(path))
    boxes = document.element.body.iter(qn("w:txbxContent"))
    parts = ["".join(node.text or "" for node in box.iter(qn("w:t"))) for box in boxes]
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/footnotes.xml":
            parts.append(re.sub(r"<[^>]+>", "", part.blob.decode("utf-8")))
    return parts


def _drawn_numbers(path: Path) -> list[str]:
    """Give 第一条 … as Word draws them, one for every paragraph numbered at the first level of the articles' list."""
    body = docx.Document(str(path)).element.body
    count = len(body.xpath('.//w:p/w:pPr/w:numPr[w:ilvl[@w:val="0"]]'))
    return [f"第{_spelt(number)}条" for number in range(1, count + 1)]


def _spelt(number: int) -> str:
    if number <= 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def _visible(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, [style*='display:none']"):
        node.decompose()
    assert tree.body is not None
    return tree.body.text()
