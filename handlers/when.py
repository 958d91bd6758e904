"""When somebody means: years, months, festivals and lunar days, kept as said and read as far as they can be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from handlers.questions import Problem, Question, Surroundings, looks_like_question, tidy
from knowledge.numbering import to_int
from knowledge.words import normalise

LONGEST = 40
N = r"[0-9零〇一二两三四五六七八九十]+"
LUNAR_FESTIVALS = {
    r"大年初一|正月初一|春节|过年|spring festival|(?:chinese|lunar) new year": (1, 1),
    r"元宵": (1, 15),
    r"端午|dragon boat": (5, 5),
    r"七夕": (7, 7),
    r"中秋|八月十五|mid-?autumn": (8, 15),
    r"重阳": (9, 9),
}
FIXED_FESTIVALS = {
    r"元旦|new year'?s day": (1, 1),
    r"清明|qingming": (4, 5),
    r"五一|劳动节|labou?r day|may day": (5, 1),
    r"国庆|十一(?!月|点|号|日)|national day": (10, 1),
    r"暑假|暑期|summer": (7, 1),
    r"寒假": (1, 20),
    r"年底|年末|end of (?:the |next )?year": (12, 31),
    r"年中": (6, 30),
    r"年初": (1, 1),
}
YEARS = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2, "this year": 0, "next year": 1, "last year": -1}
UNDECIDED = re.compile(r"没想好|不确定|不一定|再说|还没定|看情况|随时|not sure|undecided|any ?time")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True, slots=True)
class When:
    """A time in a person's own words, and the day it begins on as far as it can be read."""

    said: str
    day: date | None


@dataclass(frozen=True)
class Day(Question[When]):
    """A day or a time of the year; any short words are kept, with the day read from them if there is one."""

    today: date = date.min
    past: bool = False  # "since when" looks back
    free_text: ClassVar[bool] = True

    def settle(self, around: Surroundings) -> Day:
        return replace(self, today=around.today)

    def read(self, text: str) -> When | Problem:
        words = tidy(text)
        if not words or len(words) > LONGEST or looks_like_question(words):
            return Problem("problem.day.unclear", {"longest": LONGEST})
        day = read_day(words, self.today, past=self.past)
        if day is None and not UNDECIDED.search(normalise(words)) and not re.search(r"[年月日号周天节季]|\d", words):
            return Problem("problem.day.unclear", {"longest": LONGEST})
        return When(words, day)

    def dump(self, value: When) -> Any:
        return {"said": value.said, "day": value.day.isoformat() if value.day else None}

    def load(self, stored: Any) -> When:
        return When(stored["said"], date.fromisoformat(stored["day"]) if stored["day"] else None)

    def show(self, value: When) -> str:
        return (
            f"{value.said} ({value.day.isoformat()})"
            if value.day and value.day.isoformat() != value.said
            else value.said
        )


def read_day(text: str, today: date, *, past: bool = False) -> date | None:
    """Read the first day a text names, seen from `today`: the next one, or the last one if `past`."""
    words = normalise(text)
    try:
        return (
            _written(words)
            or _lunar(words, today, past)
            or _festival(words, today, past)
            or _monthly(words, today, past)
        )
    except (ValueError, OverflowError):
        return None  # the 31st of a month that has none


def _written(words: str) -> date | None:
    found = re.search(r"(\d{4})\s*[-年./]\s*(\d{1,2})(?:\s*[-月./]\s*(\d{1,2})?)?", words)
    return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None


def _lunar(words: str, today: date, past: bool) -> date | None:
    found = re.search(rf"(?:农历|阴历)\s*({N}|正|冬|腊)月\s*(?:初)?({N})?|(正|腊|冬)月\s*(?:初)?({N})?", words)
    if not found:
        return None
    said = found[1] or found[3]
    month = {"正": 1, "冬": 11, "腊": 12}.get(said) or to_int(said)
    return _once_a_year(words, today, past, lambda year: _solar(year, month, to_int(found[2] or found[4] or "1")))


def _festival(words: str, today: date, past: bool) -> date | None:
    for pattern, (month, day) in LUNAR_FESTIVALS.items():
        if re.search(pattern, words):
            return _once_a_year(words, today, past, lambda year, m=month, d=day: _solar(year, m, d))  # type: ignore[misc]
    for pattern, (month, day) in FIXED_FESTIVALS.items():
        if re.search(pattern, words):
            return _once_a_year(words, today, past, lambda year, m=month, d=day: date(year, m, d))  # type: ignore[misc]
    return None


def _monthly(words: str, today: date, past: bool) -> date | None:
    if found := re.search(rf"({N})\s*月(?:份)?\s*({N})?\s*[日号]?", words):
        month, day = to_int(found[1]), to_int(found[2] or "1")
        return _once_a_year(words, today, past, lambda year: date(year, month, day))
    if found := re.search(rf"\b({'|'.join(MONTHS)})[a-z]*\b", words):
        month = MONTHS.index(found[1]) + 1
        return _once_a_year(words, today, past, lambda year: date(year, month, 1))
    if re.search(r"下个?月|next month", words):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if re.search(r"下(?:个)?(?:周|星期|礼拜)|next week", words):
        return today + timedelta(days=7 - today.weekday())
    for said, days in {"大后天": 3, "后天": 2, "明天": 1, "tomorrow": 1, "今天": 0, "today": 0, "昨天": -1}.items():
        if said in words:
            return today + timedelta(days=days)
    if (year := _year(words, today)) is not None:
        return date(year, 1, 1)
    return None


def _once_a_year(words: str, today: date, past: bool, on: Callable[[int], date]) -> date:
    """Give the day in the year that is named, else the next one (or the last one)."""
    named = _year(words, today)
    if named is not None:
        return on(named)
    days = sorted(on(year) for year in (today.year - 1, today.year, today.year + 1))
    return (
        max((day for day in days if day <= today), default=days[0])
        if past
        else next((day for day in days if day >= today), days[-1])
    )


def _year(words: str, today: date) -> int | None:
    if found := re.search(r"(\d{4})\s*年?", words):
        return int(found[1])
    if found := re.search(r"(?<!\d)(\d{2})\s*年(?!前|后|多|来|以)", words):
        return 2000 + int(found[1])
    return next((today.year + years for said, years in YEARS.items() if said in words), None)


def _solar(year: int, month: int, day: int) -> date:
    from borax.calendars.lunardate import LunarDate

    solar: date = LunarDate(year, month, day).to_solar_date()
    return solar
