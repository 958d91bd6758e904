"""The county's documents and their clauses as they were read; the index is made from these rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection
from storage.tables import Table


class StoredDocument(Table):
    """A file with what it says about itself; `relations` as [{kind, title, doc_no, clause, since}]."""

    __tablename__ = "documents"
    __table_args__ = (CheckConstraint("visibility IN ('public', 'internal')", name="visibility"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    file: Mapped[str] = mapped_column(Text, unique=True)
    folder: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(20))
    doc_no: Mapped[str | None] = mapped_column(String(80))
    issuer: Mapped[str | None] = mapped_column(Text)
    office: Mapped[str | None] = mapped_column(Text)
    published: Mapped[date | None]
    effective: Mapped[date | None]
    expires: Mapped[date | None]
    visibility: Mapped[str] = mapped_column(String(10))
    relations: Mapped[list[Any]] = mapped_column(JSON)
    format: Mapped[str] = mapped_column(String(10))
    warnings: Mapped[list[Any]] = mapped_column(JSON)
    indexed_at: Mapped[datetime]


class StoredClause(Table):
    """A clause with its path and, for a table, its rows."""

    __tablename__ = "clauses"
    __table_args__ = (UniqueConstraint("document_id", "position"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    position: Mapped[int]
    path: Mapped[list[Any]] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[Any]] = mapped_column(JSON)


class DocumentsRevision(Table):
    """One row that counts changes, so that every process notices what another one indexed."""

    __tablename__ = "documents_revision"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: str
    file: str
    folder: str
    digest: str
    title: str
    kind: str
    doc_no: str | None
    issuer: str | None
    office: str | None
    published: date | None
    effective: date | None
    expires: date | None
    visibility: str
    relations: list[Any]
    format: str
    warnings: list[Any]
    indexed_at: datetime


@dataclass(frozen=True, slots=True)
class ClauseRow:
    id: str
    document_id: str
    position: int
    path: list[Any]
    label: str
    text: str
    rows: list[Any]


_document = [getattr(StoredDocument, name) for name in DocumentRow.__dataclass_fields__]
_clause = [getattr(StoredClause, name) for name in ClauseRow.__dataclass_fields__]


async def save_document(connection: Connection, document: DocumentRow, clauses: Sequence[ClauseRow]) -> None:
    """Store a document with its clauses, in place of the one with its id."""
    await connection.execute(delete(StoredDocument).where(StoredDocument.id == document.id))
    values = {name: getattr(document, name) for name in DocumentRow.__dataclass_fields__}
    await connection.execute(insert(StoredDocument).values(values))
    if clauses:
        rows = [{name: getattr(clause, name) for name in ClauseRow.__dataclass_fields__} for clause in clauses]
        await connection.execute(insert(StoredClause), rows)
    await note_change(connection)


async def remove_document(connection: Connection, identity: str) -> None:
    """Remove a document and its clauses; an unknown one is ignored."""
    await connection.execute(delete(StoredDocument).where(StoredDocument.id == identity))
    await note_change(connection)


async def all_documents(connection: Connection) -> list[DocumentRow]:
    """Give all documents by file name."""
    return [DocumentRow(*row) for row in await connection.execute(select(*_document).order_by(StoredDocument.file))]


async def titles(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Give the titles of some documents by their ids."""
    rows = await connection.execute(
        select(StoredDocument.id, StoredDocument.title).where(StoredDocument.id.in_(list(ids)))
    )
    return {row.id: row.title for row in rows}


async def clauses_of(connection: Connection, documents: Sequence[str]) -> list[ClauseRow]:
    """Give the clauses of these documents in reading order."""
    query = select(*_clause).where(StoredClause.document_id.in_(list(documents)))
    rows = await connection.execute(query.order_by(StoredClause.document_id, StoredClause.position))
    return [ClauseRow(*row) for row in rows]


async def digests(connection: Connection) -> dict[str, str]:
    """Give the digest each file had when it was indexed."""
    rows = await connection.execute(select(StoredDocument.file, StoredDocument.digest))
    return {row.file: row.digest for row in rows}


async def last_indexed(connection: Connection) -> datetime | None:
    """Give when a document was read last; None while there is none."""
    return await connection.scalar(select(func.max(StoredDocument.indexed_at)))


async def revision(connection: Connection) -> int:
    """Give a number that changes whenever documents do."""
    return await connection.scalar(select(DocumentsRevision.revision)) or 0


async def note_change(connection: Connection) -> None:
    """Count a change, so that running processes load anew."""
    await connection.execute(update(DocumentsRevision).values(revision=DocumentsRevision.revision + 1))
