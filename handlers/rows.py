"""How documents, clauses, relations, warnings and corrections turn into what storage keeps, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from knowledge.corrections import Action, Correction
from knowledge.documents import Clause, Document, Relation, RelationKind, Visibility
from knowledge.warnings import FileWarning, warn
from storage.documents import ClauseRow, DocumentRow
from storage.register import CorrectionRow


def to_rows(
    document: Document,
    clauses: Sequence[Clause],
    *,
    digest: str,
    folder: str,
    form: str,
    warnings: Sequence[FileWarning],
    at: datetime,
) -> tuple[DocumentRow, list[ClauseRow]]:
    """Turn a document with its clauses into what storage keeps."""
    row = DocumentRow(
        id=document.id,
        file=document.file,
        folder=folder,
        digest=digest,
        title=document.title,
        kind=document.kind,
        doc_no=document.doc_no,
        issuer=document.issuer,
        office=document.office,
        published=document.published,
        effective=document.effective,
        expires=document.expires,
        visibility=document.visibility.value,
        relations=[from_relation(relation) for relation in document.relations],
        format=form,
        warnings=[{"code": w.code, "clause": w.clause, "facts": w.values} for w in warnings],
        indexed_at=at,
    )
    return row, [
        ClauseRow(c.id, c.document, c.position, list(c.path), c.label, c.text, [list(r) for r in c.rows])
        for c in clauses
    ]


def to_document(row: DocumentRow) -> Document:
    """Give a document as its file says."""
    return Document(
        id=row.id,
        file=row.file,
        title=row.title,
        kind=row.kind,
        doc_no=row.doc_no,
        issuer=row.issuer,
        office=row.office,
        published=row.published,
        effective=row.effective,
        expires=row.expires,
        visibility=Visibility(row.visibility),
        relations=tuple(map(_to_relation, row.relations)),
    )


def to_clause(row: ClauseRow) -> Clause:
    """Give a clause as stored."""
    rows = tuple(tuple(cells) for cells in row.rows)
    return Clause(row.id, row.document_id, row.position, tuple(row.path), row.label, row.text, rows)


def from_relation(relation: Relation) -> dict[str, Any]:
    """Give a relation as JSON."""
    return {
        "kind": relation.kind.value,
        "title": relation.title,
        "doc_no": relation.doc_no,
        "clause": relation.clause,
        "since": relation.since.isoformat() if relation.since else None,
        "until": relation.until.isoformat() if relation.until else None,
        "months": relation.months,
    }


def _to_relation(told: Mapping[str, Any]) -> Relation:
    return Relation(
        RelationKind(told["kind"]),
        told["title"],
        told["doc_no"],
        told["clause"],
        _day(told["since"]),
        _day(told.get("until")),
        told.get("months"),
    )


def to_warning(told: Any) -> FileWarning:
    """Give a warning as stored; the first release kept a reader's words alone."""
    if isinstance(told, str):
        return warn("reader", message=told)
    return FileWarning(told["code"], told["clause"], tuple(told["facts"].items()))


def from_correction(document: str, step: Correction) -> CorrectionRow:
    """Give a correction as a row."""
    return CorrectionRow(
        document,
        step.action.value,
        step.field,
        step.value,
        step.was,
        from_relation(step.relation) if step.relation else None,
        step.digest,
        step.by,
        step.at,
    )


def to_correction(row: CorrectionRow) -> Correction:
    """Give a correction as stored."""
    relation = _to_relation(row.relation) if row.relation else None
    return Correction(Action(row.action), row.by, row.at, row.field, row.value, row.was, relation, row.digest)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None
