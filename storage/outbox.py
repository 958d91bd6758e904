"""What is to be said: stored with its cause, kept until the channel has taken it, erased when sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import CheckConstraint, Index, String, Text, bindparam, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.tables import Table

BODY = "outbox.body"


class OutboxState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  # the platform refuses it for good
    BLOCKED = "blocked"  # the person does not want to hear from us


class OutboxReply(Table):
    """One reply for one chat. `body` is the Reply as JSON, sealed, and erased once sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sent', 'failed', 'blocked')", name="state"),
        Index(
            "ix_outbox_pending",
            "channel",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), server_default=OutboxState.PENDING.value)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Said(Protocol):
    """A reply as this module sees it: something with a JSON form (a pydantic model)."""

    def model_dump_json(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A stored reply that is to be sent."""

    id: int
    channel: str
    chat: str
    body: str | None


async def enqueue(connection: Connection, channel: str, chat: str, replies: Sequence[Said], at: datetime) -> None:
    """Queue replies for a chat; whichever process serves the channel will send them."""
    rows = [(channel, chat, reply.model_dump_json()) for reply in replies]
    await enqueue_leased(connection, rows, at, leased_until=None)


_insert = insert(OutboxReply).returning(OutboxReply.id, sort_by_parameter_order=True)


async def enqueue_leased(
    connection: Connection,
    rows: Sequence[tuple[str, str, str]],
    at: datetime,
    *,
    leased_until: datetime | None,
) -> list[Outgoing]:
    """Queue (channel, chat, body) rows; until the lease ends only this process will send them."""
    if not rows:
        return []
    vault = vault_of(connection)
    values: list[dict[str, Any]] = [
        {
            "channel": channel,
            "chat": chat,
            "body": vault.seal(body, BODY),
            "created_at": at,
            "leased_until": leased_until,
        }
        for channel, chat, body in rows
    ]
    ids = (await connection.execute(_insert, values)).scalars().all()
    return [Outgoing(number, *row) for number, row in zip(ids, rows, strict=True)]


_due = (
    select(OutboxReply.id, OutboxReply.channel, OutboxReply.chat, OutboxReply.body)
    .where(
        OutboxReply.state == text("'pending'"),
        OutboxReply.channel.in_(bindparam("channels", expanding=True)),
        or_(OutboxReply.leased_until.is_(None), OutboxReply.leased_until < bindparam("now")),
    )
    .order_by(OutboxReply.id)
    .limit(bindparam("limit"))
)
_lease = (
    update(OutboxReply)
    .where(OutboxReply.id.in_(bindparam("ids", expanding=True)))
    .values(leased_until=bindparam("until"))
)


async def has_due(connection: Connection, channels: Sequence[str], now: datetime) -> bool:
    """Tell whether anything waits that no process has taken."""
    rows = await connection.execute(_due, {"channels": list(channels), "now": now, "limit": 1})
    return rows.first() is not None


async def take_due(
    connection: Connection, channels: Sequence[str], now: datetime, until: datetime, limit: int = 200
) -> list[Outgoing]:
    """Take replies nobody is sending, in order, under a lease of our own."""
    locked = _due if connection.dialect.name == "sqlite" else _due.with_for_update(skip_locked=True)
    rows = await connection.execute(locked, {"channels": list(channels), "now": now, "limit": limit})
    vault = vault_of(connection)
    taken = [Outgoing(number, channel, chat, body and vault.open(body, BODY)) for number, channel, chat, body in rows]
    if taken:
        await connection.execute(_lease, {"ids": [reply.id for reply in taken], "until": until})
    return taken


_earlier = (
    select(OutboxReply.id)
    .where(
        OutboxReply.state == text("'pending'"),
        OutboxReply.channel == bindparam("channel"),
        OutboxReply.chat == bindparam("chat"),
        OutboxReply.id < bindparam("number"),
    )
    .limit(1)
)


async def is_next(connection: Connection, reply: Outgoing) -> bool:
    """Tell whether nothing earlier is still to be said in a reply's chat."""
    earlier = {"channel": reply.channel, "chat": reply.chat, "number": reply.id}
    return (await connection.execute(_earlier, earlier)).first() is None


async def keep(connection: Connection, ids: Sequence[int], until: datetime) -> None:
    """Prolong the lease on replies that are still on their way."""
    await connection.execute(_lease, {"ids": list(ids), "until": until})


async def take_over(connection: Connection, channels: Sequence[str]) -> None:
    """End all leases of these channels: for the one process that serves them, when it starts."""
    await connection.execute(
        update(OutboxReply)
        .where(OutboxReply.state == OutboxState.PENDING.value, OutboxReply.channel.in_(list(channels)))
        .values(leased_until=None)
    )


_sent = (
    update(OutboxReply)
    .where(OutboxReply.id.in_(bindparam("ids", expanding=True)))
    .values(state=OutboxState.SENT.value, sent_at=bindparam("at"), body=None, leased_until=None)
)


async def mark_sent(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    """Mark replies as taken by the channel and erase their bodies."""
    await connection.execute(_sent, {"ids": list(ids), "at": at})


async def mark_undeliverable(connection: Connection, number: int, state: OutboxState) -> None:
    """Mark a reply that will never arrive; a refused one keeps its body for the operator."""
    values: dict[str, Any] = {"state": state.value, "leased_until": None}
    if state is OutboxState.BLOCKED:
        values["body"] = None
    await connection.execute(update(OutboxReply).where(OutboxReply.id == number).values(values))
