"""The commands about what falls due: a process for it alone, pausing, going on, a restored copy, what check says."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_office
from bot.serving import work
from bot.settings import load_settings
from storage import announcements, due, reminders
from storage.bookings import State
from storage.reminders import Kind, Reminder
from tests.bot.announced import Campaign
from tests.bot.booked import Bureau
from tests.bot.shell import Laoxiang

DAY = timedelta(days=1)


@asynccontextmanager
async def bureau() -> AsyncIterator[Bureau]:
    """The office of the home that commands use, with a clock that shows the real time."""
    async with open_office(load_settings()) as office:
        there = Bureau(office.database)
        there.ids = office.ids
        there.clock.time = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        yield there


def booked(late: timedelta) -> None:
    """Let somebody book for tomorrow, with a reminder that fell due so long ago."""

    async def book() -> None:
        async with bureau() as there:
            await there.opens()
            number = await there.books("lin", there.clock.now() + DAY)
            at = datetime.now(UTC) - late
            async with there.database.write() as connection:
                await reminders.drop(connection, [number])
                await reminders.plan(connection, [Reminder(Kind.BOOKING_DAY.value, number, at)])

    asyncio.run(book())


def told() -> int:
    async def count() -> int:
        async with bureau() as there:
            return len(await there.told())

    return asyncio.run(count())


def test_a_process_for_jobs_alone_does_what_is_due_and_ends_when_told(
    laoxiang: Laoxiang,
) -> None:
    booked(timedelta(minutes=1))

    async def until_done() -> None:
        async with open_office(load_settings()) as office:
            working = asyncio.create_task(work(office))
            while True:
                async with office.database.read() as connection:
                    count, _ = await due.waiting(connection, office.clock.now())
                if not count:
                    break
                await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGTERM)
            await working

    asyncio.run(until_done())
    assert told() == 1
    assert "Due now: 0" in laoxiang("jobs").out


def test_late_ones_are_told_by_check_and_by_jobs(laoxiang: Laoxiang) -> None:
    assert "nothing falls due" in laoxiang("check").out
    booked(timedelta(minutes=6))
    ran = laoxiang("check")
    assert ran.status == 1
    assert "wrong jobs: 1 due and not done" in ran.out
    ran = laoxiang("jobs")
    assert ran.status == 0
    assert "Due now: 1" in ran.out


def test_what_lies_ahead_wants_somebody_who_looks(laoxiang: Laoxiang) -> None:
    booked(-DAY)
    assert "note  jobs: the next falls due at" in laoxiang("check").out
    laoxiang("chat")
    assert "ok    jobs: the next falls due at" in laoxiang("check").out


def test_paused_jobs_do_nothing_until_they_are_resumed(laoxiang: Laoxiang) -> None:
    assert "Paused since" in laoxiang("jobs", "pause").out
    booked(timedelta(minutes=1))
    assert "paused since" in laoxiang("check").out
    ran = laoxiang("jobs", "resume")
    assert "Paused" not in ran.out
    assert "Due now: 1" in ran.out


def test_a_restored_copy_tells_nobody_anything_before_somebody_says_so(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(timedelta(minutes=1))
    file = tmp_path / "state.tar.gz"
    laoxiang("backup", str(file))
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "new"))
    shutil.copytree(tmp_path / "home/keys", tmp_path / "new/keys")
    ran = laoxiang("restore", str(file))
    assert ran.status == 0
    assert "laoxiang jobs resume" in ran.out
    laoxiang("chat")
    assert told() == 0
    ran = laoxiang("check")
    assert ran.status == 1
    assert "reminders are paused" in ran.out
    ran = laoxiang("jobs", "resume", "--skip")
    assert "Reminders skipped: 1" in ran.out
    assert "Due now: 0" in ran.out


def test_a_chat_in_the_terminal_ends_holds_and_reminds_nobody_elsewhere(laoxiang: Laoxiang) -> None:
    async def book() -> str:
        async with bureau() as there:
            there.clock.time = datetime.now(UTC) - timedelta(minutes=6)
            return await there.holds("wang", there.clock.now().replace(minute=0, second=0, microsecond=0) + 2 * DAY)

    booked(timedelta(minutes=1))
    held = asyncio.run(book())
    laoxiang("chat", typed="/help\n")

    async def look() -> tuple[State, int]:
        async with bureau() as there, there.database.read() as connection:
            count, _ = await due.waiting(connection, datetime.now(UTC))
            return (await there.booking(held)).state, count

    assert asyncio.run(look()) == (State.EXPIRED, 1)


def test_an_announcement_that_nobody_sends_or_that_stopped_is_told_by_check(laoxiang: Laoxiang) -> None:
    async def announced(transition: Callable[..., Any] | None = None) -> None:
        async with open_office(load_settings()) as office:
            campaign = Campaign(office.database)
            campaign.clock.time = datetime.now(UTC) - timedelta(minutes=10)
            if transition is None:
                await campaign.writes()
                await campaign.approves()
            else:
                await campaign.does(transition)

    assert "ok    announce: nothing to be sent" in laoxiang("check").out
    asyncio.run(announced())
    ran = laoxiang("check")
    assert ran.status == 1
    assert "wrong announce: A1: approved, and nobody sends" in ran.out
    asyncio.run(announced(announcements.pause))
    assert "note  announce: A1: paused" in laoxiang("check").out
