"""Tiers (分级), set by hand or by rules: what the rules look at, and which people are left to them.

The history says who set a tier and by which rule. What was set by hand stays until it is left to the rules again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.people_lists import within
from storage.registry import note_change
from storage.registry_tables import RECORD, Change, Profile, ProfileField, Registration
from storage.staff import Right, Viewer

CHUNK = 500
RULES = "rules"  # the actor of what rules set
SET, LEFT = "tier", "tier.left"  # actions in a history
OF_TIERS = frozenset({SET, LEFT})


@dataclass(frozen=True, slots=True)
class Graded:
    """What rules look at: a person's page as far as it is not sealed, and the records they sent in, by kind."""

    person_id: str
    tier: str | None
    township: str | None
    place_code: str | None
    preference: str | None
    source: str
    fields: Sequence[str]
    records: Sequence[tuple[str, Mapping[str, Any]]]
    by_hand: bool


async def set_by_hand(connection: Connection, viewer: Viewer, person: str, tier: str | None, at: datetime) -> None:
    """Put a person into a tier, which nobody but staff sees. Raises Conflict for nobody."""
    await _set(connection, viewer, person, tier, SET, at)


async def leave_to_rules(connection: Connection, viewer: Viewer, person: str, at: datetime) -> None:
    """Let the rules decide again about somebody whose tier was set by hand. Raises Conflict for nobody."""
    await _set(connection, viewer, person, None, LEFT, at)


async def set_by_rule(connection: Connection, graded: Graded, tier: str | None, rule: str, at: datetime) -> bool:
    """Put a person into the tier that a rule gives; False where it is theirs already, or was set by hand."""
    if graded.by_hand or graded.tier == tier:
        return False
    await connection.execute(update(Profile).where(Profile.person_id == graded.person_id).values(tier=tier))
    await note_change(connection, graded.person_id, RULES, SET, {"tier": graded.tier, "rule": rule}, at)
    return True


async def graded(connection: Connection, people: Collection[str]) -> list[Graded]:
    """Give what rules look at, of those people who are in use; an entry nobody has agreed to is in no tier."""
    rows = await connection.execute(
        select(Profile).where(Profile.person_id.in_(people), Profile.state == "active").order_by(Profile.person_id)
    )
    fields, records = defaultdict(list), defaultdict(list)
    for person, name in await connection.execute(
        select(ProfileField.person_id, ProfileField.field).where(ProfileField.person_id.in_(people))
    ):
        fields[person].append(name)
    vault = vault_of(connection)
    for person, kind, record in await connection.execute(
        select(Registration.person_id, Registration.kind, Registration.record).where(
            Registration.person_id.in_(people), Registration.state == "submitted"
        )
    ):
        records[person].append((kind, json.loads(vault.open(record, RECORD))))
    latest = select(func.max(Change.id)).where(Change.action.in_(OF_TIERS), Change.person_id.in_(people))
    by_hand = set(
        await connection.scalars(
            select(Change.person_id).where(
                Change.id.in_(latest.group_by(Change.person_id).scalar_subquery()),
                Change.action == SET,
                Change.actor != RULES,
            )
        )
    )
    return [
        Graded(
            person_id=row.person_id,
            tier=row.tier,
            township=row.township,
            place_code=row.place_code,
            preference=row.preference,
            source=row.source,
            fields=fields[row.person_id],
            records=records[row.person_id],
            by_hand=row.person_id in by_hand,
        )
        for row in rows
    ]


async def everybody(connection: Connection, viewer: Viewer) -> AsyncIterator[list[Graded]]:
    """Give what rules look at of all people, in chunks."""
    viewer.require(Right.TIER)
    last = ""
    while True:
        people = (
            await connection.scalars(
                select(Profile.person_id).where(Profile.person_id > last).order_by(Profile.person_id).limit(CHUNK)
            )
        ).all()
        if not people:
            return
        last = people[-1]
        yield await graded(connection, people)


async def _set(
    connection: Connection, viewer: Viewer, person: str, tier: str | None, action: str, at: datetime
) -> None:
    viewer.require(Right.TIER)
    before = await connection.scalar(select(Profile.tier).where(Profile.person_id == person, within(viewer)))
    # The day of the last change is the person's to see, a tier is not.
    done = await connection.execute(
        update(Profile).where(Profile.person_id == person, within(viewer)).values(tier=tier)
    )
    if done.rowcount != 1:
        raise Conflict(f"there is nobody by {person}")
    await note_change(connection, person, viewer.id, action, {"tier": before}, at)
