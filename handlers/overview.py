"""What staff see first: what waits for them, and the figures of a span of days, within what their role may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from handlers.booking_desk import begins
from handlers.desk import Office
from storage import dashboard, editions
from storage.bookings import LIVE, State
from storage.console_tables import EditionState
from storage.dashboard import Counted
from storage.staff import RIGHTS, Right, Viewer

USUAL_DAYS, MOST_DAYS = 30, 731


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a span; `bookings_by_day` is of the week from today on, `pending` waits for staff in it.

    `announcements` wait for somebody to approve or decide, `running` are on their way.
    """

    first: date
    last: date
    counted: Counted
    bookings_by_day: Mapping[date, int] = field(default_factory=dict)
    pending: int = 0
    events: int = 0
    uploads: int = 0
    announcements: int = 0
    running: int = 0


def span(office: Office, first: date | None, last: date | None) -> tuple[date, date]:
    """Give the span staff asked for, in order and not longer than two years; the last thirty days without one."""
    today = office.clock.today()
    last = min(last or today, today)
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


async def overview(office: Office, who: Viewer, first: date | None = None, last: date | None = None) -> Overview:
    """Count what happened from a day to another, both included, by the county's clock."""
    first, last = span(office, first, last)
    today = office.clock.today()
    async with office.database.read() as connection:
        counted = await dashboard.counted(connection, who, first, last, begins(first), begins(last + timedelta(days=1)))
        times = await dashboard.booked(connection, who, begins(today), begins(today + timedelta(days=7)))
        events = await dashboard.events_ahead(connection, who, office.clock.now())
        announcements, running = await dashboard.announcements(connection, who)
        uploads = await editions.count(connection, EditionState.READ) if Right.PUBLISH in RIGHTS[who.role] else 0
    by_day = {today + timedelta(days=number): 0 for number in range(7)}
    pending = 0
    for starts, state, count in times.times:
        if State(state) in LIVE:
            by_day[starts.astimezone(office.county.zone).date()] += count
            pending += count if State(state) is State.PENDING else 0
    return Overview(first, last, counted, by_day, pending, events, uploads, announcements, running)
