"""What happened to files people follow, each offered to staff once as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update

from storage.database import Connection
from storage.subscription_tables import Interest, PolicyNewsRow
from storage.tables import insert_unless_known


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened to a file on a day: repealed, lapsed, corrected, supplemented, opened until a day."""

    document_id: str
    what: str
    since: date
    title: str
    by_title: str = ""
    until: date | None = None

    @property
    def token(self) -> str:
        """Give what a button can carry."""
        return f"{self.document_id}-{self.what}-{self.since:%Y%m%d}"


_columns = [getattr(PolicyNewsRow, name) for name in News.__dataclass_fields__]


async def followed_since(connection: Connection) -> dict[str, datetime]:
    """Give the files somebody follows, and since when the first of them does."""
    rows = await connection.execute(
        select(Interest.document_id, func.min(Interest.asked_at)).group_by(Interest.document_id)
    )
    return {str(document): since for document, since in rows}


async def offer(connection: Connection, found: Sequence[News], at: datetime) -> list[News]:
    """Store what is new; give what nobody was offered before."""
    new = []
    for one in found:
        row = insert_unless_known(connection, PolicyNewsRow, ["document_id", "what", "since"])
        values = {name: getattr(one, name) for name in News.__dataclass_fields__}
        if (await connection.execute(row.values(**values, found_at=at, state="offered"))).rowcount == 1:
            new.append(one)
    return new


async def offered(connection: Connection, limit: int = 5) -> list[News]:
    """Give what nobody has taken up or dismissed, the newest first."""
    rows = await connection.execute(
        select(*_columns)
        .where(PolicyNewsRow.state == "offered")
        .order_by(PolicyNewsRow.found_at.desc(), PolicyNewsRow.document_id)
        .limit(limit)
    )
    return [News(*row) for row in rows]


async def by_token(connection: Connection, token: str) -> News | None:
    """Give the news a button stands for, whether it was taken up or not."""
    document, _, rest = token.partition("-")
    what, _, day = rest.partition("-")
    if len(day) != 8 or not day.isdecimal():
        return None
    rows = await connection.execute(
        select(*_columns).where(PolicyNewsRow.document_id == document, PolicyNewsRow.what == what)
    )
    return next((one for one in (News(*row) for row in rows) if one.token == token), None)


async def settle(connection: Connection, news: News, state: str) -> None:
    """Note that it was taken up, or dismissed."""
    await connection.execute(
        update(PolicyNewsRow)
        .where(
            PolicyNewsRow.document_id == news.document_id,
            PolicyNewsRow.what == news.what,
            PolicyNewsRow.since == news.since,
        )
        .values(state=state)
    )
