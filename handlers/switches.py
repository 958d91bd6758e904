"""Whether a channel is switched off: whoever writes there hears so, and nothing else happens."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import switches
from storage.database import Database

AGAIN = timedelta(seconds=5)


class Switches:
    """Remembers for a few seconds which channels are off: every message wants to know."""

    def __init__(self) -> None:
        self._known: tuple[datetime, frozenset[str]] | None = None

    async def is_off(self, database: Database, channel: str, now: datetime) -> bool:
        """Tell whether a channel is switched off."""
        if self._known is None or not timedelta() <= now - self._known[0] < AGAIN:
            async with database.read() as connection:
                off = await switches.switched_off(connection)
            self._known = now, frozenset(one.channel for one in off)
        return channel in self._known[1]
