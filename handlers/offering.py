"""What is offered for booking: read from storage, made into free times; and looked at again in taking one.

The way for conversations: `look` when showing times, `hold` and `move` in the effect. Both raise Conflict when the time
has gone since, whatever took it (another booking, a leave, new hours): reception replays, and what is left is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.free_times import Free, Offered
from storage.booking_tables import Booking, NewBooking
from storage.database import Connection
from storage.slots import Host


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; None leaves it open.

    `township` keeps that township's hosts and the county's. `person` leaves out weeks in which they have had their
    share, and what overlaps with other bookings of theirs; `but` is a booking of theirs that is not in the way.
    """

    topic: str | None = None
    mode: str | None = None
    host_id: str | None = None
    township: str | None = None
    person: str | None = None
    but: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The free times found, each once, by time; and the hosts they are with, by id."""

    times: tuple[Offered, ...]
    hosts: dict[str, Host]


async def look(connection: Connection, wanted: Wanted, *, now: datetime, from_: datetime, to: datetime) -> Look:
    """Give the free times that begin in [from_, to). UTC."""
    raise NotImplementedError


async def hold(connection: Connection, new: NewBooking, until: datetime) -> None:
    """Hold a time if it is still offered. Raises Conflict as `bookings.hold`, or if it is offered no more."""
    raise NotImplementedError


async def move(connection: Connection, number: str, to: Free, *, by: str, at: datetime) -> Booking:
    """Move a booking to a free time if it is still offered. Raises Conflict as `bookings.reschedule`."""
    raise NotImplementedError
