"""The register of documents: what is in force, one document with all that is known of it, and every correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import ConsoleRoute, Member, Staff, back_to, console_page, why_in_words
from bot.console.bounds import day_of
from bot.web.pages import view_for
from handlers import document_desk, register_desk
from handlers.register import (
    Entry,
    entries,
    entry_of,
    history,
    kind_in_words,
    relation_in_words,
    relation_to_it_in_words,
    warning_in_words,
)
from handlers.registry_desk import NotDone
from handlers.texts import Texts
from knowledge.corrections import FIELDS, BadCorrection, shown
from knowledge.documents import KINDS, Relation, RelationKind
from knowledge.warnings import FileWarning
from storage.staff import Right

router = APIRouter(route_class=ConsoleRoute)

STANDINGS = ("in_force", "not_yet", "lapsed", "repealed", "withdrawn")
Text = Annotated[str, Form()]


class Words:
    """The register's words in the language of a page."""

    def __init__(self, request: Request, texts: Texts) -> None:
        self._texts, self._language = texts, view_for(request).language

    def relation(self, relation: Relation) -> str:
        return relation_in_words(relation, self._texts, self._language)

    def done_to_it(self, entry: Entry) -> list[str]:
        return [relation_to_it_in_words(*one, self._texts, self._language) for one in entry.done_to_it]

    def warning(self, warning: FileWarning) -> str:
        return warning_in_words(warning, self._texts, self._language)

    def kind(self, kind: str) -> str:
        return kind_in_words(kind, self._texts, self._language)


@router.get("/documents")
async def documents(request: Request, staff: Staff, standing: str = "", q: str = "") -> Response:
    """List the register, what needs a look first, with the uploads that are not settled."""
    return await register_page(request, staff, standing, q)


async def register_page(
    request: Request,
    staff: Member,
    standing: str = "",
    q: str = "",
    *,
    refused: Sequence[tuple[str, str]] = (),
    taken: int = 0,
) -> Response:
    """Draw the register; `refused` are files of an upload that were not taken, by name and why, `taken` the others."""
    staff.viewer.require(Right.DOCUMENTS)
    site = staff.site
    everything = entries(site.library, site.desk.clock.today())
    counts = {name: sum(one.standing == name for one in everything) for name in STANDINGS}
    wanted = [one for one in everything if standing in ("", one.standing) and _fits(one, q)]
    wanted.sort(key=lambda one: (one.confirmed is not None, not one.warnings, -one.number))
    return console_page(
        request,
        "console_documents.html",
        status=422 if refused else 200,
        refused=refused,
        taken=taken,
        entries=wanted,
        counts=counts,
        total=len(everything),
        standing=standing,
        q=q,
        uploads=await document_desk.uploads(site.desk, staff.viewer),
        words=Words(request, site.desk.texts),
        may_publish=staff.may(Right.PUBLISH),
        suffixes=",".join(sorted(document_desk.SUFFIXES)),
    )


@router.get("/documents/{number:int}")
async def document(request: Request, staff: Staff, number: int) -> Response:
    """Show all of one document."""
    return await _document(request, staff, number)


@router.post("/documents/{number:int}/set")
async def set_value(request: Request, staff: Staff, number: int, field: Text = "", value: Text = "") -> Response:
    """Put one value right."""
    site = staff.site
    try:
        await register_desk.set_value(
            site.desk, site.library, staff.viewer, number, field, value.strip() or "none", by=staff.login
        )
    except BadCorrection:
        problem = why_in_words(request, NotDone("documents.bad_value"))
        return await _document(request, staff, number, problem, {field: value} if field in FIELDS else {})
    return back_to(f"/documents/{number}", "corrected")


@router.post("/documents/{number:int}/reset")
async def reset_value(request: Request, staff: Staff, number: int, field: Text = "") -> Response:
    """Let a value be again what the file says."""
    site = staff.site
    await register_desk.reset_value(site.desk, site.library, staff.viewer, number, field, by=staff.login)
    return back_to(f"/documents/{number}", "corrected")


@router.post("/documents/{number:int}/confirm")
async def confirm(request: Request, staff: Staff, number: int) -> Response:
    """Record that a person has read what was understood."""
    site = staff.site
    await register_desk.confirm(site.desk, site.library, staff.viewer, number, by=staff.login)
    return back_to(f"/documents/{number}", "confirmed_document")


@router.post("/documents/{number:int}/withdraw")
async def withdraw(request: Request, staff: Staff, number: int) -> Response:
    """Take a document out of every answer."""
    site = staff.site
    await register_desk.withdraw(site.desk, site.library, staff.viewer, number, by=staff.login)
    return back_to(f"/documents/{number}", "document_withdrawn")


@router.post("/documents/{number:int}/restore")
async def restore(request: Request, staff: Staff, number: int) -> Response:
    """Bring a withdrawn document back."""
    site = staff.site
    await register_desk.withdraw(site.desk, site.library, staff.viewer, number, by=staff.login, restore=True)
    return back_to(f"/documents/{number}", "document_restored")


@router.post("/documents/{number:int}/relate")
async def relate(
    request: Request,
    staff: Staff,
    number: int,
    kind: Text = "",
    target: Text = "",
    clause: Text = "",
    day: Text = "",
) -> Response:
    """Add a relation."""
    site = staff.site
    try:
        await register_desk.relate(
            site.desk,
            site.library,
            staff.viewer,
            number,
            kind,
            target,
            by=staff.login,
            clause=clause.strip() or None,
            day=_since(day),
        )
    except BadCorrection:
        problem = why_in_words(request, NotDone("documents.bad_relation"))
        typed = {"kind": kind, "target": target, "clause": clause, "day": day}
        return await _document(request, staff, number, problem, relation=typed)
    return back_to(f"/documents/{number}", "corrected")


@router.post("/documents/{number:int}/unrelate")
async def unrelate(request: Request, staff: Staff, number: int, place: Annotated[int, Form()] = 0) -> Response:
    """Strike a relation."""
    site = staff.site
    await register_desk.unrelate(site.desk, site.library, staff.viewer, number, place, by=staff.login)
    return back_to(f"/documents/{number}", "corrected")


async def _document(
    request: Request,
    staff: Member,
    number: int,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    *,
    relation: Mapping[str, str] | None = None,
) -> Response:
    staff.viewer.require(Right.DOCUMENTS)
    site = staff.site
    try:
        entry = entry_of(site.library, number, site.desk.clock.today())
    except BadCorrection as error:
        raise NotDone("documents.none") from error
    return console_page(
        request,
        "console_document.html",
        status=422 if problem else 200,
        entry=entry,
        document=entry.document,
        values={field: shown(entry.document, field) for field in FIELDS} | dict(typed or {}),
        wrong=next(iter(typed or {}), ""),
        relation=relation or dict.fromkeys(("kind", "target", "clause", "day"), ""),
        relation_open=relation is not None,
        steps=history(entry),
        editions=await document_desk.history(site.desk, staff.viewer, entry.document.id),
        words=Words(request, site.desk.texts),
        kinds=[kind for kind in KINDS if kind != "passages"],
        relations=[kind.value for kind in RelationKind],
        may_publish=staff.may(Right.PUBLISH),
        problem=problem,
    )


def _fits(entry: Entry, q: str) -> bool:
    document, words = entry.document, q.strip().lower()
    told = f"{document.title} {document.doc_no or ''} {document.issuer or ''} {document.file}".lower()
    return all(word in told for word in words.split())


def _since(day: str) -> date | None:
    """Read the day of a relation, if one was given. Raises BadCorrection."""
    since = day_of(day)
    if day.strip() and since is None:
        raise BadCorrection(f"{day!r} is no day")
    return since
