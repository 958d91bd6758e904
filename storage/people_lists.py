"""The registry as staff see it: filtered, page by page, within what their role may see; duplicates; one for another.

Every function takes the viewer and can reach no person outside their township: a question about somebody else's
person finds nothing, as if there were nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, true, update

from storage import booking_forgetting, event_replies, recipients, subscriptions
from storage.conversations import ConversationState
from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.people import Consent, Identity, Person
from storage.questions import LeftQuestionRow
from storage.registry import contact_key, note_change, plain_name, same_person_key
from storage.registry_reading import registrations, standing
from storage.registry_tables import CONTACT, NAME, PLACE, Change, PersonContact, Profile, ProfileField, Registration
from storage.staff import NotAllowed, Right, Role, Viewer

CHUNK = 500
OPENED_FOR_A_NAME = 3000  # of those without a township; some 50 ms


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None is everything. `stale_before`: not confirmed since. `name`: the whole name."""

    field: str | None = None
    tier: str | None = None
    township: str | None = None
    place_code: str | None = None
    kind: str | None = None
    state: str | None = None
    source: str | None = None
    stale_before: datetime | None = None
    contact: tuple[str, str] | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One person in a list; names and contacts in full only where they were revealed."""

    person_id: str
    name: str
    township: str
    place: str
    tier: str
    preference: str
    state: str
    source: str
    confirmed_at: datetime | None
    created_at: datetime
    fields: Sequence[str] = ()
    contacts: Sequence[tuple[str, str]] = ()
    kinds: Sequence[str] = field(default=())


def within(viewer: Viewer) -> ColumnElement[bool]:
    """Give the condition that keeps a viewer to what their role may see."""
    return Profile.township == viewer.township if viewer.role is Role.TOWNSHIP else true()


async def count(connection: Connection, viewer: Viewer, wanted: Filter) -> int:
    """Count the people a list would show."""
    viewer.require(Right.LIST)
    narrowed = await _narrowed(connection, viewer, wanted, select(func.count()).select_from(Profile))
    return int(await connection.scalar(narrowed) or 0)


async def page(
    connection: Connection, viewer: Viewer, wanted: Filter, *, number: int = 1, size: int = 50, reveal: bool = False
) -> list[Row]:
    """Give one page of a list, the newest people first; masked unless revealed."""
    viewer.require(Right.REVEAL if reveal else Right.LIST)
    narrowed = await _narrowed(connection, viewer, wanted, select(Profile))
    ordered = narrowed.order_by(Profile.created_at.desc(), Profile.person_id.desc())
    rows = (await connection.execute(ordered.offset((number - 1) * size).limit(size))).all()
    return await _opened(connection, viewer, rows, reveal=reveal)


async def everybody(
    connection: Connection, viewer: Viewer, wanted: Filter, *, reveal: bool = False
) -> AsyncIterator[list[Row]]:
    """Give all the people of a list in chunks, for a file."""
    viewer.require(Right.EXPORT)
    if reveal:
        viewer.require(Right.REVEAL)
    some = (await _narrowed(connection, viewer, wanted, select(Profile))).order_by(Profile.person_id).limit(CHUNK)
    last = ""
    while True:
        rows = (await connection.execute(some.where(Profile.person_id > last))).all()
        if not rows:
            return
        last = rows[-1].person_id
        yield await _opened(connection, viewer, rows, reveal=reveal)


async def one(connection: Connection, viewer: Viewer, person: str, *, reveal: bool = False) -> Row | None:
    """Give one person; None if there is nobody, or nobody this viewer may see."""
    viewer.require(Right.REVEAL if reveal else Right.SHOW)
    rows = (await connection.execute(select(Profile).where(Profile.person_id == person, within(viewer)))).all()
    opened = await _opened(connection, viewer, rows, reveal=reveal)
    return opened[0] if opened else None


async def may_see(connection: Connection, viewer: Viewer, person: str) -> bool:
    """Tell whether there is such a person for this viewer."""
    return bool(await connection.scalar(select(exists().where(Profile.person_id == person, within(viewer)))))


async def duplicates(connection: Connection, viewer: Viewer, limit: int = 100) -> list[tuple[str, list[Row]]]:
    """Give groups of entries that may be one person, with why: the same contact, or name and township."""
    viewer.require(Right.MERGE)
    groups: list[tuple[str, list[str]]] = []
    doubled = (
        select(PersonContact.lookup).group_by(PersonContact.lookup).having(func.count(PersonContact.person_id) > 1)
    )
    by_contact = await connection.execute(
        select(PersonContact.lookup, PersonContact.person_id)
        .where(PersonContact.lookup.in_(doubled.order_by(PersonContact.lookup).limit(limit)))
        .order_by(PersonContact.lookup)
    )
    namesakes = (
        select(Profile.name_township)
        .where(Profile.name_township.is_not(None))
        .group_by(Profile.name_township)
        .having(func.count() > 1)
    )
    by_name = await connection.execute(
        select(Profile.name_township, Profile.person_id)
        .where(Profile.name_township.in_(namesakes.order_by(Profile.name_township).limit(limit)))
        .order_by(Profile.name_township)
    )
    seen: set[frozenset[str]] = set()
    for why, rows in (("contact", by_contact), ("name and township", by_name)):
        together: dict[str, list[str]] = defaultdict(list)
        for key, person in rows:
            together[str(key)].append(person)
        for people in together.values():
            if frozenset(people) not in seen and len(groups) < limit:
                seen.add(frozenset(people))
                groups.append((why, people))
    wanted = {person for _, people in groups for person in people}
    found = (await connection.execute(select(Profile).where(Profile.person_id.in_(wanted), within(viewer)))).all()
    opened = {row.person_id: row for row in await _opened(connection, viewer, found, reveal=False)}
    told = [(why, [opened[person] for person in people if person in opened]) for why, people in groups]
    return [(why, rows) for why, rows in told if len(rows) > 1]


async def merge(connection: Connection, viewer: Viewer, kept: str, other: str, at: datetime) -> None:
    """Make one person of two: all the other has moves over, what both have stays the kept one's, nothing is lost.

    The other's page goes into the history. Raises Conflict for nobody, or the same person twice.
    """
    viewer.require(Right.MERGE)
    if kept == other:
        raise Conflict("these are one person already")
    first, second = await standing(connection, kept), await standing(connection, other)
    if first is None or second is None:
        raise Conflict("one of the two is not in the registry")
    taken = await registrations(connection, other)
    gone = {
        "profile": {
            name: getattr(second, name)
            for name in ("name", "township", "place", "tier", "preference", "fields", "contacts", "source")
        },
        "registrations": [{"number": one.number, "kind": one.kind, "record": dict(one.record)} for one in taken],
    }
    mine = select(Registration.slot).where(Registration.person_id == kept)
    # Of a kind that a person has once, the kept one's stays; the other's is in the history.
    await connection.execute(
        delete(Registration).where(Registration.person_id == other, Registration.slot.in_(mine.scalar_subquery()))
    )
    known = select(PersonContact.lookup).where(PersonContact.person_id == kept)
    await connection.execute(
        delete(PersonContact).where(PersonContact.person_id == other, PersonContact.lookup.in_(known.scalar_subquery()))
    )
    agreed = select(Consent.id).where(Consent.person_id == other)
    for table in (Registration, PersonContact, Change, Identity, LeftQuestionRow):
        await connection.execute(update(table).where(table.person_id == other).values(person_id=kept))
    await booking_forgetting.hand_over(connection, other, kept)
    await event_replies.hand_over(connection, other, kept)
    await recipients.hand_over(connection, other, kept)
    await subscriptions.hand_over(connection, other, kept)
    await connection.execute(update(Consent).where(Consent.id.in_(agreed.scalar_subquery())).values(person_id=kept))
    filled: dict[str, Any] = {
        name: value
        for name in ("township", "place_code", "tier", "preference")
        if getattr(first, name) is None and (value := getattr(second, name)) is not None
    }
    vault = vault_of(connection)
    if first.place is None and second.place is not None:
        filled["place"] = vault.seal(second.place, PLACE)
    if first.name is None and second.name is not None:
        filled["name"] = vault.seal(second.name, NAME)
    await connection.execute(update(Profile).where(Profile.person_id == kept).values(updated_at=at, **filled))
    await connection.execute(update(ConversationState).where(ConversationState.person == other).values(person=kept))
    await connection.execute(delete(Person).where(Person.id == other))
    await note_change(connection, kept, viewer.id, "merged", gone, at)


def masked_name(name: str) -> str:
    """Show a name's first character alone."""
    return name[0] + "＊" * min(len(name) - 1, 2) if name else ""


def masked_contact(kind: str, value: str) -> str:
    """Show enough of a contact to tell two apart, not enough to use it."""
    if kind == "email":
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    return f"{value[:3]}****{value[-2:]}" if len(value) > 6 else "****"


async def _narrowed(connection: Connection, viewer: Viewer, wanted: Filter, statement: Select[Any]) -> Select[Any]:
    if wanted.tier is not None and viewer.role is Role.READER:
        raise NotAllowed(f"the role {viewer.role} does not see tiers; ask a county administrator")
    conditions: list[ColumnElement[bool]] = [within(viewer)]
    if wanted.field:
        of_field = exists().where(ProfileField.person_id == Profile.person_id, ProfileField.field == wanted.field)
        conditions.append(of_field)
    if wanted.kind:
        of_kind = exists().where(
            Registration.person_id == Profile.person_id,
            Registration.kind == wanted.kind,
            Registration.state == "submitted",
        )
        conditions.append(of_kind)
    for name in ("tier", "township", "place_code", "state", "source"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(getattr(Profile, name) == value)
    if wanted.stale_before is not None:
        conditions.append(or_(Profile.confirmed_at.is_(None), Profile.confirmed_at < wanted.stale_before))
    if wanted.contact is not None:
        lookup = contact_key(connection, *wanted.contact)
        by_contact = exists().where(PersonContact.person_id == Profile.person_id, PersonContact.lookup == lookup)
        conditions.append(by_contact)
    if wanted.name is not None:
        conditions.append(await _is_called(connection, viewer, wanted.name))
    return statement.where(*conditions)


async def _is_called(connection: Connection, viewer: Viewer, name: str) -> ColumnElement[bool]:
    """Give the condition of who has a name: by the blind key of name and township, in every township there is.

    Names are sealed; whoever has no township has no key either, and the newest of them are opened and compared.
    """
    townships = await connection.scalars(
        select(Profile.township).where(within(viewer), Profile.township.is_not(None)).distinct()
    )
    keys = [key for one in townships if (key := same_person_key(connection, name, one))]
    unplaced = await connection.execute(
        select(Profile.person_id, Profile.name)
        .where(within(viewer), Profile.township.is_(None), Profile.name.is_not(None))
        .order_by(Profile.created_at.desc(), Profile.person_id.desc())
        .limit(OPENED_FOR_A_NAME)
    )
    vault, meant = vault_of(connection), plain_name(name)
    ids = [person for person, sealed in unplaced if sealed and plain_name(vault.open(sealed, NAME)) == meant]
    return or_(Profile.name_township.in_(keys), Profile.person_id.in_(ids))


async def _opened(connection: Connection, viewer: Viewer, rows: Sequence[Any], *, reveal: bool) -> list[Row]:
    vault = vault_of(connection)
    people = [row.person_id for row in rows]
    fields, contacts, kinds = defaultdict(list), defaultdict(list), defaultdict(list)
    for person, name in await connection.execute(
        select(ProfileField.person_id, ProfileField.field).where(ProfileField.person_id.in_(people))
    ):
        fields[person].append(name)
    for person, kind, value in await connection.execute(
        select(PersonContact.person_id, PersonContact.kind, PersonContact.value)
        .where(PersonContact.person_id.in_(people))
        .order_by(PersonContact.id)
    ):
        contacts[person].append((kind, vault.open(value, CONTACT)))
    for person, kind in await connection.execute(
        select(Registration.person_id, Registration.kind)
        .where(Registration.person_id.in_(people), Registration.state == "submitted")
        .order_by(Registration.created_at)
    ):
        kinds[person].append(kind)
    opened = [
        Row(
            person_id=row.person_id,
            name=vault.open(row.name, NAME) if row.name else "",
            township=row.township or "",
            place=vault.open(row.place, PLACE) if row.place else "",
            tier="" if viewer.role is Role.READER else row.tier or "",
            preference=row.preference or "",
            state=row.state,
            source=row.source,
            confirmed_at=row.confirmed_at,
            created_at=row.created_at,
            fields=sorted(fields[row.person_id]),
            contacts=contacts[row.person_id],
            kinds=kinds[row.person_id],
        )
        for row in rows
    ]
    return opened if reveal else [_masked(row) for row in opened]


def _masked(row: Row) -> Row:
    hidden = [(kind, masked_contact(kind, value)) for kind, value in row.contacts]
    return replace(row, name=masked_name(row.name), contacts=hidden)
