"""Who works here, as an administrator sees it: accounts by their logins, invitations, ending a role."""

from __future__ import annotations

from typing import Any

from handlers import registry_desk
from handlers.desk import Office
from handlers.registry_desk import NotDone
from storage import console_accounts, staff
from storage.errors import Conflict
from storage.staff import Right, Role, Viewer


async def members(office: Office, who: Viewer) -> list[dict[str, Any]]:
    """Give everybody with a role or an open invitation, without codes; those who have left are left out."""
    who.require(Right.SETTINGS)
    now = office.clock.now()
    async with office.database.read() as connection:
        everybody = await staff.members(connection)
    return [
        one
        for one in everybody
        if one["revoked_at"] is None and (one["bound_at"] is not None or one["expires_at"] > now)
    ]


async def logins(office: Office, who: Viewer) -> dict[str, str]:
    """Give by what name each member of staff, past ones too, is known in the log and in histories."""
    who.require(Right.HISTORY)
    async with office.database.read() as connection:
        return {one["id"]: one["account"] for one in await staff.members(connection) if one["account"]}


async def invite(office: Office, who: Viewer, role: Role, township: str | None) -> str:
    """Invite somebody and give the one-use code. Raises NotDone for a township that is none."""
    who.require(Right.SETTINGS)
    member, code = await registry_desk.invite(office, role, township)
    at = office.clock.now()
    async with office.database.write() as connection:
        detail = {"member": member, "role": role.value, "township": township or ""}
        await staff.audit(connection, who, "invited", at, detail=detail)
    return code


async def end(office: Office, who: Viewer, member: str) -> None:
    """End somebody's role, invitation and sessions. Raises NotDone for one's own, or nobody's."""
    who.require(Right.SETTINGS)
    if member == who.id:
        raise NotDone("settings.yourself")
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await staff.revoke(connection, member, at)
            await console_accounts.close_sessions(connection, member)
            await staff.audit(connection, who, "ended a role", at, detail={"member": member})
    except Conflict as error:
        raise NotDone("settings.nobody") from error
