"""Who is at the desk: the session behind a request, the check of every post, and what refusals look like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from bot.console import kept_words
from bot.console.kept_words import Kept
from bot.web.cookies import keep_secret, new_secret, read_secret
from bot.web.csrf import FIELD, HEADER, check_csrf
from bot.web.pages import page, view_for, words
from bot.web.site import Site, site_of
from handlers import sign_in
from handlers.event_desk import NotPossible
from handlers.registry_desk import NotDone
from handlers.staff import NotAnswerable
from knowledge.corrections import BadCorrection
from storage.console_accounts import Session
from storage.staff import RIGHTS, NotAllowed, Right, Viewer

COOKIE = "desk"
DOOR = "door"  # the cookie of somebody who is not signed in yet: what their form's token belongs to
SIGN_IN = "/console/sign-in"
# What handlers raise when nothing was done; the message says why.
REFUSALS = (NotDone, NotPossible, NotAnswerable, BadCorrection)
LONGEST_REASON = 200
SAFE = frozenset({"GET", "HEAD"})
# Places of the console, in the order of its menu: path, word, icon, the right it takes.
PLACES = (
    ("", "dashboard", "chart", Right.LIST),
    ("/questions", "questions", "send", Right.QUESTIONS),
    ("/documents", "documents", "open", Right.DOCUMENTS),
    ("/people", "people", "person", Right.LIST),
    ("/slots", "slots", "calendar", Right.BOOKINGS),
    ("/events", "events", "flag", Right.ATTENDEES),
    ("/announcements", "announcements", "megaphone", Right.ANNOUNCE),
    ("/audit", "audit", "lock", Right.AUDIT),
    ("/settings", "settings", "settings", Right.SETTINGS),
)


class SignInFirst(Exception):
    """Nobody is signed in, or not any more."""


class SayAgain(Exception):
    """A page of ours sent this, from before its reader signed in anew: they have to say once more that it is meant."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.path)
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Member:
    """The member of staff behind a request, and the site it came to."""

    site: Site
    viewer: Viewer
    login: str
    ends_at: datetime
    session: Session

    def may(self, right: Right) -> bool:
        """Tell whether their role has a right."""
        return right in RIGHTS[self.viewer.role]


async def _member(request: Request) -> Member:
    site = site_of(request)
    token = read_secret(request, COOKIE)
    session = await sign_in.session(site.desk, token)
    if session is None:
        raise SignInFirst
    request.state.secret = token
    # PostgreSQL's text holds no NUL; nobody types one.
    if "\0" in request.scope["path"] or "%00" in request.url.query:
        raise HTTPException(404)
    if request.method not in SAFE:
        form = await request.form()
        try:
            check_csrf(request, token, request.headers.get(HEADER, "") or str(form.get(FIELD, "")))
        except HTTPException as error:
            if kept := await kept_words.kept_of(request):
                raise SayAgain(kept) from error
            raise
        if any("\0" in value for _, value in form.multi_items() if isinstance(value, str)):
            raise HTTPException(400)
    member = Member(site, session.viewer, session.login, session.ends_at, session)
    request.state.member = member
    return member


Staff = Annotated[Member, Depends(_member)]


class ConsoleRoute(APIRoute):
    """A route whose refusals become pages: to the sign-in, "not for your role", or why nothing was done."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInFirst:
                return await _to_sign_in(request)
            except SayAgain as stale:
                return ask_again(request, stale.kept, status=403)
            except NotAllowed as error:
                raise HTTPException(403, "role") from error
            except REFUSALS as error:
                why, looked = why_in_words(request, error), request.method in SAFE
                return console_page(
                    request, "console_refused.html", status=404 if looked else 409, why=why, back=_back(request)
                )
            # What staff see is nobody else's, and gone from a shared computer with the session.
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded


def console_page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Draw a page of the console, with its menu."""
    member: Member | None = getattr(request.state, "member", None)
    places = [place for place in PLACES if member is not None and member.may(place[3])]
    done = request.query_params.get("done", "")
    desk = site_of(request).desk
    known = desk.texts.has(f"console.done.{done}") if done else False
    return page(
        request,
        template,
        status=status,
        member=member,
        township=township_name(request, member.viewer.township) if member else "",
        township_name=lambda code: township_name(request, code),
        places=places,
        done=done if known else "",
        idle_s=int(sign_in.IDLE.total_seconds()),
        left_s=int((member.ends_at - desk.clock.now()).total_seconds()) if member else 0,
        **context,
    )


def back_to(path: str, done: str = "", **query: str) -> RedirectResponse:
    """Send the browser on after a post; `done` is what it is told there (`console.done.*`)."""
    asked = urlencode({key: value for key, value in {**query, "done": done}.items() if value})
    return RedirectResponse(f"/console{path}" + (f"?{asked}" if asked else ""), 303)


def why_in_words(request: Request, error: Exception) -> str:
    """Say why nothing was done. What a handler says for the command line is no help here, and in one language."""
    key = f"console.refused.{error}"
    if site_of(request).desk.texts.has(key):
        return words(request, key)
    return words(request, "console.refused.not_there" if request.method in SAFE else "console.refused.other")


async def reveal_with(request: Request, reason: str, show: Callable[..., Awaitable[Response]]) -> Response:
    """Show something in full for a reason, which is logged; without one say that it takes one."""
    if not reason.strip():
        return await show(problem=why_in_words(request, NotDone("no_reason")))
    return await show(reason=reason.strip()[:LONGEST_REASON])


def export_path(staff: Member, what: str) -> Path:
    """Give where to write a list that is taken along at once; no name that two could have."""
    return staff.site.settings.home / "exports" / f"{what}-{staff.site.desk.ids.new()[:12]}.xlsx"


def taken_along(path: Path, name: str) -> Response:
    """Give a list away under a name, and keep nothing of it here."""
    return FileResponse(path, filename=name, background=BackgroundTask(path.unlink, missing_ok=True))


def township_name(request: Request, code: str | None) -> str:
    """Give a township's name in the language of the page; its code where the profile does not know it."""
    return site_of(request).desk.county.township_name(code or "", view_for(request).language)


def door_page(request: Request, template: str, *, status: int = 200, **context: object) -> Response:
    """Draw a page for somebody who is not signed in, with a token for its form."""
    secret = read_secret(request, DOOR) or new_secret()
    request.state.secret = secret
    answer = console_page(request, template, status=status, **context)
    keep_secret(answer, request, DOOR, secret, None)
    return answer


def ask_again(request: Request, kept: Kept, *, status: int = 200) -> Response:
    """Show what was typed before the sign-in; nothing is done with it until its writer presses the button."""
    texts = site_of(request).desk.texts
    told = []
    for name, value in kept.fields:
        keys = (f"console.kept.field.{name}", f"console.events.field.{name}")
        label = next((words(request, key) for key in keys if texts.has(key)), name)
        told += [(label, value)] if value.strip() else []
    answer = console_page(request, "console_again.html", status=status, kept=kept, told=told)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _to_sign_in(request: Request) -> Response:
    if request.headers.get("accept", "").startswith(("application/json", "text/event-stream")):
        raise HTTPException(401, "sign in")
    kept = await kept_words.kept_of(request) if request.method not in SAFE else None
    if kept is not None:
        answer = door_page(
            request,
            "console_sign_in.html",
            status=401,
            to=_back(request),
            login="",
            problem="",
            kept=kept_words.written(kept),
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
    to = request.url.path if request.method in SAFE else _back(request)
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': to})}", 303)


def _back(request: Request) -> str:
    """Give the page of the console a post came from."""
    came = request.headers.get("referer", "")
    path = came.removeprefix(str(request.base_url).rstrip("/"))
    return path if path.startswith("/console") else "/console"
