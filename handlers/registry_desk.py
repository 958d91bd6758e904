"""The staff's side of the registry: looking people up, tiers, merging, confirming; every look and change is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.desk import Office
from handlers.ids import as_typed
from handlers.retaining import retain_sealed
from handlers.still_right import queue_prompts
from handlers.tiers import regrade
from storage import claims, forgetting, people_lists, registry, registry_reading, staff, tiers
from storage.errors import Conflict
from storage.people_lists import Filter, Row
from storage.staff import Right, Role, Viewer

# Whoever may run commands on the server has the database and its keys anyway.
OPERATOR = Viewer("operator", Role.COUNTY_ADMIN)


class NotDone(Exception):
    """Nothing was shown or changed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and how many there are in all."""

    rows: Sequence[Row]
    total: int


async def viewer(office: Office, member: str | None) -> Viewer:
    """Give the member of staff a command is run for. Raises NotDone for an unknown one."""
    if member is None:
        return OPERATOR
    async with office.database.read() as connection:
        found = await staff.viewer_by_id(connection, member)
    if found is None:
        raise NotDone(f"there is no member of staff {member}; see 'laoxiang staff list'")
    return found


async def list_people(
    office: Office, who: Viewer, wanted: Filter, *, page: int = 1, size: int = 50, reason: str = ""
) -> Listed:
    """Give one page of people, masked; in full with a reason, which is logged."""
    async with office.database.read() as connection:
        rows = await people_lists.page(connection, who, wanted, number=page, size=size, reveal=bool(reason))
        total = await people_lists.count(connection, who, wanted)
    if reason:
        await _log(office, who, "revealed a list", detail={"reason": reason, "people": [row.person_id for row in rows]})
    return Listed(rows, total)


async def show_person(office: Office, who: Viewer, person: str, *, reason: str = "") -> dict[str, Any]:
    """Give a person's page with registrations and history; masked without a reason. Raises NotDone for nobody."""
    async with office.database.read() as connection:
        row = await people_lists.one(connection, who, person, reveal=bool(reason))
        if row is None:
            raise NotDone(f"there is nobody by {person} for you")
        shown: dict[str, Any] = {"person": row}
        if reason:
            shown["registrations"] = await registry_reading.registrations(connection, person)
            if Right.HISTORY in staff.RIGHTS[who.role]:
                shown["history"] = await registry_reading.history(connection, person)
    await _log(office, who, "revealed" if reason else "saw", subject=person, detail={"reason": reason})
    return shown


async def find_by_number(office: Office, who: Viewer, number: str) -> str:
    """Give whose registration has a number. Raises NotDone for none this viewer may see."""
    async with office.database.read() as connection:
        person = await registry_reading.person_of_number(connection, as_typed(number))
        if person is None or not await people_lists.may_see(connection, who, person):
            raise NotDone(f"there is no registration {number} for you")
    return person


async def set_tier(office: Office, who: Viewer, person: str, tier: str | None) -> None:
    """Put a person into tier A, B or C, or none, whatever the rules say. Raises NotDone for nobody."""
    who.require(Right.TIER)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await tiers.set_by_hand(connection, who, person, tier, at)
            await staff.audit(connection, who, "set a tier", at, subject=person)
    except Conflict as error:
        raise NotDone(f"there is nobody by {person} for you") from error


async def leave_tier_to_rules(office: Office, who: Viewer, person: str) -> None:
    """Let the rules decide about somebody whose tier was set by hand. Raises NotDone for nobody."""
    who.require(Right.TIER)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await tiers.leave_to_rules(connection, who, person, at)
            await regrade(connection, office, person, at)
            await staff.audit(connection, who, "left a tier to the rules", at, subject=person)
    except Conflict as error:
        raise NotDone(f"there is nobody by {person} for you") from error


async def confirm(office: Office, who: Viewer, person: str, *, wrong: bool = False) -> None:
    """Note that somebody was asked (on the telephone, say) and the entry is right, or about somebody else."""
    who.require(Right.CONFIRM)
    at = office.clock.now()
    async with office.database.write() as connection:
        if not await people_lists.may_see(connection, who, person):
            raise NotDone(f"there is nobody by {person} for you")
        if wrong:
            await claims.refuse(connection, person, at, actor=who.id)
        else:
            await registry.confirm(connection, person, at, actor=who.id)
            await regrade(connection, office, person, at)
        await staff.audit(connection, who, "marked wrong" if wrong else "confirmed", at, subject=person)


async def duplicates(office: Office, who: Viewer) -> list[tuple[str, list[Row]]]:
    """Give groups of entries that may be one person, masked."""
    async with office.database.read() as connection:
        return await people_lists.duplicates(connection, who)


async def merge(office: Office, who: Viewer, kept: str, other: str) -> None:
    """Make one person of two. Raises NotDone where there are not two."""
    who.require(Right.MERGE)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await people_lists.merge(connection, who, kept, other, at)
            await regrade(connection, office, kept, at)
            await staff.audit(connection, who, "merged", at, subject=kept, detail={"other": other})
    except Conflict as error:
        raise NotDone(f"{kept} and {other} can't be merged: {error}") from error


async def refresh(office: Office, who: Viewer, limit: int) -> int:
    """Queue "still right?" for everybody whose half year is over; give how many."""
    who.require(Right.REFRESH)
    asked = await queue_prompts(office, limit, by=who.id)
    await _log(office, who, "asked whether entries are right", detail={"people": asked})
    return asked


async def retain(office: Office, who: Viewer) -> dict[str, int]:
    """Delete what has been kept long enough; give how much, by kind."""
    who.require(Right.RETAIN)
    at = office.clock.now()
    sealed = await retain_sealed(office, at)
    async with office.database.write() as connection:
        gone = await forgetting.retain(connection, at) | sealed
        await staff.audit(connection, who, "deleted what was old", at, detail=gone)
    return gone


async def audit_log(
    office: Office, who: Viewer, limit: int, *, offset: int = 0, actor: str = ""
) -> list[dict[str, Any]]:
    """Give the newest entries of the log after so many; of one member of staff where `actor` is their id."""
    async with office.database.read() as connection:
        return await staff.audit_log(connection, who, limit, offset=offset, actor=actor)


async def invite(office: Office, role: Role, township: str | None) -> tuple[str, str]:
    """Give the id of a new member of staff and the code that binds their account. Raises NotDone."""
    known = {one.code: one for one in office.county.townships}
    named = next((code for code, one in known.items() if township in {code, one.name}), None)
    if township and known and named is None:
        raise NotDone(f"there is no township {township}; the profile knows {', '.join(known)}")
    member, at = office.ids.new()[:8], office.clock.now()
    try:
        async with office.database.write() as connection:
            code = await staff.invite(connection, member, role, named or township, at)
    except ValueError as error:
        raise NotDone(f"{error}: use --township with --role township") from error
    return member, code


async def _log(
    office: Office, who: Viewer, action: str, *, subject: str | None = None, detail: dict[str, Any] | None = None
) -> None:
    async with office.database.write() as connection:
        await staff.audit(connection, who, action, office.clock.now(), subject=subject, detail=detail)
