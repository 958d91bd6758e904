"""The registry: people masked, narrowed, one in full for a reason; tiers, duplicates, files taken out."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import (
    LONGEST_REASON,
    ConsoleRoute,
    Member,
    Staff,
    back_to,
    console_page,
    export_path,
    reveal_with,
    taken_along,
    township_name,
    why_in_words,
)
from bot.console.bounds import Page
from bot.web.files import as_attachment
from bot.web.pages import view_for, words
from handlers import bulk, colleagues
from handlers import registry_desk as desk
from handlers.registry_desk import NotDone
from handlers.registry_forms import KINDS, open_file
from storage.people_lists import Filter
from storage.staff import Right, Role

router = APIRouter(route_class=ConsoleRoute)

SIZE = 30
NAMES = ("name", "kind", "field", "tier", "township", "city", "state", "source", "stale", "contact")
Text = Annotated[str, Form()]


@router.get("/people")
async def people(request: Request, staff: Staff, page: Page = 1) -> Response:
    """List people, masked."""
    return await _list(request, staff, page)


@router.post("/people/find")
async def find(request: Request, staff: Staff) -> Response:
    """Narrow the list. With a contact it is drawn at once: an address with it would stand in logs and histories."""
    form = await request.form()
    asked = {name: str(form.get(name, "")).strip() for name in NAMES}
    if asked["contact"]:
        return await _list(request, staff, 1, asked)
    return back_to("/people", **{name: value for name, value in asked.items() if value})


@router.post("/people/export")
async def export(request: Request, staff: Staff, reason: Text = "", full: Text = "") -> Response:
    """Give the people of a list as a spreadsheet, for a reason that is logged."""
    form = await request.form()
    narrowed = {name: str(form.get(name, "")) for name in NAMES}
    if not reason.strip():
        return await _list(request, staff, 1, narrowed, why_in_words(request, NotDone("no_reason")))
    office = staff.site.desk
    try:
        wanted = _filter(staff, narrowed)
    except NotDone:
        return await _list(request, staff, 1, narrowed)
    path, given = export_path(staff, "people"), reason.strip()[:LONGEST_REASON]
    await bulk.export(office, staff.viewer, wanted, path, reason=given, reveal=full == "yes")
    return taken_along(path, f"people-{office.clock.now().astimezone(office.county.zone):%Y%m%d-%H%M}.xlsx")


@router.get("/people/duplicates")
async def duplicates(request: Request, staff: Staff) -> Response:
    """List entries that may be one person."""
    groups = await desk.duplicates(staff.site.desk, staff.viewer)
    return console_page(
        request,
        "console_duplicates.html",
        groups=[("contact" if why == "contact" else "name", rows) for why, rows in groups],
        names=_names(request, staff),
    )


@router.post("/people/merge")
async def merge(request: Request, staff: Staff, kept: Text = "", other: Text = "") -> Response:
    """Make one person of two."""
    await desk.merge(staff.site.desk, staff.viewer, kept, other)
    return back_to("/people/duplicates", "merged")


@router.get("/people/number")
async def by_number(request: Request, staff: Staff, number: str = "") -> Response:
    """Find a person by the number of what they sent in."""
    return back_to(f"/people/{await desk.find_by_number(staff.site.desk, staff.viewer, number)}")


@router.get("/people/{person}")
async def person(request: Request, staff: Staff, person: str) -> Response:
    """Show one person, masked."""
    return await _person(request, staff, person)


@router.post("/people/{person}/reveal")
async def reveal(request: Request, staff: Staff, person: str, reason: Text = "") -> Response:
    """Show one person in full, with what they sent in and every change, for a reason that is logged."""
    return await reveal_with(request, reason, partial(_person, request, staff, person))


@router.post("/people/{person}/file")
async def file(
    request: Request, staff: Staff, person: str, number: Text = "", field: Text = "", reason: Text = ""
) -> Response:
    """Give a file somebody sent with a form, for a reason that is logged; only to be taken away, it may be anything."""
    if not reason.strip():
        return await _person(request, staff, person, problem=why_in_words(request, NotDone("no_reason")))
    given = reason.strip()[:LONGEST_REASON]
    found, content = await open_file(staff.site.desk, staff.viewer, person, number, field, reason=given)
    headers = {**as_attachment(found.kept_as), "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/people/{person}/tier")
async def tier(request: Request, staff: Staff, person: str, tier: Text = "") -> Response:
    """Put somebody into a tier, or leave it to the rules."""
    if tier == "rules":
        await desk.leave_tier_to_rules(staff.site.desk, staff.viewer, person)
    else:
        await desk.set_tier(staff.site.desk, staff.viewer, person, tier if tier in {"A", "B", "C"} else None)
    return back_to(f"/people/{person}", "tier_set")


@router.post("/people/{person}/confirm")
async def confirm(request: Request, staff: Staff, person: str, wrong: Text = "") -> Response:
    """Note that an entry was found right, or about somebody else."""
    await desk.confirm(staff.site.desk, staff.viewer, person, wrong=wrong == "yes")
    return back_to(f"/people/{person}", "marked_wrong" if wrong == "yes" else "confirmed")


async def _list(
    request: Request, staff: Member, number: int, narrowed: dict[str, str] | None = None, problem: str = ""
) -> Response:
    asked = narrowed or {name: request.query_params.get(name, "").strip() for name in NAMES} | {"contact": ""}
    site = staff.site
    try:
        wanted = _filter(staff, asked)
    except NotDone:
        wanted, problem = Filter(), why_in_words(request, NotDone("people.filter"))
    listed = await desk.list_people(site.desk, staff.viewer, wanted, page=number, size=SIZE)
    given = {name: value for name, value in asked.items() if value and name != "contact"}
    return console_page(
        request,
        "console_people.html",
        status=422 if problem else 200,
        people=listed.rows,
        total=listed.total,
        number=number,
        pages=1 if asked["contact"] else max(1, -(-listed.total // SIZE)),
        asked=asked,
        link=f"/console/people?{urlencode(given)}{'&' if given else ''}",
        narrowed=any(asked.values()),
        problem=problem,
        kinds=sorted(set(KINDS.values())),
        classes=site.desk.county.field_classes,
        townships=site.desk.county.townships,
        names=_names(request, staff),
        sees_tiers=staff.viewer.role is not Role.READER,
        may_export=staff.may(Right.EXPORT),
        may_reveal=staff.may(Right.REVEAL),
        may_merge=staff.may(Right.MERGE),
    )


async def _person(request: Request, staff: Member, person: str, *, reason: str = "", problem: str = "") -> Response:
    shown = await desk.show_person(staff.site.desk, staff.viewer, person, reason=reason)
    return console_page(
        request,
        "console_person.html",
        status=422 if problem else 200,
        person=shown["person"],
        registrations=shown.get("registrations", ()),
        history=shown.get("history", ()),
        actors=await colleagues.logins(staff.site.desk, staff.viewer) if shown.get("history") else {},
        revealed=bool(reason),
        reason=reason,
        problem=problem,
        names=_names(request, staff),
        sees_tiers=staff.viewer.role is not Role.READER,
        may_reveal=staff.may(Right.REVEAL),
        may_tier=staff.may(Right.TIER),
        may_confirm=staff.may(Right.CONFIRM),
    )


def _filter(staff: Member, asked: dict[str, str]) -> Filter:
    """Read what a list is narrowed to. Raises NotDone for what nobody knows."""
    values: dict[str, str | int | None] = {name: asked[name] or None for name in NAMES if name != "stale"}
    with contextlib.suppress(ValueError):
        values["stale"] = int(asked["stale"]) if asked["stale"] else None
    values.setdefault("stale", None)
    return bulk.filter_of(staff.site.desk, **values)  # type: ignore[arg-type]


class _Names:
    """Codes as staff read them."""

    def __init__(self, request: Request, staff: Member) -> None:
        self._request, self._site = request, staff.site

    def field(self, code: str) -> str:
        return self._site.desk.county.class_name(code, view_for(self._request).language)

    def township(self, code: str) -> str:
        return township_name(self._request, code)

    def kind(self, code: str) -> str:
        key = f"console.form.{code}"
        return words(self._request, key) if self._site.desk.texts.has(key) else code

    def answer(self, kind: str, name: str) -> str:
        """Name an answer of a form as its review does."""
        return self._of_form(kind, f"{name}.label") or name

    def done(self, action: str) -> str:
        """Say what happened to an entry: in its history a form is "expert.registered"."""
        kind, _, what = action.rpartition(".")
        plain = action.replace(" ", "_").replace(".", "_")
        if self._site.desk.texts.has(f"console.history.{plain}"):
            return words(self._request, f"console.history.{plain}")
        if kind and self._site.desk.texts.has(f"console.history.{what}"):
            return f"{words(self._request, f'console.history.{what}')} · {self.kind(kind)}"
        return action

    def sent_file(self, value: object) -> str:
        """Give the name of a file that answers a question; empty for any other answer."""
        return str(value["name"]) if isinstance(value, dict) and {"name", "channel", "id"} <= set(value) else ""

    def written(self, kind: str, name: str, value: object) -> str:
        """Write an answer: choices by their labels."""
        if isinstance(value, bool):
            return words(self._request, "console.yes" if value else "console.no")
        if isinstance(value, dict):
            return "，".join(str(part) for part in value.values() if part not in (None, ""))
        if isinstance(value, (list, tuple)):
            return "、".join(self.written(kind, name, part) for part in value)
        if value in (None, ""):
            return "–"
        if name in {"field", "fields"}:
            return self.field(str(value))
        if name == "township":
            return self.township(str(value))
        return self._of_form(kind, f"{name}.choice.{value}") or str(value)

    def _of_form(self, kind: str, key: str) -> str:
        flows = [flow for flow, meant in KINDS.items() if meant == kind]
        found = next((f"{flow}.{key}" for flow in (*flows, "form") if self._site.desk.texts.has(f"{flow}.{key}")), "")
        return words(self._request, found) if found else ""


def _names(request: Request, staff: Member) -> _Names:
    return _Names(request, staff)
