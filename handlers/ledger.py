"""The ledger (台账) by township as a spreadsheet, in the columns offices keep; what nobody recorded stays empty."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from handlers.booking_desk import begins
from handlers.bulk import make_private
from handlers.desk import Office
from handlers.spreadsheets import Writer, writer
from handlers.voice import Voice
from storage import forgetting, ledger, staff
from storage.ledger import BOOKING, QUESTION, Matter
from storage.staff import Right, Viewer

# Satisfaction and evidence are what an office notes by hand after a telephone call; nothing here knows them.
COLUMNS = (
    *("township", "number", "matter", "source", "office", "person", "contact", "words"),
    *("received", "due", "progress", "closed", "satisfaction", "evidence", "struck"),
)


async def write(
    office: Office, who: Viewer, first: date, last: date, language: str, path: Path, *, reason: str = ""
) -> int:
    """Write a row for each form, question and booking of a span of days; give how many.

    Masked without a reason, in full with one; both are logged. Like a list it is deleted after a week.
    """
    who.require(Right.EXPORT)
    if reason:
        who.require(Right.REVEAL)
    at, from_, to = office.clock.now(), begins(first), begins(last + timedelta(days=1))
    async with office.database.write() as connection:
        detail = {"first": str(first), "last": str(last), **({"reason": reason} if reason else {})}
        await staff.audit(connection, who, "made a ledger", at, detail=detail)
        await forgetting.note_export(connection, path.absolute(), at, who.id)
    make_private(path)
    voice = Voice(office, language)
    out, done = writer(path), 0
    try:
        out.row([voice.text(f"ledger.column.{name}") for name in COLUMNS])
        async with office.database.read() as connection:
            for code in _in_order(office, await ledger.townships(connection, who)):
                found = await ledger.matters(connection, who, code, from_, to, reveal=bool(reason))
                name = office.county.township_name(code or "", language) or voice.text("report.none")
                rows = [[name, *_cells(voice, one)] for one in found]
                await asyncio.to_thread(_write, out, rows)
                done += len(rows)
    finally:
        await asyncio.to_thread(out.close)
    return done


def _in_order(office: Office, codes: set[str | None]) -> list[str | None]:
    """Put townships into the county's order, those its profile does not know behind, and none at all last."""
    known = [one.code for one in office.county.townships]
    place = {code: number for number, code in enumerate(known)}
    return sorted(codes, key=lambda code: (code is None, place.get(code or "", len(known)), code or ""))


def _cells(voice: Voice, one: Matter) -> list[str]:
    office = voice.office
    match one.kind:
        case "question":
            matter = voice.text("ledger.question")
        case "booking":
            matter = voice.text("ledger.booking", topic=voice.text(f"booking.topic.{one.topic}"))
        case _:
            matter = _named(voice, ["console.form"], one.kind)
    states = {QUESTION: "console.question_state", BOOKING: "console.slots.state"}
    return [
        one.number,
        matter,
        _named(voice, ("console.channel", "ledger.source"), one.source),
        one.office or voice.text("ledger.office"),
        one.name,
        one.contact,
        one.words,
        _day(office, one.received_at),
        _day(office, one.due_at),
        voice.text(f"{states.get(one.kind, 'ledger.state')}.{one.state}"),
        _day(office, one.closed_at),
        "",
        "",
        voice.text("console.yes") if one.closed_at else "",
    ]


def _named(voice: Voice, prefixes: Sequence[str], code: str) -> str:
    keys = [f"{prefix}.{code}" for prefix in prefixes]
    found = next((key for key in keys if voice.office.texts.has(key)), None)
    return voice.text(found) if found else code


def _day(office: Office, at: datetime | None) -> str:
    return f"{at.astimezone(office.county.zone):%Y-%m-%d %H:%M}" if at else ""


def _write(out: Writer, rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        out.row(row)
