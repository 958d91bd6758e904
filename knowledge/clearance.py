"""Read a clearance list (清理结果公告): which files a county repealed, found lapsed, or keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.days import day_in
from knowledge.documents import Relation, RelationKind
from knowledge.naming import canonical, named_in
from knowledge.numbering import mark_of
from knowledge.read import Block, BlockKind

_KEPT = re.compile(r"继续有效|继续执行|继续施行|现行有效|予?以?保留|有效$")
_CHANGED = re.compile(r"修[改订]")
_LAPSED = re.compile(r"(?:宣布|自然|自行|已|予以)?失效")
_REPEALED = re.compile(r"废止|停止执行|撤销")
_TITLE = re.compile(r"名称|标题|题目|文件名|规范性文件$")
_NUMBER = re.compile(r"文号|字号|编号")
_RESULT = re.compile(r"结果|意见|结论|状态|效力|处理|处置")
_DAY = re.compile(r"日期|时间|有效期|截止|期限")


@dataclass(frozen=True, slots=True)
class _Columns:
    title: int | None
    number: int | None
    result: int | None
    day: int | None


def cleared_in(blocks: Sequence[Block]) -> Iterator[Relation]:
    """Give what a list says of each file. A verdict of the row's own counts before that of the heading above it."""
    heading: RelationKind | None = None
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            if block.text:
                heading = _verdict(block.text) or heading
            yield from _rows(block.rows, heading)
            continue
        for line in (canonical(part) for part in block.text.split("\n")):
            named = list(named_in(line))
            if named:
                if mark_of(line) is not None or line.startswith("《"):
                    yield from _told(named, _verdict(line) if _speaks(_unnamed(line)) else heading, day_in(line))
            elif len(line) <= 80 and _speaks(line):
                heading = _verdict(line)


def _rows(rows: Sequence[Sequence[str]], heading: RelationKind | None) -> Iterator[Relation]:
    columns = _columns(rows[0]) if rows else None
    for number, short in enumerate(rows):
        row = [*short, *[""] * (len(rows[0]) - len(short))]
        line = canonical(" ".join(row))
        if len(set(row)) == 1 and not list(named_in(line)) and _speaks(line):
            heading = _verdict(line)  # one cell over all columns: "二、宣布失效的文件"
            continue
        if number == 0 and columns is not None:
            continue
        named = list(named_in(line))
        if columns is not None and columns.title is not None:
            title = re.sub(r"\s", "", row[columns.title]).strip("《》")
            numbers = [no for _, no in named_in(canonical(row[columns.number]))] if columns.number is not None else []
            named = [(title, numbers[0] if numbers else next((no for _, no in named if no), None))] if title else []
        told = " ".join(
            cell for i, cell in enumerate(row) if columns is None or i not in (columns.title, columns.number)
        )
        stated = columns is not None and columns.result is not None and bool(row[columns.result].strip())
        told = canonical(row[columns.result]) if columns and columns.result is not None and stated else told
        day = day_in(row[columns.day]) if columns and columns.day is not None else day_in(told)
        yield from _told(named, _verdict(told) if stated or _speaks(_unnamed(told)) else heading, day)


def _columns(header: Sequence[str]) -> _Columns | None:
    cells = [re.sub(r"\s", "", cell) for cell in header]

    def place(pattern: re.Pattern[str], *taken: int | None) -> int | None:
        return next((i for i, cell in enumerate(cells) if i not in taken and pattern.search(cell)), None)

    number = place(_NUMBER)
    title = place(_TITLE, number)
    if title is None and number is None:
        return None
    result = place(_RESULT, number, title)
    return _Columns(title, number, result, place(_DAY, number, title, result))


def _told(
    named: Sequence[tuple[str | None, str | None]], verdict: RelationKind | None, day: date | None
) -> Iterator[Relation]:
    for title, number in named[:1]:
        if verdict is RelationKind.KEEPS and day is not None:
            yield Relation(RelationKind.EXTENDS, title, number, until=day)
        elif verdict is not None:
            yield Relation(verdict, title, number, since=day if verdict is not RelationKind.KEEPS else None)


def _unnamed(line: str) -> str:
    return re.sub(r"《[^》]*》", "", line)


def _speaks(line: str) -> bool:
    return any(pattern.search(line) for pattern in (_KEPT, _CHANGED, _LAPSED, _REPEALED))


def _verdict(words: str) -> RelationKind | None:
    """Give what words say becomes of a file; None for nothing, for several things, or if it will be changed."""
    words = _unnamed(words)
    kept, falls = _KEPT.search(words), _REPEALED.search(words)
    lapsed = _LAPSED.search(words)
    if re.search(r"(?:未|不)(?:予)?(?:废止|失效)", words):
        return RelationKind.KEEPS
    if _CHANGED.search(words) or (kept and (falls or lapsed)):
        return None
    if kept:
        return RelationKind.KEEPS
    if falls:
        return RelationKind.REPEALS
    return RelationKind.LAPSES if lapsed else None
