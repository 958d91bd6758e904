"""When it is day for somebody: nobody is woken by what can wait for their morning."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING, EVENING = time(8), time(21)
HOME = "Asia/Shanghai"


def by_day(zone: str, at: datetime) -> datetime:
    """Give the first moment from `at` on, in UTC, that is day by a clock; by several, parted by spaces, in all of them.

    Of somebody of whom only a country is known it is day when nobody in that country sleeps. A clock this machine does
    not know is the county's.
    """
    clocks = [_clock(name) for name in zone.split()] or [ZoneInfo(HOME)]
    moment = at.astimezone(UTC)
    # Each round moves at least one clock to its morning; clocks with no day in common do not exist.
    for _ in range(2 * len(clocks)):
        later = max(_morning(clock, moment) for clock in clocks)
        if later == moment:
            break
        moment = later
    return moment


def _morning(clock: ZoneInfo, at: datetime) -> datetime:
    local = at.astimezone(clock)
    if MORNING <= local.time() < EVENING:
        return at
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return datetime.combine(day, MORNING, clock).astimezone(UTC)


def _clock(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(HOME)
