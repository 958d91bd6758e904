"""Writing down whom an announcement is for: once, when it is approved, also for a million people.

The audience is a SELECT and never passes through Python. SQLite has one writer, so there it is gathered aside and
written in portions, between which others write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from time import perf_counter
from typing import Any, cast
from zoneinfo import ZoneInfo

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
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.announcement_tables import AnnouncementRow, RecipientRow, RecipientState, State
from storage.database import Connection, Database
from storage.deliveries import gone
from storage.tables import UtcTime

# A person's own daytime, as for reminders.
MORNING, EVENING = time(8), time(21)
PORTION = 10_000
ASIDE = "laoxiang_audience"
FORMS = ("channel", "chat", "person_id", "language", "zone")


def in_daytime(at: datetime, zone: str) -> datetime:
    """Give the first moment from `at` on that lies in the daytime of a zone."""
    local = at.astimezone(ZoneInfo(zone))
    if local.time() < MORNING:
        local = local.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)
    elif local.time() >= EVENING:
        local = local.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return local.astimezone(at.tzinfo)


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

    What an interrupted attempt wrote goes first. None if the announcement was taken back meanwhile.
    """
    await clear(database, number)
    if database.is_sqlite:
        return await _plan_in_portions(database, number, audience, due_at, daytime, planner, clock)
    async with database.write() as connection:
        chosen = audience.subquery("audience")
        zones = await connection.scalars(select(chosen.c.zone).distinct()) if daytime else ()
        await _insert(
            connection, number, chosen, _due(chosen, {zone: in_daytime(due_at, zone) for zone in zones}, due_at)
        )
        return await _note_planned(connection, number, planner, clock())


async def clear(database: Database, number: str) -> None:
    """Delete recipients of an announcement that has sent nothing, in portions."""
    while True:
        async with database.write() as connection:
            begun = perf_counter()
            some = select(RecipientRow.id).where(RecipientRow.announcement == number).limit(PORTION)
            if not (await connection.execute(delete(RecipientRow).where(RecipientRow.id.in_(some)))).rowcount:
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
    aside = table(ASIDE, *(named(name) for name in FORMS), named("rowid"))
    async with database.read() as connection:
        await connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{ASIDE}")
        await connection.exec_driver_sql("PRAGMA cache_size=-65536")
        await connection.exec_driver_sql(
            f"CREATE TEMP TABLE {ASIDE} (channel TEXT, chat TEXT, person_id TEXT, language TEXT, zone TEXT)"
        )
        chosen = audience.subquery("audience")
        ordered = select(*(chosen.c[name] for name in FORMS)).order_by(chosen.c.channel, chosen.c.chat)
        await connection.execute(insert(aside).from_select(list(FORMS), ordered))
        zones = await connection.scalars(select(aside.c.zone).distinct()) if daytime else ()
        due = _due(aside, {zone: in_daytime(due_at, zone) for zone in zones}, due_at)
        last = int(await connection.scalar(select(func.max(aside.c.rowid))) or 0)
        await connection.commit()
        try:
            await connection.execution_options(laoxiang_begin="BEGIN IMMEDIATE")
            for first in range(0, last, PORTION):
                begun = perf_counter()
                async with connection.begin():
                    if not await _is_ours(connection, number, planner):
                        return None
                    portion = aside.c.rowid.between(first + 1, first + PORTION)
                    await _insert(connection, number, aside, due, portion)
                await asyncio.sleep(perf_counter() - begun)
            async with connection.begin():
                return await _note_planned(connection, number, planner, clock())
        finally:
            await connection.execution_options(laoxiang_begin="BEGIN")
            await connection.rollback()
            await connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{ASIDE}")
            await connection.exec_driver_sql("PRAGMA cache_size=-2000")
            await connection.commit()


async def _insert(connection: Connection, number: str, chosen: Any, due: ColumnElement[Any], which: Any = None) -> None:
    rows = select(
        literal(number),
        *(chosen.c[name] for name in FORMS),
        due,
        literal(RecipientState.PENDING.value),
        literal_column("0"),
    ).where(text("true") if which is None else which)
    names = ["announcement", *FORMS, "due_at", "state", "attempts"]
    into: Any = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    await connection.execute(into(RecipientRow).from_select(names, rows).on_conflict_do_nothing())


def _due(chosen: Any, days: Mapping[str, datetime], at: datetime) -> ColumnElement[Any]:
    """Give the time each is due, by their zone where that matters."""
    always = literal(at, UtcTime())
    later = {zone: when for zone, when in days.items() if when != at}
    if not later:
        return cast(ColumnElement[Any], always)
    return case(*((chosen.c.zone == zone, literal(when, UtcTime())) for zone, when in later.items()), else_=always)


async def _is_ours(connection: Connection, number: str, planner: str) -> bool:
    """Tell whether this process still writes the recipients; it was undone, or another took over, if not."""
    found = await connection.scalar(select(AnnouncementRow.planner).where(AnnouncementRow.number == number))
    return bool(found == planner)


async def _note_planned(connection: Connection, number: str, planner: str, now: datetime) -> int | None:
    count = await connection.scalar(
        select(func.count()).select_from(RecipientRow).where(RecipientRow.announcement == number)
    )
    done = await connection.execute(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.number == number,
            AnnouncementRow.planner == planner,
            AnnouncementRow.planned_at.is_(None),
        )
        .values(planned_at=now, people=count or 0, planner=None)
    )
    return int(count or 0) if done.rowcount else None
