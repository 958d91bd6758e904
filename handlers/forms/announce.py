"""Write an announcement (通知), for staff: words in two languages, a picture, buttons, an event, to whom and when."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers import announce_audience, announce_desk, announce_words
from handlers.announce_desk import NotPossible, Written
from handlers.announce_rules import around
from handlers.booking_choices import Named
from handlers.buttons import Action
from handlers.choices import Choice, Choices
from handlers.conversation import Chat
from handlers.desk import NotFetched
from handlers.dialogue import Attachment, Button, File, Reply
from handlers.flow import Again, Ended, conversation
from handlers.questions import Text
from handlers.send_times import NOW, SendTime
from handlers.uploads import Upload
from storage import announcements, events, staff
from storage.announcement_tables import Promise, State
from storage.database import Connection
from storage.staff import Right, Viewer
from storage.subscription_tables import Topic

LONGEST = 3000  # characters; with foot and card it still is one message of 4,096
LARGEST_BYTES = 5_000_000  # of a picture or file that goes to everybody
NONE = "none"
PROMISES = {
    "again": Promise.AT_LEAST_ONCE,
    "never": Promise.NEVER_TWICE,
}


@dataclass(frozen=True)
class UnderIt(Choices):
    """The buttons under an announcement; ids are what they do, with dots for colons."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label(self, choice: str, language: str) -> str | None:
        return self.names.get(choice, {}).get(language)


@conversation("announce", draft=True)
async def announce(chat: Chat) -> Reply:
    who = await _writer(chat)
    topic = Topic(await chat.ask("topic", Choice(tuple(one.value for one in Topic))))
    texts = {"zh-Hans": await chat.ask("text", Text(longest=LONGEST, shortest=5))}
    if english := await chat.ask("english", Text(longest=LONGEST, shortest=5), skip=True):
        texts["en"] = english
    picture = await chat.ask("picture", Upload(), skip=True)
    event = await _event(chat)
    doors = await chat.ask("doors", _doors(chat), skip=True) or []
    audience = await announce_audience.choose(chat, who, topic, around(chat.desk))
    now, county = chat.desk.clock.now(), chat.desk.county
    send_at = await chat.ask("when", SendTime(now, county.timezone, chat.language))
    promise = PROMISES[await chat.ask("promise", Choice(tuple(PROMISES)))]

    number = str(_kept(chat).get("number") or f"A{chat.desk.ids.code(4)}")
    written = Written(
        topic=topic,
        texts=texts,
        audience=audience,
        doors=[one.replace(".", ":", 1) for one in doors],
        event=event,
        files=await _files(chat, picture),
        send_at=None if send_at == NOW else datetime.fromisoformat(send_at).astimezone(UTC),
        promise=promise,
        # Only what goes to those whom something wrong reached puts that right.
        corrects=audience.reached,
    )
    where = (chat.message.channel, chat.message.chat)
    async with chat.desk.database.read() as connection:
        try:
            draft = await announce_desk.draft_of(connection, chat.desk, who, written, number=number, where=where)
        except NotPossible as refusal:
            # Nothing is lost: what stands in the way is mostly the time.
            raise _once_more(chat, "when", refusal.told(chat)) from refusal

    async def save(connection: Connection) -> None:
        await announce_desk.save(connection, chat.desk, who, draft)

    chat.do(save)
    # To be changed, it is opened with these answers again.
    stood = announcements.digest_of(draft)
    chat.memory["announcing"] = {"number": number, "answers": chat.journal.entries(), "stood": stood}
    look = Button(label=chat.text("announce.button.preview"), data=Action("announcement", f"preview.{number}").data)
    return chat.say("announce.saved", [[look]], number=number)


async def _writer(chat: Chat) -> Viewer:
    """Give the member of staff who writes; anybody else is told that this is not for them."""
    async with chat.desk.database.read() as connection:
        viewer = await staff.viewer_of(connection, chat.message.channel, chat.message.sender)
    if viewer is None or Right.ANNOUNCE not in staff.RIGHTS[viewer.role]:
        raise Ended(chat.say("announce.not_staff", chat.doors("help")))
    if number := _kept(chat).get("number"):
        async with chat.desk.database.read() as connection:
            before = await announcements.by_number(connection, str(number))
        if before is not None and before.state is not State.DRAFT:
            # It has moved on meanwhile: what is written now is another one.
            chat.memory.pop("announcing")
    return viewer


def _kept(chat: Chat) -> Mapping[str, Any]:
    """Give the announcement this filling changes; nothing for one that began anew."""
    kept = chat.memory.get("announcing") or {}
    return kept if kept.get("run") == chat.memory.get("run") else {}


async def _event(chat: Chat) -> str | None:
    """Ask which event's card goes along, where any is coming up."""
    now = chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        coming = await events.upcoming(connection, now)
    if not coming:
        return None
    texts = chat.desk.texts
    names = {NONE: {language: texts("announce.event.none", language) for language in texts.languages}}
    names |= {one.code: {"zh-Hans": one.title, "en": one.title_en or one.title} for one in coming}
    words = {NONE: "没有 不用 不带 none no"} | {one.code: "_".join(one.title.split()) for one in coming}
    chosen = await chat.ask("event", Named(tuple(names), words, names=names))
    return None if chosen == NONE else chosen


def _doors(chat: Chat) -> UnderIt:
    ids = {door.replace(":", "."): door for door in announce_words.DOORS}
    texts = chat.desk.texts
    names = {
        one: {language: announce_words.label_of(texts, door, language) for language in texts.languages}
        for one, door in ids.items()
    }
    return UnderIt(tuple(ids), most=3, names=names)


async def _files(chat: Chat, picture: Attachment | None) -> list[File]:
    """Fetch the picture or file from the channel it was sent in: everybody gets the thing itself."""
    if picture is None:
        return []
    why = chat.text("announce.cannot.picture", largest=LARGEST_BYTES // 1_000_000)
    if chat.desk.fetch is None or picture.size > LARGEST_BYTES:
        raise _once_more(chat, "picture", why)
    try:
        content = await chat.desk.fetch(picture)
    except NotFetched as refusal:
        raise _once_more(chat, "picture", why) from refusal
    name = "photo.jpg" if picture.name == "photo" else picture.name
    return [File.of(name, mimetypes.guess_type(name)[0] or "application/octet-stream", content)]


def _once_more(chat: Chat, key: str, why: str) -> Again:
    """Ask one question again, after saying why."""
    chat.take_back(key)
    chat.note(chat.parts("announce.refused", why=why))
    return Again()
