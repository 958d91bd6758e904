"""The tables of published hours: hosts, their rules and single days; and what storage takes and gives of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table

COUNTY_ZONE = "Asia/Shanghai"  # whose clock rules, days and weeks go by


class Mode(StrEnum):
    """How one meets."""

    SITE = "site"
    PHONE = "phone"
    VIDEO = "video"


class Holidays(StrEnum):
    """What a rule does on the country's holidays and make-up workdays (调休)."""

    SKIP = "skip"  # closed on holidays
    MAKEUP = "makeup"  # closed on holidays, open on make-up workdays if it is open Monday to Friday
    KEEP = "keep"  # takes no notice of either


class DayKind(StrEnum):
    """What a single day apart from the rules is."""

    EXTRA = "extra"
    LEAVE = "leave"


class HostRow(Table):
    """An officer's post or an expert whom people can book; the name is public, and shown to them."""

    __tablename__ = "hosts"
    __table_args__ = (CheckConstraint("kind IN ('officer', 'expert')", name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(8))
    township: Mapped[str | None] = mapped_column(String(20), index=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    topics: Mapped[list[Any]]
    modes: Mapped[list[Any]]
    place: Mapped[str | None] = mapped_column(Text)
    place_en: Mapped[str | None] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool]
    created_at: Mapped[datetime]


class SlotRuleRow(Table):
    """Recurring hours of a host (RFC 5545 recurrence rule) and the terms of what is booked in them."""

    __tablename__ = "slot_rules"
    __table_args__ = (
        CheckConstraint("slot_minutes > 0 AND slot_minutes % 15 = 0", name="slot_minutes"),
        CheckConstraint("step_minutes > 0 AND step_minutes % 15 = 0", name="step_minutes"),
        CheckConstraint("buffer_minutes >= 0 AND buffer_minutes % 15 = 0", name="buffer_minutes"),
        CheckConstraint("minutes >= slot_minutes", name="minutes"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("holidays IN ('skip', 'makeup', 'keep')", name="holidays"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), index=True)
    rrule: Mapped[str] = mapped_column(Text)
    starts: Mapped[str] = mapped_column(String(5))
    minutes: Mapped[int]
    slot_minutes: Mapped[int]
    step_minutes: Mapped[int]
    buffer_minutes: Mapped[int]
    capacity: Mapped[int]
    lead_minutes: Mapped[int]
    ahead_days: Mapped[int]
    cancel_minutes: Mapped[int]
    per_week: Mapped[int | None]
    needs_confirmation: Mapped[bool]
    holidays: Mapped[str] = mapped_column(String(8))
    modes: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    topics: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class SlotDayRow(Table):
    """One day apart from the rules: extra hours, or leave (the whole day where no hours are given)."""

    __tablename__ = "slot_days"
    __table_args__ = (
        CheckConstraint("kind IN ('extra', 'leave')", name="kind"),
        CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="hours"),
        CheckConstraint("kind = 'leave' OR starts IS NOT NULL", name="extra"),
        Index("ix_slot_days_host_day", "host_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(8))
    starts: Mapped[str | None] = mapped_column(String(5))
    ends: Mapped[str | None] = mapped_column(String(5))


@dataclass(frozen=True, slots=True)
class Host:
    """Whom one books. `topics` are codes (`booking.topic.*`), empty for all; `modes` of `Mode`.

    `link` says how a video talk is joined. A township's staff see the hosts of their own township alone.
    """

    id: str
    name: str
    kind: str = "officer"
    name_en: str | None = None
    township: str | None = None
    staff_id: str | None = None
    person_id: str | None = None
    topics: tuple[str, ...] = ()
    modes: tuple[str, ...] = (Mode.SITE.value, Mode.PHONE.value, Mode.VIDEO.value)
    place: str | None = None
    place_en: str | None = None
    link: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a booking made in a rule's hours; lengths in multiples of 15 minutes.

    `step_minutes` is from one possible start to the next; None is slot and buffer, one after the other.
    `lead_minutes`: bookable until so long before. `cancel_minutes`: moved or cancelled by the person until so long
    before. `per_week`: what one person may have with this host in a week (Monday to Sunday); None is no limit.
    `modes`, `topics`: in place of the host's; None leaves them.
    """

    slot_minutes: int = 30
    step_minutes: int | None = None
    buffer_minutes: int = 0
    capacity: int = 1
    lead_minutes: int = 120
    ahead_days: int = 30
    cancel_minutes: int = 120
    per_week: int | None = None
    needs_confirmation: bool = False
    modes: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None

    @property
    def step(self) -> int:
        """Give the minutes from one possible start to the next."""
        return self.step_minutes or self.slot_minutes + self.buffer_minutes


@dataclass(frozen=True, slots=True)
class Rule:
    """Recurring hours: `rrule` says on which days, `starts` and `minutes` which window of them."""

    id: str
    host_id: str
    rrule: str
    starts: str
    minutes: int
    valid_from: date
    valid_until: date | None = None
    holidays: Holidays = Holidays.SKIP
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Day:
    """A single day apart from the rules; extra hours follow the terms of the host's first rule."""

    host_id: str
    day: date
    kind: DayKind
    starts: str | None = None
    ends: str | None = None
    id: int | None = None
