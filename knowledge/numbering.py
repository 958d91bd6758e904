"""How official Chinese texts number their parts, and how such numbers are read."""

from __future__ import annotations

import re
from enum import IntEnum

_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS = {"十": 10, "百": 100, "千": 1000}

_N = r"[〇零一二两三四五六七八九十百千\d]+"


# U+FF01–FF5E are the full-width forms of ASCII, in order; U+3000 is the full-width space.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


class Level(IntEnum):
    """The ranks of numbered parts, highest first (GB/T 9704: 一、 (一) 1. (1))."""

    ANNEX = 0
    PART = 1  # 第X编, 第X部分
    CHAPTER = 2
    SECTION = 3
    HEADING = 4  # 一、 where a text has no articles
    ARTICLE = 5
    ITEM = 6  # (一)
    POINT = 7  # 1.
    SUBPOINT = 8  # (1)


_MARKS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    (Level.ANNEX, re.compile(rf"附\s*(?:件|表|录)\s*({_N})?\s*(?:[:.、]|$|(?=\s))")),
    (Level.PART, re.compile(rf"第({_N})(?:编|部分)")),
    (Level.CHAPTER, re.compile(rf"第({_N})章")),
    (Level.SECTION, re.compile(rf"第({_N})节")),
    (Level.ARTICLE, re.compile(rf"第({_N})条(?:之{_N})?(?![款项第、和至,]|规定|所[称列]|中[的\"“]|修改|更正)")),
    (Level.HEADING, re.compile(r"([一二三四五六七八九十]{1,3})\s*(?:、|\.(?!\d))")),
    (Level.ITEM, re.compile(r"\(([一二三四五六七八九十]{1,3})\)")),
    (Level.POINT, re.compile(r"(\d{1,2})\s*[.、](?!\d(?!\d{3}年))")),
    (Level.SUBPOINT, re.compile(r"\((\d{1,2})\)")),
)


def mark_of(text: str) -> tuple[Level, str, str] | None:
    """Split a paragraph's number from its words: (level, the number in half-width, the rest); None without one."""
    text = halved(text).strip()
    for level, pattern in _MARKS:
        found = pattern.match(text)
        if found:
            return level, found.group().strip().rstrip(":.、").strip(), text[found.end() :].lstrip(" :、.")
    return None


def halved(text: str) -> str:
    """Give full-width letters, digits and punctuation their half-width forms; the length stays the same."""
    return text.translate(_HALF)


def to_int(number: str) -> int:
    """Read a Chinese or Arabic number below ten thousand. Raises ValueError for anything else."""
    if re.fullmatch(r"\d+", number):
        return int(number)
    total = digit = 0
    for character in number:
        if character in _DIGITS:
            digit = digit * 10 + _DIGITS[character] if total == 0 and digit else _DIGITS[character]
        elif character in _TENS:
            total += (digit or 1) * _TENS[character]
            digit = 0
        else:
            raise ValueError(f"{number!r} is not a number")
    return total + digit


def article_of(label: str) -> int | None:
    """Give the article number a label or reference names ("第十二条第(二)项" → 12), if it names one."""
    found = re.search(rf"第({_N})条", label)
    return to_int(found.group(1)) if found else None
