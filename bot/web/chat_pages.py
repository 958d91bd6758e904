"""The chat page and what its forms and its script ask for; everything works without the script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.channels.web import News, NotServed
from bot.web.chat_view import button_of, is_hidden, turn, turns
from bot.web.csrf import check_csrf, csrf_token
from bot.web.limits import PERSON, Limit, TooMany, hold_back
from bot.web.pages import page, view_for, words
from bot.web.site import site_of
from bot.web.visits import Visitor, greet, hold_back_address, open_chat, visitor_of
from handlers.dialogue import File as FilePart
from handlers.dialogue import Reply
from handlers.uploads import LARGEST_BYTES

router = APIRouter(include_in_schema=False)

PRESSES = Limit("presses", 90, 60)  # a calendar takes many taps; none of them searches
PATIENCE_S = 8.0  # a browser without scripts waits this long for its answer
START = re.compile(r"[A-Za-z0-9_-]{1,64}")
UPDATE = re.compile(r"[A-Za-z0-9_-]{8,40}")
LONGEST = 20_000  # characters; what is longer was never typed

Known = Annotated[Visitor, Depends(visitor_of)]


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
    lines = await site_of(request).channel.lines(visitor.chat) if visitor.chat else []
    response = page(
        request,
        "chat.html",
        status=status,
        turns=turns(lines),
        last=lines[-1].id if lines else 0,
        has_chat=bool(visitor.chat),
        start=start,
        notice=notice,
        draft=draft,
        update=uuid4().hex,
        embedded=request.url.path == "/embed",
    )
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
    check_csrf(request, visitor.secret, csrf or request.headers.get("x-csrf-token", ""))
    words_given = text.replace("\r\n", "\n").strip()[:LONGEST]
    has_file = file is not None and bool(file.filename)
    if not words_given and not has_file:
        return _back(request, 0) if not _by_script(request) else JSONResponse({"accepted": False}, 202)
    try:
        hold_back(request, (PERSON, visitor.secret))
        hold_back_address(request)
        chat = visitor.chat or await open_chat(request, visitor.secret)
    except TooMany as wait:
        if _by_script(request):
            raise
        told = words(request, "web.error.429", wait_s=wait.wait_s)
        response = await draw_chat(request, visitor, status=429, notice=told, draft=words_given)
        response.headers["Retry-After"] = str(wait.wait_s)
        return response
    channel, language = site_of(request).channel, view_for(request).language
    key = update if UPDATE.fullmatch(update) else uuid4().hex
    try:
        if has_file and file is not None:
            content = await file.read(LARGEST_BYTES + 1)
            if len(content) > LARGEST_BYTES:
                raise HTTPException(413, "too large")
            attachment = await channel.keep_file(chat, file_name(file.filename or ""), content)
            await channel.say(chat, f"{key}f", file=attachment, language=language)
        if words_given:
            await channel.say(chat, key, text=words_given, language=language)
    except NotServed as error:
        raise HTTPException(503, "not served") from error
    return await _answered(request, visitor, chat)


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
    hold_back(request, (PRESSES, visitor.secret))
    hold_back_address(request)
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
            below=below if below.isascii() and below.isdecimal() else "",
            language=view_for(request).language,
            box=is_box,
        )
    except NotServed as error:
        raise HTTPException(503, "not served") from error
    return await _answered(request, visitor, chat, at=int(below) if is_box and below.isdecimal() else 0)


@router.get("/chat/events", response_class=EventSourceResponse)
async def events(
    request: Request, visitor: Known, after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> AsyncIterator[ServerSentEvent]:
    """Tell an open page what happens in its chat: lines as they are to be shown, one by one."""
    if not visitor.chat:
        return
    seen = request.headers.get("last-event-id", "")
    after = max(after, int(seen)) if seen.isascii() and seen.isdecimal() else after
    site, view, token = site_of(request), view_for(request), csrf_token(visitor.secret)
    async for event in site.channel.listen(visitor.chat, after):
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
async def download(request: Request, visitor: Known, number: int, place: int) -> Response:
    """Give a file of a reply to whoever's chat it stands in."""
    for line in await site_of(request).channel.lines(visitor.chat, after=number - 1) if visitor.chat else ():
        if line.id == number and not line.mine:
            parts = Reply.model_validate_json(line.body).parts
            part = parts[place] if 0 <= place < len(parts) else None
            if isinstance(part, FilePart):
                name = f"attachment; filename*=UTF-8''{quote(part.name)}"
                return Response(part.content, media_type=part.media_type, headers={"Content-Disposition": name})
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
    front = "/embed" if request.headers.get("referer", "").partition("?")[0].endswith("/embed") else "/"
    return RedirectResponse(f"{front}#line-{number}" if number else front, 303)


def _by_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _door_name(request: Request, choice: str) -> str:
    """Say what a button of the welcome says, or that of one no reply has."""
    key = "door." + choice.removeprefix("go:").replace(":", ".")
    return words(request, key if site_of(request).desk.texts.has(key) else "web.chat.pressed")


def file_name(name: str) -> str:
    """Give a file's own name without folders and signs that steer."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return plain[:120] or "file"
