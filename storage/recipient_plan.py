"""Writing down whom an announcement is for: once, when it is approved, also for a million people.

The audience is a SELECT and never passes through Python. SQLite has one writer, so there it is gathered aside and
written in portions, between which others write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy import column as named

from storage.announcement_tables import AnnouncementRow, RecipientRow, RecipientState, State
from storage.announcements import is_undone
from storage.database import Connection, Database
from storage.daytime import by_day
from storage.deliveries import gone
from storage.tables import UtcTime, upserting

PORTION = 10_000
ASIDE = "laoxiang_audience"
# Whatever may still begin; a stopped one is closed as soon as nobody is left in it.
_to_be_sent = AnnouncementRow.state.in_([one.value for one in (State.APPROVED, State.PAUSED, State.LATE)])
FORMS = ("channel", "chat", "person_id", "language", "zone")


async def take_planning(connection: Connection, number: str, planner: str, now: datetime) -> bool:
    """Take it upon this process to write the recipients; False if it is done, or a living process is at it."""
    taken = await connection.execute(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.number == number,
            AnnouncementRow.state.in_([State.APPROVED.value, State.PAUSED.value]),
            AnnouncementRow.planned_at.is_(None),
            AnnouncementRow.planner.is_(None)
            | (AnnouncementRow.planner == planner)
            | gone(AnnouncementRow.planner, now),
        )
        .values(planner=planner)
    )
    return bool(taken.rowcount)


async def plan(
    database: Database,
    number: str,
    audience: Select[Any],
    *,
    due_at: datetime,
    daytime: bool,
    planner: str,
    clock: Callable[[], datetime],
) -> int | None:
    """Write the recipients that a SELECT of channel, chat, person_id, language and zone gives; give how many.

    What an interrupted attempt wrote goes first. None if the announcement was taken back or stopped meanwhile.
    """
    await clear(database, number)
    if database.is_sqlite:
        return await _plan_in_portions(database, number, audience, due_at, daytime, planner, clock)
    async with database.write() as connection:
        await connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
        aside = await _gather(connection, audience)
        due = await _due(connection, aside, due_at, daytime=daytime)
        count = await _insert(connection, number, aside, due)
        # A table that was empty yesterday: without new statistics the rows would be sorted for every message.
        await connection.exec_driver_sql("ANALYZE recipients")
        if await _note_planned(connection, number, planner, clock(), count):
            return count
        # Nothing may stay of it: nobody would close these rows.
        await connection.rollback()
    return None


async def clear(database: Database, number: str) -> None:
    """Delete recipients of an announcement that has sent nothing, in portions."""
    while True:
        async with database.write() as connection:
            begun = perf_counter()
            some = select(RecipientRow.id).where(RecipientRow.announcement == number).limit(PORTION)
            if not (await connection.execute(delete(RecipientRow).where(RecipientRow.id.in_(some)))).rowcount:
                return
        await asyncio.sleep(perf_counter() - begun)


async def clear_undone(database: Database, number: str) -> None:
    """Delete, in portions, whom an announcement was for that is a draft again or given up."""
    while True:
        async with database.write() as connection:
            begun = perf_counter()
            # Locked, so that nobody approves it anew and has the new ones deleted.
            undone = select(AnnouncementRow.number).where(AnnouncementRow.number == number, is_undone)
            if (await connection.execute(undone.with_for_update())).first() is None:
                return
            some = select(RecipientRow.id).where(RecipientRow.announcement == number).limit(PORTION)
            if not (await connection.execute(delete(RecipientRow).where(RecipientRow.id.in_(some)))).rowcount:
                row = update(AnnouncementRow).where(AnnouncementRow.number == number)
                await connection.execute(row.values(planned_at=None, people=0))
                return
        await asyncio.sleep(perf_counter() - begun)


async def _plan_in_portions(
    database: Database,
    number: str,
    audience: Select[Any],
    due_at: datetime,
    daytime: bool,
    planner: str,
    clock: Callable[[], datetime],
) -> int | None:
    # One connection for all of it: the table aside is its own. Filling that takes no lock from anybody.
    async with database.read() as connection:
        await connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{ASIDE}")
        await connection.exec_driver_sql("PRAGMA cache_size=-65536")
        aside = await _gather(connection, audience)
        due = await _due(connection, aside, due_at, daytime=daytime)
        last = int(await connection.scalar(select(func.max(aside.c.rowid))) or 0)
        await connection.commit()
        count = 0
        try:
            await connection.execution_options(laoxiang_begin="BEGIN IMMEDIATE")
            for first in range(0, last, PORTION):
                begun = perf_counter()
                async with connection.begin():
                    if not await _is_ours(connection, number, planner):
                        return None
                    portion = aside.c.rowid.between(first + 1, first + PORTION)
                    count += await _insert(connection, number, aside, due, portion)
                await asyncio.sleep(perf_counter() - begun)
            async with connection.begin():
                return count if await _note_planned(connection, number, planner, clock(), count) else None
        finally:
            await connection.execution_options(laoxiang_begin="BEGIN")
            await connection.rollback()
            await connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{ASIDE}")
            await connection.exec_driver_sql("PRAGMA cache_size=-2000")
            await connection.commit()


async def _gather(connection: Connection, audience: Select[Any]) -> Any:
    """Put an audience aside, in the order of its chats: rows that come in order are written twice as fast."""
    ends = "" if connection.dialect.name == "sqlite" else "ON COMMIT DROP"
    await connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {ASIDE} (channel TEXT, chat TEXT, person_id TEXT, language TEXT, zone TEXT) {ends}"
    )
    aside = table(ASIDE, *(named(name) for name in FORMS), named("rowid"))
    chosen = audience.subquery("audience")
    ordered = select(*(chosen.c[name] for name in FORMS)).order_by(chosen.c.channel, chosen.c.chat)
    await connection.execute(insert(aside).from_select(list(FORMS), ordered))
    return aside


async def _insert(connection: Connection, number: str, aside: Any, due: ColumnElement[Any], which: Any = None) -> int:
    """Write the recipients that stand aside, all or some; give how many."""
    rows = select(
        literal(number),
        *(aside.c[name] for name in FORMS),
        due,
        literal(RecipientState.PENDING.value),
        literal_column("0"),
    ).where(text("true") if which is None else which)
    names = ["announcement", *FORMS, "due_at", "state", "attempts"]
    done = await connection.execute(
        upserting(connection, RecipientRow).from_select(names, rows).on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    return int(done.rowcount)


async def _due(connection: Connection, aside: Any, at: datetime, *, daytime: bool) -> ColumnElement[Any]:
    """Give the time each is due, by their zone where that matters."""
    always = literal(at, UtcTime())
    zones = await connection.scalars(select(aside.c.zone).distinct()) if daytime else ()
    days = {zone: by_day(zone, at) for zone in zones}
    later = {zone: when for zone, when in days.items() if when != at}
    if not later:
        return cast(ColumnElement[Any], always)
    return case(*((aside.c.zone == zone, literal(when, UtcTime())) for zone, when in later.items()), else_=always)


async def _is_ours(connection: Connection, number: str, planner: str) -> bool:
    """Tell whether this process still writes the recipients; it was undone or stopped, or another took over, if not."""
    found = await connection.scalar(
        select(AnnouncementRow.planner).where(AnnouncementRow.number == number, _to_be_sent)
    )
    return bool(found == planner)


async def _note_planned(connection: Connection, number: str, planner: str, now: datetime, people: int) -> bool:
    done = await connection.execute(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.number == number,
            AnnouncementRow.planner == planner,
            AnnouncementRow.planned_at.is_(None),
            _to_be_sent,
        )
        .values(planned_at=now, people=people, planner=None)
    )
    return bool(done.rowcount)
