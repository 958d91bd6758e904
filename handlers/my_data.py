"""My data: what is stored about a person; to see, correct, take along, withdraw (PIPL art. 15, 44-47)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.buttons import Action
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Button, File, Heading, Items, Part, Reply
from handlers.fields import fields_of
from handlers.forms import kinds
from handlers.ids import read_aloud
from handlers.places import Place, in_language
from handlers.questions import Surroundings
from handlers.registering import Kind
from handlers.tiers import regrade
from storage import (
    booking_forgetting,
    documents,
    event_replies,
    people,
    questions,
    registry,
    registry_reading,
    registry_tables,
    subscriptions,
)
from storage.database import Connection
from storage.registry_tables import Registered
from storage.tiers import OF_TIERS

Stored = Mapping[str, Any]


async def show_my_data(chat: Chat) -> Reply:
    """Say in short what is stored, with buttons to see, correct, export, withdraw and delete it."""
    stored = await _stored(chat)
    recent = chat.memory.get("recent", [])
    lines, rows = [], []
    if chat.flow and chat.journal.answered():
        lines.append(chat.text("mydata.half_filled", title=chat.text(f"{chat.flow}.title")))
    if not stored and not recent and not lines:
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    for one in stored.get("registrations", ()):
        if (kind := kinds().get(one["kind"])) is not None and one["state"] == "submitted":
            title = chat.text(f"{kind.flow}.title")
            lines.append(chat.text("mydata.registration", title=title, number=read_aloud(one["number"])))
            label = chat.text("mydata.amend", title=title)
            rows.append([Button(label=label, data=Action("amend", one["number"]).data)])
    if stored:
        lines.append(chat.text("mydata.questions", count=len(stored["questions"])))
        if booked := len(stored["bookings"]) + len(stored["waits"]):
            lines.append(chat.text("mydata.bookings", count=booked))
        lines.append(chat.text("mydata.consents", count=len(stored["consents"])))
    if recent:
        lines.append(chat.text("mydata.recent", count=len(recent)))
    parts = [*chat.parts("mydata.intro"), Items(items=tuple(lines)), *chat.parts("mydata.rights")]
    withdraw = ["withdraw"] if any(one["withdrawn_at"] is None for one in stored.get("consents", ())) else []
    return chat.reply(parts, [*rows, *chat.doors("export", "copy", "topics", *withdraw, "start:forget-me", "privacy")])


async def export_my_data(chat: Chat) -> Reply:
    """Show everything stored about this person, field by field."""
    parts = [*chat.parts("mydata.export"), *_told(chat, await _stored(chat))]
    if len(parts) == 1:
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    return chat.reply(parts, chat.doors("copy", "start:forget-me", "ask"))


async def copy_my_data(chat: Chat) -> Reply:
    """Give everything stored about this person as two files: JSON, and text to read."""
    stored = await _stored(chat)
    told = Reply(parts=tuple(_told(chat, stored)))
    if not told.parts:
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    everything = {**stored, "recent_questions": chat.memory.get("recent", [])}
    as_json = json.dumps(everything, ensure_ascii=False, indent=2, default=_plain)
    files = [
        # With a mark in front, old editors read it as UTF-8.
        _file(chat.text("mydata.file") + ".txt", "text/plain", "\ufeff" + told.text),
        _file(chat.text("mydata.file") + ".json", "application/json", as_json),
    ]
    return chat.reply([*chat.parts("mydata.copied"), *files], chat.doors("mydata", "ask"))


async def amend(chat: Chat, number: str) -> bool:
    """Open a registration again with its answers filled in; False if there is none of this person by the number."""
    person = await chat.known_person()
    if person is None:
        return False
    async with chat.desk.database.read() as connection:
        found = [one for one in await registry_reading.registrations(connection, person) if one.number == number]
    kind = kinds().get(found[0].kind) if found else None
    if kind is None or found[0].state != "submitted":
        return False
    chat.start(kind.flow)
    chat.journal.mark("recalled")
    for name, value in _as_asked(kind, found[0]).items():
        chat.journal.record(name, value)
    chat.memory["amends"] = number
    return True


async def offer_withdrawal(chat: Chat) -> Reply:
    """List what this person agreed to, each with a button that takes it back."""
    consents = {one["purpose"] for one in (await _stored(chat)).get("consents", ()) if one["withdrawn_at"] is None}
    if not consents:
        return chat.say("mydata.no_consents", chat.doors("mydata", "ask"))
    rows = [
        [Button(label=_name(chat, "purpose", purpose), data=Action("withdraw", purpose).data)]
        for purpose in Purpose
        if purpose in consents
    ]
    return chat.reply(chat.parts("mydata.which_consent"), [*rows, *chat.doors("mydata")])


async def withdraw(chat: Chat, purpose: str) -> Reply:
    """Take one consent back; what stood on it alone is emptied at once. As easy as agreeing: one tap."""
    person, at = await chat.known_person(), chat.desk.clock.now()
    if person is None or purpose not in set(Purpose):
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    of_purpose = {kind.name for kind in kinds().values() if kind.purpose == purpose}

    async def take_back(connection: Connection) -> None:
        await people.withdraw_consent(connection, person, purpose, at)
        if purpose == Purpose.ASK_PERSON:
            await questions.withdraw(connection, person)
        if purpose == Purpose.BOOK:
            await booking_forgetting.withdraw(connection, person, at)
        if purpose == Purpose.EVENT:
            await event_replies.forget(connection, person, at)
        await registry.withdraw(connection, person, of_purpose, at)
        await regrade(connection, chat.desk, person, at)

    chat.keep_after(take_back)
    return chat.say("mydata.withdrawn", chat.doors("mydata", "ask"), what=_name(chat, "purpose", purpose))


async def _stored(chat: Chat) -> Stored:
    person = await chat.known_person()
    if person is None:
        return {}
    async with chat.desk.database.read() as connection:
        stored = await people.export(connection, person)
        if not stored:
            return {}
        standing = await registry_reading.standing(connection, person)
        registered = await registry_reading.registrations(connection, person)
        history = await registry_reading.history(connection, person)
        booked = await booking_forgetting.export(connection, person)
        replied = await event_replies.export(connection, person)
        wishes = await subscriptions.export(connection, person)
        titles = await documents.titles(connection, [one["document_id"] for one in wishes["interests"]])
    # The tier is the staff's own note of how often they call; a person's own data does not hold it.
    shown = [name for name in registry_tables.Standing.__dataclass_fields__ if name not in {"tier", "person_id"}]
    profile = {name: getattr(standing, name) for name in shown} if standing else {}
    changes = [_without_tier(change) for change in history if change["action"] not in OF_TIERS]
    rows = [{name: getattr(one, name) for name in Registered.__dataclass_fields__} for one in registered]
    # A file is told by its title; one that is gone by its id.
    followed = [
        {"document": titles.get(one["document_id"], one["document_id"]), "followed_since": one["asked_at"]}
        for one in wishes["interests"]
    ]
    heard = {"subscriptions": wishes["subscriptions"], "interests": followed}
    return {
        **stored,
        "profile": profile,
        "registrations": rows,
        **booked,
        "event_replies": replied,
        **heard,
        "history": changes,
    }


def _without_tier(stored: Any) -> Any:
    """Give what is stored without any tier in it, however deep: a merged entry's page stands in the history."""
    if isinstance(stored, Mapping):
        return {name: _without_tier(value) for name, value in stored.items() if name != "tier"}
    return [_without_tier(value) for value in stored] if isinstance(stored, list) else stored


def _as_asked(kind: Kind, registered: Registered) -> dict[str, Any]:
    """Give a record as a journal holds it; what was left out then was skipped."""
    skipped = {field.name: None for field in fields_of(kind.form) if field.asked.skip}
    return {**skipped, **registered.record}


def _told(chat: Chat, stored: Stored) -> Iterator[Part]:
    """Write what is stored, part by part, in the person's language."""
    for name, value in stored.items():
        if name == "registrations":
            for one in value:
                yield from _registration(chat, one)
        elif name != "history":
            for row in value if isinstance(value, list) else [value]:
                if lines := _lines(chat, row):
                    yield Heading(text=_name(chat, "part", name))
                    yield Items(items=tuple(lines))
    if recent := chat.memory.get("recent"):
        yield Heading(text=chat.text("mydata.recent_heading"))
        yield Items(items=tuple(question["text"] for question in recent))


def _registration(chat: Chat, one: Mapping[str, Any]) -> Iterator[Part]:
    kind = kinds().get(one["kind"])
    if kind is None or one["state"] != "submitted":
        return
    with chat.in_words_of(kind.flow):
        lines = [chat.text("review.line", label=chat.text("mydata.field.number"), value=read_aloud(one["number"]))]
        around = Surroundings(chat.desk.county, chat.desk.clock.today())
        for field in fields_of(kind.form):
            if one["record"].get(field.name) is not None:
                value = field.question.settle(around).load(one["record"][field.name])
                shown = chat.written(field.name, field.question, value)
                lines.append(chat.text("review.line", label=chat.label(field.name), value=shown))
    yield Heading(text=chat.text(f"{kind.flow}.title"))
    yield Items(items=tuple(lines))


def _name(chat: Chat, group: str, name: str) -> str:
    """Give a stored name in the person's language; one the catalogue does not know is shown as it is."""
    keys = [key for key in (f"mydata.{group}.{name}", f"booking.{group}.{name}") if chat.desk.texts.has(key)]
    return chat.text(keys[0]) if keys else name


def _lines(chat: Chat, row: Mapping[str, Any]) -> list[str]:
    if row.get("place"):
        row = {**row, "place": in_language(Place(row["place"], row["place_code"] or ""), chat.language)}
    return [
        chat.text("review.line", label=_name(chat, "field", name), value=_shown(chat, name, value))
        for name, value in row.items()
        if value not in (None, "", [], ())
    ]


def _shown(chat: Chat, name: str, value: Any) -> str:
    county = chat.desk.county
    if isinstance(value, datetime):
        return f"{value.astimezone(chat.desk.county.zone):%Y-%m-%d %H:%M}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if name == "fields":
            value = [county.class_name(one, chat.language) for one in value]
        elif name in {"topics", "modes"}:
            value = [_name(chat, name.removesuffix("s"), one) for one in value]
        return chat.text("front.join").join(one if isinstance(one, str) else " ".join(one) for one in value)
    if name == "township":
        return county.township_name(value, chat.language)
    return _name(chat, name, str(value))


def _file(name: str, media_type: str, text: str) -> File:
    return File.of(name, media_type, text.encode())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
