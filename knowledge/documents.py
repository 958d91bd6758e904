"""Document, Clause and the relations between documents: the records everything else in knowledge/ reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Visibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"  # never shown to the public, never evidence for them


class RelationKind(StrEnum):
    REPEALS = "repeals"
    CORRECTS = "corrects"
    SUPPLEMENTS = "supplements"
    IMPLEMENTS = "implements"
    INTERPRETS = "interprets"


@dataclass(frozen=True, slots=True)
class Relation:
    """What one document does to another, as its own text says.

    The target is named as the text names it: by title, by document number, or both.
    `clause` limits a correction or repeal to one article of the target ("第七条"). `since` is
    the day it counts from where the text gives one; a correction may work back.
    """

    kind: RelationKind
    title: str | None = None
    doc_no: str | None = None
    clause: str | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the county. Days are county days; `expires` is the last day in force.

    `kind` is the file's own kind of text: measures, notice, correction, supplement, interpretation,
    faq, list, event, leaflet, news, other. `office` is the office the text names as in charge.
    """

    id: str
    file: str
    title: str
    kind: str = "other"
    doc_no: str | None = None
    issuer: str | None = None
    office: str | None = None
    published: date | None = None
    effective: date | None = None
    expires: date | None = None
    visibility: Visibility = Visibility.PUBLIC
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """An article, paragraph, item or table of a document, with the label people cite.

    `path` leads from the highest heading to the clause ("第三章 产业扶持", "第十二条", "(二)").
    `label` is the citable short form ("第十二条第(二)项", "附件1 表1"). `rows` holds a table, header first.
    `page` (from 1) and `sheet` tell where in the file it begins, where the format has pages or sheets.
    """

    id: str
    document: str
    position: int
    path: tuple[str, ...]
    label: str
    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    page: int | None = None
    sheet: str | None = None
