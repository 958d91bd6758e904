"""Questions left for a person of the office, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Row, String, Text, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.tables import Table
from storage.vault import Vault

SEALED = ("text", "name", "contact", "answer")


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class LeftQuestionRow(Table):
    """A question with the one way its asker wants to be reached; the chat it came from gets the answer.

    What it says and whom it names is sealed (`SEALED`).
    """

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'withdrawn')", name="state"),
        CheckConstraint("contact_kind IN ('phone', 'email', 'wechat')", name="contact_kind"),
        CheckConstraint("(state = 'answered') = (answer IS NOT NULL)", name="answered"),
        # What staff count, they count in an index: rows are wide with what is sealed.
        Index("ix_questions_state_asked", "state", "asked_at", "person_id"),
        Index("ix_questions_answered", "answered_at", "asked_at", "person_id"),
    )

    number: Mapped[str] = mapped_column(String(12), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    contact_kind: Mapped[str] = mapped_column(String(8))
    contact: Mapped[str] = mapped_column(Text)
    consent_version: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), server_default=QuestionState.OPEN.value)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class LeftQuestion:
    """What the staff need to answer, and the channel needs to deliver."""

    number: str
    person_id: str
    channel: str
    chat: str
    language: str
    text: str
    name: str
    contact_kind: str
    contact: str
    asked_at: datetime
    state: str
    answer: str | None
    answered_at: datetime | None


_columns = [getattr(LeftQuestionRow, name) for name in LeftQuestion.__dataclass_fields__]


def _opened(vault: Vault, row: Row[Any]) -> LeftQuestion:
    values = dict(row._mapping)
    return LeftQuestion(
        **values | {name: vault.open(values[name], f"questions.{name}") for name in SEALED if values[name] is not None}
    )


async def of_person(connection: Connection, person: str) -> Sequence[LeftQuestion]:
    """Give the questions somebody left, oldest first."""
    rows = await connection.execute(
        select(*_columns).where(LeftQuestionRow.person_id == person).order_by(LeftQuestionRow.asked_at)
    )
    vault = vault_of(connection)
    return [_opened(vault, row) for row in rows]


async def leave(
    connection: Connection,
    *,
    number: str,
    person_id: str,
    channel: str,
    chat: str,
    language: str,
    text: str,
    name: str,
    contact_kind: str,
    contact: str,
    consent_version: str,
    asked_at: datetime,
) -> None:
    """Store a question. A number already given out makes the transaction a Conflict: choose another."""
    vault = vault_of(connection)
    await connection.execute(
        insert(LeftQuestionRow).values(
            number=number,
            person_id=person_id,
            channel=channel,
            chat=chat,
            language=language,
            text=vault.seal(text, "questions.text"),
            name=vault.seal(name, "questions.name"),
            contact_kind=contact_kind,
            contact=vault.seal(contact, "questions.contact"),
            consent_version=consent_version,
            asked_at=asked_at,
        )
    )


async def open_questions(connection: Connection) -> Sequence[LeftQuestion]:
    """Give the questions nobody has answered yet, oldest first."""
    rows = await connection.execute(
        select(*_columns)
        .where(LeftQuestionRow.state == QuestionState.OPEN.value)
        .order_by(LeftQuestionRow.asked_at, LeftQuestionRow.number)
    )
    vault = vault_of(connection)
    return [_opened(vault, row) for row in rows]


async def found(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], order: Sequence[Any], limit: int, offset: int
) -> list[LeftQuestion]:
    """Give some of the questions that fit, opened."""
    rows = await connection.execute(select(*_columns).where(*conditions).order_by(*order).limit(limit).offset(offset))
    vault = vault_of(connection)
    return [_opened(vault, row) for row in rows]


async def by_number(connection: Connection, number: str) -> LeftQuestion | None:
    """Give a question by its reference number."""
    row = (await connection.execute(select(*_columns).where(LeftQuestionRow.number == number))).one_or_none()
    return _opened(vault_of(connection), row) if row else None


async def answer(connection: Connection, number: str, words: str, at: datetime) -> None:
    """Answer an open question. Raises Conflict if it is not open (any more)."""
    done = await connection.execute(
        update(LeftQuestionRow)
        .where(LeftQuestionRow.number == number, LeftQuestionRow.state == QuestionState.OPEN.value)
        .values(
            state=QuestionState.ANSWERED.value,
            answer=vault_of(connection).seal(words, "questions.answer"),
            answered_at=at,
        )
    )
    if done.rowcount != 1:
        raise Conflict(f"question {number} is not open")


async def withdraw(connection: Connection, person: str) -> None:
    """Take back the open questions of a person; their words go at once."""
    vault = vault_of(connection)
    await connection.execute(
        update(LeftQuestionRow)
        .where(LeftQuestionRow.person_id == person, LeftQuestionRow.state == QuestionState.OPEN.value)
        .values(
            state=QuestionState.WITHDRAWN.value,
            text=vault.seal("", "questions.text"),
            name=vault.seal("", "questions.name"),
            contact=vault.seal("", "questions.contact"),
        )
    )
