"""The tables of bookings (预约): bookings, the quarter-hour cells they own, who waits, what falls due.

Beside them what storage takes and gives of these: plain dataclasses, opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.slot_tables import Terms
from storage.tables import Table

CELL_SECONDS = 900
SEALED = ("name", "contact", "question")  # of bookings and of the waiting list
SELF, SYSTEM = "self", "system"  # who moves a booking, beside members of staff by their ids


class State(StrEnum):
    """Where a booking stands."""

    HELD = "held"  # for minutes, while the person confirms
    PENDING = "pending"  # confirmed by the person; staff have still to
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"  # not confirmed in time, by the person or (pending, until it began) by staff
    NO_SHOW = "no_show"
    DONE = "done"


LIVE = frozenset({State.HELD, State.PENDING, State.CONFIRMED})  # these own cells
KEPT = LIVE | {State.NO_SHOW, State.DONE}  # these count towards a person's week
# The one table of what may become of what.
MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.PENDING, State.CONFIRMED, State.CANCELLED, State.EXPIRED}),
    State.PENDING: frozenset({State.CONFIRMED, State.DECLINED, State.CANCELLED, State.EXPIRED}),
    State.CONFIRMED: frozenset({State.CANCELLED, State.NO_SHOW, State.DONE}),
    # Staff's marks may be put right.
    State.NO_SHOW: frozenset({State.DONE}),
    State.DONE: frozenset({State.NO_SHOW}),
    State.CANCELLED: frozenset(),
    State.DECLINED: frozenset(),
    State.EXPIRED: frozenset(),
}


class WaitState(StrEnum):
    """Where somebody on the waiting list stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # a slot is held for them, until `offered_until`
    TAKEN = "taken"
    LAPSED = "lapsed"  # not taken in time, or nothing came free in time
    LEFT = "left"


class BookingRow(Table):
    """A booking. Times are UTC; `zone` is the person's; what they say and who they are is sealed (`SEALED`)."""

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(
            "state IN ('held', 'pending', 'confirmed', 'cancelled', 'declined', 'expired', 'no_show', 'done')",
            name="state",
        ),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="held"),
        Index("ix_bookings_host_starts", "host_id", "starts_at"),
        Index("ix_bookings_person_starts", "person_id", "starts_at"),
        Index("ix_bookings_starts", "starts_at", "state", "host_id"),
        Index(
            "ix_bookings_open",
            "state",
            "held_until",
            sqlite_where=text("state IN ('held', 'pending')"),
            postgresql_where=text("state IN ('held', 'pending')"),
        ),
    )

    number: Mapped[str] = mapped_column(String(12), primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("hosts.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    topic: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(8))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int]
    held_until: Mapped[datetime | None]
    name: Mapped[str | None] = mapped_column(Text)
    contact_kind: Mapped[str | None] = mapped_column(String(8))
    contact: Mapped[str | None] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    township: Mapped[str | None] = mapped_column(String(20), index=True)
    rule_id: Mapped[str | None] = mapped_column(ForeignKey("slot_rules.id", ondelete="SET NULL"))
    needs_confirmation: Mapped[bool]
    buffer_minutes: Mapped[int]
    capacity: Mapped[int]
    cancel_minutes: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class BookingCell(Table):
    """A quarter of an hour of a host's that a live booking owns: two can never own the same seat of it.

    `cell` is epoch seconds // 900, `seat` 0 to capacity - 1. `person_id` is empty in the buffer, which is the host's
    alone; a person can't be in two places in one quarter. A booking that is not live owns none.
    """

    __tablename__ = "booking_cells"
    __table_args__ = (UniqueConstraint("person_id", "cell"),)

    host_id: Mapped[str] = mapped_column(ForeignKey("hosts.id"), primary_key=True)
    cell: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seat: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(ForeignKey("bookings.number", ondelete="CASCADE"), index=True)
    person_id: Mapped[str | None] = mapped_column(String(36))


class WaitRow(Table):
    """Somebody who wants a time that is not free: which, and the booking number a freed one is offered under."""

    __tablename__ = "booking_waits"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'taken', 'lapsed', 'left')", name="state"),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered"),
        Index("ix_booking_waits_state_asked", "state", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(80))
    topic: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str | None] = mapped_column(String(8))
    host_id: Mapped[str | None] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"))
    wanted_from: Mapped[datetime]
    wanted_to: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(Text)
    contact_kind: Mapped[str | None] = mapped_column(String(8))
    contact: Mapped[str | None] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    offered_until: Mapped[datetime | None]


class ReminderRow(Table):
    """Something that falls due about a booking, a wait or an event; done or dropped once, in one transaction."""

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'done', 'dropped')", name="state"),
        Index(
            "ix_reminders_due",
            "due_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(36), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What is to be held. Times are aware; `number` is new; who it is may follow with the confirmation.

    `terms` and `rule_id` are those of the free time (`handlers.free_times.Free`). `contact` is (kind, value) as in the
    registry: phone, email or wechat.
    """

    number: str
    host_id: str
    person_id: str
    channel: str
    chat: str
    topic: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    language: str
    at: datetime
    terms: Terms
    rule_id: str | None = None
    name: str | None = None
    contact: tuple[str, str] | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking, opened, with its host's name and place. Times are UTC."""

    number: str
    host_id: str
    person_id: str
    channel: str
    chat: str
    topic: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: State
    sequence: int
    held_until: datetime | None
    name: str | None
    contact: tuple[str, str] | None
    question: str | None
    language: str
    township: str | None
    rule_id: str | None
    needs_confirmation: bool
    buffer_minutes: int
    capacity: int
    cancel_until: datetime
    created_at: datetime
    changed_at: datetime
    host_name: str
    host_name_en: str | None
    place: str | None
    place_en: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class NewWait:
    """A wish for the waiting list: a topic, from when to when, with whom and how if that matters.

    `number` is the booking number that a freed slot will be offered under.
    """

    id: str
    number: str
    person_id: str
    channel: str
    chat: str
    topic: str
    wanted_from: datetime
    wanted_to: datetime
    zone: str
    language: str
    at: datetime
    mode: str | None = None
    host_id: str | None = None
    name: str | None = None
    contact: tuple[str, str] | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody on the waiting list; `offered` is the number of the booking held for them, by then or once."""

    id: str
    number: str
    person_id: str
    channel: str
    chat: str
    topic: str
    mode: str | None
    host_id: str | None
    wanted_from: datetime
    wanted_to: datetime
    zone: str
    language: str
    asked_at: datetime
    state: WaitState
    offered_until: datetime | None
    name: str | None
    contact: tuple[str, str] | None
    question: str | None
