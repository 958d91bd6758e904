"""Filling in any form of the registry: consent first, what is known already, the questions, review, and one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handlers.abroad import HERE, VERSION, clear_channel
from handlers.asking import Watch
from handlers.contacts import Contact
from handlers.conversation import Chat, Consent, Purpose
from handlers.county import County
from handlers.dialogue import Reply
from handlers.fields import fields_of
from handlers.ids import read_aloud
from handlers.journal import CHANNEL
from handlers.places import Place
from handlers.townships import OTHER, HomeTownship
from storage import people, registry, registry_reading
from storage.database import Connection
from storage.registry_tables import Known, Standing

FIRST_VERSION = "2026-1"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of registration: its stored name, its form, what its consent is for, and its conversation.

    `once`: a person has one, and a later one replaces it.
    """

    name: str
    form: type[BaseModel]
    purpose: Purpose
    flow: str
    version: str = FIRST_VERSION
    once: bool = False


async def fill_in(chat: Chat, kind: Kind, watch: Watch | None = None) -> Reply:
    """Take one person through a form, and store it with its consent when they send it off."""
    await clear_channel(chat)
    asked = sum(1 for field in fields_of(kind.form) if not field.asked.later and field.applies({}))
    consent = await chat.consent(kind.purpose, kind.version, steps=asked + 2)
    await recall(chat, kind)
    form = await chat.fill(kind.form, watch)
    await chat.confirm(form)
    return await submit(chat, kind, form, consent)


async def recall(chat: Chat, kind: Kind) -> None:
    """Fill in what this person has told the registry before: nothing is asked twice."""
    if chat.journal.is_marked("recalled"):
        return
    chat.journal.mark("recalled")
    person = await chat.known_person()
    if person is None:
        return
    async with chat.desk.database.read() as connection:
        standing = await registry_reading.standing(connection, person)
        earlier = [one for one in await registry_reading.registrations(connection, person) if one.kind == kind.name]
    current = next((one for one in earlier if one.state == "submitted"), None) if kind.once else None
    values = {**(_told(standing, chat.desk.county) if standing else {}), **(current.record if current else {})}
    known = [name for name in (field.name for field in fields_of(kind.form)) if name in values]
    for name in known:
        if not chat.journal.has(name):
            chat.journal.record(name, values[name])
    if known:
        chat.note(chat.parts("form.recalled"))


async def submit(chat: Chat, kind: Kind, form: BaseModel, consent: Consent | None, number: str | None = None) -> Reply:
    """Collect everything a finished form changes, and say under which number it is; a new one unless it is given.

    Without a consent nothing is kept that leads to a person.
    """
    nameless = consent is None
    person = chat.desk.ids.new() if nameless else await chat.identify()
    number = number or str(chat.memory.pop("amends", "") or chat.desk.ids.number())
    at, message = chat.desk.clock.now(), chat.message
    record = record_of(chat, form)
    known = known_from(form, chat.language)
    also = [(channel, sender) for channel, sender in chat.memory.pop("also", [])]
    identities = [] if nameless else [(message.channel, message.sender), *also]
    went_abroad = chat.journal.value(CHANNEL) == HERE
    extra = list(getattr(form, "also", None) or ())

    async def store(connection: Connection) -> None:
        if nameless:
            # Nothing may lead back to whoever reports without a name.
            await people.add_person(connection, person, at)
        for channel, sender in identities:
            await people.ensure_person(connection, person, channel, sender, at)
        if consent is not None:
            await people.give_consent(connection, person, consent.purpose, consent.version, consent.given_at)
        if went_abroad:
            await people.give_consent(connection, person, Purpose.ABROAD, VERSION, at)
        for purpose in extra:
            await people.give_consent(connection, person, purpose, kind.version, at)
        if known.name or known.contacts:
            await registry.keep_profile(connection, person, known, at)
        if getattr(form, "guardian", None):
            await registry.hold(connection, person, at)
        await registry.register(
            connection,
            number=number,
            person=person,
            kind=kind.name,
            record=record,
            consent_version=consent.version if consent else "",
            at=at,
            once=kind.once,
        )

    chat.do(store)
    shown = read_aloud(await _number_for(chat, person, kind, number))
    return chat.say(f"{chat.flow}.done", chat.doors("ask", "mydata"), number=shown)


def record_of(chat: Chat, form: BaseModel) -> dict[str, Any]:
    """Give a form's answers as JSON by field, those that were given."""
    return {
        field.name: chat.journal.value(field.name)
        for field in fields_of(type(form))
        if getattr(form, field.name) is not None and chat.journal.has(field.name)
    }


def known_from(form: BaseModel, language: str) -> Known:
    """Give what a form tells about the person who filled it in."""

    def told(name: str) -> Any:
        return getattr(form, name, None)

    contact, place, township = told("contact"), told("place"), told("township")
    contacts = [(contact.kind.value, contact.value)] if isinstance(contact, Contact) else []
    if mobile := told("mobile"):
        contacts.append(("phone", mobile))
    return Known(
        name=told("name"),
        contacts=contacts,
        township=township.code if isinstance(township, HomeTownship) and township.code not in {"", OTHER} else None,
        place=place.name if isinstance(place, Place) else None,
        place_code=place.code or None if isinstance(place, Place) else None,
        fields=told("field"),
        preference=told("preference"),
        language=language,
    )


def _told(standing: Standing, county: County) -> dict[str, Any]:
    """Give what a person's page says as the answers of a form."""
    answers: dict[str, Any] = {"name": standing.name}
    if standing.contacts:
        kind, value = standing.contacts[0]
        answers["contact"] = {"kind": kind, "value": value}
    township = next((one for one in county.townships if one.code == standing.township), None)
    if township is not None:
        answers["township"] = {"code": township.code, "name": township.name}
    if standing.place:
        answers["place"] = {"name": standing.place, "code": standing.place_code or ""}
    if standing.fields:
        answers["field"] = list(standing.fields)
    return {name: value for name, value in answers.items() if value is not None}


async def _number_for(chat: Chat, person: str, kind: Kind, number: str) -> str:
    """Give the number a registration will have: the one it has, where there can be only one."""
    if not kind.once:
        return number
    async with chat.desk.database.read() as connection:
        earlier = await registry_reading.registrations(connection, person)
    return next((one.number for one in earlier if one.kind == kind.name), number)
