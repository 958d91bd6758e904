"""What somebody has booked and waits for: seen, taken into a calendar, taken when it is offered, left to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import booking_words, zones
from handlers.booking_choices import Named
from handlers.booking_hold import own_bookings
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Items, Part, Reply
from storage import bookings, waits
from storage.bookings import SELF, Booking, State, why_not, why_not_moved
from storage.database import Connection
from storage.waits import Wait, WaitState


async def show_bookings(chat: Chat) -> Reply:
    """List what is booked and waited for, each with what can be done about it."""
    now = chat.desk.clock.now()
    booked = standing(await own_bookings(chat))
    waiting = await _waiting(chat)
    if not booked and not waiting:
        return chat.say("booking.mine.none", chat.doors("start:book", "ask"))
    parts: list[Part] = []
    rows: list[list[Button]] = []
    if booked:
        parts += [*chat.parts("booking.mine.intro"), Items(items=tuple(line(chat, one) for one in booked))]
        for one in booked:
            row = [_button(chat, "calendar", "calendar", one)]
            if why_not_moved(one, by=SELF, at=now) is None:
                row += [_button(chat, f"{what}_number", f"{what}-booking", one) for what in ("move", "cancel")]
            rows.append(row)
    if waiting:
        parts += [
            *chat.parts("booking.mine.waits"),
            Items(items=tuple([await _wait_line(chat, one) for one in waiting])),
        ]
        for wait in waiting:
            leave = Button(label=chat.text("booking.door.leave"), data=Action("refuse-offer", wait.id).data)
            take = Button(label=chat.text("booking.door.take"), data=Action("take-offer", wait.id).data)
            rows.append([take, leave] if wait.state is WaitState.OFFERED else [leave])
    return chat.reply(parts, [*rows, *chat.doors("start:book")])


async def calendar(chat: Chat, number: str) -> Reply:
    """Give the calendar file of a booking of this person's."""
    found = next((one for one in standing(await own_bookings(chat)) if one.number == number), None)
    if found is None:
        return chat.say("booking.mine.gone", chat.doors("bookings", "start:book"))
    file = booking_words.calendar_file(chat, found)
    return chat.reply([*chat.parts("booking.mine.calendar"), file], chat.doors("bookings", "ask"))


async def take_offer(chat: Chat, identity: str) -> Reply:
    """Book the time that is held for somebody from the waiting list, if it still is."""
    wait = await _own_wait(chat, identity)
    now = chat.desk.clock.now()
    booking = None
    if wait is not None and wait.state is WaitState.OFFERED:
        async with chat.desk.database.read() as connection:
            booking = await bookings.by_number(connection, wait.number)
    if booking is None or why_not(booking, _confirmed(booking), by=SELF, at=now) is not None:
        return chat.say("booking.mine.offer_gone", chat.doors("start:book", "bookings"))
    number = booking.number

    async def take(connection: Connection) -> None:
        await bookings.confirm(connection, number, by=SELF, at=now)

    chat.keep_after(take)
    stands = replace(booking, state=_confirmed(booking), held_until=None, changed_at=now)
    facts = Items(items=tuple(booking_words.facts(chat, stands, now)))
    parts = [*chat.parts(f"book.done.{stands.state.value}", number=number), facts]
    return chat.reply(
        [*parts, booking_words.calendar_file(chat, stands)],
        [*booking_words.doors(chat, stands, now), *chat.doors("ask")],
    )


async def refuse_offer(chat: Chat, identity: str) -> Reply:
    """Take somebody off the waiting list; what is held for them goes to the next."""
    wait, at = await _own_wait(chat, identity), chat.desk.clock.now()
    if wait is None or wait.state not in {WaitState.WAITING, WaitState.OFFERED}:
        return chat.say("booking.mine.offer_gone", chat.doors("start:book", "bookings"))

    async def leave(connection: Connection) -> None:
        await waits.leave(connection, identity, at)

    chat.keep_after(leave)
    return chat.say("booking.mine.left", chat.doors("start:book", "ask"))


def standing(own: Sequence[Booking]) -> list[Booking]:
    """Give those of somebody's bookings that stand: not what is only held."""
    return [one for one in own if one.state in {State.PENDING, State.CONFIRMED}]


def which(chat: Chat, booked: Sequence[Booking]) -> Named:
    """Give the question which booking is meant."""
    names = {one.number: dict.fromkeys(chat.desk.texts.languages, line(chat, one)) for one in booked}
    return Named(tuple(names), {number: number for number in names}, names=names)


def line(chat: Chat, one: Booking) -> str:
    """Write a booking in one line."""
    return chat.text(
        "booking.mine.line",
        number=one.number,
        time=booking_words.time_of(chat, one, chat.desk.clock.now()),
        topic=booking_words.topic_name(chat, one.topic),
        mode=booking_words.mode_name(chat, one.mode),
        state=chat.text(f"booking.state.{one.state.value}"),
    )


def _confirmed(booking: Booking) -> State:
    return State.PENDING if booking.needs_confirmation else State.CONFIRMED


async def _waiting(chat: Chat) -> list[Wait]:
    person, now = await chat.known_person(), chat.desk.clock.now()
    if person is None:
        return []
    async with chat.desk.database.read() as connection:
        found = await waits.of_person(connection, person)
    return [
        one
        for one in found
        if (one.state is WaitState.WAITING and one.wanted_to > now)
        or (one.state is WaitState.OFFERED and one.offered_until is not None and one.offered_until > now)
    ]


async def _own_wait(chat: Chat, identity: str) -> Wait | None:
    person = await chat.known_person()
    async with chat.desk.database.read() as connection:
        wait = await waits.by_id(connection, identity)
    return wait if wait is not None and wait.person_id == person else None


async def _wait_line(chat: Chat, wait: Wait) -> str:
    now, topic = chat.desk.clock.now(), booking_words.topic_name(chat, wait.topic)
    if wait.offered_until is not None:
        async with chat.desk.database.read() as connection:
            booking = await bookings.by_number(connection, wait.number)
        if booking is not None:
            until = zones.shown(wait.offered_until, wait.zone, chat.language, now=now)
            time = booking_words.time_of(chat, booking, now)
            return chat.text("booking.mine.wait_offered", topic=topic, time=time, until=until)
    days = [zones.day_shown(one, wait.zone, chat.language, now=now) for one in (wait.wanted_from, wait.wanted_to)]
    return chat.text("booking.mine.wait_line", topic=topic, from_=days[0], to=days[1])


def _button(chat: Chat, text: str, action: str, booking: Booking) -> Button:
    label = chat.text(f"booking.door.{text}", number=booking.number)
    return Button(label=label, data=Action(action, booking.number).data)
