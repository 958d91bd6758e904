"""Files sent on the county's own pages, for as long as a form that was submitted, or one half filled, names them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, delete, func, insert, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import ANSWER, JournalEntry
from storage.database import Connection, Database, vault_of
from storage.drafts import ANSWERS as DRAFT
from storage.drafts import Draft
from storage.registry_tables import RECORD, Registration
from storage.tables import Table
from storage.vault import Vault
from storage.web_chats import CHANNEL, IDLE

FILE_NAME, FILE_CONTENT = "web_files.name", "web_files.content"
AT_ONCE = 500


class WebFile(Table):
    """A file somebody sent, sealed; `content` is base64."""

    __tablename__ = "web_files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


def seal(vault: Vault, name: str, content: str) -> tuple[str, str]:
    """Seal a file's name and its content (base64), as `keep` takes them. A large one takes a while."""
    return vault.seal(name, FILE_NAME), vault.seal(content, FILE_CONTENT)


async def keep(connection: Connection, number: str, chat: str, sealed: tuple[str, str], at: datetime) -> None:
    """Keep a file somebody sent."""
    name, content = sealed
    await connection.execute(insert(WebFile).values(id=number, chat=chat, name=name, content=content, at=at))


async def content(connection: Connection, number: str) -> str | None:
    """Give what is in a file as base64; None if it is gone."""
    sealed = await connection.scalar(select(WebFile.content).where(WebFile.id == number))
    return await asyncio.to_thread(vault_of(connection).open, sealed, FILE_CONTENT) if sealed else None


async def size_of_chat(connection: Connection, chat: str) -> int:
    """Give about how many bytes the files of a chat have."""
    stored = await connection.scalar(select(func.sum(func.length(WebFile.content))).where(WebFile.chat == chat))
    # As base64, sealed, and that again as base64.
    return (stored or 0) * 9 // 16


async def unneeded(database: Database, chat: str) -> Sequence[str]:
    """Give the files of a chat that no submitted form names, nor one half filled elsewhere."""
    async with database.read() as connection:
        candidates = (await connection.scalars(select(WebFile.id).where(WebFile.chat == chat))).all()
        return await _unnamed(connection, candidates, (CHANNEL, chat))


async def retain(database: Database, at: datetime) -> int:
    """Delete files sent longer ago than `IDLE` that no form names; give how many."""
    async with database.read() as connection:
        old = (await connection.scalars(select(WebFile.id).where(WebFile.at < at - IDLE))).all()
        gone = await _unnamed(connection, old)
    async with database.write() as connection:
        await drop(connection, gone)
    return len(gone)


async def drop(connection: Connection, numbers: Sequence[str]) -> None:
    """Delete files."""
    for start in range(0, len(numbers), AT_ONCE):
        await connection.execute(delete(WebFile).where(WebFile.id.in_(numbers[start : start + AT_ONCE])))


async def drop_of_chat(connection: Connection, chat: str) -> None:
    """Delete all files of a chat, whatever names them."""
    await connection.execute(delete(WebFile).where(WebFile.chat == chat))


async def _unnamed(
    connection: Connection, candidates: Collection[str], but_for: tuple[str, str] = ("", "")
) -> list[str]:
    left = set(candidates)
    if left:
        async for named in _named(connection, but_for):
            left.discard(named)
    return sorted(left)


async def _named(connection: Connection, but_for: tuple[str, str]) -> AsyncIterator[str]:
    """Give the files that forms name. A form moves from half filled by way of a draft to submitted: in that order."""
    places = (
        (JournalEntry.value, ANSWER, (JournalEntry.channel, JournalEntry.chat, JournalEntry.key)),
        (Draft.answers, DRAFT, (Draft.channel, Draft.chat, Draft.flow)),
        (Registration.record, RECORD, (Registration.number,)),
    )
    vault = vault_of(connection)
    for sealed, about, key in places:
        last: tuple[Any, ...] = ()
        while True:
            rows = select(sealed, *key).order_by(*key).limit(AT_ONCE)
            if last:
                rows = rows.where(tuple_(*key) > last)
            found = (await connection.execute(rows)).all()
            if not found:
                break
            last = tuple(found[-1])[1:]
            some = [row[0] for row in found if tuple(row)[1:3] != but_for]
            for number in await asyncio.to_thread(_opened, vault, some, about):
                yield number


def _opened(vault: Vault, sealed: Sequence[str], about: str) -> list[str]:
    return [number for one in sealed for number in _files_in(json.loads(vault.open(one, about)))]


def _files_in(value: Any) -> Iterator[str]:
    """Give the files of our pages among somebody's answers, however deep."""
    if isinstance(value, dict):
        if value.get("channel") == CHANNEL and isinstance(value.get("id"), str):
            yield value["id"]
        for one in value.values():
            yield from _files_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _files_in(one)
