"""The staff's side of events: made, changed, called off, who comes, the door; every step logged.

Whoever signed up hears of a change by the jobs (`event_notices`); every answer is read from the event's row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from handlers import announce_reports, zones
from handlers.desk import Office
from handlers.ids import as_typed
from storage import event_replies, events, staff
from storage.errors import Conflict
from storage.event_replies import SEATED, CheckIn, EventReply, ReplyState
from storage.events import Event, EventState
from storage.staff import NotAllowed, Right, Viewer

# Ends of time zones and of the calendar lie beyond; nothing of a county does.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class NotPossible(Exception):
    """The event was not made or changed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff give of a new event; times aware."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    deadline: datetime
    title_en: str | None = None
    place_en: str | None = None
    map_link: str | None = None
    live_link: str | None = None
    quota: int | None = None
    groups: tuple[str, ...] = ()
    township: str | None = None


def read_moment(office: Office, text: str) -> datetime:
    """Read "2027-02-10 09:30" by the county's clock. Raises NotPossible."""
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NotPossible(f"{text!r} is no time; write it as 2027-02-10 09:30 (the county's clock)") from error
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise NotPossible(f"{text!r} is too far away; write a day between {FIRST_YEAR} and {LAST_YEAR}")
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    moments = zones.moments_at(local, office.county.timezone)
    if len(moments) != 1:
        raise NotPossible(f"{text!r} is not one moment by the county's clock; add its offset")
    return moments[0]


async def create(office: Office, viewer: Viewer, draft: Draft) -> Event:
    """Make an event and give it, with its code. Raises NotPossible and NotAllowed."""
    now = office.clock.now()
    _check(draft.starts_at, draft.ends_at, draft.deadline, now)
    event = Event(
        code="E" + office.ids.code(4),
        **{name: getattr(draft, name) for name in Draft.__dataclass_fields__},
        taken=0,
        state=EventState.OPEN,
        note=None,
        was={},
        version=0,
        created_at=now,
        changed_at=now,
    )
    try:
        async with office.database.write() as connection:
            await events.create(connection, viewer, event)
            await staff.audit(connection, viewer, "event-create", now, detail={"event": event.code})
    except Conflict as error:
        raise NotPossible(f"{error}; try again") from error
    return event


async def change(office: Office, viewer: Viewer, code: str, changes: Mapping[str, Any]) -> tuple[Event, int]:
    """Change an event; give it as it is now and how many are told. Raises NotPossible and NotAllowed."""
    now = office.clock.now()
    before = await _known(office, code)
    starts, ends = changes.get("starts_at", before.starts_at), changes.get("ends_at")
    if ends is None:
        # Moved without a new end it lasts as long as before.
        ends = starts + (before.ends_at - before.starts_at)
    deadline = min(changes.get("deadline", before.deadline), starts)
    _check(starts, ends, deadline, now)
    moved = {**changes, "starts_at": starts, "ends_at": ends, "deadline": deadline}
    wanted = {name: value for name, value in moved.items() if getattr(before, name) != value}
    if not wanted:
        raise NotPossible(f"event {before.code} stands like that already")
    try:
        async with office.database.write() as connection:
            was, event = await events.change(connection, viewer, before.code, wanted, now)
            told = len(await event_replies.standing(connection, event.code)) if event.was != was.was else 0
            if event.was != was.was:
                # An invitation that is going out says what is not so any more.
                await announce_reports.hold_about(connection, office, event.code)
            await staff.audit(
                connection, viewer, "event-change", now, detail={"event": event.code, "changed": sorted(wanted)}
            )
    except Conflict as error:
        raise NotPossible(str(error)) from error
    return event, told


async def call_off(office: Office, viewer: Viewer, code: str, note: str | None) -> tuple[Event, int]:
    """Call an event off; give it and how many are told. Raises NotPossible and NotAllowed."""
    now, before = office.clock.now(), await _known(office, code)
    try:
        async with office.database.write() as connection:
            event = await events.call_off(connection, viewer, before.code, now, note)
            await announce_reports.hold_about(connection, office, event.code)
            told = len(await event_replies.standing(connection, event.code))
            await staff.audit(connection, viewer, "event-cancel", now, detail={"event": event.code})
    except Conflict as error:
        raise NotPossible(str(error)) from error
    return event, told


async def listed(office: Office, viewer: Viewer, *, everything: bool = False) -> Sequence[Event]:
    async with office.database.read() as connection:
        return await events.listed(connection, viewer, None if everything else office.clock.now())


async def show(office: Office, code: str) -> Event:
    return await _known(office, code)


async def seen(office: Office, viewer: Viewer, code: str) -> Event:
    """Give an event a member of staff may see: a township's its own and the county's. Raises NotPossible."""
    found = next((one for one in await listed(office, viewer, everything=True) if one.code == code.upper()), None)
    if found is None:
        raise NotPossible("events.none")
    return found


async def attendees(office: Office, viewer: Viewer, code: str, *, reason: str = "") -> list[EventReply]:
    """Give who comes, masked unless there is a reason, which is logged. A township sees its own people."""
    from dataclasses import replace

    event = await _known(office, code)
    if reason:
        viewer.require(Right.REVEAL)
    async with office.database.write() as connection:
        found = await event_replies.attendees(connection, viewer, event.code)
        await staff.audit(
            connection,
            viewer,
            "event-attendees",
            office.clock.now(),
            detail={"event": event.code, "reason": reason, "rows": len(found)},
        )
    if reason:
        return found
    return [
        replace(one, name=_masked(one.name, 1), mobile=_masked(one.mobile, 3), diet="…" if one.diet else None)
        for one in found
    ]


def totals(replies: Sequence[EventReply]) -> dict[str, int]:
    """Count seats, people online and in line, rooms and nights, diets: what the kitchen and the hotel ask for."""
    seated = [one for one in replies if one.state in SEATED]
    return {
        "seats": sum(one.seats for one in seated),
        "attended": sum(one.seats for one in replies if one.state is ReplyState.ATTENDED),
        "online": sum(one.state is ReplyState.ONLINE for one in replies),
        "waiting": sum(one.seats for one in replies if one.state is ReplyState.WAITING),
        "lodging": sum(one.seats for one in seated if one.has_lodging),
        "nights": sum((one.nights or 0) * one.seats for one in seated if one.has_lodging),
        "diets": sum(one.diet is not None for one in seated),
    }


async def check_in(office: Office, viewer: Viewer, code: str, number: str) -> CheckIn:
    """Let somebody in by their code, once; it is logged. Raises NotPossible and NotAllowed."""
    viewer.require(Right.EVENTS)
    event = await _known(office, code)
    try:
        async with office.database.write() as connection:
            return await event_replies.check_in(connection, viewer, event.code, as_typed(number), office.clock.now())
    except (Conflict, NotAllowed) as error:
        # A guest of another township and a code that is none are told alike: who comes is theirs to know.
        raise NotPossible(f"{number} has no seat at {event.code} for you to let in") from error


async def look_at_door(office: Office, viewer: Viewer, code: str, number: str) -> EventReply:
    """Give the reply a code at the door stands for, if its holder may come in. Raises Conflict and NotAllowed."""
    viewer.require(Right.EVENTS)
    async with office.database.read() as connection:
        found = await event_replies.by_number(connection, as_typed(number))
        seen = await event_replies.attendees(connection, viewer, code.upper())
    if found is None or found.number not in {one.number for one in seen} or found.state not in SEATED:
        raise Conflict(f"{number} has no seat at {code}")
    return found


async def _known(office: Office, code: str) -> Event:
    async with office.database.read() as connection:
        event = await events.by_code(connection, code.strip())
    if event is None:
        raise NotPossible(f"there is no event {code}; see 'laoxiang events list'")
    return event


def _check(starts: datetime, ends: datetime, deadline: datetime, now: datetime) -> None:
    if not starts < ends:
        raise NotPossible("an event ends after it begins; check --starts and --ends")
    if starts <= now:
        raise NotPossible("this event would have begun already; check --starts")
    if deadline > starts:
        raise NotPossible("the deadline is before the event begins; check --deadline")


def _masked(text: str | None, shown: int) -> str | None:
    return text[:shown] + "*" * max(1, len(text) - shown) if text else None
