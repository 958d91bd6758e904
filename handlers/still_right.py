"""Keeping the registry alive: "still right?" twice a year, and entries of others shown to whom they are about."""

from __future__ import annotations

from datetime import timedelta

from handlers import announce_words
from handlers.buttons import Action
from handlers.conversation import Chat, Purpose
from handlers.desk import Office
from handlers.dialogue import Button, Items, Reply
from handlers.places import Place, in_language
from handlers.registering import FIRST_VERSION
from handlers.tiers import regrade
from handlers.voice import Voice
from storage import announcements, claims, people, registry, registry_reading, registry_tables
from storage.announcements import Draft
from storage.audiences import Audience
from storage.database import Connection
from storage.registry_tables import Standing
from storage.subscription_tables import Topic

HALF_A_YEAR = timedelta(days=182)
HOUSE = "house"  # the writer of words that the house itself holds ready
CLAIM = "c-"  # "/start c-TOKEN" opens an entry somebody else made


async def queue_prompts(office: Office, limit: int = 500, *, by: str = "operator") -> int:
    """Ask everybody whose entry is half a year old whether it is still right; give how many are asked.

    They are asked by an announcement: in their daytime, unless they stopped hearing from us, and a chat that is
    closed is left alone. Its words are the house's own, so whoever runs this is its second person.
    """
    at, number = office.clock.now(), f"A{office.ids.code(4)}"
    async with office.database.write() as connection:
        due = await registry_reading.due_for_refresh(connection, at - HALF_A_YEAR, limit)
        await registry.note_asked(connection, [person for person, _, _ in due], at)
        if not due:
            return 0
        texts = {
            language: office.texts("still.prompt", language, **office.county.words(language))
            for language in office.texts.languages
        }
        draft = Draft(
            number=number,
            title=office.texts("still.title", office.language),
            topic=Topic.SERVICE.value,
            content=announce_words.content_of(office, number, Topic.SERVICE, texts, doors=["still:show"], now=at),
            audience=Audience(asked_at=at.isoformat()).as_json(),
            writer=HOUSE,
            in_daytime=True,
        )
        await announcements.save_draft(connection, draft, at)
        digest = await announcements.submit(connection, number, at)
        await announcements.approve(connection, number, by=by, digest=digest, at=at)
    return len(due)


async def answered(chat: Chat, answer: str) -> Reply:
    """Show the entry a prompt is about, or take the one tap that answers: yes, or that it reached the wrong person."""
    person, at, message = await chat.known_person(), chat.desk.clock.now(), chat.message
    if person is None:
        return chat.say("mydata.nothing", chat.doors("register", "ask"))
    if answer == "show":
        async with chat.desk.database.read() as connection:
            standing = await registry_reading.standing(connection, person)
        return _entry(chat, standing) if standing else chat.say("mydata.nothing", chat.doors("register", "ask"))
    if answer == "yes":

        async def confirm(connection: Connection) -> None:
            await registry.confirm(connection, person, at)
            await regrade(connection, chat.desk, person, at)

        chat.keep_after(confirm)
        return chat.say("still.thanks", chat.doors("mydata", "ask"))

    async def refuse(connection: Connection) -> None:
        await claims.refuse(connection, person, at, actor=registry_tables.SELF)
        await people.part(connection, person, message.channel, message.sender)

    chat.keep_after(refuse)
    chat.person = None
    return chat.say("still.not_me", chat.doors("ask", "register"))


async def show_entry(chat: Chat, token: str) -> Reply:
    """Show an entry to whoever holds its token, with what they can do about it."""
    async with chat.desk.database.read() as connection:
        person = await claims.person_for(connection, token, chat.desk.clock.now())
        standing = await registry_reading.standing(connection, person) if person else None
    if standing is None:
        return chat.say("still.token_gone", chat.doors("register", "ask"))
    chat.memory["claim"] = token
    intro, lines = chat.parts("still.entered"), Items(items=tuple(_lines(chat, standing)))
    rows = [
        [Button(label=chat.text(f"still.{answer}"), data=Action("claim", answer).data)]
        for answer in ("agree", "wrong_person", "refuse")
    ]
    return chat.reply([*intro, lines, *chat.parts("still.consent", version=FIRST_VERSION)], rows)


async def claimed(chat: Chat, answer: str) -> Reply:
    """Take what somebody says to an entry made for them: agreed with, not theirs, or not wanted."""
    token, at, message = str(chat.memory.get("claim", "")), chat.desk.clock.now(), chat.message
    async with chat.desk.database.read() as connection:
        person = await claims.person_for(connection, token, at)
    if person is None:
        return chat.say("still.token_gone", chat.doors("register", "ask"))
    chat.memory.pop("claim", None)
    mine = await chat.known_person()

    async def settle(connection: Connection) -> None:
        await claims.use(connection, token, at)
        if answer != "agree":
            await claims.refuse(connection, person, at, actor=registry_tables.SELF)
            return
        if mine is None:
            await people.ensure_person(connection, person, message.channel, message.sender, at)
        await people.give_consent(connection, person, Purpose.REGISTRY, FIRST_VERSION, at)
        await registry.confirm(connection, person, at)
        await regrade(connection, chat.desk, person, at)

    chat.keep_after(settle)
    if answer == "agree":
        chat.person = mine or person
        return chat.say("still.agreed", chat.doors("mydata", "ask"))
    return chat.say("still.not_me" if answer == "wrong_person" else "still.refused", chat.doors("ask", "register"))


def _entry(voice: Voice, standing: Standing) -> Reply:
    rows = [
        [
            Button(label=voice.text("still.yes"), data=Action("still", "yes").data),
            Button(label=voice.text("still.change"), data=Action("start", "register-native").data),
        ],
        [Button(label=voice.text("still.wrong"), data=Action("still", "wrong").data)],
    ]
    return voice.reply([*voice.parts("still.entry"), Items(items=tuple(_lines(voice, standing)))], rows)


def _lines(voice: Voice, standing: Standing) -> list[str]:
    county = voice.office.county
    told = {
        "name": standing.name,
        "contact": ", ".join(value for _, value in standing.contacts),
        "township": county.township_name(standing.township or "", voice.language),
        "place": in_language(Place(standing.place or "", standing.place_code or ""), voice.language),
        "field": voice.text("front.join").join(county.class_name(field, voice.language) for field in standing.fields),
    }
    labels = ((voice.text(f"form.{name}.label"), value) for name, value in told.items() if value)
    return [voice.text("review.line", label=label, value=value) for label, value in labels]
