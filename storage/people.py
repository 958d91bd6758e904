"""People as far as they made themselves known: an identity in a channel, and what they agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storage import questions
from storage.database import Connection
from storage.tables import Table, insert_unless_known

# Of a question, what its asker gets to see.
EXPORTED = ("number", "asked_at", "text", "name", "contact_kind", "contact", "state", "answer", "answered_at")


class Person(Table):
    """Somebody who left something with us. Nothing here names them; what they left does."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created_at: Mapped[datetime]


class Identity(Table):
    """Who a person is in a channel: the sender's id there."""

    __tablename__ = "identities"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    sender: Mapped[str] = mapped_column(String(80), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class Consent(Table):
    """What a person agreed to, in which version of the text, and when (PIPL art. 14)."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("person_id", "purpose", "version", "given_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


async def person_of(connection: Connection, channel: str, sender: str) -> str | None:
    """Give the id of the person behind a sender, if they are known."""
    found: str | None = await connection.scalar(
        select(Identity.person_id).where(Identity.channel == channel, Identity.sender == sender)
    )
    return found


async def add_person(connection: Connection, person: str, at: datetime) -> None:
    """Store a person nobody can be recognised by, unless they are known."""
    await connection.execute(insert_unless_known(connection, Person, ["id"]).values(id=person, created_at=at))


async def ensure_person(connection: Connection, person: str, channel: str, sender: str, at: datetime) -> None:
    """Store a person and who they are in a channel, unless they are known already."""
    await add_person(connection, person, at)
    identity = insert_unless_known(connection, Identity, ["channel", "sender"])
    await connection.execute(identity.values(channel=channel, sender=sender, person_id=person))


async def give_consent(connection: Connection, person: str, purpose: str, version: str, at: datetime) -> None:
    """Record a consent; the same one given again is one."""
    key = ["person_id", "purpose", "version", "given_at"]
    await connection.execute(
        insert_unless_known(connection, Consent, key).values(
            person_id=person, purpose=purpose, version=version, given_at=at
        )
    )


async def consent_to(connection: Connection, person: str, purpose: str, version: str) -> datetime | None:
    """Give when somebody last agreed to a purpose in a version of its text; None if not, or if they took it back."""
    given: datetime | None = await connection.scalar(
        select(Consent.given_at)
        .where(
            Consent.person_id == person,
            Consent.purpose == purpose,
            Consent.version == version,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.given_at.desc())
        .limit(1)
    )
    return given


async def export(connection: Connection, person: str) -> dict[str, Any]:
    """Give everything stored about a person, by table (PIPL art. 45); empty if nothing is."""
    row = (await connection.execute(select(Person).where(Person.id == person))).one_or_none()
    if row is None:
        return {}
    consents = await connection.execute(
        select(Consent.purpose, Consent.version, Consent.given_at, Consent.withdrawn_at)
        .where(Consent.person_id == person)
        .order_by(Consent.given_at)
    )
    left = await questions.of_person(connection, person)
    identities = await connection.execute(select(Identity.channel, Identity.sender).where(Identity.person_id == person))
    return {
        "person": {"id": row.id, "created_at": row.created_at},
        "identities": [dict(found._mapping) for found in identities],
        "consents": [dict(found._mapping) for found in consents],
        "questions": [{name: getattr(one, name) for name in EXPORTED} for one in left],
    }


async def withdraw_consent(connection: Connection, person: str, purpose: str, at: datetime) -> None:
    """Take back what somebody agreed to for a purpose; that they once did stays on record (PIPL art. 15)."""
    await connection.execute(
        update(Consent)
        .where(Consent.person_id == person, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )


async def part(connection: Connection, person: str, channel: str, sender: str) -> None:
    """Part an account from a person it turned out not to be."""
    await connection.execute(
        delete(Identity).where(Identity.channel == channel, Identity.sender == sender, Identity.person_id == person)
    )
