"""Who may sign in to the console, the browsers that did, and how often it went wrong: for `handlers.sign_in`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from storage import staff
from storage.console_tables import ConsoleAccount, ConsoleSession, SignInFailure
from storage.database import Connection, vault_of
from storage.errors import Conflict
from storage.staff import Role, StaffMember, Viewer

TOTP = "console_accounts.totp"


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in is checked against; `totp` is the opened secret."""

    viewer: Viewer
    login: str
    password_hash: str
    totp: str
    totp_step: int


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser: who it is, and when it was last heard of."""

    viewer: Viewer
    login: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


async def create(
    connection: Connection,
    code: str,
    *,
    login: str,
    password_hash: str,
    totp: str,
    totp_step: int,
    at: datetime,
) -> Viewer:
    """Use an invitation for an account of the console. Raises Conflict for a used code or a login that is taken."""
    # Who left and comes back, or a successor, may have the login again; the log names them by the id.
    ended = select(StaffMember.id).where(StaffMember.revoked_at.is_not(None))
    await connection.execute(
        delete(ConsoleAccount).where(ConsoleAccount.login == login, ConsoleAccount.member_id.in_(ended))
    )
    taken = await connection.scalar(select(ConsoleAccount.member_id).where(ConsoleAccount.login == login))
    if taken is not None:
        raise Conflict(f"the login {login} is taken")
    viewer = await staff.bind(connection, code, staff.CONSOLE, login, at)
    await connection.execute(
        insert(ConsoleAccount).values(
            member_id=viewer.id,
            login=login,
            password_hash=password_hash,
            totp=vault_of(connection).seal(totp, TOTP),
            totp_step=totp_step,
            created_at=at,
        )
    )
    return viewer


async def by_login(connection: Connection, login: str) -> Account | None:
    """Give the account of a login, unless its role has ended."""
    row = (
        await connection.execute(
            select(ConsoleAccount, StaffMember.role, StaffMember.township)
            .join(StaffMember, StaffMember.id == ConsoleAccount.member_id)
            .where(ConsoleAccount.login == login, StaffMember.revoked_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    return Account(
        viewer=Viewer(row.member_id, Role(row.role), row.township),
        login=row.login,
        password_hash=row.password_hash,
        totp=vault_of(connection).open(row.totp, TOTP),
        totp_step=row.totp_step,
    )


async def sign_in(
    connection: Connection, member: str, token: str, *, totp_step: int, at: datetime, ends_at: datetime
) -> None:
    """Open a session. Raises Conflict for a code of a time step that was used already."""
    done = await connection.execute(
        update(ConsoleAccount)
        .where(ConsoleAccount.member_id == member, ConsoleAccount.totp_step < totp_step)
        .values(totp_step=totp_step, signed_in_at=at)
    )
    if done.rowcount != 1:
        raise Conflict("this code was used already")
    await open_session(connection, member, token, at=at, ends_at=ends_at)


async def change(
    connection: Connection,
    member: str,
    *,
    used_step: int,
    password_hash: str | None = None,
    totp: str | None = None,
    totp_step: int | None = None,
    keep: str,
) -> None:
    """Change a password, or the secret of the codes, by a code of `used_step`; of the sessions only `keep` stays.

    Raises Conflict for a code that was used already.
    """
    values: dict[str, object] = {"totp_step": used_step if totp_step is None else totp_step}
    if password_hash is not None:
        values["password_hash"] = password_hash
    if totp is not None:
        values["totp"] = vault_of(connection).seal(totp, TOTP)
    done = await connection.execute(
        update(ConsoleAccount)
        .where(ConsoleAccount.member_id == member, ConsoleAccount.totp_step < used_step)
        .values(**values)
    )
    if done.rowcount != 1:
        raise Conflict("this code was used already")
    others = (ConsoleSession.member_id == member, ConsoleSession.token_hash != _hashed(keep))
    await connection.execute(delete(ConsoleSession).where(*others))


async def open_session(connection: Connection, member: str, token: str, *, at: datetime, ends_at: datetime) -> None:
    """Store a session; those that are over go."""
    await connection.execute(delete(ConsoleSession).where(ConsoleSession.ends_at < at))
    await connection.execute(
        insert(ConsoleSession).values(
            token_hash=_hashed(token), member_id=member, created_at=at, seen_at=at, ends_at=ends_at
        )
    )


async def session(connection: Connection, token: str) -> Session | None:
    """Give the session of a cookie; a role that has ended has none. Time is not looked at here."""
    row = (
        await connection.execute(
            select(
                ConsoleSession.created_at,
                ConsoleSession.seen_at,
                ConsoleSession.ends_at,
                ConsoleAccount.login,
                StaffMember.id,
                StaffMember.role,
                StaffMember.township,
            )
            .join(ConsoleAccount, ConsoleAccount.member_id == ConsoleSession.member_id)
            .join(StaffMember, StaffMember.id == ConsoleAccount.member_id)
            .where(ConsoleSession.token_hash == _hashed(token), StaffMember.revoked_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    viewer = Viewer(row.id, Role(row.role), row.township)
    return Session(viewer, row.login, row.created_at, row.seen_at, row.ends_at)


async def note_seen(connection: Connection, token: str, at: datetime) -> None:
    """Note that a session is in use."""
    await connection.execute(
        update(ConsoleSession).where(ConsoleSession.token_hash == _hashed(token)).values(seen_at=at)
    )


async def close_session(connection: Connection, token: str) -> None:
    """End a session; an unknown one is ignored."""
    await connection.execute(delete(ConsoleSession).where(ConsoleSession.token_hash == _hashed(token)))


async def close_sessions(connection: Connection, member: str) -> None:
    """End every session of a member of staff."""
    await connection.execute(delete(ConsoleSession).where(ConsoleSession.member_id == member))


async def note_try(
    connection: Connection, keys: Sequence[tuple[str, str, int]], at: datetime, window: timedelta
) -> tuple[list[int], datetime | None]:
    """Count a try under each of some keys (kind, value, most within the window) before it is judged.

    Gives the ids to forget it by, and None; or no ids where a key is used up, and when its first try was: then nothing
    was counted. One after the other, however many come at once.
    """
    vault = vault_of(connection)
    limits = {vault.blind(f"sign-in.{kind}", value): most for kind, value, most in keys}
    await connection.execute(delete(SignInFailure).where(SignInFailure.at < at - window))
    for key in sorted(limits):
        if connection.dialect.name == "postgresql":
            # SQLite has one writer; here two transactions would each count without the other's row.
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        used = select(func.count(), func.min(SignInFailure.at)).where(SignInFailure.key == key)
        count, first = (await connection.execute(used)).one()
        if count >= limits[key]:
            return [], first
    made = [
        (
            await connection.execute(insert(SignInFailure).values(key=key, at=at).returning(SignInFailure.id))
        ).scalar_one()
        for key in limits
    ]
    return made, None


async def forget_tries(connection: Connection, ids: Sequence[int]) -> None:
    """Take tries back that came to something."""
    await connection.execute(delete(SignInFailure).where(SignInFailure.id.in_(ids)))


async def forget_failures(connection: Connection, kind: str, value: str) -> None:
    """Forget the failures under a key: somebody got it right."""
    key = vault_of(connection).blind(f"sign-in.{kind}", value)
    await connection.execute(delete(SignInFailure).where(SignInFailure.key == key))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
