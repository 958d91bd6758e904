"""A week of hours and bookings as blocks of quarters of an hour, for the calendar's grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.recurrence import days_open
from storage.booking_tables import LIVE, Booking, State
from storage.slots import Day, DayKind, Rule

DAY = 96  # quarters
USUAL = (32, 76)  # 8:00 to 19:00
SHOWN = LIVE | {State.NO_SHOW, State.DONE}


@dataclass(frozen=True, slots=True)
class Block:
    """Something on one day: quarters from `at` (of the grid's first) for `length`; `lane` of `lanes` side by side."""

    kind: str  # hours, extra, leave, booking
    at: int
    length: int
    clock: str
    booking: Booking | None = None
    lane: int = 0
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the grid."""

    day: date
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The grid: its hours (the clock at each, and where it stands) and its days."""

    first: date
    hours: tuple[tuple[str, int], ...]
    rows: int
    columns: tuple[Column, ...]


def week_of(
    first: date,
    rules: Iterable[Rule],
    days: Iterable[Day],
    bookings: Sequence[Booking],
    zone: ZoneInfo,
) -> Week:
    """Lay out seven days from a Monday on."""
    spans: dict[date, list[tuple[str, int, int, Booking | None]]] = {
        first + timedelta(days=number): [] for number in range(7)
    }
    last = first + timedelta(days=6)
    for rule in rules:
        starts = _quarter(rule.starts)
        for day in days_open(rule, max(first, rule.valid_from), min(last, rule.valid_until or last)):
            spans[day].append(("hours", starts, starts + rule.minutes // 15, None))
    for single in days:
        if single.day in spans:
            ends = _quarter(single.ends) if single.ends else DAY
            spans[single.day].append((single.kind.value, _quarter(single.starts or "00:00"), ends, None))
    for booking in bookings:
        begins, ends_at = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
        if booking.state in SHOWN and begins.date() in spans:
            starts = begins.hour * 4 + begins.minute // 15
            length = max(1, int((ends_at - begins).total_seconds()) // 900)
            spans[begins.date()].append(("booking", starts, min(DAY, starts + length), booking))
    timed = [span for day in spans.values() for span in day if not _whole_day(span)]
    top = min([USUAL[0], *(starts // 4 * 4 for _, starts, _, _ in timed)])
    bottom = max([USUAL[1], *(-(-ends // 4) * 4 for _, _, ends, _ in timed)])
    hours = tuple((f"{quarter // 4:02}:00", quarter - top + 1) for quarter in range(top, bottom, 4))
    columns = tuple(Column(day, _blocks(found, top, bottom)) for day, found in spans.items())
    return Week(first, hours, bottom - top, columns)


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Give the moment of a wall clock's time. Raises ValueError for a time that is none."""
    hour, _, minute = clock.partition(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone)


def _blocks(spans: list[tuple[str, int, int, Booking | None]], top: int, bottom: int) -> tuple[Block, ...]:
    order: Mapping[str, int] = {"hours": 0, DayKind.EXTRA.value: 1, DayKind.LEAVE.value: 2, "booking": 3}
    lanes: list[int] = []  # where each lane of bookings ends
    placed: list[tuple[str, int, int, Booking | None, int]] = []
    for kind, starts, ends, booking in sorted(spans, key=lambda span: (order[span[0]], span[1])):
        lane = 0
        if kind == "booking":
            lane = next((number for number, until in enumerate(lanes) if until <= starts), len(lanes))
            lanes[lane : lane + 1] = [ends]
        placed.append((kind, max(starts, top), min(ends, bottom), booking, lane))
    return tuple(
        Block(
            kind,
            starts - top + 1,
            max(1, ends - starts),
            f"{starts // 4:02}:{starts % 4 * 15:02}",
            booking,
            lane,
            min(4, max(1, len(lanes))) if kind == "booking" else 1,
        )
        for kind, starts, ends, booking, lane in placed
        if ends > starts
    )


def _whole_day(span: tuple[str, int, int, Booking | None]) -> bool:
    return span[1] == 0 and span[2] == DAY


def _quarter(clock: str) -> int:
    return int(clock[:2]) * 4 + int(clock[3:]) // 15
