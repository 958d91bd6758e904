"""Pages everybody may read without a word: events, privacy, status; and what lets the chat be installed or embedded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.exc import DatabaseError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bot.web.chat_pages import draw_chat
from bot.web.pages import STATIC, page, view_for, words
from bot.web.site import site_of
from bot.web.visits import Visitor, hold_back_address, visitor_of
from handlers import event_words
from handlers.basics import reach
from handlers.voice import Voice
from storage import documents, events

router = APIRouter(include_in_schema=False)

AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@router.get("/events", dependencies=[Depends(hold_back_address)])
async def coming_events(request: Request) -> Response:
    """Show the events that are coming, as cards."""
    site = site_of(request)
    voice, now = Voice(site.desk, view_for(request).language), site.desk.clock.now()
    async with site.desk.database.read() as connection:
        coming = await events.upcoming(connection, now)
    cards = [
        (event, event_words.card_parts(voice, event, site.desk.county.timezone, now), event_words.is_open(event, now))
        for event in coming
    ]
    return page(request, "events.html", cards=cards)


@router.get("/privacy")
async def privacy(request: Request) -> Response:
    """Show the privacy notice, the same that the conversation gives, and what the pages keep."""
    site = site_of(request)
    voice = Voice(site.desk, view_for(request).language)
    return page(request, "privacy.html", parts=voice.parts("basics.privacy", reach=reach(voice))[1:])


@dataclass(frozen=True, slots=True)
class Health:
    """How the assistant is doing: whether it takes questions and reaches its database, and how fresh its files are."""

    receiving: bool
    database: bool
    documents: int
    indexed_at: datetime | None
    looked_at: datetime

    @property
    def ok(self) -> bool:
        return self.receiving and self.database and self.documents > 0


@router.get("/status")
async def status(request: Request) -> Response:
    """Show people whether the assistant works, and how fresh its documents are."""
    return page(request, "status.html", health=await _look(request))


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """Tell a monitor whether the assistant works; 503 if not."""
    found = await _look(request)
    told = {"ok": found.ok, "receiving": found.receiving, "database": found.database, "documents": found.documents}
    return JSONResponse(told, 200 if found.ok else 503)


async def _look(request: Request) -> Health:
    site = site_of(request)
    newest, database = None, True
    try:
        async with site.desk.database.read() as connection:
            newest = await documents.last_indexed(connection)
    except DatabaseError:
        database = False
    return Health(site.channel.is_served, database, len(site.library.documents), newest, site.desk.clock.now())


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> Response:
    """Tell a telephone how to install the chat (W3C Web Application Manifest)."""
    site = site_of(request)
    name = words(request, "web.title")
    icons = [
        {"src": site.pages.static(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
        for size, use in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    body = {
        "name": name,
        "short_name": words(request, "web.short_title"),
        "lang": view_for(request).language,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f1e8",
        "theme_color": "#a8321f",
        "icons": [*icons, {"src": site.pages.static("seal.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/manifest+json", headers=AN_HOUR)


@router.get("/worker.js")
async def worker() -> Response:
    """Give the service worker, which has to stand at the root to see the whole site."""
    return FileResponse(STATIC / "worker.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/offline")
async def offline(request: Request) -> Response:
    """Give the page that is shown without a connection; the worker keeps it."""
    return page(request, "offline.html")


@router.get("/embed.js")
async def embed_script(request: Request) -> Response:
    """Give the script that shows the chat in the county's own site: one tag, a button, a frame."""
    return FileResponse(
        STATIC / "embed.js",
        media_type="text/javascript",
        headers=AN_HOUR | {"Cross-Origin-Resource-Policy": "cross-origin"},
    )


@router.get("/embed")
async def embedded(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show the chat in a frame of a site that the county named (LAOXIANG_WEB_EMBED); nowhere else."""
    return await draw_chat(request, visitor)
