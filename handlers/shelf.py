"""The index in memory with its caches on disk: documents as read and as corrected, their numbers and warnings."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.rows import to_clause, to_correction, to_document, to_warning
from knowledge.corrections import Corrected, Correction, correct
from knowledge.cutting import TokenCache
from knowledge.documents import Clause, Document
from knowledge.errors import KnowledgeError
from knowledge.search import Index, passage_text
from knowledge.synonyms import Synonyms
from knowledge.vectors import Vectors, VectorsGone
from knowledge.warnings import FileWarning
from knowledge.words import keep_dictionary_in
from storage.database import Connection
from storage.documents import all_documents, clauses_of
from storage.register import corrections, numbers

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


@dataclass(slots=True)
class Kept:
    """A document on the shelf: as its file says, as it counts, its clauses, and what its words leave open.

    A withdrawn document stays here, so that it can be restored, and is in no index.
    """

    read: Document
    corrected: Corrected
    clauses: tuple[Clause, ...]
    warnings: tuple[FileWarning, ...]
    folder: str

    @property
    def document(self) -> Document:
        return self.corrected.document

    @property
    def mark(self) -> str:
        """Tell this very content from any other: what a person confirms is what they have read."""
        words = (self.read.title, self.read.doc_no, [(c.label, c.text, c.rows) for c in self.clauses])
        return hashlib.sha256(repr(words).encode()).hexdigest()


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
        self._versions: dict[str, object] = {}
        self._corrections: dict[str, list[Correction]] = {}
        self.kept: dict[str, Kept] = {}
        self.numbers: dict[str, int] = {}
        self.synonyms = Synonyms.load(home / "synonyms.txt")
        self.index = Index(self.synonyms, self._nearest if embedding.weight else None, embedding.weight)

    async def load(self, connection: Connection) -> None:
        """Bring the index to what the database holds; documents that did not change are not touched."""
        rows = {row.id: row for row in await all_documents(connection)}
        for identity in [identity for identity in self.kept if identity not in rows]:
            self.remove(identity)
        await self.load_corrections(connection)
        versions = {identity: (row.digest, self._corrections.get(identity)) for identity, row in rows.items()}
        changed = [identity for identity in rows if self._versions.get(identity) != versions[identity]]
        clauses: dict[str, list[Clause]] = {identity: [] for identity in changed}
        for clause in await clauses_of(connection, changed):
            clauses[clause.document_id].append(to_clause(clause))
        for identity in changed:
            row = rows[identity]
            self.put(to_document(row), clauses[identity], map(to_warning, row.warnings), row.folder)
        self._versions = dict(versions)
        self.index.settle()

    async def load_corrections(self, connection: Connection) -> None:
        """Take over what people put right, and the documents' numbers."""
        self._corrections = {}
        for row in await corrections(connection):
            self._corrections.setdefault(row.document_id, []).append(to_correction(row))
        self.numbers = await numbers(connection)

    def put(self, read: Document, clauses: Sequence[Clause], warnings: Iterable[FileWarning], folder: str) -> Kept:
        """Add or replace one document, as its file says and as corrected; a withdrawn one is in no index."""
        kept = Kept(read, correct(read, self._corrections.get(read.id, ())), tuple(clauses), tuple(warnings), folder)
        self.kept[read.id] = kept
        if kept.corrected.withdrawn:
            self.index.remove(read.id)
        else:
            self.index.add(kept.document, clauses, self._tokens.cut(kept.document, clauses))
        return kept

    def by_file(self, file: str) -> Document | None:
        return next((kept.document for kept in self.kept.values() if kept.read.file == file), None)

    def remove(self, identity: str) -> None:
        self.kept.pop(identity, None)
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
