"""A member of staff's bookings in chat: a day's list and picture, requests to confirm, marks; one tap each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from handlers import booking_desk, booking_words, slot_desk
from handlers.abroad import may_name
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.desk import Office
from handlers.dialogue import Button, File, Items, Part, Reply
from handlers.offering import Wanted
from handlers.registry_desk import NotDone
from handlers.spoken_times import Spoken, read_time
from handlers.voice import Voice
from storage import bookings, slots, staff
from storage.bookings import Booking, State
from storage.database import Connection
from storage.staff import Right, Viewer

SHOWN = (State.PENDING, State.CONFIRMED, State.DONE, State.NO_SHOW)
REQUESTS_DAYS = 60
BUTTONS_FOR = 8  # more rows of buttons than this nobody finds their way through
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # of a button, or typed: a day that is over has no spoken form
# What a button does, by how it is written in its data.
MARKS = {"yes": State.CONFIRMED, "no": State.DECLINED, "done": State.DONE, "away": State.NO_SHOW}


async def show_day(chat: Chat, who: Viewer, words: str) -> Reply:
    """List a day's bookings, today's if none is named, each with what can be done about it."""
    day = _day_in(chat, words)
    if day is None:
        return chat.say("desk.which_day", given=words)
    seen = await booking_desk.look_at(chat.desk, who, day, day, states=SHOWN)
    shown = booking_words.day_shown(chat, day)
    parts = chat.parts("desk.day" if seen.bookings else "desk.day_empty", day=shown, count=len(seen.bookings))
    if waiting := seen.waiting.get(day):
        parts += chat.parts("desk.waiting", count=waiting)
    around = [
        Button(label=chat.text(f"desk.{name}_day"), data=Action("day", (day + timedelta(days=days)).isoformat()).data)
        for name, days in (("previous", -1), ("next", 1))
    ]
    picture = Button(label=chat.text("desk.picture"), data=Action("day-picture", day.isoformat()).data)
    return _listed(chat, who, seen, parts, [around, [picture]])


async def show_requests(chat: Chat, who: Viewer) -> Reply:
    """List what waits to be confirmed, the next first."""
    today = chat.desk.clock.today()
    last = today + timedelta(days=REQUESTS_DAYS)
    seen = await booking_desk.look_at(chat.desk, who, today, last, states=[State.PENDING])
    key = "desk.requests" if seen.bookings else "desk.no_requests"
    return _listed(chat, who, seen, chat.parts(key, count=len(seen.bookings)), [])


async def show_picture(chat: Chat, who: Viewer, words: str) -> Reply:
    """Draw a day's booked and free times."""
    from handlers.slot_picture import draw

    day = _day_in(chat, words)
    if day is None:
        return chat.say("desk.which_day", given=words)
    seen = await booking_desk.look_at(chat.desk, who, day, day, states=(*SHOWN, State.HELD))
    open_times = await slot_desk.free(chat.desk, who, Wanted(), day, day)
    try:
        drawn = draw(chat, seen, open_times)
    except NotDone:
        return chat.say("desk.no_picture")
    return chat.reply([File.of(f"{day}.png", "image/png", drawn)])


async def settle(chat: Chat, who: Viewer, argument: str) -> Reply:
    """Confirm, decline or mark the booking that a button names; the person hears of it."""
    mark, _, number = argument.partition(":")
    if mark not in MARKS:
        return chat.say("desk.gone", number=number)
    to, at = MARKS[mark], chat.desk.clock.now()
    try:
        booking = await booking_desk.find(chat.desk, who, number)
    except NotDone:
        return chat.say("desk.gone", number=number)
    if bookings.why_not(booking, to, by=who.id, at=at) is not None:
        state = chat.text(f"booking.state.{booking.state.value}")
        return chat.say("desk.moved_on", number=booking.number, state=state)

    async def do(connection: Connection) -> None:
        await booking_desk.make(connection, chat.desk, who, booking, to, at)

    chat.keep_after(do)
    told = "desk.settled_told" if to in booking_desk.TOLD else "desk.settled"
    return chat.say(told, number=booking.number, state=chat.text(f"booking.state.{to.value}"))


async def feed(chat: Chat, who: Viewer) -> Reply:
    """Give the calendar of each host that is this member's own; nobody's name is in it."""
    hosts, _, _ = await slot_desk.hosts(chat.desk, who)
    files: list[Part] = []
    for host in hosts:
        if host.staff_id == who.id:
            try:
                calendar = await booking_desk.feed(chat.desk, who, host.id)
            except NotDone:
                continue
            files.append(File.of(f"{host.id}.ics", "text/calendar", calendar))
    return chat.reply([*chat.parts("desk.feed"), *files]) if files else chat.say("desk.no_feed")


async def ask_to_confirm(connection: Connection, office: Office, booking: Booking) -> list[tuple[str, str, Reply]]:
    """Word a request for whoever may confirm it: (channel, chat, words) for each account.

    That is the host's own member of staff; without one, those of its township, or of the county.
    """
    host = await slots.host(connection, booking.host_id)
    may = await staff.who_may(connection, Right.SETTLE)
    own = [one for one in may if host is not None and one[0].id == host.staff_id]
    theirs = [one for one in may if one[0].township == booking.township]
    request = _request(Voice(office, office.language), booking)
    return [(channel, account, request) for _, channel, account in own or theirs]


def _request(voice: Voice, booking: Booking) -> Reply:
    # Whoever reads this over a shoulder needs no name: /requests shows what the role may see.
    lines = [booking_words.line_for_staff(voice, booking_words.without_person(booking))]
    rows = [_answers(voice, booking.number), *voice.doors("requests")]
    return voice.reply([*voice.parts("desk.asked"), Items(items=tuple(lines))], rows)


def _listed(
    chat: Chat, who: Viewer, seen: booking_desk.Agenda, parts: Sequence[Part], rows: Sequence[Sequence[Button]]
) -> Reply:
    at, found = chat.desk.clock.now(), list(seen.bookings)
    if not may_name(chat):
        found = [booking_words.without_person(one) for one in found]
        parts = [*parts, *(chat.parts("desk.no_names") if found else ())]
    elif seen.shown_in_full:

        async def log(connection: Connection) -> None:
            await booking_desk.log_look(connection, who, seen, at)

        chat.keep_after(log)
    lines = tuple(booking_words.line_for_staff(chat, one) for one in found)
    settling = [_buttons(chat, one) for one in seen.bookings if Right.SETTLE in staff.RIGHTS[who.role]]
    own = [row for row in settling if row][:BUTTONS_FOR]
    return chat.reply([*parts, *([Items(items=lines)] if lines else [])], [*own, *rows])


def _buttons(chat: Chat, one: Booking) -> list[Button]:
    if one.state is State.PENDING:
        return _answers(chat, one.number)
    if one.state is State.CONFIRMED and one.starts_at <= chat.desk.clock.now():
        return [_mark(chat, mark, one.number) for mark in ("done", "away")]
    return []


def _answers(voice: Voice, number: str) -> list[Button]:
    return [_mark(voice, mark, number) for mark in ("yes", "no")]


def _mark(voice: Voice, mark: str, number: str) -> Button:
    return Button(label=voice.text(f"desk.mark.{mark}", number=number), data=Action("mark", f"{mark}:{number}").data)


def _day_in(chat: Chat, words: str) -> date | None:
    if not words:
        return chat.desk.clock.today()
    if ISO_DAY.fullmatch(words):
        try:
            return date.fromisoformat(words)
        except ValueError:
            return None
    home = chat.desk.county.timezone
    spoken = read_time(words, asked_at=chat.desk.clock.now(), zone=home, home=home)
    return spoken.starts.astimezone(chat.desk.county.zone).date() if isinstance(spoken, Spoken) else None
