"""Move a booking to another time: the old one stands until the new one does; "换下周同一时间" is one change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import booking_words, offering
from handlers.booking_buttons import Step
from handlers.booking_hold import own_bookings
from handlers.booking_review import change, confirm
from handlers.booking_times import WouldWait, begin, choose_time, speaks_of_time
from handlers.conversation import Chat
from handlers.dialogue import Items, Reply
from handlers.flow import Ended, conversation
from handlers.free_times import Free
from handlers.ids import booking_number_in
from handlers.my_bookings import standing, which
from handlers.offering import Look, Wanted
from storage.bookings import SELF, Booking, State, why_not_moved
from storage.database import Connection
from storage.slots import Mode

AHEAD = timedelta(days=90)


@conversation("move-booking")
async def move_booking(chat: Chat) -> Reply:
    begin(chat)
    booking = await which_booking(chat)
    now = chat.desk.clock.now()
    wanted = Wanted(booking.topic, booking.mode, person=booking.person_id, but=booking.number)
    async with chat.desk.database.read() as connection:
        look = await offering.look(connection, wanted, now=now, from_=now, to=now + AHEAD)
    others = tuple(one for one in standing(await own_bookings(chat)) if one.number != booking.number)
    elsewhen = replace(look, times=tuple(one for one in look.times if one.starts_at != booking.starts_at))
    zone = chat.memory.get("zone") or booking.zone
    step = Step(elsewhen, zone, now + AHEAD, earlier=booking, own=others, may_wait=False)
    chosen = await choose_time(chat, step)
    if isinstance(chosen, WouldWait):
        raise TypeError("somebody who moves a booking was offered to wait")
    moved = _moved(chat, booking, chosen, look)
    was = booking_words.time_of(chat, booking, now)
    await confirm(
        chat,
        chat.parts("move-booking.review", was=was),
        booking_words.facts(chat, moved, now),
        editable=("day",),
        until=None,
        zone=zone,
        reads=lambda words: _reads(chat, words, step),
    )
    return _done(chat, moved, chosen, was)


async def which_booking(chat: Chat) -> Booking:
    """Give the booking somebody wants to change; ends where there is none, or none that may still be changed."""
    if number := chat.memory.pop("booking", ""):
        chat.journal.record("which", number)
    booked = standing(await own_bookings(chat))
    if not booked:
        raise Ended(chat.say("booking.mine.none", chat.doors("start:book", "ask")))
    now = chat.desk.clock.now()
    may = [one for one in booked if why_not_moved(one, by=SELF, at=now) is None]
    meant = chat.journal.value("which")
    if meant is None:
        named = (booking_number_in(said) for said in chat.journal.said())
        meant = next((number for number in named if number in {one.number for one in booked}), None)
    late = next((one for one in booked if one not in may and meant in {None, one.number}), None)
    if late is not None and (meant is not None or not may):
        time = booking_words.time_of(chat, late, now)
        until = booking_words.moment(chat, late.cancel_until, late.zone, now)
        doors = chat.doors("start:ask-person", "bookings")
        raise Ended(chat.say("booking.too_late", doors, number=late.number, time=time, until=until))
    if meant is not None and meant not in {one.number for one in may}:
        raise Ended(chat.say("booking.mine.gone", chat.doors("bookings", "start:book")))
    if meant is None:
        meant = may[0].number if len(may) == 1 else await chat.ask("which", which(chat, may))
    return next(one for one in may if one.number == meant)


def _moved(chat: Chat, booking: Booking, chosen: Free, look: Look) -> Booking:
    """Give the booking as it will stand."""
    host = look.hosts[chosen.host_id]
    return replace(
        booking,
        host_id=host.id,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        state=State.PENDING if chosen.terms.needs_confirmation else State.CONFIRMED,
        sequence=booking.sequence + 1,
        cancel_until=chosen.starts_at - timedelta(minutes=chosen.terms.cancel_minutes),
        changed_at=chat.desk.clock.now(),
        host_name=host.name,
        host_name_en=host.name_en,
        place=host.place,
        place_en=host.place_en,
        link=host.link,
    )


def _reads(chat: Chat, words: str, step: Step) -> bool:
    if not speaks_of_time(chat, step, words):
        return False
    change(chat, "time")  # the day stays: "改到四点吧" is of that day
    chat.hear(words)
    chat.open_key = "time"
    return True


def _done(chat: Chat, moved: Booking, chosen: Free, was: str) -> Reply:
    at = chat.desk.clock.now()

    async def move(connection: Connection) -> None:
        await offering.move(connection, moved.number, chosen, by=SELF, at=at)

    chat.do(move)
    parts = [
        *chat.parts(f"move-booking.done.{moved.state.value}", was=was),
        Items(items=tuple(booking_words.facts(chat, moved, at))),
        *chat.parts("book.call.phone" if moved.mode == Mode.PHONE else "book.calendar"),
        booking_words.calendar_file(chat, moved),
    ]
    return chat.reply(parts, [*booking_words.doors(chat, moved, at), *chat.doors("ask")])
