"""The staff's side of channels: which are switched off, and switching them."""

from __future__ import annotations

from handlers.desk import Office
from storage import staff, switches
from storage.staff import Right, Viewer
from storage.switches import SwitchedOff


async def switched_off(office: Office, who: Viewer) -> dict[str, SwitchedOff]:
    """Give the channels that are off, by name."""
    who.require(Right.SETTINGS)
    async with office.database.read() as connection:
        return {one.channel: one for one in await switches.switched_off(connection)}


async def switch(office: Office, who: Viewer, channel: str, *, on: bool) -> None:
    """Switch a channel on or off for everybody, within seconds."""
    who.require(Right.SETTINGS)
    at = office.clock.now()
    async with office.database.write() as connection:
        await switches.switch(connection, channel, on=on, by=who.id, at=at)
        await staff.audit(connection, who, "switched on" if on else "switched off", at, detail={"channel": channel})
