"""The registry (在外人才信息库): storing who somebody is, how they are reached, what they registered for, every change.

Names, contacts, places and records are sealed; what staff filter by (township, city, field, tier) is not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.registry_reading import standing
from storage.registry_tables import (
    CHANGES,
    CONTACT,
    NAME,
    PLACE,
    RECORD,
    SELF,
    Change,
    Known,
    PersonContact,
    Profile,
    ProfileField,
    Registration,
    Standing,
)
from storage.tables import insert_unless_known


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
    return vault_of(connection).blind("name+township", f"{plain_name(name)}|{township}")


def plain_name(name: str) -> str:
    """Give a name as names are compared: without blanks, whatever its case."""
    return "".join(name.split()).casefold()


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


async def confirm(connection: Connection, person: str, at: datetime, *, actor: str = SELF) -> None:
    """Note that what is known about a person was found still right. Raises Conflict if nothing is known."""
    done = await connection.execute(
        update(Profile).where(Profile.person_id == person).values(confirmed_at=at, state="active", updated_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"the registry knows nobody by {person}")
    await note_change(connection, person, actor, "confirmed", {}, at)


async def hold(connection: Connection, person: str, at: datetime) -> None:
    """Keep an entry out of use until staff have confirmed it: a minor's, while the guardian is asked (PIPL art. 31)."""
    await connection.execute(
        update(Profile).where(Profile.person_id == person).values(state="unconfirmed", confirmed_at=None)
    )
    await note_change(connection, person, SELF, "waits for the guardian", {}, at)


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
