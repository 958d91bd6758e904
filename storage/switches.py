"""Which channels staff have switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.console_tables import ChannelSwitch
from storage.database import Connection
from storage.tables import insert_unless_known


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A channel that is off: since when, and by whom."""

    channel: str
    off_at: datetime
    by: str


async def switched_off(connection: Connection) -> list[SwitchedOff]:
    """Give the channels that are off."""
    rows = await connection.execute(select(ChannelSwitch.channel, ChannelSwitch.off_at, ChannelSwitch.by))
    return [SwitchedOff(*row) for row in rows]


async def switch(connection: Connection, channel: str, *, on: bool, by: str, at: datetime) -> None:
    """Switch a channel on or off; switching what is so already changes nothing."""
    if on:
        await connection.execute(delete(ChannelSwitch).where(ChannelSwitch.channel == channel))
        return
    row = insert_unless_known(connection, ChannelSwitch, ["channel"])
    await connection.execute(row.values(channel=channel, off_at=at, by=by))
