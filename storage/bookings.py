"""Bookings (预约): holding a time, and every move from there on; one function says what may become of what.

A race is decided by the constraint on the cells alone: whoever loses it gets `Conflict`, and nothing was written.
Never catch a Conflict and go on in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from storage import booking_cells, reminders, slots, wait_rows
from storage.booking_cells import taken
from storage.booking_holds import offer_freed, township_of, write_held
from storage.booking_reading import by_number, in_week, of_person
from storage.booking_rules import why_not, why_not_moved
from storage.booking_tables import LIVE, SELF, SYSTEM, Booking, BookingRow, NewBooking, State
from storage.database import Connection, vault_of
from storage.errors import Conflict, StorageError
from storage.people import Person
from storage.reminders import Kind, Reminder
from storage.slot_tables import Terms

__all__ = [
    "LIVE",
    "SELF",
    "SYSTEM",
    "Booking",
    "NewBooking",
    "State",
    "by_number",
    "cancel",
    "confirm",
    "decline",
    "expire_held",
    "hold",
    "in_week",
    "of_person",
    "release",
    "reschedule",
    "taken",
    "transition",
    "why_not",
    "why_not_moved",
]


async def hold(connection: Connection, new: NewBooking, until: datetime) -> None:
    """Hold a time for a person until a moment, five minutes on, while they confirm.

    Raises Conflict if a seat is not left, the person has something else then, has had their share of the week, or
    the number was given out already; StorageError for a time that is not on quarters.
    """
    if not new.at < until or not new.at < new.starts_at:
        raise Conflict(f"{new.starts_at:%Y-%m-%d %H:%M} is over")
    await slots.lock(connection, [new.host_id])
    await _one_at_a_time(connection, new.person_id)
    await _expire_abandoned(connection, new.host_id, new.at)
    await _check_week(connection, new.person_id, new.host_id, new.starts_at, new.terms)
    await write_held(connection, new, until)
    await reminders.plan(connection, [Reminder(Kind.HOLD_ENDS.value, new.number, until)])


async def transition(connection: Connection, number: str, to: State, *, by: str, at: datetime) -> Booking:
    """Move a booking to another state, if it may: the one place that decides (`MOVES`).

    `by` is SELF for the person, SYSTEM for the clock, else a member of staff's id. Cells, reminders, the calendar's
    sequence and the waiting list follow in the same transaction. Gives the booking as it then stands. Raises
    Conflict if it may not be: `why_not` says so in advance.
    """
    booking = await by_number(connection, number, lock=True)
    if booking is None:
        raise Conflict(f"there is no booking {number}")
    if reason := why_not(booking, to, by=by, at=at):
        raise Conflict(f"booking {number} is {booking.state.value} and can't become {to.value}: {reason}")
    if to in LIVE and not await booking_cells.owned(connection, number):
        raise Conflict(f"booking {number} has lost its time")
    told = to in {State.CANCELLED, State.DECLINED} and booking.state is not State.HELD
    done = await connection.execute(
        update(BookingRow)
        .where(BookingRow.number == number, BookingRow.state == booking.state.value)
        # Calendars take over what has a higher sequence (RFC 5546, 2.1.4).
        .values(state=to.value, held_until=None, changed_at=at, sequence=booking.sequence + told)
    )
    if done.rowcount != 1:
        raise Conflict(f"booking {number} has moved on")
    await reminders.drop(connection, [number])
    await wait_rows.follow(connection, number, to)
    if to is State.CONFIRMED:
        await reminders.plan(connection, reminders.before(booking.starts_at, booking.zone, number, at))
    elif to is State.PENDING:
        await reminders.plan(connection, reminders.of_request(number, booking.starts_at, at))
    elif to not in LIVE:
        await booking_cells.free(connection, number)
        await offer_freed(connection, booking, at)
    if booking.state is State.HELD and to not in LIVE:
        await _empty(connection, number)
    moved = await by_number(connection, number)
    if moved is None:
        raise StorageError(f"booking {number} is gone")
    return moved


async def confirm(
    connection: Connection,
    number: str,
    *,
    by: str,
    at: datetime,
    name: str | None = None,
    contact: tuple[str, str] | None = None,
    question: str | None = None,
) -> Booking:
    """Confirm: the person what they hold (it is pending where staff have to agree), staff what is pending.

    Name, contact (kind, value) and question are stored if given. Raises Conflict as `transition` does.
    """
    booking = await by_number(connection, number, lock=True)
    if booking is None:
        raise Conflict(f"there is no booking {number}")
    waits_for_staff = booking.state is State.HELD and booking.needs_confirmation
    await _seal_in(connection, number, name, contact, question)
    return await transition(connection, number, State.PENDING if waits_for_staff else State.CONFIRMED, by=by, at=at)


async def cancel(connection: Connection, number: str, *, by: str, at: datetime) -> Booking:
    """Cancel; the person up to the limit, staff until it begins. Raises Conflict as `transition` does."""
    return await transition(connection, number, State.CANCELLED, by=by, at=at)


async def decline(connection: Connection, number: str, *, by: str, at: datetime) -> Booking:
    """Decline what is pending. Raises Conflict as `transition` does."""
    return await transition(connection, number, State.DECLINED, by=by, at=at)


async def release(connection: Connection, number: str, *, at: datetime) -> None:
    """Let go what a person holds: they go back or leave. Nothing happens if it is no longer held."""
    booking = await by_number(connection, number, lock=True)
    if booking is not None and booking.state is State.HELD:
        await transition(connection, number, State.EXPIRED, by=SELF, at=at)


async def reschedule(
    connection: Connection,
    number: str,
    *,
    host_id: str,
    starts_at: datetime,
    ends_at: datetime,
    terms: Terms,
    rule_id: str | None = None,
    by: str,
    at: datetime,
) -> Booking:
    """Move a pending or confirmed booking to another time, with the same host or another, under its number.

    One transaction: new cells in, old cells out, sequence + 1, reminders anew; it is pending where the new terms ask
    staff. Raises Conflict if the new time is gone, the old one is past the person's limit, or it is not theirs to move;
    then all is as it was.
    """
    booking = await by_number(connection, number, lock=True)
    if booking is None:
        raise Conflict(f"there is no booking {number}")
    if reason := why_not_moved(booking, by=by, at=at):
        raise Conflict(f"booking {number} can't be moved: {reason}")
    if not at < starts_at:
        raise Conflict(f"{starts_at:%Y-%m-%d %H:%M} is over")
    await slots.lock(connection, [booking.host_id, host_id])
    await _one_at_a_time(connection, booking.person_id)
    await _expire_abandoned(connection, host_id, at)
    await _check_week(connection, booking.person_id, host_id, starts_at, terms, but=number)
    seats = await booking_cells.choose(
        connection,
        host_id,
        starts_at,
        ends_at,
        buffer_minutes=terms.buffer_minutes,
        capacity=terms.capacity,
        but=number,
    )
    await booking_cells.free(connection, number)
    await booking_cells.occupy(connection, number, booking.person_id, seats)
    state = State.PENDING if terms.needs_confirmation and by == SELF else State.CONFIRMED
    await connection.execute(
        update(BookingRow)
        .where(BookingRow.number == number)
        .values(
            host_id=host_id,
            township=await township_of(connection, host_id),
            starts_at=starts_at,
            ends_at=ends_at,
            state=state.value,
            sequence=booking.sequence + 1,
            rule_id=rule_id,
            needs_confirmation=terms.needs_confirmation,
            buffer_minutes=terms.buffer_minutes,
            capacity=terms.capacity,
            cancel_minutes=terms.cancel_minutes,
            changed_at=at,
        )
    )
    await reminders.drop(connection, [number])
    if state is State.CONFIRMED:
        await reminders.plan(connection, reminders.before(starts_at, booking.zone, number, at))
    else:
        await reminders.plan(connection, reminders.of_request(number, starts_at, at))
    await offer_freed(connection, booking, at)
    moved = await by_number(connection, number)
    if moved is None:
        raise StorageError(f"booking {number} is gone")
    return moved


async def expire_held(connection: Connection, at: datetime, *, limit: int = 100) -> list[Booking]:
    """Expire holds that are over and requests that staff left until they began; give them, as they now stand.

    Each frees its time once, and the next who waits is offered it. Several may run at once. Holds that others are just
    moving are passed over; run it again where `limit` were given.
    """
    over = or_(
        (BookingRow.state == State.HELD.value) & (BookingRow.held_until <= at),
        (BookingRow.state == State.PENDING.value) & (BookingRow.starts_at <= at),
    )
    found = await connection.scalars(
        select(BookingRow.number).where(over).order_by(BookingRow.number).limit(limit).with_for_update(skip_locked=True)
    )
    return [await transition(connection, number, State.EXPIRED, by=SYSTEM, at=at) for number in found.all()]


async def _expire_abandoned(connection: Connection, host_id: str, at: datetime) -> None:
    """Expire holds of a host that are over: without a worker of jobs they would block their times for good."""
    found = await connection.scalars(
        select(BookingRow.number)
        .where(BookingRow.host_id == host_id, booking_cells.is_abandoned(at))
        .order_by(BookingRow.number)
        .with_for_update(skip_locked=True)
    )
    for number in found.all():
        await transition(connection, number, State.EXPIRED, by=SYSTEM, at=at)


async def _check_week(
    connection: Connection, person: str, host_id: str, starts_at: datetime, terms: Terms, but: str | None = None
) -> None:
    if terms.per_week is None:
        return
    if await in_week(connection, person, host_id, starts_at, but=but) >= terms.per_week:
        raise Conflict(f"{person} has {terms.per_week} with {host_id} in that week already")


async def _one_at_a_time(connection: Connection, person: str) -> None:
    """Let nothing else of this person's be booked meanwhile: what they have in a week is counted."""
    found = await connection.scalar(select(Person.id).where(Person.id == person).with_for_update(key_share=True))
    if found is None:
        raise Conflict(f"there is nobody by {person}")


async def _seal_in(
    connection: Connection, number: str, name: str | None, contact: tuple[str, str] | None, question: str | None
) -> None:
    vault = vault_of(connection)
    texts = {"name": name, "contact": contact[1] if contact else None, "question": question}
    sealed = {key: vault.seal(text, f"bookings.{key}") for key, text in texts.items() if text is not None}
    if contact is not None:
        sealed["contact_kind"] = contact[0]
    if sealed:
        await connection.execute(update(BookingRow).where(BookingRow.number == number).values(**sealed))


async def _empty(connection: Connection, number: str) -> None:
    """Forget whom a hold that came to nothing was for: nobody needs to know."""
    await connection.execute(
        update(BookingRow)
        .where(BookingRow.number == number)
        .values(name=None, contact_kind=None, contact=None, question=None)
    )
