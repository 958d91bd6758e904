"""Bookings as a calendar: a week of one host, what waits to be confirmed, hours and leave drawn with the mouse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import ConsoleRoute, Member, Staff, back_to, console_page, reveal_with, why_in_words
from bot.console.bounds import day_of
from bot.console.slot_calendar import moment, monday, week_of
from handlers import booking_desk, slot_desk
from handlers.registry_desk import NotDone
from storage.booking_tables import MOVES, State
from storage.bookings import Booking, why_not
from storage.slots import DayKind, Holidays, Terms
from storage.staff import Right

router = APIRouter(route_class=ConsoleRoute)

AHEAD = 60  # days in which what is pending is looked for
SETTLED = (State.CONFIRMED, State.DECLINED, State.CANCELLED, State.DONE, State.NO_SHOW)
CAPACITY = re.compile(r"[1-9][0-9]?|100")
MINUTES = ("15", "30", "45", "60")
# What the forms of hours show before anybody typed.
_BLANK = {
    "kind": "leave",
    "starts": "",
    "ends": "",
    "r_starts": "09:00",
    "r_ends": "11:30",
    "minutes": "30",
    "capacity": "1",
    "confirms": "",
}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Text = Annotated[str, Form()]


@router.get("/slots")
async def slots(request: Request, staff: Staff, host: str = "", week: str = "") -> Response:
    """Show a week of a host, and the bookings that wait for staff."""
    return await _week(request, staff, host, day_of(week))


async def _week(
    request: Request,
    staff: Member,
    host: str,
    week: date | None,
    *,
    typed: Mapping[str, str] | None = None,
    weekdays: Sequence[str] = (),
    days_problem: str = "",
    rule_problem: str = "",
) -> Response:
    """Draw the week; `typed` is what could not be stored, to be put right."""
    office, who = staff.site.desk, staff.viewer
    found, rules, days = await slot_desk.hosts(office, who)
    today = office.clock.today()
    first = monday(week or today)
    chosen = next((one for one in found if one.id == host), next(iter(found), None))
    ahead = await booking_desk.agenda(office, who, today, today + timedelta(days=AHEAD), states=[State.PENDING])
    shown = None
    if chosen is not None:
        agenda = await booking_desk.agenda(office, who, first, first + timedelta(days=6), host_id=chosen.id)
        singles = await slot_desk.single_days(office, who, chosen.id, first, first + timedelta(days=6))
        shown = week_of(first, rules[chosen.id], singles, agenda.bookings, office.county.zone)
    return console_page(
        request,
        "console_slots.html",
        status=422 if days_problem or rule_problem else 200,
        hosts=found,
        chosen=chosen,
        rules=rules[chosen.id] if chosen else [],
        days=days[chosen.id] if chosen else [],
        week=shown,
        today=today,
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
        first=first,
        pending=sorted(ahead.bookings, key=lambda one: one.starts_at)[:20],
        pending_count=len(ahead.bookings),
        may_settle=staff.may(Right.SETTLE),
        may_publish=staff.may(Right.SLOTS),
        weekdays=WEEKDAYS,
        typed={**_BLANK, "first": f"{today}", "last": f"{today}", **(typed or {})},
        ticked=weekdays,
        days_problem=days_problem,
        rule_problem=rule_problem,
    )


@router.get("/slots/bookings/{number}")
async def booking(request: Request, staff: Staff, number: str) -> Response:
    """Show one booking."""
    return await _booking(request, staff, number)


@router.post("/slots/bookings/{number}/reveal")
async def reveal(request: Request, staff: Staff, number: str, reason: Text = "") -> Response:
    """Show whose booking it is, for a reason that is logged."""
    return await reveal_with(request, reason, partial(_booking, request, staff, number))


@router.post("/slots/bookings/{number}/settle")
async def settle(request: Request, staff: Staff, number: str, to: Text = "", words: Text = "") -> Response:
    """Confirm, decline, cancel or mark a booking; the person is told."""
    if to not in {state.value for state in SETTLED}:
        raise NotDone("slots.no_step")
    try:
        settled = await booking_desk.settle(staff.site.desk, staff.viewer, number, State(to), words=words.strip()[:500])
    except NotDone:
        problem = why_in_words(request, NotDone("slots.no_step"))
        return await _booking(request, staff, number, typed=words, problem=problem)
    return back_to(f"/slots/bookings/{settled.number}", f"booking_{to}")


@router.post("/slots/bookings/{number}/move")
async def move(request: Request, staff: Staff, number: str, day: Text = "", clock: Text = "") -> Response:
    """Move a booking to another free time of its host; the person is told."""
    office = staff.site.desk
    wanted = day_of(day)
    try:
        starts_at = moment(wanted, clock, office.county.zone) if wanted else None
    except ValueError:
        starts_at = None
    if starts_at is None:
        problem = why_in_words(request, NotDone("slots.bad_time"))
        return await _booking(request, staff, number, to=(day, clock), problem=problem)
    try:
        moved = await booking_desk.move(office, staff.viewer, number, starts_at)
    except NotDone:
        problem = why_in_words(request, NotDone("slots.not_free"))
        return await _booking(request, staff, number, to=(day, clock), problem=problem)
    return back_to(f"/slots/bookings/{moved.number}", "booking_moved")


@router.post("/slots/{host}/days")
async def set_days(
    request: Request,
    staff: Staff,
    host: str,
    kind: Text = "",
    first: Text = "",
    last: Text = "",
    starts: Text = "",
    ends: Text = "",
) -> Response:
    """Store extra hours or leave of some days."""
    hours = (starts, ends) if starts and ends else None
    key = "slots.bad_time"
    try:
        which, since, until = _days(kind, first, last or first)
        key = "slots.bad_days"
        standing = await slot_desk.add_days(staff.site.desk, staff.viewer, host, which, since, until, hours)
    except NotDone as error:
        staff.viewer.require(Right.SLOTS)
        await _own(staff, host, error)
        typed = {"kind": kind, "first": first, "last": last, "starts": starts, "ends": ends}
        problem = why_in_words(request, NotDone(key))
        return await _week(request, staff, host, day_of(first), typed=typed, days_problem=problem)
    return back_to("/slots", "days_standing" if standing else "days_set", host=host, week=since.isoformat())


@router.post("/slots/{host}/days/remove")
async def remove_days(request: Request, staff: Staff, host: str, kind: Text = "", day: Text = "") -> Response:
    """Take back extra hours or leave of a day."""
    which, since, until = _days(kind, day, day)
    await slot_desk.remove_days(staff.site.desk, staff.viewer, host, which, since, until)
    return back_to("/slots", "days_removed", host=host, week=since.isoformat())


@router.post("/slots/{host}/rules")
async def add_rule(
    request: Request,
    staff: Staff,
    host: str,
    starts: Text = "",
    ends: Text = "",
    minutes: Text = "30",
    capacity: Text = "1",
    confirms: Text = "",
) -> Response:
    """Publish hours that come again every week."""
    office = staff.site.desk
    form = await request.form()
    chosen = [day for day in WEEKDAYS if day in form.getlist("weekday")]
    try:
        terms = _terms(chosen, minutes, capacity, confirms)
        rule = slot_desk.new_rule(
            office, host, f"FREQ=WEEKLY;BYDAY={','.join(chosen)}", (starts, ends), terms, holidays=Holidays.SKIP
        )
    except NotDone as error:
        staff.viewer.require(Right.SLOTS)
        await _own(staff, host, error)
        typed = {"r_starts": starts, "r_ends": ends, "minutes": minutes, "capacity": capacity, "confirms": confirms}
        problem = why_in_words(request, NotDone("slots.bad_rule"))
        return await _week(request, staff, host, None, typed=typed, weekdays=chosen, rule_problem=problem)
    await slot_desk.add_rule(office, staff.viewer, rule)
    return back_to("/slots", "rule_added", host=host)


@router.post("/slots/{host}/rules/{rule}/end")
async def end_rule(request: Request, staff: Staff, host: str, rule: str, until: Text = "") -> Response:
    """Let hours end with a day."""
    day = day_of(until)
    if day is None:
        raise NotDone("slots.bad_time")
    standing = await slot_desk.end_rule(staff.site.desk, staff.viewer, rule, day)
    return back_to("/slots", "days_standing" if standing else "rule_ended", host=host)


@router.post("/slots/{host}/active")
async def set_active(request: Request, staff: Staff, host: str, active: Text = "") -> Response:
    """Open or close a host for booking."""
    await slot_desk.set_active(staff.site.desk, staff.viewer, host, active == "yes")
    return back_to("/slots", "host_opened" if active == "yes" else "host_closed", host=host)


async def _booking(
    request: Request,
    staff: Member,
    number: str,
    *,
    reason: str = "",
    problem: str = "",
    typed: str = "",
    to: tuple[str, str] | None = None,
) -> Response:
    office = staff.site.desk
    found = await booking_desk.show(office, staff.viewer, number, reason=reason)
    local = found.starts_at.astimezone(office.county.zone)
    return console_page(
        request,
        "console_booking.html",
        status=422 if problem else 200,
        booking=found,
        steps=_steps(staff, found),
        week=monday(local.date()),
        typed=typed,
        to=to or (f"{local:%Y-%m-%d}", f"{local:%H:%M}"),
        revealed=bool(reason),
        problem=problem,
        may_reveal=staff.may(Right.REVEAL),
        may_settle=staff.may(Right.SETTLE),
        movable=found.state in {State.PENDING, State.CONFIRMED} and found.starts_at > office.clock.now(),
    )


def _days(kind: str, first: str, last: str) -> tuple[DayKind, date, date]:
    """Read which days are meant. Raises NotDone."""
    since, until = day_of(first), day_of(last)
    if since is None or until is None or kind not in set(DayKind):
        raise NotDone("slots.bad_time")
    return DayKind(kind), since, until


def _terms(chosen: Sequence[str], minutes: str, capacity: str, confirms: str) -> Terms:
    """Read on what terms hours are published. Raises NotDone."""
    if not chosen or minutes not in MINUTES or not CAPACITY.fullmatch(capacity):
        raise NotDone("slots.bad_rule")
    return Terms(slot_minutes=int(minutes), capacity=int(capacity), needs_confirmation=confirms == "yes")


async def _own(staff: Member, host: str, error: NotDone) -> None:
    """Go on only for a host this member of staff sees: of another's, a fault tells nothing."""
    found, _, _ = await slot_desk.hosts(staff.site.desk, staff.viewer)
    if host not in {one.id for one in found}:
        raise error


def _steps(staff: Member, booking: Booking) -> list[State]:
    """Give what staff may make of a booking now, by the one table that says so."""
    at = staff.site.desk.clock.now()
    return [
        state
        for state in SETTLED
        if state in MOVES[booking.state] and why_not(booking, state, by=staff.viewer.id, at=at) is None
    ]
