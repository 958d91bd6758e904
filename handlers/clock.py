"""The one clock: handlers never ask the system what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Give the current time, aware, in UTC."""

    def today(self) -> date:
        """Give the current day in the county."""


class SystemClock:
    """Read the machine's clock; days turn over at the county's midnight."""

    def __init__(self, timezone: tzinfo) -> None:
        self._timezone = timezone

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return datetime.now(self._timezone).date()
