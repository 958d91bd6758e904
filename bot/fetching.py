"""Fetching a file that somebody sent, from the channel that keeps it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from bot.failures import Failure
from storage import web_chats, web_files

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.dialogue import Attachment
    from storage.database import Database


async def fetch(settings: Settings, file: Attachment, database: Database) -> bytes:
    """Give what is in a file. Raises Failure, saying where the file is, or ChannelError."""
    from bot.channels.gateways import Refused, gateway_for
    from bot.channels.telegram_updates import CHANNEL

    if file.channel == web_chats.CHANNEL:
        async with database.read() as connection:
            content = await web_files.content(connection, file.id)
        if content is None:
            raise Failure(f"{file.name} is gone: the person cleared the conversation it was sent in")
        return base64.b64decode(content)
    if file.channel != CHANNEL:
        raise Failure(f"{file.name} was sent in the channel {file.channel}, which can't give it here; look there")
    if settings.telegram_token is None:
        raise Failure(f"{file.name} stands with Telegram; set LAOXIANG_TELEGRAM_TOKEN of the bot it was sent to")
    gateway = gateway_for(settings.telegram_gateway, settings.telegram_token.get_secret_value(), settings.telegram_api)
    try:
        # Bot API, getFile: files of up to 20 MB; the path is good for an hour at least.
        path = str((await gateway.call("getFile", {"file_id": file.id})).get("file_path") or "")
        if path.startswith("/"):
            raise Failure(f"{file.name} stands on the machine of your Bot API server, as {path}; copy it from there")
        return await gateway.download(path)
    except Refused as error:
        raise Failure(
            f"Telegram does not give {file.name} ({error.description}); it may have been sent to another bot. "
            "Ask the person to send it again"
        ) from error
    finally:
        await gateway.close()
