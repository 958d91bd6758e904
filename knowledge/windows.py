"""When applications are taken: the windows a clause names, whether one is open today, and the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.numbering import halved

_ABOUT = re.compile(r"申报|受理|报名|申请|登记|办理|提交|报送")
_SPAN = re.compile(
    r"(?:(?P<year>\d{4})年|(?P<yearly>每年)?)(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日(?:起)?\s*(?:至|到|-|—|–|~)\s*(?:(?:\d{4}|当|次|同)年)?(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日"
)
_MONTHS = re.compile(r"每年(?:的)?(?P<months>\d{1,2}月(?:份)?(?:[、和及,]\d{1,2}月(?:份)?)*)(?!\d*日|\d{1,2}日)")


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of days, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class WindowState:
    """`open`: the window that holds the day; `next`: the first one after it; both None if all are over."""

    open: Window | None
    next: Window | None


def window_state(text: str, on: date) -> WindowState | None:
    """Tell where a day stands to the windows a clause names; None if it names none.

    Yearly windows come round again; a window with its year does not. A window may lead over new year.
    """
    windows = sorted(_windows(text, on), key=lambda window: window.first)
    if not windows:
        return None
    return WindowState(
        next((window for window in windows if window.first <= on <= window.last), None),
        next((window for window in windows if window.first > on), None),
    )


def _windows(text: str, on: date) -> Iterator[Window]:
    for sentence in re.split(r"[。;\n]", halved(text)):
        if not _ABOUT.search(sentence):
            continue
        yearly = False
        for found in _SPAN.finditer(sentence):
            # "每年3月1日至3月31日、9月1日至9月30日": the word counts for the spans that follow it.
            yearly = (yearly or bool(found["yearly"])) and not found["year"]
            if not yearly and not found["year"]:
                continue
            for year in (on.year - 1, on.year, on.year + 1) if yearly else (int(found["year"]),):
                month, day = int(found["m1"]), int(found["d1"])
                yield from _window((year, month, day), (year, int(found["m2"] or month), int(found["d2"])))
        for found in _MONTHS.finditer(sentence):
            for month in map(int, re.findall(r"\d+", found["months"])):
                for year in (on.year, on.year + 1):
                    yield from _window((year, month, 1), (year, month, 31))


def _window(first: tuple[int, int, int], last: tuple[int, int, int]) -> Iterator[Window]:
    if last < first:
        last = (last[0] + 1, *last[1:])
    begin, end = _day(*first), _day(*last)
    if begin and end:
        yield Window(begin, end)


def _day(year: int, month: int, day: int) -> date | None:
    """Give a day; the 29th, 30th and 31st of a shorter month are its last."""
    for given in (day, 30, 29, 28):
        try:
            return date(year, month, min(given, day))
        except ValueError:
            continue
    return None
