"""The county's public documents for readers: what is there on a day, one of them clause by clause, where a quote is.

A clause reads as it applies on the day, with what changed it named; personal data in it is masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from handlers.dialogue import Source
from knowledge.citing import with_units
from knowledge.documents import Clause, Document, Visibility
from knowledge.personal_data import mask, mask_rows
from knowledge.search import PASSAGES
from knowledge.validity import Standing, Status

if TYPE_CHECKING:
    from knowledge.search import Hit, Index

FOUND = 30  # clauses looked at for a reader's words
CLAUSES_SHOWN = 3  # of one document in a list


class Shelves(Protocol):
    """What readers need of the library (`handlers.library.Library`)."""

    @property
    def documents(self) -> Sequence[Document]: ...

    @property
    def searchable(self) -> Index: ...

    def search(self, question: str, *, on: date, k: int = 10, history: Sequence[str] = ()) -> list[Hit]: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in a list: how it stands on the day, its last day with extensions, clauses with a reader's words."""

    document: Document
    standing: Standing
    last_day: date | None
    clauses: tuple[tuple[int, str], ...] = ()  # position and label

    @property
    def in_force(self) -> bool:
        return self.standing.status is Status.IN_FORCE


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause for reading. `headings` are those that begin with it, outermost first, each with its level from 0."""

    position: int
    label: str
    headings: tuple[tuple[int, str], ...]
    lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    changed_by: tuple[str, ...] = ()
    status: Status = Status.IN_FORCE


@dataclass(frozen=True, slots=True)
class Reading:
    """A document clause by clause, as it reads on a day."""

    listed: Listed
    passages: tuple[Passage, ...]


def documents_on(shelves: Shelves, on: date, words: str = "") -> list[Listed]:
    """List the public documents, those in force first, the newest first; with words, those that hold them.

    Documents whose title or number has the words stand before those whose clauses fit best.
    """
    public = [document for document in shelves.documents if _is_public(document)]
    if not words.strip():
        listed = [_listed(shelves, document, on) for document in public]
        return sorted(listed, key=lambda one: (one.in_force, _day_of(one.document), one.document.id), reverse=True)
    wanted = words.casefold().strip()
    named = [d for d in public if wanted in d.title.casefold() or wanted in (d.doc_no or "").casefold()]
    held: dict[str, list[tuple[int, str]]] = {document.id: [] for document in named}
    for hit in shelves.search(words, on=on, k=FOUND):
        if _is_public(hit.document):
            held.setdefault(hit.document.id, []).append((hit.clause.position, hit.clause.label))
    by_id = {document.id: document for document in public}
    return [_listed(shelves, by_id[identity], on, clauses) for identity, clauses in held.items() if identity in by_id]


def read(shelves: Shelves, identity: str, on: date) -> Reading | None:
    """Give a public document as it reads on a day; None if there is none of this id."""
    document = next((one for one in shelves.documents if one.id == identity and _is_public(one)), None)
    if document is None:
        return None
    register = shelves.searchable.register
    passages: list[Passage] = []
    above: tuple[str, ...] = ()
    for clause in shelves.searchable.clauses_of(document.id):
        now, amended_by = register.as_amended(clause, on)
        path = _headings(clause)
        shared = next(
            (i for i, (a, b) in enumerate(zip(above, path, strict=False)) if a != b), min(len(above), len(path))
        )
        passages.append(
            Passage(
                position=clause.position,
                label=clause.label,
                headings=tuple(enumerate(path))[shared:],
                lines=tuple(line for line in mask(now.text).split("\n") if line.strip()),
                rows=with_units(mask_rows(now.rows)) if now.rows else (),
                changed_by=tuple(f"《{source.title.strip('《》')}》" for _, source in amended_by),
                status=register.standing(document, on, clause).status,
            )
        )
        above = path
    return Reading(_listed(shelves, document, on), tuple(passages))


def place_of(shelves: Shelves, source: Source) -> tuple[str, int] | None:
    """Find where a quotation stands: the id of its public document, and the clause's position in it."""
    document = next((one for one in shelves.documents if one.file == source.file and _is_public(one)), None)
    if document is None:
        return None
    clauses = shelves.searchable.clauses_of(document.id)
    position = next((clause.position for clause in clauses if clause.label == source.clause), 0)
    return document.id, position


def _listed(shelves: Shelves, document: Document, on: date, clauses: Sequence[tuple[int, str]] = ()) -> Listed:
    register = shelves.searchable.register
    last = register.last_day(document, on)
    return Listed(document, register.standing(document, on), last, tuple(clauses[:CLAUSES_SHOWN]))


def _is_public(document: Document) -> bool:
    return document.visibility is Visibility.PUBLIC and document.kind != PASSAGES


def _day_of(document: Document) -> date:
    return document.effective or document.published or date.min


def _headings(clause: Clause) -> tuple[str, ...]:
    """Give the headings above a clause; its own article or item begins its text already."""
    return tuple(heading for heading in clause.path if not clause.text.startswith(heading))
