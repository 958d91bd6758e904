"""Word files as offices make them: real headings, numbers that Word draws, text boxes, footnotes, merged cells.

A line of a text begins with what it is: T title, H heading, A an article and P an item that Word numbers, L an
item of a plain list, X a text box, F a footnote to the paragraph before, | a table row; N, I and D give the file's
number, issuer and day. All else is a paragraph as it stands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from samples.build.settled import settle

ARTICLE, ITEM = 0, 1  # levels of the numbered list
_MARKS = frozenset("NIDTHAPLXF|")
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_NUMBERED = f"""\
<w:abstractNum {nsdecls("w")} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="space"/>
<w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>
<w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>"""
_BOX = """\
<w:r {ns} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="width:300pt;height:40pt" type="#_x0000_t202">
<v:textbox><w:txbxContent><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"""


def write_word(path: Path, text: str) -> None:
    """Write one file: the issuing notice with its number, then the text."""
    lines = [_marked(line) for line in text.splitlines()]
    facts = {mark: words for mark, words in lines if mark in ("N", "I", "D", "T")}
    document = docx.Document()
    _notice(document, facts)
    numbered = _number_list(document) if any(mark == "A" for mark, _ in lines) else 0
    notes: list[str] = []
    rows: list[list[str]] = []
    for mark, words in [*lines, ("", "")]:
        if mark == "|":
            rows.append([cell.strip() for cell in words.strip("|").split("|")])
            continue
        if rows:
            _table(document, rows)
            rows = []
        if mark == "T":
            document.add_heading(words, level=0)
        elif mark == "H":
            document.add_heading(words, level=1)
        elif mark == "L":
            document.add_paragraph(words, style="List Number")
        elif mark in ("A", "P"):
            _numbered(document.add_paragraph(words), numbered, ARTICLE if mark == "A" else ITEM)
        elif mark == "X":
            document.add_paragraph()._p.append(parse_xml(_BOX.format(ns=nsdecls("w"), words=words)))
        elif mark == "F":
            notes.append(words)
            _refer(document.paragraphs[-1], len(notes))
        elif not mark and words:
            document.add_paragraph(words)
    if notes:
        _footnotes(document, notes)
    document.core_properties.author = facts["I"]
    document.save(str(path))
    settle(path)


def _marked(line: str) -> tuple[str, str]:
    mark, _, words = line.partition(" ")
    return (mark, words) if mark in _MARKS else ("", line)


def _notice(document: Any, facts: dict[str, str]) -> None:
    """Write the formula that issues a file."""
    title, issuer = facts["T"], facts["I"]
    for words in (f"{issuer}关于印发《{title}》的通知", facts["N"]):
        document.add_paragraph(words).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("各乡镇人民政府，县直各有关单位：")
    document.add_paragraph(f"《{title}》已经县政府研究同意，现印发给你们，请认真贯彻执行。")
    document.add_paragraph(issuer)
    document.add_paragraph(facts["D"])


def _number_list(document: Any) -> int:
    """Define a list that draws 第一条 and （一）; give its number."""
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(_NUMBERED))
    return int(numbering.add_num(90).numId)


def _numbered(paragraph: Any, number: int, level: int) -> None:
    settings = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    settings.get_or_add_ilvl().val = level
    settings.get_or_add_numId().val = number


def _refer(paragraph: Any, number: int) -> None:
    run = paragraph.add_run()
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), str(number))
    run._r.append(mark)


def _footnotes(document: Any, notes: list[str]) -> None:
    """Add the part that holds the footnotes; python-docx has none of its own."""
    inner = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:footnote>'
        for number, words in enumerate(notes, 1)
    )
    blob = f"<w:footnotes {nsdecls('w')}>{inner}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _table(document: Any, rows: list[list[str]]) -> None:
    """Write a table; equal neighbours in the first two rows and the last column become one merged cell."""
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    for x in range(len(rows[0]) - 1):
        if rows[0][x] == rows[0][x + 1]:
            _merge(table.cell(0, x), table.cell(0, x + 1), rows[0][x])
    for x in range(len(rows[0])):
        start = 0
        for y in range(1, len(rows) + 1):
            if y == len(rows) or rows[y][x] != rows[start][x]:
                if y - start > 1 and (start == 0 or x == len(rows[0]) - 1):
                    _merge(table.cell(start, x), table.cell(y - 1, x), rows[start][x])
                start = y
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def _merge(first: Any, last: Any, text: str) -> None:
    first.merge(last).text = text
