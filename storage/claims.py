"""Entries that others made for a person: a one-use token lets that person see, confirm, correct or refuse theirs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Connection
from storage.errors import Conflict
from storage.registry import note_change
from storage.registry_tables import PersonContact, Profile, ProfileField
from storage.tables import Table

CLAIM = timedelta(days=60)


class Claim(Table):
    """The token of one person's entry, kept as its hash."""

    __tablename__ = "claims"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


async def make(connection: Connection, person: str, at: datetime) -> str:
    """Give a new token for a person's entry; earlier ones end."""
    token = secrets.token_hex(12)
    await connection.execute(delete(Claim).where(Claim.person_id == person))
    await connection.execute(insert(Claim).values(token_hash=_hashed(token), person_id=person, expires_at=at + CLAIM))
    return token


async def person_for(connection: Connection, token: str, at: datetime) -> str | None:
    """Give whose entry a token opens; None for one that is unknown, used or too old."""
    found: str | None = await connection.scalar(
        select(Claim.person_id).where(
            Claim.token_hash == _hashed(token), Claim.used_at.is_(None), Claim.expires_at > at
        )
    )
    return found


async def use(connection: Connection, token: str, at: datetime) -> None:
    """Use a token up. Raises Conflict if somebody was faster."""
    done = await connection.execute(
        update(Claim).where(Claim.token_hash == _hashed(token), Claim.used_at.is_(None)).values(used_at=at)
    )
    if done.rowcount != 1:
        raise Conflict("this link was used meanwhile")


async def refuse(connection: Connection, person: str, at: datetime, *, actor: str) -> None:
    """Note that an entry reached the wrong person, and stop using it: its contacts go at once, the rest in time."""
    await connection.execute(delete(PersonContact).where(PersonContact.person_id == person))
    await connection.execute(delete(ProfileField).where(ProfileField.person_id == person))
    done = await connection.execute(
        update(Profile)
        .where(Profile.person_id == person)
        .values(state="wrong", preference="stop", place=None, place_code=None, updated_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"the registry knows nobody by {person}")
    await note_change(connection, person, actor, "wrong person", {}, at)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
