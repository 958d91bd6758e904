"""What staff look at first: counts of questions, people and bookings, within what their role may see.

Every query counts in an index; none opens anything sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true

from storage import slots
from storage.announcement_tables import AnnouncementRow, State
from storage.booking_tables import BookingRow
from storage.console_tables import AskedQuestion, FaqRow, FaqState
from storage.database import Connection
from storage.event_tables import EventRow, EventState
from storage.questions import LeftQuestionRow, QuestionState
from storage.registry_tables import Profile, ProfileField, Registration
from storage.slot_tables import HostRow
from storage.staff import RIGHTS, Right, Role, Viewer

AWAITED = (State.SUBMITTED.value, State.PAUSED.value, State.LATE.value)
RUNNING = (State.APPROVED.value, State.SENDING.value)


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of a span of days. Keys are codes; "" stands for what has none."""

    asked_by_day: Mapping[date, int] = field(default_factory=dict)
    asked_by_kind: Mapping[str, int] = field(default_factory=dict)
    asked_by_topic: Mapping[str, int] = field(default_factory=dict)
    missing_by_topic: Mapping[str, int] = field(default_factory=dict)  # not found in the files, or left to a person
    asked_by_channel: Mapping[str, int] = field(default_factory=dict)
    open_questions: int = 0
    oldest_open: datetime | None = None
    answered: int = 0
    people: int = 0
    unconfirmed: int = 0
    people_by_township: Mapping[str, int] = field(default_factory=dict)
    people_by_field: Mapping[str, int] = field(default_factory=dict)
    registered: int = 0
    registered_by_kind: Mapping[str, int] = field(default_factory=dict)
    faqs_to_review: int = 0


async def counted(
    connection: Connection, viewer: Viewer, first: date, last: date, from_: datetime, to: datetime
) -> Counted:
    """Count a span: days of the county, both included, and the moments it begins and ends at."""
    viewer.require(Right.LIST)
    by_day: dict[date, int] = {}
    by_kind: dict[str, int] = {}
    by_topic: dict[str, int] = {}
    missing: dict[str, int] = {}
    by_channel: dict[str, int] = {}
    asked = AskedQuestion
    mine = true() if viewer.role is not Role.TOWNSHIP else asked.township == viewer.township
    rows = await connection.execute(
        select(asked.day, asked.kind, asked.topic, asked.channel, func.count())
        .where(asked.day.between(first, last), mine)
        .group_by(asked.day, asked.kind, asked.topic, asked.channel)
    )
    for day, kind, topic, channel, count in rows:
        for sums, key in ((by_kind, kind), (by_topic, topic), (by_channel, channel)):
            sums[key] = sums.get(key, 0) + count
        by_day[day] = by_day.get(day, 0) + count
        if kind in {"not_found", "handoff"}:
            missing[topic] = missing.get(topic, 0) + count
    left = LeftQuestionRow
    waiting = (
        await connection.execute(
            _of_mine(viewer, select(func.count(), func.min(left.asked_at)), left.person_id).where(
                left.state == QuestionState.OPEN.value
            )
        )
    ).one()
    answered = await connection.scalar(
        _of_mine(viewer, select(func.count()).select_from(left), left.person_id).where(
            left.answered_at >= from_, left.answered_at < to
        )
    )
    people = await connection.execute(
        select(Profile.township, Profile.state, func.count())
        .where(_within(viewer))
        .group_by(Profile.township, Profile.state)
    )
    by_township: dict[str, int] = {}
    unconfirmed = 0
    for township, state, count in people:
        by_township[township or ""] = by_township.get(township or "", 0) + count
        unconfirmed += count if state == "unconfirmed" else 0
    fields = select(ProfileField.field, func.count()).group_by(ProfileField.field)
    by_field = await connection.execute(_of_mine(viewer, fields, ProfileField.person_id))
    kinds = select(Registration.kind, func.count()).where(
        Registration.created_at >= from_, Registration.created_at < to, Registration.state == "submitted"
    )
    by_form = await connection.execute(_of_mine(viewer, kinds.group_by(Registration.kind), Registration.person_id))
    registered = {str(kind): int(count) for kind, count in by_form}
    to_review = await connection.scalar(
        select(func.count()).select_from(FaqRow).where(FaqRow.state == FaqState.PROPOSED.value)
    )
    return Counted(
        asked_by_day=by_day,
        asked_by_kind=by_kind,
        asked_by_topic=by_topic,
        missing_by_topic=missing,
        asked_by_channel=by_channel,
        open_questions=int(waiting[0]),
        oldest_open=waiting[1],
        answered=int(answered or 0),
        people=sum(by_township.values()),
        unconfirmed=unconfirmed,
        people_by_township=by_township,
        people_by_field={str(name): int(count) for name, count in by_field},
        registered=sum(registered.values()),
        registered_by_kind=registered,
        faqs_to_review=int(to_review or 0) if viewer.role is not Role.TOWNSHIP else 0,
    )


@dataclass(frozen=True, slots=True)
class BookedTimes:
    """How many bookings begin when: (begins, state, how many)."""

    times: tuple[tuple[datetime, str, int], ...] = ()


async def booked(connection: Connection, viewer: Viewer, from_: datetime, to: datetime) -> BookedTimes:
    """Count the bookings that begin in a time, by when and state."""
    viewer.require(Right.BOOKINGS)
    wanted = select(BookingRow.starts_at, BookingRow.state, func.count()).where(
        BookingRow.starts_at >= from_, BookingRow.starts_at < to
    )
    if viewer.role is Role.TOWNSHIP:
        wanted = wanted.join(HostRow, HostRow.id == BookingRow.host_id).where(slots.within(viewer))
    rows = await connection.execute(wanted.group_by(BookingRow.starts_at, BookingRow.state))
    return BookedTimes(tuple((starts, state, count) for starts, state, count in rows))


async def events_ahead(connection: Connection, viewer: Viewer, now: datetime) -> int:
    """Count the open events still to come that a viewer is in charge of."""
    viewer.require(Right.ATTENDEES)
    mine = true() if viewer.role is not Role.TOWNSHIP else EventRow.township == viewer.township
    found = await connection.scalar(
        select(func.count()).where(EventRow.ends_at > now, EventRow.state == EventState.OPEN.value, mine)
    )
    return int(found or 0)


async def announcements(connection: Connection, viewer: Viewer) -> tuple[int, int]:
    """Count the announcements that wait for somebody to approve or decide, and those on their way."""
    if Right.ANNOUNCE not in RIGHTS[viewer.role]:
        return 0, 0
    mine = true() if viewer.role is not Role.TOWNSHIP else AnnouncementRow.writer == viewer.id
    rows = await connection.execute(
        select(AnnouncementRow.state, func.count())
        .where(AnnouncementRow.state.in_([*AWAITED, *RUNNING]), mine)
        .group_by(AnnouncementRow.state)
    )
    counts = {str(state): int(count) for state, count in rows}
    return sum(counts.get(one, 0) for one in AWAITED), sum(counts.get(one, 0) for one in RUNNING)


def _within(viewer: Viewer) -> ColumnElement[bool]:
    return Profile.township == viewer.township if viewer.role is Role.TOWNSHIP else true()


def _of_mine(viewer: Viewer, statement: Any, person: Any) -> Any:
    """Keep a count to the people of a viewer's township; the county counts without looking at anybody's page."""
    if viewer.role is not Role.TOWNSHIP:
        return statement
    # The list comes from an index alone; joined, or asked row by row, each page is fetched, wide with what is sealed.
    mine = select(Profile.person_id).where(Profile.township == viewer.township)
    return statement.where(person.in_(mine.scalar_subquery()))
