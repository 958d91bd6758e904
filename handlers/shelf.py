"""The index in memory with its caches on disk, and how documents turn into rows and back."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.cutting import TokenCache
from knowledge.documents import Clause, Document, Relation, RelationKind, Visibility
from knowledge.errors import KnowledgeError
from knowledge.search import Index, passage_text
from knowledge.synonyms import Synonyms
from knowledge.vectors import Vectors, VectorsGone
from knowledge.words import keep_dictionary_in
from storage.database import Connection
from storage.documents import ClauseRow, DocumentRow, all_documents, clauses_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Embedding:
    """Which embeddings to use, and what they weigh in search; the model is loaded when first needed."""

    model: str = ""
    api: str = ""
    key: str = ""
    weight: float = 0.0

    def open(self) -> tuple[Embeddings, str]:
        from knowledge.embeddings import embeddings_for

        return embeddings_for(self.model, self.api, self.key)


class Shelf:
    """What the library holds between questions."""

    def __init__(self, home: Path, embedding: Embedding) -> None:
        keep_dictionary_in(home / "words")
        self._tokens = TokenCache(home / "tokens")
        self._folder = home / "vectors"
        self._embedding = embedding
        self._vectors: Vectors | None = None
        self._vectors_complete = False
        self._clauses_by_vector: dict[str, list[str]] = {}
        self._digests: dict[str, str] = {}
        self.synonyms = Synonyms.load(home / "synonyms.txt")
        self.index = Index(self.synonyms, self._nearest if embedding.weight else None, embedding.weight)
        self.folders: dict[str, str] = {}

    async def load(self, connection: Connection) -> None:
        """Bring the index to what the database holds; documents that did not change are not touched."""
        rows = {row.id: row for row in await all_documents(connection)}
        for document in self.index.documents:
            if document.id not in rows:
                self.index.remove(document.id)
        changed = [identity for identity, row in rows.items() if self._digests.get(identity) != row.digest]
        clauses: dict[str, list[Clause]] = {identity: [] for identity in changed}
        for clause in await clauses_of(connection, changed):
            clauses[clause.document_id].append(_to_clause(clause))
        for identity in changed:
            self.put(_to_document(rows[identity]), clauses[identity])
        self._digests = {row.id: row.digest for row in rows.values()}
        self.folders = {row.file: row.folder for row in rows.values()}
        self.index.settle()

    def put(self, document: Document, clauses: Sequence[Clause]) -> None:
        """Add or replace one document in the index."""
        self.index.add(document, clauses, self._tokens.cut(document, clauses))

    def by_file(self, file: str) -> Document | None:
        return next((document for document in self.index.documents if document.file == file), None)

    def remove(self, identity: str) -> None:
        self.index.remove(identity)
        self._tokens.forget(identity)

    @property
    def asks_vectors(self) -> bool:
        return self._embedding.weight > 0

    def passages(self) -> dict[str, str]:
        """Give what the vectors are made of: every distinct passage by the hash of its words."""
        found: dict[str, str] = {}
        self._clauses_by_vector = {}
        for document in self.index.documents:
            for clause in self.index.clauses_of(document.id):
                text = passage_text(document, clause)
                vector = hashlib.sha256(text.encode()).hexdigest()[:24]
                found[vector] = text
                self._clauses_by_vector.setdefault(vector, []).append(clause.id)
        return found

    def sync_vectors(self, passages: Mapping[str, str]) -> None:
        """Bring the vectors to these passages; may take long and run in a thread, while words go on answering.

        A passage that was embedded before by this model is not embedded again, whatever file it stands in.
        """
        try:
            store = self._open()
            added, removed = store.sync(passages)
            store.forget_other_models()
        except VectorsGone as error:
            log.warning("vectors.not_synced", extra={"reason": str(error)})
            return
        self._vectors_complete = True
        log.info("vectors.synced", extra={"added": added, "removed": removed})

    def close(self) -> None:
        if self._vectors is not None:
            self._vectors.close()
            self._vectors = None

    def _open(self) -> Vectors:
        if self._vectors is None:
            try:
                embeddings = self._embedding.open()
            except KnowledgeError as error:
                raise VectorsGone(str(error)) from error
            self._vectors = Vectors.open(self._folder, *embeddings)
        return self._vectors

    def _nearest(self, question: str, k: int) -> list[tuple[str, float]]:
        """Give the clauses nearest to a question; none while a new model's vectors are being made.

        Raises VectorsGone.
        """
        store = self._open()
        if not self._vectors_complete:
            self._vectors_complete = store.ids() >= self.passages().keys()
        if not self._vectors_complete:
            return []
        found = store.nearest(question, k)
        return [(clause, near) for vector, near in found for clause in self._clauses_by_vector.get(vector, ())]


def to_rows(
    document: Document,
    clauses: Sequence[Clause],
    *,
    digest: str,
    folder: str,
    form: str,
    warnings: Sequence[str],
    at: datetime,
) -> tuple[DocumentRow, list[ClauseRow]]:
    """Turn a document with its clauses into what storage keeps."""
    relations = [
        {
            "kind": relation.kind.value,
            "title": relation.title,
            "doc_no": relation.doc_no,
            "clause": relation.clause,
            "since": relation.since.isoformat() if relation.since else None,
        }
        for relation in document.relations
    ]
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
        relations=relations,
        format=form,
        warnings=list(warnings),
        indexed_at=at,
    )
    return row, [
        ClauseRow(c.id, c.document, c.position, list(c.path), c.label, c.text, [list(r) for r in c.rows])
        for c in clauses
    ]


def _to_document(row: DocumentRow) -> Document:
    relations = tuple(
        Relation(
            RelationKind(told["kind"]),
            told["title"],
            told["doc_no"],
            told["clause"],
            date.fromisoformat(told["since"]) if told["since"] else None,
        )
        for told in row.relations
    )
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
        relations=relations,
    )


def _to_clause(row: ClauseRow) -> Clause:
    rows = tuple(tuple(cells) for cells in row.rows)
    return Clause(row.id, row.document_id, row.position, tuple(row.path), row.label, row.text, rows)
