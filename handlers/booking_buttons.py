"""The buttons and words of choosing a time: days and times as they are shown, and what their buttons come back as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from handlers import calendar_days, spoken_times, zones
from handlers.conversation import Chat
from handlers.dialogue import Part
from handlers.free_times import Offered
from handlers.offering import Look
from handlers.spoken_times import Spoken
from storage.bookings import Booking

NEAREST, OF_ONE_DAY = 3, 2
# What the buttons of these steps come to: a day, a time (minute of the epoch, minutes long), a spoken time that was
# meant, more of the same, a wish for the waiting list.
PRESSED = re.compile(
    r"d\.(?P<day>\d{8})|t\.(?P<start>\d{1,9})\.(?P<minutes>\d{1,4})|more\.(?P<more>\d{1,4})"
    r"|s\.(?P<from>\d{1,9})\.(?P<to>\d{1,9})\.(?P<exact>[A-Z]{1,9})\.(?P<clock>mine|home)"
    r"|w\.(?P<wait_from>\d{1,9})\.(?P<wait_to>\d{1,9})|(?P<other>other)"
)
Choices = list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """What choosing starts from: what is free until `to`, the person's clock, what is theirs already.

    `held` is the time held for them; `earlier` the booking they want to move, which spoken times may lean on;
    `withheld` what is free for others, while they have had their share of that week.
    """

    look: Look
    zone: str
    to: datetime
    held: Booking | None = None
    earlier: Booking | None = None
    own: tuple[Booking, ...] = ()
    withheld: tuple[Offered, ...] = ()
    may_wait: bool = True


class Shown:
    """What is free, as one person sees it in one message."""

    def __init__(self, chat: Chat, step: Step) -> None:
        self.chat, self.step = chat, step
        self.now = chat.desk.clock.now()
        self.times = step.look.times

    @property
    def home(self) -> str:
        return self.chat.desk.county.timezone

    def within(self, start: datetime, end: datetime) -> list[Offered]:
        return [one for one in self.times if start <= one.starts_at < end]

    def nearest(self, moment: datetime) -> Choices:
        """Give the free times nearest to a moment, of more than one day if there are, in the order of time."""

        def away(one: Offered) -> timedelta:
            # Somebody who names a time is rarely there the day before.
            return one.starts_at - moment if one.starts_at >= moment else 2 * (moment - one.starts_at)

        near: list[Offered] = []
        for one in sorted(self.times, key=away):
            if sum(self.day_of(other) == self.day_of(one) for other in near) < OF_ONE_DAY:
                near.append(one)
        near = near[:NEAREST]
        return [
            [(self.time_id(one), zones.shown(one.starts_at, self.step.zone, self.chat.language, now=self.now))]
            for one in sorted(near, key=lambda one: one.starts_at)
        ]

    def day_of(self, time: Offered) -> date:
        return zones.wall(time.starts_at, self.step.zone).date()

    def time_id(self, time: Offered) -> str:
        minutes = (time.ends_at - time.starts_at) // timedelta(minutes=1)
        return f"t.{minute(time.starts_at)}.{minutes}"

    def time_label(self, time: Offered, among: Sequence[Offered]) -> str:
        zone, home, start = self.step.zone, self.home, time.starts_at
        own = zones.clock_shown(start, zone)
        if sum(other.starts_at == start for other in among) > 1:
            own = f"{own}–{zones.clock_shown(time.ends_at, zone)}"
        if zones.is_same_clock(zone, home, start):
            return own
        there = zones.clock_shown(start, home)
        if zones.wall(start, home).date() != zones.wall(start, zone).date():
            there = f"{self.weekday(zones.wall(start, home).date())} {there}"
        return self.chat.text("slot.both_clocks", own=own, there=there)

    def day_label(self, day: date) -> str:
        label = self.day_shown(day)
        today = zones.wall(self.now, self.step.zone).date()
        near = {0: "slot.today", 1: "slot.tomorrow"}.get((day - today).days)
        note = self.chat.text(near) if near else ""
        if calendar_days.is_makeup(day):
            note = self.chat.text("slot.makeup")
        return self.chat.text("slot.day_noted", day=label, note=note) if note else label

    def day_shown(self, day: date) -> str:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return zones.day_shown(noon, "UTC", self.chat.language, now=self.now)

    def weekday(self, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, "EEE", locale="en" if self.chat.language == "en" else "zh")

    def shown(self, moment: datetime) -> str:
        return zones.side_by_side(moment, self.step.zone, self.chat.language, now=self.now, home=self.home)

    def echo(self, told: Spoken) -> str:
        return spoken_times.echo(told, self.chat.language, now=self.now)

    def zone_name(self) -> str:
        return zones.zone_name(self.step.zone, self.chat.language)

    def spoken_id(self, told: Spoken) -> str:
        clock = "home" if told.zone == self.home else "mine"
        return f"s.{minute(told.starts)}.{minute(told.ends)}.{told.exact.name}.{clock}"

    def wait_row(self, start: datetime, end: datetime, key: str) -> Choices:
        """Offer to wait for what comes free between two times, where that can be."""
        start, end = max(start, self.now), min(end, self.step.to)
        if not self.step.may_wait or start >= end:
            return []
        return [[(f"w.{minute(start)}.{minute(end)}", self.chat.text(key))]]

    def unannounced(self, days: Sequence[date]) -> list[Part]:
        """Say of which years the holidays are not known yet: an offered day may turn out to be one."""
        years = sorted({day.year for day in days if not calendar_days.is_announced(day.year)})
        return [part for year in years for part in self.chat.parts("calendar.unannounced", year=year)]


def minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def moment(minute: str) -> datetime:
    return datetime.fromtimestamp(int(minute) * 60, UTC)


def day_around(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    start = zones.wall(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def in_pairs(choices: Sequence[tuple[str, str]]) -> Choices:
    return [list(choices[i : i + 2]) for i in range(0, len(choices), 2)]


def in_threes(choices: Sequence[tuple[str, str]]) -> Choices:
    return [list(choices[i : i + 3]) for i in range(0, len(choices), 3)]
