"""Files that come and go; people's are taken only where one is asked for, and never enough of them to fill a disk."""

from __future__ import annotations

import math
from urllib.parse import quote

from fastapi import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.web.errors import Declined
from bot.web.limits import Limit, address_of, hold_back
from bot.web.site import site_of
from handlers.dialogue import Attachment
from handlers.uploads import LARGEST_BYTES
from storage import conversations, web_files
from storage.web_chats import CHANNEL

MEGABYTE = 1_000_000
OF_AN_ADDRESS = Limit("file-megabytes", 200, 3_600)  # every begun one counts
OF_A_CHAT_BYTES = 80 * MEGABYTE
PATIENCE_S = 3.0  # a file that follows close upon a press waits for the question that asks for it


async def take_file(request: Request, chat: str, file: UploadFile) -> Attachment:
    """Keep a file that somebody sent into a chat, and give what a message carries of it.

    Raises HTTPException: 409 where nobody asked for one, 413 for one too large or too many, 429 from an address that
    sent too much within an hour.
    """
    site = site_of(request)
    content = await file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise HTTPException(413, "too large")
    await site.channel.answered(chat, PATIENCE_S)
    async with site.desk.database.read() as connection:
        conversation = await conversations.load(connection, CHANNEL, chat)
        kept_bytes = await web_files.size_of_chat(connection, chat)
    if not conversation.flow or not conversation.memory.get("takes_file"):
        raise Declined(409, "web.error.not_asked_for")
    if kept_bytes + len(content) > OF_A_CHAT_BYTES:
        raise Declined(413, "web.error.chat_full")
    megabytes = max(1, math.ceil(len(content) / MEGABYTE))
    hold_back(request, (OF_AN_ADDRESS, address_of(request)), amount=megabytes)
    return await site.channel.keep_file(chat, file_name(file.filename or ""), content)


def as_attachment(name: str) -> dict[str, str]:
    """Give the header by which a browser keeps an answer as a file of this name (RFC 6266)."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def file_name(name: str) -> str:
    """Give a file's own name without folders and signs that steer."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return plain[:120] or "file"
