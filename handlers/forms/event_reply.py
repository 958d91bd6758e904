"""Reply to an invitation (回执): who comes to an event, with whom, and what they need there.

Where the event has a row its seats are counted: whoever does not fit waits in line. Without one the reply is a form
like any other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel

from handlers import event_answers, event_words
from handlers.abroad import clear_channel
from handlers.booking_choices import Named
from handlers.choices import Choice, FieldClasses
from handlers.contacts import Email, Phone
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Items, Reply
from handlers.fields import Asked, is_one_of
from handlers.figures import Number
from handlers.flow import Ended, conversation
from handlers.names import Name
from handlers.places import Place, Residence
from handlers.questions import Text, YesNo
from handlers.registering import Kind, fill_in, recall, submit
from handlers.townships import OTHER, HomeTownship, NativeTownship
from storage import event_replies, events
from storage.database import Connection
from storage.event_replies import EventReply as Stored
from storage.event_replies import ReplyState
from storage.events import Event

SITE, ONLINE = "site", "online"
WAYS = {
    SITE: "现场 到场 来 回来 回去 参加 in_person on_site attend come",
    ONLINE: "线上 直播 网上 视频 国外 回不来 回不去 online live stream remote",
}


class EventReply(BaseModel):
    """DOMAIN.md §5.6."""

    name: Annotated[str, Name()]
    mobile: Annotated[str, Phone()]
    township: Annotated[HomeTownship, NativeTownship()]
    place: Annotated[Place, Residence()]
    field: Annotated[list[str], FieldClasses()]
    companion: Annotated[bool, YesNo()]
    companions: Annotated[
        int | None, Number(1, 9, unit="个人|人|位|people"), Asked(when=is_one_of("companion", True))
    ] = None
    lodging: Annotated[bool, YesNo()]
    nights: Annotated[int | None, Number(1, 9, unit="晚|夜|nights?"), Asked(when=is_one_of("lodging", True))] = None
    event: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    group: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    diet: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    topic: Annotated[str | None, Text(longest=200), Asked(later=True)] = None
    transport: Annotated[str | None, Text(longest=100, statement=True), Asked(later=True)] = None
    live_email: Annotated[str | None, Email(), Asked(later=True)] = None


EVENT = Kind("event", EventReply, Purpose.EVENT, "event-reply")


@conversation("event-reply", draft=True)
async def reply_to_invitation(chat: Chat) -> Reply:
    event = await _which_event(chat)
    if event is None:
        return await fill_in(chat, EVENT)
    amends = _amended(chat)
    await _may_reply(chat, event, amends)
    await clear_channel(chat)
    consent = await chat.consent(EVENT.purpose, EVENT.version)
    await recall(chat, EVENT)
    await _fill_from_event(chat, event)
    form = await chat.fill(EventReply)
    await chat.confirm(form)
    for over in ("amends", "event"):
        chat.memory.pop(over, None)
    number = amends or chat.desk.ids.number()
    await submit(chat, EVENT, form, consent, number)
    reply = await _reply_of(chat, event, form, number)
    now = chat.desk.clock.now()

    async def sign_up(connection: Connection) -> None:
        await event_replies.sign_up(connection, reply, now)

    chat.do(sign_up)
    facts = Items(items=tuple(event_words.facts(chat, event, reply, now)))
    parts = [*chat.parts(f"event.signed.{reply.state.value}", title=event_words.title(chat, event)), facts]
    rows = [*event_words.doors(chat, event, now, reply), *chat.doors("mydata", "ask")]
    return chat.reply([*parts, event_words.calendar_file(chat, event, reply)], rows)


async def _which_event(chat: Chat) -> Event | None:
    """Give the event this reply is for: the one a link or button named, the only one, or the one that is chosen."""
    now = chat.desk.clock.now()
    amends = _amended(chat)
    async with chat.desk.database.read() as connection:
        before = await event_replies.by_number(connection, amends) if amends else None
        named = before.event_code if before else chat.journal.value("which_event") or chat.memory.get("event")
        event = await events.by_code(connection, named) if named else None
        coming = await events.upcoming(connection, now)
    if amends and before is None:
        return None
    open_ = [one for one in coming if event_words.is_open(one, now)]
    if event is None and len(open_) == 1:
        event = open_[0]
        chat.memory["event"] = event.code
    if event is None and open_:
        names = {one.code: {"zh-Hans": one.title, "en": one.title_en or one.title} for one in open_}
        words = {one.code: "_".join(one.title.split()) for one in open_}
        code = await chat.ask("which_event", Named(tuple(names), words, names=names))
        event = next(one for one in open_ if one.code == code)
    if event is not None and not chat.journal.is_marked(f"card-{event.code}"):
        chat.journal.mark(f"card-{event.code}")
        chat.note(event_words.card_parts(chat, event, event_answers.zone_of(chat), now))
    return event


def _amended(chat: Chat) -> str:
    """Give the number of the reply that is being corrected; one left over from an earlier form is dropped."""
    if "amends" in chat.memory and not chat.journal.is_marked("recalled"):
        del chat.memory["amends"]
    return str(chat.memory.get("amends", ""))


async def _may_reply(chat: Chat, event: Event, amends: str) -> None:
    now = chat.desk.clock.now()
    mine = await event_answers.own_reply(chat, event.code)
    if mine is not None and mine.number != amends:
        raise Ended(event_words.card(chat, event, mine.zone, now, mine))
    if not event_words.is_open(event, now):
        # The card above says how the event stands.
        raise Ended(chat.say("event.not_open", chat.doors("events", "start:ask-person")))


async def _fill_from_event(chat: Chat, event: Event) -> None:
    """Fill in what the event itself tells, and ask what only its row knows: the group, and watching from afar."""
    _prefill(chat, "event", event.title[:60])
    if event.live_link and await chat.ask("attendance", Choice((SITE, ONLINE), WAYS)) == ONLINE:
        for name in ("companion", "lodging"):
            _prefill(chat, name, "no")
        return
    if event.groups and not chat.journal.has("group"):
        ids = {f"g{number}": group for number, group in enumerate(event.groups)}
        names = {one: {"zh-Hans": group, "en": group} for one, group in ids.items()}
        words = {one: "_".join(group.split()) for one, group in ids.items()}
        chosen = await chat.ask("session", Named(tuple(ids), words, names=names))
        _prefill(chat, "group", ids[chosen][:60])


def _prefill(chat: Chat, key: str, value: str) -> None:
    # What was taken back stays so: going back must lead further back.
    if not chat.journal.has(key) and not chat.journal.was_dropped(key):
        chat.journal.record(key, value)


async def _reply_of(chat: Chat, event: Event, form: EventReply, number: str) -> Stored:
    now = chat.desk.clock.now()
    seats = 1 + (form.companions or 0)
    person = await chat.identify()
    async with chat.desk.database.read() as connection:
        before = await event_replies.by_number(connection, number)
    online = chat.journal.value("attendance") == ONLINE
    held = before.seats if before is not None and before.state in event_replies.SEATED else 0
    fits = event.left is None or seats <= event.left + held
    state = ReplyState.ONLINE if online else ReplyState.COMING if fits else ReplyState.WAITING
    asked_at: datetime = before.asked_at if before is not None else now
    code = form.township.code
    return Stored(
        number=number,
        event_code=event.code,
        person_id=person,
        channel=chat.message.channel,
        chat=chat.message.chat,
        language=chat.language,
        zone=event_answers.zone_of(chat, form.place.name),
        state=state,
        seats=1 if online else seats,
        nights=form.nights,
        group=form.group,
        township=code if code not in {"", OTHER} else None,
        name=form.name,
        mobile=form.mobile,
        diet=form.diet,
        has_lodging=form.lodging,
        asked_at=asked_at,
        changed_at=now,
    )
