"""Who comes to an event: seats counted by the database, a line of those who wait, and the door.

Seats are taken and given back by one guarded UPDATE of the event's row; two people can't get the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from storage import reminders, staff
from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.event_tables import (
    SEALED,
    SEATED,
    STANDING,
    EventReply,
    EventReplyRow,
    EventRow,
    EventState,
    ReplyState,
)
from storage.reminders import Kind, Reminder
from storage.staff import NotAllowed, Right, Role, Viewer
from storage.vault import Vault

__all__ = ["SEATED", "STANDING", "EventReply", "ReplyState"]

# An event's reminders fall due as a booking's do.
_REMINDERS = {Kind.BOOKING_DAY.value: Kind.EVENT_DAY.value, Kind.BOOKING_HOUR.value: Kind.EVENT_HOUR.value}
_COLUMNS = tuple(getattr(EventReplyRow, field.name).label(field.name) for field in fields(EventReply))


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What came of a code at the door; `is_new` is False for one that was shown before."""

    reply: EventReply
    is_new: bool


async def sign_up(connection: Connection, reply: EventReply, at: datetime) -> None:
    """Store a reply in the state it says: coming, online or waiting.

    A withdrawn one of this person makes room for it; so does a standing one under the same number, with its seats.
    Raises Conflict where the event takes no more replies, the seats are gone (or, for one who would wait, there are
    some), or the person has replied already under another number.
    """
    earlier = await of_person_at(connection, reply.person_id, reply.event_code)
    if earlier is not None:
        if earlier.state is not ReplyState.WITHDRAWN and earlier.number != reply.number:
            raise Conflict(f"{reply.person_id} has replied to {reply.event_code} already")
        await _delete(connection, earlier)
    if reply.state is ReplyState.COMING:
        await _take_seats(connection, reply.event_code, reply.seats, at)
    else:
        await _still_open(connection, reply.event_code, at)
        if reply.state is ReplyState.WAITING and await _fits(connection, reply.event_code, reply.seats):
            raise Conflict(f"there are seats at {reply.event_code} after all")
    vault = vault_of(connection)
    values = {field.name: getattr(reply, field.name) for field in fields(EventReply)} | {"state": reply.state.value}
    for name in SEALED:
        if values[name] is not None:
            values[name] = vault.seal(values[name], f"event_replies.{name}")
    await connection.execute(insert(EventReplyRow).values(**values))
    await settle_reminders(connection, [reply], await _starts_at(connection, reply.event_code), at)
    if earlier is not None:
        await move_up(connection, reply.event_code, at)


async def withdraw(connection: Connection, number: str, at: datetime) -> list[EventReply]:
    """Take a reply back; give those who move up from the line. Raises Conflict for one that can't be."""
    reply = await by_number(connection, number)
    if reply is None or reply.state not in STANDING - {ReplyState.ATTENDED}:
        raise Conflict(f"there is no reply {number} to take back")
    done = await connection.execute(
        update(EventReplyRow)
        .where(EventReplyRow.number == number, EventReplyRow.state == reply.state.value)
        .values(state=ReplyState.WITHDRAWN.value, changed_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"reply {number} has moved on")
    await reminders.drop(connection, [number])
    if reply.state in SEATED:
        await _give_back(connection, reply.event_code, reply.seats)
    return await move_up(connection, reply.event_code, at)


async def move_up(connection: Connection, code: str, at: datetime) -> list[EventReply]:
    """Give free seats to those who wait, in their order; a party that does not fit lets the next one past."""
    event = (
        await connection.execute(
            select(EventRow.quota, EventRow.taken, EventRow.state, EventRow.starts_at)
            .where(EventRow.code == code)
            .with_for_update()
        )
    ).one_or_none()
    if event is None or event.state != EventState.OPEN.value or event.starts_at <= at:
        return []
    left = None if event.quota is None else event.quota - event.taken
    moved = []
    for waiting in await _where(
        connection,
        [EventReplyRow.event_code == code, EventReplyRow.state == ReplyState.WAITING.value],
    ):
        if left is not None and waiting.seats > left:
            continue
        await connection.execute(
            update(EventRow).where(EventRow.code == code).values(taken=EventRow.taken + waiting.seats)
        )
        await connection.execute(
            update(EventReplyRow)
            .where(EventReplyRow.number == waiting.number)
            .values(state=ReplyState.COMING.value, changed_at=at)
        )
        left = None if left is None else left - waiting.seats
        moved.append(waiting.number)
    replies = [reply for number in moved if (reply := await by_number(connection, number)) is not None]
    await news(connection, replies, Kind.EVENT_SEAT, at)
    await settle_reminders(connection, replies, event.starts_at, at)
    return replies


async def news(connection: Connection, replies: Sequence[EventReply], kind: Kind, at: datetime) -> None:
    """Let people know of something at once; what they were still to be told of before is overtaken."""
    await reminders.drop(connection, [reply.number for reply in replies], [Kind.EVENT_CHANGED.value])
    if kind is Kind.EVENT_CANCELLED:
        await reminders.drop(connection, [reply.number for reply in replies])
    await reminders.plan(connection, [Reminder(kind.value, reply.number, at) for reply in replies])


async def settle_reminders(
    connection: Connection, replies: Sequence[EventReply], starts_at: datetime, at: datetime
) -> None:
    """Plan the reminders of those who come or watch, a day and an hour before; earlier ones are dropped."""
    await reminders.drop(connection, [reply.number for reply in replies], list(_REMINDERS.values()))
    coming = [reply for reply in replies if reply.state in {ReplyState.COMING, ReplyState.ONLINE}]
    planned = [
        replace(one, kind=_REMINDERS[one.kind])
        for reply in coming
        for one in reminders.before(starts_at, reply.zone, reply.number, at)
    ]
    await reminders.plan(connection, planned)


async def check_in(connection: Connection, viewer: Viewer, code: str, number: str, at: datetime) -> CheckIn:
    """Let somebody in by the code of their reply, once. Raises Conflict for a code that has no seat here."""
    viewer.require(Right.EVENTS)
    reply = await by_number(connection, number)
    if reply is None or reply.event_code != code:
        raise Conflict(f"{number} is no reply to {code}")
    _may_see(viewer, reply)
    if reply.state is ReplyState.ATTENDED:
        return CheckIn(reply, is_new=False)
    if reply.state is not ReplyState.COMING:
        raise Conflict(f"{number} is {reply.state.value} and has no seat at {code}")
    await connection.execute(
        update(EventReplyRow)
        .where(EventReplyRow.number == number)
        .values(state=ReplyState.ATTENDED.value, changed_at=at)
    )
    await staff.audit(
        connection, viewer, "let in", at, subject=reply.person_id, detail={"event": code, "number": number}
    )
    found = await by_number(connection, number)
    return CheckIn(found or reply, is_new=True)


async def attendees(connection: Connection, viewer: Viewer, code: str) -> list[EventReply]:
    """Give the replies to an event in their order; a township's staff see people of their own township."""
    viewer.require(Right.ATTENDEES)
    own = [EventReplyRow.township == viewer.township] if viewer.role is Role.TOWNSHIP else []
    return await _where(connection, [EventReplyRow.event_code == code, *own])


async def standing(connection: Connection, code: str) -> list[EventReply]:
    """Give the replies that hear of every change of an event."""
    states = [state.value for state in STANDING]
    return await _where(connection, [EventReplyRow.event_code == code, EventReplyRow.state.in_(states)])


async def by_number(connection: Connection, number: str) -> EventReply | None:
    found = await _where(connection, [EventReplyRow.number == number])
    return found[0] if found else None


async def of_person(connection: Connection, person: str) -> list[EventReply]:
    return await _where(connection, [EventReplyRow.person_id == person])


async def of_person_at(connection: Connection, person: str, code: str) -> EventReply | None:
    found = await _where(connection, [EventReplyRow.person_id == person, EventReplyRow.event_code == code])
    return found[0] if found else None


async def place_in_line(connection: Connection, reply: EventReply) -> int:
    """Give how many wait before a reply, itself counted."""
    before = await connection.scalar(
        select(func.count()).where(
            EventReplyRow.event_code == reply.event_code,
            EventReplyRow.state == ReplyState.WAITING.value,
            EventReplyRow.asked_at <= reply.asked_at,
        )
    )
    return before or 1


async def forget(connection: Connection, person: str, at: datetime) -> int:
    """Delete a person's replies; who waits moves up to their seats. Gives how many there were."""
    own = await of_person(connection, person)
    for reply in own:
        await _delete(connection, reply)
        await move_up(connection, reply.event_code, at)
    return len(own)


async def export(connection: Connection, person: str) -> list[dict[str, Any]]:
    """Give a person's replies as they may see them."""
    shown = ("number", "event_code", "state", "seats", "nights", "group", "zone", "name", "mobile", "diet", "asked_at")
    return [
        {name: getattr(reply, name) for name in shown} | {"state": reply.state.value}
        for reply in await of_person(connection, person)
    ]


async def hand_over(connection: Connection, other: str, kept: str) -> None:
    """Make one person's replies another's, who turned out to be the same; where both replied, the kept one's stands."""
    both = select(EventReplyRow.event_code).where(EventReplyRow.person_id == kept)
    theirs = await _where(connection, [EventReplyRow.person_id == other, EventReplyRow.event_code.in_(both)])
    for reply in theirs:
        await _delete(connection, reply)
    await connection.execute(update(EventReplyRow).where(EventReplyRow.person_id == other).values(person_id=kept))


async def retain(connection: Connection, before: datetime) -> int:
    """Delete the replies to events that ended before a time; give how many."""
    over = select(EventRow.code).where(EventRow.ends_at < before)
    done = await connection.execute(delete(EventReplyRow).where(EventReplyRow.event_code.in_(over)))
    return int(done.rowcount)


async def _delete(connection: Connection, reply: EventReply) -> None:
    await reminders.forget(connection, [reply.number])
    await connection.execute(delete(EventReplyRow).where(EventReplyRow.number == reply.number))
    if reply.state in SEATED:
        await _give_back(connection, reply.event_code, reply.seats)


async def _starts_at(connection: Connection, code: str) -> datetime:
    return (await connection.scalars(select(EventRow.starts_at).where(EventRow.code == code))).one()


async def _take_seats(connection: Connection, code: str, seats: int, at: datetime) -> None:
    done = await connection.execute(
        update(EventRow)
        .where(
            EventRow.code == code,
            EventRow.state == EventState.OPEN.value,
            EventRow.deadline > at,
            or_(EventRow.quota.is_(None), EventRow.taken + seats <= EventRow.quota),
        )
        .values(taken=EventRow.taken + seats)
    )
    if done.rowcount != 1:
        raise Conflict(f"{seats} seats at {code} are not to be had")


async def _give_back(connection: Connection, code: str, seats: int) -> None:
    await connection.execute(update(EventRow).where(EventRow.code == code).values(taken=EventRow.taken - seats))


async def _still_open(connection: Connection, code: str, at: datetime) -> None:
    found = await connection.scalar(
        select(EventRow.code)
        .where(EventRow.code == code, EventRow.state == EventState.OPEN.value, EventRow.deadline > at)
        .with_for_update()
    )
    if found is None:
        raise Conflict(f"{code} takes no more replies")


async def _fits(connection: Connection, code: str, seats: int) -> bool:
    row = (await connection.execute(select(EventRow.quota, EventRow.taken).where(EventRow.code == code))).one()
    return row.quota is None or row.taken + seats <= row.quota


def _may_see(viewer: Viewer, reply: EventReply) -> None:
    if viewer.role is Role.TOWNSHIP and reply.township != viewer.township:
        raise NotAllowed("a township's staff see people of their own township; ask a county administrator")


async def _where(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> list[EventReply]:
    rows = await connection.execute(
        select(*_COLUMNS).where(*conditions).order_by(EventReplyRow.asked_at, EventReplyRow.number)
    )
    vault = vault_of(connection)
    return [_reply(row, vault) for row in rows]


def _reply(row: Row[Any], vault: Vault) -> EventReply:
    values = dict(row._mapping)
    for name in SEALED:
        values[name] = vault.open(values[name], f"event_replies.{name}") if values[name] else None
    return EventReply(**values | {"state": ReplyState(values["state"])})
