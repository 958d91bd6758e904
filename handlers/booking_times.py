"""Choosing a day and a time out of what is free: by buttons, or in a person's own words, which are echoed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Never
from zoneinfo import ZoneInfo

from handlers import calendar_days, zones
from handlers.buttons import Action
from handlers.contacts import without_contacts
from handlers.conversation import Chat
from handlers.dialogue import Button, Part
from handlers.flow import Pause
from handlers.free_times import Free, Offered
from handlers.journal import REVIEW
from handlers.offering import Look
from handlers.questions import Problem
from handlers.spoken_times import Exact, Spoken, Unclear, Why, echo, read_time
from handlers.voice import Rows
from storage.bookings import Booking
from storage.slots import Terms

BEGUN = "begun"  # where the journal notes when a wish was said
UNCLEAR = "problem.slot.unclear"
DAYS_SHOWN, TIMES_SHOWN, NEAREST, OF_ONE_DAY = 8, 12, 3, 2
# What the buttons of these steps come to: a day, a time (minute of the epoch, minutes long), a spoken time that was
# meant, more of the same, a wish for the waiting list.
PRESSED = re.compile(
    r"d\.(?P<day>\d{8})|t\.(?P<start>\d{1,9})\.(?P<minutes>\d{1,4})|more\.(?P<more>\d{1,4})"
    r"|s\.(?P<from>\d{1,9})\.(?P<to>\d{1,9})\.(?P<exact>[A-Z]{1,9})\.(?P<clock>mine|home)"
    r"|w\.(?P<wait_from>\d{1,9})\.(?P<wait_to>\d{1,9})|(?P<other>other)"
)
NUMBER = re.compile(r"(?<![A-Za-z0-9])[Bb][\s-]?(?:[2-9A-Za-z][\s-]?){5}(?![A-Za-z0-9])")
CHANGED_TO = re.compile(r".*(?:(?:改|换|挪|顺延)(?:到|成|为|在)?|\bto\b)", re.I | re.S)
Choices = list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class WouldWait:
    """Somebody would rather wait until something between two times comes free."""

    from_: datetime
    to: datetime


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


def begin(chat: Chat) -> None:
    """Note when somebody began to book: "tomorrow" counts from there, however long they take to answer."""
    if not chat.journal.picked(BEGUN):
        chat.journal.pick(BEGUN, [chat.message.at.isoformat()])


async def choose_time(chat: Chat, step: Step) -> Free | WouldWait:
    """Ask for a day, then for a time of it; words may say both, or ask for other days, at either step."""
    return _Choosing(chat, step).run()


def speaks_of_time(chat: Chat, step: Step, words: str) -> bool:
    """Tell whether words name a day or a time, clearly or not."""
    return _Choosing(chat, step).reads(words)


class _Choosing:
    """The two steps while one message is dealt with: where they stand is in the journal alone."""

    def __init__(self, chat: Chat, step: Step) -> None:
        self.chat, self.step = chat, step
        self.now = chat.desk.clock.now()
        self.asked_at = chat.message.at
        self.times = step.look.times
        self.problem: Problem | None = None
        self.instead: Choices = []  # what would do in place of what was asked for
        self.page = 0
        self.waits: WouldWait | None = None

    def run(self) -> Free | WouldWait:
        if (words := self.chat.heard("day", "time")) is not None:
            self._hear(words)
        else:
            self._recall()
        if self.waits is not None:
            return self.waits
        chosen = self._chosen()
        return chosen if chosen is not None else self._ask()

    def reads(self, words: str) -> bool:
        return self._read(words) is not None

    # What was said.

    def _recall(self) -> None:
        """Take up once what was said before these steps came ("约明天下午的视频"), as it was meant then."""
        journal = self.chat.journal
        if journal.is_marked("recalled"):
            return
        journal.mark("recalled")
        self.asked_at = datetime.fromisoformat(*journal.picked(BEGUN)) if journal.picked(BEGUN) else self.asked_at
        told = next((told for said in journal.said() if (told := self._read(said)) is not None), None)
        if told is not None:
            self._weigh(told)

    def _hear(self, words: str) -> None:
        pressed = PRESSED.fullmatch(words)
        if pressed is None:
            told = self._read(words)
            if told is None:
                # What can't be a time may be a question of theirs: whoever asked us answers it then.
                self.problem = Problem(UNCLEAR)
            else:
                self._weigh(told)
        elif pressed["day"]:
            self._press_day(pressed["day"])
        elif pressed["start"]:
            start = _moment(pressed["start"])
            self._take_time(start, start + timedelta(minutes=int(pressed["minutes"])))
        elif pressed["more"]:
            self.page = int(pressed["more"])
        elif pressed["clock"] and pressed["exact"] in Exact.__members__:
            self.chat.memory["clock"] = pressed["clock"]
            zone = self.home if pressed["clock"] == "home" else self.step.zone
            exact = Exact[pressed["exact"]]
            self._weigh(Spoken(_moment(pressed["from"]), _moment(pressed["to"]), exact, zone))
        elif pressed["wait_from"] and self.step.may_wait:
            self._wait(_moment(pressed["wait_from"]), _moment(pressed["wait_to"]))
        elif pressed["other"]:
            self._drop("time")
            self._drop("day")
        else:
            self.problem = Problem(UNCLEAR)

    def _read(self, words: str) -> Spoken | Unclear | None:
        """Read a time in words; None where they speak of none."""
        plain = NUMBER.sub(" ", without_contacts(words))
        told = self._told(plain)
        if isinstance(told, Unclear) and told.why is not Why.NOTHING and (said := CHANGED_TO.search(plain)) is not None:
            # "Move my appointment to Friday": what it is now stands before, what it shall be behind.
            wanted = self._told(plain[said.end() :])
            told = wanted if isinstance(wanted, Spoken) else told
        return None if isinstance(told, Unclear) and told.why is Why.NOTHING else told

    def _told(self, words: str) -> Spoken | Unclear:
        return read_time(
            words,
            asked_at=self.asked_at,
            zone=self.step.zone,
            home=self.home,
            clock=self.chat.memory.get("clock"),
            earlier=self.step.earlier.starts_at if self.step.earlier else None,
        )

    def _weigh(self, told: Spoken | Unclear) -> None:
        """Take what was understood as far as something is free then; else say what is nearest."""
        if isinstance(told, Unclear):
            self.problem = Problem(f"spoken.{told.why.value}", {})
            self.instead = [[(self._spoken_id(one), self._echo(one))] for one in told.candidates[:DAYS_SHOWN]]
            return
        if told.exact is Exact.MINUTE:
            self._take_time(told.starts, None, said=told)
            return
        self.chat.note(self.chat.parts("slot.heard", when=self._echo(told)))
        found = self._within(told.starts, told.ends)
        if not found:
            share = any(told.starts <= one.starts_at < told.ends for one in self.step.withheld)
            self.problem = Problem("slot.share" if share else "slot.none_then", {"when": self._echo(told)})
            self.instead = [*self._nearest(told.starts), *self._wait_row(told.starts, told.ends, "slot.wait_then")]
        elif len(found) == 1:
            self._record(found[0])
        else:
            days = {self._day_of(one) for one in found}
            if len(days) == 1:
                self._take_day(days.pop(), (told.starts, told.ends))
            else:
                self._drop("time")
                self._drop("day")
                self.chat.journal.doubt("day", [told.starts.isoformat(), told.ends.isoformat()])

    def _wait(self, start: datetime, end: datetime) -> None:
        if max(start, self.now) < end <= self.step.to:
            self.waits = WouldWait(start, end)
        else:
            self.problem = Problem(UNCLEAR)

    def _press_day(self, pressed: str) -> None:
        try:
            self._take_day(date.fromisoformat(pressed))
        except ValueError:  # typed by somebody, on no button of ours
            self.problem = Problem(UNCLEAR)

    def _take_day(self, day: date, within: tuple[datetime, datetime] | None = None) -> None:
        self._drop("time")
        self.chat.journal.record(
            "day", {"day": day.isoformat(), "within": [one.isoformat() for one in within] if within else None}
        )

    def _take_time(self, start: datetime, end: datetime | None, said: Spoken | None = None) -> None:
        """Take a time if it is free; else say whose it is, and what is nearest."""
        if said is not None:
            self.chat.note(self.chat.parts("slot.heard", when=self._echo(said)))
        found = next((one for one in self.times if one.starts_at == start and end in {None, one.ends_at}), None)
        if found is not None:
            self._record(found)
            return
        self._gone(start, end)

    def _gone(self, start: datetime, end: datetime | None) -> None:
        self._drop("time")
        own = next((one for one in self.step.own if one.starts_at <= start < one.ends_at), None)
        if own is not None:
            self.problem = Problem("slot.yours", {"when": self._shown(start), "number": own.number})
        elif any(one.starts_at == start for one in self.step.withheld):
            self.problem = Problem("slot.share", {"when": self._shown(start)})
        else:
            # Pressed, it was free a moment ago; said, it may never have been offered.
            key = "slot.not_free" if end is None else "slot.gone"
            self.problem = Problem(key, {"when": self._shown(start)})
        day = _day_around(start, self.step.zone)
        self.instead = [*self._nearest(start), *self._wait_row(*day, "slot.wait_day")]

    def _record(self, time: Offered) -> None:
        journal = self.chat.journal
        if not journal.has("day"):
            journal.record("day", {"day": self._day_of(time).isoformat(), "within": None})
        journal.record("time", {"starts": time.starts_at.isoformat(), "ends": time.ends_at.isoformat()})

    def _drop(self, key: str) -> None:
        self.chat.journal.settle(key)
        if self.chat.journal.has(key):
            self.chat.journal.drop(key)
            self.chat.journal.forget(REVIEW)

    # Where it stands.

    def _chosen(self) -> Free | None:
        told = self.chat.journal.value("time")
        if told is None:
            return None
        start, end = (datetime.fromisoformat(told[name]) for name in ("starts", "ends"))
        held = self.step.held
        if held is not None and (held.starts_at, held.ends_at) == (start, end):
            return _as_free(held)
        found = next((one for one in self.times if (one.starts_at, one.ends_at) == (start, end)), None)
        if found is not None:
            return found.choices[0]
        self._gone(start, end)
        return None

    # Asking.

    def _ask(self) -> Never:
        told = self.chat.journal.value("day")
        if told is not None:
            day = date.fromisoformat(told["day"])
            within = tuple(datetime.fromisoformat(one) for one in told["within"]) if told["within"] else None
            found = [
                one
                for one in self.times
                if self._day_of(one) == day and (within is None or within[0] <= one.starts_at < within[1])
            ]
            if found:
                raise self._ask_time(day, found)
            self._drop("day")
            if self.problem is None:
                self.problem = Problem("slot.day_full", {"when": self._day_shown(day)})
                self.instead = self._nearest(datetime.combine(day, time(12), ZoneInfo(self.step.zone)))
        raise self._ask_day()

    def _ask_day(self) -> Pause:
        narrowed = self.chat.journal.doubted("day")
        times: Sequence[Offered] = self.times
        if narrowed:
            start, end = (datetime.fromisoformat(one) for one in narrowed)
            times = self._within(start, end) or times
        if not times:
            return self._nothing_free()
        days = list(dict.fromkeys(self._day_of(one) for one in times))
        self.page = self.page if self.page < len(days) else 0
        shown = days[self.page : self.page + DAYS_SHOWN]
        choices: Choices = [*self.instead, *_in_pairs([(f"d.{day:%Y%m%d}", self._day_label(day)) for day in shown])]
        if len(days) > self.page + DAYS_SHOWN:
            choices.append([(f"more.{self.page + DAYS_SHOWN}", self.chat.text("slot.later_days"))])
        if not self.instead:
            choices += self._wait_row(self.now, self.step.to, "slot.wait_any")
        parts = [*self._unannounced(shown), *self.chat.parts("slot.which_day", zone=self._zone_name())]
        return self._pause("day", parts, choices)

    def _ask_time(self, day: date, found: Sequence[Offered]) -> Pause:
        self.page = self.page if self.page < len(found) else 0
        shown = found[self.page : self.page + TIMES_SHOWN]
        labels = [(self._time_id(one), self._time_label(one, found)) for one in shown]
        alike = zones.is_same_clock(self.step.zone, self.home, shown[0].starts_at)
        choices: Choices = [*self.instead, *(_in_threes(labels) if alike else _in_pairs(labels))]
        if len(found) > self.page + TIMES_SHOWN:
            choices.append([(f"more.{self.page + TIMES_SHOWN}", self.chat.text("slot.later_times"))])
        choices.append([("other", self.chat.text("slot.other_day"))])
        if not self.instead:
            choices += self._wait_row(*_day_around(found[0].starts_at, self.step.zone), "slot.wait_day")
        parts = self.chat.parts("slot.which_time", day=self._day_shown(day), zone=self._zone_name())
        return self._pause("time", parts, choices)

    def _nothing_free(self) -> Pause:
        """Say that all is taken: somebody may wait for what comes free, or put it to a person."""
        door = Button(label=self.chat.text("door.start.ask-person"), data=Action("drop", "ask-person").data)
        rows = self._wait_row(self.now, self.step.to, "slot.wait_any")
        parts = self.chat.parts("slot.all_shared" if self.step.withheld else "slot.full")
        return self._pause("day", parts, rows, doors=[[door]])

    def _pause(self, key: str, parts: Sequence[Part], choices: Choices, doors: Rows = ()) -> Pause:
        problem = self.problem
        if problem is None or problem.key == UNCLEAR:
            return self.chat.pause_at(key, parts, choices, problem, doors=doors)
        # What was understood is no question put in between, whatever sign it ends with.
        told = self.chat.parts(problem.key, **problem.params)
        return self.chat.pause_at(key, [*told, *parts], choices, doors=doors)

    # Words and buttons.

    @property
    def home(self) -> str:
        return self.chat.desk.county.timezone

    def _within(self, start: datetime, end: datetime) -> list[Offered]:
        return [one for one in self.times if start <= one.starts_at < end]

    def _nearest(self, moment: datetime) -> Choices:
        """Give the free times nearest to a moment, of more than one day if there are, in the order of time."""

        def away(one: Offered) -> timedelta:
            # Somebody who names a time is rarely there the day before.
            return one.starts_at - moment if one.starts_at >= moment else 2 * (moment - one.starts_at)

        near: list[Offered] = []
        for one in sorted(self.times, key=away):
            if sum(self._day_of(other) == self._day_of(one) for other in near) < OF_ONE_DAY:
                near.append(one)
        near = near[:NEAREST]
        return [
            [(self._time_id(one), zones.shown(one.starts_at, self.step.zone, self.chat.language, now=self.now))]
            for one in sorted(near, key=lambda one: one.starts_at)
        ]

    def _day_of(self, time: Offered) -> date:
        return zones.wall(time.starts_at, self.step.zone).date()

    def _time_id(self, time: Offered) -> str:
        minutes = (time.ends_at - time.starts_at) // timedelta(minutes=1)
        return f"t.{_minute(time.starts_at)}.{minutes}"

    def _time_label(self, time: Offered, among: Sequence[Offered]) -> str:
        zone, home, start = self.step.zone, self.home, time.starts_at
        own = zones.clock_shown(start, zone)
        if sum(other.starts_at == start for other in among) > 1:
            own = f"{own}–{zones.clock_shown(time.ends_at, zone)}"
        if zones.is_same_clock(zone, home, start):
            return own
        there = zones.clock_shown(start, home)
        if zones.wall(start, home).date() != zones.wall(start, zone).date():
            there = f"{self._weekday(zones.wall(start, home).date())} {there}"
        return self.chat.text("slot.both_clocks", own=own, there=there)

    def _day_label(self, day: date) -> str:
        label = self._day_shown(day)
        today = zones.wall(self.now, self.step.zone).date()
        near = {0: "slot.today", 1: "slot.tomorrow"}.get((day - today).days)
        note = self.chat.text(near) if near else ""
        if calendar_days.is_makeup(day):
            note = self.chat.text("slot.makeup")
        return self.chat.text("slot.day_noted", day=label, note=note) if note else label

    def _day_shown(self, day: date) -> str:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return zones.day_shown(noon, "UTC", self.chat.language, now=self.now)

    def _weekday(self, day: date) -> str:
        from babel.dates import format_date

        return format_date(day, "EEE", locale="en" if self.chat.language == "en" else "zh")

    def _shown(self, moment: datetime) -> str:
        return zones.side_by_side(moment, self.step.zone, self.chat.language, now=self.now, home=self.home)

    def _echo(self, told: Spoken) -> str:
        return echo(told, self.chat.language, now=self.now)

    def _zone_name(self) -> str:
        return zones.zone_name(self.step.zone, self.chat.language)

    def _spoken_id(self, told: Spoken) -> str:
        clock = "home" if told.zone == self.home else "mine"
        return f"s.{_minute(told.starts)}.{_minute(told.ends)}.{told.exact.name}.{clock}"

    def _wait_row(self, start: datetime, end: datetime, key: str) -> Choices:
        """Offer to wait for what comes free between two times, where that can be."""
        start, end = max(start, self.now), min(end, self.step.to)
        if not self.step.may_wait or start >= end:
            return []
        return [[(f"w.{_minute(start)}.{_minute(end)}", self.chat.text(key))]]

    def _unannounced(self, days: Sequence[date]) -> list[Part]:
        """Say of which years the holidays are not known yet: an offered day may turn out to be one."""
        years = sorted({day.year for day in days if not calendar_days.is_announced(day.year)})
        return [part for year in years for part in self.chat.parts("calendar.unannounced", year=year)]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _moment(minute: str) -> datetime:
    return datetime.fromtimestamp(int(minute) * 60, UTC)


def _day_around(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    start = zones.wall(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def _in_pairs(choices: Sequence[tuple[str, str]]) -> Choices:
    return [list(choices[i : i + 2]) for i in range(0, len(choices), 2)]


def _in_threes(choices: Sequence[tuple[str, str]]) -> Choices:
    return [list(choices[i : i + 3]) for i in range(0, len(choices), 3)]


def _as_free(held: Booking) -> Free:
    """Give the time somebody holds already, whether or not it would still be offered to others."""
    terms = Terms(
        buffer_minutes=held.buffer_minutes,
        capacity=held.capacity,
        cancel_minutes=int((held.starts_at - held.cancel_until) / timedelta(minutes=1)),
        needs_confirmation=held.needs_confirmation,
    )
    return Free(held.host_id, held.starts_at, held.ends_at, 1, terms, held.rule_id)
