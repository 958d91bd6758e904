"""What an address or a form may say: days and pages within bounds no look-up breaks at."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query

from handlers.event_desk import FIRST_YEAR, LAST_YEAR

Page = Annotated[int, Query(ge=1, le=100_000)]


def day_of(told: str) -> date | None:
    """Read a day as a form gives it, "2026-11-25"; None for none, or one beyond all bounds."""
    try:
        day = date.fromisoformat(told.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
