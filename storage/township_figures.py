"""The figures of every township side by side, for a report: within what a viewer's role may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from storage import slots
from storage.booking_tables import BookingRow, State
from storage.database import Connection
from storage.people_lists import within
from storage.questions import LeftQuestionRow, QuestionState
from storage.registry_tables import Profile, Registration
from storage.slot_tables import HostRow
from storage.staff import RIGHTS, Right, Viewer

STALE = timedelta(days=182)
# The order of a report's columns.
FIGURES = (
    *("people", "new", "confirmed", "reachable", "natives", "experts", "investors"),
    *("open", "answered", "bookings", "no_shows"),
)


async def by_township(
    connection: Connection, viewer: Viewer, from_: datetime, to: datetime, now: datetime
) -> dict[str, Mapping[str, int]]:
    """Count per township (code; "" for none) what FIGURES name; what happened is counted from a moment to another."""
    viewer.require(Right.LIST)
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))

    def take(rows: Any, *names: str) -> None:
        for township, *counts in rows:
            for name, count in zip(names, counts, strict=True):
                found[township or ""][name] += int(count or 0)

    def times(*conditions: Any) -> Any:
        return func.sum(case((and_(*conditions), 1), else_=0))

    take(
        await connection.execute(
            select(
                Profile.township,
                func.count(),
                times(Profile.created_at >= from_, Profile.created_at < to),
                times(Profile.confirmed_at >= now - STALE),
                times(Profile.state == "active", or_(Profile.preference.is_(None), Profile.preference != "stop")),
            )
            .where(within(viewer))
            .group_by(Profile.township)
        ),
        *("people", "new", "confirmed", "reachable"),
    )
    of_people = Profile.person_id == Registration.person_id
    take(
        await connection.execute(
            select(Profile.township, *(times(Registration.kind == kind) for kind in ("native", "expert", "invest")))
            .select_from(Registration)
            .join(Profile, of_people)
            .where(Registration.created_at >= from_, Registration.created_at < to, Registration.state == "submitted")
            .where(within(viewer))
            .group_by(Profile.township)
        ),
        *("natives", "experts", "investors"),
    )
    left = LeftQuestionRow
    take(
        await connection.execute(
            select(
                Profile.township,
                times(left.state == QuestionState.OPEN.value),
                times(left.answered_at >= from_, left.answered_at < to),
            )
            .select_from(left)
            .outerjoin(Profile, Profile.person_id == left.person_id)
            .where(within(viewer))
            .group_by(Profile.township)
        ),
        *("open", "answered"),
    )
    if Right.BOOKINGS in RIGHTS[viewer.role]:
        kept = [State.CONFIRMED.value, State.DONE.value, State.NO_SHOW.value]
        take(
            await connection.execute(
                select(
                    HostRow.township, times(BookingRow.state.in_(kept)), times(BookingRow.state == State.NO_SHOW.value)
                )
                .select_from(BookingRow)
                .join(HostRow, HostRow.id == BookingRow.host_id)
                .where(BookingRow.starts_at >= from_, BookingRow.starts_at < to, slots.within(viewer))
                .group_by(HostRow.township)
            ),
            *("bookings", "no_shows"),
        )
    return {township: dict(figures) for township, figures in found.items()}
