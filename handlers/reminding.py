"""What happens when something falls due (提醒): the effect on a booking or a wait, and the words somebody is sent.

Called by the jobs within the transaction that marks it done: all of it happens, once, or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import booking_words, event_notices, offering, staff_bookings, zones
from handlers.buttons import Action
from handlers.desk import Office
from handlers.dialogue import Button, Items, Reply
from handlers.voice import Rows, Voice
from storage import bookings, waits
from storage.booking_tables import Booking, Wait, WaitState
from storage.bookings import SYSTEM, State
from storage.database import Connection
from storage.reminders import Kind, Reminder

# From here on the reminder an hour before says it all.
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """Words for one chat."""

    channel: str
    chat: str
    reply: Reply


async def carry_out(connection: Connection, reminder: Reminder, office: Office, at: datetime) -> list[Notice]:
    """Do what is due, and give what is to be said about it, to whom; nothing where nobody needs to hear of it.

    What has been overtaken (cancelled, moved, begun) comes to nothing. Raises Conflict if it is not over yet after
    all: then nothing may be written, and it is due again.
    """
    if reminder.kind == Kind.BOOKING_ASKED:
        return await _ask_staff(connection, reminder.subject, office)
    notice = await _carry_out(connection, reminder, office, at)
    return [notice] if notice else []


async def _carry_out(connection: Connection, reminder: Reminder, office: Office, at: datetime) -> Notice | None:
    if reminder.kind in event_notices.KINDS:
        told = await event_notices.notice(connection, reminder, office, at)
        return Notice(told[0].channel, told[0].chat, told[1]) if told else None
    match reminder.kind:
        case Kind.BOOKING_DAY | Kind.BOOKING_HOUR:
            return await _remind(connection, reminder, office, at)
        case Kind.HOLD_ENDS | Kind.PENDING_ENDS:
            return await _expire(connection, reminder.subject, office, at)
        case Kind.BOOKING_CANCELLED:
            booking = await bookings.by_number(connection, reminder.subject)
            return _about(office, booking, at, "remind.cancelled")
        case Kind.WAIT_OFFER:
            return await _offer(connection, reminder.subject, office, at)
        case Kind.WAIT_OFFER_ENDS:
            return await _pass_on(connection, reminder.subject, office, at)
        case Kind.WAIT_ENDS:
            return await _lapse(connection, reminder.subject, office)
        case Kind.HOURS_OPENED:
            await offering.offer_opened(connection, reminder.subject, at)
            return None
    raise ValueError(f"nobody knows what to do about {reminder.kind}")


async def _ask_staff(connection: Connection, number: str, office: Office) -> list[Notice]:
    booking = await bookings.by_number(connection, number)
    if booking is None or booking.state is not State.PENDING:
        return []
    return [Notice(*told) for told in await staff_bookings.ask_to_confirm(connection, office, booking)]


async def _remind(connection: Connection, reminder: Reminder, office: Office, at: datetime) -> Notice | None:
    booking = await bookings.by_number(connection, reminder.subject)
    if booking is None or booking.state is not State.CONFIRMED or booking.starts_at <= at:
        return None
    if reminder.kind == Kind.BOOKING_DAY and booking.starts_at - HOUR <= at:
        return None
    voice = Voice(office, booking.language)
    key = "remind.day" if reminder.kind == Kind.BOOKING_DAY else "remind.hour"
    facts = Items(items=tuple(booking_words.facts(voice, booking, at)))
    reply = voice.reply([*voice.parts(key), facts], booking_words.doors(voice, booking, at))
    return Notice(booking.channel, booking.chat, reply)


async def _expire(connection: Connection, number: str, office: Office, at: datetime) -> Notice | None:
    """End a hold, or a request nobody of the staff confirmed before it began; only the latter is told."""
    booking = await bookings.by_number(connection, number, lock=True)
    if booking is None or booking.state not in {State.HELD, State.PENDING}:
        return None
    await bookings.transition(connection, number, State.EXPIRED, by=SYSTEM, at=at)
    if booking.state is State.HELD:
        return None
    return _about(office, booking, at, "remind.unconfirmed")


async def _offer(connection: Connection, identity: str, office: Office, at: datetime) -> Notice | None:
    wait = await waits.by_id(connection, identity)
    if wait is None or wait.state is not WaitState.OFFERED or wait.offered_until is None or wait.offered_until <= at:
        return None
    booking = await bookings.by_number(connection, wait.number)
    if booking is None:
        return None
    voice = Voice(office, wait.language)
    until = zones.side_by_side(wait.offered_until, wait.zone, wait.language, now=at)
    facts = Items(items=tuple(booking_words.facts(voice, booking, at)))
    rows = [
        [Button(label=voice.text("remind.take"), data=Action("take-offer", wait.id).data)],
        [Button(label=voice.text("remind.refuse"), data=Action("refuse-offer", wait.id).data)],
    ]
    reply = voice.reply([*voice.parts("remind.offer"), facts, *voice.parts("remind.offer_until", until=until)], rows)
    return Notice(wait.channel, wait.chat, reply)


async def _pass_on(connection: Connection, identity: str, office: Office, at: datetime) -> Notice | None:
    """End an offer nobody answered; the next who waits is offered it in the same step."""
    wait = await waits.by_id(connection, identity)
    if wait is None or wait.state is not WaitState.OFFERED:
        return None
    await _expire(connection, wait.number, office, at)
    return _to(wait, Voice(office, wait.language), "remind.passed_on")


async def _lapse(connection: Connection, identity: str, office: Office) -> Notice | None:
    wait = await waits.by_id(connection, identity, lock=True)
    if wait is None or not await waits.lapse(connection, identity):
        return None
    return _to(wait, Voice(office, wait.language), "remind.nothing_free")


def _about(office: Office, booking: Booking | None, at: datetime, key: str) -> Notice | None:
    """Tell somebody about a booking that has come to nothing."""
    if booking is None:
        return None
    voice = Voice(office, booking.language)
    reply = voice.say(key, _ways_on(voice), time=booking_words.time_of(voice, booking, at), number=booking.number)
    return Notice(booking.channel, booking.chat, reply)


def _to(wait: Wait, voice: Voice, key: str) -> Notice:
    return Notice(wait.channel, wait.chat, voice.say(key, _ways_on(voice)))


def _ways_on(voice: Voice) -> Rows:
    again = Button(label=voice.text("remind.again"), data=Action("start", "book").data)
    return [[again], *voice.doors("start:ask-person")]
