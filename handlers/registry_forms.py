"""The staff's side of what people sent in: forms with and without a name, and the files that came with them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from handlers.desk import Desk, NotFetched, Office
from handlers.dialogue import Attachment
from handlers.ids import as_typed
from handlers.registry_desk import NotDone
from storage import filed, forgetting, staff
from storage.filed import Filed, Wanted
from storage.staff import Right, Viewer

# How kinds are stored, by what else they are called: in commands and in conversation.
KINDS = {
    name: kind
    for kind, others in {
        "native": ("register-native",),
        "expert": ("register-expert",),
        "need": (),
        "invest": ("investment",),
        "event": ("event-reply",),
        "donate": ("donation",),
        "nominate": ("nomination",),
        "rights": (),
        "complain": ("complaint",),
    }.items()
    for name in (kind, *others)
}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a form: the name to keep it under, whose form it is, and which question it answers."""

    attachment: Attachment
    kept_as: str
    person_id: str
    field: str


def kind_of(name: str) -> str:
    """Give a kind as it is stored. Raises NotDone for one there is not."""
    if name not in KINDS:
        raise NotDone(f"there is no kind {name}; there are {', '.join(dict.fromkeys(KINDS.values()))}")
    return KINDS[name]


def wanted(*, number: str | None, kind: str | None, nameless: bool) -> Wanted:
    """Read what a list of forms is narrowed to. Raises NotDone."""
    return Wanted(kind_of(kind) if kind else None, as_typed(number) if number else None, nameless)


async def list_forms(
    office: Office, who: Viewer, narrowed: Wanted, *, page: int = 1, size: int = 50, reason: str = ""
) -> tuple[Sequence[Filed], int]:
    """Give one page of forms and how many there are; with a reason, which is logged, also what they say."""
    async with office.database.read() as connection:
        found = await filed.page(connection, who, narrowed, number=page, size=size, reveal=bool(reason))
        total = await filed.count(connection, who, narrowed)
    if reason and found:
        detail = {"reason": reason, "numbers": [one.number for one in found]}
        async with office.database.write() as connection:
            await staff.audit(connection, who, "revealed forms", office.clock.now(), detail=detail)
    return found, total


async def files_of(office: Office, who: Viewer, number: str, *, reason: str) -> list[SentFile]:
    """Give the files that came with a form. Raises NotDone where there are none for this viewer; it is logged."""
    found, _ = await list_forms(office, who, Wanted(number=as_typed(number)), reason=reason)
    if not found:
        raise NotDone(f"there is no registration {number} for you")
    files = []
    for name, value in (found[0].record or {}).items():
        try:
            attachment = Attachment.model_validate(value)
        except ValidationError:
            continue
        kept_as = f"{found[0].number}-{name}-{_safe(attachment.name)}"
        files.append(SentFile(attachment, kept_as, found[0].person_id, name))
    if not files:
        raise NotDone(f"no file was sent with {number}")
    return files


async def open_file(
    desk: Desk, who: Viewer, person: str, number: str, field: str, *, reason: str
) -> tuple[SentFile, bytes]:
    """Give a file that came with a form of a person, and what is in it; it is logged before it is shown.

    Raises NotDone where there is none for this viewer, or its channel does not give it any more.
    """
    who.require(Right.REVEAL)
    found = await files_of(desk, who, number, reason=reason)
    file = next((one for one in found if one.field == field and one.person_id == person), None)
    if file is None or desk.fetch is None:
        raise NotDone("people.no_file")
    try:
        content = await desk.fetch(file.attachment)
    except NotFetched as error:
        raise NotDone("people.file_gone") from error
    async with desk.database.write() as connection:
        detail = {"file": file.kept_as, "reason": reason}
        await staff.audit(connection, who, "fetched a file", desk.clock.now(), subject=person, detail=detail)
    return file, content


async def keep_file(office: Office, who: Viewer, file: SentFile, path: Path, content: bytes) -> None:
    """Write a file for its owner alone; like an export it goes after a week. It is logged.

    Raises NotDone where one stands.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise NotDone(f"{path} is there already; move it away, or choose another folder with --to") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    async with office.database.write() as connection:
        at = office.clock.now()
        await forgetting.note_export(connection, path.absolute(), at, who.id)
        await staff.audit(connection, who, "fetched a file", at, subject=file.person_id, detail={"file": path.name})


def _safe(name: str) -> str:
    """Give a file's name without anything that leads elsewhere; people choose it."""
    return re.sub(r"[^\w.()\-]+", "_", name)[-80:].lstrip(".") or "file"
