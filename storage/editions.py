"""Editions of documents: uploaded and read, put in force, replaced, brought back; for `handlers.document_desk`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage.console_tables import EditionRow, EditionState
from storage.database import Connection
from storage.documents import ClauseRow, DocumentRow, StoredDocument, all_documents, clauses_of, save_document
from storage.errors import Conflict
from storage.register import number_documents

_DAYS = ("published", "effective", "expires")
_COLUMNS = [column for column in EditionRow.__table__.columns if column.name not in {"clauses"}]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition as a list shows it; `document` is None where the file could not be read."""

    id: str
    document_id: str
    file: str
    size: int
    state: EditionState
    message: str
    by: str
    at: datetime
    changed_at: datetime
    document: DocumentRow | None


async def add(connection: Connection, *, identity: str, file: str, size: int, by: str, at: datetime) -> None:
    """Store that a file was uploaded and is being read."""
    await connection.execute(
        insert(EditionRow).values(
            id=identity,
            document_id="",
            file=file,
            size=size,
            state=EditionState.READING.value,
            message="",
            document={},
            clauses=[],
            by=by,
            at=at,
            changed_at=at,
        )
    )


async def refuse(connection: Connection, identity: str, message: str, at: datetime) -> None:
    """Store that a file can't be read, and why."""
    await _move(connection, identity, EditionState.READING, EditionState.REFUSED, at, message=message)


async def keep_read(
    connection: Connection,
    identity: str,
    document: DocumentRow,
    clauses: Sequence[ClauseRow],
    at: datetime,
    *,
    pages: Sequence[int | None] = (),
) -> None:
    """Store what was read of a file; `pages` tells where each clause begins."""
    numbered = [*pages, *([None] * (len(clauses) - len(pages)))]
    told = [asdict(clause) | {"page": page} for clause, page in zip(clauses, numbered, strict=True)]
    values = {"document_id": document.id, "document": _as_json(document), "clauses": told}
    await _move(connection, identity, EditionState.READING, EditionState.READ, at, **values)


async def discard(connection: Connection, identity: str, at: datetime) -> None:
    """Put an edition that answers nothing aside. Raises Conflict for any other."""
    await _move(connection, identity, EditionState.READ, EditionState.DISCARDED, at)


async def activate(connection: Connection, identity: str, at: datetime, *, spare: str) -> str | None:
    """Let an edition answer in place of the one that does; give the id of that one, kept to be brought back.

    A document that came without the console is kept under the id `spare`. Raises Conflict for an edition that can't
    be activated (any more).
    """
    row = (
        await connection.execute(
            select(EditionRow).where(
                EditionRow.id == identity,
                EditionRow.state.in_([EditionState.READ.value, EditionState.REPLACED.value]),
            )
        )
    ).one_or_none()
    if row is None:
        raise Conflict(f"edition {identity} can't be put in force")
    before = await _replace(connection, row.document_id, at, spare)
    await connection.execute(
        update(EditionRow).where(EditionRow.id == identity).values(state=EditionState.ACTIVE.value, changed_at=at)
    )
    clauses = [ClauseRow(**{name: one[name] for name in ClauseRow.__dataclass_fields__}) for one in row.clauses]
    document = _from_json(row.document)
    await save_document(connection, document, clauses)
    await number_documents(connection, [document.id])
    return before


async def one(connection: Connection, identity: str) -> tuple[Edition, list[dict[str, Any]]] | None:
    """Give an edition with its clauses (as `ClauseRow`, and their page)."""
    row = (await connection.execute(select(EditionRow).where(EditionRow.id == identity))).one_or_none()
    return (_edition(row), list(row.clauses)) if row else None


async def state(connection: Connection, identity: str) -> EditionState | None:
    """Tell where an edition stands; None if there is none."""
    found = await connection.scalar(select(EditionRow.state).where(EditionRow.id == identity))
    return EditionState(found) if found else None


async def file_name(connection: Connection, identity: str) -> str | None:
    """Give the name an edition's file came with; None if there is no such edition."""
    found: str | None = await connection.scalar(select(EditionRow.file).where(EditionRow.id == identity))
    return found


async def newest(connection: Connection, limit: int = 20, states: Sequence[EditionState] = ()) -> list[Edition]:
    """Give the newest uploads."""
    wanted = select(*_COLUMNS).order_by(EditionRow.at.desc(), EditionRow.id).limit(limit)
    if states:
        wanted = wanted.where(EditionRow.state.in_([state.value for state in states]))
    return [_edition(row) for row in await connection.execute(wanted)]


async def of_document(connection: Connection, document: str) -> list[Edition]:
    """Give the editions of a document, the newest first."""
    rows = await connection.execute(
        select(*_COLUMNS).where(EditionRow.document_id == document).order_by(EditionRow.changed_at.desc())
    )
    return [_edition(row) for row in rows]


async def count(connection: Connection, state: EditionState) -> int:
    """Count the editions in a state."""
    wanted = select(func.count()).select_from(EditionRow).where(EditionRow.state == state.value)
    return int(await connection.scalar(wanted) or 0)


async def _replace(connection: Connection, document: str, at: datetime, spare: str) -> str | None:
    """Mark the active edition of a document replaced; keep the document that is there under `spare` if none was."""
    active = await connection.scalar(
        select(EditionRow.id).where(EditionRow.document_id == document, EditionRow.state == EditionState.ACTIVE.value)
    )
    if active is not None:
        await connection.execute(
            update(EditionRow).where(EditionRow.id == active).values(state=EditionState.REPLACED.value, changed_at=at)
        )
        return str(active)
    there = await connection.scalar(select(StoredDocument.id).where(StoredDocument.id == document))
    if there is None:
        return None
    [known] = [row for row in await all_documents(connection) if row.id == document]
    clauses = await clauses_of(connection, [document])
    await connection.execute(
        insert(EditionRow).values(
            id=spare,
            document_id=document,
            file=known.file,
            size=0,
            state=EditionState.REPLACED.value,
            message="",
            document=_as_json(known),
            clauses=[asdict(clause) | {"page": None} for clause in clauses],
            by="index",
            at=known.indexed_at,
            changed_at=at,
        )
    )
    return spare


async def _move(
    connection: Connection, identity: str, before: EditionState, after: EditionState, at: datetime, **values: Any
) -> None:
    done = await connection.execute(
        update(EditionRow)
        .where(EditionRow.id == identity, EditionRow.state == before.value)
        .values(state=after.value, changed_at=at, **values)
    )
    if done.rowcount != 1:
        raise Conflict(f"edition {identity} is not {before.value}")


def _edition(row: Any) -> Edition:
    return Edition(
        id=row.id,
        document_id=row.document_id,
        file=row.file,
        size=row.size,
        state=EditionState(row.state),
        message=row.message,
        by=row.by,
        at=row.at,
        changed_at=row.changed_at,
        document=_from_json(row.document) if row.document else None,
    )


def _as_json(document: DocumentRow) -> dict[str, Any]:
    values = asdict(document)
    for name in _DAYS:
        values[name] = values[name] and values[name].isoformat()
    return values | {"indexed_at": document.indexed_at.isoformat()}


def _from_json(told: dict[str, Any]) -> DocumentRow:
    values = {field.name: told[field.name] for field in fields(DocumentRow)}
    for name in _DAYS:
        values[name] = values[name] and date.fromisoformat(values[name])
    return DocumentRow(**values | {"indexed_at": datetime.fromisoformat(told["indexed_at"])})
