"""The county's files: read by knowledge/, remembered by storage/, searched in memory. The border between the two."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from handlers.rows import from_correction, to_rows
from handlers.shelf import Embedding, Shelf
from knowledge.answer import Answer, answer
from knowledge.clauses import split
from knowledge.corrections import Correction
from knowledge.documents import Clause, Document
from knowledge.errors import KnowledgeError
from knowledge.instructions import without_instructions
from knowledge.metadata import full_title, understand
from knowledge.passages import read_passages
from knowledge.read import Reading, Unreadable
from knowledge.read.archives import MANIFEST
from knowledge.read.files import Source, read_files
from knowledge.read.folders import Found, entries_of, find
from knowledge.search import PASSAGES, Hit, Index
from knowledge.townships import mergers_in, present_names
from knowledge.warnings import FileWarning, of_file
from storage.database import Database
from storage.documents import digests, remove_document, revision, save_document
from storage.register import add_correction, number_documents

log = logging.getLogger(__name__)

# Raise it when reading or cutting changes what comes out: files are then read anew.
EDITION = "5"

ANSWERS_KEPT = 2_000

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What became of one file: added, updated, unchanged, removed, duplicate or refused.

    `reason` is a stable code for a refusal (see knowledge.read.Unreadable; "manifest" for metadata
    that can't be understood); `message` says it in words.
    """

    file: str
    status: str
    document: Document | None = None
    clauses: int = 0
    reason: str = ""
    message: str = ""
    warnings: tuple[FileWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexReport:
    entries: tuple[IndexEntry, ...] = field(default=())

    @property
    def refused(self) -> tuple[IndexEntry, ...]:
        return tuple(entry for entry in self.entries if entry.status == "refused")


@dataclass(frozen=True, slots=True)
class _File:
    """A file to index: where it is, how it is called, what the manifest says, and a digest of all that."""

    path: Path
    name: str
    folder: str
    entry: Mapping[str, object]
    content: str
    digest: str
    source: Source
    refusal: Unreadable | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A file as it was read, with nothing of it stored yet."""

    document: Document
    clauses: tuple[Clause, ...]
    warnings: tuple[FileWarning, ...]
    digest: str
    folder: str
    form: str


class Library:
    """All documents of the county, in memory for answers and in the database for good."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database = database
        self._shelf = shelf
        self._revision = -1
        self._answers: dict[tuple[str, date, tuple[str, ...]], Answer] = {}

    @classmethod
    async def open(cls, database: Database, home: Path, embedding: Embedding | None = None) -> Library:
        """Open the library over a migrated database; index caches live under `home`."""
        library = cls(database, Shelf(home, embedding or Embedding()))
        await library.refresh()
        return library

    @property
    def documents(self) -> Sequence[Document]:
        return self._shelf.index.documents

    @property
    def shelf(self) -> Shelf:
        """Give what is held in memory, to be looked at only."""
        return self._shelf

    def township_names(self, on: date) -> Mapping[str, str]:
        """Give what townships' old names stand for on a day, read from the notices that merged them."""
        index = self._shelf.index
        mergers = (m for document in index.documents for m in mergers_in(document, index.clauses_of(document.id)))
        return present_names(mergers, on)

    @property
    def searchable(self) -> Index:
        """Give the index itself, for measuring and learning."""
        return self._shelf.index

    def answer(self, question: str, *, on: date, history: Sequence[str] = ()) -> Answer:
        """Answer a question on a county day from the files the public may see.

        The same words on the same day have the same answer until the files change, and many people ask alike.
        """
        key = (question, on, tuple(history))
        known = self._answers.get(key)
        if known is None:
            known = answer(question, self._shelf.index, on=on, history=history)
            if len(self._answers) >= ANSWERS_KEPT:
                self._answers.clear()
            self._answers[key] = known
        return known

    def search(self, question: str, *, on: date, k: int = 10, history: Sequence[str] = ()) -> list[Hit]:
        """Rank the clauses in force on a day, for judging retrieval; a question may lean on the one before."""
        return self._shelf.index.search(question, on=on, k=k, history=history[-1:])

    async def refresh(self) -> bool:
        """Take over what another process indexed meanwhile; True if anything had changed."""
        async with self._database.read() as connection:
            now = await revision(connection)
            if now == self._revision:
                return False
            await self._shelf.load(connection)
        self._answers.clear()
        self._revision = now
        return True

    async def keep_vectors(self) -> None:
        """Make the vectors that are missing, if they weigh anything; questions are answered meanwhile."""
        if self._shelf.asks_vectors:
            await self._sync_vectors()

    async def _sync_vectors(self) -> None:
        await asyncio.to_thread(self._shelf.sync_vectors, self._shelf.passages())

    async def correct(self, document: str, steps: Sequence[Correction]) -> None:
        """Store what a person put right in a document and let it count at once, here and in every process."""
        async with self._database.write() as connection:
            for step in steps:
                await add_correction(connection, from_correction(document, step))
        await self.refresh()

    async def index(self, paths: Sequence[Path], on_progress: Progress | None = None) -> IndexReport:
        """Read files and folders into the library; what has not changed is left alone.

        A file that can't be read is refused by name and reason while the others go on. A file that
        is gone from a folder given here is removed.
        """
        files = list(_files(paths))
        async with self._database.read() as connection:
            known = await digests(connection)
        entries: list[IndexEntry] = []
        todo: list[_File] = []
        first: dict[str, str] = {}
        for file in files:
            twin = first.setdefault(file.content, file.name) if file.content else file.name
            if twin != file.name:
                entries.append(IndexEntry(file.name, "duplicate", message=twin))
            elif known.get(file.name) == file.digest:
                entries.append(IndexEntry(file.name, "unchanged", self._shelf.by_file(file.name)))
            else:
                todo.append(file)
        readings = _read(todo)
        for number in range(len(todo)):
            # Reading takes seconds in a child process: everybody else is answered meanwhile.
            file, result = await asyncio.to_thread(next, readings)
            if on_progress is not None:
                on_progress(number, len(todo), file.name)
            entries.append(await self._take(file, result, known))
        for name in sorted(
            self._gone(paths, {file.name for file in files} - {e.file for e in entries if e.status == "duplicate"})
        ):
            await self._drop(name)
            entries.append(IndexEntry(name, "removed"))
        if on_progress is not None:
            on_progress(len(todo), len(todo), "")
        changed = any(entry.status in ("added", "updated", "removed") for entry in entries)
        if changed:
            self._shelf.index.settle()
            self._answers.clear()
        # Without a change too: vectors may have been lost, never made, or of another model.
        if changed or self._shelf.asks_vectors:
            await self._sync_vectors()
        order = {file.name: number for number, file in enumerate(files)}
        return IndexReport(tuple(sorted(entries, key=lambda entry: order.get(entry.file, len(order)))))

    async def read(self, path: Path) -> Understood:
        """Read one file without taking it in; answers go on meanwhile. Raises Unreadable and KnowledgeError."""

        def read() -> Understood:
            [(file, result)] = _read(list(_files([path])))
            if isinstance(result, Unreadable):
                raise result
            return _understood(file, result)

        return await asyncio.to_thread(read)

    async def close(self) -> None:
        """Release the vector store."""
        self._shelf.close()

    async def _take(
        self, file: _File, result: Reading | list[Clause] | Unreadable, known: Mapping[str, str]
    ) -> IndexEntry:
        if isinstance(result, Unreadable):
            return IndexEntry(file.name, "refused", reason=result.reason, message=str(result))
        try:
            read = _understood(file, result)
        except KnowledgeError as error:
            return IndexEntry(file.name, "refused", reason="manifest", message=str(error))
        document, clauses = read.document, read.clauses
        rows = to_rows(
            document,
            clauses,
            digest=file.digest,
            folder=file.folder,
            form=read.form,
            warnings=read.warnings,
            at=datetime.now(UTC),
        )
        async with self._database.write() as connection:
            await save_document(connection, *rows)
            await number_documents(connection, [document.id])
            await self._shelf.load_corrections(connection)
        self._shelf.put(document, clauses, read.warnings, file.folder)
        status = "updated" if file.name in known else "added"
        return IndexEntry(file.name, status, document, len(clauses), warnings=read.warnings)

    async def _drop(self, name: str) -> None:
        identity = _identity(name)
        async with self._database.write() as connection:
            await remove_document(connection, identity)
        self._shelf.remove(identity)

    def _gone(self, paths: Sequence[Path], present: set[str]) -> set[str]:
        folders = {str(path.resolve()) for path in paths if path.is_dir()}
        files = {kept.read.file: kept.folder for kept in self._shelf.kept.values()}
        return {file for file, folder in files.items() if folder in folders and file not in present}


def _understood(file: _File, result: Reading | list[Clause]) -> Understood:
    """Tell what a file says about itself. Raises KnowledgeError for metadata that can't be understood."""
    identity = _identity(file.name)
    if isinstance(result, list):
        document = Document(identity, file.name, file.path.stem, PASSAGES)
        return Understood(document, tuple(result), (), file.digest, file.folder, "jsonl")
    blocks, left_out = without_instructions(result.blocks)
    reading = replace(result, blocks=blocks)
    document, doubts = understand(identity, file.name, reading, file.entry)
    clauses = tuple(split(identity, blocks, full_title(reading, file.name)))
    warnings = tuple(of_file(document, clauses, told=result.warnings, doubts=doubts, instructions=left_out))
    return Understood(document, clauses, warnings, file.digest, file.folder, result.format)


def _identity(name: str) -> str:
    """Name a document for good: a new edition under the same file name replaces the old one."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _files(paths: Sequence[Path]) -> Iterator[_File]:
    for path in paths:
        root = path if path.is_dir() else path.parent
        manifest = _manifest(root / MANIFEST)
        folder = str(path.resolve()) if path.is_dir() else ""
        for found in find(path):
            if found.name != MANIFEST:
                yield _described(found, folder, manifest.get(found.name) or found.entry)


def _described(found: Found, folder: str, entry: Mapping[str, object]) -> _File:
    known = json.dumps([EDITION, found.content, entry], sort_keys=True, default=str)
    digest = hashlib.sha256(known.encode()).hexdigest() if found.content else ""
    return _File(found.source.path, found.name, folder, entry, found.content, digest, found.source, found.refusal)


def _manifest(path: Path) -> Mapping[str, Mapping[str, object]]:
    """Read a folder's manifest. Raises KnowledgeError if it is no such thing."""
    return entries_of(path.read_bytes().decode("utf-8-sig", "replace"), path.name) if path.is_file() else {}


def _read(files: Sequence[_File]) -> Iterator[tuple[_File, Reading | list[Clause] | Unreadable]]:
    """Read files in order: passages line by line, documents each in a child process of its own."""
    documents: list[_File] = []
    for file in files:
        if file.refusal is not None:
            yield file, file.refusal
        elif file.path.suffix.lower() == ".jsonl":
            yield file, _passages(file)
        else:
            documents.append(file)
    yield from zip(documents, read_files([file.source for file in documents]), strict=True)


def _passages(file: _File) -> list[Clause] | Unreadable:
    identity = _identity(file.name)
    try:
        return [
            Clause(f"{identity}#{number}", identity, number, (passage.title,), passage.id, passage.text)
            for number, passage in enumerate(read_passages(file.path))
        ]
    except Unreadable as error:
        return error
