"""Free times: rules, single days and what is taken made into the times one can book; pure, for whoever offers them.

Rules are RFC 5545 recurrence rules by the county's clock; a leave beats them, extra hours add to them. A time is free
if every quarter of it, and of the buffer after it, has a seat left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from handlers.recurrence import CHINA, Calendar, days_open
from storage.slots import COUNTY_ZONE, Day, DayKind, Host, Rule, Terms, suits

Taken = Mapping[str, Mapping[int, int]]  # host id → cell → seats taken

COUNTY = ZoneInfo(COUNTY_ZONE)
CELL_SECONDS = 900
WEEK_SECONDS = 7 * 86_400
MONDAY_OFFSET = 3 * 86_400  # 1 January 1970 was a Thursday


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
    at: dict[int, list[tuple[str, int, int, Terms, str | None]]] = defaultdict(list)
    for host in hosts:
        seats_taken = taken.get(host.id, {})
        leaves = _leaves(singles[host.id], zone)
        known: set[int] = set()
        for window in _windows(host, those[host.id], singles[host.id], now, span, zone, topic, mode, calendar):
            for cell, seats in _starts(window, seats_taken, leaves):
                if cell not in known:
                    known.add(cell)
                    at[cell].append((host.id, window.terms.slot_minutes, seats, window.terms, window.rule_id))
    epoch, found = datetime(1970, 1, 1, tzinfo=UTC), []
    lengths: dict[int, timedelta] = {}
    for cell in sorted(at):
        starts_at = epoch + timedelta(seconds=cell * CELL_SECONDS)
        for host_id, minutes, seats, terms, rule_id in at[cell]:
            length = lengths.get(minutes) or lengths.setdefault(minutes, timedelta(minutes=minutes))
            found.append(Free(host_id, starts_at, starts_at + length, seats, terms, rule_id))
    return found


def offered(free: Iterable[Free], taken: Taken) -> list[Offered]:
    """Merge the hosts' free times for "any officer": each time once, by time, its hosts in a fair order.

    The host with the fewest quarters taken in that week (of those in `taken`) comes first.
    """
    together: dict[tuple[datetime, datetime], list[Free]] = defaultdict(list)
    for one in free:
        together[one.starts_at, one.ends_at].append(one)
    load: dict[tuple[str, int], int] = defaultdict(int)
    for host, cells in taken.items():
        for cell, seats in cells.items():
            load[host, _week(cell * CELL_SECONDS)] += seats
    merged = []
    for (starts_at, ends_at), choices in together.items():
        if len(choices) > 1:
            week = _week(int(starts_at.timestamp()))
            choices.sort(key=lambda one: load.get((one.host_id, week), 0))
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


def _starts(window: _Window, taken: Mapping[int, int], leaves: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give the cells at which a time of a window can begin, with the seats left."""
    terms = window.terms
    length, step, buffer = terms.slot_minutes // 15, terms.step // 15, terms.buffer_minutes // 15
    for cell in range(window.begins, window.ends - length + 1, step):
        if not window.first <= cell <= window.last:
            continue
        if any(cell < ends and begins < cell + length for begins, ends in leaves):
            continue
        most = max((taken.get(one, 0) for one in range(cell, cell + length + buffer)), default=0) if taken else 0
        if most < terms.capacity:
            yield cell, terms.capacity - most


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


def _week(seconds: int) -> int:
    """Number the weeks, Monday to Sunday, by the county's clock (one offset since 1991)."""
    offset = datetime.fromtimestamp(seconds, COUNTY).utcoffset() or timedelta()
    return (seconds + int(offset.total_seconds()) + MONDAY_OFFSET) // WEEK_SECONDS
