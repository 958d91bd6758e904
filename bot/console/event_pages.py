"""Events: made, changed, called off; who comes, and the door."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

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
    why_in_words,
)
from bot.web.pages import view_for
from handlers import event_desk, event_sheet
from handlers.event_desk import Draft, NotPossible
from handlers.registry_desk import NotDone
from storage.event_tables import Event, EventState
from storage.staff import Right, Role

router = APIRouter(route_class=ConsoleRoute)

FIELDS = (
    "title",
    "title_en",
    "starts_at",
    "ends_at",
    "deadline",
    "place",
    "place_en",
    "map_link",
    "live_link",
    "quota",
)
QUOTA = re.compile(r"[1-9][0-9]{0,5}")
TIMES = ("starts_at", "ends_at", "deadline")
Text = Annotated[str, Form()]


@router.get("/events")
async def events(request: Request, staff: Staff, past: str = "") -> Response:
    """List the events still to come; all with `past`."""
    return await _list(request, staff, past=bool(past))


@router.post("/events")
async def create(request: Request, staff: Staff) -> Response:
    """Make an event."""
    staff.viewer.require(Right.EVENTS)
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in (*FIELDS, "township")}
    try:
        values = _read(staff, typed, needed=("title", "starts_at", "ends_at", "deadline", "place"))
        township = staff.viewer.township if staff.viewer.role is Role.TOWNSHIP else typed["township"] or None
        event = await event_desk.create(staff.site.desk, staff.viewer, Draft(**values, township=township))
    except NotPossible as error:
        return await _list(request, staff, typed=typed, problem=_why(request, error))
    return back_to(f"/events/{event.code}", "event_made")


@router.get("/events/{code}")
async def event(request: Request, staff: Staff, code: str) -> Response:
    """Show an event with who comes, masked."""
    return await _event(request, staff, code)


@router.post("/events/{code}/reveal")
async def reveal(request: Request, staff: Staff, code: str, reason: Text = "") -> Response:
    """Show who comes in full, for a reason that is logged."""
    return await reveal_with(request, reason, partial(_event, request, staff, code))


@router.post("/events/{code}/export")
async def export(request: Request, staff: Staff, code: str, reason: Text = "", full: Text = "") -> Response:
    """Give who comes as a spreadsheet, for a reason that is logged."""
    staff.viewer.require(Right.EXPORT)
    if not reason.strip():
        return await _event(request, staff, code, problem=why_in_words(request, NotDone("no_reason")))
    path = export_path(staff, "event")
    given, language = reason.strip()[:LONGEST_REASON], view_for(request).language
    await event_sheet.write(staff.site.desk, staff.viewer, code, language, path, reason=given, full=full == "yes")
    return taken_along(path, f"{code.upper()}.xlsx")


@router.post("/events/{code}/change")
async def change(request: Request, staff: Staff, code: str) -> Response:
    """Change an event; everybody who signed up is told."""
    seen = await event_desk.seen(staff.site.desk, staff.viewer, code)
    form = await request.form()
    typed = {name: str(form[name]).strip() for name in FIELDS if name in form}
    try:
        changed = {name: value for name, value in _read(staff, typed).items() if name in typed}
        await event_desk.change(staff.site.desk, staff.viewer, seen.code, changed)
    except NotPossible as error:
        return await _event(request, staff, code, typed=typed, problem=_why(request, error))
    return back_to(f"/events/{seen.code}", "event_changed")


@router.post("/events/{code}/call-off")
async def call_off(request: Request, staff: Staff, code: str, note: Text = "") -> Response:
    """Call an event off; everybody who signed up is told."""
    seen = await event_desk.seen(staff.site.desk, staff.viewer, code)
    try:
        await event_desk.call_off(staff.site.desk, staff.viewer, seen.code, note.strip()[:300] or None)
    except NotPossible as error:
        return await _event(request, staff, code, note=note, problem=_why(request, error))
    return back_to(f"/events/{seen.code}", "event_called_off")


@router.post("/events/{code}/check-in")
async def check_in(request: Request, staff: Staff, code: str, number: Text = "") -> Response:
    """Let somebody in by their code."""
    seen = await event_desk.seen(staff.site.desk, staff.viewer, code)
    try:
        done = await event_desk.check_in(staff.site.desk, staff.viewer, seen.code, number)
    except NotPossible:
        told = why_in_words(request, NotPossible("events.not_at_door"))
        return await _event(request, staff, code, door=("bad", told, 0))
    return await _event(request, staff, code, door=("good" if done.is_new else "again", "", done.reply.seats))


async def _list(
    request: Request, staff: Member, *, past: bool = False, typed: dict[str, str] | None = None, problem: str = ""
) -> Response:
    office = staff.site.desk
    found = await event_desk.listed(office, staff.viewer, everything=past)
    return console_page(
        request,
        "console_events.html",
        status=422 if problem else 200,
        events=sorted(found, key=lambda one: one.starts_at, reverse=past),
        past=past,
        typed=typed or dict.fromkeys((*FIELDS, "township"), ""),
        problem=problem,
        townships=office.county.townships,
        now=office.clock.now(),
        may_make=staff.may(Right.EVENTS),
    )


async def _event(
    request: Request,
    staff: Member,
    code: str,
    *,
    reason: str = "",
    problem: str = "",
    typed: dict[str, str] | None = None,
    note: str = "",
    door: tuple[str, str, int] | None = None,
) -> Response:
    office, who = staff.site.desk, staff.viewer
    found = await event_desk.seen(office, who, code)
    coming = await event_desk.attendees(office, who, found.code, reason=reason)
    may_change = staff.may(Right.EVENTS) and (who.role is not Role.TOWNSHIP or found.township == who.township)
    return console_page(
        request,
        "console_event.html",
        status=422 if problem else 200,
        event=found,
        typed={**_typed(staff, found), **(typed or {})},
        change_open=typed is not None,
        note=note,
        coming=coming,
        totals=event_desk.totals(coming),
        revealed=bool(reason),
        problem=problem,
        door=door,
        open=found.state is EventState.OPEN,
        over=found.ends_at < office.clock.now(),
        may_change=may_change,
        may_check_in=staff.may(Right.EVENTS),
        may_reveal=staff.may(Right.REVEAL),
        may_export=staff.may(Right.EXPORT),
    )


def _read(staff: Member, typed: dict[str, str], needed: Sequence[str] = ()) -> dict[str, Any]:
    """Read what was typed of an event. Raises NotPossible."""
    if missing := [name for name in needed if not typed.get(name)]:
        raise NotPossible(f"events.no_{missing[0]}")
    values: dict[str, Any] = {name: typed[name] or None for name in FIELDS if name in typed}
    for name in TIMES:
        if values.get(name):
            values[name] = event_desk.read_moment(staff.site.desk, values[name].replace("T", " "))
    if values.get("quota") is not None:
        if not QUOTA.fullmatch(values["quota"]):
            raise NotPossible("events.bad_quota")
        values["quota"] = int(values["quota"])
    for name in ("map_link", "live_link"):
        if values.get(name) and not values[name].startswith("https://"):
            raise NotPossible("events.bad_link")
    return values


def _typed(staff: Member, event: Event) -> dict[str, str]:
    zone = staff.site.desk.county.zone

    def written(value: Any) -> str:
        if isinstance(value, datetime):
            return f"{value.astimezone(zone):%Y-%m-%dT%H:%M}"
        return "" if value is None else str(value)

    return {name: written(getattr(event, name)) for name in FIELDS}


def _why(request: Request, error: Exception) -> str:
    told = str(error)
    if told.startswith("events."):
        return why_in_words(request, error)
    return why_in_words(request, NotPossible("events.bad"))
