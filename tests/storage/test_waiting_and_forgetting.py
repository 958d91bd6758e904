"""What comes free goes to who waits; what is forgotten comes free; every move is checked, with what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from storage import booking_forgetting, booking_lists, bookings, forgetting, people_lists, reminders, slots, waits
from storage.booking_tables import BookingCell
from storage.bookings import SELF, SYSTEM, Booking, NewBooking, State
from storage.database import Connection, Database
from storage.errors import Conflict, StorageError
from storage.people import Person
from storage.registry_tables import Known
from storage.slots import Day, DayKind, Host, Rule, Terms
from storage.staff import NotAllowed, Role, Viewer
from storage.waits import NewWait, Wait, WaitState

ADMIN = Viewer("admin", Role.COUNTY_ADMIN)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # Wednesday, ten in the morning in the county
START = NOW + timedelta(days=2)
HALF = timedelta(minutes=30)


@pytest.fixture
async def booked(database: Database) -> Database:
    """A host with hours, four people, and the first of them booked for Friday at ten."""
    async with database.write() as connection:
        for person in "abcd":
            await connection.execute(insert(Person).values(id=person, created_at=NOW))
        await slots.add_host(connection, ADMIN, Host("h", "招商岗", topics=("land", "tax")), NOW)
        rule = Rule("r", "h", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "09:00", 480, date(2026, 1, 1))
        await slots.add_rule(connection, ADMIN, rule)
        await books(connection, "B1", "a")
    return database


def wanted(number: str, person: str, starts_at: datetime = START, host: str = "h") -> NewBooking:
    return NewBooking(
        number, host, person, "test", person, "land", "video", starts_at, starts_at + HALF, "Asia/Shanghai", "zh-Hans",
        NOW, Terms(), "r",
    )  # fmt: skip


async def books(
    connection: Connection, number: str, person: str, starts_at: datetime = START, host: str = "h"
) -> Booking:
    await bookings.hold(connection, wanted(number, person, starts_at, host), NOW + timedelta(minutes=5))
    return await bookings.confirm(
        connection, number, by=SELF, at=NOW, name="林溪", contact=("phone", "+8613800138000"), question="厂房怎么租"
    )


async def waits_for(connection: Connection, place: str, person: str, minutes: int = 0, **told: object) -> None:
    new = NewWait(
        id=f"w{place}", number=f"W{place}", person_id=person, channel="test", chat=person, topic="land",
        wanted_from=START - timedelta(days=1), wanted_to=START + timedelta(days=1), zone="Asia/Shanghai",
        language="zh-Hans", at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip
    await waits.join(connection, replace(new, **told))  # type: ignore[arg-type]


async def of(connection: Connection, name: str) -> Wait:
    wait = await waits.by_id(connection, f"w{name}")
    assert wait is not None
    return wait


async def due(connection: Connection) -> set[tuple[str, str]]:
    """Give what is due in the end, but for the end of waiting itself."""
    found = await reminders.due(connection, NOW + timedelta(days=400))
    return {(one.kind, one.subject) for one in found if one.kind != "wait-ends"}


async def owners(connection: Connection) -> set[str]:
    return set((await connection.scalars(select(BookingCell.number))).all())


async def test_what_is_cancelled_is_held_for_who_has_waited_longest(booked: Database) -> None:
    async with booked.write() as connection:
        await waits_for(connection, "2", "c", 2)
        await waits_for(connection, "1", "b", 1, name="王强")
        await bookings.cancel(connection, "B1", by=SELF, at=NOW)
        first, offered = await of(connection, "1"), await bookings.by_number(connection, "W1")
        assert (first.state, (await of(connection, "2")).state) == (WaitState.OFFERED, WaitState.WAITING)
        assert offered is not None
        assert (offered.state, offered.starts_at, offered.held_until) == (State.HELD, START, first.offered_until)
        assert (offered.name, offered.person_id) == ("王强", "b")
        assert await due(connection) == {("wait-offer", "w1"), ("wait-offer-ends", "w1")}
        assert await owners(connection) == {"W1"}
    async with booked.write() as connection:
        confirmed = await bookings.confirm(connection, "W1", by=SELF, at=NOW + HALF)
        assert (confirmed.state, (await of(connection, "1")).state) == (State.CONFIRMED, WaitState.TAKEN)
        assert await due(connection) == {("booking-day", "W1"), ("booking-hour", "W1")}


async def test_an_offer_that_is_not_taken_goes_to_the_next_once(booked: Database) -> None:
    async with booked.write() as connection:
        await waits_for(connection, "1", "b", 1)
        await waits_for(connection, "2", "c", 2)
        await bookings.cancel(connection, "B1", by=SELF, at=NOW)
        until = (await of(connection, "1")).offered_until
        assert until == NOW + timedelta(hours=2)
        assert await bookings.expire_held(connection, until - timedelta(seconds=1)) == []
        assert [one.number for one in await bookings.expire_held(connection, until)] == ["W1"]
        assert await bookings.expire_held(connection, until) == []
        assert [(await of(connection, name)).state for name in "12"] == [WaitState.LAPSED, WaitState.OFFERED]
        assert await owners(connection) == {"W2"}
        await waits.leave(connection, "w2", until)
        assert (await of(connection, "2")).state is WaitState.LEFT
        assert (await owners(connection), await due(connection)) == (set(), set())


@pytest.mark.parametrize(
    "told",
    [
        {"topic": "school"},
        {"mode": "fax"},
        {"wanted_from": START + HALF},
        {"wanted_to": START},
        {"person_id": "a"},
    ],
)
async def test_who_wants_something_else_is_offered_nothing(booked: Database, told: dict[str, object]) -> None:
    async with booked.write() as connection:
        await waits_for(connection, "1", "b", **told)
        await bookings.cancel(connection, "B1", by=SELF, at=NOW)
        assert (await of(connection, "1")).state is WaitState.WAITING
        assert await owners(connection) == set()


async def test_nobody_is_offered_a_time_they_or_the_host_do_not_have(booked: Database) -> None:
    async with booked.write() as connection:
        await slots.add_host(connection, ADMIN, Host("h2", "税务岗"), NOW)
        await books(connection, "B2", "b", host="h2")
        await waits_for(connection, "1", "b", 1)
        await waits_for(connection, "2", "c", 2)
        await slots.add_day(connection, ADMIN, Day("h", date(2026, 11, 27), DayKind.LEAVE, "08:00", "10:15"))
        await bookings.cancel(connection, "B1", by=SELF, at=NOW)
        assert [(await of(connection, name)).state for name in "12"] == [WaitState.WAITING, WaitState.WAITING]
        await slots.remove_days(connection, ADMIN, "h", date(2026, 11, 27), date(2026, 11, 27), DayKind.LEAVE)
        await books(connection, "B3", "d")
        await bookings.cancel(connection, "B3", by="admin", at=NOW)
        # The first in the row is elsewhere then.
        assert [(await of(connection, name)).state for name in "12"] == [WaitState.WAITING, WaitState.OFFERED]


def test_an_offer_leaves_two_hours_of_ones_own_day() -> None:
    from storage.wait_rows import answer_by

    night = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # two in the morning in Los Angeles
    morning = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)  # ten o'clock there
    assert answer_by(night + timedelta(days=3), "America/Los_Angeles", night) == morning
    assert answer_by(night + timedelta(days=3), "Asia/Shanghai", night) == night + timedelta(hours=2)
    assert answer_by(night + timedelta(hours=2), "Asia/Shanghai", night) == night + timedelta(hours=1.5)
    assert answer_by(night + HALF, "Asia/Shanghai", night) is None


async def test_a_day_before_comes_in_ones_own_daytime(database: Database) -> None:
    at = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    starts = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)  # ten in the county, 18:00 the day before in Los Angeles
    due_at = {
        zone: reminders.before(starts, zone, "B", at)[0].due_at
        for zone in ("Asia/Shanghai", "America/Los_Angeles", "Europe/London")
    }
    assert due_at["Asia/Shanghai"] == starts - timedelta(days=1)
    assert due_at["America/Los_Angeles"] == starts - timedelta(days=1)
    # Two in the morning in London: the evening before at nine.
    assert due_at["Europe/London"] == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
    assert reminders.before(starts, "Asia/Shanghai", "B", starts - timedelta(minutes=59)) == []


async def test_a_reminder_is_done_once_and_comes_back_with_its_time(booked: Database) -> None:
    async with booked.write() as connection:
        [day, hour] = await reminders.due(connection, START)
        terms = {"host_id": "h", "terms": Terms(), "rule_id": "r", "by": SELF, "at": NOW}
        await bookings.reschedule(connection, "B1", starts_at=START + HALF, ends_at=START + 2 * HALF, **terms)
        assert not await reminders.mark_done(connection, day)
        moved = await bookings.reschedule(connection, "B1", starts_at=START, ends_at=START + HALF, **terms)
        assert moved.sequence == 2
        assert await reminders.due(connection, START) == [day, hour]
        assert await reminders.mark_done(connection, day)
        assert not await reminders.mark_done(connection, day)
        assert await reminders.next_due(connection) == hour.due_at


async def test_a_booking_is_not_moved_past_its_limits(booked: Database) -> None:
    late, begun = START - timedelta(hours=1), START
    moves = [
        (State.CANCELLED, SELF, late),
        (State.CANCELLED, "admin", begun),
        (State.DONE, "admin", late),
        (State.DONE, SELF, begun),
        (State.EXPIRED, SYSTEM, begun),
        (State.PENDING, SELF, NOW),
    ]
    for to, by, at in moves:
        with pytest.raises(Conflict):
            async with booked.write() as connection:
                await bookings.transition(connection, "B1", to, by=by, at=at)
    async with booked.read() as connection:
        booking = await bookings.by_number(connection, "B1")
    assert booking is not None
    assert (booking.state, booking.sequence) == (State.CONFIRMED, 0)


@pytest.mark.parametrize("minutes", [7, 45 + 1 / 60])
async def test_a_time_that_is_not_on_quarters_is_refused(booked: Database, minutes: float) -> None:
    with pytest.raises(StorageError, match="quarter"):
        async with booked.write() as connection:
            odd = wanted("B2", "b", START + timedelta(minutes=minutes))
            await bookings.hold(connection, odd, NOW + timedelta(minutes=5))


async def test_a_hold_that_came_to_nothing_forgets_whom_it_was_for(booked: Database) -> None:
    async with booked.write() as connection:
        new = replace(wanted("B2", "b", START + HALF), name="王强", contact=("wechat", "wang"), question="在哪")
        await bookings.hold(connection, new, NOW + timedelta(minutes=5))
        await bookings.release(connection, "B2", at=NOW)
        await bookings.release(connection, "B2", at=NOW)
        gone = await bookings.by_number(connection, "B2")
    assert gone is not None
    assert (gone.state, gone.name, gone.contact, gone.question) == (State.EXPIRED, None, None, None)


async def test_deleting_a_person_frees_their_time_for_who_waits(booked: Database) -> None:
    async with booked.write() as connection:
        await waits_for(connection, "1", "b")
        await waits_for(connection, "2", "a")
        counts = await forgetting.forget(connection, "a", number="100000", at=NOW)
        assert (counts["bookings"], counts["waits"]) == (1, 1)
        assert await bookings.by_number(connection, "B1") is None
        assert await waits.by_id(connection, "w2") is None
        assert (await of(connection, "1")).state is WaitState.OFFERED
        assert await owners(connection) == {"W1"}
        assert {subject for _, subject in await due(connection)} == {"w1"}


async def test_deleting_an_expert_tells_those_who_booked_them(booked: Database) -> None:
    async with booked.write() as connection:
        expert = Host("e", "林教授", kind="expert", person_id="d", place="教授家")
        await slots.add_host(connection, ADMIN, expert, NOW)
        await books(connection, "B2", "b", host="e")
        assert (await booking_forgetting.export(connection, "d"))["hosts"][0]["name"] == "林教授"
        await forgetting.forget(connection, "d", number="100000", at=NOW)
        host, booking = await slots.host(connection, "e"), await bookings.by_number(connection, "B2")
        assert host is not None
        assert booking is not None
        assert (host.active, host.name, host.place, booking.state) == (False, "", None, State.CANCELLED)
        assert ("booking-cancelled", "B2") in await due(connection)


async def test_a_person_sees_what_they_booked_and_the_database_does_not_tell(booked: Database) -> None:
    async with booked.read() as connection:
        [booking] = (await booking_forgetting.export(connection, "a"))["bookings"]
        row = (await connection.execute(text("SELECT name, contact, question FROM bookings"))).one()
    assert (booking["name"], booking["contact"], booking["question"]) == ("林溪", "+8613800138000", "厂房怎么租")
    assert all(value.startswith("s1.") for value in row)


async def test_what_is_long_over_is_deleted(booked: Database) -> None:
    async with booked.write() as connection:
        await waits_for(connection, "1", "b")
        assert await waits.lapse(connection, "w1")
        assert not await waits.lapse(connection, "w1")
        assert (await forgetting.retain(connection, START + timedelta(days=364)))["bookings"] == 1
        assert (await forgetting.retain(connection, START + timedelta(days=366)))["bookings"] == 1
        assert await bookings.by_number(connection, "B1") is None


async def test_merging_two_entries_of_one_person_loses_no_booking(booked: Database) -> None:
    from storage import registry

    async with booked.write() as connection:
        await slots.add_host(connection, ADMIN, Host("h2", "税务岗"), NOW)
        await books(connection, "B2", "b", host="h2")
        await books(connection, "B3", "b", START + HALF)
        for person in "ab":
            await registry.keep_profile(connection, person, Known(name="林溪"), NOW)
        await people_lists.merge(connection, ADMIN, "a", "b", NOW)
        assert [one.number for one in await bookings.of_person(connection, "a")] == ["B1", "B2", "B3"]
        await bookings.cancel(connection, "B2", by=SELF, at=NOW)
        assert await owners(connection) == {"B1", "B3"}


async def test_staff_see_their_township_and_no_name_without_a_reason(booked: Database) -> None:
    liuhe, qingshi = (Viewer(f"of {name}", Role.TOWNSHIP, name) for name in ("liuhe", "qingshi"))
    reader = Viewer("reader", Role.READER)
    async with booked.write() as connection:
        await slots.add_host(connection, liuhe, Host("l", "柳河站", township="liuhe"), NOW)
        with pytest.raises(Conflict):
            await slots.add_host(connection, liuhe, Host("q", "青石站", township="qingshi"), NOW)
        await books(connection, "B2", "b", host="l")
        span = (NOW, NOW + timedelta(days=9))
        seen = {
            who.id: [one.number for one in await booking_lists.between(connection, who, *span)]
            for who in (ADMIN, liuhe, qingshi, reader)
        }
        assert seen == {"admin": ["B1", "B2"], "of liuhe": ["B2"], "of qingshi": [], "reader": ["B1", "B2"]}
        assert await booking_lists.one(connection, liuhe, "B1") is None
        masked = await booking_lists.one(connection, liuhe, "B2")
        assert masked is not None
        assert (masked.name, masked.contact, masked.question) == ("林＊", ("phone", "+86****00"), None)
        for refused in (
            booking_lists.between(connection, reader, *span, reveal=True),
            slots.add_day(connection, reader, Day("h", date(2026, 12, 1), DayKind.LEAVE)),
        ):
            with pytest.raises(NotAllowed):
                await refused
        with pytest.raises(Conflict):
            await slots.add_day(connection, qingshi, Day("l", date(2026, 12, 1), DayKind.LEAVE))
