"""Who books: what is known of them already, and what is still to be asked before a time can be held for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from handlers import zones
from handlers.abroad import HERE, VERSION, Abroad, clear_channel
from handlers.contacts import Contact, ContactKind, ContactPoint
from handlers.conversation import Chat, Consent, Purpose
from handlers.journal import CHANNEL
from handlers.names import Name
from handlers.questions import Question
from handlers.zone_question import ZoneQuestion
from storage import bookings, people, registry_reading
from storage.database import Connection

T = TypeVar("T")

CONSENT_VERSION = "2026-1"
# Somebody who speaks of their own clock says where they are.
OWN_CLOCK = re.compile(r"我这|我这边|我们这|当地|时间|\bmy time|\bhere\b|\btime\b", re.I)
AS_KNOWN = timedelta(days=365)  # a name and contact given for a booking so long ago are asked again


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier bookings and the registry tell of somebody; None is not known."""

    name: str | None = None
    contact: Contact | None = None
    zone: str | None = None
    consent: Consent | None = None
    agreed_abroad: bool = False


@dataclass(frozen=True, slots=True)
class Booker:
    """Somebody who may book: all that is needed is there, and agreed to."""

    name: str
    contact: Contact
    zone: str
    consent: Consent
    went_abroad: bool


async def known(chat: Chat) -> Known:
    """Read what is known of the person in this chat."""
    kept = chat.memory.get("zone")
    person = await chat.known_person()
    if person is None:
        return Known(zone=kept)
    now = chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        given = await people.consent_to(connection, person, Purpose.BOOK, CONSENT_VERSION)
        abroad = await people.consent_to(connection, person, Purpose.ABROAD, VERSION)
        page = await registry_reading.standing(connection, person)
        earlier = [
            one
            for one in await bookings.of_person(connection, person, since=now - AS_KNOWN)
            if one.name and one.contact
        ]
    name, contact = (page.name, page.contacts[0] if page.contacts else None) if page else (None, None)
    if earlier and given:
        name, contact = earlier[-1].name, earlier[-1].contact
    place = zones.find_zone(page.place) if page and page.place else None
    zone = kept or (earlier[-1].zone if earlier else None) or (place if isinstance(place, str) else None)
    return Known(
        name=name,
        contact=Contact(ContactKind(contact[0]), contact[1]) if contact else None,
        zone=zone,
        consent=Consent(Purpose.BOOK, CONSENT_VERSION, given) if given else None,
        agreed_abroad=abroad is not None,
    )


async def introduce(chat: Chat, told: Known) -> Booker:
    """Ask what is missing: consent in its own turn, name, one contact, and once whose clock they live by."""
    rule = chat.desk.personal_data.rule_for(chat.message.channel)
    # Who agreed once that this platform may carry what they fill in is not asked with every booking.
    if not (rule is Abroad.ASK and told.agreed_abroad):
        await clear_channel(chat)
    consent = told.consent or await chat.consent(Purpose.BOOK, CONSENT_VERSION)
    name = await _unless_known(chat, "name", Name(), told.name)
    contact = await _unless_known(chat, "contact", ContactPoint(), told.contact)
    zone = await _unless_known(chat, "zone", ZoneQuestion(language=chat.language), told.zone or _clock_spoken_of(chat))
    chat.memory["zone"] = zone
    return Booker(name, contact, zone, consent, chat.journal.value(CHANNEL) == HERE)


async def keep(connection: Connection, chat: Chat, person: str, booker: Booker) -> None:
    """Store who somebody is in their channel and what they agreed to, once."""
    at, message = chat.desk.clock.now(), chat.message
    await people.ensure_person(connection, person, message.channel, message.sender, at)
    for channel, sender in chat.memory.get("also", []):
        await people.ensure_person(connection, person, channel, sender, at)
    consent = booker.consent
    await people.give_consent(connection, person, consent.purpose, consent.version, consent.given_at)
    if booker.went_abroad:
        await people.give_consent(connection, person, Purpose.ABROAD, VERSION, consent.given_at)


async def _unless_known(chat: Chat, key: str, question: Question[T], told: T | None) -> T:
    """Give what is known, unless the person has said something else or wants to."""
    if told is None or chat.journal.has(key) or chat.journal.was_dropped(key):
        return await chat.ask(key, question)
    return told


def _clock_spoken_of(chat: Chat) -> str | None:
    """Find the clock somebody speaks by: "我这边是洛杉矶时间晚上八点"."""
    for said in chat.journal.said():
        found = zones.find_zone(said) if OWN_CLOCK.search(said) else None
        if isinstance(found, str) and found != chat.desk.county.timezone:
            return found
    return None
