"""What falls due (提醒): written and dropped together with what it is about, worked off once by the jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, select, update

from storage.booking_tables import ReminderRow
from storage.database import Connection
from storage.daytime import EVENING, MORNING
from storage.tables import insert_unless_known


class Kind(StrEnum):
    """What is due; `subject` is a booking's number, a wait's id, or a host's."""

    BOOKING_DAY = "booking-day"  # a day before, in the person's daytime
    BOOKING_HOUR = "booking-hour"  # an hour before
    HOLD_ENDS = "hold-ends"  # expire what was not confirmed: `bookings.expire_held`
    PENDING_ENDS = "pending-ends"  # it begins, and nobody of the staff confirmed it: `bookings.expire_held`
    WAIT_OFFER = "wait-offer"  # tell somebody at once that a slot is held for them
    WAIT_OFFER_ENDS = "wait-offer-ends"  # it goes to the next: `bookings.expire_held`
    WAIT_ENDS = "wait-ends"  # nothing came free in time: `waits.lapse`
    HOURS_OPENED = "hours-opened"  # a host sits at new times: offer them to who waits
    BOOKING_ASKED = "booking-asked"  # tell whoever may confirm it at once
    BOOKING_CANCELLED = "booking-cancelled"  # tell somebody at once that the host is gone
    # Of these the subject is the number of a reply to an event.
    EVENT_DAY = "event-day"  # a day before, in the person's daytime
    EVENT_HOUR = "event-hour"  # an hour before
    EVENT_CHANGED = "event-changed"  # tell somebody at once
    EVENT_CANCELLED = "event-cancelled"  # tell somebody at once
    EVENT_SEAT = "event-seat"  # tell somebody at once that they moved up from the line


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing that falls due; the three together are its key."""

    kind: str
    subject: str
    due_at: datetime


async def plan(connection: Connection, reminders: Sequence[Reminder]) -> None:
    """Write what will fall due; what was dropped is due again, what is done stays done."""
    for one in reminders:
        row = insert_unless_known(connection, ReminderRow, ["kind", "subject", "due_at"])
        done = await connection.execute(row.values(kind=one.kind, subject=one.subject, due_at=one.due_at, state="due"))
        if done.rowcount != 1:
            await connection.execute(
                update(ReminderRow).where(*_is(one), ReminderRow.state == "dropped").values(state="due")
            )


async def drop(connection: Connection, subjects: Collection[str], kinds: Collection[str] | None = None) -> None:
    """Drop what is still due about some subjects, of some kinds or of all."""
    of_kind = [] if kinds is None else [ReminderRow.kind.in_(list(kinds))]
    await connection.execute(
        update(ReminderRow)
        .where(ReminderRow.subject.in_(list(subjects)), ReminderRow.state == "due", *of_kind)
        .values(state="dropped")
    )


async def due(connection: Connection, at: datetime, limit: int = 100) -> list[Reminder]:
    """Give what is due at a time, the longest due first."""
    rows = await connection.execute(
        select(ReminderRow.kind, ReminderRow.subject, ReminderRow.due_at)
        .where(ReminderRow.state == "due", ReminderRow.due_at <= at)
        .order_by(ReminderRow.due_at, ReminderRow.kind, ReminderRow.subject)
        .limit(limit)
    )
    return [Reminder(*row) for row in rows]


async def next_due(connection: Connection) -> datetime | None:
    """Give when the next thing falls due."""
    found: datetime | None = await connection.scalar(
        select(ReminderRow.due_at).where(ReminderRow.state == "due").order_by(ReminderRow.due_at).limit(1)
    )
    return found


async def mark_done(connection: Connection, reminder: Reminder) -> bool:
    """Take a reminder for done; False if it was done or dropped meanwhile: then say nothing."""
    done = await connection.execute(
        update(ReminderRow).where(*_is(reminder), ReminderRow.state == "due").values(state="done")
    )
    return bool(done.rowcount == 1)


async def forget(connection: Connection, subjects: Collection[str]) -> None:
    """Delete all that is known about some subjects."""
    await connection.execute(delete(ReminderRow).where(ReminderRow.subject.in_(list(subjects))))


async def retain(connection: Connection, before: datetime) -> None:
    """Delete what was done or dropped, and fell due before a time."""
    await connection.execute(delete(ReminderRow).where(ReminderRow.state != "due", ReminderRow.due_at < before))


def before(starts_at: datetime, zone: str, number: str, at: datetime) -> list[Reminder]:
    """Give the reminders of a confirmed booking: a day before in the person's daytime, an hour before.

    What would have been due by `at` is left out: somebody who has just booked knows.
    """
    local = (starts_at - timedelta(days=1)).astimezone(ZoneInfo(zone))
    # At night it moves to the evening before, so that a day is still a day.
    if local.time() < MORNING:
        local = local.replace(hour=EVENING.hour, minute=0, second=0) - timedelta(days=1)
    elif local.time() > EVENING:
        local = local.replace(hour=EVENING.hour, minute=0, second=0)
    planned = [
        Reminder(Kind.BOOKING_DAY.value, number, local.astimezone(starts_at.tzinfo)),
        Reminder(Kind.BOOKING_HOUR.value, number, starts_at - timedelta(hours=1)),
    ]
    return [one for one in planned if one.due_at > at]


def of_request(number: str, starts_at: datetime, at: datetime) -> list[Reminder]:
    """Give what falls due about a request: staff are asked at once, and it ends when it would begin."""
    return [Reminder(Kind.BOOKING_ASKED.value, number, at), Reminder(Kind.PENDING_ENDS.value, number, starts_at)]


def _is(reminder: Reminder) -> tuple[ColumnElement[bool], ...]:
    return (
        ReminderRow.kind == reminder.kind,
        ReminderRow.subject == reminder.subject,
        ReminderRow.due_at == reminder.due_at,
    )
