"""kill -9 in the middle of many reminders: each goes out once, on both databases.

Over Telegram what was in flight may come twice. A normal run kills twice, LAOXIANG_KILLS=20 kills twenty times.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from storage import outbox
from storage.booking_tables import BookingRow, State
from tests.journeys.killing import (
    PATIENCE_S,
    bureau,
    is_full_of_work,
    laoxiang,
    queued,
    reminders_of,
    until_left,
    until_seen,
)
from tests.simulated_telegram import SimulatedTelegram

KILLS = int(os.environ.get("LAOXIANG_KILLS", "2"))
PEOPLE, HOLDS = 80, 8


async def test_killed_workers_leave_nothing_undone_and_nothing_twice(database_url: str, tmp_path: Path) -> None:
    workers = 1 if database_url.startswith("sqlite") else 2
    chance = random.Random(database_url.partition(":")[0])
    settings = {"LAOXIANG_HOME": str(tmp_path / "home"), "LAOXIANG_DATABASE": database_url}
    async with bureau(tmp_path / "home", database_url) as there:
        await is_full_of_work(there, PEOPLE, HOLDS)
        for kill in range(1, KILLS + 1):
            async with laoxiang("work", settings) as one, laoxiang("work", settings) as other:
                if workers == 1:
                    other.kill()
                await until_left(there, PEOPLE - kill * PEOPLE // (KILLS + 1))
                await asyncio.sleep(chance.random() * 0.05)
                one.kill()
                if other.returncode is None:
                    other.kill()
                await asyncio.gather(one.wait(), other.wait())
        started = datetime.now(UTC)
        async with laoxiang("work", settings) as last:
            # The others may have done everything: nothing due does not tell that the last one has started.
            await until_seen(there, started)
            await until_left(there, 0)
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
            "LAOXIANG_TELEGRAM_RATE": "0",
        }
        async with bureau(tmp_path / "home") as there:
            await is_full_of_work(there, PEOPLE, HOLDS, lambda place: str(1001 + place), "telegram")
            for kill in range(1, KILLS + 1):
                async with laoxiang("serve", settings) as process:
                    sent = telegram.counts["sendMessage"]
                    await telegram.is_called(
                        "sendMessage", sent + kill * 2 * PEOPLE // 3 // KILLS, patience_s=PATIENCE_S
                    )
                    process.kill()
                    await process.wait()
            async with laoxiang("serve", settings) as process:
                await until_left(there, 0)
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
