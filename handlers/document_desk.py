"""Documents through the console: a file is read and shown first, put in force by a person, and brought back at once.

What answers is what the database holds of an edition; going back is a write, not a reading.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from handlers import register
from handlers.desk import Office
from handlers.library import Library
from handlers.register import Entry, entries
from handlers.registry_desk import NotDone
from handlers.rows import from_correction, to_clause, to_document, to_rows, to_warning
from knowledge.corrections import FIELDS, Action, Correction, read_value, shown
from knowledge.documents import Clause, Document, Relation
from knowledge.errors import KnowledgeError
from knowledge.read import Unreadable
from knowledge.validity import Register
from knowledge.warnings import FileWarning, of_library
from storage import editions, staff
from storage.console_tables import EditionState
from storage.documents import ClauseRow
from storage.editions import Edition
from storage.errors import Conflict
from storage.register import add_correction
from storage.staff import Right, Viewer

log = logging.getLogger(__name__)

MOST_FILES = 20  # of one upload
LARGEST = 40_000_000  # bytes of an upload
SUFFIXES = frozenset({".docx", ".pdf", ".html", ".htm", ".md", ".txt", ".xlsx"})
FOLDER = "uploads"


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition as staff judge it: what was read, what is odd about it, and what differs from what answers now."""

    edition: Edition
    document: Document | None
    clauses: tuple[Clause, ...]
    warnings: tuple[FileWarning, ...]
    relations: tuple[Relation, ...]
    added: frozenset[str]  # labels that the document in force does not have in these words
    removed: tuple[str, ...]
    replaces: Entry | None


def place_of(home: Path, identity: str, file: str) -> Path:
    """Give where an uploaded file is kept: in a folder of its own, under the name it came with."""
    return home / FOLDER / identity / file


def safe_name(name: str, *, number: int = 0) -> str:
    """Give the bare name of an upload, its `number`th file from 0.

    Raises NotDone for a name that is none, a format that is not read, and for more files than one upload takes.
    """
    if number >= MOST_FILES:
        raise NotDone("documents.too_many")
    bare = name.replace("\\", "/").rpartition("/")[2].strip().lstrip(".")
    bare = "".join(character for character in bare if character.isprintable() and character not in '<>:"|?*')
    if not bare or len(bare.encode()) > 200:
        raise NotDone("documents.bad_name")
    if Path(bare).suffix.lower() not in SUFFIXES:
        raise NotDone("documents.bad_format")
    return bare


async def upload(office: Office, who: Viewer, name: str, content: bytes, *, home: Path) -> str:
    """Keep an uploaded file and give its edition's id; `read` reads it. Raises NotDone."""
    who.require(Right.PUBLISH)
    bare = safe_name(name)
    if not content or len(content) > LARGEST:
        raise NotDone("documents.empty" if not content else "documents.too_large")
    identity, at = office.ids.new(), office.clock.now()
    file = place_of(home, identity, bare)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(content)
    async with office.database.write() as connection:
        await editions.add(connection, identity=identity, file=bare, size=len(content), by=who.id, at=at)
        await staff.audit(connection, who, "uploaded a document", at, detail={"edition": identity, "file": bare})
    return identity


async def read(office: Office, library: Library, identity: str, file: Path) -> None:
    """Read an uploaded file, and keep what was understood or why it can't be; a failure is kept as well."""
    try:
        await _read_and_keep(office, library, identity, file)
    except Exception as error:
        # A fault of ours, or a full disk: whoever uploaded the file must not wait for a page that never comes.
        log.exception("document.not_read", extra={"edition": identity})
        told = f"{type(error).__name__}: this file could not be read; the server's log says why. Try another format."
        async with office.database.write() as connection:
            await editions.refuse(connection, identity, told, office.clock.now())


async def _read_and_keep(office: Office, library: Library, identity: str, file: Path) -> None:
    at = office.clock.now()
    try:
        understood = await library.read(file)
    except KnowledgeError as error:
        told = str(error) if isinstance(error, Unreadable) else f"manifest: {error}"
        async with office.database.write() as connection:
            await editions.refuse(connection, identity, told, at)
        return
    document, clauses = to_rows(
        understood.document,
        understood.clauses,
        digest=understood.digest,
        folder="",
        form=understood.form,
        warnings=understood.warnings,
        at=at,
    )
    pages = [clause.page for clause in understood.clauses]
    async with office.database.write() as connection:
        await editions.keep_read(connection, identity, document, clauses, at, pages=pages)
    log.info("document.read", extra={"edition": identity, "clauses": len(clauses)})


async def show(office: Office, library: Library, who: Viewer, identity: str) -> Draft:
    """Give an edition with what is odd about it and what it changes. Raises NotDone for none."""
    who.require(Right.DOCUMENTS)
    async with office.database.read() as connection:
        found = await editions.one(connection, identity)
    if found is None:
        raise NotDone("documents.no_edition")
    edition, told = found
    if edition.document is None:
        return Draft(edition, None, (), (), (), frozenset(), (), None)
    document, today = to_document(edition.document), office.clock.today()
    clauses = tuple(_clause(one) for one in told)
    now = next((one for one in entries(library, today) if one.kept.read.id == document.id), None)
    before = {(one.label, one.text, one.rows) for one in now.kept.clauses} if now else set()
    after = {(one.label, one.text, one.rows) for one in clauses}
    own = tuple(map(to_warning, edition.document.warnings))
    return Draft(
        edition=edition,
        document=document,
        clauses=clauses,
        warnings=(*own, *_between(library, document, clauses, today)),
        relations=document.relations,
        added=frozenset(label for label, *_ in after - before) if now else frozenset(),
        removed=tuple(one.label for one in now.kept.clauses if (one.label, one.text, one.rows) not in after)
        if now
        else (),
        replaces=now,
    )


async def activate(
    office: Office,
    library: Library,
    who: Viewer,
    identity: str,
    *,
    by: str,
    values: Mapping[str, str] | None = None,
) -> int:
    """Let an edition answer from now on and give its document's number; the one before is kept to be brought back.

    `values` are the fields as a person has read them over: what differs from the file counts as their correction.
    Raises NotDone, and BadCorrection for a value that is none.
    """
    who.require(Right.PUBLISH)
    at = office.clock.now()
    async with office.database.read() as connection:
        found = await editions.one(connection, identity)
    if found is None or found[0].document is None:
        raise NotDone("documents.not_to_activate")
    read = to_document(found[0].document)
    steps = []
    for field, said in (values or {}).items():
        value = read_value(field, said.strip() or "none")
        if field in FIELDS and value != shown(read, field):
            steps.append(Correction(Action.SET, by, at, field, value, shown(read, field)))
    try:
        async with office.database.write() as connection:
            before = await editions.activate(connection, identity, at, spare=office.ids.new())
            for step in steps:
                await add_correction(connection, from_correction(read.id, step))
            detail = {"edition": identity, "before": before or ""}
            await staff.audit(connection, who, "put a document in force", at, detail=detail)
    except Conflict as error:
        raise NotDone("documents.not_to_activate") from error
    await library.refresh()
    number = library.shelf.numbers[read.id]
    if values is not None:
        await register.confirm(library, number, by, at)
    return number


async def discard(office: Office, who: Viewer, identity: str) -> None:
    """Put an edition that answers nothing aside. Raises NotDone for any other."""
    who.require(Right.PUBLISH)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await editions.discard(connection, identity, at)
            await staff.audit(connection, who, "discarded a document", at, detail={"edition": identity})
    except Conflict as error:
        raise NotDone("documents.not_to_discard") from error


async def state(office: Office, who: Viewer, identity: str) -> EditionState:
    """Tell where an edition stands. Raises NotDone for none."""
    who.require(Right.DOCUMENTS)
    async with office.database.read() as connection:
        found = await editions.state(connection, identity)
    if found is None:
        raise NotDone("documents.no_edition")
    return found


async def file_of(office: Office, who: Viewer, identity: str, *, home: Path) -> Path:
    """Give where the file of an edition is. Raises NotDone for one that was never uploaded, or is gone."""
    who.require(Right.DOCUMENTS)
    async with office.database.read() as connection:
        found = await editions.file_name(connection, identity)
    path = place_of(home, identity, found or "")
    if found is None or not path.is_file():
        raise NotDone("documents.no_file")
    return path


async def uploads(office: Office, who: Viewer, limit: int = 20) -> list[Edition]:
    """Give the newest uploads that are not settled yet: being read, read, or refused."""
    who.require(Right.DOCUMENTS)
    states = (EditionState.READING, EditionState.READ, EditionState.REFUSED)
    async with office.database.read() as connection:
        return await editions.newest(connection, limit, states)


async def history(office: Office, who: Viewer, document: str) -> list[Edition]:
    """Give the editions of a document, the newest first."""
    who.require(Right.DOCUMENTS)
    async with office.database.read() as connection:
        return await editions.of_document(connection, document)


def _between(library: Library, document: Document, clauses: Sequence[Clause], today: date) -> list[FileWarning]:
    """Give what shows only beside the other files, as if this one were in force."""
    index = library.shelf.index
    others = [one for one in index.documents if one.id != document.id]
    told = {one.id: list(index.clauses_of(one.id)) for one in others} | {document.id: list(clauses)}
    return of_library(Register([*others, document], told), told, today)[document.id]


def _clause(told: dict[str, Any]) -> Clause:
    clause = to_clause(ClauseRow(**{name: told[name] for name in ClauseRow.__dataclass_fields__}))
    return replace(clause, page=told.get("page"))
