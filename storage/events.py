"""Events (活动) as staff keep them: created, changed, called off; read by everybody who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from storage.database import Connection
from storage.errors import Conflict
from storage.event_replies import move_up, news, settle_reminders, standing
from storage.event_tables import Event, EventRow, EventState
from storage.reminders import Kind
from storage.staff import NotAllowed, Right, Role, Viewer

__all__ = ["Event", "EventState"]

# What a change may set; everything else of an event is its own.
CHANGEABLE = frozenset(
    {"title", "title_en", "starts_at", "ends_at", "place", "place_en", "map_link", "live_link", "quota", "deadline"}
    | {"groups", "note"}
)
# What everybody who signed up has to hear of.
NEWS = frozenset({"title", "starts_at", "ends_at", "place", "map_link", "live_link", "note"})
_COLUMNS = tuple(getattr(EventRow, field.name) for field in fields(Event))


async def create(connection: Connection, viewer: Viewer, event: Event) -> None:
    """Store a new event; a township's staff only their own. Raises NotAllowed, and Conflict for a known code."""
    _may_manage(viewer, event.township)
    if await by_code(connection, event.code) is not None:
        raise Conflict(f"there is an event {event.code} already")
    values = {field.name: getattr(event, field.name) for field in fields(Event)}
    await connection.execute(
        insert(EventRow).values(**values | {"groups": list(event.groups), "state": event.state.value})
    )


async def change(
    connection: Connection, viewer: Viewer, code: str, changes: Mapping[str, Any], at: datetime
) -> tuple[Event, Event]:
    """Change what is given of an open event; give it as it was and as it is.

    Everybody who signed up is told (`Kind.EVENT_CHANGED`), reminders follow, and a larger quota lets people move up.
    Raises Conflict where there is none, it is called off, or more have signed up than a smaller quota holds;
    NotAllowed for another township's.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise ValueError(f"an event has no {', '.join(sorted(unknown))} to change")
    before = await _locked(connection, viewer, code)
    quota = changes.get("quota", before.quota)
    if quota is not None and quota < before.taken:
        raise Conflict(f"{before.taken} seats of {code} are taken; a quota of {quota} does not hold them")
    told = {name for name in NEWS & set(changes) if getattr(before, name) != changes[name]}
    was = {name: _written(getattr(before, name)) for name in told if getattr(before, name) is not None}
    await connection.execute(
        update(EventRow)
        .where(EventRow.code == code)
        .values(**changes, version=before.version + 1, changed_at=at, **({"was": was} if told else {}))
    )
    now = await _known(connection, code)
    replies = await standing(connection, code)
    if told:
        await news(connection, replies, Kind.EVENT_CHANGED, at)
    await settle_reminders(connection, replies, now.starts_at, at)
    await move_up(connection, code, at)
    return before, now


async def call_off(connection: Connection, viewer: Viewer, code: str, at: datetime, note: str | None = None) -> Event:
    """Call an open event off and let everybody who signed up know; give it as it then stands.

    Raises Conflict and NotAllowed as `change` does.
    """
    before = await _locked(connection, viewer, code)
    await connection.execute(
        update(EventRow)
        .where(EventRow.code == code)
        .values(state=EventState.CANCELLED.value, note=note, version=before.version + 1, changed_at=at)
    )
    await news(connection, await standing(connection, code), Kind.EVENT_CANCELLED, at)
    return await _known(connection, code)


async def by_code(connection: Connection, code: str) -> Event | None:
    """Give an event by its code, in any case."""
    row = (await connection.execute(select(*_COLUMNS).where(EventRow.code == code.upper()))).one_or_none()
    return _event(row) if row else None


async def upcoming(connection: Connection, at: datetime) -> list[Event]:
    """Give the events that are not over, those called off among them, the next one first."""
    rows = await connection.execute(select(*_COLUMNS).where(EventRow.ends_at > at).order_by(EventRow.starts_at))
    return [_event(row) for row in rows]


async def listed(connection: Connection, viewer: Viewer, since: datetime | None = None) -> list[Event]:
    """Give the events a member of staff may see: a township's its own and the county's."""
    viewer.require(Right.ATTENDEES)
    conditions = [] if since is None else [EventRow.ends_at > since]
    if viewer.role is Role.TOWNSHIP:
        conditions.append(or_(EventRow.township.is_(None), EventRow.township == viewer.township))
    rows = await connection.execute(select(*_COLUMNS).where(*conditions).order_by(EventRow.starts_at))
    return [_event(row) for row in rows]


async def titles(connection: Connection, codes: Sequence[str]) -> dict[str, Event]:
    """Give events by their codes."""
    rows = await connection.execute(select(*_COLUMNS).where(EventRow.code.in_(list(codes))))
    return {row.code: _event(row) for row in rows}


def _may_manage(viewer: Viewer, township: str | None) -> None:
    viewer.require(Right.EVENTS)
    if viewer.role is Role.TOWNSHIP and township != viewer.township:
        raise NotAllowed("a township's staff manage the events of their own township; ask a county administrator")


async def _locked(connection: Connection, viewer: Viewer, code: str) -> Event:
    row = (await connection.execute(select(*_COLUMNS).where(EventRow.code == code).with_for_update())).one_or_none()
    if row is None:
        raise Conflict(f"there is no event {code}")
    event = _event(row)
    _may_manage(viewer, event.township)
    if event.state is not EventState.OPEN:
        raise Conflict(f"event {code} is {event.state.value}")
    return event


async def _known(connection: Connection, code: str) -> Event:
    event = await by_code(connection, code)
    if event is None:
        raise Conflict(f"event {code} is gone")
    return event


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _event(row: Row[Any]) -> Event:
    values = dict(row._mapping)
    return Event(**values | {"groups": tuple(values["groups"]), "state": EventState(values["state"])})
