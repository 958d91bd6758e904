"""Who works with the registry: roles, one-use invitations bound to a numeric account, and the log of what they did."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection, vault_of
from storage.errors import Conflict, StorageError
from storage.tables import Table

INVITATION = timedelta(days=7)
DETAIL = "audit.detail"
CONSOLE = "console"  # where an account is a login, and nobody can be written to


class Role(StrEnum):
    COUNTY_ADMIN = "county-admin"
    BUREAU = "bureau"
    TOWNSHIP = "township"  # its own township only
    READER = "reader"  # looks, and changes nothing


class Right(StrEnum):
    """What staff may do."""

    LIST = "list"
    SHOW = "show"
    REVEAL = "reveal"  # see names and contacts in full; needs a reason
    EXPORT = "export"
    IMPORT = "import"
    MERGE = "merge"
    TIER = "tier"
    CONFIRM = "confirm"
    REFRESH = "refresh"
    RETAIN = "retain"
    HISTORY = "history"
    AUDIT = "audit"
    BOOKINGS = "bookings"  # see hours and bookings
    SETTLE = "settle"  # confirm, decline, cancel, mark bookings
    SLOTS = "slots"  # publish hours and leave
    EVENTS = "events"  # make, change and call off events; the door
    ATTENDEES = "attendees"  # see events and who comes
    ANNOUNCE = "announce"  # write announcements and see how they go; pause any
    APPROVE = "approve announcements"  # let another's go out, stop it, take it back
    QUESTIONS = "questions"  # see what people asked
    ANSWER = "answer"  # answer it, and propose it for the FAQ
    REVIEW = "review"  # publish what a colleague proposed for the FAQ
    DOCUMENTS = "documents"  # see the register of documents
    PUBLISH = "publish"  # upload, activate, correct, withdraw documents
    SETTINGS = "settings"  # switch channels, invite and end colleagues


_LOOKING = frozenset({Right.LIST, Right.SHOW, Right.BOOKINGS, Right.ATTENDEES, Right.QUESTIONS, Right.DOCUMENTS})
_OFFICE = _LOOKING | {
    Right.REVEAL,
    Right.EXPORT,
    Right.CONFIRM,
    Right.HISTORY,
    Right.SETTLE,
    Right.SLOTS,
    Right.EVENTS,
    Right.ANNOUNCE,
    Right.ANSWER,
}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.COUNTY_ADMIN: frozenset(Right),
    Role.BUREAU: _OFFICE | {Right.APPROVE, Right.REVIEW, Right.PUBLISH},
    Role.TOWNSHIP: _OFFICE | {Right.IMPORT},
    Role.READER: _LOOKING,
}


class NotAllowed(StorageError):
    """This role may not do this; the message names both."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member of staff as the queries see them."""

    id: str
    role: Role
    township: str | None = None

    def require(self, right: Right) -> None:
        """Raise NotAllowed unless the role has a right."""
        if right not in RIGHTS[self.role]:
            raise NotAllowed(f"the role {self.role} may not {right}; ask a county administrator")


class StaffMember(Table):
    """A member of staff, invited with a code, bound to an account once the code was used."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('county-admin', 'bureau', 'township', 'reader')", name="role"),
        CheckConstraint("(role = 'township') = (township IS NOT NULL)", name="township"),
        # An account is one member of staff at a time.
        Index(
            "ix_staff_account",
            "channel",
            "account",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    township: Mapped[str | None] = mapped_column(String(20))
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    channel: Mapped[str | None] = mapped_column(String(32))
    account: Mapped[str | None] = mapped_column(String(80))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Table):
    """What a member of staff saw, took along or changed; stays when the person is deleted, by then nobody's id."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(36))
    detail: Mapped[str] = mapped_column(Text)


async def invite(connection: Connection, member: str, role: Role, township: str | None, at: datetime) -> str:
    """Store an invitation and give its code, which is kept nowhere. Raises ValueError for a role without its place."""
    if (role is Role.TOWNSHIP) != (township is not None):
        raise ValueError("a township is given for the role township, and for no other")
    code = "-".join(secrets.token_hex(2).upper() for _ in range(4))
    await connection.execute(
        insert(StaffMember).values(
            id=member,
            role=role.value,
            township=township,
            code_hash=_hashed(code),
            invited_at=at,
            expires_at=at + INVITATION,
        )
    )
    return code


async def invited(connection: Connection, code: str, at: datetime) -> Viewer | None:
    """Give whom a code invites; None for one that is unknown, used or too old."""
    row = (
        await connection.execute(
            select(StaffMember.id, StaffMember.role, StaffMember.township).where(
                StaffMember.code_hash == _hashed(code), StaffMember.expires_at > at, StaffMember.revoked_at.is_(None)
            )
        )
    ).one_or_none()
    return Viewer(row.id, Role(row.role), row.township) if row else None


async def bind(connection: Connection, code: str, channel: str, account: str, at: datetime) -> Viewer:
    """Use a code for an account; the account's earlier role ends. Raises Conflict for a code that is no good."""
    viewer = await invited(connection, code, at)
    if viewer is None:
        raise Conflict("this code was used meanwhile")
    await connection.execute(
        update(StaffMember)
        .where(StaffMember.channel == channel, StaffMember.account == account, StaffMember.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    await connection.execute(
        update(StaffMember)
        .where(StaffMember.id == viewer.id)
        .values(code_hash=None, channel=channel, account=account, bound_at=at)
    )
    return viewer


async def revoke(connection: Connection, member: str, at: datetime) -> None:
    """End somebody's role. Raises Conflict if there is none."""
    done = await connection.execute(
        update(StaffMember)
        .where(StaffMember.id == member, StaffMember.revoked_at.is_(None))
        .values(revoked_at=at, code_hash=None)
    )
    if done.rowcount != 1:
        raise Conflict(f"there is no member of staff {member}")


async def viewer_of(connection: Connection, channel: str, account: str) -> Viewer | None:
    """Give the member of staff behind an account."""
    return await _viewer(connection, StaffMember.channel == channel, StaffMember.account == account)


async def viewer_by_id(connection: Connection, member: str) -> Viewer | None:
    """Give a member of staff by id, invited or bound."""
    return await _viewer(connection, StaffMember.id == member)


async def _viewer(connection: Connection, *who: Any) -> Viewer | None:
    columns = select(StaffMember.id, StaffMember.role, StaffMember.township)
    row = (await connection.execute(columns.where(*who, StaffMember.revoked_at.is_(None)))).one_or_none()
    return Viewer(row.id, Role(row.role), row.township) if row else None


async def who_may(connection: Connection, right: Right) -> list[tuple[Viewer, str, str]]:
    """Give those who have a right and a chat: the member, their channel and account there."""
    roles = [role.value for role, rights in RIGHTS.items() if right in rights]
    rows = await connection.execute(
        select(StaffMember.id, StaffMember.role, StaffMember.township, StaffMember.channel, StaffMember.account)
        .where(
            StaffMember.role.in_(roles),
            StaffMember.revoked_at.is_(None),
            StaffMember.channel.is_not(None),
            StaffMember.channel != CONSOLE,
        )
        .order_by(StaffMember.invited_at)
    )
    return [(Viewer(row.id, Role(row.role), row.township), str(row.channel), str(row.account)) for row in rows]


async def members(connection: Connection) -> list[dict[str, Any]]:
    """Give everybody who has a role or an invitation, without codes."""
    names = ("id", "role", "township", "channel", "account", "invited_at", "expires_at", "bound_at", "revoked_at")
    rows = await connection.execute(
        select(*(getattr(StaffMember, name) for name in names)).order_by(StaffMember.invited_at)
    )
    return [dict(row._mapping) for row in rows]


async def audit(
    connection: Connection,
    viewer: Viewer,
    action: str,
    at: datetime,
    *,
    subject: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write into the log what a member of staff did; the detail (a reason may name somebody) is sealed."""
    sealed = vault_of(connection).seal(json.dumps(detail or {}, ensure_ascii=False), DETAIL)
    await connection.execute(
        insert(AuditEntry).values(
            at=at, actor=viewer.id, role=viewer.role.value, action=action, subject=subject, detail=sealed
        )
    )


async def audit_log(
    connection: Connection, viewer: Viewer, limit: int = 200, *, offset: int = 0, actor: str = ""
) -> list[dict[str, Any]]:
    """Give the newest entries of the log after so many; of one member of staff where `actor` is their id."""
    viewer.require(Right.AUDIT)
    wanted = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit).offset(offset)
    rows = await connection.execute(wanted.where(AuditEntry.actor == actor) if actor else wanted)
    vault = vault_of(connection)
    return [{**row._mapping, "detail": json.loads(vault.open(row.detail, DETAIL))} for row in rows]


def _hashed(code: str) -> str:
    return hashlib.sha256("".join(code.split()).replace("-", "").upper().encode()).hexdigest()
