"""Many people on a simulated Telegram, an announcement for them, and a process that sends it: for `broadcasts`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, insert, literal, select

from bot.app import open_office
from bot.delivery.broadcasts import Broadcasts
from bot.delivery.sending import Rules
from bot.settings import Settings
from handlers.desk import Office
from handlers.dialogue import Button, Paragraph, Reply
from storage import announcements
from storage.announcement_tables import Promise
from storage.announcements import Announcement, Draft
from storage.database import Connection, Database
from storage.deliveries import Recipient
from storage.people import Identity, Person
from tests.bot.announced import Decided
from tests.simulated_telegram import Fault, SimulatedTelegram

FIRST = 100_001
BATCH = 5000


class Crowd(SimulatedTelegram):
    """A simulated Telegram with so many people on it."""

    def __init__(
        self, people: int, weather: Callable[[str, dict[str, Any]], Fault | None] | None, *, blocked: float = 0.0
    ) -> None:
        super().__init__()
        self.weather = weather
        self.people = [self.user(FIRST + number) for number in range(people)]
        self.blocked_chats = {str(FIRST + number) for number in range(int(people * blocked))}
        for chat in self.blocked_chats:
            self.api.chats[int(chat)].blocked = True

    @property
    def sent(self) -> int:
        return self.counts["sendMessage"]

    def copies(self) -> dict[str, int]:
        return {str(one.id): len(self.api.chats[one.id].messages) for one in self.people}

    def settings(self, home: Path, url: str, rate: float) -> dict[str, str]:
        return settings_of(home, url) | {
            "LAOXIANG_PERSONAL_DATA": "allow",
            "LAOXIANG_TELEGRAM_TOKEN": self.token,
            "LAOXIANG_TELEGRAM_API": self.url,
            "LAOXIANG_TELEGRAM_RATE": str(rate),
        }


def settings_of(home: Path, url: str) -> dict[str, str]:
    return {"LAOXIANG_HOME": str(home), "LAOXIANG_DATABASE": url}


@asynccontextmanager
async def opened(settings: dict[str, str]) -> AsyncIterator[Office]:
    home = Path(settings["LAOXIANG_HOME"])
    async with open_office(Settings(home=home, database=settings["LAOXIANG_DATABASE"])) as office:
        yield office


async def crowded(settings: dict[str, str], people: int) -> None:
    """Let everybody be known."""
    now = datetime.now(UTC)
    async with opened(settings) as office:
        for first in range(0, people, BATCH):
            chats = [str(FIRST + number) for number in range(first, min(first + BATCH, people))]
            async with office.database.write() as connection:
                await connection.execute(insert(Person), [{"id": f"{chat:>032}", "created_at": now} for chat in chats])
                await connection.execute(
                    insert(Identity),
                    [{"channel": "telegram", "sender": chat, "person_id": f"{chat:>032}"} for chat in chats],
                )


async def announce(settings: dict[str, str], promise: Promise) -> None:
    """Write something and have it approved."""
    async with opened(settings) as office:
        await written(office.database, promise)


async def written(database: Database, promise: Promise) -> None:
    now = datetime.now(UTC)
    words = "各位老乡：恳谈会改到二月十八日上午九点，地点不变。请点下面的按钮告诉我们您来不来。"
    row = (Button(label="来", data="event:yes"), Button(label="来不了", data="event:no"))
    reply = Reply(parts=(Paragraph(text=words),), buttons=(row,))
    draft = Draft(
        number="A1",
        title="恳谈会改期",
        topic="news",
        promise=promise,
        content={"zh-Hans": reply.model_dump(mode="json")},
        audience={},
        writer="wang",
    )
    async with database.write() as connection:
        await announcements.save_draft(connection, draft, now)
        digest = await announcements.submit(connection, "A1", now)
        await announcements.approve(connection, "A1", by="li", digest=digest, at=now, undo_for=timedelta(0))


async def arrivals(crowd: Crowd, count: int, patience_s: float) -> None:
    """Wait until so many messages were tried."""
    async with asyncio.timeout(patience_s):
        while crowd.sent < count:  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)


@asynccontextmanager
async def worker(settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that sends; killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAOXIANG_")} | settings
    log = Path(settings["LAOXIANG_HOME"]).with_suffix(".log").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.crowd", env=environment, stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


def memory_of(pid: int) -> float:
    """Give the memory a process holds, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def everybody() -> Select[Any]:
    return select(Identity.channel, Identity.sender.label("chat"), Identity.person_id).add_columns(
        literal("zh-Hans").label("language"), literal("Asia/Shanghai").label("zone")
    )


async def _everyone_may(
    connection: Connection, topic: str, number: str, some: Sequence[Recipient], now: datetime
) -> Sequence[Decided]:
    await connection.execute(select(Identity.sender).where(Identity.person_id.in_([one.person_id for one in some])))
    return [Decided()] * len(some)


async def _nothing(*_: object) -> None:
    return None


def rules() -> Rules:
    def chosen(office: Office, announcement: Announcement, now: datetime) -> Select[Any]:
        return everybody()

    return Rules(chosen, _everyone_may, _nothing, _nothing)


async def _work() -> None:
    from bot.logs import log_at_info
    from bot.serving import _told_to_stop
    from bot.settings import load_settings
    from bot.telegram_bot import telegram_channel, telegram_pace

    log_at_info()
    settings = load_settings()
    stopping = _told_to_stop()
    async with open_office(settings) as office:
        channel = telegram_channel(settings, office)
        assert channel is not None
        pace = telegram_pace(settings, office)
        engine = Broadcasts(office, {"telegram": channel}, rules(), {"telegram": pace} if pace else {})
        task = asyncio.create_task(engine.run())
        await stopping.wait()
        engine.stop()
        await task
        await channel.close()


if __name__ == "__main__":
    asyncio.run(_work())
