"""The state of each chat: who has the floor, and the journal of answers, one row per answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.tables import Table
from storage.vault import Vault

MEMORY, ANSWER = "conversations.memory", "answers.value"


class ConversationState(Table):
    """One row per chat that ever wrote; `version` counts its messages and guards against lost updates.

    `memory` is sealed: it holds what people asked.
    """

    __tablename__ = "conversations"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int]
    language: Mapped[str | None] = mapped_column(String(16))
    person: Mapped[str | None] = mapped_column(String(36))
    flow: Mapped[str | None] = mapped_column(String(40))
    asked: Mapped[str | None] = mapped_column(String(80))
    memory: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class JournalEntry(Table):
    """One recorded answer of the conversation that has the floor, sealed; gone when that ends."""

    __tablename__ = "answers"
    __table_args__ = (
        ForeignKeyConstraint(["channel", "chat"], ["conversations.channel", "conversations.chat"], ondelete="CASCADE"),
    )

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat's state. `flow` has the floor, `asked` is the key of its open question.

    `answers` is its journal, in order; `memory` is small JSON that outlives it. Version 0 was never stored.
    """

    channel: str
    chat: str
    version: int = 0
    language: str | None = None
    person: str | None = None
    flow: str | None = None
    asked: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)


_load = select(ConversationState).where(
    ConversationState.channel == bindparam("c"), ConversationState.chat == bindparam("h")
)
_answers = (
    select(JournalEntry.key, JournalEntry.value)
    .where(JournalEntry.channel == bindparam("c"), JournalEntry.chat == bindparam("h"))
    .order_by(JournalEntry.position)
)
_insert = insert(ConversationState)
_update = (
    update(ConversationState)
    .where(
        ConversationState.channel == bindparam("c"),
        ConversationState.chat == bindparam("h"),
        ConversationState.version == bindparam("was"),
    )
    .values(
        {name: bindparam(name) for name in ("version", "language", "person", "flow", "asked", "memory", "updated_at")}
    )
)


async def load(connection: Connection, channel: str, chat: str) -> Conversation:
    """Give a chat's state, or a fresh one."""
    row = (await connection.execute(_load, {"c": channel, "h": chat})).one_or_none()
    if row is None:
        return Conversation(channel, chat)
    vault = vault_of(connection)
    answers: dict[str, Any] = {}
    if row.flow is not None:
        entries = await connection.execute(_answers, {"c": channel, "h": chat})
        answers = {key: json.loads(vault.open(value, ANSWER)) for key, value in entries}
    return Conversation(
        channel,
        chat,
        row.version,
        row.language,
        row.person,
        row.flow,
        row.asked,
        answers,
        json.loads(vault.open(row.memory, MEMORY)),
    )


async def language_of(connection: Connection, channel: str, chat: str) -> str | None:
    """Give the language somebody chose for a chat, if they did."""
    found: str | None = await connection.scalar(
        select(ConversationState.language).where(ConversationState.channel == channel, ConversationState.chat == chat)
    )
    return found


async def last_written(connection: Connection, channel: str, chat: str) -> datetime | None:
    """Give when the last message of a chat was dealt with, the one in this transaction included."""
    found: datetime | None = await connection.scalar(
        select(ConversationState.updated_at).where(ConversationState.channel == channel, ConversationState.chat == chat)
    )
    return found


async def save(connection: Connection, changes: Sequence[tuple[Conversation, Conversation]], at: datetime) -> None:
    """Store (before, after) of one or more different chats; each `after` gets the version after `before`.

    Raises Conflict if a chat has moved on since `before` was read.
    """
    vault = vault_of(connection)
    new = [_row(vault, before, after, at) for before, after in changes if before.version == 0]
    known = [
        _row(vault, before, after, at) | {"c": before.channel, "h": before.chat, "was": before.version}
        for before, after in changes
        if before.version
    ]
    if new:
        await connection.execute(_insert, new)
    if known:
        done = await connection.execute(_update, known)
        if done.rowcount != len(known):
            raise Conflict("a conversation has moved on")
    for before, after in changes:
        if before.answers != after.answers:
            await _save_answers(connection, before, after, at)


def stored(before: Conversation, after: Conversation) -> Conversation:
    """Give a conversation as `load` would after `save` stored it."""
    answers = after.answers if after.flow is not None else {}
    return replace(after, version=before.version + 1, answers=answers)


async def empty(connection: Connection, channel: str, chat: str, *, person: str | None = None) -> None:
    """Forget what a chat was about: who has the floor, the answers, what was asked; the language chosen stays.

    `person` is who writes there, if that is still to be known.
    """
    await connection.execute(delete(JournalEntry).where(JournalEntry.channel == channel, JournalEntry.chat == chat))
    # A new version: whoever holds the old state in memory has to read this one first.
    await connection.execute(
        update(ConversationState)
        .where(ConversationState.channel == channel, ConversationState.chat == chat)
        .values(
            version=ConversationState.version + 1,
            person=person,
            flow=None,
            asked=None,
            memory=vault_of(connection).seal("{}", MEMORY),
        )
    )


async def person_of(connection: Connection, channel: str, chat: str) -> str | None:
    """Give who writes in a chat, if that is known."""
    found: str | None = await connection.scalar(
        select(ConversationState.person).where(ConversationState.channel == channel, ConversationState.chat == chat)
    )
    return found


def _row(vault: Vault, before: Conversation, after: Conversation, at: datetime) -> dict[str, Any]:
    return {
        "channel": before.channel,
        "chat": before.chat,
        "version": before.version + 1,
        "language": after.language,
        "person": after.person,
        "flow": after.flow,
        "asked": after.asked,
        "memory": vault.seal(json.dumps(after.memory, ensure_ascii=False), MEMORY),
        "updated_at": at,
    }


async def _save_answers(connection: Connection, before: Conversation, after: Conversation, at: datetime) -> None:
    """Write what changed in a journal: dropped keys, new and replaced answers, a new order."""
    was = list(before.answers.items())
    now = list(after.answers.items())
    same = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    vault = vault_of(connection)
    place = {"channel": before.channel, "chat": before.chat}
    if gone := [key for key, _ in was[same:]]:
        await connection.execute(
            delete(JournalEntry).where(
                JournalEntry.channel == before.channel,
                JournalEntry.chat == before.chat,
                JournalEntry.key.in_(gone),
            )
        )
    if now[same:]:
        await connection.execute(
            insert(JournalEntry),
            [
                place
                | {
                    "key": key,
                    "position": i,
                    "value": vault.seal(json.dumps(value, ensure_ascii=False), ANSWER),
                    "answered_at": at,
                }
                for i, (key, value) in enumerate(now[same:], same)
            ],
        )
