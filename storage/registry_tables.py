"""The tables of the registry, and what its functions give: a person's page, what they registered for, every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table

NAME, PLACE, CONTACT, RECORD, CHANGES = (
    "profiles.name",
    "profiles.place",
    "contacts.value",
    "registrations.record",
    "history.changes",
)
SELF = "self"  # the actor of what people do to their own data


class Profile(Table):
    """What the registry knows of a person; `state` "unconfirmed" until an imported person has agreed."""

    __tablename__ = "profiles"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'unconfirmed', 'wrong')", name="state"),
        CheckConstraint("tier IS NULL OR tier IN ('A', 'B', 'C')", name="tier"),
        CheckConstraint("preference IS NULL OR preference IN ('text', 'phone', 'stop')", name="preference"),
        Index("ix_profiles_created", "created_at", "person_id"),
        Index("ix_profiles_township_person", "township", "person_id", "state"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    name_township: Mapped[str | None] = mapped_column(String(32), index=True)  # blind: duplicates by both
    township: Mapped[str | None] = mapped_column(String(20), index=True)
    place: Mapped[str | None] = mapped_column(Text)
    place_code: Mapped[str | None] = mapped_column(String(40), index=True)
    tier: Mapped[str | None] = mapped_column(String(1), index=True)
    preference: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    confirmed_at: Mapped[datetime | None] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]  # when "still right?" was last asked
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProfileField(Table):
    """A class (分类) a person is in, by field."""

    __tablename__ = "profile_fields"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)


class PersonContact(Table):
    """One way to reach a person; `lookup` finds it without opening it."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "lookup"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(Text)
    lookup: Mapped[str] = mapped_column(String(32), index=True)


class Registration(Table):
    """What somebody registered for; `slot` is the kind where a person has one, else the number."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("person_id", "slot"),
        CheckConstraint("state IN ('submitted', 'withdrawn')", name="state"),
        # Led by the person: an index by kind alone was tried for each of 100,000 people, and took 400 s.
        Index("ix_registrations_person_kind", "person_id", "kind"),
        Index("ix_registrations_created", "created_at", "kind", "state", "person_id"),
    )

    number: Mapped[str] = mapped_column(String(12), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    slot: Mapped[str] = mapped_column(String(20))
    record: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    consent_version: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Change(Table):
    """One change to what is known about a person: who, when, and what it was before, sealed."""

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(30))
    changes: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Known:
    """What a form or a spreadsheet tells about a person; None says nothing and changes nothing."""

    name: str | None = None
    contacts: Sequence[tuple[str, str]] = ()  # (kind, value)
    township: str | None = None
    place: str | None = None
    place_code: str | None = None
    fields: Sequence[str] | None = None
    preference: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's page, opened."""

    person_id: str
    name: str | None
    township: str | None
    place: str | None
    place_code: str | None
    tier: str | None
    preference: str | None
    language: str
    source: str
    state: str
    confirmed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    fields: Sequence[str] = ()
    contacts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, opened."""

    number: str
    kind: str
    state: str
    created_at: datetime
    updated_at: datetime
    consent_version: str
    record: Mapping[str, Any] = field(default_factory=dict)
