"""Which channels announcements can go out on now: some process serves them, nobody switched them off.

For the engine, which waits or gives up by it, and for the audience, which chooses one of somebody's chats.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, not_, or_, select, update

from storage.announcement_tables import ServedChannel
from storage.console_tables import ChannelSwitch
from storage.database import Connection
from storage.tables import upserting

# So long without one channel while others are served: it was taken out of the settings, and is no outage.
MISSED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the channels stand. `served` is empty where no process has told yet: then all count as served."""

    served: frozenset[str]
    off: frozenset[str]
    answered_at: Mapping[str, datetime]

    def is_usable(self, channel: str) -> bool:
        """Tell whether announcements can go out on a channel."""
        return channel not in self.off and (not self.served or channel in self.served)


async def see(connection: Connection, channels: Collection[str], now: datetime, *, since: datetime) -> None:
    """Note that a process has served these channels since a time; what it missed for an hour is served no more.

    Not before: after an outage of everything, others need a moment to come back as well.
    """
    for channel in sorted(channels):
        await _note(connection, channel, seen_at=now, served=True)
    await connection.execute(
        update(ServedChannel)
        .where(ServedChannel.served.is_(True), ServedChannel.seen_at < now - MISSED, literal(since <= now - MISSED))
        .values(served=False)
    )


async def note_answers(connection: Connection, channels: Collection[str], now: datetime) -> None:
    """Note that the platforms of these channels answered, whatever they said."""
    for channel in sorted(channels):
        await _note(connection, channel, answered_at=now)


async def standing(connection: Connection) -> Standing:
    """Give how the channels stand."""
    rows = (
        await connection.execute(select(ServedChannel.channel, ServedChannel.served, ServedChannel.answered_at))
    ).all()
    off = await connection.scalars(select(ChannelSwitch.channel))
    return Standing(
        served=frozenset(row.channel for row in rows if row.served),
        off=frozenset(off),
        answered_at={row.channel: row.answered_at for row in rows if row.answered_at is not None},
    )


def is_usable(channel: Any) -> ColumnElement[bool]:
    """Say the same of a column that names a channel."""
    served = select(ServedChannel.channel).where(ServedChannel.served.is_(True))
    nobody_told = not_(exists().where(ServedChannel.served.is_(True)))
    return and_(channel.not_in(select(ChannelSwitch.channel)), or_(nobody_told, channel.in_(served)))


async def _note(connection: Connection, channel: str, **values: Any) -> None:
    row = upserting(connection, ServedChannel).values(**{"channel": channel, "served": False} | values)
    await connection.execute(row.on_conflict_do_update(index_elements=["channel"], set_=values))
