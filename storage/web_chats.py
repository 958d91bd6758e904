"""Chats on the county's own pages: who comes back to one, what was said there, and files that were sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Index, String, Text, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.tables import Table

CHANNEL = "web"
LINE, FILE_NAME, FILE_CONTENT = "web_lines.body", "web_files.name", "web_files.content"
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
    """One message or reply of a chat as JSON, sealed. `mine` is what the person said."""

    __tablename__ = "web_lines"
    __table_args__ = (Index("ix_web_lines_chat", "chat", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    chat: Mapped[str] = mapped_column(String(32))
    mine: Mapped[bool]
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


class WebFile(Table):
    """A file somebody sent, sealed; `content` is base64."""

    __tablename__ = "web_files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Line:
    """What was said, in order of `id`; `body` is the JSON of a message or a reply."""

    id: int
    chat: str
    mine: bool
    body: str
    at: datetime


class Said(Protocol):
    """Something with a JSON form (a pydantic model)."""

    def model_dump_json(self) -> str: ...


# Visits.


async def begin_visit(connection: Connection, secret: str, chat: str, at: datetime) -> None:
    """Let a browser enter a chat. Raises Conflict for a secret that is used already."""
    await connection.execute(insert(WebVisit).values(secret_hash=_hashed(secret), chat=chat, began_at=at, seen_at=at))


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


async def say(connection: Connection, chat: str, said: Sequence[Said], at: datetime, *, mine: bool) -> list[int]:
    """Write lines below all others of a chat; gives their ids."""
    vault = vault_of(connection)
    rows = [{"chat": chat, "mine": mine, "body": vault.seal(one.model_dump_json(), LINE), "at": at} for one in said]
    written = insert(WebLine).returning(WebLine.id, sort_by_parameter_order=True)
    return list((await connection.execute(written, rows)).scalars().all()) if rows else []


async def lines(connection: Connection, chat: str, *, after: int = 0, most: int = 200) -> list[Line]:
    """Give the newest lines of a chat after one, oldest first."""
    rows = await connection.execute(
        select(WebLine).where(WebLine.chat == chat, WebLine.id > after).order_by(WebLine.id.desc()).limit(most)
    )
    vault = vault_of(connection)
    found = [Line(row.id, row.chat, row.mine, vault.open(row.body, LINE), row.at) for row in rows]
    return found[::-1]


async def line(connection: Connection, chat: str, number: int) -> Line | None:
    """Give one line of a chat."""
    row = (await connection.execute(select(WebLine).where(WebLine.chat == chat, WebLine.id == number))).one_or_none()
    return Line(row.id, row.chat, row.mine, vault_of(connection).open(row.body, LINE), row.at) if row else None


async def last_lines(connection: Connection, chats: Sequence[str]) -> dict[str, int]:
    """Give the number of the last line of each of these chats."""
    rows = await connection.execute(
        select(WebLine.chat, func.max(WebLine.id)).where(WebLine.chat.in_(list(chats))).group_by(WebLine.chat)
    )
    return {row[0]: row[1] for row in rows}


# Files.


async def keep_file(connection: Connection, number: str, chat: str, name: str, content: str, at: datetime) -> None:
    """Keep a file somebody sent; `content` is base64."""
    vault = vault_of(connection)
    await connection.execute(
        insert(WebFile).values(
            id=number, chat=chat, name=vault.seal(name, FILE_NAME), content=vault.seal(content, FILE_CONTENT), at=at
        )
    )


async def file_content(connection: Connection, number: str) -> str | None:
    """Give what is in a file as base64; None if it is gone."""
    sealed = await connection.scalar(select(WebFile.content).where(WebFile.id == number))
    return vault_of(connection).open(sealed, FILE_CONTENT) if sealed else None


# Forgetting.


async def forget_chat(connection: Connection, chat: str) -> None:
    """Delete what was said in a chat and the files sent there; whoever may enter it still may."""
    await connection.execute(delete(WebLine).where(WebLine.chat == chat))
    await connection.execute(delete(WebFile).where(WebFile.chat == chat))
    await connection.execute(delete(WebLink).where(WebLink.chat == chat))


async def retain(connection: Connection, at: datetime) -> int:
    """Delete visits that have ended, and what was said longer ago than `IDLE`; give how many lines went."""
    await connection.execute(
        delete(WebVisit).where((WebVisit.seen_at < at - IDLE) | (WebVisit.began_at < at - LONGEST))
    )
    await connection.execute(delete(WebLink).where(WebLink.expires_at < at))
    return (await connection.execute(delete(WebLine).where(WebLine.at < at - IDLE))).rowcount


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
