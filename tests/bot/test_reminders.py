"""What falls due: told once, in time, whatever the clock, the process or another worker does. On both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.delivery import reminders as working
from bot.delivery.jobs import Jobs
from handlers import booking_desk, reminding, slot_desk
from storage import due, jobs, reminders
from storage.bookings import SELF, State
from storage.database import Database
from storage.errors import Conflict
from storage.reminders import Kind, Reminder
from storage.slot_tables import DayKind, Host, Terms
from tests.bot.booked import ADMIN, Bureau
from tests.journeys.town import START, labels

BEIJING = ZoneInfo("Asia/Shanghai")
# Thursday at two in the afternoon; the clock stands at Tuesday, ten in the morning.
THURSDAY = datetime(2026, 11, 26, 14, tzinfo=BEIJING).astimezone(UTC)


@pytest.fixture
async def bureau(database: Database) -> Bureau:
    bureau = Bureau(database)
    await bureau.opens()
    return bureau


async def test_somebody_is_reminded_a_day_and_an_hour_before_and_once_each(bureau: Bureau) -> None:
    number = await bureau.books("lin", THURSDAY)
    assert await bureau.reminders.work() == 0

    bureau.clock.time = THURSDAY - timedelta(days=1)
    assert await bureau.reminders.work() == 1
    assert await bureau.reminders.work() == 0
    [(chat, day)] = await bureau.told()
    assert chat == "lin"
    assert number in day.text
    assert "14:00" in day.text
    assert any("改" in label for label in labels(day))

    bureau.clock.time = THURSDAY - timedelta(hours=1)
    assert await bureau.reminders.work() == 1
    [(_, hour)] = await bureau.told()
    assert "马上" in hour.text
    bureau.clock.time = THURSDAY + timedelta(days=1)
    assert await bureau.reminders.work() == 0


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_both_clocks_stand_side_by_side_for_somebody_abroad(bureau: Bureau, language: str) -> None:
    await bureau.books("lin", THURSDAY, zone="America/Los_Angeles", language=language)
    bureau.clock.time = THURSDAY - timedelta(hours=1)
    await bureau.reminders.work()
    [*_, (_, told)] = await bureau.told()
    assert "14:00" in told.text
    assert "22:00" in told.text


async def test_a_reminder_that_would_fall_at_night_moves_to_daytime(bureau: Bureau) -> None:
    # Two in the afternoon in the county is ten in the evening in Los Angeles, six in the morning in London.
    at_home = THURSDAY - timedelta(days=1)
    for chat, zone, told_at in (
        ("wang", "America/Los_Angeles", datetime(2026, 11, 24, 21, 0, tzinfo=ZoneInfo("America/Los_Angeles"))),
        ("li", "Europe/London", datetime(2026, 11, 24, 21, 0, tzinfo=ZoneInfo("Europe/London"))),
    ):
        bureau.clock.time = START
        starts_at = THURSDAY + (HOURS if chat == "li" else timedelta(0))
        await bureau.books(chat, starts_at, zone=zone)
        bureau.clock.time = told_at - timedelta(seconds=1)
        assert await bureau.reminders.work() == 0
        bureau.clock.time = told_at
        assert bureau.clock.time < at_home + HOURS
        assert await bureau.reminders.work() == 1


HOURS = timedelta(minutes=30)


async def test_after_a_long_outage_only_what_still_helps_is_told(bureau: Bureau) -> None:
    soon, over = await bureau.books("lin", THURSDAY), await bureau.books("wang", THURSDAY - timedelta(hours=3))
    bureau.clock.time = THURSDAY - timedelta(minutes=50)
    assert await bureau.reminders.work() == 4
    [(chat, told)] = await bureau.told()
    assert chat == "lin"
    assert soon in told.text
    assert over not in told.text
    assert "马上" in told.text


@pytest.mark.parametrize("change", ["cancel", "move", "delete"])
async def test_nothing_old_goes_out_after_a_change(bureau: Bureau, change: str) -> None:
    number = await bureau.books("lin", THURSDAY)
    later = THURSDAY + timedelta(days=2)
    if change == "cancel":
        await bureau.cancels(number)
    elif change == "move":
        await bureau.moves(number, later)
    else:
        from storage import forgetting

        async with bureau.database.write() as connection:
            await forgetting.forget(connection, "lin", number="D1", at=bureau.clock.now())
    for at in (THURSDAY - timedelta(days=1), THURSDAY - timedelta(hours=1), THURSDAY):
        bureau.clock.time = at
        await bureau.reminders.work()
    assert await bureau.told() == []
    bureau.clock.time = later - timedelta(hours=1)
    await bureau.reminders.work()
    assert len(await bureau.told()) == (1 if change == "move" else 0)


async def test_a_hold_ends_after_five_minutes_and_frees_the_time_once(bureau: Bureau) -> None:
    number = await bureau.holds("lin", THURSDAY)
    bureau.clock.passes(minutes=4, seconds=59)
    assert await bureau.reminders.work() == 0
    bureau.clock.passes(seconds=1)
    assert await bureau.reminders.work() == 1
    assert (await bureau.booking(number)).state is State.EXPIRED
    assert await bureau.told() == []
    with pytest.raises(Conflict):
        await bureau.confirms(number)
    assert await bureau.books("wang", THURSDAY)


async def test_a_request_nobody_confirmed_is_off_when_it_begins_and_the_person_hears_of_it(bureau: Bureau) -> None:
    bureau.terms = Terms(cancel_minutes=0, needs_confirmation=True)
    number = await bureau.books("lin", THURSDAY)
    assert (await bureau.booking(number)).state is State.PENDING
    bureau.clock.time = THURSDAY
    assert await bureau.reminders.work() == 1
    assert (await bureau.booking(number)).state is State.EXPIRED
    [(_, told)] = await bureau.told()
    assert number in told.text
    assert told.buttons


async def test_a_freed_time_goes_down_the_waiting_list_until_somebody_takes_it(bureau: Bureau) -> None:
    number = await bureau.books("lin", THURSDAY)
    day = THURSDAY - timedelta(hours=2), THURSDAY + timedelta(hours=2)
    wang, li = await bureau.waits("wang", *day), await bureau.waits("li", *day)
    await bureau.cancels(number)
    assert await bureau.reminders.work() == 1
    [(chat, offer)] = await bureau.told()
    assert chat == "wang"
    assert [button.data for row in offer.buttons for button in row] == [
        f"go:take-offer:{wang}",
        f"go:refuse-offer:{wang}",
    ]

    # Nobody answers for two hours: the next is offered it, and the first is told.
    bureau.clock.passes(hours=2)
    await bureau.reminders.work()
    told = dict(await bureau.told())
    assert set(told) == {"wang", "li"}
    assert "让给下一位" in told["wang"].text
    assert "先为您留着" in told["li"].text
    async with bureau.database.read() as connection:
        place = await reminding.waits.by_id(connection, li)
    assert place is not None
    await bureau.confirms(place.number)
    bureau.clock.passes(hours=3)
    assert await bureau.reminders.work() == 0
    assert (await bureau.booking(place.number)).state is State.CONFIRMED


async def test_whoever_waited_in_vain_is_told_so_once(bureau: Bureau) -> None:
    await bureau.waits("lin", THURSDAY, THURSDAY + timedelta(hours=2))
    bureau.clock.time = THURSDAY + timedelta(hours=2)
    assert await bureau.reminders.work() == 1
    [(_, told)] = await bureau.told()
    assert "没有空出时间" in told.text
    assert await bureau.reminders.work() == 0


async def test_a_fault_with_one_keeps_no_other_and_is_tried_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for place in range(3):
        await bureau.books(f"p{place}", THURSDAY + place * HOURS)
    bad = await bureau.books("bad", THURSDAY + 3 * HOURS)
    sound = reminding.carry_out

    async def faulty(connection, reminder: Reminder, office, at):
        if reminder.subject == bad:
            raise LookupError("no such word")
        return await sound(connection, reminder, office, at)

    monkeypatch.setattr(reminding, "carry_out", faulty)
    monkeypatch.setattr(working, "BATCH", 1)
    bureau.clock.time = THURSDAY - timedelta(hours=20)
    assert await bureau.reminders.work() == 3
    assert {chat for chat, _ in await bureau.told()} == {"p0", "p1", "p2"}
    assert await bureau.reminders_in("due") == 5
    assert "LookupError" in caplog.text
    assert "林溪" not in caplog.text
    monkeypatch.undo()
    # Not at once, but by any worker that has not just failed with it.
    assert await bureau.reminders.work() == 0
    assert await bureau.worker().work() == 1
    assert [chat for chat, _ in await bureau.told()] == ["bad"]


async def test_a_terminal_tells_nobody_elses_and_leaves_them_to_who_does(bureau: Bureau) -> None:
    await bureau.books("lin", THURSDAY)
    bureau.clock.time = THURSDAY - timedelta(days=1)
    assert await bureau.worker({"terminal"}).work() == 0
    assert await bureau.told() == []
    assert await bureau.worker({"test"}).work() == 1


async def test_while_paused_nothing_happens_in_any_process(bureau: Bureau) -> None:
    held = await bureau.holds("wang", THURSDAY + HOURS)
    await bureau.books("lin", THURSDAY)
    async with bureau.database.write() as connection:
        await jobs.pause(connection, bureau.clock.now())
    bureau.clock.time = THURSDAY - timedelta(hours=20)
    assert await bureau.reminders.work() == 0
    assert (await bureau.booking(held)).state is State.HELD
    async with bureau.database.write() as connection:
        await jobs.resume(connection)
    assert await bureau.reminders.work() == 2
    assert len(await bureau.told()) == 1


async def test_what_another_system_told_can_be_skipped(bureau: Bureau) -> None:
    held = await bureau.holds("wang", THURSDAY + HOURS)
    await bureau.books("lin", THURSDAY)
    bureau.clock.time = THURSDAY - timedelta(hours=20)
    async with bureau.database.write() as connection:
        assert await due.drop_told(connection, bureau.clock.now()) == 1
    assert await bureau.reminders.work() == 1
    assert await bureau.told() == []
    assert (await bureau.booking(held)).state is State.EXPIRED
    bureau.clock.time = THURSDAY - timedelta(hours=1)
    assert await bureau.reminders.work() == 1


@pytest.mark.parametrize("workers", [2, 4])
async def test_workers_share_what_is_due_and_nobody_is_told_twice(
    bureau: Bureau, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BATCH", 3)
    for place in range(16):
        await bureau.books(f"p{place}", THURSDAY + place * HOURS)
    held = [await bureau.holds(f"h{place}", THURSDAY - place * HOURS) for place in range(1, 5)]
    bureau.clock.time = THURSDAY - timedelta(minutes=61)
    await asyncio.gather(*(bureau.worker().work() for _ in range(workers)))
    told = [chat for chat, _ in await bureau.told()]
    assert sorted(told) == sorted(set(told))
    assert {(await bureau.booking(number)).state for number in held} == {State.EXPIRED}
    async with bureau.database.read() as connection:
        assert await due.waiting(connection, bureau.clock.now()) == (0, None)


async def test_a_hold_that_ends_while_it_is_confirmed_goes_one_way(bureau: Bureau) -> None:
    """Confirmed a moment before it ends, and worked off by a clock a moment ahead: never both, never neither."""
    for place in range(8):
        bureau.clock.time = START
        number = await bureau.holds(f"p{place}", THURSDAY + place * HOURS)
        inside, bureau.clock.time = START + timedelta(minutes=4, seconds=59), START + timedelta(minutes=5)

        async def confirm(number: str = number, at: datetime = inside) -> bool:
            from storage import bookings

            try:
                async with bureau.database.write() as connection:
                    await bookings.confirm(connection, number, by=SELF, at=at)
            except Conflict:
                return False
            return True

        work = bureau.worker().work
        first = (confirm, work) if place % 2 else (work, confirm)
        confirmed, _ = sorted(await asyncio.gather(*(one() for one in first)), key=lambda done: type(done) is int)
        state = (await bureau.booking(number)).state
        assert state is (State.CONFIRMED if confirmed else State.EXPIRED)
        async with bureau.database.read() as connection:
            left = await reminders.due(connection, THURSDAY + timedelta(days=30), limit=100)
        planned = {one.kind for one in left if one.subject == number}
        assert planned == ({Kind.BOOKING_DAY, Kind.BOOKING_HOUR} if confirmed else set())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(-7200, 7200), max_size=12))
async def test_whatever_the_clock_does_each_is_told_once_and_at_the_first_look_after(
    database: Database, steps: list[int]
) -> None:
    """NTP, a suspended machine, a wrong clock put right: the clock goes on and jumps between two looks."""
    bureau = Bureau(database)
    async with database.write() as connection:
        await connection.execute(reminders.delete(reminders.ReminderRow))
        await connection.execute(reminders.delete(due.ReminderRow))
        subjects = [Reminder(Kind.WAIT_ENDS.value, f"{n:032}", START + timedelta(minutes=10 * n)) for n in range(24)]
        await reminders.plan(connection, subjects)
    ahead = START - timedelta(days=1)
    for step in steps:
        bureau.clock.passes(seconds=step + 2)
        ahead = max(ahead, bureau.clock.now())
        await bureau.reminders.work()
        async with database.read() as connection:
            left = {one.subject for one in await reminders.due(connection, START + timedelta(days=9), limit=99)}
        assert left == {one.subject for one in subjects if one.due_at > ahead}


async def test_the_loop_looks_again_however_the_clock_is_set_and_after_a_fault(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Queue[datetime]()
    sound = bureau.reminders.work
    faults = [ConnectionError("the database is away")]

    async def look() -> int:
        if faults:
            raise faults.pop()
        done = await sound()
        looked.put_nowait(bureau.clock.now())
        return done

    monkeypatch.setattr(bureau.reminders, "work", look)
    going = Jobs(bureau.database, bureau.clock, bureau.reminders, round_s=0)
    running = asyncio.create_task(going.run())
    await bureau.books("lin", THURSDAY)
    for at in (THURSDAY - timedelta(days=1), START - timedelta(days=3), THURSDAY - timedelta(minutes=59), START):
        bureau.clock.time = at
        while await looked.get() != at:
            pass
        while await looked.get() != at:
            pass
    going.stop()
    await running
    assert "the database is away" in caplog.text
    assert len(await bureau.told()) == 2
    async with bureau.database.read() as connection:
        assert (await jobs.standing(connection)).seen_at is not None


@pytest.mark.parametrize("opening", ["a day", "hours", "a leave taken back", "the host again"])
async def test_hours_that_staff_open_are_offered_to_who_waits_longest(bureau: Bureau, opening: str) -> None:
    office, day, hours = bureau.office, THURSDAY.astimezone(BEIJING).date(), ("10:00", "11:00")
    await slot_desk.add_host(office, ADMIN, Host("window", "税务窗口"))

    async def opens() -> None:
        rule = slot_desk.new_rule(office, "window", "FREQ=WEEKLY;BYDAY=TH", hours, bureau.terms)
        await slot_desk.add_rule(office, ADMIN, rule)

    if opening == "a leave taken back":
        await opens()
        await slot_desk.add_days(office, ADMIN, "window", DayKind.LEAVE, day, day, None)
    elif opening == "the host again":
        await opens()
        await slot_desk.set_active(office, ADMIN, "window", False)
    await bureau.reminders.work()
    begins = booking_desk.begins(day).astimezone(UTC)
    places = [await bureau.waits(who, begins, begins + timedelta(days=1), "window") for who in ("wang", "li", "zhao")]
    bureau.clock.passes(minutes=1)
    assert await bureau.reminders.work() == 0

    if opening == "a day":
        await slot_desk.add_days(office, ADMIN, "window", DayKind.EXTRA, day, day, hours)
    elif opening == "hours":
        await opens()
    elif opening == "a leave taken back":
        await slot_desk.remove_days(office, ADMIN, "window", DayKind.LEAVE, day, day)
    else:
        await slot_desk.set_active(office, ADMIN, "window", True)
    await bureau.reminders.work()
    # Two half hours: the third goes on waiting.
    told = dict(await bureau.told())
    assert set(told) == {"wang", "li"}
    assert "先为您留着" in told["wang"].text
    assert f"go:take-offer:{places[0]}" in [button.data for row in told["wang"].buttons for button in row]
    async with bureau.database.read() as connection:
        found = [await reminding.waits.by_id(connection, one) for one in places]
        held = [await reminding.bookings.by_number(connection, place.number) for place in found if place]
    assert [one and one.starts_at for one in held] == [
        begins + timedelta(hours=10),
        begins + timedelta(hours=10.5),
        None,
    ]
    await bureau.reminders.work()
    assert await bureau.told() == []
