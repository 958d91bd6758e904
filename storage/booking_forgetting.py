"""Bookings as data about people: exported, handed over with a merged entry, deleted when asked or in time.

Deleting frees what somebody still had to come, and the next who waits is offered it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import aliased

from storage import bookings, reminders, waits
from storage.booking_reading import found as bookings_where
from storage.booking_tables import LIVE, SYSTEM, BookingCell, BookingRow, State, WaitRow, WaitState
from storage.database import Connection
from storage.reminders import Kind, Reminder
from storage.slot_tables import HostRow

# Of a booking and a wait, what the person gets to see.
BOOKING = ("number", "host_name", "topic", "mode", "starts_at", "ends_at", "zone", "state", "name")
WAIT = ("topic", "mode", "wanted_from", "wanted_to", "zone", "state", "asked_at", "name")
HOST = ("name", "name_en", "topics", "modes", "place", "place_en", "link")
# A person's own `place` is where they live.
AS = {"place": "meeting_place", "place_en": "meeting_place_en"}
OVER = (State.CANCELLED, State.DECLINED, State.EXPIRED)


async def export(connection: Connection, person: str) -> dict[str, list[dict[str, Any]]]:
    """Give a person's bookings and waits, and what is published of them as an expert one can book."""
    hosts = await connection.execute(
        select(*(getattr(HostRow, name).label(AS.get(name, name)) for name in HOST))
        .where(HostRow.person_id == person)
        .order_by(HostRow.id)
    )
    return {
        "bookings": [_shown(one, BOOKING) for one in await bookings.of_person(connection, person)],
        "waits": [_shown(one, WAIT) for one in await waits.of_person(connection, person)],
        "hosts": [dict(row._mapping) for row in hosts],
    }


async def forget(connection: Connection, person: str, at: datetime) -> dict[str, int]:
    """Delete a person's bookings and waits, and what is published of them; give how many there were.

    Those who booked them as an expert are told (`Kind.BOOKING_CANCELLED`).
    """
    await _close_hosts(connection, person, at)
    return await withdraw(connection, person, at)


async def withdraw(connection: Connection, person: str, at: datetime) -> dict[str, int]:
    """Delete what a person has booked and waits for, with what they said; give how many there were.

    What was still to come is free again. What is published of them as an expert stays.
    """
    own = await bookings.of_person(connection, person)
    for one in own:
        if one.state in LIVE and one.starts_at > at:
            await bookings.transition(connection, one.number, State.CANCELLED, by=SYSTEM, at=at)
    waited = await waits.of_person(connection, person)
    for wait in waited:
        await waits.leave(connection, wait.id, at)
    await _delete(connection, [one.number for one in own], [one.id for one in waited])
    return {"bookings": len(own), "waits": len(waited)}


async def retain(connection: Connection, before: datetime, given_up_before: datetime) -> int:
    """Delete bookings and waits that are long over; give how many."""
    old = (
        await connection.scalars(
            select(BookingRow.number).where(
                BookingRow.state.not_in([state.value for state in (State.HELD, State.PENDING)]),
                or_(
                    BookingRow.ends_at < before,
                    BookingRow.state.in_([state.value for state in OVER]) & (BookingRow.changed_at < given_up_before),
                ),
            )
        )
    ).all()
    done = (WaitState.TAKEN.value, WaitState.LAPSED.value, WaitState.LEFT.value)
    waited = (
        await connection.scalars(select(WaitRow.id).where(WaitRow.state.in_(done), WaitRow.wanted_to < given_up_before))
    ).all()
    for start in range(0, max(len(old), len(waited)), 500):
        await _delete(connection, old[start : start + 500], waited[start : start + 500])
    await reminders.retain(connection, given_up_before)
    return len(old) + len(waited)


async def hand_over(connection: Connection, other: str, kept: str) -> None:
    """Make one person's bookings another's, who turned out to be the same."""
    theirs = aliased(BookingCell)
    # Booked twice for one time under two entries: the first keeps its quarter, and neither booking is lost.
    both = select(theirs.cell).where(theirs.person_id == kept)
    await connection.execute(
        update(BookingCell)
        .where(BookingCell.person_id == other, BookingCell.cell.in_(both.scalar_subquery()))
        .values(person_id=None)
    )
    for table in (BookingCell, BookingRow, WaitRow, HostRow):
        await connection.execute(update(table).where(table.person_id == other).values(person_id=kept))


async def _close_hosts(connection: Connection, person: str, at: datetime) -> None:
    """Take an expert off the list of whom one can book, with what is booked with them still to come."""
    hosts = (await connection.scalars(select(HostRow.id).where(HostRow.person_id == person))).all()
    if not hosts:
        return
    emptied = {"name": "", "name_en": None, "place": None, "place_en": None, "link": None}
    await connection.execute(
        update(HostRow).where(HostRow.id.in_(hosts)).values(active=False, person_id=None, **emptied)
    )
    live = [BookingRow.state.in_([state.value for state in LIVE]), BookingRow.starts_at > at]
    for one in await bookings_where(connection, [BookingRow.host_id.in_(hosts), *live]):
        await bookings.transition(connection, one.number, State.CANCELLED, by=SYSTEM, at=at)
        await reminders.plan(connection, [Reminder(Kind.BOOKING_CANCELLED.value, one.number, at)])
    await connection.execute(delete(WaitRow).where(WaitRow.host_id.in_(hosts)))


async def _delete(connection: Connection, numbers: Collection[str], waits_: Collection[str]) -> None:
    await reminders.forget(connection, [*numbers, *waits_])
    await connection.execute(delete(BookingRow).where(BookingRow.number.in_(list(numbers))))
    await connection.execute(delete(WaitRow).where(WaitRow.id.in_(list(waits_))))


def _shown(one: object, names: tuple[str, ...]) -> dict[str, Any]:
    """Give what a person sees of a booking or wait: plain values, the contact by its kind."""
    shown: dict[str, Any] = {name: getattr(one, name) for name in names}
    shown["state"] = shown["state"].value
    kind, value = getattr(one, "contact", None) or (None, None)
    return shown | {"contact_kind": kind, "contact": value, "question": getattr(one, "question", None)}
