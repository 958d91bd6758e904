"""Bookings as staff see them: within what their role may see, names and contacts masked without a reason.

Every function takes the viewer; a township's staff reach the bookings with their own township's hosts alone. Somebody
who is the host sees whom they meet.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, select

from storage import booking_reading, slots
from storage.booking_tables import Booking, BookingRow, State, Wait, WaitRow, WaitState
from storage.database import Connection
from storage.people_lists import masked_contact, masked_name
from storage.slot_tables import HostRow
from storage.staff import Right, Viewer
from storage.wait_rows import found as waits_where


async def between(
    connection: Connection,
    viewer: Viewer,
    from_: datetime,
    to: datetime,
    *,
    host_id: str | None = None,
    states: Collection[State] | None = None,
    reveal: bool = False,
) -> list[Booking]:
    """Give the bookings that reach into a time, by when they begin."""
    conditions: list[ColumnElement[bool]] = [BookingRow.starts_at < to, BookingRow.ends_at > from_]
    if host_id is not None:
        conditions.append(BookingRow.host_id == host_id)
    if states is not None:
        conditions.append(BookingRow.state.in_([state.value for state in states]))
    return await _seen(connection, viewer, conditions, reveal=reveal)


async def one(connection: Connection, viewer: Viewer, number: str, *, reveal: bool = False) -> Booking | None:
    """Give one booking; None if there is none, or none this viewer may see."""
    found = await _seen(connection, viewer, [BookingRow.number == number], reveal=reveal)
    return found[0] if found else None


async def waiting(connection: Connection, viewer: Viewer, from_: datetime, to: datetime) -> list[Wait]:
    """Give who waits for a time between two, without who they are: with a host the viewer may see, or with any."""
    viewer.require(Right.BOOKINGS)
    hosts = select(HostRow.id).where(slots.within(viewer))
    conditions = [
        WaitRow.state == WaitState.WAITING.value,
        WaitRow.wanted_from < to,
        WaitRow.wanted_to > from_,
        WaitRow.host_id.is_(None) | WaitRow.host_id.in_(hosts.scalar_subquery()),
    ]
    found = await waits_where(connection, conditions)
    return [replace(one, name=None, contact=None, question=None) for one in found]


async def _seen(
    connection: Connection, viewer: Viewer, conditions: list[ColumnElement[bool]], *, reveal: bool
) -> list[Booking]:
    viewer.require(Right.BOOKINGS)
    if reveal:
        viewer.require(Right.REVEAL)
    found = await booking_reading.found(connection, [*conditions, slots.within(viewer)])
    mine = set((await connection.scalars(select(HostRow.id).where(HostRow.staff_id == viewer.id))).all())
    return [booking if reveal or booking.host_id in mine else _masked(booking) for booking in found]


def _masked(booking: Booking) -> Booking:
    contact = booking.contact and (booking.contact[0], masked_contact(*booking.contact))
    return replace(booking, name=booking.name and masked_name(booking.name), contact=contact, question=None)
