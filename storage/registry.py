"""The registry (在外人才信息库): who somebody is, how they are reached, what they registered for, and every change.

Names, contacts, places and records are sealed; what staff filter by (township, city, field, tier) is not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.people import Identity
from storage.tables import Table, insert_unless_known

NAME, PLACE, CONTACT, RECORD, CHANGES = (
    "profiles.name",
    "profiles.place",
    "contacts.value",
    "registrations.record",
    "history.changes",
)
SELF = "self"  # the actor of what people do to their own data


class Profile(Table):
    """What the registry knows of a person; `state` "unconfirmed" until an imported person has agreed."""

    __tablename__ = "profiles"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'unconfirmed', 'wrong')", name="state"),
        CheckConstraint("tier IS NULL OR tier IN ('A', 'B', 'C')", name="tier"),
        CheckConstraint("preference IS NULL OR preference IN ('text', 'phone', 'stop')", name="preference"),
        Index("ix_profiles_created", "created_at", "person_id"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    name_township: Mapped[str | None] = mapped_column(String(32), index=True)  # blind: duplicates by both
    township: Mapped[str | None] = mapped_column(String(20), index=True)
    place: Mapped[str | None] = mapped_column(Text)
    place_code: Mapped[str | None] = mapped_column(String(40), index=True)
    tier: Mapped[str | None] = mapped_column(String(1), index=True)
    preference: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    confirmed_at: Mapped[datetime | None] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]  # when "still right?" was last asked
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProfileField(Table):
    """A class (分类) a person is in, by field."""

    __tablename__ = "profile_fields"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)


class PersonContact(Table):
    """One way to reach a person; `lookup` finds it without opening it."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "lookup"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(Text)
    lookup: Mapped[str] = mapped_column(String(32), index=True)


class Registration(Table):
    """What somebody registered for; `slot` is the kind where a person has one, else the number."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("person_id", "slot"),
        CheckConstraint("state IN ('submitted', 'withdrawn')", name="state"),
        # Led by the person: an index by kind alone was tried for each of 100,000 people, and took 400 s.
        Index("ix_registrations_person_kind", "person_id", "kind"),
    )

    number: Mapped[str] = mapped_column(String(12), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    slot: Mapped[str] = mapped_column(String(20))
    record: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    consent_version: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Change(Table):
    """One change to what is known about a person: who, when, and what it was before, sealed."""

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(30))
    changes: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Known:
    """What a form or a spreadsheet tells about a person; None says nothing and changes nothing."""

    name: str | None = None
    contacts: Sequence[tuple[str, str]] = ()  # (kind, value)
    township: str | None = None
    place: str | None = None
    place_code: str | None = None
    fields: Sequence[str] | None = None
    preference: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's page, opened."""

    person_id: str
    name: str | None
    township: str | None
    place: str | None
    place_code: str | None
    tier: str | None
    preference: str | None
    language: str
    source: str
    state: str
    confirmed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    fields: Sequence[str] = ()
    contacts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, opened."""

    number: str
    kind: str
    state: str
    created_at: datetime
    updated_at: datetime
    consent_version: str
    record: Mapping[str, Any] = field(default_factory=dict)


async def keep_profile(
    connection: Connection,
    person: str,
    known: Known,
    at: datetime,
    *,
    actor: str = SELF,
    source: str = "self",
    state: str = "active",
) -> None:
    """Store what was told about a person, new or changed, with the history of it."""
    before = await standing(connection, person)
    vault = vault_of(connection)
    told: dict[str, Any] = {
        name: value
        for name in ("township", "place_code", "preference", "language")
        if (value := getattr(known, name)) is not None
    }
    if known.name is not None:
        told["name"] = vault.seal(known.name, NAME)
    if known.place is not None:
        told["place"] = vault.seal(known.place, PLACE)
    name = known.name or (before.name if before else None)
    township = known.township or (before.township if before else None)
    told["name_township"] = same_person_key(connection, name, township)
    if actor == SELF:
        told |= {"confirmed_at": at, "state": "active"}
    if before is None:
        first = {"language": "zh-Hans", "source": source, "state": state, "created_at": at, "updated_at": at}
        await connection.execute(insert(Profile).values(person_id=person, **first | told))
    else:
        await connection.execute(update(Profile).where(Profile.person_id == person).values(updated_at=at, **told))
    if known.fields is not None:
        await connection.execute(delete(ProfileField).where(ProfileField.person_id == person))
        if known.fields:
            rows = [{"person_id": person, "field": name} for name in known.fields]
            await connection.execute(insert(ProfileField), rows)
    for kind, value in known.contacts:
        await add_contact(connection, person, kind, value)
    await note_change(
        connection, person, actor, "registered" if before is None else "changed", _changes(before, known), at
    )


def same_person_key(connection: Connection, name: str | None, township: str | None) -> str | None:
    """Give the blind key that two entries of one person share: the same name from the same township."""
    if not name or not township:
        return None
    return vault_of(connection).blind("name+township", f"{''.join(name.split()).casefold()}|{township}")


def contact_key(connection: Connection, kind: str, value: str) -> str:
    """Give the blind key of a contact; a WeChat id that is a telephone number is that number."""
    if kind == "wechat" and value.isdecimal():
        kind, value = "phone", f"+86{value}"
    return vault_of(connection).blind(kind, value.casefold())


async def add_contact(connection: Connection, person: str, kind: str, value: str) -> None:
    """Store a way to reach a person, unless it is known; one of a kind replaces the earlier one."""
    lookup = contact_key(connection, kind, value)
    await connection.execute(
        delete(PersonContact).where(
            PersonContact.person_id == person, PersonContact.kind == kind, PersonContact.lookup != lookup
        )
    )
    row = insert_unless_known(connection, PersonContact, ["person_id", "lookup"])
    sealed = vault_of(connection).seal(value, CONTACT)
    await connection.execute(row.values(person_id=person, kind=kind, value=sealed, lookup=lookup))


async def register(
    connection: Connection,
    *,
    number: str,
    person: str,
    kind: str,
    record: Mapping[str, Any],
    consent_version: str,
    at: datetime,
    once: bool,
    actor: str = SELF,
) -> str:
    """Store what somebody registered for and give its number.

    With `once` a person has one of the kind: a later one replaces it under the number it has. Raises Conflict
    for a number already given out: choose another.
    """
    slot = kind if once else number
    vault = vault_of(connection)
    values = {
        "record": vault.seal(json.dumps(record, ensure_ascii=False), RECORD),
        "state": "submitted",
        "consent_version": consent_version,
        "updated_at": at,
    }
    known = (
        await connection.execute(
            select(Registration.number, Registration.record).where(
                Registration.person_id == person, Registration.slot == slot
            )
        )
    ).one_or_none()
    if known is not None:
        before = json.loads(vault.open(known.record, RECORD))
        await connection.execute(update(Registration).where(Registration.number == known.number).values(**values))
        changed = {name: before.get(name) for name in {*before, *record} if before.get(name) != record.get(name)}
        await note_change(connection, person, actor, f"{kind}.changed", changed, at)
        return str(known.number)
    await connection.execute(
        insert(Registration).values(number=number, person_id=person, kind=kind, slot=slot, created_at=at, **values)
    )
    await note_change(connection, person, actor, f"{kind}.registered", {}, at)
    return number


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


async def confirm(connection: Connection, person: str, at: datetime, *, actor: str = SELF) -> None:
    """Note that what is known about a person was found still right. Raises Conflict if nothing is known."""
    done = await connection.execute(
        update(Profile).where(Profile.person_id == person).values(confirmed_at=at, state="active", updated_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"the registry knows nobody by {person}")
    await note_change(connection, person, actor, "confirmed", {}, at)


async def withdraw(connection: Connection, person: str, kinds: Collection[str], at: datetime) -> None:
    """Take back what somebody registered for, by kind; contents go at once, and the page with the last of them."""
    emptied = vault_of(connection).seal("{}", RECORD)
    done = await connection.execute(
        update(Registration)
        .where(Registration.person_id == person, Registration.kind.in_(list(kinds)), Registration.state == "submitted")
        .values(state="withdrawn", record=emptied, updated_at=at)
    )
    left = select(Registration.number).where(Registration.person_id == person, Registration.state == "submitted")
    if done.rowcount and (await connection.execute(left.limit(1))).first() is None:
        for table in (Profile, ProfileField, PersonContact, Change):
            await connection.execute(delete(table).where(table.person_id == person))
        connection.info["laoxiang_scrub"] = True
    if done.rowcount:
        await note_change(connection, person, SELF, "withdrawn", {"kinds": sorted(kinds)}, at)


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


async def note_asked(connection: Connection, people: Sequence[str], at: datetime) -> None:
    """Note that people were asked whether their entry is still right."""
    await connection.execute(update(Profile).where(Profile.person_id.in_(people)).values(asked_at=at))


async def note_change(
    connection: Connection, person: str, actor: str, action: str, changes: Mapping[str, Any], at: datetime
) -> None:
    """Write a line of a person's history."""
    sealed = vault_of(connection).seal(json.dumps(changes, ensure_ascii=False), CHANGES)
    await connection.execute(insert(Change).values(person_id=person, at=at, actor=actor, action=action, changes=sealed))


def _changes(before: Standing | None, known: Known) -> dict[str, Any]:
    if before is None:
        return {}
    changed: dict[str, Any] = {
        name: getattr(before, name)
        for name in ("name", "township", "place", "place_code", "preference", "language")
        if getattr(known, name) is not None and getattr(known, name) != getattr(before, name)
    }
    if known.fields is not None and sorted(known.fields) != list(before.fields):
        changed["fields"] = list(before.fields)
    if any(contact not in before.contacts for contact in known.contacts):
        changed["contacts"] = [list(contact) for contact in before.contacts]
    return changed
