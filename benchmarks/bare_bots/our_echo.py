"""An echo bot on our channel and reception: every message stored, answered and ticked off in SQLite."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.reception import Reception
from handlers.clock import SystemClock
from handlers.dialogue import Message, Paragraph, Reply
from handlers.outcome import Outcome
from handlers.texts import Texts
from storage.conversations import Conversation
from storage.database import Database


async def echo(message: Message, conversation: Conversation) -> Outcome:
    # A handler remembers something of every message; so does this one.
    return Outcome(replace(conversation, memory={"last": message.text}), (said(message.text),))


def said(text: str) -> Reply:
    return Reply(parts=(Paragraph(text=text),))


async def main() -> None:
    gateway = gateway_for(
        os.environ.get("LAOXIANG_TELEGRAM_GATEWAY", "aiogram"),
        os.environ["LAOXIANG_TELEGRAM_TOKEN"],
        os.environ["LAOXIANG_TELEGRAM_API"],
    )
    channel = TelegramChannel(gateway, Texts.load())
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder, 'echo.db')}")
        await database.migrate()
        clock = SystemClock(ZoneInfo("Asia/Shanghai"))
        reception = Reception(database, {channel.name: channel}, echo, lambda *_: said("sorry"), clock)
        await reception.start()
        running = asyncio.create_task(channel.run(reception.receive))
        gc.freeze()
        await stopping.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await reception.stop()
        await channel.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
