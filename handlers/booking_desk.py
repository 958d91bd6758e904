"""The staff's side of bookings: today's list, confirming, declining, cancelling, marking; people are told at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handlers import booking_words, offering
from handlers.desk import Office
from handlers.dialogue import Items, Paragraph, Reply
from handlers.free_times import COUNTY
from handlers.ids import booking_number_in
from handlers.offering import Wanted, look
from handlers.registry_desk import NotDone
from handlers.voice import Voice
from storage import booking_lists, bookings, outbox, slots, staff
from storage.bookings import LIVE, Booking, State
from storage.database import Connection
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
    shown_in_full: Sequence[str] = ()  # numbers of those whose names and contacts are not masked


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
    seen = await look_at(office, who, first, last, host_id=host_id, states=states, reason=reason)
    if seen.shown_in_full:
        async with office.database.write() as connection:
            await log_look(connection, who, seen, office.clock.now(), reason)
    return seen


async def look_at(
    office: Office,
    who: Viewer,
    first: date,
    last: date,
    *,
    host_id: str | None = None,
    states: Collection[State] | None = None,
    reason: str = "",
) -> Agenda:
    """Give what `agenda` gives; whoever calls this writes into the log what was shown in full (`log_look`)."""
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
    mine = {host.id for host in hosts if host.staff_id == who.id}
    in_full = tuple(one.number for one in found if reason or one.host_id in mine)
    return Agenda(first, last, hosts, found, waiting, in_full)


async def log_look(connection: Connection, who: Viewer, seen: Agenda, at: datetime, reason: str = "") -> None:
    """Write into the log whose bookings were shown in full."""
    detail = {"reason": reason, "bookings": seen.shown_in_full}
    await staff.audit(connection, who, "revealed bookings", at, detail=detail)


async def settle(office: Office, who: Viewer, number: str, to: State, *, words: str = "") -> Booking:
    """Confirm, decline, cancel or mark a booking, and tell the person where they should hear of it.

    `words` are added to what they hear. Raises NotDone if it can't be, with why.
    """
    at = office.clock.now()
    booking = await find(office, who, number)
    if reason := bookings.why_not(booking, to, by=who.id, at=at):
        raise NotDone(f"booking {booking.number} is {booking.state.value} and can't become {to.value}: {reason}")
    try:
        async with office.database.write() as connection:
            return await make(connection, office, who, booking, to, at, words=words)
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots list'") from error


async def find(office: Office, who: Viewer, number: str) -> Booking:
    """Give a booking this viewer may settle. Raises NotDone where there is none."""
    who.require(Right.SETTLE)
    known = booking_number_in(number) or number
    async with office.database.read() as connection:
        booking = await booking_lists.one(connection, who, known)
    if booking is None:
        raise NotDone(f"there is no booking {number} for you; see 'laoxiang slots list'")
    return booking


async def make(
    connection: Connection, office: Office, who: Viewer, booking: Booking, to: State, at: datetime, *, words: str = ""
) -> Booking:
    """Settle a booking that was found, tell the person, and log it. Raises Conflict if it has moved on."""
    moved = await bookings.transition(connection, booking.number, to, by=who.id, at=at)
    if to in TOLD and booking.state is not State.HELD:
        told = _notice(office, moved, TOLD[to], words, at)
        await outbox.enqueue(connection, moved.channel, moved.chat, [told], at)
    detail = {"number": booking.number, "words": words}
    await staff.audit(connection, who, f"booking {to.value}", at, subject=moved.person_id, detail=detail)
    return moved


async def move(
    office: Office, who: Viewer, number: str, starts_at: datetime, *, host_id: str | None = None, words: str = ""
) -> Booking:
    """Move a booking to a time that is offered, with its host or another of this viewer's, and tell the person.

    It keeps its number and needs no confirmation. Raises NotDone if it can't be, with why.
    """
    at = office.clock.now()
    booking = await find(office, who, number)
    if reason := bookings.why_not_moved(booking, by=who.id, at=at):
        raise NotDone(f"booking {booking.number} can't be moved: {reason}")
    host_id = host_id or booking.host_id
    wanted = Wanted(booking.topic, booking.mode, host_id, person=booking.person_id, but=booking.number)
    async with office.database.read() as connection:
        if await slots.host(connection, host_id, who) is None:
            raise NotDone(f"there is no host {host_id} for you; see 'laoxiang slots hosts'")
        seen = await look(connection, wanted, now=at, from_=starts_at, to=starts_at + timedelta(minutes=1))
    if not seen.times:
        when = f"{starts_at.astimezone(office.county.zone):%Y-%m-%d %H:%M}"
        raise NotDone(f"{host_id} has nothing free at {when} for {booking.topic}; see 'laoxiang slots free'")
    [choice] = seen.times[0].choices
    try:
        async with office.database.write() as connection:
            moved = await offering.move(connection, booking.number, choice, by=who.id, at=at)
            told = _notice(office, moved, "moved", words, at)
            await outbox.enqueue(connection, moved.channel, moved.chat, [told], at)
            detail = {"number": booking.number, "words": words, "to": starts_at.isoformat(timespec="minutes")}
            await staff.audit(connection, who, "booking moved", at, subject=moved.person_id, detail=detail)
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots free'") from error
    return moved


async def show(office: Office, who: Viewer, number: str, *, reason: str = "") -> Booking:
    """Give one booking; name, contact and question with a reason, which is logged. Raises NotDone for none."""
    async with office.database.read() as connection:
        found = await booking_lists.one(connection, who, booking_number_in(number) or number, reveal=bool(reason))
    if found is None:
        raise NotDone(f"there is no booking {number} for you; see 'laoxiang slots list'")
    if reason:
        detail = {"reason": reason, "bookings": [found.number]}
        async with office.database.write() as connection:
            await staff.audit(connection, who, "revealed bookings", office.clock.now(), detail=detail)
    return found


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


def _notice(office: Office, booking: Booking, told: str, words: str, at: datetime) -> Reply:
    """Say in the person's language what has become of their booking, with the calendar entry as it now stands."""
    voice = Voice(office, booking.language)
    parts = [*voice.parts(f"slots.{told}"), Items(items=tuple(booking_words.facts(voice, booking, at)))]
    if words:
        parts.append(Paragraph(text=voice.text("slots.reason", reason=words)))
    parts.append(booking_words.calendar_file(voice, booking))
    again = voice.doors("start:book", "start:ask-person")
    return voice.reply(parts, booking_words.doors(voice, booking, at) if booking.state in LIVE else again)
