"""The tables of events (乡情恳谈会、故乡行、节庆联谊) and of who comes; beside them what storage takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table

SEALED = ("name", "mobile", "diet")  # of a reply


class EventState(StrEnum):
    """Where an event stands."""

    OPEN = "open"  # announced; people sign up until the deadline
    CANCELLED = "cancelled"


class ReplyState(StrEnum):
    """Where a reply to an invitation stands."""

    COMING = "coming"  # has its seats
    ONLINE = "online"  # watches from abroad; takes no seat
    WAITING = "waiting"  # no seats were left; the first who fits moves up
    WITHDRAWN = "withdrawn"
    ATTENDED = "attended"  # checked in at the door


SEATED = frozenset({ReplyState.COMING, ReplyState.ATTENDED})  # these own seats
STANDING = SEATED | {ReplyState.ONLINE, ReplyState.WAITING}  # these hear of every change


class EventRow(Table):
    """One event. `taken` counts seats with companions: the check is what no race gets past."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'cancelled')", name="state"),
        CheckConstraint("taken >= 0 AND (quota IS NULL OR taken <= quota)", name="quota"),
        CheckConstraint("starts_at < ends_at AND deadline <= starts_at", name="times"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(Text)
    place_en: Mapped[str | None] = mapped_column(Text)
    map_link: Mapped[str | None] = mapped_column(Text)
    live_link: Mapped[str | None] = mapped_column(Text)
    quota: Mapped[int | None] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, server_default="0")
    deadline: Mapped[datetime]
    groups: Mapped[list[Any]]
    township: Mapped[str | None] = mapped_column(String(20), index=True)
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Text)
    was: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class EventReplyRow(Table):
    """One person's reply to one event; who they are is sealed."""

    __tablename__ = "event_replies"
    __table_args__ = (
        CheckConstraint("state IN ('coming', 'online', 'waiting', 'withdrawn', 'attended')", name="state"),
        CheckConstraint("seats > 0", name="seats"),
        UniqueConstraint("event_code", "person_id"),
        # The line of those who wait.
        Index("ix_event_replies_line", "event_code", "state", "asked_at"),
    )

    number: Mapped[str] = mapped_column(String(8), primary_key=True)
    event_code: Mapped[str] = mapped_column(ForeignKey("events.code", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    seats: Mapped[int] = mapped_column(Integer)
    nights: Mapped[int | None] = mapped_column(Integer)
    group: Mapped[str | None] = mapped_column("session", Text)
    township: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(Text)
    mobile: Mapped[str | None] = mapped_column(Text)
    diet: Mapped[str | None] = mapped_column(Text)
    has_lodging: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it stands; `quota` None takes everybody, `township` None is the county's.

    `was` holds what the last change replaced, by name: times as ISO 8601 in UTC, the rest as text.
    """

    code: str
    title: str
    title_en: str | None
    starts_at: datetime
    ends_at: datetime
    place: str
    place_en: str | None
    map_link: str | None
    live_link: str | None
    quota: int | None
    taken: int
    deadline: datetime
    groups: tuple[str, ...]
    township: str | None
    state: EventState
    note: str | None
    was: Mapping[str, str]
    version: int
    created_at: datetime
    changed_at: datetime

    @property
    def left(self) -> int | None:
        """How many seats are left; None where there is no quota."""
        return None if self.quota is None else self.quota - self.taken


@dataclass(frozen=True, slots=True)
class EventReply:
    """A reply, opened. `seats` counts the person and their companions."""

    number: str
    event_code: str
    person_id: str
    channel: str
    chat: str
    language: str
    zone: str
    state: ReplyState
    seats: int
    nights: int | None
    group: str | None
    township: str | None
    name: str | None
    mobile: str | None
    diet: str | None
    has_lodging: bool
    asked_at: datetime
    changed_at: datetime
