"""Looking after a conversation: take an answer along, come back by a private link, clear it, leave this device."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web.chat_pages import Number
from bot.web.chat_view import Links, Turn, turns
from bot.web.cookies import new_secret
from bot.web.csrf import check_csrf
from bot.web.limits import Limit, address_of, hold_back
from bot.web.pages import page
from bot.web.reading_pages import LONGEST_QUESTION, answer_on
from bot.web.site import Site, site_of
from bot.web.visits import Visitor, greet, keep, part, visitor_of
from storage import web_chats

router = APIRouter(include_in_schema=False)

GUESSES = Limit("resume", 10, 600)  # tries of private links from one address
Known = Annotated[Visitor, Depends(visitor_of)]
Token = Annotated[str, Form(max_length=80)]


@router.get("/chat/answers/{number}")
async def take_along(request: Request, visitor: Known, number: Number) -> Response:
    """Show one answer with its question, to copy, print or pass on."""
    site = site_of(request)
    drawn = turns(await site.channel.lines(visitor.chat)) if visitor.chat else []
    at = next((place for place, turn in enumerate(drawn) if turn.number == number and turn.reply), None)
    if at is None:
        raise HTTPException(404, "no such answer")
    asked = next((turn for turn in reversed(drawn[:at]) if turn.mine and not turn.pressed), None)
    answered, question = drawn[at], asked.text if asked else ""
    # The day it was given for; what applies today may be something else.
    day = answered.at.astimezone(site.desk.county.zone).date()
    link = ""
    if question and _stands_alone(site, question, day, answered):
        link = base(request, site) + Links(site.library).answer(question, day.isoformat())
    return page(
        request, "answer.html", question=question, on=day, turn=replace(answered, buttons=()), number=number, link=link
    )


def _stands_alone(site: Site, question: str, day: date, answered: Turn) -> bool:
    """Tell whether a question says enough to be answered the same without what was said before it."""
    if len(question) > LONGEST_QUESTION or answered.reply is None:
        return False
    return answer_on(site, question, day, answered.reply.language).parts == answered.reply.parts


@router.get("/chat/manage")
async def manage(request: Request, visitor: Known) -> Response:
    """Show what can be done with the conversation of this browser."""
    response = page(request, "manage.html", has_chat=bool(visitor.chat), link="")
    greet(response, request, visitor)
    return response


@router.post("/chat/link")
async def make_link(request: Request, visitor: Known, csrf: Token = "") -> Response:
    """Make the private link that opens this conversation elsewhere; the one before it ends."""
    check_csrf(request, visitor.secret, csrf)
    site = site_of(request)
    if not visitor.chat:
        raise HTTPException(404, "no conversation")
    token = new_secret()
    async with site.desk.database.write() as connection:
        await web_chats.new_link(connection, token, visitor.chat, site.desk.clock.now())
    return page(request, "manage.html", has_chat=True, link=f"{base(request, site)}/resume?k={token}")


@router.get("/resume")
async def resume_page(request: Request, visitor: Known, k: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Ask whether to go on with a conversation here; whoever previews the link changes nothing."""
    response = page(request, "resume.html", k=k, problem=False, has_chat=bool(visitor.chat))
    greet(response, request, visitor)
    return response


@router.post("/resume")
async def resume(
    request: Request, visitor: Known, k: Annotated[str, Form(max_length=300)], csrf: Token = ""
) -> Response:
    """Let this browser into the conversation a private link belongs to."""
    check_csrf(request, visitor.secret, csrf)
    hold_back(request, (GUESSES, address_of(request)))
    site, now = site_of(request), site_of(request).desk.clock.now()
    # The whole link is as good as what stands at its end.
    token, secret = k.strip().rpartition("k=")[2], new_secret()
    async with site.desk.database.write() as connection:
        chat = await web_chats.chat_of_link(connection, token, now)
        if chat is not None:
            # A secret of its own: what this browser had before opens nothing new.
            await web_chats.begin_visit(connection, secret, chat, now)
    if chat is None:
        return page(request, "resume.html", status=410, k="", problem=True, has_chat=bool(visitor.chat))
    response = RedirectResponse("/", 303)
    keep(response, request, secret)
    return response


@router.post("/chat/clear")
async def clear(request: Request, visitor: Known, csrf: Token = "") -> Response:
    """Delete what was said in this conversation; what was submitted to the staff is not touched."""
    check_csrf(request, visitor.secret, csrf)
    if visitor.chat:
        await site_of(request).channel.clear(visitor.chat)
    return RedirectResponse("/", 303)


@router.post("/chat/leave")
async def leave(request: Request, visitor: Known, csrf: Token = "") -> Response:
    """End the conversation on this device; it stays open wherever else it was opened."""
    check_csrf(request, visitor.secret, csrf)
    async with site_of(request).desk.database.write() as connection:
        await web_chats.end_visit(connection, visitor.secret)
    site_of(request).channel.hang_up(visitor.chat, visitor.secret)
    response = RedirectResponse("/", 303)
    part(response, request)
    return response


def base(request: Request, site: Site) -> str:
    """Give the address people reach our pages by, without a slash at its end."""
    return site.settings.web_address or str(request.base_url).rstrip("/")
