"""Deleting what has been kept long enough: once a day by itself, and whenever somebody asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.desk import Office
from storage import forgetting, jobs, web_files

EVERY = timedelta(days=1)


async def retain_daily(office: Office) -> dict[str, int] | None:
    """Delete what is old if that was last done a day ago; give how much, by kind; None if it is not due.

    However many processes ask, one does it.
    """
    at = office.clock.now()
    async with office.database.read() as connection:
        if not await jobs.is_due(connection, at - EVERY, jobs.RETENTION):
            return None
    async with office.database.write() as connection:
        # In one transaction with the work: whoever comes second waits, and finds it done; a kill leaves it to be done.
        if not await jobs.take_turn(connection, at, at - EVERY, jobs.RETENTION):
            return None
        gone = await forgetting.retain(connection, at)
    return gone | await retain_sealed(office, at)


async def retain_sealed(office: Office, at: datetime) -> dict[str, int]:
    """Delete what is old and has to be opened to know, some at a time."""
    return {
        "recent": await forgetting.forget_old_questions(office.database, at),
        "web_files": await web_files.retain(office.database, at),
    }
