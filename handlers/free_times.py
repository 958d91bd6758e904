"""Free times: rules, single days and what is taken made into the times one can book; pure, for whoever offers them.

Rules are RFC 5545 recurrence rules by the county's clock; a leave beats them, extra hours add to them. A time is free
if every quarter of it, and of the buffer after it, has a seat left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from handlers.recurrence import CHINA, Calendar, days_open
from storage.slots import COUNTY_ZONE, Day, DayKind, Host, Rule, Terms, suits

Taken = Mapping[str, Mapping[int, int]]  # host id → cell → seats taken

COUNTY = ZoneInfo(COUNTY_ZONE)
CELL_SECONDS = 900
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK_CELLS = 7 * 96
# 1 January 1970 was a Thursday, and the county's clock is eight hours on (always, since 1991).
MONDAY_CELLS = 3 * 96 + 8 * 4


class Free(NamedTuple):
    """A time one can book with a host, in UTC, with the seats left and the terms it comes with."""

    host_id: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    terms: Terms
    rule_id: str | None = None  # None: extra hours of a single day


class Offered(NamedTuple):
    """A time once, with every host who could take it; the one with the fewest quarters booked that week first."""

    starts_at: datetime
    ends_at: datetime
    choices: tuple[Free, ...]


class _Window(NamedTuple):
    """Hours of one day, in cells, with what they come with; `first` and `last` are the cells that may begin one."""

    begins: int
    ends: int
    first: int
    last: int
    terms: Terms
    rule_id: str | None


class _Moments(dict[int, datetime]):
    """The moments cells begin at, each made once."""

    def __missing__(self, cell: int) -> datetime:
        moment = self[cell] = EPOCH + timedelta(seconds=cell * CELL_SECONDS)
        return moment


def free(
    hosts: Sequence[Host],
    rules: Iterable[Rule],
    days: Iterable[Day],
    taken: Taken,
    now: datetime,
    from_: datetime,
    to: datetime,
    zone: ZoneInfo = COUNTY,
    *,
    topic: str | None = None,
    mode: str | None = None,
    calendar: Calendar = CHINA,
) -> list[Free]:
    """Give the free times that begin in [from_, to), by time, then in the order of the hosts.

    `rules`, `days` and `taken` are those of the hosts (`storage.slots`, `storage.bookings.taken`); `taken` must reach
    a day past `to`. `zone` is the clock of the rules. Lead time, ahead limit, holidays and make-up workdays (调休)
    are seen to; how many a person may have in a week is not.
    """
    those: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        those[rule.host_id].append(rule)
    singles: dict[str, list[Day]] = defaultdict(list)
    for day in days:
        singles[day.host_id].append(day)
    span = (_cell(from_, up=True), _cell(to, up=True) - 1)
    at: dict[int, list[Free]] = defaultdict(list)
    moments = _Moments()
    for host in hosts:
        seats_taken = taken.get(host.id, {})
        leaves = _leaves(singles[host.id], zone)
        known: set[int] = set()
        for window in _windows(host, those[host.id], singles[host.id], now, span, zone, topic, mode, calendar):
            length = window.terms.slot_minutes // 15
            starts = _starts(window, seats_taken, leaves)
            for cell, seats in starts.items():
                if cell not in known:
                    times = moments[cell], moments[cell + length]
                    at[cell].append(Free(host.id, *times, seats, window.terms, window.rule_id))
            known.update(starts)
    return [one for cell in sorted(at) for one in at[cell]]


def offered(free: Iterable[Free], taken: Taken) -> list[Offered]:
    """Merge the hosts' free times for "any officer": each time once, by time, its hosts in a fair order.

    The host with the fewest quarters taken in that week (of those in `taken`) comes first.
    """
    load: dict[int, dict[str, int]] = defaultdict(dict)
    for host, cells in taken.items():
        for cell, seats in cells.items():
            of_week = load[_week(cell)]
            of_week[host] = of_week.get(host, 0) + seats
    merged: list[Offered] = []
    for starts_at, begun in groupby(free, key=attrgetter("starts_at")):
        together: dict[datetime, list[Free]] = {}
        for one in begun:
            together.setdefault(one.ends_at, []).append(one)
        of_week = load.get(_week(_cell(starts_at)), {})
        for ends_at, choices in together.items():
            choices.sort(key=lambda one, of_week=of_week: of_week.get(one.host_id, 0))  # type: ignore[misc]
            merged.append(Offered(starts_at, ends_at, tuple(choices)))
    return merged


def _windows(
    host: Host,
    rules: Sequence[Rule],
    singles: Sequence[Day],
    now: datetime,
    span: tuple[int, int],
    zone: ZoneInfo,
    topic: str | None,
    mode: str | None,
    calendar: Calendar,
) -> Iterator[_Window]:
    """Give a host's hours that reach into a span of cells, rules first."""
    # A day's hours may begin the evening before by another clock; a day more on either side costs nothing.
    first = datetime.fromtimestamp(span[0] * CELL_SECONDS, zone).date()
    last = datetime.fromtimestamp(span[1] * CELL_SECONDS, zone).date()
    today = now.astimezone(zone).date()
    for rule in rules:
        if not suits(host, rule.terms, topic, mode):
            continue
        earliest = max(span[0], _cell(now + timedelta(minutes=rule.terms.lead_minutes), up=True))
        until = min(last, today + timedelta(days=rule.terms.ahead_days), rule.valid_until or last)
        for day in days_open(rule, max(first, rule.valid_from), until, calendar):
            begins = _cell_at(day, rule.starts, zone)
            yield _Window(begins, begins + rule.minutes // 15, earliest, span[1], rule.terms, rule.id)
    usual = rules[0].terms if rules else Terms()
    if suits(host, usual, topic, mode):
        earliest = max(span[0], _cell(now + timedelta(minutes=usual.lead_minutes), up=True))
        for single in singles:
            if single.kind is DayKind.EXTRA and single.starts and single.ends and first <= single.day <= last:
                begins, ends = (_cell_at(single.day, clock, zone) for clock in (single.starts, single.ends))
                yield _Window(begins, ends, earliest, span[1], usual, None)


def _starts(window: _Window, taken: Mapping[int, int], leaves: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Give the cells at which a time of a window can begin, with the seats left."""
    terms = window.terms
    length, step, capacity = terms.slot_minutes // 15, terms.step // 15, terms.capacity
    whole = length + terms.buffer_minutes // 15
    skipped = max(0, -((window.begins - window.first) // step))  # starts before the first that is possible
    starts = range(window.begins + skipped * step, min(window.ends - length, window.last) + 1, step)
    # Few cells are taken: which starts they rule out is sooner said than every start looked at.
    near = [cell for cell in range(starts.start, starts.stop + whole) if cell in taken] if taken else []
    closed = {start for cell in near if taken[cell] >= capacity for start in range(cell - whole + 1, cell + 1)}
    for begins, ends in leaves:
        closed.update(range(max(starts.start, begins - length + 1), min(starts.stop, ends)))
    if capacity == 1 or not near:
        return {cell: capacity for cell in starts if cell not in closed}
    return {
        cell: capacity - max(taken.get(one, 0) for one in range(cell, cell + whole))
        for cell in starts
        if cell not in closed
    }


def _leaves(singles: Iterable[Day], zone: ZoneInfo) -> list[tuple[int, int]]:
    """Give the cells a host is on leave, as [begins, ends)."""
    leaves = []
    for single in singles:
        if single.kind is DayKind.LEAVE:
            begins = _cell_at(single.day, single.starts or "00:00", zone)
            if single.ends is None:
                ends = _cell_at(single.day + timedelta(days=1), "00:00", zone)
            else:
                ends = _cell_at(single.day, single.ends, zone)
            leaves.append((begins, ends))
    return leaves


def _cell(moment: datetime, *, up: bool = False) -> int:
    seconds = moment.timestamp()
    return int(-(-seconds // CELL_SECONDS) if up else seconds // CELL_SECONDS)


def _cell_at(day: date, clock: str, zone: ZoneInfo) -> int:
    """Give the cell of a wall clock's time; "24:00" is the end of the day."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return _cell(datetime.combine(day, time.fromisoformat(clock), zone))


def _week(cell: int) -> int:
    """Number the weeks, Monday to Sunday, by the county's clock."""
    return (cell + MONDAY_CELLS) // WEEK_CELLS
