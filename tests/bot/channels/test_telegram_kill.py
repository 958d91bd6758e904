"""The whole assistant over Telegram, killed in the middle: nobody's message is lost, nobody is flooded."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.simulated_telegram import SimulatedTelegram

PEOPLE, EACH = 20, 3
SERVE = (sys.executable, "-c", "from bot.cli import main; main()", "serve")


@asynccontextmanager
async def serving(telegram: SimulatedTelegram, home: Path, gateway: str) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = {
        "LAOXIANG_HOME": str(home),
        "LAOXIANG_TELEGRAM_TOKEN": telegram.token,
        "LAOXIANG_TELEGRAM_API": telegram.url,
    }
    process = await asyncio.create_subprocess_exec(*SERVE, env={**os.environ, **settings})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_a_kill_loses_nothing_and_repeats_little(telegram: SimulatedTelegram, tmp_path: Path) -> None:
    people = [telegram.user(1000 + number) for number in range(PEOPLE)]
    for _ in range(EACH):
        for person in people:
            person.sends("/privacy")
    async with serving(telegram, tmp_path) as first:
        await telegram.is_called("sendMessage", 15, patience_s=60)
        first.kill()
        await first.wait()
    async with serving(telegram, tmp_path) as second:
        await telegram.is_called("getMe", 2, patience_s=60)
        for person in people:
            await person.waits_for_reply(EACH)
    assert second.returncode == 0
    sent = sum(len(person.messages) for person in people)
    # Sent but not yet ticked off when it died: at most one a chat.
    assert PEOPLE * EACH <= sent <= PEOPLE * EACH + PEOPLE
