"""An office full of work that falls due, and processes of ours that are killed in the middle of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import open_office
from bot.settings import Settings
from storage import due, jobs, outbox, reminders
from storage.reminders import Kind, Reminder
from storage.slot_tables import Terms
from tests.bot.booked import Bureau
from tests.simulated_telegram.people import User

PATIENCE_S = 240  # for a start on a machine that does something else as well


@asynccontextmanager
async def laoxiang(command: str, settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command as a process of its own; killed at the end if it still runs."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LAOXIANG_", "PYTHONDONT"))
    } | {"LAOXIANG_WEB": "false", **settings}
    log = Path(settings["LAOXIANG_HOME"]).with_suffix(".log").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()", command, env=environment, stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


@asynccontextmanager
async def bureau(home: Path, url: str = "") -> AsyncIterator[Bureau]:
    async with open_office(Settings(home=home, database=url)) as office:
        yield Bureau(office.database)


async def is_full_of_work(
    there: Bureau, people: int, holds: int, chat: Callable[[int], str] = str, channel: str = "test", each: int = 1
) -> None:
    """Let people book one time tomorrow, with so many reminders due for each; and let some holds of others be over."""
    there.terms = Terms(capacity=people + holds, cancel_minutes=0)
    there.clock.time = datetime.now(UTC) - timedelta(minutes=10)
    await there.opens()
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=25)
    for place in range(people):
        number = await there.books(chat(place), tomorrow, channel=channel)
        async with there.database.write() as connection:
            await reminders.drop(connection, [number])
            due_at = [there.clock.now() + timedelta(milliseconds=count) for count in range(each)]
            await reminders.plan(connection, [Reminder(Kind.BOOKING_DAY.value, number, at) for at in due_at])
    for place in range(people, people + holds):
        await there.holds(chat(place), tomorrow + timedelta(hours=1), channel=channel)


async def until_left(there: Bureau, count: int) -> None:
    """Wait until no more than so much is due."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with there.database.read() as connection:
                left, _ = await due.waiting(connection, datetime.now(UTC))
            if left <= count:
                return
            await asyncio.sleep(0.005)


async def until_seen(there: Bureau, since: datetime) -> None:
    """Wait until a process has looked for work since then: it has started."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with there.database.read() as connection:
                seen = (await jobs.standing(connection)).seen_at
            if seen is not None and seen >= since:
                return
            await asyncio.sleep(0.005)


async def queued(there: Bureau) -> list[str]:
    """Give the chat of everything that was ever queued."""
    async with there.database.read() as connection:
        return list(await connection.scalars(outbox.select(outbox.OutboxReply.chat)))


def reminders_of(person: User) -> int:
    """Count the day-before reminders somebody has got."""
    return sum("快到了" in shown.text for shown in person.messages)
