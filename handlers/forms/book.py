"""Book a consultation (咨询预约): topic, how, when; held for five minutes while the person confirms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from handlers import booking_choices, booking_hold, booking_words, offering
from handlers.booking_buttons import Step
from handlers.booking_choices import ANYBODY, Named
from handlers.booking_hold import own_bookings
from handlers.booking_person import Booker, introduce, keep, known
from handlers.booking_review import change, confirm
from handlers.booking_times import WouldWait, begin, choose_time, speaks_of_time
from handlers.contacts import show_contact
from handlers.conversation import Chat
from handlers.dialogue import Items, Reply
from handlers.flow import Ended, conversation
from handlers.ids import booking_number
from handlers.offering import Look, Wanted
from handlers.questions import Problem, Text
from storage import bookings, slots, waits
from storage.bookings import SELF, Booking, State
from storage.database import Connection
from storage.slots import Host, Rule
from storage.waits import NewWait

AHEAD = timedelta(days=90)  # further than that no rule is looked at
QUESTION = Text(longest=300)
EDITABLE = ("topic", "mode", "host", "day", "zone", "name", "contact", "question")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked, but for the time."""

    topic: str
    mode: str
    host_id: str | None
    hosts: tuple[Host, ...]  # who could take it


@conversation("book", dropped=booking_hold.let_go)
async def book(chat: Chat) -> Reply:
    begin(chat)
    hosts, rules = await _openings(chat)
    if not hosts:
        raise Ended(chat.say("book.closed", chat.doors("start:ask-person", "ask")))
    wish = await _wish(chat, hosts, rules)
    told = await known(chat)
    if told.consent is None:
        await _say_soonest(chat, wish)
    booker = await introduce(chat, told)
    own = await own_bookings(chat)
    held = await booking_hold.held(chat, own)
    look, step = await _look(chat, wish, booker, held, own)
    if held is not None and not _still_wanted(chat, held, wish, booker.zone):
        booking_hold.release(chat, held)
        held = None
    chosen = await choose_time(chat, replace(step, held=held))
    if isinstance(chosen, WouldWait):
        return await _wait(chat, wish, booker, chosen)
    question = await _question(chat)
    if held is not None and (held.starts_at, held.ends_at) == (chosen.starts_at, chosen.ends_at):
        booking = held
    else:
        booking = await booking_hold.hold(chat, booker, wish.topic, wish.mode, chosen, look.hosts[chosen.host_id])
    await confirm(
        chat,
        chat.parts("book.review"),
        [*_facts(chat, booking), *_about(chat, booker, question)],
        editable=[name for name in EDITABLE if name != "host" or len(wish.hosts) > 1],
        until=booking.held_until,
        zone=booker.zone,
        reads=lambda words: _reads(chat, words, wish, hosts, rules, step),
    )
    return _done(chat, booking, booker, question)


async def _openings(chat: Chat) -> tuple[list[Host], list[Rule]]:
    async with chat.desk.database.read() as connection:
        hosts = await slots.hosts(connection)
        return hosts, await slots.rules_of(connection, [host.id for host in hosts])


async def _wish(chat: Chat, hosts: list[Host], rules: list[Rule]) -> Wish:
    topic = await _one_of(chat, "topic", booking_choices.topics(chat.desk.texts, hosts, rules))
    mode = await _one_of(chat, "mode", booking_choices.modes(chat.desk.texts, hosts, rules, topic))
    fitting = booking_choices.takes(hosts, rules, topic, mode)
    host = next((one for said in chat.journal.said() if (one := booking_choices.host_in(said, fitting))), ANYBODY)
    if chat.journal.has("host") or chat.journal.was_dropped("host"):
        anybody = {language: chat.desk.texts("booking.anybody", language) for language in chat.desk.texts.languages}
        host = await _one_of(chat, "host", booking_choices.people(fitting, anybody))
    return Wish(topic, mode, None if host == ANYBODY else host, tuple(fitting))


async def _one_of(chat: Chat, key: str, question: Named) -> str:
    """Ask for one of a few; what is the only one, or no longer there, is not asked or asked again."""
    if len(question.ids) == 1:
        return question.ids[0]
    if chat.journal.has(key) and chat.journal.value(key) not in question.ids:
        change(chat, key)
    return await chat.ask(key, question)


async def _say_soonest(chat: Chat, wish: Wish) -> None:
    """Say when there is time before anything personal is asked; once."""
    if chat.journal.is_marked("soonest"):
        return
    chat.journal.mark("soonest")
    now, zone = chat.desk.clock.now(), chat.memory.get("zone") or chat.desk.county.timezone
    async with chat.desk.database.read() as connection:
        wanted = Wanted(wish.topic, wish.mode, wish.host_id)
        look = await offering.look(connection, wanted, now=now, from_=now, to=now + AHEAD)
    if look.times:
        first = look.times[0]
        when = booking_words.time_between(chat, first.starts_at, first.ends_at, zone, now)
        chat.note(chat.parts("consent.book.soonest", when=when))


async def _look(
    chat: Chat, wish: Wish, booker: Booker, held: Booking | None, own: tuple[Booking, ...]
) -> tuple[Look, Step]:
    now, person = chat.desk.clock.now(), await chat.known_person()
    wanted = Wanted(wish.topic, wish.mode, wish.host_id, person=person, but=held.number if held else None)
    async with chat.desk.database.read() as connection:
        look = await offering.look(connection, wanted, now=now, from_=now, to=now + AHEAD)
        withheld: tuple[Any, ...] = ()
        booked = tuple(one for one in own if one.state is not State.HELD)
        if booked:
            for_others = replace(wanted, person=None)
            free = {(one.starts_at, one.ends_at) for one in look.times}
            everything = await offering.look(connection, for_others, now=now, from_=now, to=now + AHEAD)
            withheld = tuple(
                one
                for one in everything.times
                if (one.starts_at, one.ends_at) not in free
                and not any(one.starts_at < other.ends_at and other.starts_at < one.ends_at for other in booked)
            )
    return look, Step(look, booker.zone, now + AHEAD, own=booked, withheld=withheld)


def _still_wanted(chat: Chat, held: Booking, wish: Wish, zone: str) -> bool:
    told = chat.journal.value("time")
    if told is None or wish.host_id not in {None, held.host_id}:
        return False
    # What a person began in another chat is told about there: here it is held anew.
    if (held.channel, held.chat) != (chat.message.channel, chat.message.chat):
        return False
    start, end = (datetime.fromisoformat(told[name]) for name in ("starts", "ends"))
    same = (wish.topic, wish.mode, start, end, zone, chat.language)
    return same == (held.topic, held.mode, held.starts_at, held.ends_at, held.zone, held.language)


async def _question(chat: Chat) -> str | None:
    """Ask what they would like to say in advance, if they want to."""
    if chat.journal.has("question") or chat.journal.was_dropped("question"):
        return await chat.ask("question", QUESTION, skip=True)
    return None


def _facts(chat: Chat, booking: Booking) -> list[str]:
    lines = booking_words.facts(chat, booking, chat.desk.clock.now())
    # The number is given with the confirmation: until then there is nothing to look up by it.
    return lines[1:]


def _about(chat: Chat, booker: Booker, question: str | None) -> list[str]:
    told = {"name": booker.name, "contact": show_contact(booker.contact), "question": question}
    return [
        chat.text("review.line", label=chat.label(key), value=value) for key, value in told.items() if value is not None
    ]


def _reads(chat: Chat, words: str, wish: Wish, hosts: list[Host], rules: list[Rule], step: Step) -> bool:
    """Take words at the review for another time or way, where they are one."""
    if speaks_of_time(chat, step, words):
        change(chat, "time")  # the day stays: "改到四点吧" is of that day
        chat.hear(words)
        chat.open_key = "time"
        return True
    modes = booking_choices.modes(chat.desk.texts, hosts, rules, wish.topic)
    mode = modes.read(words)
    if isinstance(mode, Problem) or mode == wish.mode:
        return False
    chat.journal.record("mode", mode)
    return True


def _done(chat: Chat, booking: Booking, booker: Booker, question: str | None) -> Reply:
    at, contact = chat.desk.clock.now(), (booker.contact.kind.value, booker.contact.value)
    number = booking.number

    async def stand(connection: Connection) -> None:
        await bookings.confirm(connection, number, by=SELF, at=at, name=booker.name, contact=contact, question=question)

    chat.do(stand)
    chat.memory.pop("also", None)
    state = State.PENDING if booking.needs_confirmation else State.CONFIRMED
    stands = replace(booking, state=state, held_until=None, changed_at=at)
    parts = [
        *chat.parts(f"book.done.{state.value}", number=number),
        Items(items=tuple(_facts(chat, stands))),
        *chat.parts("book.call.phone" if booking.mode == slots.Mode.PHONE else "book.calendar"),
        booking_words.calendar_file(chat, stands),
    ]
    return chat.reply(parts, [*booking_words.doors(chat, stands, at), *chat.doors("ask")])


async def _wait(chat: Chat, wish: Wish, booker: Booker, wanted: WouldWait) -> Reply:
    """Put somebody on the waiting list for a time between two."""
    person, at, message = await chat.identify(), chat.desk.clock.now(), chat.message
    new = NewWait(
        id=chat.desk.ids.new(),
        number=booking_number(chat.desk.ids),
        person_id=person,
        channel=message.channel,
        chat=message.chat,
        topic=wish.topic,
        wanted_from=wanted.from_,
        wanted_to=wanted.to,
        zone=booker.zone,
        language=chat.language,
        at=at,
        mode=wish.mode,
        host_id=wish.host_id,
        name=booker.name,
        contact=(booker.contact.kind.value, booker.contact.value),
    )

    async def join(connection: Connection) -> None:
        await keep(connection, chat, person, booker)
        await waits.join(connection, new)
        await offering.await_openings(connection, Wanted(wish.topic, wish.mode, wish.host_id), at)

    chat.do(join)
    between = booking_words.time_between(chat, wanted.from_, wanted.to, booker.zone, at)
    parts = chat.parts("book.waiting", when=between, topic=booking_words.topic_name(chat, wish.topic))
    return chat.reply(parts, [*chat.doors("bookings"), *chat.doors("start:book", "ask")])
