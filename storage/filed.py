"""What people sent in, form by form, as staff see it: also what came without a name, and so stands on nobody's page.

What has no page has no township: only roles that see the whole county find it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from storage.database import Connection, vault_of
from storage.people_lists import masked_name, within
from storage.registry_tables import NAME, RECORD, Profile, Registration
from storage.staff import Right, Viewer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; `nameless` gives only what stands on nobody's page."""

    kind: str | None = None
    number: str | None = None
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """One form that was sent in; its record, and the name in full, only where they were revealed."""

    number: str
    kind: str
    state: str
    person_id: str
    name: str
    township: str
    created_at: datetime
    record: Mapping[str, Any] | None = None


async def count(connection: Connection, viewer: Viewer, wanted: Wanted) -> int:
    """Count the forms a list would show."""
    viewer.require(Right.LIST)
    rows = select(func.count()).select_from(Registration).outerjoin(Profile, _SAME)
    return int(await connection.scalar(rows.where(*_narrowed(viewer, wanted))) or 0)


async def page(
    connection: Connection, viewer: Viewer, wanted: Wanted, *, number: int = 1, size: int = 50, reveal: bool = False
) -> list[Filed]:
    """Give one page of forms, the newest first; without their records unless revealed."""
    viewer.require(Right.REVEAL if reveal else Right.LIST)
    rows = await connection.execute(
        select(Registration, Profile.name, Profile.township)
        .outerjoin(Profile, _SAME)
        .where(*_narrowed(viewer, wanted))
        .order_by(Registration.created_at.desc(), Registration.number)
        .offset((number - 1) * size)
        .limit(size)
    )
    vault = vault_of(connection)
    found = []
    for row in rows:
        name = vault.open(row.name, NAME) if row.name else ""
        found.append(
            Filed(
                number=row.number,
                kind=row.kind,
                state=row.state,
                person_id=row.person_id,
                name=name if reveal else masked_name(name),
                township=row.township or "",
                created_at=row.created_at,
                record=json.loads(vault.open(row.record, RECORD)) if reveal else None,
            )
        )
    return found


_SAME = Profile.person_id == Registration.person_id


def _narrowed(viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [within(viewer)]
    if wanted.kind is not None:
        conditions.append(Registration.kind == wanted.kind)
    if wanted.number is not None:
        conditions.append(Registration.number == wanted.number)
    if wanted.nameless:
        conditions.append(Profile.person_id.is_(None))
    return conditions
