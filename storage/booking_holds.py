"""Held times: written with their cells, and offered to the next who waits when one comes free."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select

from storage import booking_cells, slots, wait_rows
from storage.booking_tables import Booking, BookingRow, NewBooking, State, Wait
from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.slot_tables import HostRow, Terms


async def write_held(connection: Connection, new: NewBooking, until: datetime) -> None:
    """Write a held booking and its cells: what `hold` and an offer to the waiting list share."""
    terms = new.terms
    seats = await booking_cells.choose(
        connection,
        new.host_id,
        new.starts_at,
        new.ends_at,
        buffer_minutes=terms.buffer_minutes,
        capacity=terms.capacity,
    )
    vault = vault_of(connection)
    sealed = {"name": new.name, "contact": new.contact[1] if new.contact else None, "question": new.question}
    own = ("number", "host_id", "person_id", "channel", "chat", "topic", "mode", "starts_at", "ends_at", "zone")
    await connection.execute(
        insert(BookingRow).values(
            **{name: getattr(new, name) for name in (*own, "language", "rule_id")},
            **{name: None if text is None else vault.seal(text, f"bookings.{name}") for name, text in sealed.items()},
            contact_kind=new.contact[0] if new.contact else None,
            state=State.HELD.value,
            sequence=0,
            held_until=until,
            township=await township_of(connection, new.host_id),
            needs_confirmation=terms.needs_confirmation,
            buffer_minutes=terms.buffer_minutes,
            capacity=terms.capacity,
            cancel_minutes=terms.cancel_minutes,
            created_at=new.at,
            changed_at=new.at,
        )
    )
    await booking_cells.occupy(connection, new.number, new.person_id, seats)


async def offer_freed(connection: Connection, freed: Booking, at: datetime) -> str | None:
    """Offer a time that has just come free to whoever has waited longest for such a one; give the wait's id.

    The time is held for them under the number their wait has. Nobody is offered a time that the host no longer has.
    """
    until = wait_rows.answer_by(freed.starts_at, freed.zone, at)
    if until is None or not await slots.is_still_open(connection, freed):
        return None
    await slots.lock(connection, [freed.host_id])
    for wait in await wait_rows.wanting(connection, freed, at):
        until = wait_rows.answer_by(freed.starts_at, wait.zone, at)
        if until is None:
            continue
        terms = Terms(
            buffer_minutes=freed.buffer_minutes,
            capacity=freed.capacity,
            cancel_minutes=int((freed.starts_at - freed.cancel_until) / timedelta(minutes=1)),
            needs_confirmation=freed.needs_confirmation,
        )
        span = (freed.starts_at, freed.ends_at)
        await offer(connection, wait, freed.host_id, freed.mode, span, terms, freed.rule_id, until=until, at=at)
        return wait.id
    return None


async def offer(
    connection: Connection,
    wait: Wait,
    host_id: str,
    mode: str,
    span: tuple[datetime, datetime],
    terms: Terms,
    rule_id: str | None,
    *,
    until: datetime,
    at: datetime,
) -> None:
    """Hold a time for somebody on the waiting list until a moment, and have them told; `mode` if they named none.

    The host is locked by the caller. Raises Conflict if no seat is left or they no longer wait.
    """
    new = NewBooking(
        number=wait.number,
        host_id=host_id,
        person_id=wait.person_id,
        channel=wait.channel,
        chat=wait.chat,
        topic=wait.topic,
        mode=wait.mode or mode,
        starts_at=span[0],
        ends_at=span[1],
        zone=wait.zone,
        language=wait.language,
        at=at,
        terms=terms,
        rule_id=rule_id,
        name=wait.name,
        contact=wait.contact,
        question=wait.question,
    )
    await write_held(connection, new, until)
    await wait_rows.mark_offered(connection, wait, until, at)


async def township_of(connection: Connection, host_id: str) -> str | None:
    row = (
        await connection.execute(select(HostRow.township, HostRow.active).where(HostRow.id == host_id))
    ).one_or_none()
    if row is None or not row.active:
        raise Conflict(f"host {host_id} takes no bookings")
    township: str | None = row.township
    return township
