"""What the register commands print: a list of documents, and all of one; as tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from handlers.register import (
    history,
    kind_in_words,
    relation_in_words,
    relation_to_it_in_words,
    warning_in_words,
)
from handlers.rows import from_relation
from knowledge.corrections import FIELDS, Correction, shown
from knowledge.warnings import name

if TYPE_CHECKING:
    from handlers.desk import Office
    from handlers.register import Entry
    from knowledge.documents import Relation
    from knowledge.warnings import FileWarning

STANDING_STYLE = {"in_force": "green", "not_yet": "cyan", "lapsed": "yellow", "repealed": "red", "withdrawn": "dim"}


class Words:
    """The office's language for what staff read."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def __call__(self, key: str, **params: object) -> str:
        return self._office.texts(key, self._office.language, **params)

    def relation(self, relation: Relation) -> str:
        return relation_in_words(relation, self._office.texts, self._office.language)

    def done_to_it(self, entry: Entry) -> list[str]:
        return [
            relation_to_it_in_words(source, relation, self._office.texts, self._office.language)
            for source, relation in entry.done_to_it
        ]

    def warning(self, warning: FileWarning) -> str:
        return warning_in_words(warning, self._office.texts, self._office.language)

    def kind(self, kind: str) -> str:
        return kind_in_words(kind, self._office.texts, self._office.language)

    def standing(self, entry: Entry) -> str:
        return self(f"document_standing.{entry.standing}")

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self._office.county.zone):%Y-%m-%d}"


def show_list(entries: Sequence[Entry], office: Office) -> None:
    """Print a row for every document."""
    words, console = Words(office), Console()
    if not entries:
        console.print(words("register.empty"))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(words("register.number"), justify="right", no_wrap=True)
    table.add_column(words("register.standing"), no_wrap=True)
    table.add_column(words("register.document"), overflow="fold", ratio=1)
    table.add_column(words("register.days"), no_wrap=True)
    table.add_column(words("register.visibility"), no_wrap=True)
    table.add_column(words("register.warnings"), justify="right", no_wrap=True)
    for entry in entries:
        document = entry.document
        mark = "" if entry.confirmed else " ?"
        table.add_row(
            f"{entry.number}{mark}",
            Text(words.standing(entry), STANDING_STYLE.get(entry.standing, "")),
            Text("\n".join(part for part in (document.title, document.doc_no) if part)),
            "\n".join(_iso(day) or "–" for day in (document.published, document.effective, entry.last_day)),
            words(f"document_visibility.{document.visibility.value}"),
            Text(str(len(entry.warnings)), "yellow") if entry.warnings else "",
        )
    console.print(table)
    unconfirmed = next((entry.number for entry in entries if entry.confirmed is None), None)
    if unconfirmed is not None:
        console.print(Text("? " + words("register.unconfirmed", number="N"), "dim"), soft_wrap=True)


def show_entry(entry: Entry, office: Office) -> None:
    """Print all of one document."""
    words, console = Words(office), Console()
    document, corrected = entry.document, entry.kept.corrected
    console.print(Text(f"{entry.number}  {name(document)}", "bold"), soft_wrap=True)
    standing = Text(words.standing(entry), STANDING_STYLE.get(entry.standing, ""))
    if entry.by is not None:
        standing.append("  " + words("register.by", source=name(entry.by)), "default")
    console.print(standing, soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    for field in FIELDS:
        value = Text(_value_in_words(words, entry, field))
        if step := corrected.fields.get(field):
            value.append("  " + _corrected(words, step), "yellow")
        table.add_row(words(f"document_field.{field}"), value)
    if entry.last_day != document.expires:
        table.add_row("", f"→ {_iso(entry.last_day)}")
    table.add_row(words("register.document"), Text(document.file))
    console.print(table)
    console.print(words("register.contents", clauses=len(entry.kept.clauses), tables=entry.tables))
    console.print(Text(_confirmation(words, entry), "dim"), soft_wrap=True)
    if corrected.withdrawn is not None:
        console.print(Text(_stamped(words, "register.withdrawn", corrected.withdrawn), "yellow"), soft_wrap=True)
    _list(
        console, words("register.relations"), [_own_relation(words, entry, r) for r in document.relations], "numbered"
    )
    implied = [f"{words.relation(relation)}  {words('register.implied')}" for relation in entry.implied]
    _list(console, "", implied, "dim")
    struck = [
        f"{words.relation(relation)}  {_stamped(words, 'register.struck', step)}"
        for relation, step in corrected.removed.items()
    ]
    _list(console, "", struck, "dim")
    _list(console, words("register.done_to_it"), words.done_to_it(entry), "")
    _list(console, words("register.warnings"), [words.warning(warning) for warning in entry.warnings], "yellow")
    console.print(Text(words("register.clauses"), "bold"))
    for clause in entry.kept.clauses:
        first = " ".join(clause.text.split())[:60] or " | ".join(clause.rows[0])[:60]
        console.print(Text.assemble((f"  {clause.label}  ", "cyan"), first), soft_wrap=True)


def listed_as_json(entries: Sequence[Entry], office: Office) -> str:
    """Give the list as one JSON array."""
    return json.dumps([summary(entry, Words(office)) for entry in entries], ensure_ascii=False)


def entry_as_json(entry: Entry, office: Office) -> str:
    """Give all of one document as one JSON object."""
    words = Words(office)
    clauses = [
        {"id": c.id, "label": c.label, "path": list(c.path), "text": c.text, "rows": [list(row) for row in c.rows]}
        for c in entry.kept.clauses
    ]
    steps = [
        {
            "action": step.action.value,
            "field": step.field or None,
            "value": step.value,
            "was": step.was,
            "relation": from_relation(step.relation) if step.relation else None,
            "by": step.by,
            "at": step.at.isoformat(),
        }
        for step in history(entry)
    ]
    return json.dumps({**summary(entry, words), "corrections": steps, "clauses": clauses}, ensure_ascii=False)


def summary(entry: Entry, words: Words) -> dict[str, Any]:
    """Give what a list shows of a document, for JSON; "corrected" names the fields a person changed."""
    document = entry.document
    return {
        "number": entry.number,
        "file": document.file,
        "title": document.title,
        "doc_no": document.doc_no,
        "issuer": document.issuer,
        "kind": document.kind,
        "standing": entry.standing,
        "by": name(entry.by) if entry.by else None,
        "published": _iso(document.published),
        "effective": _iso(document.effective),
        "expires": _iso(document.expires),
        "last_day": _iso(entry.last_day),
        "visibility": document.visibility.value,
        "clauses": len(entry.kept.clauses),
        "tables": entry.tables,
        "confirmed": entry.confirmed.by if entry.confirmed else None,
        "corrected": sorted(entry.kept.corrected.fields),
        "relations": [
            {**from_relation(relation), "by_hand": relation.by_hand, "words": words.relation(relation)}
            for relation in document.relations
        ],
        "implied": [words.relation(relation) for relation in entry.implied],
        "done_to_it": [
            {**from_relation(relation), "source": name(source), "words": told}
            for (source, relation), told in zip(entry.done_to_it, words.done_to_it(entry), strict=True)
        ],
        "warnings": [warning_as_json(warning, words) for warning in entry.warnings],
    }


def warning_as_json(warning: FileWarning, words: Words) -> dict[str, Any]:
    """Give a warning with its code, its facts and its words."""
    return {
        "code": warning.code,
        "clause": warning.clause or None,
        **({"facts": warning.values} if warning.facts else {}),
        "message": words.warning(warning),
    }


def _list(console: Console, heading: str, lines: Sequence[str], style: str) -> None:
    if not lines:
        return
    if heading:
        console.print(Text(heading, "bold"))
    for number, line in enumerate(lines, 1):
        mark = f"{number}." if style == "numbered" else "-"
        console.print(Text(f"  {mark} {line}", "" if style == "numbered" else style), soft_wrap=True)


def _own_relation(words: Words, entry: Entry, relation: Relation) -> str:
    step = entry.kept.corrected.added.get(relation)
    told = words.relation(relation)
    return f"{told}  {_stamped(words, 'register.by_hand', step)}" if step else told


def _value_in_words(words: Words, entry: Entry, field: str) -> str:
    value = shown(entry.document, field)
    if value is None:
        return words("register.none")
    if field == "kind":
        return words.kind(value)
    return words(f"document_visibility.{value}") if field == "visibility" else value


def _corrected(words: Words, step: Correction) -> str:
    return words("register.corrected", by=step.by, day=words.day(step.at), was=step.was or words("register.none"))


def _stamped(words: Words, key: str, step: Correction) -> str:
    return words(key, by=step.by, day=words.day(step.at))


def _confirmation(words: Words, entry: Entry) -> str:
    if entry.confirmed is not None:
        return _stamped(words, "register.confirmed", entry.confirmed)
    earlier = entry.kept.corrected.confirmed
    if earlier is not None:
        return _stamped(words, "register.confirmed_earlier", earlier)
    return words("register.unconfirmed", number=entry.number)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
