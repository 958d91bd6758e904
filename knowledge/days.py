"""Days as official texts write them: 2025年4月1日, 二〇二五年四月一日, 2025-04-01, and terms of years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.numbering import halved, to_int

# People type and scanners read the round zero of a written year as many things.
_YEAR_DIGITS = str.maketrans("〇○◯零Oo一二三四五六七八九", "000000123456789")
_YEAR = r"(\d{4}|[12一二][〇○◯零Oo0-9一二三四五六七八九]{3})"
_DAY = re.compile(
    rf"{_YEAR}\s*(?:年|[-./])\s*(\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\s*(?:月|[-./])"
    r"\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日?"
)
_END_OF = re.compile(rf"{_YEAR}\s*年\s*(?:(\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\s*月)?\s*(?:年?底|年?末|度?末|$)")
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


def impossible_days_in(text: str) -> Iterator[str]:
    """Give what is written like a day but is none ("2025年2月30日")."""
    possible = {start for _, start, _ in days_in(text)}
    yield from (found.group() for found in _DAY.finditer(halved(text)) if found.start() not in possible)


def last_day_in(text: str) -> date | None:
    """Give the last day of a year or month named as an end: 2026年底, 2026年6月底."""
    found = _END_OF.search(halved(text).strip())
    if found is None:
        return None
    year, month = int(found.group(1).translate(_YEAR_DIGITS)), to_int(found.group(2)) if found.group(2) else 12
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if 1 <= month <= 12 else None


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
