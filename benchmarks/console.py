"""How long the console's first page takes in a large county: `python -m benchmarks.console [PEOPLE]`.

Fills an SQLite database with people, questions left and questions counted, and draws the page as an administrator and
as a township officer, a month and a year.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from bot.app import App, open_app
from bot.channels.web import WebChannel
from bot.settings import Settings
from bot.web.app import create_app
from handlers import registry_desk
from storage import console_accounts
from storage.console_tables import AskedQuestion, ConsoleAccount
from storage.people import Person
from storage.questions import LeftQuestionRow
from storage.registry_tables import Profile, ProfileField, Registration
from storage.staff import Role

CHUNK = 5_000
TOWNSHIPS = ("chengguan", "liuhe", "qingshi", "yunling", "baishui", "songping", "hekou", "meizi", None)
FIELDS = ("farming", "making", "digital", "trade", "building", "other")
KINDS = ("answered", "answered", "answered", "not_found", "clarify", "handoff")
TOPICS = ("land", "funds", "tax", "loan", "school", "housing", "other")
SEALED = "s1.0.".ljust(300, "x")


async def fill(app: App, people: int) -> None:
    """Store so many people, each with a registration, a question left (one in ten open) and one counted."""
    now, chance = app.desk.clock.now(), random.Random(7)

    def some_day() -> datetime:
        return now - timedelta(minutes=chance.randrange(400 * 24 * 60))

    for begin in range(0, people, CHUNK):
        names = [f"p{number:08}" for number in range(begin, min(people, begin + CHUNK))]
        rows: list[tuple[type, list[dict[str, Any]]]] = [
            (Person, [{"id": name, "created_at": some_day()} for name in names]),
            (Profile, [_profile(name, some_day(), chance) for name in names]),
            (ProfileField, [{"person_id": name, "field": chance.choice(FIELDS)} for name in names]),
            (Registration, [_registration(name, some_day(), chance) for name in names]),
            (LeftQuestionRow, [_question(name, some_day(), number % 10 == 0) for number, name in enumerate(names)]),
            (AskedQuestion, [_asked(some_day(), chance) for _ in names]),
        ]
        async with app.desk.database.write() as connection:
            for table, values in rows:
                await connection.execute(insert(table), values)


def _profile(name: str, at: datetime, chance: random.Random) -> dict[str, Any]:
    told = {"person_id": name, "name": SEALED, "township": chance.choice(TOWNSHIPS), "language": "zh-Hans"}
    return told | {"source": "chat", "state": "active", "created_at": at, "updated_at": at}


def _registration(name: str, at: datetime, chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(("native", "expert", "invest"))
    told = {"number": f"R{name}", "person_id": name, "kind": kind, "slot": kind, "record": SEALED * 3}
    return told | {"state": "submitted", "consent_version": "1", "created_at": at, "updated_at": at}


def _question(name: str, at: datetime, is_open: bool) -> dict[str, Any]:
    told = {"number": name, "person_id": name, "channel": "web", "chat": name, "language": "zh-Hans", "text": SEALED}
    told |= {"name": SEALED, "contact_kind": "phone", "contact": SEALED, "consent_version": "1"}
    done = None if is_open else at + timedelta(hours=5)
    state = "open" if is_open else "answered"
    return told | {"asked_at": at, "state": state, "answer": None if is_open else SEALED, "answered_at": done}


def _asked(at: datetime, chance: random.Random) -> dict[str, Any]:
    told = {"day": at.date(), "kind": chance.choice(KINDS), "topic": chance.choice(TOPICS)}
    return told | {"channel": chance.choice(("telegram", "web")), "township": chance.choice(TOWNSHIPS)}


async def signed_in(app: App, login: str, role: Role, township: str | None) -> str:
    """Give the cookie of a session of somebody of this role."""
    member, _ = await registry_desk.invite(app.desk, role, township)
    now, token = app.desk.clock.now(), f"{login:-<43}"
    async with app.desk.database.write() as connection:
        account = {"member_id": member, "login": login, "password_hash": "-", "totp": "-", "totp_step": 0}
        await connection.execute(insert(ConsoleAccount).values(**account, created_at=now))
        await console_accounts.open_session(connection, member, token, at=now, ends_at=now + timedelta(hours=12))
    return token


async def measure(people: int) -> None:
    """Print the median of five draws, after one that warms up."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_app(Settings(home=Path(folder), county=Path("samples/county.toml"))) as app:
            began = time.perf_counter()
            await fill(app, people)
            print(
                f"{people:,} people, as many questions left and counted: stored in {time.perf_counter() - began:.0f} s"
            )
            transport = httpx.ASGITransport(
                create_app(app, WebChannel(app.desk.database, app.desk.clock, app.desk.ids))
            )
            today = datetime.now(UTC).date()
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                for role, township in ((Role.COUNTY_ADMIN, None), (Role.TOWNSHIP, "liuhe")):
                    token = await signed_in(app, role.value, role, township)
                    for days in (30, 365):
                        took = []
                        for _ in range(6):
                            began = time.perf_counter()
                            first = today - timedelta(days=days - 1)
                            answer = await client.get(
                                "/console", params={"first": str(first)}, headers={"cookie": f"desk={token}"}
                            )
                            took.append((time.perf_counter() - began) * 1000)
                            assert answer.status_code == 200
                        first_ms, *rest = took
                        print(f"{role.value:13} {days:4} days: {sorted(rest)[2]:4.0f} ms (the first {first_ms:.0f} ms)")


def main(arguments: Sequence[str]) -> None:
    """Measure with 100,000 people, or as many as given."""
    asyncio.run(measure(int(arguments[0]) if arguments else 100_000))


if __name__ == "__main__":
    main(sys.argv[1:])
