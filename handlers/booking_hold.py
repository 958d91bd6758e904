"""The time held for somebody while they confirm: five minutes, one at a time, told by storage alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import offering
from handlers.booking_person import Booker, keep
from handlers.conversation import Chat
from handlers.free_times import Free
from handlers.ids import booking_number
from storage import bookings, waits
from storage.bookings import Booking, NewBooking, State
from storage.database import Connection
from storage.slots import Host

HOLD = timedelta(minutes=5)


async def own_bookings(chat: Chat) -> tuple[Booking, ...]:
    """Give what the person of this chat has booked or holds from now on."""
    person = await chat.known_person()
    if person is None:
        return ()
    async with chat.desk.database.read() as connection:
        found = await bookings.of_person(connection, person, since=chat.desk.clock.now())
    return tuple(one for one in found if one.state in bookings.LIVE)


async def held(chat: Chat, own: tuple[Booking, ...]) -> Booking | None:
    """Give the time held for the person while they confirm; what is offered to them from the waiting list is none."""
    now = chat.desk.clock.now()
    holds = [one for one in own if one.state is State.HELD and one.held_until is not None and one.held_until > now]
    if not holds:
        return None
    async with chat.desk.database.read() as connection:
        offered = {wait.number for wait in await waits.of_person(connection, holds[0].person_id)}
    return next((one for one in reversed(holds) if one.number not in offered), None)


def release(chat: Chat, booking: Booking) -> None:
    """Let a held time go with this message, however the conversation goes on."""
    at = chat.desk.clock.now()
    if booking.starts_at <= at:
        return  # it is over, and nobody can have it any more

    async def let_go(connection: Connection) -> None:
        await bookings.release(connection, booking.number, at=at)

    chat.keep_after(let_go)


async def hold(chat: Chat, booker: Booker, topic: str, mode: str, free: Free, host: Host) -> Booking:
    """Hold a time with this message, and give it as it will be stored.

    A race that is lost has the message dealt with again, on what is free then.
    """
    person, at, message = await chat.identify(), chat.desk.clock.now(), chat.message
    new = NewBooking(
        number=booking_number(chat.desk.ids),
        host_id=free.host_id,
        person_id=person,
        channel=message.channel,
        chat=message.chat,
        topic=topic,
        mode=mode,
        starts_at=free.starts_at,
        ends_at=free.ends_at,
        zone=booker.zone,
        language=chat.language,
        at=at,
        terms=free.terms,
        rule_id=free.rule_id,
    )

    async def take(connection: Connection) -> None:
        await keep(connection, chat, person, booker)
        await _let_go_of_others(connection, person, at)
        await offering.hold(connection, new, at + HOLD)

    chat.keep_after(take)
    return _as_held(new, host)


async def _let_go_of_others(connection: Connection, person: str, at: datetime) -> None:
    """Let go what the person holds elsewhere, on another device say, or held too long: it would be in their own way."""
    offered = {wait.number for wait in await waits.of_person(connection, person)}
    for one in await bookings.of_person(connection, person, since=at):
        if one.state is State.HELD and one.number not in offered and one.starts_at > at:
            await bookings.release(connection, one.number, at=at)


def _as_held(new: NewBooking, host: Host) -> Booking:
    """Give a booking as it will be stored with this message."""
    return Booking(
        **{name: getattr(new, name) for name in SAME},
        state=State.HELD,
        sequence=0,
        held_until=new.at + HOLD,
        township=host.township,
        needs_confirmation=new.terms.needs_confirmation,
        buffer_minutes=new.terms.buffer_minutes,
        capacity=new.terms.capacity,
        cancel_until=new.starts_at - timedelta(minutes=new.terms.cancel_minutes),
        created_at=new.at,
        changed_at=new.at,
        host_name=host.name,
        host_name_en=host.name_en,
        place=host.place,
        place_en=host.place_en,
        link=host.link,
    )


SAME = (
    "number",
    "host_id",
    "person_id",
    "channel",
    "chat",
    "topic",
    "mode",
    "starts_at",
    "ends_at",
    "zone",
    "name",
    "contact",
    "question",
    "language",
    "rule_id",
)
