"""Free times: rules, single days and what is taken made into the times one can book; pure, for whoever offers them.

Rules are RFC 5545 recurrence rules by the county's clock; a leave beats them, extra hours add to them. A time is free
if every quarter of it, and of the buffer after it, has a seat left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from storage.slots import COUNTY_ZONE, Day, Host, Rule, Terms

Taken = Mapping[str, Mapping[int, int]]  # host id → cell → seats taken
IsWorkday = Callable[[date], bool | None]

COUNTY = ZoneInfo(COUNTY_ZONE)
CELL_SECONDS = 900


class BadRule(ValueError):
    """A recurrence rule can't be read; the message says what to write."""


class Free(NamedTuple):
    """A time one can book with a host, in UTC, with the seats left and the terms it comes with."""

    host_id: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    terms: Terms
    rule_id: str | None = None  # None: extra hours of a single day


class Offered(NamedTuple):
    """A time once, with every host who could take it; the one with the fewest quarters booked that week first."""

    starts_at: datetime
    ends_at: datetime
    choices: tuple[Free, ...]


def free(
    hosts: Sequence[Host],
    rules: Iterable[Rule],
    days: Iterable[Day],
    taken: Taken,
    now: datetime,
    from_: datetime,
    to: datetime,
    zone: ZoneInfo = COUNTY,
    *,
    topic: str | None = None,
    mode: str | None = None,
    is_workday: IsWorkday | None = None,
) -> list[Free]:
    """Give the free times that begin in [from_, to), by time, then in the order of the hosts.

    `rules`, `days` and `taken` are those of the hosts (`storage.slots`, `storage.bookings.taken`); `taken` must reach
    a day past `to`. `zone` is the clock of the rules. Lead time, ahead limit, holidays and make-up workdays (调休)
    are seen to; how many a person may have in a week is not.
    """
    raise NotImplementedError


def offered(free: Iterable[Free], taken: Taken) -> list[Offered]:
    """Merge the hosts' free times for "any officer": each time once, by time, its hosts in a fair order."""
    raise NotImplementedError


def check_rrule(rrule: str) -> str:
    """Give a recurrence rule as it is stored. Raises BadRule for what is none, or repeats more than daily."""
    raise NotImplementedError
