"""How the jobs stand: when some process last looked for what is due, and whether they are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, inspect, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection
from storage.tables import Table, insert_unless_known

REMINDERS = "reminders"
RETENTION = "retention"  # seen when what was old was last deleted


class JobRow(Table):
    """One kind of work; a row appears with the first word about it."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """When a process last looked for work (to the minute), and since when nobody may do it."""

    seen_at: datetime | None = None
    paused_at: datetime | None = None


async def are_there(connection: Connection) -> bool:
    """Tell whether this database knows jobs; one that an older release wrote and nobody migrated does not."""
    return await connection.run_sync(lambda sync: inspect(sync).has_table(JobRow.__tablename__))


async def standing(connection: Connection, name: str = REMINDERS) -> Standing:
    """Tell how a job stands."""
    rows = await connection.execute(select(JobRow.seen_at, JobRow.paused_at).where(JobRow.name == name))
    row = rows.first()
    return Standing(*row) if row else Standing()


async def see(connection: Connection, at: datetime, name: str = REMINDERS) -> None:
    """Note that a process looks for work."""
    await _set(connection, name, "seen_at", at)


async def is_due(connection: Connection, before: datetime, name: str) -> bool:
    """Tell whether a job that is done now and then was last done before a time, or never."""
    seen_at = (await standing(connection, name)).seen_at
    return seen_at is None or seen_at <= before


async def take_turn(connection: Connection, at: datetime, before: datetime, name: str) -> bool:
    """Take a job that was last done before a time; False if another process has it, once that is done."""
    await connection.execute(insert_unless_known(connection, JobRow, ["name"]).values(name=name))
    last = or_(JobRow.seen_at.is_(None), JobRow.seen_at <= before)
    done = await connection.execute(update(JobRow).where(JobRow.name == name, last).values(seen_at=at))
    return bool(done.rowcount)


async def pause(connection: Connection, at: datetime, name: str = REMINDERS) -> None:
    """Let no process do any more of it, until `resume`; what is paused already stays so since then."""
    await connection.execute(insert_unless_known(connection, JobRow, ["name"]).values(name=name))
    await connection.execute(update(JobRow).where(JobRow.name == name, JobRow.paused_at.is_(None)).values(paused_at=at))


async def resume(connection: Connection, name: str = REMINDERS) -> None:
    """Let it be done again."""
    await _set(connection, name, "paused_at", None)


async def _set(connection: Connection, name: str, column: str, at: datetime | None) -> None:
    await connection.execute(insert_unless_known(connection, JobRow, ["name"]).values(name=name))
    await connection.execute(update(JobRow).where(JobRow.name == name).values({column: at}))
