"""Uploading documents: read in the background, shown beside the page, put in force by a person, brought back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from bot.console.access import ConsoleRoute, Member, Staff, back_to, console_page, why_in_words
from bot.console.document_pages import Words, register_page
from handlers import document_desk
from handlers.registry_desk import NotDone
from knowledge.corrections import FIELDS, BadCorrection, shown
from knowledge.documents import KINDS
from knowledge.read import Unreadable
from knowledge.read.page_pictures import picture_of_page
from storage.console_tables import EditionState
from storage.staff import Right

log = logging.getLogger(__name__)
router = APIRouter(route_class=ConsoleRoute)

LOOK_S, WATCH_S = 0.5, 600
# Readings under way in this process, by edition: one that is not here was cut short, and is begun again.
_readings: dict[str, asyncio.Task[None]] = {}


@router.post("/documents/uploads")
async def upload(request: Request, staff: Staff, files: Annotated[list[UploadFile], File()]) -> Response:
    """Keep the files and begin to read them; what can't be kept is told by name, and the others go on."""
    staff.viewer.require(Right.PUBLISH)
    site, made, refused = staff.site, [], []
    for number, file in enumerate(files):
        name = file.filename or ""
        try:
            bare = document_desk.safe_name(name, number=number)
            identity = await document_desk.upload(
                site.desk, staff.viewer, name, await file.read(), home=site.settings.home
            )
        except NotDone as error:
            refused.append((name or "–", why_in_words(request, error)))
            continue
        made.append(identity)
        _read(staff, identity, bare)
    if refused:
        return await register_page(request, staff, refused=refused, taken=len(made))
    return back_to(f"/documents/uploads/{made[0]}") if len(made) == 1 else back_to("/documents", "uploaded")


@router.get("/documents/uploads/{identity}")
async def draft(request: Request, staff: Staff, identity: str) -> Response:
    """Show what was read of an upload, to be read over and put in force."""
    return await _draft(request, staff, identity)


@router.get("/documents/uploads/{identity}/progress")
async def progress(staff: Staff, identity: str) -> Response:
    """Tell when an upload has been read (server-sent events)."""
    office = staff.site.desk
    await document_desk.state(office, staff.viewer, identity)

    async def told() -> AsyncIterator[str]:
        for _ in range(int(WATCH_S / LOOK_S)):
            state = await document_desk.state(office, staff.viewer, identity)
            yield f"event: state\ndata: {state.value}\n\n"
            if state is not EditionState.READING:
                return
            await asyncio.sleep(LOOK_S)

    return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/documents/uploads/{identity}/activate")
async def activate(request: Request, staff: Staff, identity: str) -> Response:
    """Put an upload in force with its values as read over."""
    form = await request.form()
    values = {field: str(form[field]) for field in FIELDS if field in form}
    site = staff.site
    try:
        number = await document_desk.activate(
            site.desk, site.library, staff.viewer, identity, by=staff.login, values=values
        )
    except BadCorrection:
        told = why_in_words(request, NotDone("documents.bad_value"))
        return await _draft(request, staff, identity, typed=values, problem=told)
    return back_to(f"/documents/{number}", "activated")


@router.post("/documents/uploads/{identity}/bring-back")
async def bring_back(request: Request, staff: Staff, identity: str) -> Response:
    """Let an earlier edition answer again."""
    site = staff.site
    number = await document_desk.activate(site.desk, site.library, staff.viewer, identity, by=staff.login)
    return back_to(f"/documents/{number}", "brought_back")


@router.post("/documents/uploads/{identity}/discard")
async def discard(request: Request, staff: Staff, identity: str) -> Response:
    """Put an upload aside."""
    await document_desk.discard(staff.site.desk, staff.viewer, identity)
    return back_to("/documents", "discarded")


@router.get("/documents/uploads/{identity}/file")
async def file(request: Request, staff: Staff, identity: str) -> Response:
    """Give the file itself, never shown in our own place: it may hold scripts."""
    site = staff.site
    path = await document_desk.file_of(site.desk, staff.viewer, identity, home=site.settings.home)
    return FileResponse(path, filename=path.name, content_disposition_type="attachment")


@router.get("/documents/uploads/{identity}/page/{page:int}.png")
async def page_picture(request: Request, staff: Staff, identity: str, page: int) -> Response:
    """Give a page of an uploaded PDF as a picture."""
    site = staff.site
    path = await document_desk.file_of(site.desk, staff.viewer, identity, home=site.settings.home)
    if path.suffix.lower() != ".pdf":
        raise NotDone("documents.no_file")
    try:
        picture = await run_in_threadpool(picture_of_page, path, page)
    except Unreadable as error:
        raise NotDone("documents.no_picture") from error
    return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})


async def _draft(
    request: Request, staff: Member, identity: str, *, typed: dict[str, str] | None = None, problem: str = ""
) -> Response:
    site = staff.site
    seen = await document_desk.show(site.desk, site.library, staff.viewer, identity)
    if seen.edition.state is EditionState.READING and identity not in _readings and staff.may(Right.PUBLISH):
        _read(staff, identity, seen.edition.file)
    values = {field: shown(seen.document, field) or "" for field in FIELDS} if seen.document else {}
    pages = sorted({clause.page for clause in seen.clauses if clause.page})
    return console_page(
        request,
        "console_draft.html",
        status=422 if problem else 200,
        draft=seen,
        edition=seen.edition,
        values=typed or values,
        kinds=[kind for kind in KINDS if kind != "passages"],
        is_pdf=seen.edition.file.lower().endswith(".pdf"),
        pages=pages,
        words=Words(request, site.desk.texts),
        may_publish=staff.may(Right.PUBLISH),
        problem=problem,
    )


def _read(staff: Member, identity: str, name: str) -> None:
    """Read an upload while staff go on; the task is held until it is done."""
    site = staff.site
    path = document_desk.place_of(site.settings.home, identity, name)
    task = asyncio.create_task(document_desk.read(site.desk, site.library, identity, path), name=f"read {identity}")
    _readings[identity] = task
    task.add_done_callback(partial(_done, identity))


def _done(identity: str, task: asyncio.Task[None]) -> None:
    _readings.pop(identity, None)
    # What even the refusal could not be stored for (a database that is gone) is begun again with the next look.
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("document.reading_failed", extra={"edition": identity}, exc_info=error)
