"""Which days words can mean, seen from the day they were said: weekdays, dates, lunar days and holidays as candidates.

Every function gives all honest readings; where there is more than one, or none, it says why. Words become calls of
these functions in `spoken_day_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
SUNDAY = 6
# A date without a year that went by this lately was rather meant than the one in a year.
LATELY = timedelta(days=45)
LONGEST_YEAR = timedelta(days=385)  # a lunar year of thirteen months
# "初六" in the last weeks of the lunar year is more likely the sixth of the new one.
BEFORE_NEW_YEAR = timedelta(days=45)


class Why(StrEnum):
    """Why a time was not taken but asked back."""

    NOTHING = "nothing"  # no time in these words
    WEEK = "week"  # which Wednesday
    WHICH_DAY = "which-day"  # which of several days
    CLOCK = "clock"  # whose afternoon
    HALF = "half"  # morning or evening
    ORDER = "order"  # 3/4: day or month first
    PAST = "past"
    GAP = "gap"  # the clock is put forward over it
    FOLD = "fold"  # the clock shows it twice
    LUNAR = "lunar"  # which calendar, or which month of it
    UNANNOUNCED = "unannounced"  # that year's holidays are not published
    SEVERAL = "several"  # more than one time was named, or one was ruled out
    IMPOSSIBLE = "impossible"  # 31 November
    MISMATCH = "mismatch"  # Friday the 3rd is a Thursday
    WHERE = "where"  # the person's own clock is not known
    EARLIER = "earlier"  # "the same time" as what
    VAGUE = "vague"


@dataclass(frozen=True, slots=True)
class Days:
    """The days some words can mean: spans from a first to a last day, one where it is plain."""

    spans: tuple[tuple[date, date], ...]
    why: Why | None = None  # why there are several spans, or none
    step: str = ""  # when the next such day comes: "day", "week", "month", "year"; "" never
    weekday: int | None = None  # a weekday without anything else
    part: str = ""  # a part of the day said with it: 今晚
    is_span: bool = False  # several days are meant, not one of them


def one(day: date, step: str = "", **more: object) -> Days:
    return Days(((day, day),), step=step, **more)  # type: ignore[arg-type]


def several(days: Iterable[date], why: Why, step: str = "") -> Days:
    """Give one or more days; the reason only counts where they are more than one."""
    distinct = tuple(dict.fromkeys(days))
    return Days(tuple((day, day) for day in distinct), why if len(distinct) != 1 else None, step)


def span(first: date, last: date) -> Days:
    return Days(((first, last),), is_span=True)


def none(why: Why) -> Days:
    return Days((), why)


def after_days(today: date, count: int) -> Days:
    return one(today + count * DAY, "day")


def after_months(today: date, count: int) -> Days:
    """Give the same day of a later month, its last where it is shorter."""
    first = month_start(today, count)
    return one(min(first + (today.day - 1) * DAY, month_end(first)))


def weekday(today: date, number: int) -> Days:
    """Read a weekday alone: the next one; on that very weekday it may be today or in a week."""
    ahead = (number - today.weekday()) % 7
    days = [today + ahead * DAY] + ([today + 7 * DAY] if not ahead else [])
    return replace(several(days, Why.WEEK, "week"), weekday=number)


def weekday_of_week(today: date, number: int, weeks: int) -> Days:
    """Read 这周三, 下周三, 下下周一: weeks begin on Monday, but on a Sunday not for everybody."""
    day = today + (7 * weeks + number - today.weekday()) * DAY
    if today.weekday() != SUNDAY or number == SUNDAY or weeks < 0:
        return one(day, "week")
    if weeks == 0:
        return replace(one(day + 7 * DAY, "week"), why=Why.WEEK)
    return several([day, day + 7 * DAY], Why.WEEK, "week")


def next_weekday(today: date, number: int) -> Days:
    """Read "next Wednesday" and 下个周三: the nearest to come, or the one of next week; often disputed."""
    nearest = today + ((number - today.weekday() - 1) % 7 + 1) * DAY
    in_next_week = today - today.weekday() * DAY + (7 + number) * DAY
    later = [nearest + 7 * DAY] if today.weekday() == SUNDAY and number != SUNDAY else []
    return several([nearest, in_next_week, *later], Why.WEEK, "week")


def this_weekday(today: date, number: int) -> Days:
    """Read "this Wednesday": of the week that runs; said on a Sunday, the one to come."""
    if today.weekday() == SUNDAY and number != SUNDAY:
        return one(today + (number + 1) * DAY, "week")
    return one(today + (number - today.weekday()) * DAY, "week")


def week(today: date, weeks: int) -> Days:
    monday = today + (7 * weeks - today.weekday()) * DAY
    if today.weekday() == SUNDAY and weeks > 0:
        return Days(((monday, monday + 6 * DAY), (monday + 7 * DAY, monday + 13 * DAY)), Why.WEEK, is_span=True)
    return span(monday, monday + 6 * DAY)


def weekend(today: date, weeks: int | None) -> Days:
    """Read a weekend: of this week, of a later one, or without saying which (None)."""
    saturday = today + (5 - today.weekday()) * DAY
    if weeks is None:
        later = [saturday + 7 * DAY] if today.weekday() >= 5 else []
        found = [(day, day + DAY) for day in (saturday, *later)]
        return Days(tuple(found), Why.WEEK if later else None, is_span=True)
    saturday += 7 * weeks * DAY
    return span(saturday, saturday + DAY)


def next_weekend(today: date) -> Days:
    """Read "next weekend": disputed until the weekend has begun."""
    saturday = today + (5 - today.weekday()) * DAY
    days = [saturday + 7 * DAY] if today.weekday() >= 5 else [saturday, saturday + 7 * DAY]
    return Days(tuple((day, day + DAY) for day in days), Why.WEEK if len(days) > 1 else None, is_span=True)


def date_of(today: date, month: int, day: int, year: int | None = None) -> Days:
    """Read a month and a day: of the year said, else the next one; one that has just gone by is asked about."""
    if year is not None:
        return _existing([(year, month, day)])
    return once_a_year(today, lambda each: date(each, month, day))


def either_order(today: date, first: int, second: int, year: int | None = None) -> Days:
    """Read 3/4: as month and day and as day and month, where both are possible."""
    orders = [(month, day) for month, day in {(first, second): 0, (second, first): 0} if 1 <= month <= 12]
    readings = [date_of(today, month, day, year) for month, day in orders]
    found = [reading for reading in readings if reading.spans]
    if not found:
        return none(Why.IMPOSSIBLE)
    if len(found) == 1:
        return found[0]
    return several((first for each in found for first, _ in each.spans), Why.ORDER, "year")


def day_of_month(today: date, day: int, months: int | None = None) -> Days:
    """Read 5号 / "the 5th": of a month counted from this one, else the next there is."""
    if not 1 <= day <= 31:
        return none(Why.IMPOSSIBLE)
    if months is not None:
        first = month_start(today, months)
        return _existing([(first.year, first.month, day)], "month")
    firsts = [month_start(today, number) for number in range(4)]
    days = [first + (day - 1) * DAY for first in firsts if first + (day - 1) * DAY <= month_end(first)]
    coming = [each for each in days if each >= today]
    return several(coming[: 2 if coming[0] == today else 1], Why.WHICH_DAY, "month")


def month(today: date, number: int, year: int | None = None) -> Days:
    """Read a whole month: of the year said, else the one that runs or the next of that name."""
    if not 1 <= number <= 12:
        return none(Why.IMPOSSIBLE)
    first = date(year or today.year + (number < today.month), number, 1)
    return span(first, month_end(first))


def part_of_month(first: date, part: str) -> Days:
    """Give the days of 上旬, 中旬, 下旬 (ten each), and of a month's beginning, middle and end (five each)."""
    last = month_end(first)
    starts = {"上旬": (1, 10), "初": (1, 5), "中旬": (11, 20), "中": (13, 17), "下旬": (21, last.day)}
    begin, end = starts.get(part, (last.day - 4, last.day))
    return span(first.replace(day=begin), first.replace(day=end))


def once_a_year(today: date, on: Callable[[int], date], *, year: int | None = None, reach: int = 1) -> Days:
    """Give the day in the year said, else the next; one that went by lately is asked about."""
    if year is not None:
        return _day_in(on, [year])
    years = [today.year - 1, *range(today.year, today.year + reach + 1)]
    days = sorted(_days_in(on, years))
    coming = [day for day in days if day >= today]
    # 29 February and the 30th of a lunar month are not put off to a year that has them.
    if not coming or (reach == 1 and coming[0] - today > LONGEST_YEAR):
        return none(Why.IMPOSSIBLE)
    gone = [day for day in days if today - LATELY <= day < today]
    return Days(((coming[0], coming[0]),), Why.PAST if gone else None, "year")


def month_start(today: date, months: int) -> date:
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def month_end(first: date) -> date:
    return month_start(first, 1) - DAY


def _existing(parts: list[tuple[int, int, int]], step: str = "") -> Days:
    found = _days_in(lambda number: date(*parts[number]), range(len(parts)))
    return one(found[0], step) if found else none(Why.IMPOSSIBLE)


def _day_in(on: Callable[[int], date], years: list[int]) -> Days:
    found = _days_in(on, years)
    return one(found[0]) if found else none(Why.IMPOSSIBLE)


def _days_in(on: Callable[[int], date], numbers: Iterable[int]) -> list[date]:
    found = []
    for number in numbers:
        try:
            found.append(on(number))
        except ValueError:
            continue  # 29 February, or the 30th of a short lunar month
    return found
