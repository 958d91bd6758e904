"""The register of documents as staff see and correct it: standing, relations both ways, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from handlers.library import Library
from handlers.shelf import Kept
from handlers.texts import Texts
from knowledge.corrections import (
    FIELDS,
    Action,
    BadCorrection,
    Correction,
    outdated,
    read_value,
    relation_of,
    shown,
)
from knowledge.documents import Document, Relation, RelationKind
from knowledge.validity import Standing, Status
from knowledge.warnings import FileWarning, name, of_library, warn

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the register on a day.

    `standing` is in_force, not_yet, lapsed, repealed or withdrawn; `by` brought it about. `last_day` is
    the one in force with extensions. `implied` are relations its text does not state (a later file of
    one title); `done_to_it` are the other files' relations to it.
    """

    number: int
    kept: Kept
    standing: str
    by: Document | None
    last_day: date | None
    warnings: tuple[FileWarning, ...]
    implied: tuple[Relation, ...]
    done_to_it: tuple[tuple[Document, Relation], ...]

    @property
    def document(self) -> Document:
        return self.kept.document

    @property
    def tables(self) -> int:
        return sum(bool(clause.rows) for clause in self.kept.clauses)

    @property
    def confirmed(self) -> Correction | None:
        """Give who confirmed this content; a confirmation of another content is none."""
        step = self.kept.corrected.confirmed
        return step if step is not None and step.digest == self.kept.mark else None


def entries(library: Library, on: date) -> list[Entry]:
    """Give the whole register on a day, by number."""
    shelf, register = library.shelf, library.shelf.index.register
    clauses = {document.id: shelf.index.clauses_of(document.id) for document in shelf.index.documents}
    between = of_library(register, clauses, on)
    found = []
    for identity, kept in shelf.kept.items():
        document = kept.document
        gone = kept.corrected.withdrawn is not None
        standing = Standing(Status.IN_FORCE) if gone else register.standing(document, on)
        warnings = [*kept.warnings, *between.get(identity, ())]
        warnings += [
            warn("outdated_correction", field=field, was=step.value or "–", now=now or "–")
            for field, step, now in outdated(kept.read, kept.corrected.fields)
        ]
        found.append(
            Entry(
                number=shelf.numbers.get(identity, 0),
                kept=kept,
                standing=WITHDRAWN if gone else standing.status.value,
                by=standing.by,
                last_day=document.expires if gone else register.last_day(document, on),
                warnings=tuple(warnings),
                implied=() if gone else tuple(register.edition(document)),
                done_to_it=() if gone else tuple(register.sources(document)),
            )
        )
    return sorted(found, key=lambda entry: entry.number)


def entry_of(library: Library, number: int, on: date) -> Entry:
    """Give one document's entry. Raises BadCorrection for a number that no document here has."""
    found = next((entry for entry in entries(library, on) if entry.number == number), None)
    if found is None:
        raise BadCorrection(f"there is no document {number}; see 'laoxiang documents'")
    return found


async def set_value(library: Library, number: int, field: str, said: str, by: str, at: datetime) -> None:
    """Put one value right; "none" for a value the document does not have. Raises BadCorrection."""
    kept = _kept(library, number)
    if field not in FIELDS:
        raise BadCorrection(f"{field!r} is none of {', '.join(FIELDS)}")
    value = read_value(field, said)
    step = Correction(Action.SET, by, at, field, value, shown(kept.read, field))
    await library.correct(kept.read.id, [step])


async def reset_value(library: Library, number: int, field: str, by: str, at: datetime) -> None:
    """Let a value be again what the file says. Raises BadCorrection."""
    kept = _kept(library, number)
    if field not in kept.corrected.fields:
        raise BadCorrection(f"{field} of document {number} is not corrected; nothing to reset")
    await library.correct(kept.read.id, [Correction(Action.RESET, by, at, field)])


async def withdraw(library: Library, number: int, by: str, at: datetime, *, restore: bool = False) -> None:
    """Take a document out of every answer, or bring it back. Raises BadCorrection where it is so already."""
    kept = _kept(library, number)
    if (kept.corrected.withdrawn is None) == restore:
        raise BadCorrection(f"document {number} is {'not ' if restore else 'already '}withdrawn")
    await library.correct(kept.read.id, [Correction(Action.RESTORE if restore else Action.WITHDRAW, by, at)])


async def confirm(library: Library, number: int, by: str, at: datetime) -> None:
    """Record that a person has read what was understood of this content."""
    kept = _kept(library, number)
    await library.correct(kept.read.id, [Correction(Action.CONFIRM, by, at, digest=kept.mark)])


async def relate(
    library: Library,
    number: int,
    kind: str,
    target: str,
    by: str,
    at: datetime,
    *,
    clause: str | None = None,
    day: date | None = None,
) -> tuple[Relation, list[Document]]:
    """Add a relation, and give it with the documents here that it reaches.

    `target` is a number in the register, a title, or a document number. Raises BadCorrection.
    """
    kept = _kept(library, number)
    if target.isdigit():
        meant = _kept(library, int(target)).document
        relation = relation_of(kind, meant.doc_no or meant.title, clause, day)
    else:
        relation = relation_of(kind, target, clause, day)
    await library.correct(kept.read.id, [Correction(Action.ADD_RELATION, by, at, relation=relation)])
    document = _kept(library, number).document
    [added] = [stands for stands in document.relations if stands == relation]
    return added, library.shelf.index.register.targets(document, added)


async def unrelate(library: Library, number: int, place: int, by: str, at: datetime) -> Relation:
    """Strike the relation at a place (from 1) of a document's list, and give it. Raises BadCorrection."""
    kept = _kept(library, number)
    relations = kept.document.relations
    if not 1 <= place <= len(relations):
        raise BadCorrection(f"document {number} has {len(relations)} relations; there is no relation {place}")
    relation = relations[place - 1]
    await library.correct(kept.read.id, [Correction(Action.REMOVE_RELATION, by, at, relation=relation)])
    return relation


def _kept(library: Library, number: int) -> Kept:
    for identity, known in library.shelf.numbers.items():
        if known == number and identity in library.shelf.kept:
            return library.shelf.kept[identity]
    raise BadCorrection(f"there is no document {number}; see 'laoxiang documents'")


def relation_in_words(relation: Relation, texts: Texts, language: str) -> str:
    """Say what a document does: "废止《甲办法》(某政发〔2020〕1号)第三条,自2025-01-01起"."""
    return texts(f"relation.{relation.kind.value}", language, target=_target(relation, texts, language)) + _when(
        relation, texts, language
    )


def relation_to_it_in_words(source: Document, relation: Relation, texts: Texts, language: str) -> str:
    """Say what another document does to this one."""
    part = relation.clause or texts("relation_part.whole", language)
    key = f"relation_to_it.{relation.kind.value}"
    return texts(key, language, source=name(source), part=part) + _when(relation, texts, language)


def warning_in_words(warning: FileWarning, texts: Texts, language: str) -> str:
    """Say what to look at and why."""
    values = dict(warning.values)
    if "kind" in values:
        values["kind"] = texts(f"relation_name.{values['kind']}", language)
    if "field" in values:
        values["field"] = texts(f"document_field.{values['field']}", language)
    told = texts(f"warning.{warning.code}", language, **values)
    return f"{warning.clause}: {told}" if warning.clause else told


def _target(relation: Relation, texts: Texts, language: str) -> str:
    if relation.title is None and relation.doc_no is None:
        return texts("relation_part.unnamed", language)
    named = f"《{relation.title}》" if relation.title else ""
    number = f"({relation.doc_no})" if named and relation.doc_no else relation.doc_no or ""
    return named + number + (f" {relation.clause}" if relation.clause else "")


def _when(relation: Relation, texts: Texts, language: str) -> str:
    if relation.kind is RelationKind.EXTENDS and relation.months:
        return texts("relation_part.months", language, months=relation.months)
    day = relation.until if relation.kind is RelationKind.EXTENDS else relation.since
    if day is None:
        return ""
    key = "relation_part.until" if relation.kind is RelationKind.EXTENDS else "relation_part.since"
    return texts(key, language, day=day.isoformat())


def kind_in_words(kind: str, texts: Texts, language: str) -> str:
    """Name a kind of text; a manifest may give one that no catalogue knows."""
    key = f"document_kind.{kind}"
    return texts(key, language) if texts.has(key) else kind


def history(entry: Entry) -> Sequence[Correction]:
    """Give the corrections that count in a document now, by time."""
    corrected = entry.kept.corrected
    steps = [*corrected.fields.values(), *corrected.added.values(), *corrected.removed.values()]
    steps += [step for step in (corrected.withdrawn, corrected.confirmed) if step is not None]
    return sorted(steps, key=lambda step: step.at)
