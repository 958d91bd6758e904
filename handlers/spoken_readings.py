"""From days, hours and clocks to moments: all honest readings of a spoken time, and whether one is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from handlers import zones
from handlers.spoken_days import DAY, Days, Why
from handlers.spoken_hours import Hours

MOST = 7  # as many readings as one can choose from: a week of mornings
SMALL_HOURS = 5  # until then "tomorrow" may be the day that has begun
STEPS = {"day": 1, "week": 7}


class Exact(StrEnum):
    """How exactly a time was said."""

    DAYS = "days"  # a weekend, a week, the end of a month
    DAY = "day"
    PART = "part"  # the morning, from three to five
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The moments meant, from `starts` until before `ends` (UTC; equal where it is one moment), and on whose clock."""

    starts: datetime
    ends: datetime
    exact: Exact
    zone: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a time is asked back, and what it may mean (never in the past)."""

    why: Why
    candidates: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """When and by whose clocks words are read: one clock where it is plain, else all that may be meant."""

    at: datetime
    own: str
    home: str
    clocks: tuple[str, ...]
    offset: str | None = None  # tells the two hours of a fold apart

    def today(self, zone: str) -> date:
        return zones.wall(self.at, zone).date()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading, and what made it one of several."""

    spoken: Spoken
    why: Why | None = None


def on_days(days: Days, hours: Hours | None, asked: Asked) -> Spoken | Unclear:
    """Settle a time of which the day was said. What was said only of the day is read on one clock."""
    if not days.spans:
        return Unclear(days.why or Why.NOTHING)
    days = _from_today(_small_hours(days, asked), asked)
    readings: list[Reading] = []
    for first, last in days.spans:
        if hours is None:
            readings.extend(_whole(first, last, zone) for zone in asked.clocks[:1])
            continue
        # "下周下午" is one afternoon of several: which one is asked.
        many = first != last
        for number in range(min((last - first).days, MOST - 1) + 1):
            readings.extend(_with_hours(first + number * DAY, hours, asked, Why.WHICH_DAY if many else None))
    again = _again(days, asked)
    # "星期天上午" on a Sunday evening can only be the next; "这周三" on a Sunday is asked however late it is.
    why = None if days.why is Why.WEEK and days.weekday is not None and _has_gone(readings, asked) else days.why
    return _settled(readings, why, hours, asked, again)


def on_next_day(hours: Hours, asked: Asked) -> Spoken | Unclear:
    """Settle a time of which no day was said: the next one; one that has just gone by is asked about."""
    readings: list[Reading] = []
    gone = False
    for zone in asked.clocks:
        one = Asked(asked.at, asked.own, asked.home, (zone,), asked.offset)
        today = asked.today(zone)
        for span in _spans(hours, zone, asked):
            alone = Hours((span,), hours.why)
            found = [each for each in _with_hours(today, alone, one, None) if is_ahead(each.spoken, asked.at)]
            if not found:
                gone = gone or not hours.is_dawn
                found = _with_hours(today + DAY, alone, one, None)
            readings.extend(found)
    if gone and len(asked.clocks) == 1 and len(hours.spans) == 1:
        return Unclear(Why.PAST, tuple(each.spoken for each in readings))
    return _settled(readings, None, hours, asked, lambda spoken: None)


def settle_moments(moments: Iterable[Spoken], why: Why, asked: Asked) -> Spoken | Unclear:
    """Settle readings that are worked out already: the one, or which of them."""
    distinct = _distinct(moments)
    ahead = tuple(each for each in distinct if is_ahead(each, asked.at))
    if not ahead:
        return Unclear(Why.PAST)
    return ahead[0] if len(distinct) == 1 else Unclear(why, ahead[:MOST])


def is_ahead(spoken: Spoken, at: datetime) -> bool:
    """Tell whether some of a time is still to come."""
    return spoken.starts > at if spoken.exact is Exact.MINUTE else spoken.ends > at


def at_minute(day: date, minute: int, zone: str, offset: str | None = None) -> list[Reading]:
    """Give the moment of a minute of a day: two in a fold, and after a gap the one the clock was put forward to."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    moments = zones.moments_at(local, zone)
    if len(moments) == 2 and offset is not None:
        moments = tuple(each for each in moments if zones.is_same_clock(zone, offset, each)) or moments
    why = None if len(moments) == 1 else Why.FOLD if moments else Why.GAP
    if not moments:
        moments = (_carried_over(local, zone),)
    return [Reading(Spoken(each, each, Exact.MINUTE, zone), why) for each in moments]


def _has_gone(readings: list[Reading], asked: Asked) -> bool:
    return any(not is_ahead(each.spoken, asked.at) for each in readings)


def _with_hours(day: date, hours: Hours, asked: Asked, why: Why | None) -> list[Reading]:
    found: list[Reading] = []
    for zone in asked.clocks:
        spans = _spans(hours, zone, asked)
        for first, last in spans:
            if first == last:
                found.extend(
                    Reading(each.spoken, each.why or why) for each in at_minute(day, first, zone, asked.offset)
                )
            else:
                found.append(Reading(_between(day, first, last, zone), why))
    return found


def _spans(hours: Hours, zone: str, asked: Asked) -> tuple[tuple[int, int], ...]:
    """Give the minutes a time can mean: on another clock than the county's a bare "三点" may be at night as well."""
    return hours.halves if hours.halves and not zones.is_same_clock(zone, asked.home, asked.at) else hours.spans


def _between(day: date, first: int, last: int, zone: str) -> Spoken:
    midnight = datetime.combine(day, time())
    starts, ends = midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)
    return Spoken(_edge(starts, zone, 0), _edge(ends, zone, -1), Exact.PART, zone)


def _whole(first: date, last: date, zone: str) -> Reading:
    starts, ends = datetime.combine(first, time()), datetime.combine(last + DAY, time())
    exact = Exact.DAYS if first != last else Exact.DAY
    return Reading(Spoken(_edge(starts, zone, 0), _edge(ends, zone, 0), exact, zone))


def _edge(local: datetime, zone: str, which: int) -> datetime:
    moments = zones.moments_at(local, zone)
    return moments[which] if moments else zones.after_gap(local, zone)


def _carried_over(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def _small_hours(days: Days, asked: Asked) -> Days:
    """Add the day before where "tomorrow" is said after midnight by somebody who has not slept yet."""
    first = days.spans[0][0]
    if days.step != "day" or first <= asked.today(asked.own) or zones.wall(asked.at, asked.own).hour >= SMALL_HOURS:
        return days
    return replace(days, spans=((first - DAY, first - DAY), *days.spans), why=Why.WHICH_DAY)


def _from_today(days: Days, asked: Asked) -> Days:
    """Leave out the days of a span that have gone by: of the weekend, on a Sunday, its Sunday is left."""
    today = asked.today(asked.clocks[0])
    if not days.is_span:
        return days
    return replace(
        days, spans=tuple((max(first, today) if last >= today else first, last) for first, last in days.spans)
    )


def _settled(
    readings: list[Reading],
    days_why: Why | None,
    hours: Hours | None,
    asked: Asked,
    again: Callable[[Spoken], Spoken | None],
) -> Spoken | Unclear:
    """Give the one reading, or why there are several or none."""
    if not readings:
        return Unclear((hours and hours.why) or days_why or Why.NOTHING)
    by_moment = {(each.spoken.starts, each.spoken.ends, each.spoken.exact): each for each in reversed(readings)}
    distinct = list(reversed(by_moment.values()))
    ahead = [each for each in distinct if is_ahead(each.spoken, asked.at)]
    if not ahead:
        following = _distinct(each for reading in distinct if (each := again(reading.spoken)) is not None)
        return Unclear(Why.PAST, tuple(following)[:MOST])
    # On one of the clocks it has gone by; the person may count "tomorrow" by that clock all the same.
    gone = len(asked.clocks) > 1 and len({each.spoken.zone for each in distinct}) > len(
        {each.spoken.zone for each in ahead}
    )
    clocks = Why.CLOCK if gone or len({each.spoken.zone for each in ahead}) > 1 else None
    odd = next((each.why for each in ahead if each.why is not None), None)
    why = days_why or odd or (hours.why if hours else None) or clocks or (Why.HALF if len(ahead) > 1 else None)
    if len(ahead) == 1 and not gone and days_why not in FLAGGED and odd is not Why.GAP:
        return ahead[0].spoken
    return Unclear(why or Why.VAGUE, tuple(each.spoken for each in ahead[:MOST]))


# Reasons that stand even where one reading is left.
FLAGGED = frozenset({Why.PAST, Why.VAGUE, Why.WEEK, Why.MISMATCH})


def _again(days: Days, asked: Asked) -> Callable[[Spoken], Spoken | None]:
    """Make the step to the next such time for one that has gone by."""

    def following(spoken: Spoken) -> Spoken | None:
        local = zones.wall(spoken.starts, spoken.zone)
        day = local.date()
        length = spoken.ends - spoken.starts
        while days.step and day <= asked.today(spoken.zone) + 400 * DAY:
            day = _step(day, days.step)
            starts = _edge(datetime.combine(day, local.time().replace(fold=0)), spoken.zone, 0)
            moved = Spoken(starts, starts + length, spoken.exact, spoken.zone)
            if is_ahead(moved, asked.at):
                return moved
        return None

    return following


def _step(day: date, step: str) -> date:
    if step in STEPS:
        return day + STEPS[step] * DAY
    months = day.year * 12 + day.month - 1 + (1 if step == "month" else 12)
    first = date(months // 12, months % 12 + 1, 1)
    return min(first + (day.day - 1) * DAY, first + 27 * DAY) if day.day > 28 else first + (day.day - 1) * DAY


def _distinct(found: Iterable[Spoken]) -> list[Spoken]:
    by_moment: dict[tuple[datetime, datetime, Exact], Spoken] = {}
    for each in found:
        by_moment.setdefault((each.starts, each.ends, each.exact), each)
    return list(by_moment.values())


def walls_of(moment: datetime, asked: Asked) -> Iterator[tuple[str, datetime]]:
    """Give what each clock that may be meant shows at a moment."""
    for zone in asked.clocks:
        yield zone, zones.wall(moment, zone).replace(tzinfo=None, fold=0)
