"""Who comes to an event as a spreadsheet: for the door, the kitchen, the hotel."""

from __future__ import annotations

import asyncio
from pathlib import Path

from handlers import event_desk
from handlers.bulk import make_private
from handlers.desk import Office
from handlers.spreadsheets import writer
from handlers.voice import Voice
from storage import forgetting, staff
from storage.event_tables import EventReply
from storage.staff import Right, Viewer

COLUMNS = ("number", "name", "phone", "seats", "state", "diet", "nights")


async def write(
    office: Office, who: Viewer, code: str, language: str, path: Path, *, reason: str, full: bool = False
) -> int:
    """Write a row for each party, masked unless `full`; give how many. The reason is logged, the file goes in a week.

    Raises NotPossible for an event this viewer can't see, NotAllowed without the right to take lists out.
    """
    who.require(Right.EXPORT)
    event = await event_desk.seen(office, who, code)
    coming = await event_desk.attendees(office, who, event.code, reason=reason if full else "")
    at = office.clock.now()
    async with office.database.write() as connection:
        detail = {"event": event.code, "reason": reason, "rows": len(coming), "full": full}
        await staff.audit(connection, who, "exported", at, detail=detail)
        await forgetting.note_export(connection, path.absolute(), at, who.id)
    make_private(path)
    voice = Voice(office, language)
    rows = [[voice.text(f"event_sheet.{name}") for name in COLUMNS], *(_cells(voice, one) for one in coming)]
    await asyncio.to_thread(_write, path, rows)
    return len(coming)


def _cells(voice: Voice, one: EventReply) -> list[str]:
    return [
        one.number,
        one.name or "",
        one.mobile or "",
        str(one.seats),
        voice.text(f"console.events.state.{one.state.value}"),
        one.diet or "",
        str(one.nights or 1) if one.has_lodging else "",
    ]


def _write(path: Path, rows: list[list[str]]) -> None:
    out = writer(path)
    try:
        for row in rows:
            out.row(row)
    finally:
        out.close()
