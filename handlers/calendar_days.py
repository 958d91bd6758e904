"""Which days are worked in China, what holidays they belong to, and days of the lunar calendar.

Holidays and make-up workdays (调休) are published year by year by the State Council, late in the year before; nobody
can work them out. A year that is not published is not guessed: only the days that are holidays by law are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

NAMES = {
    "new_year": ("元旦", "New Year's Day"),
    "spring": ("春节", "Spring Festival"),
    "qingming": ("清明节", "Qingming"),
    "labour": ("劳动节", "Labour Day"),
    "dragon_boat": ("端午节", "Dragon Boat Festival"),
    "mid_autumn": ("中秋节", "Mid-Autumn Festival"),
    "national": ("国庆节", "National Day"),
}
# What the library calls them.
PUBLISHED = {
    "New Year's Day": "new_year",
    "Spring Festival": "spring",
    "Tomb-sweeping Day": "qingming",
    "Labour Day": "labour",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-autumn Festival": "mid_autumn",
    "National Day": "national",
}
# The lunar tables reach from 1900 to 2100.
FIRST_YEAR, LAST_YEAR = 1901, 2099


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar; `leap` where its month is the second of that number (闰月)."""

    year: int
    month: int
    day: int
    leap: bool = False


def is_announced(year: int) -> bool:
    """Tell whether a year's holidays and make-up workdays are published (as far as the library knows)."""
    return year in _announced()


def is_workday(day: date) -> bool | None:
    """Tell whether a day is worked in China; None where that year's list is not published yet.

    Holidays by law are off in every year, published or not.
    """
    if by_law(day) is not None:
        return False
    if not is_announced(day.year) or _waits_for_next_list(day):
        return None
    from chinese_calendar import is_workday as worked

    return bool(worked(day))


def is_makeup(day: date) -> bool:
    """Tell whether a Saturday or Sunday is worked in exchange for a day off (调休)."""
    return day.weekday() >= 5 and is_workday(day) is True


def holiday(day: date, language: str) -> str | None:
    """Give the name of the holiday a day off belongs to; None for ordinary days and plain weekends."""
    code = _holiday_code(day)
    return NAMES[code][language == "en"] if code else None


def holiday_span(code: str, year: int) -> tuple[date, date] | None:
    """Give the first and last day off of a holiday (`new_year`, `spring`, … as in `NAMES`); None if not published.

    Weekend days that touch it belong to it. A holiday shared by two festivals counts for both.
    """
    if not is_announced(year):
        return None
    days = [day for day in _days_of(year) if _holiday_code(day) == code]
    if not days:
        return None
    first, last = days[0], days[-1]
    while is_workday(first - timedelta(days=1)) is False:
        first -= timedelta(days=1)
    while is_workday(last + timedelta(days=1)) is False:
        last += timedelta(days=1)
    return first, last


def by_law(day: date) -> str | None:
    """Give the code of the holiday that a day is by law.

    Regulation on Public Holidays (全国年节及纪念日放假办法, State Council Order 795, in force 2025-01-01), article 2:
    the eve of the Spring Festival and 2 May are holidays since 2025.
    """
    fixed = {(1, 1): "new_year", (5, 1): "labour", (10, 1): "national", (10, 2): "national", (10, 3): "national"}
    if (code := fixed.get((day.month, day.day))) is not None:
        return code
    if (day.month, day.day) == (5, 2) and day.year >= 2025:
        return "labour"
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    if day == qingming(day.year):
        return "qingming"
    moon = lunar(day)
    if moon.leap:
        return None
    by_moon = {(1, 1): "spring", (1, 2): "spring", (1, 3): "spring", (5, 5): "dragon_boat", (8, 15): "mid_autumn"}
    if day.year >= 2025 and lunar(day + timedelta(days=1)).month == 1 and moon.month == 12:
        return "spring"
    return by_moon.get((moon.month, moon.day))


def lunar(day: date) -> LunarDay:
    """Give the lunar day of a day. Raises ValueError outside 1901 to 2099."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day}: the lunar tables reach from {FIRST_YEAR} to {LAST_YEAR}")
    return _lunar(day)


def solar(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """Give the day of a lunar day. Raises ValueError for one that does not exist (the 30th of a short month)."""
    from borax.calendars.lunardate import LunarDate

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{year}: the lunar tables reach from {FIRST_YEAR} to {LAST_YEAR}")
    found: date = LunarDate(year, month, day, int(leap)).to_solar_date()
    return found


def leap_month(year: int) -> int:
    """Give the number of the month that a lunar year has twice; 0 if none."""
    from borax.calendars.lunardate import LCalendars

    return int(LCalendars.leap_month(year))


def new_year_eve(year: int) -> date:
    """Give the last day of a lunar year (除夕), the 29th or 30th of its twelfth month."""
    return solar(year + 1, 1, 1) - timedelta(days=1)


def qingming(year: int) -> date:
    return solar_term(year, "清明")


def solar_term(year: int, name: str) -> date:
    """Give the day of one of the 24 solar terms by its Chinese name ("冬至")."""
    from borax.calendars.lunardate import TermUtils

    day: date = TermUtils.nth_term_day(year, term_name=name)
    return day


def lunar_words(day: date) -> str:
    """Write a day by the lunar calendar: 正月初六, 闰六月初五."""
    from borax.calendars.lunardate import LunarDate

    return str(LunarDate.from_solar(day).cn_md)


@cache
def _announced() -> frozenset[int]:
    from chinese_calendar import holidays

    return frozenset(day.year for day in holidays)


def _waits_for_next_list(day: date) -> bool:
    """Tell the last days of a year that the next year's list may still move.

    New Year's Day belongs to the next list: for Tuesday 1 January 2019 it took Monday 31 December 2018 and made
    Saturday the 29th a workday, weeks before the end of a year that was long published.
    """
    new_year = date(day.year + 1, 1, 1)
    return day >= date(day.year, 12, 29) and new_year.weekday() == 1 and not is_announced(new_year.year)


def _holiday_code(day: date) -> str | None:
    if (code := by_law(day)) is not None:
        return code
    from chinese_calendar import holidays

    return PUBLISHED.get(holidays.get(day, ""))


def _days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=number) for number in range(365 + (year % 4 == 0))]


@cache
def _lunar(day: date) -> LunarDay:
    from borax.calendars.lunardate import LunarDate

    found = LunarDate.from_solar(day)
    return LunarDay(found.year, found.month, found.day, bool(found.leap))
