"""The chat page and what its forms and its script ask for; everything works without the script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter, Depends, File, Form, Path, Query, UploadFile
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.channels.web import NotServed
from bot.channels.web_open_pages import News
from bot.web.chat_view import button_of, is_hidden, turn, turns
from bot.web.csrf import check_csrf, csrf_token, is_foreign
from bot.web.errors import Declined, message_of
from bot.web.files import as_attachment, take_file
from bot.web.limits import Limit, hold_back
from bot.web.pages import page, view_for, words
from bot.web.security import policy
from bot.web.site import site_of
from bot.web.streams import held_stream, may_look
from bot.web.visits import Visitor, greet, hold_back_person, open_chat, visitor_of
from handlers.dialogue import File as FilePart
from handlers.dialogue import Reply

router = APIRouter(include_in_schema=False)

PRESSES = Limit("presses", 90, 60)  # a calendar takes many taps; none of them searches
PATIENCE_S = 8.0  # a browser without scripts waits this long for its answer
START = re.compile(r"[A-Za-z0-9_-]{1,64}")
UPDATE = re.compile(r"[A-Za-z0-9_-]{8,40}")
LONGEST_NUMBER = 15  # digits
LONGEST = 20_000  # characters; what is longer was never typed

Known = Annotated[Visitor, Depends(visitor_of)]
Number = Annotated[int, Path(ge=0, le=2**53)]


@router.get("/")
async def chat_page(request: Request, visitor: Known, start: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Show the chat, or what can be done here to somebody new; a link's `start` waits for the person's word.

    Whoever previews links opens them: nothing may happen by that alone.
    """
    return await draw_chat(request, visitor, start=start if START.fullmatch(start) else "")


async def draw_chat(
    request: Request, visitor: Visitor, *, start: str = "", status: int = 200, notice: str = "", draft: str = ""
) -> Response:
    """Draw the chat with a notice above and a draft in the box."""
    site, front = site_of(request), _front(request)
    lines = await site.channel.lines(visitor.chat) if visitor.chat else []
    response = page(
        request,
        "chat.html",
        status=status,
        turns=turns(lines),
        last=lines[-1].id if lines else 0,
        waiting=bool(lines) and lines[-1].mine and not await site.channel.answered(visitor.chat, 0),
        front=front,
        has_chat=bool(visitor.chat),
        start=start,
        notice=notice,
        draft=draft,
        update=uuid4().hex,
        embedded=front == "/embed",
        here=f"/?start={start}" if start else front,
    )
    if front == "/embed":
        sites = " ".join(one.strip() for one in site.settings.web_embed.split(",") if one.strip())
        response.headers["Content-Security-Policy"] = policy(frame_ancestors=sites or "'none'")
    greet(response, request, visitor)
    return response


@router.post("/chat/say")
async def say(
    request: Request,
    visitor: Known,
    csrf: Annotated[str, Form(max_length=80)] = "",
    update: Annotated[str, Form(max_length=80)] = "",
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take what somebody typed, a file, or both."""
    words_given = text.replace("\r\n", "\n").strip()[:LONGEST]
    attached = file if file is not None and file.filename else None
    try:
        check_csrf(request, visitor.secret, csrf or request.headers.get("x-csrf-token", ""))
        if not words_given and attached is None:
            return JSONResponse({"accepted": False}, 202) if _by_script(request) else _back(request, 0)
        chat = await _take(request, visitor, words_given, attached, update)
    except HTTPException as error:
        # A page of another site must not put words into anybody's box.
        if _by_script(request) or is_foreign(request):
            raise
        told = message_of(request, error)
        response = await draw_chat(request, visitor, status=error.status_code, notice=told, draft=words_given)
        response.headers.update(error.headers or {})
        return response
    return await _answered(request, visitor, chat)


async def _take(request: Request, visitor: Visitor, said: str, attached: UploadFile | None, update: str) -> str:
    """Take words and a file into the visitor's chat, and give that. Raises HTTPException where it can't be."""
    hold_back_person(request, visitor)
    channel, language = site_of(request).channel, view_for(request).language
    if attached is not None and not visitor.chat:
        # Where nothing was said yet, nothing was asked for.
        raise Declined(409, "web.error.not_asked_for")
    chat = visitor.chat or await open_chat(request, visitor.secret)
    key = update if UPDATE.fullmatch(update) else uuid4().hex
    try:
        if attached is not None:
            await channel.say(chat, f"{key}f", file=await take_file(request, chat, attached), language=language)
        if said:
            await channel.say(chat, key, text=said, language=language)
    except NotServed as error:
        raise HTTPException(503, "not served") from error
    return chat


@router.post("/chat/press")
async def press(
    request: Request,
    visitor: Known,
    choice: Annotated[str, Form(max_length=64)],
    csrf: Annotated[str, Form(max_length=80)] = "",
    below: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Take a pressed button; one that has passed is answered as such by whoever deals with it."""
    check_csrf(request, visitor.secret, csrf or request.headers.get("x-csrf-token", ""))
    if not choice.isascii() or not choice.isprintable():
        raise HTTPException(400, "choice")
    hold_back(request, (PRESSES, visitor.secret), (site_of(request).rates.everybody, ""))
    chat = visitor.chat or await open_chat(request, visitor.secret)
    channel = site_of(request).channel
    lines = await channel.lines(chat)
    button = button_of(lines, choice)
    is_box = button is not None and button.ticked is not None
    try:
        await channel.say(
            chat,
            uuid4().hex,
            choice=choice,
            label=button.label if button else _door_name(request, choice),
            below=str(_number(below) or ""),
            language=view_for(request).language,
            box=is_box,
        )
    except NotServed as error:
        raise HTTPException(503, "not served") from error
    return await _answered(request, visitor, chat, at=_number(below) if is_box else 0)


async def _held(request: Request, visitor: Known) -> AsyncIterator[None]:
    if not visitor.chat:
        raise HTTPException(404, "no conversation")
    with held_stream(request, visitor):
        yield


@router.get("/chat/events", response_class=EventSourceResponse, dependencies=[Depends(_held)])
async def events(
    request: Request, visitor: Known, after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> AsyncIterator[ServerSentEvent]:
    """Tell an open page what happens in its chat: lines as they are to be shown, one by one."""
    after = max(after, _number(request.headers.get("last-event-id", "")))
    site, view, token = site_of(request), view_for(request), csrf_token(visitor.secret)
    may = partial(may_look, site, visitor)
    async for event in site.channel.listen(visitor.chat, after, who=visitor.secret, may=may):
        if event.news is News.LINE and event.line is not None:
            if is_hidden(event.line):
                continue
            drawn = site.pages.render("turn.html", view, turn=turn(event.line), csrf=token)
            # A line that was changed keeps its place: only a newer one moves what was seen last.
            newer = event.number > after
            after = max(after, event.number)
            yield ServerSentEvent(raw_data=drawn, event="line", id=str(event.number) if newer else None)
        else:
            yield ServerSentEvent(data=event.number, event=event.news.value)


@router.get("/chat/files/{number}/{place}")
async def download(request: Request, visitor: Known, number: Number, place: int) -> Response:
    """Give a file of a reply to whoever's chat it stands in."""
    for line in await site_of(request).channel.lines(visitor.chat, after=number - 1) if visitor.chat else ():
        if line.id == number and not line.mine:
            parts = Reply.model_validate_json(line.body).parts
            part = parts[place] if 0 <= place < len(parts) else None
            if isinstance(part, FilePart):
                return Response(part.content, media_type=part.media_type, headers=as_attachment(part.name))
    raise HTTPException(404, "no such file")


async def _answered(request: Request, visitor: Visitor, chat: str, *, at: int = 0) -> Response:
    """Answer a post: at once to a script, which hears the rest; else with the page, when the reply stands there."""
    response = JSONResponse({"accepted": True}, 202) if _by_script(request) else await _shown(request, chat, at)
    greet(response, request, visitor)
    return response


async def _shown(request: Request, chat: str, at: int) -> Response:
    channel = site_of(request).channel
    await channel.answered(chat, PATIENCE_S)
    lines = await channel.lines(chat)
    last_mine = max((line.id for line in lines if line.mine), default=0)
    first_reply = next((line.id for line in lines if line.id > last_mine), last_mine)
    return _back(request, at or first_reply)


def _back(request: Request, number: int) -> Response:
    front = _front(request)
    return RedirectResponse(f"{front}#line-{number}" if number else front, 303)


def _front(request: Request) -> str:
    """Give where the chat is shown that a request belongs to: our own page, or the frame in the county's site."""
    shown = request.url.path if request.method == "GET" else urlsplit(request.headers.get("referer", "")).path
    return "/embed" if shown == "/embed" else "/"


def _number(written: str) -> int:
    """Read the number of a line; 0 for anything that is none."""
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= LONGEST_NUMBER else 0


def _by_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _door_name(request: Request, choice: str) -> str:
    """Say what a button of the welcome says, or that of one no reply has."""
    key = "door." + choice.removeprefix("go:").replace(":", ".")
    return words(request, key if site_of(request).desk.texts.has(key) else "web.chat.pressed")
