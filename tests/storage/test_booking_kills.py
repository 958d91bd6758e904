"""Killed at any step: no booking is lost or left without its time, and what comes free does so once."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import signal
from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from storage import bookings, slots, waits
from storage.booking_tables import LIVE, BookingCell, BookingRow, ReminderRow, WaitRow
from storage.bookings import SELF, NewBooking, State
from storage.database import Database
from storage.errors import Conflict
from storage.people import Person
from storage.slots import Holidays, Host, Rule, Terms
from storage.waits import NewWait, WaitState
from tests.storage.racing import NOW, STAFF, VAULT

KILLS = 4
PEOPLE = [f"p{number}" for number in range(6)]
FIRST = NOW + timedelta(days=2)


async def prepare(url: str) -> None:
    database = await Database.open(url, VAULT)
    await database.migrate()
    async with database.write() as connection:
        for person in PEOPLE:
            await connection.execute(insert(Person).values(id=person, created_at=NOW))
        await slots.add_host(connection, STAFF, Host("h", "岗位"), NOW)
        terms = Terms(needs_confirmation=True)
        rule = Rule("r", "h", "FREQ=DAILY", "00:00", 1440, date(2026, 1, 1), holidays=Holidays.KEEP, terms=terms)
        await slots.add_rule(connection, STAFF, rule)
    await database.close()


def work(url: str, run: int, told: Any) -> None:
    """Book, wait for what is booked, cancel, take what is offered, over and over, until killed."""
    asyncio.run(_work(url, run, told))


async def _work(url: str, run: int, told: Any) -> None:
    database = await Database.open(url, VAULT)

    async def tries(move: Any) -> None:
        told.send("next")
        try:
            async with database.write() as connection:
                await move(connection)
        except Conflict:
            return

    for step in itertools.count():
        number, person = f"{run}-{step}", PEOPLE[step % 6]
        starts = FIRST + timedelta(minutes=30 * (step % 5))
        new = NewBooking(
            number, "h", person, "test", person, "land", "site", starts, starts + timedelta(minutes=30),
            "Asia/Shanghai", "zh-Hans", NOW, Terms(needs_confirmation=True), "r", name="林溪",
        )  # fmt: skip
        wait = NewWait(
            f"w{number}", f"W{number}", PEOPLE[(step + 1) % 6], "test", "c", "land", FIRST - timedelta(days=1),
            FIRST + timedelta(days=1), "Asia/Shanghai", "zh-Hans", NOW,
        )  # fmt: skip
        await tries(lambda c, new=new: bookings.hold(c, new, NOW + timedelta(minutes=5)))
        await tries(lambda c, number=number: bookings.confirm(c, number, by=SELF, at=NOW))
        await tries(lambda c, wait=wait: waits.join(c, wait))
        await tries(lambda c, number=number: bookings.decline(c, number, by="staff", at=NOW))
        await tries(lambda c, wait=wait: bookings.confirm(c, wait.number, by=SELF, at=NOW))
        if step % 3 == 0:
            await tries(lambda c, wait=wait: bookings.cancel(c, wait.number, by=SELF, at=NOW))


def test_a_kill_leaves_every_booking_whole(database_url: str) -> None:
    asyncio.run(prepare(database_url))
    context = multiprocessing.get_context("spawn")
    for run in range(KILLS):
        ours, theirs = context.Pipe()
        worker = context.Process(target=work, args=(database_url, run, theirs), daemon=True)
        worker.start()
        # Every kill lands in another move: they follow each other in fives and sixes.
        for _ in range(8 + 5 * run):
            ours.recv()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        asyncio.run(_is_whole(database_url))


async def _is_whole(url: str) -> None:
    database = await Database.open(url, VAULT)
    async with database.read() as connection:
        rows = (await connection.execute(select(BookingRow.number, BookingRow.state))).all()
        owners = Counter((await connection.scalars(select(BookingCell.number))).all())
        offered = set(
            (await connection.scalars(select(WaitRow.number).where(WaitRow.state == WaitState.OFFERED.value))).all()
        )
        due = (
            await connection.execute(
                select(ReminderRow.kind, ReminderRow.subject).where(
                    ReminderRow.state == "due", ReminderRow.kind.in_(["hold-ends", "pending-ends"])
                )
            )
        ).all()
    live = {number for number, state in rows if state in LIVE}
    held = {number for number, state in rows if state == State.HELD.value}
    assert rows
    assert owners == Counter(dict.fromkeys(live, 2))
    assert offered == {number for number in held if number.startswith("W")}
    assert {subject for kind, subject in due if kind == "hold-ends"} == held - offered
    assert {subject for kind, subject in due if kind == "pending-ends"} == live - held
    # What is held comes free once, and only once.
    async with database.write() as connection:
        expired = [one.number for one in await bookings.expire_held(connection, NOW + timedelta(minutes=5))]
        assert set(expired) == held - offered
        assert await bookings.expire_held(connection, NOW + timedelta(minutes=5)) == []
    await database.close()
