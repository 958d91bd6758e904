"""Reading the registry: a person's page, their records and history, who has a contact, who is due to be asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from storage.database import Connection, vault_of
from storage.people import Identity
from storage.registry_tables import (
    CHANGES,
    CONTACT,
    NAME,
    PLACE,
    RECORD,
    Change,
    PersonContact,
    Profile,
    ProfileField,
    Registered,
    Registration,
    Standing,
)


async def standing(connection: Connection, person: str) -> Standing | None:
    """Give a person's page, opened; None if the registry has none."""
    row = (await connection.execute(select(Profile).where(Profile.person_id == person))).one_or_none()
    if row is None:
        return None
    vault = vault_of(connection)
    fields = await connection.scalars(select(ProfileField.field).where(ProfileField.person_id == person))
    contacts = await connection.execute(
        select(PersonContact.kind, PersonContact.value)
        .where(PersonContact.person_id == person)
        .order_by(PersonContact.id)
    )
    return Standing(
        person_id=person,
        name=row.name and vault.open(row.name, NAME),
        place=row.place and vault.open(row.place, PLACE),
        fields=sorted(fields),
        contacts=[(kind, vault.open(value, CONTACT)) for kind, value in contacts],
        **{name: getattr(row, name) for name in _PLAIN},
    )


_PLAIN = (
    "township",
    "place_code",
    "tier",
    "preference",
    "language",
    "source",
    "state",
    "confirmed_at",
    "created_at",
    "updated_at",
)


async def registrations(connection: Connection, person: str) -> list[Registered]:
    """Give what somebody registered for, opened, oldest first."""
    rows = await connection.execute(
        select(Registration).where(Registration.person_id == person).order_by(Registration.created_at)
    )
    vault = vault_of(connection)
    return [
        Registered(
            record=json.loads(vault.open(row.record, RECORD)),
            **{name: getattr(row, name) for name in Registered.__dataclass_fields__ if name != "record"},
        )
        for row in rows
    ]


async def person_of_number(connection: Connection, number: str) -> str | None:
    """Give whose registration has a number."""
    found: str | None = await connection.scalar(select(Registration.person_id).where(Registration.number == number))
    return found


async def person_by_contact(connection: Connection, keys: Sequence[str]) -> str | None:
    """Give who has one of some contacts, by their blind keys."""
    found: str | None = await connection.scalar(
        select(PersonContact.person_id).where(PersonContact.lookup.in_(keys)).limit(1)
    )
    return found


async def person_by_name(connection: Connection, key: str) -> str | None:
    """Give who has a name and township, by their blind key."""
    found: str | None = await connection.scalar(select(Profile.person_id).where(Profile.name_township == key).limit(1))
    return found


async def history(connection: Connection, person: str) -> list[dict[str, Any]]:
    """Give every change to what is known about a person, oldest first; "changes" is what it was before."""
    rows = await connection.execute(select(Change).where(Change.person_id == person).order_by(Change.id))
    vault = vault_of(connection)
    return [
        {"at": row.at, "actor": row.actor, "action": row.action, "before": json.loads(vault.open(row.changes, CHANGES))}
        for row in rows
    ]


async def due_for_refresh(connection: Connection, before: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Give (person, channel, sender) of those not asked or confirmed since, who have a chat and may be written to."""
    rows = await connection.execute(
        select(Profile.person_id, Identity.channel, Identity.sender)
        .join(Identity, Identity.person_id == Profile.person_id)
        .where(
            Profile.state == "active",
            Profile.confirmed_at < before,
            or_(Profile.asked_at.is_(None), Profile.asked_at < before),
            or_(Profile.preference.is_(None), Profile.preference != "stop"),
        )
        .order_by(Profile.confirmed_at, Profile.person_id, Identity.channel)
        .limit(limit)
    )
    # Somebody with two chats is asked in one.
    first = {person: (person, channel, sender) for person, channel, sender in reversed(rows.all())}
    return list(reversed(first.values()))
