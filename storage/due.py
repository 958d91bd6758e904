"""What has fallen due, as the jobs see it: taken by one process at a time, counted for whoever looks after it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, tuple_, update

from storage.booking_tables import ReminderRow
from storage.database import Connection
from storage.reminders import Kind, Reminder

# What somebody is only reminded of: left out, nothing else goes wrong.
MERELY_TOLD = (Kind.BOOKING_DAY.value, Kind.BOOKING_HOUR.value, Kind.EVENT_DAY.value, Kind.EVENT_HOUR.value)

_key = (ReminderRow.due_at, ReminderRow.kind, ReminderRow.subject)


async def take(
    connection: Connection,
    at: datetime,
    kinds: Collection[str],
    *,
    after: Reminder | None = None,
    limit: int,
    lock: bool,
) -> list[Reminder]:
    """Take what is due of some kinds, the longest due first; with `lock` nobody else gets it meanwhile.

    `after` goes on behind one taken before, so that what could not be done keeps nothing else waiting.
    """
    due = (
        select(ReminderRow.kind, ReminderRow.subject, ReminderRow.due_at)
        .where(ReminderRow.state == "due", ReminderRow.due_at <= at, ReminderRow.kind.in_(list(kinds)))
        .order_by(*_key)
        .limit(limit)
    )
    if lock:
        due = due.with_for_update(skip_locked=True)
    if after is not None:
        due = due.where(tuple_(*_key) > tuple_(after.due_at, after.kind, after.subject))
    return [Reminder(*row) for row in await connection.execute(due)]


async def waiting(connection: Connection, at: datetime) -> tuple[int, datetime | None]:
    """Count what fell due by a time and is not done, and tell since when the oldest is due."""
    found = await connection.execute(
        select(func.count(), func.min(ReminderRow.due_at)).where(ReminderRow.state == "due", ReminderRow.due_at <= at)
    )
    count, oldest = found.one()
    return int(count), oldest


async def drop_told(connection: Connection, at: datetime) -> int:
    """Drop the reminders that fell due by a time: somebody else has sent them; give how many."""
    dropped = await connection.execute(
        update(ReminderRow)
        .where(ReminderRow.state == "due", ReminderRow.due_at <= at, ReminderRow.kind.in_(MERELY_TOLD))
        .values(state="dropped")
    )
    return int(dropped.rowcount)
