"""What staff know a file by, and what they put right in it, kept apart from what is read anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection
from storage.documents import note_change
from storage.tables import Table, insert_unless_known


class DocumentNumber(Table):
    """The small number staff type; a file keeps it though it is read anew, replaced, or gone for a while."""

    __tablename__ = "document_numbers"

    number: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(String(16), unique=True)


class DocumentCorrection(Table):
    """One step of one person, never changed. No foreign key: it outlives the rows of a file read anew."""

    __tablename__ = "document_corrections"
    __table_args__ = (
        CheckConstraint(
            "action IN ('set', 'reset', 'add_relation', 'remove_relation', 'withdraw', 'restore', 'confirm')",
            name="action",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(String(16), index=True)
    action: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | None] = mapped_column(Text)
    was: Mapped[str | None] = mapped_column(Text)
    relation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    digest: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A step as stored; `relation` has the keys of a document's relations, `digest` is of the content confirmed."""

    document_id: str
    action: str
    field: str
    value: str | None
    was: str | None
    relation: dict[str, Any] | None
    digest: str
    by: str
    at: datetime


_correction = [getattr(DocumentCorrection, name) for name in CorrectionRow.__dataclass_fields__]


async def number_documents(connection: Connection, documents: Sequence[str]) -> None:
    """Give documents numbers, in this order; those that have one keep it."""
    known = set(await connection.scalars(select(DocumentNumber.document_id)))
    new = [identity for identity in documents if identity not in known]
    for identity in new:
        # One by one: SQLite and PostgreSQL number the rows of one INSERT as they please.
        await connection.execute(
            insert_unless_known(connection, DocumentNumber, ["document_id"]).values(document_id=identity)
        )


async def numbers(connection: Connection) -> dict[str, int]:
    """Give the number of every document that ever was here."""
    rows = await connection.execute(select(DocumentNumber.document_id, DocumentNumber.number))
    return {row.document_id: row.number for row in rows}


async def add_correction(connection: Connection, correction: CorrectionRow) -> None:
    """Store one step; every process notices it as it notices new documents."""
    values = {name: getattr(correction, name) for name in CorrectionRow.__dataclass_fields__}
    await connection.execute(insert(DocumentCorrection).values(values))
    await note_change(connection)


async def corrections(connection: Connection) -> list[CorrectionRow]:
    """Give every step ever taken, oldest first."""
    rows = await connection.execute(select(*_correction).order_by(DocumentCorrection.id))
    return [CorrectionRow(*row) for row in rows]
