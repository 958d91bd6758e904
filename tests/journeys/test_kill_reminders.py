"""kill -9 in the middle of many reminders: each goes out once, on both databases.

Over Telegram what was in flight may come twice. A normal run kills a few times. LAOXIANG_KILLS=20 kills twenty times.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import open_office
from bot.settings import Settings
from storage import outbox, reminders
from storage.booking_tables import BookingRow, State
from storage.reminders import Kind, Reminder
from storage.slot_tables import Terms
from tests.bot.booked import Bureau
from tests.simulated_telegram import SimulatedTelegram
from tests.simulated_telegram.people import User

KILLS = int(os.environ.get("LAOXIANG_KILLS", "2"))
PEOPLE, HOLDS = 120, 12
PATIENCE_S = 90  # for a start on a machine that does something else as well


@asynccontextmanager
async def laoxiang(command: str, settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command as a process of its own; killed at the end if it still runs."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LAOXIANG_", "PYTHONDONT"))
    } | settings
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


async def is_full_of_work(there: Bureau, chat: Callable[[int], str], channel: str) -> None:
    """Let everybody book one time tomorrow, with a reminder that is due; and let some holds be over."""
    there.terms = Terms(capacity=PEOPLE + HOLDS, cancel_minutes=0)
    there.clock.time = datetime.now(UTC) - timedelta(minutes=10)
    await there.opens()
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=25)
    for place in range(PEOPLE):
        number = await there.books(chat(place), tomorrow, channel=channel)
        async with there.database.write() as connection:
            await reminders.drop(connection, [number])
            await reminders.plan(connection, [Reminder(Kind.BOOKING_DAY.value, number, there.clock.now())])
    for place in range(PEOPLE, PEOPLE + HOLDS):
        await there.holds(chat(place), tomorrow + timedelta(hours=1), channel=channel)


async def reach(there: Bureau, done: int) -> None:
    """Wait until so much is no longer due."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with there.database.read() as connection:
                left = await reminders.due(connection, datetime.now(UTC), limit=9999)
            if len(left) <= PEOPLE + HOLDS - done:
                return
            await asyncio.sleep(0.005)


async def queued(there: Bureau) -> list[str]:
    async with there.database.read() as connection:
        return list(await connection.scalars(outbox.select(outbox.OutboxReply.chat)))


async def test_killed_workers_leave_nothing_undone_and_nothing_twice(database_url: str, tmp_path: Path) -> None:
    workers = 1 if database_url.startswith("sqlite") else 2
    chance = random.Random(database_url.partition(":")[0])
    settings = {"LAOXIANG_HOME": str(tmp_path / "home"), "LAOXIANG_DATABASE": database_url}
    async with bureau(tmp_path / "home", database_url) as there:
        await is_full_of_work(there, str, "test")
        for kill in range(1, KILLS + 1):
            async with laoxiang("work", settings) as one, laoxiang("work", settings) as other:
                if workers == 1:
                    other.kill()
                await reach(there, kill * PEOPLE // (KILLS + 1))
                await asyncio.sleep(chance.random() * 0.05)
                one.kill()
                if other.returncode is None:
                    other.kill()
                await asyncio.gather(one.wait(), other.wait())
        async with laoxiang("work", settings) as last:
            await reach(there, PEOPLE + HOLDS)
            last.send_signal(signal.SIGTERM)
            assert await last.wait() == 0
        assert sorted(await queued(there), key=int) == [str(place) for place in range(PEOPLE)]
        async with there.database.read() as connection:
            states = Counter(await connection.scalars(outbox.select(BookingRow.state)))
        assert states == {State.CONFIRMED: PEOPLE, State.EXPIRED: HOLDS}


async def test_over_telegram_nobody_misses_one_and_only_what_was_in_flight_comes_twice(tmp_path: Path) -> None:
    async with SimulatedTelegram() as telegram:
        people = [telegram.user(1001 + place) for place in range(PEOPLE + HOLDS)]
        for person in people:
            person.sends("/start")
        settings = {
            "LAOXIANG_HOME": str(tmp_path / "home"),
            "LAOXIANG_PERSONAL_DATA": "allow",
            "LAOXIANG_TELEGRAM_TOKEN": telegram.token,
            "LAOXIANG_TELEGRAM_API": telegram.url,
        }
        async with bureau(tmp_path / "home") as there:
            await is_full_of_work(there, lambda place: str(1001 + place), "telegram")
            for kill in range(1, KILLS + 1):
                async with laoxiang("serve", settings) as process:
                    sent = telegram.counts["sendMessage"]
                    await telegram.is_called(
                        "sendMessage", sent + kill * 2 * PEOPLE // 3 // KILLS, patience_s=PATIENCE_S
                    )
                    process.kill()
                    await process.wait()
            async with laoxiang("serve", settings) as process:
                await reach(there, PEOPLE + HOLDS)
                while any(reminders_of(person) == 0 for person in people[:PEOPLE]):
                    await telegram.is_called("sendMessage", telegram.counts["sendMessage"] + 1, patience_s=PATIENCE_S)
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 0
            chats = await queued(there)
        # Each was queued once; the greeting that answered "/start" makes the rest.
        assert len(chats) == 2 * PEOPLE + HOLDS
        told = [reminders_of(person) for person in people]
        assert min(told[:PEOPLE]) == 1
        assert set(told[PEOPLE:]) == {0}
        # Sent but not yet ticked off when it died: at most one a chat and kill.
        assert max(told) <= 1 + KILLS


def reminders_of(person: User) -> int:
    return sum("快到了" in shown.text for shown in person.messages)
