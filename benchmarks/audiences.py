"""How long it takes to count an audience, to sample it, and to write down its recipients, in a registry of many.

`python -m benchmarks.audiences [--people 1000000] [--only sqlite postgresql]`. Everybody has an entry with its consent
and a chat, half of them a conversation, one in twenty stopped hearing from us, one in fifty has two chats.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from benchmarks.reminders import databases, named
from handlers.announce_rules import around
from handlers.county import County
from handlers.desk import Office
from handlers.ids import RandomIds
from handlers.texts import Texts
from storage import audiences, recipient_plan
from storage.announcement_tables import Promise
from storage.audiences import Audience
from storage.database import Database
from storage.subscription_tables import Topic
from tests.journeys.crowd import written
from tests.journeys.town import SetClock

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
# What is sealed is left empty: nobody is named, and no audience looks at it but for five.
FILL = (
    "INSERT INTO people (id, created_at) {n} SELECT 'p' || i, :now FROM n",
    "INSERT INTO identities (channel, sender, person_id) {n} SELECT 'telegram', 't' || i, 'p' || i FROM n",
    "INSERT INTO identities (channel, sender, person_id) {n} SELECT 'web', 'w' || i, 'p' || i FROM n WHERE i % 50 = 0",
    "INSERT INTO profiles (person_id, township, place_code, tier, language, source, state, created_at, updated_at,"
    " confirmed_at) {n} SELECT 'p' || i, CASE i % 20 WHEN 0 THEN 'liuhe' ELSE 'other' END,"
    " CASE i % 10 WHEN 0 THEN 'US' WHEN 1 THEN NULL ELSE 'CN/深圳' END, CASE i % 100 WHEN 0 THEN 'A' ELSE NULL END,"
    " CASE i % 10 WHEN 0 THEN 'en' ELSE 'zh-Hans' END, 'self', 'active', :now, :now, :now FROM n",
    "INSERT INTO profile_fields (person_id, field) {n} SELECT 'p' || i, CASE i % 5 WHEN 0 THEN 'making'"
    " ELSE 'trade' END FROM n",
    "INSERT INTO consents (person_id, purpose, version, given_at) {n} SELECT 'p' || i, 'registry', '1', :now FROM n",
    "INSERT INTO conversations (channel, chat, version, memory, updated_at) {n} SELECT 'telegram', 't' || i, 1, '',"
    " :now FROM n WHERE i % 2 = 0",
    "INSERT INTO subscriptions (person_id, topic, state, version, changed_at) {n} SELECT 'p' || i, 'news', 'off', '1',"
    " :now FROM n WHERE i % 20 = 7",
    "INSERT INTO closed_chats (channel, chat, at) {n} SELECT 'telegram', 't' || i, :now FROM n WHERE i % 100 = 3",
)
NARROWED = {
    "everybody": Audience(),
    "one township": Audience(townships=("liuhe",)),
    "abroad, in making": Audience(places=("US",), fields=("making",)),
    "tier A": Audience(tiers=("A",)),
}


async def measure(people: int, only: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with databases(Path(home)) as (sqlite, postgresql):
            for name, url in (("sqlite", sqlite), ("postgresql", postgresql)):
                if not only or name in only:
                    database = await Database.open(named(url, "audience"))
                    await database.migrate()
                    await _measure(database, name, people)
                    await database.close()


async def _measure(database: Database, name: str, people: int) -> None:
    begun = perf_counter()
    now = datetime.now(UTC)
    stored = now.strftime("%Y-%m-%d %H:%M:%S.%f") if database.is_sqlite else now
    async with database.write() as connection:
        for statement in FILL:
            filled = text(statement.replace("{n}", NUMBERS.format(last=people - 1)))
            await connection.execute(filled, {"now": stored})
    # As after a night: the log is written back.
    await database.scrub()
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("ANALYZE"))
    print(f"{name}: {people} people in {perf_counter() - begun:.0f} s", flush=True)
    office = Office(database=database, clock=SetClock(), ids=RandomIds(), county=County(), texts=Texts.load())
    surroundings = around(office)
    for what, audience in NARROWED.items():
        async with database.read() as connection:
            begun = perf_counter()
            counts = await audiences.count(connection, audience, Topic.NEWS)
            counted = perf_counter() - begun
            begun = perf_counter()
            await audiences.sample(connection, audience, Topic.NEWS, surroundings)
            sampled = perf_counter() - begun
        told = f"{counts.reachable} of {counts.fitting}"
        print(f"{name}: {what}: {told} counted in {counted:.1f} s, sampled in {sampled:.1f} s", flush=True)
    await written(database, Promise.AT_LEAST_ONCE)
    async with database.write() as connection:
        assert await recipient_plan.take_planning(connection, "A1", "me", now)
    begun = perf_counter()
    planned = await recipient_plan.plan(
        database,
        "A1",
        audiences.chosen(Audience(), Topic.NEWS, surroundings),
        due_at=now,
        daytime=True,
        planner="me",
        clock=lambda: datetime.now(UTC),
    )
    print(f"{name}: {planned} recipients written in {perf_counter() - begun:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="*", default=[], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    asyncio.run(measure(given.people, given.only))


if __name__ == "__main__":
    main()
