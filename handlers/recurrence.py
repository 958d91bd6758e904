"""The days a rule is open: RFC 5545 recurrence by dateutil, with China's holidays and make-up workdays (调休)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from handlers import calendar_days
from storage.slots import Holidays, Rule

REPEATS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS = {"DAILY": 1, "WEEKLY": 7}


class BadRule(ValueError):
    """A recurrence rule can't be read; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a country does to its weeks: whether a day is a holiday, and whether a weekend day is worked instead."""

    is_holiday: Callable[[date], bool]
    is_makeup: Callable[[date], bool]


@lru_cache(maxsize=2000)
def _is_holiday(day: date) -> bool:
    return calendar_days.holiday(day, "en") is not None


@lru_cache(maxsize=2000)
def _is_makeup(day: date) -> bool:
    return calendar_days.is_makeup(day)


# Of a year that is not published only the days that are holidays by law are known, and no make-up workdays.
CHINA = Calendar(_is_holiday, _is_makeup)


def check_rrule(rrule: str) -> str:
    """Give a recurrence rule as it is stored. Raises BadRule for what is none, or repeats within a day."""
    words = "".join(rrule.split()).upper().removeprefix("RRULE:")
    parts = dict(part.partition("=")[::2] for part in words.split(";"))
    advice = "write for instance FREQ=WEEKLY;BYDAY=MO,WE (RFC 5545)"
    if parts.get("FREQ") not in REPEATS:
        raise BadRule(f"{rrule!r} is no recurrence rule by day, week, month or year; {advice}")
    if within_day := parts.keys() & {"BYHOUR", "BYMINUTE", "BYSECOND", "DTSTART"}:
        raise BadRule(f"{rrule!r}: {', '.join(sorted(within_day))} can't be used, the hours are given apart; {advice}")
    try:
        occurrences(words, date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 31))
    except (ValueError, KeyError, AttributeError) as error:
        raise BadRule(f"{rrule!r} is no recurrence rule ({error}); {advice}") from error
    return words


def days_open(rule: Rule, first: date, last: date, calendar: Calendar = CHINA) -> list[date]:
    """Give the days from first to last, both included, on which a rule is open.

    On a make-up workday a rule with `Holidays.MAKEUP` is open if it is open Monday to Friday: notices don't say which
    weekday such a day stands for.
    """
    if first > last:
        return []
    days = occurrences(rule.rrule, rule.valid_from, first, last)
    if rule.holidays is Holidays.KEEP:
        return list(days)
    opened = {day for day in days if not calendar.is_holiday(day)}
    if rule.holidays is Holidays.MAKEUP:
        every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        opened |= {day for day in every if calendar.is_makeup(day) and _is_open_all_week(rule, day)}
        return sorted(opened)
    # A weekend that is worked elsewhere in exchange is still this rule's weekend.
    return sorted(opened)


@lru_cache(maxsize=10_000)
def occurrences(rrule: str, begins: date, first: date, last: date) -> tuple[date, ...]:
    """Give the days of a recurrence rule that begins on a day, from first to last. Raises ValueError for no rule."""
    from dateutil.rrule import rrulestr

    start = datetime.combine(_nearer(rrule, begins, first), datetime.min.time())
    found = rrulestr(rrule, dtstart=start).between(
        datetime.combine(first, datetime.min.time()), datetime.combine(last, datetime.min.time()), inc=True
    )
    return tuple(moment.date() for moment in found)


def _nearer(rrule: str, begins: date, first: date) -> date:
    """Give a later beginning with the same days from `first` on: dateutil counts up from the beginning."""
    parts = dict(part.partition("=")[::2] for part in rrule.split(";"))
    if "COUNT" in parts or parts["FREQ"] not in DAYS or first <= begins:
        return begins
    # Whole intervals of whole weeks keep weekday and phase.
    stride = DAYS[parts["FREQ"]] * int(parts.get("INTERVAL", 1))
    return begins + timedelta(days=(first - begins).days // stride * stride)


def _is_open_all_week(rule: Rule, day: date) -> bool:
    monday = day - timedelta(days=day.weekday())
    friday = monday + timedelta(days=4)
    return len(occurrences(rule.rrule, min(rule.valid_from, monday), monday, friday)) == 5
