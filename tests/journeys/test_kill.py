"""kill -9 in the middle of a hundred updates: none lost, each with one effect, over both libraries and both ways.

A normal run kills each combination twice, at different moments. LAOXIANG_KILLS=20 kills each twenty times.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.simulated_telegram import SimulatedTelegram

PEOPLE = 10
# What each of them writes, all at once: a policy question, and a question left for a person.
WRITES = (
    "/start",
    "厂房租金有没有补贴？",
    "/person",
    "林溪",
    "lin@example.org",
    "同意",
    "提交",
    "/help",
    "/privacy",
    "转学要什么材料？",
)
UPDATES = PEOPLE * len(WRITES)
PATIENCE_S = 60  # for a start on a machine that does something else as well
KILLS = int(os.environ.get("LAOXIANG_KILLS", "2"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@asynccontextmanager
async def serving(settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`laoxiang serve` as a process of its own; killed at the end if it still runs."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
    # Compiled modules are kept: a process that starts ten times need not compile ten times.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LAOXIANG_", "PYTHONDONT"))
    } | settings
    log = Path(settings["LAOXIANG_HOME"]).with_suffix(".log").open("ab")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


def told(database: Path, question: str) -> list[tuple]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("way", ["polling", "webhook"])
@pytest.mark.parametrize("library", ["aiogram", "ptb"])
async def test_a_killed_process_loses_nothing_and_repeats_no_effect(tmp_path: Path, library: str, way: str):
    for run in range((KILLS + 1) // 2):
        await survive(tmp_path / f"{run}", library, way, kills=min(2, KILLS - 2 * run), run=run)


async def survive(home: Path, library: str, way: str, *, kills: int, run: int) -> None:
    async with SimulatedTelegram() as telegram:
        port = free_port()
        settings = {
            "LAOXIANG_HOME": str(home),
            "LAOXIANG_PERSONAL_DATA": "allow",
            "LAOXIANG_TELEGRAM_TOKEN": telegram.token,
            "LAOXIANG_TELEGRAM_API": telegram.url,
            "LAOXIANG_TELEGRAM_RATE": "0",
            "LAOXIANG_TELEGRAM_GATEWAY": library,
            "LAOXIANG_PORT": str(port),
        }
        if way == "webhook":
            settings |= {
                "LAOXIANG_TELEGRAM_WEBHOOK": f"http://127.0.0.1:{port}/telegram/webhook",
                "LAOXIANG_TELEGRAM_SECRET": "a-secret-of-the-tests",
            }
        people = [telegram.user(1001 + number) for number in range(PEOPLE)]
        for words in WRITES:
            for person in people:
                person.sends(words)
        # Each run kills at moments of its own; replies sent so far tell how far the work is.
        for kill in range(kills):
            async with serving(settings) as process:
                await telegram.is_called("sendMessage", times=1 + (7 * run + 45 * kill) % 95, patience_s=PATIENCE_S)
                process.send_signal(signal.SIGKILL)
                await process.wait()
        database = home / "laoxiang.db"
        async with serving(settings) as process:
            await telegram.is_called("sendMessage", times=telegram.counts["sendMessage"] + 1, patience_s=PATIENCE_S)
            while True:
                sent = telegram.counts["sendMessage"]
                if told(database, "SELECT count(done_at) FROM inbox") == [(UPDATES,)]:
                    break
                await telegram.is_called("sendMessage", times=sent + 1, patience_s=PATIENCE_S)
            # An orderly end waits until every reply has gone.
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0

        assert told(database, "SELECT count(*), count(done_at), sum(failed) FROM inbox") == [(UPDATES, UPDATES, 0)]
        assert told(database, "SELECT version, count(*) FROM conversations GROUP BY version") == [(len(WRITES), PEOPLE)]
        assert told(database, "SELECT count(*), count(DISTINCT chat) FROM questions") == [(PEOPLE, PEOPLE)]
        assert told(database, "SELECT state, count(*) FROM outbox GROUP BY state") == [("sent", UPDATES)]
        # Sent but not yet ticked off when it died: at most one reply a chat and kill. The one that asks for consent
        # takes two messages: it gives the letters back as well.
        assert sum(len(person.messages) for person in people) <= UPDATES + PEOPLE + kills * PEOPLE
        # A poll that was open when its process died may still stand when the next one asks; nothing else is refused.
        assert {refusal.code for refusal in telegram.refusals} <= {409}
