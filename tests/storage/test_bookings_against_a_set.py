"""Bookings held against a plain set: whatever is done in whatever order, the cells are those the set holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, insert, select

from storage import bookings, slots
from storage.booking_tables import BookingCell, BookingRow, ReminderRow
from storage.bookings import LIVE, SELF, NewBooking, State
from storage.database import Database
from storage.errors import Conflict
from storage.people import Person
from storage.slot_tables import HostRow
from storage.slots import Host, Terms
from storage.staff import Role, Viewer

STAFF = Viewer("staff", Role.COUNTY_ADMIN)
BEGIN = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # a Monday, nine o'clock in the county
QUARTER = timedelta(minutes=15)
HOLD = timedelta(minutes=5)
TERMS = {
    "alone": Terms(buffer_minutes=15, cancel_minutes=60),
    "two": Terms(capacity=2, needs_confirmation=True, cancel_minutes=60, per_week=3),
}
PEOPLE = ("a", "b", "c", "d")
CELLS = range(16)  # four hours, from one hour after the beginning


@dataclass
class Known:
    """A booking as the model has it, in quarters from the beginning."""

    host: str
    person: str
    first: int
    last: int
    state: State
    until: datetime | None = None

    @property
    def own(self) -> range:
        return range(self.first, self.last)

    @property
    def whole(self) -> range:
        return range(self.first, self.last + TERMS[self.host].buffer_minutes // 15)


class Bookings(RuleBasedStateMachine):
    """Everything that can be done with bookings, beside a dict of what should have come of it."""

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.database, self.loop = database, loop
        self.now = BEGIN - timedelta(days=1)
        self.known: dict[str, Known] = {}
        self.count = 0

    @initialize()
    def empty(self) -> None:
        async def clear() -> None:
            async with self.database.write() as connection:
                for table in (ReminderRow, BookingCell, BookingRow, HostRow, Person):
                    await connection.execute(delete(table))
                for person in PEOPLE:
                    await connection.execute(insert(Person).values(id=person, created_at=BEGIN))
                for host in TERMS:
                    await slots.add_host(connection, STAFF, Host(host, host), BEGIN)

        self.loop.run_until_complete(clear())

    @rule(person=st.sampled_from(PEOPLE), host=st.sampled_from(list(TERMS)), first=st.sampled_from(CELLS))
    def hold(self, person: str, host: str, first: int) -> None:
        self.count += 1
        number, last = f"B{self.count}", first + 2 + first % 2
        new = NewBooking(
            number, host, person, "test", person, "land", "site", at(first), at(last), "Asia/Shanghai", "zh-Hans",
            self.now, TERMS[host],
        )  # fmt: skip
        after = self.without_overdue(host)
        wanted = Known(host, person, first, last, State.HELD, self.now + HOLD)
        fits = at(first) > self.now and self.fits(after, wanted)
        done = self.tries(lambda connection: bookings.hold(connection, new, self.now + HOLD))
        assert done == fits
        if done:
            self.known = after | {number: wanted}

    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        if not (number := self.one(data)):
            return
        one = self.known[number]
        by = data.draw(st.sampled_from([SELF, "staff"]))
        asked = TERMS[one.host].needs_confirmation
        if one.state is State.HELD:
            may = by == SELF and one.until is not None and one.until > self.now and at(one.first) > self.now
            to = State.PENDING if asked else State.CONFIRMED
        else:
            may, to = one.state is State.PENDING and by != SELF and at(one.first) > self.now, State.CONFIRMED
        self.expect(number, to, may, lambda c: bookings.confirm(c, number, by=by, at=self.now, name="林溪"))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if not (number := self.one(data)):
            return
        one = self.known[number]
        by = data.draw(st.sampled_from([SELF, "staff"]))
        may = one.state in LIVE and self.now < at(one.first)
        if by == SELF and one.state is not State.HELD:
            may = may and self.now <= at(one.first) - timedelta(hours=1)
        self.expect(number, State.CANCELLED, may, lambda c: bookings.cancel(c, number, by=by, at=self.now))

    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        if not (number := self.one(data)):
            return
        may = self.known[number].state is State.PENDING and self.now < at(self.known[number].first)
        self.expect(number, State.DECLINED, may, lambda c: bookings.decline(c, number, by="staff", at=self.now))

    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        if not (number := self.one(data)):
            return
        to = data.draw(st.sampled_from([State.NO_SHOW, State.DONE]))
        one = self.known[number]
        other = {State.NO_SHOW: State.DONE, State.DONE: State.NO_SHOW}[to]
        may = one.state in {State.CONFIRMED, other} and at(one.first) <= self.now
        self.expect(number, to, may, lambda c: bookings.transition(c, number, to, by="staff", at=self.now))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if number := self.one(data):
            assert self.tries(lambda connection: bookings.release(connection, number, at=self.now))
            if self.known[number].state is State.HELD:
                self.known[number].state = State.EXPIRED

    @rule(data=st.data(), host=st.sampled_from(list(TERMS)), first=st.sampled_from(CELLS))
    def reschedule(self, data: st.DataObject, host: str, first: int) -> None:
        if not (number := self.one(data)):
            return
        one, last = self.known[number], first + 2
        after = self.without_overdue(host)
        del after[number]
        asked = TERMS[host].needs_confirmation
        wanted = Known(host, one.person, first, last, State.PENDING if asked else State.CONFIRMED)
        fits = (
            one.state in {State.PENDING, State.CONFIRMED}
            and self.now <= at(one.first) - timedelta(hours=1)
            and at(first) > self.now
            and self.fits(after, wanted)
        )
        done = self.tries(
            lambda connection: bookings.reschedule(
                connection, number, host_id=host, starts_at=at(first), ends_at=at(last), terms=TERMS[host],
                by=SELF, at=self.now,
            )
        )  # fmt: skip
        assert done == fits
        if done:
            self.known = after | {number: wanted}

    @rule(minutes=st.sampled_from([1, 5, 30, 600]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        assert self.tries(lambda connection: bookings.expire_held(connection, self.now))
        self.known = self.without_overdue()

    @invariant()
    def the_cells_are_those_of_the_set(self) -> None:
        wanted = {
            (one.host, cell, one.person if cell in one.own else None, number)
            for number, one in self.known.items()
            if one.state in LIVE
            for cell in one.whole
        }

        async def read() -> tuple[Any, ...]:
            async with self.database.read() as connection:
                cells = await connection.execute(select(BookingCell))
                states = await connection.execute(select(BookingRow.number, BookingRow.state))
                due = await connection.execute(
                    select(ReminderRow.subject, ReminderRow.kind).where(ReminderRow.state == "due")
                )
                return cells.all(), states.all(), due.all()

        cells, states, due = self.loop.run_until_complete(read())
        first = int(BEGIN.timestamp()) // 900 + 4
        assert {(row.host_id, row.cell - first, row.person_id, row.number) for row in cells} == wanted
        assert dict(states) == {number: one.state.value for number, one in self.known.items()}
        # What is due is due about what still stands: one end for what is open, none for what is over.
        ends = {State.HELD: "hold-ends", State.PENDING: "pending-ends"}
        expected = {(number, ends[one.state]) for number, one in self.known.items() if one.state in ends}
        assert {(subject, kind) for subject, kind in due if kind.endswith("-ends")} == expected
        confirmed = {number for number, one in self.known.items() if one.state is State.CONFIRMED}
        pending = {number for number, one in self.known.items() if one.state is State.PENDING}
        assert {subject for subject, kind in due if kind == "booking-asked"} <= pending
        assert {subject for subject, kind in due if kind in {"booking-day", "booking-hour"}} <= confirmed

    def fits(self, known: dict[str, Known], wanted: Known) -> bool:
        live = [one for one in known.values() if one.state in LIVE]
        terms = TERMS[wanted.host]
        seats = all(
            sum(one.host == wanted.host and cell in one.whole for one in live) < terms.capacity for cell in wanted.whole
        )
        elsewhere = any(one.person == wanted.person and cell in one.own for one in live for cell in wanted.own)
        kept = {*LIVE, State.DONE, State.NO_SHOW}
        had = sum(
            one.person == wanted.person and one.host == wanted.host and one.state in kept for one in known.values()
        )
        return seats and not elsewhere and (terms.per_week is None or had < terms.per_week)

    def without_overdue(self, host: str | None = None) -> dict[str, Known]:
        """Give what is known once a host's holds that are over have expired; of every host requests as well."""
        after = {}
        for number, one in self.known.items():
            over = (one.state is State.HELD and one.until is not None and one.until <= self.now) or (
                one.state is State.PENDING and at(one.first) <= self.now
            )
            is_gone = over and (host is None or (one.host == host and one.state is State.HELD))
            after[number] = Known(one.host, one.person, one.first, one.last, State.EXPIRED) if is_gone else one
        return after

    def one(self, data: st.DataObject) -> str | None:
        return data.draw(st.sampled_from(sorted(self.known))) if self.known else None

    def expect(self, number: str, to: State, may: bool, move: Callable[[Any], Awaitable[Any]]) -> None:
        assert self.tries(move) == may
        if may:
            self.known[number].state = to

    def tries(self, move: Callable[[Any], Awaitable[Any]]) -> bool:
        async def one() -> bool:
            try:
                async with self.database.write() as connection:
                    await move(connection)
            except Conflict:
                return False
            return True

        return self.loop.run_until_complete(one())


def at(cell: int) -> datetime:
    return BEGIN + timedelta(hours=1) + QUARTER * cell


@pytest.mark.parametrize("steps", [30])
def test_whatever_is_done_the_cells_are_those_of_a_plain_set(database_url: str, steps: int) -> None:
    loop = asyncio.new_event_loop()
    database = loop.run_until_complete(Database.open(database_url))
    try:
        loop.run_until_complete(database.migrate())
        run_state_machine_as_test(
            lambda: Bookings(database, loop),
            settings=settings(
                max_examples=40, stateful_step_count=steps, suppress_health_check=list(HealthCheck), database=None
            ),
        )
    finally:
        loop.run_until_complete(database.close())
        loop.close()
