"""The parts of a file that others name ("第三条第二款", "第二章", "附件2"), and how a clause reads without one."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum, auto

from knowledge.documents import Clause
from knowledge.numbering import Level, article_of, halved, mark_of, to_int

_N = r"[〇零一二三四五六七八九十百\d]+"
_PARAGRAPH = re.compile(rf"第({_N})款")
_ITEM = re.compile(rf"第\(?({_N})\)?项")
_ANNEX = re.compile(rf"附件\s*({_N})")


class Reach(Enum):
    """How much of a clause a named part takes."""

    NONE = auto()
    PART = auto()
    WHOLE = auto()


def reach(part: str, clause: Clause) -> Reach:
    """Tell how much of a clause the part of its file takes that was named."""
    named, label = halved(part), halved(clause.label)
    if annex := _ANNEX.match(named):
        own = [_ANNEX.match(halved(step)) for step in (*clause.path, label)]
        return Reach.WHOLE if any(m and to_int(m[1]) == to_int(annex[1]) for m in own) else Reach.NONE
    if chapter := re.match(rf"第({_N})章$", named):
        steps = [re.match(rf"第({_N})章", halved(step)) for step in clause.path]
        return Reach.WHOLE if any(m and to_int(m[1]) == to_int(chapter[1]) for m in steps) else Reach.NONE
    if article_of(named) is None or article_of(named) != article_of(label) or label.startswith("附"):
        return Reach.NONE
    paragraph, item, own_item = _PARAGRAPH.search(named), _ITEM.search(named), _ITEM.search(label)
    if item is not None and own_item is not None:
        return Reach.WHOLE if to_int(item[1]) == to_int(own_item[1]) else Reach.NONE
    if paragraph is None and item is None:
        return Reach.WHOLE
    return Reach.PART if own_item is None else Reach.NONE


def struck(clause: Clause, part: str) -> Clause:
    """Give a clause without the paragraph or item named; unchanged where it can't be told which words those are."""
    named = halved(part)
    paragraph, item = _PARAGRAPH.search(named), _ITEM.search(named)
    lines = clause.text.split("\n")
    of = _paragraphs(lines)
    wanted = to_int(paragraph[1]) if paragraph else None
    if item is not None:
        kept = _without_item(lines, of, wanted, to_int(item[1]))
    elif wanted is not None and wanted in of and len(set(of)) > 1:
        kept = [line for line, number in zip(lines, of, strict=True) if number != wanted]
        # The article's own number stands before its first paragraph.
        mark = mark_of(lines[0]) if wanted == 1 else None
        kept = [mark[1], *kept] if mark else kept
    else:
        return clause
    return replace(clause, text="\n".join(kept))


def _paragraphs(lines: list[str]) -> list[int]:
    """Number the paragraphs (款): an item belongs to the one above it."""
    numbers, number = [], 0
    for i, line in enumerate(lines):
        mark = mark_of(line)
        if i == 0 or mark is None or mark[0] < Level.ITEM:
            number += 1
        numbers.append(number)
    return numbers


def _without_item(lines: list[str], of: list[int], paragraph: int | None, item: int) -> list[str]:
    kept: list[str] = []
    dropping = False
    for line, number in zip(lines, of, strict=True):
        mark = mark_of(line)
        if mark is not None and mark[0] is Level.ITEM:
            dropping = to_int(mark[1].strip("()")) == item and paragraph in (None, number)
        elif mark is None or mark[0] < Level.ITEM:
            dropping = False
        if not dropping:
            kept.append(line)
    return kept if len(kept) < len(lines) else [_without_inner(line, item) for line in lines]


def _without_inner(line: str, item: int) -> str:
    """Leave an item out of a line that runs all of them together: "(一)…;(二)…。"."""
    marks = list(re.finditer(r"\(([一二三四五六七八九十]{1,3})\)", halved(line)))
    for i, mark in enumerate(marks):
        if to_int(mark[1]) == item and len(marks) > 1:
            end = marks[i + 1].start() if i + 1 < len(marks) else len(line)
            return line[: mark.start()] + line[end:]
    return line
