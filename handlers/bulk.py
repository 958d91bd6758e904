"""Many people at once: taking a list out of the registry, and bringing one in that each person has yet to agree to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from datetime import timedelta
from pathlib import Path

from handlers.contacts import Contact, read_contact
from handlers.desk import Office
from handlers.places import Place, Residence
from handlers.questions import Problem, Surroundings
from handlers.registry_desk import NotDone
from handlers.registry_forms import kind_of
from handlers.spreadsheets import COLUMNS, Entry, Writer, cells_of, read_people, writer
from handlers.still_right import CLAIM
from handlers.voice import Voice
from storage import claims, forgetting, people, people_lists, registry, registry_reading, staff
from storage.database import Connection
from storage.people_lists import Filter, Row
from storage.staff import Right, Role, Viewer

Progress = Callable[[int, int], None]  # done, of all
LONGEST_AGO = 36_500  # days
TIER_READERS = frozenset({Role.COUNTY_ADMIN, Role.BUREAU})


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a spreadsheet: rows taken, rows that are somebody known, rows with faults."""

    taken: int
    known: Sequence[tuple[int, str]] = ()  # row, why
    faulty: Sequence[tuple[int, str]] = ()
    stored: bool = False
    messages: Sequence[Sequence[str]] = having(default=())  # name, contact, text to send


async def export(
    office: Office,
    who: Viewer,
    wanted: Filter,
    path: Path,
    *,
    reason: str,
    reveal: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> int:
    """Write the people of a list to a spreadsheet, masked unless revealed; give how many. The reason is logged.

    The file is remembered and deleted after a week, or as soon as anybody is deleted from the registry.
    """
    who.require(Right.EXPORT)
    at = office.clock.now()
    async with office.database.write() as connection:
        total = await people_lists.count(connection, who, wanted)
        await staff.audit(connection, who, "exported", at, detail={"reason": reason, "people": total, "full": reveal})
        await forgetting.note_export(connection, path.absolute(), at, who.id)
    make_private(path)
    out, done = writer(path), 0
    try:
        out.row(COLUMNS)
        async with office.database.read() as connection:
            async for rows in people_lists.everybody(connection, who, wanted, reveal=reveal):
                # A workbook of 100,000 people takes a processor many seconds: chats go on meanwhile.
                await asyncio.to_thread(_write, out, rows, office, who)
                done += len(rows)
                on_progress(done, total)
    finally:
        await asyncio.to_thread(out.close)
    return done


async def bring_in(office: Office, who: Viewer, path: Path, *, dry_run: bool, skip_faulty: bool = False) -> Imported:
    """Read a spreadsheet of people and store those who are new, unconfirmed until each has agreed.

    Nothing is stored in a dry run, or while a row is faulty unless those shall be skipped. For each person stored
    there is a message with a link of their own.
    """
    who.require(Right.IMPORT)
    voice = Voice(office, office.language)
    around = Surroundings(office.county, office.clock.today())
    entries = read_people(path, around, lambda problem: voice.text(problem.key, **problem.params))
    faulty = [(entry.number, problem) for entry in entries for problem in entry.problems]
    faulty += [
        (entry.number, voice.text("still.not_your_township"))
        for entry in entries
        if who.role is Role.TOWNSHIP and entry.known.township != who.township and not entry.problems
    ]
    bad = {number for number, _ in faulty}
    at, messages = office.clock.now(), []
    async with office.database.write() as connection:
        known, fresh = await _sorted(connection, who, [entry for entry in entries if entry.number not in bad])
        stored = not dry_run and (skip_faulty or not faulty)
        if stored:
            for entry in fresh:
                messages.append(await _store(connection, office, who, entry))
            detail = {"file": path.name, "taken": len(fresh), "known": len(known), "faulty": len(bad)}
            await staff.audit(connection, who, "imported", at, detail=detail)
    return Imported(len(fresh), known, sorted(faulty), stored, messages)


def filter_of(
    office: Office,
    *,
    kind: str | None,
    field: str | None,
    tier: str | None,
    township: str | None,
    city: str | None,
    state: str | None,
    source: str | None,
    stale: int | None,
    contact: str | None,
    name: str | None = None,
) -> Filter:
    """Read what a list is narrowed to, by codes or names. Raises NotDone for what nobody knows."""
    county = office.county
    around = Surroundings(county, office.clock.today())
    townships = {called: one.code for one in county.townships for called in (one.code, one.name, *one.formerly)}
    classes = {called: one.code for one in county.field_classes for called in (one.code, one.name)}
    if township and townships and township not in townships:
        known = ", ".join(one.code for one in county.townships)
        raise NotDone(f"there is no township {township}; the profile knows {known}")
    if field and field not in classes:
        raise NotDone(f"there is no field {field}; there are {', '.join(classes)}")
    if stale is not None and not 0 < stale <= LONGEST_AGO:
        raise NotDone(f"{stale} days ago is too long ago, or not in the past; write days, 180 for half a year")
    place = Residence().settle(around).read(city) if city else None
    if isinstance(place, Problem) or (isinstance(place, Place) and not place.code):
        raise NotDone(f"{city} is no city or country that is known")
    reached = read_contact(contact) if contact else None
    if isinstance(reached, Problem):
        raise NotDone(f"{contact} is no telephone number, e-mail address or WeChat id")
    return Filter(
        kind=kind_of(kind) if kind else None,
        field=classes.get(field) if field else None,
        tier=tier,
        township=townships.get(township, township) if township else None,
        place_code=place.code if isinstance(place, Place) else None,
        state=state,
        source=source,
        stale_before=office.clock.now() - timedelta(days=stale) if stale else None,
        contact=(reached.kind.value, reached.value) if isinstance(reached, Contact) else None,
        name=name,
    )


def write_messages(path: Path, messages: Sequence[Sequence[str]]) -> None:
    """Write what has to be sent to the people of an import, one a row."""
    make_private(path)
    out = writer(path)
    out.row(("姓名", "联系方式", "消息"))
    for message in messages:
        out.row(message)
    out.close()


async def note_messages(office: Office, who: Viewer, path: Path) -> None:
    """Remember a file of messages, so that it goes when it is no longer needed."""
    async with office.database.write() as connection:
        await forgetting.note_export(connection, path.absolute(), office.clock.now(), who.id)


async def _sorted(
    connection: Connection, who: Viewer, entries: Sequence[Entry]
) -> tuple[list[tuple[int, str]], list[Entry]]:
    """Part those who are in the registry, or twice in the file, from those who are new."""
    known: list[tuple[int, str]] = []
    fresh: list[Entry] = []
    seen: dict[str, int] = {}
    for entry in entries:
        keys = [registry.contact_key(connection, kind, value) for kind, value in entry.known.contacts]
        same = registry.same_person_key(connection, entry.known.name, entry.known.township)
        twice = next((seen[key] for key in [*keys, *([same] if same else [])] if key in seen), None)
        if twice is not None:
            known.append((entry.number, f"the same person as row {twice}"))
        elif person := await registry_reading.person_by_contact(connection, keys):
            whom = await _named(connection, who, person)
            known.append((entry.number, f"has the contact of {whom}"))
        elif same and (person := await registry_reading.person_by_name(connection, same)):
            whom = await _named(connection, who, person)
            known.append((entry.number, f"has name and township of {whom}"))
        else:
            fresh.append(entry)
        seen |= dict.fromkeys([*keys, *([same] if same else [])], entry.number)
    return known, fresh


async def _named(connection: Connection, who: Viewer, person: str) -> str:
    """Name somebody known by id to those who may see them; to others that there is somebody is enough."""
    return person if await people_lists.may_see(connection, who, person) else "somebody of another township"


async def _store(connection: Connection, office: Office, who: Viewer, entry: Entry) -> list[str]:
    person, at = office.ids.new(), office.clock.now()
    await people.add_person(connection, person, at)
    await registry.keep_profile(connection, person, entry.known, at, actor=who.id, source="import", state="unconfirmed")
    token = await claims.make(connection, person, at)
    page = office.county.page
    link = f"{page}{'&' if '?' in page else '?'}start={CLAIM}{token}" if page else f"/start {CLAIM}{token}"
    voice = Voice(office, office.language)
    text = voice.text("still.invitation", name=entry.known.name or "", link=link, days=claims.CLAIM.days)
    return [entry.known.name or "", entry.known.contacts[0][1], text]


def _write(out: Writer, rows: Sequence[Row], office: Office, who: Viewer) -> None:
    for row in rows:
        out.row(cells_of(row, office.county, tier=who.role in TIER_READERS))


def make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
