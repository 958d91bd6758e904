"""The small buttons of every page: language, light or dark, big type."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse

from bot.channels.web import NotServed
from bot.web.cookies import read_secret
from bot.web.csrf import is_foreign
from bot.web.pages import view_for
from bot.web.preferences import remember_view
from bot.web.site import Site, site_of
from bot.web.visits import COOKIE, chat_for, hold_back_address
from storage import conversations
from storage.web_chats import CHANNEL

router = APIRouter(include_in_schema=False)

PATIENCE_S = 3.0


@router.post("/view")
async def choose_view(
    request: Request,
    language: Annotated[str, Form(max_length=16)] = "",
    theme: Annotated[str, Form(max_length=16)] = "",
    type: Annotated[str, Form(max_length=16)] = "",  # noqa: A002 - the form's field
    back: Annotated[str, Form(max_length=2_000)] = "/",
) -> RedirectResponse:
    """Remember a choice and show the page again it was made on."""
    if is_foreign(request):
        raise HTTPException(403, "csrf")
    hold_back_address(request)
    site = site_of(request)
    if language in site.desk.texts.languages and (chat := await chat_for(site, read_secret(request, COOKIE))):
        await _tell_conversation(site, chat, language)
    view = view_for(request).changed(site.desk.texts.languages, language=language, theme=theme, type=type)
    response = RedirectResponse(own_path(back), 303)
    remember_view(response, view, secure=site.is_secure(request))
    return response


async def _tell_conversation(site: Site, chat: str, language: str) -> None:
    """Have the conversation follow the page, as it does where it is told to; not where it does already."""
    async with site.desk.database.read() as connection:
        if await conversations.language_of(connection, CHANNEL, chat) == language:
            return
    with suppress(NotServed):
        await site.channel.say(chat, uuid4().hex, text=f"/language {language}")
        await site.channel.answered(chat, PATIENCE_S)


def own_path(path: str) -> str:
    """Give a path of ours as it is, and the front page for anything that may lead elsewhere."""
    # "//host" and "/\host" are other hosts to a browser.
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else "/"
