"""Choosing a day and a time out of what is free: by buttons, or in a person's own words, which are echoed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Never
from zoneinfo import ZoneInfo

from handlers import zones
from handlers.booking_buttons import PRESSED, Choices, Shown, Step, day_around, in_pairs, in_threes, moment
from handlers.booking_spoken import told_time
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Part
from handlers.flow import Pause
from handlers.free_times import Free, Offered
from handlers.journal import REVIEW
from handlers.questions import Problem
from handlers.spoken_times import Exact, Spoken, Unclear
from handlers.voice import Rows
from storage.bookings import Booking
from storage.slots import Terms

BEGUN = "begun"  # where the journal notes when a wish was said
UNCLEAR = "problem.slot.unclear"
DAYS_SHOWN, TIMES_SHOWN = 8, 12


@dataclass(frozen=True, slots=True)
class WouldWait:
    """Somebody would rather wait until something between two times comes free."""

    from_: datetime
    to: datetime


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


class _Choosing(Shown):
    """The two steps while one message is dealt with: where they stand is in the journal alone."""

    def __init__(self, chat: Chat, step: Step) -> None:
        super().__init__(chat, step)
        self.asked_at = chat.message.at
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
            start = moment(pressed["start"])
            self._take_time(start, start + timedelta(minutes=int(pressed["minutes"])))
        elif pressed["more"]:
            self.page = int(pressed["more"])
        elif pressed["clock"] and pressed["exact"] in Exact.__members__:
            self.chat.memory["clock"] = pressed["clock"]
            zone = self.home if pressed["clock"] == "home" else self.step.zone
            exact = Exact[pressed["exact"]]
            self._weigh(Spoken(moment(pressed["from"]), moment(pressed["to"]), exact, zone))
        elif pressed["wait_from"] and self.step.may_wait:
            self._wait(moment(pressed["wait_from"]), moment(pressed["wait_to"]))
        elif pressed["other"]:
            self._drop("time")
            self._drop("day")
        else:
            self.problem = Problem(UNCLEAR)

    def _read(self, words: str) -> Spoken | Unclear | None:
        return told_time(self.chat, self.step, words, self.asked_at)

    def _weigh(self, told: Spoken | Unclear) -> None:
        """Take what was understood as far as something is free then; else say what is nearest."""
        if isinstance(told, Unclear):
            self.problem = Problem(f"spoken.{told.why.value}", {})
            self.instead = [[(self.spoken_id(one), self.echo(one))] for one in told.candidates[:DAYS_SHOWN]]
            return
        if told.exact is Exact.MINUTE:
            self._take_time(told.starts, None, said=told)
            return
        self.chat.note(self.chat.parts("slot.heard", when=self.echo(told)))
        found = self.within(told.starts, told.ends)
        if not found:
            share = any(told.starts <= one.starts_at < told.ends for one in self.step.withheld)
            self.problem = Problem("slot.share" if share else "slot.none_then", {"when": self.echo(told)})
            self.instead = [*self.nearest(told.starts), *self.wait_row(told.starts, told.ends, "slot.wait_then")]
        elif len(found) == 1:
            self._record(found[0])
        else:
            days = {self.day_of(one) for one in found}
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
            self.chat.note(self.chat.parts("slot.heard", when=self.echo(said)))
        found = next((one for one in self.times if one.starts_at == start and end in {None, one.ends_at}), None)
        if found is not None:
            self._record(found)
            return
        self._gone(start, end)

    def _gone(self, start: datetime, end: datetime | None) -> None:
        self._drop("time")
        own = next((one for one in self.step.own if one.starts_at <= start < one.ends_at), None)
        if own is not None:
            self.problem = Problem("slot.yours", {"when": self.shown(start), "number": own.number})
        elif any(one.starts_at == start for one in self.step.withheld):
            self.problem = Problem("slot.share", {"when": self.shown(start)})
        else:
            # Pressed, it was free a moment ago; said, it may never have been offered.
            key = "slot.not_free" if end is None else "slot.gone"
            self.problem = Problem(key, {"when": self.shown(start)})
        day = day_around(start, self.step.zone)
        self.instead = [*self.nearest(start), *self.wait_row(*day, "slot.wait_day")]

    def _record(self, time: Offered) -> None:
        journal = self.chat.journal
        day = self.day_of(time).isoformat()
        if (journal.value("day") or {}).get("day") != day:
            journal.record("day", {"day": day, "within": None})
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
                if self.day_of(one) == day and (within is None or within[0] <= one.starts_at < within[1])
            ]
            if found:
                raise self._ask_time(day, found)
            self._drop("day")
            if self.problem is None:
                self.problem = Problem("slot.day_full", {"when": self.day_shown(day)})
                self.instead = self.nearest(datetime.combine(day, time(12), ZoneInfo(self.step.zone)))
        raise self._ask_day()

    def _ask_day(self) -> Pause:
        narrowed = self.chat.journal.doubted("day")
        times: Sequence[Offered] = self.times
        if narrowed:
            start, end = (datetime.fromisoformat(one) for one in narrowed)
            times = self.within(start, end) or times
        if not times:
            return self._nothing_free()
        days = list(dict.fromkeys(self.day_of(one) for one in times))
        self.page = self.page if self.page < len(days) else 0
        shown = days[self.page : self.page + DAYS_SHOWN]
        choices: Choices = [*self.instead, *in_pairs([(f"d.{day:%Y%m%d}", self.day_label(day)) for day in shown])]
        if len(days) > self.page + DAYS_SHOWN:
            choices.append([(f"more.{self.page + DAYS_SHOWN}", self.chat.text("slot.later_days"))])
        if not self.instead:
            choices += self.wait_row(self.now, self.step.to, "slot.wait_any")
        parts = [*self.unannounced(shown), *self.chat.parts("slot.which_day", zone=self.zone_name())]
        return self._pause("day", parts, choices)

    def _ask_time(self, day: date, found: Sequence[Offered]) -> Pause:
        self.page = self.page if self.page < len(found) else 0
        shown = found[self.page : self.page + TIMES_SHOWN]
        labels = [(self.time_id(one), self.time_label(one, found)) for one in shown]
        alike = zones.is_same_clock(self.step.zone, self.home, shown[0].starts_at)
        choices: Choices = [*self.instead, *(in_threes(labels) if alike else in_pairs(labels))]
        if len(found) > self.page + TIMES_SHOWN:
            choices.append([(f"more.{self.page + TIMES_SHOWN}", self.chat.text("slot.later_times"))])
        choices.append([("other", self.chat.text("slot.other_day"))])
        if not self.instead:
            choices += self.wait_row(*day_around(found[0].starts_at, self.step.zone), "slot.wait_day")
        parts = self.chat.parts("slot.which_time", day=self.day_shown(day), zone=self.zone_name())
        return self._pause("time", parts, choices)

    def _nothing_free(self) -> Pause:
        """Say that all is taken: somebody may wait for what comes free, or put it to a person."""
        door = Button(label=self.chat.text("door.start.ask-person"), data=Action("drop", "ask-person").data)
        rows = self.wait_row(self.now, self.step.to, "slot.wait_any")
        parts = self.chat.parts("slot.all_shared" if self.step.withheld else "slot.full")
        return self._pause("day", parts, rows, doors=[[door]])

    def _pause(self, key: str, parts: Sequence[Part], choices: Choices, doors: Rows = ()) -> Pause:
        problem = self.problem
        if problem is None or problem.key == UNCLEAR:
            return self.chat.pause_at(key, parts, choices, problem, doors=doors)
        # What was understood is no question put in between, whatever sign it ends with.
        told = self.chat.parts(problem.key, **problem.params)
        return self.chat.pause_at(key, [*told, *parts], choices, doors=doors)


def _as_free(held: Booking) -> Free:
    """Give the time somebody holds already, whether or not it would still be offered to others."""
    terms = Terms(
        buffer_minutes=held.buffer_minutes,
        capacity=held.capacity,
        cancel_minutes=int((held.starts_at - held.cancel_until) / timedelta(minutes=1)),
        needs_confirmation=held.needs_confirmation,
    )
    return Free(held.host_id, held.starts_at, held.ends_at, 1, terms, held.rule_id)
