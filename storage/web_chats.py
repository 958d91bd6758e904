"""Chats on the county's own pages: who comes back to one, and what was said there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Index,
    Row,
    String,
    Text,
    UniqueConstraint,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.inbox import InboxMessage
from storage.outbox import OutboxReply, OutboxState
from storage.tables import Table, insert_unless_known, upserting
from storage.vault import Vault

CHANNEL = "web"
LINE = "web_lines.body"
MOST_LINES = 200  # of a chat that are shown
IDLE, LONGEST = timedelta(days=30), timedelta(days=90)
RESUME = timedelta(days=30)  # how long a private link opens its chat
SEEN_EVERY = timedelta(minutes=5)  # a visit's last sign of life is not written more often


class WebVisit(Table):
    """One browser that may enter one chat; what its cookie holds is kept as a hash."""

    __tablename__ = "web_visits"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    chat: Mapped[str] = mapped_column(String(32), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WebLink(Table):
    """A private link that opens a chat in another browser; good for `RESUME`, one for each chat."""

    __tablename__ = "web_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    chat: Mapped[str] = mapped_column(String(32), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WebLine(Table):
    """One message or reply of a chat as JSON, sealed. A message carries its `update_id`; a reply has none."""

    __tablename__ = "web_lines"
    __table_args__ = (
        Index("ix_web_lines_chat", "chat", "id"),
        UniqueConstraint("update_id"),
        # Else SQLite gives the number of a deleted line again, and a page that has seen that misses the new one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    chat: Mapped[str] = mapped_column(String(32))
    update_id: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Line:
    """What was said, in order of `id`; `body` is the JSON of a message or a reply."""

    id: int
    chat: str
    mine: bool
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewLine:
    """What is to be written below all other lines of a chat; a message with an `update` that is known is left out."""

    chat: str
    body: str
    at: datetime
    update: str | None = None


# Visits.


async def begin_visit(connection: Connection, secret: str, chat: str, at: datetime) -> str:
    """Let a browser enter a chat; gives the one it may enter now.

    That is another where its visit has begun meanwhile (two tabs, a double tap). One that has ended begins anew, and
    leads to the new chat alone: whoever holds an old cookie must not get the old words.
    """
    begun = upserting(connection, WebVisit).values(secret_hash=_hashed(secret), chat=chat, began_at=at, seen_at=at)
    ended = or_(WebVisit.seen_at <= at - IDLE, WebVisit.began_at <= at - LONGEST)
    anew = {"chat": begun.excluded.chat, "began_at": begun.excluded.began_at, "seen_at": begun.excluded.seen_at}
    await connection.execute(begun.on_conflict_do_update(index_elements=["secret_hash"], set_=anew, where=ended))
    entered = select(WebVisit.chat).where(WebVisit.secret_hash == _hashed(secret))
    return (await connection.execute(entered)).scalar_one()


async def chat_of(connection: Connection, secret: str, at: datetime) -> tuple[str, bool] | None:
    """Give the chat a browser may enter, and whether its sign of life is to be renewed (`see`); None for nobody.

    A visit ends `IDLE` after the last sign of life and `LONGEST` after it began.
    """
    row = (
        await connection.execute(
            select(WebVisit.chat, WebVisit.seen_at).where(
                WebVisit.secret_hash == _hashed(secret),
                WebVisit.seen_at > at - IDLE,
                WebVisit.began_at > at - LONGEST,
            )
        )
    ).one_or_none()
    return (row.chat, row.seen_at < at - SEEN_EVERY) if row else None


async def has_readers(connection: Connection, chat: str, at: datetime) -> bool:
    """Tell whether anybody may still enter a chat, by a visit or by a private link."""
    visit = select(WebVisit.chat).where(
        WebVisit.chat == chat, WebVisit.seen_at > at - IDLE, WebVisit.began_at > at - LONGEST
    )
    link = select(WebLink.chat).where(WebLink.chat == chat, WebLink.expires_at > at)
    return bool(await connection.scalar(select(or_(visit.exists(), link.exists()))))


async def see(connection: Connection, secret: str, at: datetime) -> None:
    """Note that a browser came back."""
    await connection.execute(update(WebVisit).where(WebVisit.secret_hash == _hashed(secret)).values(seen_at=at))


async def end_visit(connection: Connection, secret: str) -> None:
    """Let a browser in no more."""
    await connection.execute(delete(WebVisit).where(WebVisit.secret_hash == _hashed(secret)))


# Links.


async def new_link(connection: Connection, token: str, chat: str, at: datetime) -> None:
    """Store a private link to a chat; the one before it ends."""
    await connection.execute(delete(WebLink).where(WebLink.chat == chat))
    await connection.execute(insert(WebLink).values(token_hash=_hashed(token), chat=chat, expires_at=at + RESUME))


async def chat_of_link(connection: Connection, token: str, at: datetime) -> str | None:
    """Give the chat a private link opens; None for one that is unknown or too old."""
    return await connection.scalar(
        select(WebLink.chat).where(WebLink.token_hash == _hashed(token), WebLink.expires_at > at)
    )


# What was said.


async def write(connection: Connection, new: Sequence[NewLine]) -> list[Line]:
    """Write lines in their order; gives those that were new."""
    vault = vault_of(connection)
    rows = [
        {"chat": line.chat, "update_id": line.update, "body": vault.seal(line.body, LINE), "at": line.at}
        for line in new
    ]
    if not rows:
        return []
    insertion = insert_unless_known(connection, WebLine, ["update_id"]).returning(WebLine.id, WebLine.body)
    # By their sealed bodies, of which no two are alike: those that were known are missing among the ids.
    numbers = {body: number for number, body in await connection.execute(insertion, rows)}
    return [
        Line(numbers[row["body"]], line.chat, line.update is not None, line.body, line.at)
        for row, line in zip(rows, new, strict=True)
        if row["body"] in numbers
    ]


async def rewrite(connection: Connection, chat: str, number: int, body: str) -> bool:
    """Put other words in place of a reply's; False if there is no such reply."""
    sealed = vault_of(connection).seal(body, LINE)
    which = (WebLine.chat == chat, WebLine.id == number, WebLine.update_id.is_(None))
    return bool((await connection.execute(update(WebLine).where(*which).values(body=sealed))).rowcount)


async def erase(connection: Connection, chat: str, numbers: Sequence[int]) -> None:
    """Delete lines of a chat."""
    await connection.execute(delete(WebLine).where(WebLine.chat == chat, WebLine.id.in_(list(numbers))))


_COLUMNS = (WebLine.id, WebLine.chat, WebLine.update_id, WebLine.body, WebLine.at)


async def lines(connection: Connection, chat: str, *, after: int = 0, most: int = MOST_LINES) -> list[Line]:
    """Give the newest lines of a chat after one, oldest first."""
    rows = await connection.execute(
        select(*_COLUMNS).where(WebLine.chat == chat, WebLine.id > after).order_by(WebLine.id.desc()).limit(most)
    )
    vault = vault_of(connection)
    return [_opened(row, vault) for row in rows][::-1]


async def line(connection: Connection, chat: str, number: int) -> Line | None:
    """Give one line of a chat."""
    found = select(*_COLUMNS).where(WebLine.chat == chat, WebLine.id == number)
    row = (await connection.execute(found)).one_or_none()
    return _opened(row, vault_of(connection)) if row else None


def _opened(row: Row[int, str, str | None, str, datetime], vault: Vault) -> Line:
    return Line(row.id, row.chat, row.update_id is not None, vault.open(row.body, LINE), row.at)


async def is_settled(connection: Connection, chat: str) -> bool:
    """Tell whether nothing said in a chat waits for its answer, and no reply to be shown."""
    undone = select(InboxMessage.seq).where(
        InboxMessage.channel == CHANNEL, InboxMessage.chat == chat, InboxMessage.done_at.is_(None)
    )
    pending = select(OutboxReply.id).where(
        OutboxReply.channel == CHANNEL, OutboxReply.chat == chat, OutboxReply.state == OutboxState.PENDING.value
    )
    return not await connection.scalar(select(or_(undone.exists(), pending.exists())))


async def first_line(connection: Connection, chat: str) -> int | None:
    """Give the number of the oldest line of a chat."""
    return await connection.scalar(select(func.min(WebLine.id)).where(WebLine.chat == chat))


@dataclass(frozen=True, slots=True)
class Mark:
    """What is another as soon as any line of a chat is added, deleted or rewritten."""

    count: int
    last: int
    transaction: int


NO_LINES = Mark(0, 0, 0)


async def marks(connection: Connection, chats: Sequence[str]) -> dict[str, Mark]:
    """Give the mark of each of these chats that has lines (PostgreSQL alone).

    `xmin` is the transaction that wrote a row as it stands; a rewritten line has a new one.
    """
    written = func.max(cast(cast(literal_column("web_lines.xmin"), Text), BigInteger))
    rows = await connection.execute(
        select(WebLine.chat, func.count(), func.max(WebLine.id), written)
        .where(WebLine.chat.in_(list(chats)))
        .group_by(WebLine.chat)
    )
    return {row[0]: Mark(row[1], row[2], row[3]) for row in rows}


# Forgetting.


async def forget_chat(connection: Connection, chat: str) -> None:
    """Delete what was said in a chat; whoever may enter it still may, but for a private link."""
    await connection.execute(delete(WebLine).where(WebLine.chat == chat))
    await connection.execute(delete(WebLink).where(WebLink.chat == chat))


async def retain(connection: Connection, at: datetime) -> int:
    """Delete visits that have ended, and what was said longer ago than `IDLE`; give how many lines went."""
    await connection.execute(
        delete(WebVisit).where((WebVisit.seen_at <= at - IDLE) | (WebVisit.began_at <= at - LONGEST))
    )
    await connection.execute(delete(WebLink).where(WebLink.expires_at < at))
    return (await connection.execute(delete(WebLine).where(WebLine.at < at - IDLE))).rowcount


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
