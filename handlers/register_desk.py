"""The register of documents through the console: every correction needs the right, and is logged."""

from __future__ import annotations

from datetime import date

from handlers import register
from handlers.desk import Office
from handlers.library import Library
from storage import staff
from storage.staff import Right, Viewer


async def set_value(
    office: Office, library: Library, who: Viewer, number: int, field: str, said: str, *, by: str
) -> None:
    """Put one value right. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.set_value(library, number, field, said, by, office.clock.now())
    await _log(office, who, "corrected a document", number, field=field)


async def reset_value(office: Office, library: Library, who: Viewer, number: int, field: str, *, by: str) -> None:
    """Let a value be again what the file says. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.reset_value(library, number, field, by, office.clock.now())
    await _log(office, who, "reset a document", number, field=field)


async def confirm(office: Office, library: Library, who: Viewer, number: int, *, by: str) -> None:
    """Record that a person has read what was understood. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.confirm(library, number, by, office.clock.now())
    await _log(office, who, "confirmed a document", number)


async def withdraw(
    office: Office, library: Library, who: Viewer, number: int, *, by: str, restore: bool = False
) -> None:
    """Take a document out of every answer, or bring it back. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.withdraw(library, number, by, office.clock.now(), restore=restore)
    await _log(office, who, "restored a document" if restore else "withdrew a document", number)


async def relate(
    office: Office,
    library: Library,
    who: Viewer,
    number: int,
    kind: str,
    target: str,
    *,
    by: str,
    clause: str | None = None,
    day: date | None = None,
) -> None:
    """Add a relation. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.relate(library, number, kind, target, by, office.clock.now(), clause=clause, day=day)
    await _log(office, who, "related a document", number, kind=kind)


async def unrelate(office: Office, library: Library, who: Viewer, number: int, place: int, *, by: str) -> None:
    """Strike a relation. Raises BadCorrection."""
    who.require(Right.PUBLISH)
    await register.unrelate(library, number, place, by, office.clock.now())
    await _log(office, who, "struck a relation", number)


async def _log(office: Office, who: Viewer, action: str, number: int, **detail: str) -> None:
    async with office.database.write() as connection:
        await staff.audit(connection, who, action, office.clock.now(), detail={"document": str(number), **detail})
