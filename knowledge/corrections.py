"""What people put right in the register: values, relations, withdrawal. It beats the manifest, which beats the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from knowledge.days import day_in
from knowledge.documents import KINDS, Document, Relation, RelationKind, Visibility
from knowledge.errors import KnowledgeError

FIELDS = ("title", "doc_no", "issuer", "kind", "published", "effective", "expires", "visibility")
DAYS = ("published", "effective", "expires")
MAY_BE_EMPTY = ("doc_no", "issuer", *DAYS)


class Action(StrEnum):
    SET = "set"  # `field` is `value`; None for "has none"
    RESET = "reset"  # back to what the file says
    ADD_RELATION = "add_relation"
    REMOVE_RELATION = "remove_relation"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    CONFIRM = "confirm"  # a person has read what was understood of this very content


class BadCorrection(KnowledgeError):
    """A correction that can't be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One step a person took, oldest first in every list. `was` is what stood there before, in words."""

    action: Action
    by: str
    at: datetime
    field: str = ""
    value: str | None = None
    was: str | None = None
    relation: Relation | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A document as it counts, beside what a person changed in it."""

    document: Document
    fields: dict[str, Correction]
    added: dict[Relation, Correction]
    removed: dict[Relation, Correction]
    withdrawn: Correction | None = None
    confirmed: Correction | None = None


def correct(document: Document, corrections: Iterable[Correction]) -> Corrected:
    """Apply corrections to a document as read; the last word on each thing counts, whatever was re-read meanwhile."""
    fields: dict[str, Correction] = {}
    added: dict[Relation, Correction] = {}
    removed: dict[Relation, Correction] = {}
    withdrawn = confirmed = None
    for step in corrections:
        relation = step.relation
        if step.action is Action.SET:
            fields[step.field] = step
        elif step.action is Action.RESET:
            fields.pop(step.field, None)
        elif step.action is Action.ADD_RELATION and relation is not None:
            removed.pop(relation, None)
            if relation not in document.relations:
                added[relation] = step
        elif step.action is Action.REMOVE_RELATION and relation is not None:
            added.pop(relation, None)
            removed[relation] = step
        elif step.action in (Action.WITHDRAW, Action.RESTORE):
            withdrawn = step if step.action is Action.WITHDRAW else None
        elif step.action is Action.CONFIRM:
            confirmed = step
    kept = tuple(relation for relation in document.relations if relation not in removed)
    relations = (*kept, *(replace(relation, by_hand=True) for relation in added))
    values: dict[str, Any] = {name: _value(name, step.value) for name, step in fields.items()}
    document = replace(document, **values)
    if document.effective is None and document.published is not None and "effective" not in fields:
        document = replace(document, effective=document.published)
    return Corrected(replace(document, relations=relations), fields, added, removed, withdrawn, confirmed)


def read_value(field: str, said: str) -> str | None:
    """Read what a person typed for a field, as it is stored; "none" empties it. Raises BadCorrection."""
    words = said.strip()
    if words.lower() in ("none", "-", "无"):
        if field not in MAY_BE_EMPTY:
            raise BadCorrection(f"{field} can't be empty; 'reset {field}' goes back to what the file says")
        return None
    if field in DAYS:
        day = day_in(words)
        if day is None:
            raise BadCorrection(f"{field} {said!r} is not a day like 2027-12-31; 'none' if it has none")
        return day.isoformat()
    if field == "visibility" and words not in list(Visibility):
        raise BadCorrection(f"visibility {said!r} is neither 'public' nor 'internal'")
    if field == "kind" and words not in KINDS:
        raise BadCorrection(f"kind {said!r} is none of {', '.join(KINDS)}")
    if not words:
        raise BadCorrection(f"{field}: nothing given; 'none' empties it")
    return words


def shown(document: Document, field: str) -> str | None:
    """Give a field's value in words, as a correction stores it."""
    value = getattr(document, field)
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def outdated(read: Document, fields: dict[str, Correction]) -> Sequence[tuple[str, Correction, str | None]]:
    """Give the corrected fields of which a newer version of the file says something else than the one corrected did."""
    return [
        (name, step, shown(read, name))
        for name, step in fields.items()
        if shown(read, name) not in (step.was, step.value)
    ]


def relation_of(kind: str, target: str, clause: str | None = None, day: date | None = None) -> Relation:
    """Make the relation a person names; `target` is a number ("望政发〔2020〕6号") or a title. Raises BadCorrection."""
    try:
        named = RelationKind(kind)
    except ValueError:
        raise BadCorrection(f"{kind!r} is none of {', '.join(RelationKind)}") from None
    from knowledge.metadata import DOC_NO, canonical_number

    words = target.strip().strip("《》")
    if not words:
        raise BadCorrection("name the file by its title or number")
    number = canonical_number(words) if DOC_NO.fullmatch(words.replace(" ", "")) else None
    if named is RelationKind.EXTENDS:
        if day is None:
            raise BadCorrection("an extension needs its new last day: --day 2027-12-31")
        return Relation(named, None if number else words, number, clause, until=day)
    return Relation(named, None if number else words, number, clause, since=day)


def _value(field: str, stored: str | None) -> object:
    if stored is None:
        return None
    if field in DAYS:
        return date.fromisoformat(stored)
    return Visibility(stored) if field == "visibility" else stored
