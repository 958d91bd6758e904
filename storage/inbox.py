"""What arrived: stored before it is acknowledged, recognised when it comes again, emptied when done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, bindparam, false, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.tables import Table, insert_unless_known

BODY = "inbox.body"


class InboxMessage(Table):
    """One message of one chat. `body` is the Message as JSON, sealed, and erased once the message is done."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        # Only what is still to do: the index stays as small as the backlog.
        Index(
            "ix_inbox_undone",
            "channel",
            "chat",
            "seq",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(32))
    update_id: Mapped[str] = mapped_column(String(80))
    chat: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime]
    body: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False, server_default=false())


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message to store: its idempotency key (channel and update), its chat, and its JSON."""

    channel: str
    update: str
    chat: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored message that is still to be answered."""

    seq: int
    channel: str
    update: str
    chat: str
    body: str | None


async def store(connection: Connection, arrived: Sequence[Arrived]) -> list[Waiting]:
    """Store messages in order and give those that are new; repeats are left alone."""
    if not arrived:
        return []
    vault = vault_of(connection)
    bodies = {(a.channel, a.update): a.body for a in arrived}
    rows = [
        {
            "channel": a.channel,
            "update_id": a.update,
            "chat": a.chat,
            "received_at": a.at,
            "body": vault.seal(a.body, BODY),
        }
        for a in arrived
    ]
    statement = insert_unless_known(connection, InboxMessage, ["channel", "update_id"]).returning(
        InboxMessage.seq, InboxMessage.channel, InboxMessage.update_id, InboxMessage.chat
    )
    new = [
        Waiting(seq, channel, update_id, chat, bodies[channel, update_id])
        for seq, channel, update_id, chat in await connection.execute(statement, rows)
    ]
    return sorted(new, key=lambda waiting: waiting.seq)


_undone = (
    select(InboxMessage.seq, InboxMessage.channel, InboxMessage.update_id, InboxMessage.chat, InboxMessage.body)
    .where(InboxMessage.done_at.is_(None), InboxMessage.channel.in_(bindparam("channels", expanding=True)))
    .order_by(InboxMessage.seq)
    .limit(bindparam("limit"))
)


async def undone(connection: Connection, channels: Sequence[str], limit: int = 1000) -> list[Waiting]:
    """Give messages that still wait for their answer, oldest first."""
    rows = await connection.execute(_undone, {"channels": list(channels), "limit": limit})
    vault = vault_of(connection)
    return [
        Waiting(seq, channel, update_id, chat, body and vault.open(body, BODY))
        for seq, channel, update_id, chat, body in rows
    ]


_finish = (
    update(InboxMessage)
    .where(InboxMessage.seq.in_(bindparam("seqs", expanding=True)), InboxMessage.done_at.is_(None))
    .values(done_at=bindparam("at"), body=None)
)
_earlier = select(func.count()).where(
    InboxMessage.channel == bindparam("channel"),
    InboxMessage.chat == bindparam("chat"),
    InboxMessage.seq < bindparam("seq"),
    InboxMessage.done_at.is_(None),
)


async def finish(connection: Connection, seqs: Sequence[int], at: datetime) -> None:
    """Mark messages done and erase their bodies. Raises Conflict if another process has done one already."""
    done = await connection.execute(_finish, {"seqs": list(seqs), "at": at})
    if done.rowcount != len(seqs):
        raise Conflict(f"{len(seqs) - done.rowcount} of {len(seqs)} messages were done meanwhile")


async def is_first(connection: Connection, waiting: Waiting) -> bool:
    """Tell whether nothing earlier of the same chat still waits."""
    earlier = await connection.scalar(_earlier, {"channel": waiting.channel, "chat": waiting.chat, "seq": waiting.seq})
    return not earlier


async def is_done(connection: Connection, seq: int) -> bool:
    """Tell whether a message has been dealt with, here or by another process."""
    return await connection.scalar(select(InboxMessage.done_at).where(InboxMessage.seq == seq)) is not None


async def give_up(connection: Connection, seq: int, at: datetime) -> None:
    """Mark a message that could not be handled; its body is kept for the operator.

    Raises Conflict if another process has done it already.
    """
    undone = update(InboxMessage).where(InboxMessage.seq == seq, InboxMessage.done_at.is_(None))
    if not (await connection.execute(undone.values(done_at=at, failed=True))).rowcount:
        raise Conflict(f"message {seq} was done meanwhile")
