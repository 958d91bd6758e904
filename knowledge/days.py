"""Days as official texts write them: 2025年4月1日, 二〇二五年四月一日, 2025-04-01, and terms of years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.numbering import halved, to_int

_YEAR_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_DAY = re.compile(
    r"(\d{4}|[〇○零一二三四五六七八九]{4})\s*(?:年|[-./])\s*(\d{1,2}|[一二三四五六七八九十]{1,2})\s*(?:月|[-./])"
    r"\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日?"
)
TERM = re.compile(r"(\d+|[一二两三四五六七八九十]+)\s*(年|个月)")


def days_in(text: str) -> Iterator[tuple[date, int, int]]:
    """Give every day named in a text with the place where it starts and ends; impossible days are skipped."""
    for found in _DAY.finditer(halved(text)):
        year, month, day = found.groups()
        try:
            yield (
                date(int(year.translate(_YEAR_DIGITS)), to_int(month), to_int(day)),
                found.start(),
                found.end(),
            )
        except ValueError:
            continue


def day_in(text: str) -> date | None:
    """Give the first day named in a text."""
    return next((day for day, _, _ in days_in(text)), None)


def after_term(start: date, term: str) -> date | None:
    """Give the last day of a term that begins on `start` ("五年" from 2025-04-01 ends 2030-03-31)."""
    found = TERM.search(halved(term))
    if found is None:
        return None
    months = to_int(found.group(1)) * (12 if found.group(2) == "年" else 1)
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    first = date(year, month, 1)
    # The same day number or the month's last: a term from 31 August ends with February.
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(first + timedelta(days=start.day - 1), following) - timedelta(days=1)
