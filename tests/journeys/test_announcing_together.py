"""Several announcements that are due at once: nobody gets more of them than the limit, whoever sends them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.delivery.broadcasts import Broadcasts
from bot.delivery.sending import Rules
from handlers import announce_reports, announce_rules
from handlers.dialogue import Paragraph, Reply
from storage import announcements, deliveries, receiving, subscriptions
from storage.announcements import Draft
from storage.database import Database
from tests.journeys.announcing import Hall
from tests.knowledge.county import County as Files

SIX = [f"A{number}" for number in range(6)]
PEOPLE = [f"p{number}" for number in range(12)]
RULES = Rules(announce_rules.chosen, receiving.may_receive, subscriptions.note_blocked, announce_reports.tell_staff)


@pytest.fixture
async def hall(database: Database, files: Files) -> Hall:
    """A town in which six announcements to everybody were approved, for the same moment."""
    hall = Hall(database, files)
    for name in PEOPLE:
        await hall.registers(name)
    now = hall.town.clock.now()
    for number in SIX:
        content = {"zh-Hans": Reply(parts=(Paragraph(text=number),)).model_dump(mode="json")}
        draft = Draft(number=number, title=number, topic="news", content=content, audience={}, writer="chen")
        async with database.write() as connection:
            await announcements.save_draft(connection, draft, now)
            digest = await announcements.submit(connection, number, now)
            await announcements.approve(connection, number, by="zhou", digest=digest, at=now)
    hall.town.clock.passes(seconds=61)
    return hall


def counted(hall: Hall) -> dict[str, int]:
    return {name: len(hall.heard(name)) for name in PEOPLE}


async def test_of_six_due_at_once_nobody_gets_more_than_three(hall: Hall) -> None:
    await hall.engine.round()
    assert counted(hall) == dict.fromkeys(PEOPLE, 3)


async def test_nor_from_four_processes_at_once(hall: Hall) -> None:
    engines = [Broadcasts(hall.town.desk, {"test": hall.channel}, RULES) for _ in range(4)]
    await asyncio.gather(*(engine.round() for engine in engines))
    hall.town.clock.passes(seconds=1)
    await hall.engine.round()
    assert counted(hall) == dict.fromkeys(PEOPLE, 3)


async def test_what_another_process_is_just_taking_counts_as_well(hall: Hall) -> None:
    if hall.town.database.is_sqlite:
        # Nobody can be in the middle of taking there: a second writer waits until the first is done.
        pytest.skip("SQLite has one writer")
    await hall.engine._sweep()
    await asyncio.gather(*hall.engine._tasks.values())
    await hall.engine._sweep()
    now = hall.town.clock.now()
    async with hall.town.database.write() as connection:
        await deliveries.beat(connection, "other", now)
        await deliveries.take_turns(connection)
        for number in SIX[:3]:
            some = await deliveries.due(connection, number, "test", now, 100)
            await deliveries.begin(connection, [one.id for one in some], "other", now)
        round_ = asyncio.create_task(hall.engine.round())
        while not round_.done() and not await _somebody_waits(hall.town.database):
            await asyncio.wait([round_], timeout=0.01)
    await round_
    assert counted(hall) == dict.fromkeys(PEOPLE, 0)


async def _somebody_waits(database: Database) -> bool:
    async with database.read() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(await connection.scalar(waiting))


async def test_a_week_later_they_hear_of_us_again(hall: Hall) -> None:
    await hall.engine.round()
    hall.town.clock.passes(days=7, seconds=1)
    content = {"zh-Hans": Reply(parts=(Paragraph(text="B1"),)).model_dump(mode="json")}
    now = hall.town.clock.now()
    async with hall.town.database.write() as connection:
        draft = Draft(number="B1", title="B1", topic="news", content=content, audience={}, writer="chen")
        await announcements.save_draft(connection, draft, now)
        digest = await announcements.submit(connection, "B1", now)
        await announcements.approve(connection, "B1", by="zhou", digest=digest, at=now, undo_for=timedelta())
    await hall.engine.round()
    assert counted(hall) == dict.fromkeys(PEOPLE, 4)
