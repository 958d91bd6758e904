"""The staff's side of bookings: today's list, confirming, declining, cancelling, marking; people are told at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handlers import booking_words
from handlers.desk import Office
from handlers.dialogue import Items, Paragraph, Reply
from handlers.free_times import COUNTY
from handlers.ids import booking_number_in
from handlers.offering import Wanted, look
from handlers.offering import move as shift
from handlers.registry_desk import NotDone
from handlers.voice import Voice
from storage import booking_lists, bookings, outbox, slots, staff
from storage.bookings import LIVE, Booking, State
from storage.errors import Conflict
from storage.slots import Host
from storage.staff import Right, Viewer

# What people hear of, by where their booking then stands.
TOLD = {State.CONFIRMED: "confirmed", State.DECLINED: "declined", State.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class Agenda:
    """The bookings of some days and the hosts they are with; `waiting` counts who waits, by day."""

    first: date
    last: date
    hosts: Sequence[Host]
    bookings: Sequence[Booking]
    waiting: dict[date, int]


async def agenda(
    office: Office,
    who: Viewer,
    first: date,
    last: date,
    *,
    host_id: str | None = None,
    states: Collection[State] | None = None,
    reason: str = "",
) -> Agenda:
    """Give the bookings from a day to another, both included, by the county's clock; in full with a reason, logged.

    Raises NotDone for a host that is not there for this viewer.
    """
    from_, to = begins(first), begins(last + timedelta(days=1))
    async with office.database.read() as connection:
        hosts = await slots.hosts(connection, viewer=who, also_inactive=True)
        if host_id is not None:
            hosts = [one for one in hosts if one.id == host_id]
            if not hosts:
                raise NotDone(f"there is no host {host_id} for you; see 'laoxiang slots hosts'")
        found = await booking_lists.between(
            connection, who, from_, to, host_id=host_id, states=states, reveal=bool(reason)
        )
        waits = await booking_lists.waiting(connection, who, from_, to)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    waiting = {
        day: sum(one.wanted_from < begins(day + timedelta(days=1)) and one.wanted_to > begins(day) for one in waits)
        for day in days
    }
    mine = [one for one in found if one.host_id in {host.id for host in hosts if host.staff_id == who.id}]
    if reason or mine:
        numbers = [one.number for one in (found if reason else mine)]
        await _log(office, who, "revealed bookings", {"reason": reason, "bookings": numbers})
    return Agenda(first, last, hosts, found, waiting)


async def settle(office: Office, who: Viewer, number: str, to: State, *, words: str = "") -> Booking:
    """Confirm, decline, cancel or mark a booking, and tell the person where they should hear of it.

    `words` are added to what they hear. Raises NotDone if it can't be, with why.
    """
    who.require(Right.SETTLE)
    at = office.clock.now()
    known = booking_number_in(number) or number
    async with office.database.read() as connection:
        booking = await booking_lists.one(connection, who, known)
    if booking is None:
        raise NotDone(f"there is no booking {number} for you; see 'laoxiang slots list'")
    if reason := bookings.why_not(booking, to, by=who.id, at=at):
        raise NotDone(f"booking {known} is {booking.state.value} and can't become {to.value}: {reason}")
    try:
        async with office.database.write() as connection:
            moved = await bookings.transition(connection, known, to, by=who.id, at=at)
            if to in TOLD and booking.state is not State.HELD:
                await outbox.enqueue(connection, moved.channel, moved.chat, [_notice(office, moved, words, at)], at)
            detail = {"number": known, "words": words}
            await staff.audit(connection, who, f"booking {to.value}", at, subject=moved.person_id, detail=detail)
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots list'") from error
    return moved


async def show(office: Office, who: Viewer, number: str, *, reason: str = "") -> Booking:
    """Give one booking; name, contact and question with a reason, which is logged. Raises NotDone for none."""
    async with office.database.read() as connection:
        found = await booking_lists.one(connection, who, booking_number_in(number) or number, reveal=bool(reason))
    if found is None:
        raise NotDone(f"there is no booking {number} for you; see 'laoxiang slots list'")
    if reason:
        await _log(office, who, "revealed bookings", {"reason": reason, "bookings": [found.number]})
    return found


async def move(office: Office, who: Viewer, number: str, starts_at: datetime) -> Booking:
    """Move a booking to a free time of the same host, and tell the person. Raises NotDone if it can't be."""
    who.require(Right.SETTLE)
    at = office.clock.now()
    booking = await show(office, who, number)
    wanted = Wanted(booking.topic, booking.mode, booking.host_id, but=booking.number)
    async with office.database.read() as connection:
        seen = await look(connection, wanted, now=at, from_=starts_at, to=starts_at + timedelta(minutes=1))
    if not seen.times:
        raise NotDone("slots.not_free")
    try:
        async with office.database.write() as connection:
            moved = await shift(connection, booking.number, seen.times[0].choices[0], by=who.id, at=at)
            await outbox.enqueue(connection, moved.channel, moved.chat, [_notice(office, moved, "", at, "moved")], at)
            detail = {"number": moved.number, "from": booking.starts_at.isoformat()}
            await staff.audit(connection, who, "booking moved", at, subject=moved.person_id, detail=detail)
    except Conflict as error:
        raise NotDone("slots.not_moved") from error
    return moved


async def feed(office: Office, who: Viewer, host_id: str) -> bytes:
    """Give a host's bookings as one calendar, from three months back on; nobody's name is in it.

    Raises NotDone for a host that is not there for this viewer, or has nothing booked.
    """
    today = office.clock.today()
    seen = await agenda(office, who, today - timedelta(days=90), today + timedelta(days=400), host_id=host_id)
    voice = Voice(office, office.language)
    calendar = booking_words.feed_of(voice, booking_words.host_name(voice, seen.hosts[0]), seen.bookings)
    if calendar is None:
        raise NotDone(f"nothing is booked with {host_id} yet")
    return calendar


async def in_the_way(office: Office, who: Viewer, host_id: str, from_: datetime, to: datetime) -> list[Booking]:
    """Give the live bookings of a host that reach into a time: what a leave leaves standing."""
    async with office.database.read() as connection:
        return await booking_lists.between(connection, who, from_, to, host_id=host_id, states=LIVE)


def begins(day: date, clock: str = "00:00") -> datetime:
    """Give the moment of a wall clock's time in the county; "24:00" is the end of the day."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), COUNTY)


def _notice(office: Office, booking: Booking, words: str, at: datetime, key: str = "") -> Reply:
    """Say in the person's language what has become of their booking, with the calendar entry as it now stands."""
    voice = Voice(office, booking.language)
    parts = [
        *voice.parts(f"slots.{key or TOLD[booking.state]}"),
        Items(items=tuple(booking_words.facts(voice, booking, at))),
    ]
    if words:
        parts.append(Paragraph(text=voice.text("slots.reason", reason=words)))
    parts.append(booking_words.calendar_file(voice, booking))
    again = voice.doors("start:book", "start:ask-person")
    return voice.reply(parts, booking_words.doors(voice, booking, at) if booking.state in LIVE else again)


async def _log(office: Office, who: Viewer, action: str, detail: dict[str, object]) -> None:
    async with office.database.write() as connection:
        await staff.audit(connection, who, action, office.clock.now(), detail=detail)
