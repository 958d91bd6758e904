"""Whether anybody in the county can be booked: whoever shows a door to booking asks first."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import slots
from storage.database import Database

AGAIN = timedelta(minutes=1)


class Openings:
    """Remembers the answer for a minute: every reply to a question wants it."""

    def __init__(self) -> None:
        self._known: tuple[datetime, bool] | None = None

    async def are_there(self, database: Database, now: datetime) -> bool:
        """Tell whether somebody takes bookings."""
        if self._known is None or not timedelta() <= now - self._known[0] < AGAIN:
            async with database.read() as connection:
                self._known = now, bool(await slots.hosts(connection))
        return self._known[1]
