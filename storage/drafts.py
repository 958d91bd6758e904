"""Half-filled forms that wait: drafts somebody left, and hand-overs of a conversation to another channel."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.tables import Table

ANSWERS = "drafts.answers"
HANDOVER = timedelta(minutes=30)


class Draft(Table):
    """A form somebody left half filled, sealed."""

    __tablename__ = "drafts"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(80), primary_key=True)
    flow: Mapped[str] = mapped_column(String(40), primary_key=True)
    answers: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(index=True)


class Handover(Table):
    """A one-use token that opens a chat's conversation in another channel, at the same step."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_chat", "channel", "chat"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    sender: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """The chat a hand-over comes from, and who wrote there."""

    channel: str
    chat: str
    sender: str


async def keep(
    connection: Connection, channel: str, chat: str, flow: str, answers: dict[str, Any], at: datetime
) -> None:
    """Keep a half-filled form; a newer draft replaces an older one."""
    await drop(connection, channel, chat, flow)
    sealed = vault_of(connection).seal(json.dumps(answers, ensure_ascii=False), ANSWERS)
    await connection.execute(insert(Draft).values(channel=channel, chat=chat, flow=flow, answers=sealed, saved_at=at))


async def draft(connection: Connection, channel: str, chat: str, flow: str) -> dict[str, Any] | None:
    """Give the draft of a form, if there is one."""
    sealed = await connection.scalar(
        select(Draft.answers).where(Draft.channel == channel, Draft.chat == chat, Draft.flow == flow)
    )
    if sealed is None:
        return None
    answers: dict[str, Any] = json.loads(vault_of(connection).open(sealed, ANSWERS))
    return answers


async def drop(connection: Connection, channel: str, chat: str, flow: str | None = None) -> int:
    """Delete a draft, or all of a chat; give how many."""
    which = [Draft.channel == channel, Draft.chat == chat, *([Draft.flow == flow] if flow else [])]
    return (await connection.execute(delete(Draft).where(*which))).rowcount


def new_token() -> str:
    """Give a token for a link: letters and digits, 128 bits."""
    return secrets.token_hex(16)


async def hand_over(connection: Connection, token: str, origin: Origin, at: datetime) -> None:
    """Store a token; earlier ones of the chat end."""
    await connection.execute(delete(Handover).where(Handover.channel == origin.channel, Handover.chat == origin.chat))
    await connection.execute(
        insert(Handover).values(
            token_hash=_hashed(token),
            channel=origin.channel,
            chat=origin.chat,
            sender=origin.sender,
            expires_at=at + HANDOVER,
        )
    )


async def origin_of(connection: Connection, token: str, at: datetime) -> Origin | None:
    """Give the chat a token comes from; None for one that is unknown, used or too old."""
    row = (
        await connection.execute(
            select(Handover.channel, Handover.chat, Handover.sender).where(
                Handover.token_hash == _hashed(token), Handover.used_at.is_(None), Handover.expires_at > at
            )
        )
    ).one_or_none()
    return Origin(*row) if row else None


async def use(connection: Connection, token: str, at: datetime) -> None:
    """Use a token up. Raises Conflict if somebody was faster."""
    done = await connection.execute(
        update(Handover).where(Handover.token_hash == _hashed(token), Handover.used_at.is_(None)).values(used_at=at)
    )
    if done.rowcount != 1:
        raise Conflict("this link was used meanwhile")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
