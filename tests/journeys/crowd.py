"""Many people on a simulated Telegram, and an announcement for them that processes of ours send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.app import open_office
from bot.settings import Settings
from handlers.desk import Office
from handlers.dialogue import Button, Paragraph, Reply
from storage import announcements
from storage.announcement_tables import Promise
from storage.announcements import Draft
from storage.database import Database
from storage.people import Identity, Person
from storage.subscription_tables import Subscription
from tests.simulated_telegram import Fault, SimulatedTelegram

FIRST = 100_001
WORDS = "各位老乡：恳谈会改到二月十八日上午九点，地点不变。请点下面的按钮告诉我们您来不来。"
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

    def copies(self, words: str = WORDS) -> dict[str, int]:
        """Count what everybody has got, by chat."""
        return {str(one.id): sum(words == shown.text for shown in one.messages) for one in self.people}

    def settings(self, home: Path, url: str, rate: float) -> dict[str, str]:
        return settings_of(home, url) | {
            "LAOXIANG_PERSONAL_DATA": "allow",
            "LAOXIANG_TELEGRAM_TOKEN": self.token,
            "LAOXIANG_TELEGRAM_API": self.url,
            "LAOXIANG_TELEGRAM_RATE": str(rate),
        }


def settings_of(home: Path, url: str) -> dict[str, str]:
    """Give the settings of a county in which it is day, whenever this runs."""
    home.parent.mkdir(parents=True, exist_ok=True)
    county = home.with_suffix(".toml")
    # Etc/GMT+3 is three hours behind.
    behind = datetime.now(UTC).hour - 12
    county.write_text(f'[county]\ntimezone = "Etc/GMT{behind:+d}"\n' if behind else '[county]\ntimezone = "UTC"\n')
    return {"LAOXIANG_HOME": str(home), "LAOXIANG_DATABASE": url, "LAOXIANG_COUNTY": str(county)}


@asynccontextmanager
async def opened(settings: dict[str, str]) -> AsyncIterator[Office]:
    home = Path(settings["LAOXIANG_HOME"])
    county, url = Path(settings["LAOXIANG_COUNTY"]), settings["LAOXIANG_DATABASE"]
    async with open_office(Settings(home=home, database=url, county=county)) as office:
        yield office


async def crowded(settings: dict[str, str], people: int) -> None:
    """Let everybody be known, and want the news."""
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
                wanted = {"topic": "news", "state": "on", "version": "1", "changed_at": now}
                await connection.execute(
                    insert(Subscription), [{"person_id": f"{chat:>032}"} | wanted for chat in chats]
                )


async def announce(settings: dict[str, str], promise: Promise, **what: str) -> None:
    """Write something and have it approved."""
    async with opened(settings) as office:
        await written(office.database, promise, **what)


async def written(
    database: Database, promise: Promise, *, number: str = "A1", topic: str = "news", words: str = WORDS
) -> None:
    """Write and approve it, with no time to undo it."""
    now = datetime.now(UTC)
    row = (Button(label="来", data="event:yes"), Button(label="来不了", data="event:no"))
    reply = Reply(parts=(Paragraph(text=words),), buttons=(row,))
    draft = Draft(
        number=number,
        title="恳谈会改期",
        topic=topic,
        promise=promise,
        content={"zh-Hans": reply.model_dump(mode="json")},
        audience={},
        writer="wang",
    )
    async with database.write() as connection:
        await announcements.save_draft(connection, draft, now)
        digest = await announcements.submit(connection, number, now)
        await announcements.approve(connection, number, by="li", digest=digest, at=now, undo_for=timedelta(0))


async def arrivals(crowd: Crowd, count: int, patience_s: float) -> None:
    """Wait until so many messages were tried."""
    async with asyncio.timeout(patience_s):
        while crowd.sent < count:  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)
