"""Announcements under kill -9, refusals and dropped connections, several workers and many people.

`python -m benchmarks.broadcasts [--people 10000] [--kills 20] [--only kills faults …]`. Each line tells what was lost
and what came twice, counted on Telegram's side. Real processes, real databases, a simulated Telegram; PostgreSQL comes
from a wheel and needs the extra `dev`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import text

from benchmarks.reminders import databases, named
from bot.announcing import engine
from handlers.announce_rules import chosen
from handlers.desk import Office
from handlers.dialogue import Reply
from storage import announcements, recipient_plan, recipients
from storage.announcement_tables import Promise, RecipientState
from tests.journeys.crowd import FIRST, Crowd, announce, arrivals, crowded, opened, settings_of, written
from tests.journeys.killing import laoxiang
from tests.simulated_telegram import CUT_AFTER, Fault, User

PATIENCE_S = 900.0


@dataclass
class Weather:
    """What goes wrong, by chance; and what was done against the rules meanwhile."""

    too_many: float = 0.0
    dropped: float = 0.0
    retry_s: int = 2
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    held: dict[int, float] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)
    too_early: int = 0
    too_close: int = 0
    at: list[float] = field(default_factory=list)

    def __call__(self, method: str, params: dict[str, Any]) -> Fault | None:
        if method != "sendMessage":
            return None
        now, chat = perf_counter(), params["chat_id"]
        self.too_early += now < self.held.get(chat, 0.0)
        self.at.append(now)
        if chat < FIRST:
            # Somebody who asks: how long they wait shall tell of the pace alone.
            return None
        self.too_close += now < self.last.get(chat, -1.0) + 1.0
        self.last[chat] = now
        lot = self.chance.random()
        if lot < self.too_many:
            self.held[chat] = now + self.retry_s
            return Fault(429, retry_after=self.retry_s)
        return CUT_AFTER if lot < self.too_many + self.dropped else None

    @property
    def busiest(self) -> int:
        """Give the most calls in any one second."""
        most, first = 0, 0
        for place, at in enumerate(self.at):
            while self.at[first] <= at - 1.0:
                first += 1
            most = max(most, place - first + 1)
        return most


@dataclass
class Result:
    people: int
    copies: Counter[int]
    states: dict[RecipientState, int]
    listed: set[str]
    lost: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        twice = sum(count * (copies - 1) for copies, count in self.copies.items() if copies > 1)
        states = ", ".join(f"{state.value} {count}" for state, count in self.states.items() if count)
        return f"lost {self.lost}, once more {twice}, at most {max(self.copies)} copies; {states}"


async def run(
    home: Path,
    url: str,
    people: int,
    *,
    promise: Promise = Promise.AT_LEAST_ONCE,
    workers: int = 1,
    kills: int = 0,
    rate: float = 0.0,
    weather: Weather | None = None,
    blocked: float = 0.0,
) -> tuple[Result, list[float]]:
    """Announce something to many, killing workers meanwhile; give what arrived, and how long each new start took."""
    chance = random.Random(f"{url[:6]} {workers} {promise}")
    async with Crowd(people, weather or Weather(), blocked=blocked) as crowd:
        settings = crowd.settings(home, url, rate)
        await crowded(settings, people)
        await announce(settings, promise)
        resumed: list[float] = []
        async with AsyncExitStack() as stack:
            some = [await stack.enter_async_context(laoxiang("work", settings)) for _ in range(workers)]
            await arrivals(crowd, 1, PATIENCE_S)
            first = perf_counter()
            for kill in range(kills):
                await arrivals(crowd, (kill + 1) * people // (kills + 2), PATIENCE_S)
                await asyncio.sleep(chance.random() * 0.2)
                victim = chance.randrange(workers)
                some[victim].kill()
                await some[victim].wait()
                died, count = perf_counter(), crowd.sent
                some[victim] = await stack.enter_async_context(laoxiang("work", settings))
                if workers == 1:
                    await arrivals(crowd, count + 1, PATIENCE_S)
                    resumed.append(perf_counter() - died)
            result = await finished(settings, crowd)
            result.seconds = perf_counter() - first
        return result, resumed


async def finished(settings: dict[str, str], crowd: Crowd) -> Result:
    """Wait until nobody is left, and compare what is noted with what arrived."""
    async with opened(settings) as office:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with office.database.read() as connection:
                    counts = await recipients.counts(connection, "A1")
                if not counts[RecipientState.PENDING] and not counts[RecipientState.SENDING] and sum(counts.values()):
                    break
                await asyncio.sleep(0.25)
        async with office.database.read() as connection:
            unknown = await recipients.with_state(connection, "A1", [RecipientState.UNKNOWN], limit=1_000_000)
    copies = crowd.copies()
    listed = {one.chat for one in unknown}
    # Who is listed as unknown was never promised anything else.
    known = crowd.blocked_chats | listed
    lost = sum(1 for chat, count in copies.items() if not count and chat not in known)
    return Result(len(copies), Counter(copies.values()), counts, listed, lost)


def memory_of(pid: int) -> float:
    """Give the memory a process holds, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def told(name: str, result: Result, resumed: Sequence[float], kills: int) -> str:
    longest = f"; resumes in {max(resumed):.1f} s at most" if resumed else ""
    return f"{name}: {result.people} people, {kills} kills: {result}{longest}; {result.seconds:.0f} s"


async def paced(home: Path, url: str, seconds: int, rate: int) -> str:
    """Announce at the pace of a bot that also answers; count everything on the server's side."""
    weather = Weather(too_many=0.1, dropped=0.01)
    people = int(1.2 * seconds * rate)
    async with Crowd(people, weather) as crowd:
        settings = crowd.settings(home, url, rate)
        askers = [crowd.user(7 + number) for number in range(20)]
        await crowded(settings, people)
        async with laoxiang("serve", settings):
            for asker in askers:
                asker.sends("/help")
            for asker in askers:
                await asker.sees(lambda asker=asker: asker.messages, PATIENCE_S)
                await asker.waits_for_reply(len(asker.messages))
            await announce(settings, Promise.AT_LEAST_ONCE)
            await arrivals(crowd, crowd.sent + 2 * rate, PATIENCE_S)
            weather.at.clear()
            begun, waits = perf_counter(), []
            answers = [asyncio.create_task(asks(asker, begun + seconds, waits)) for asker in askers]
            await asyncio.gather(*answers)
            took = perf_counter() - begun
            calls = len(weather.at)
    waits.sort()
    return (
        f"{rate}/s: {calls / took:.1f}/s used, at most {weather.busiest} in a second; {len(waits)} replies, "
        f"p50 {waits[len(waits) // 2]:.2f} s, p95 {waits[int(0.95 * len(waits))]:.2f} s; "
        f"sent too early {weather.too_early}, in a chat too close {weather.too_close}"
    )


async def asks(user: User, until: float, waits: list[float]) -> None:
    """Ask something every few seconds, and time the answers."""
    chance = random.Random(user.id)
    while perf_counter() < until:
        await asyncio.sleep(chance.random() * 12)
        begun = perf_counter()
        user.sends("/help")
        await user.waits_for_reply()
        waits.append(perf_counter() - begun)


async def measure(people: int, kills: int, pace_s: int, only: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "pg").mkdir()
        async with databases(home) as (sqlite, postgresql):
            if "kills" in only:
                for promise in Promise:
                    short = promise.value.replace("_", "")
                    result, resumed = await run(
                        home / short, named(sqlite, short), people, promise=promise, kills=kills
                    )
                    print(told(f"SQLite, {promise.value}", result, resumed, kills), flush=True)
            if "faults" in only:
                weather = Weather(too_many=0.1, dropped=0.01)
                result, resumed = await run(
                    home / "faults", named(sqlite, "faults"), people, kills=kills, weather=weather, blocked=0.05
                )
                print(told("SQLite, 10 % 429, 1 % dropped, 5 % blocked", result, resumed, kills), flush=True)
                print(f"  sent too early {weather.too_early}, in a chat too close {weather.too_close}", flush=True)
            if "workers" in only:
                for workers in (2, 4):
                    for promise in Promise:
                        short = f"w{workers}{promise.value.replace('_', '')}"
                        result, resumed = await run(
                            home / short,
                            named(postgresql, short),
                            people,
                            promise=promise,
                            kills=kills,
                            workers=workers,
                        )
                        name = f"PostgreSQL, {workers} workers, {promise.value}"
                        print(told(name, result, resumed, kills), flush=True)
            if "pace" in only:
                print(f"SQLite: {await paced(home / 'pace', named(sqlite, 'pace'), pace_s, 30)}", flush=True)
            if "starts" in only:
                print(f"PostgreSQL: {await started_at_once(home, postgresql, 100)}", flush=True)
            if "speed" in only:
                for name, url in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
                    await speed(home, name, url, people)
            if "plan" in only:
                for name, url in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
                    await planned(home, name, named(url, "plan"), 100 * people)


async def started_at_once(home: Path, url: str, times: int) -> str:
    """Let two engines begin on the same announcement at the same moment, again and again."""
    twice = lost = 0
    settings = settings_of(home / "starts", named(url, "starts"))
    people = 60
    await crowded(settings, people)
    async with opened(settings) as office, opened(settings) as other:
        for number in range(times):
            said: Counter[str] = Counter()
            await written(office.database, Promise.AT_LEAST_ONCE, number=f"S{number}", topic="service")
            engines = [engine(one, {"telegram": Counting(said)}) for one in (office, other)]
            await asyncio.gather(*(one.round() for one in engines))
            await engines[0].round()
            twice += sum(count - 1 for count in said.values())
            lost += people - len(said)
    return f"{times} times two at once, {people} people: lost {lost}, twice {twice}"


class Counting:
    """A channel that counts what comes."""

    name = "telegram"

    def __init__(self, said: Counter[str]) -> None:
        self._said = said

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        self._said[chat] += 1
        return ["1"]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        return False

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        return False


async def speed(home: Path, name: str, url: str, people: int) -> None:
    """Send as fast as it goes to some, and to ten times as many; compare memory."""
    peaks = []
    for count in (people, 10 * people):
        short = f"speed{name.lower()}{count}"
        async with Crowd(count, None) as crowd:
            settings = crowd.settings(home / short, named(url, short), 0.0)
            await crowded(settings, count)
            await announce(settings, Promise.AT_LEAST_ONCE)
            async with laoxiang("work", settings) as process:
                await arrivals(crowd, 1, PATIENCE_S)
                begun = perf_counter()
                peak = 0.0
                while crowd.sent < count:
                    await asyncio.sleep(0.5)
                    peak = max(peak, memory_of(process.pid))
                seconds = perf_counter() - begun
            peaks.append(peak)
            print(f"{name}: {count} people at {count / seconds:.0f}/s, {peak:.0f} MB", flush=True)
    print(f"{name}: memory of ten times as many: {peaks[1] / peaks[0]:.2f} x", flush=True)


async def planned(home: Path, name: str, url: str, people: int) -> None:
    """Time the writing of recipients, and how long another writer waits meanwhile."""
    async with opened(settings_of(home / f"plan{name}", url)) as office:
        await crowded(settings_of(home / f"plan{name}", url), people)
        print(await plan_once(office, name), flush=True)


async def plan_once(office: Office, name: str) -> str:
    database = office.database
    await written(database, Promise.AT_LEAST_ONCE)
    waits: list[float] = []
    now = datetime.now(UTC)
    async with database.write() as connection:
        assert await recipient_plan.take_planning(connection, "A1", "me", now)
        found = await announcements.by_number(connection, "A1")
    assert found is not None

    async def writes() -> None:
        while True:
            asked = perf_counter()
            async with database.write() as connection:
                await connection.execute(text("UPDATE documents_revision SET revision = revision"))
            waits.append(perf_counter() - asked)
            await asyncio.sleep(0.05)

    writer = asyncio.create_task(writes())
    begun = perf_counter()
    count = await recipient_plan.plan(
        database,
        "A1",
        chosen(office, found, now),
        due_at=now,
        daytime=True,
        planner="me",
        clock=lambda: datetime.now(UTC),
    )
    seconds = perf_counter() - begun
    writer.cancel()
    waits.sort()
    p95, most = 1000 * waits[int(0.95 * len(waits))], 1000 * waits[-1]
    return f"{name}: {count} planned in {seconds:.0f} s; another writer waits p95 {p95:.0f} ms, at most {most:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pace-s", type=int, default=120, help="how long the pace is watched")
    parts = ["kills", "faults", "workers", "pace", "starts", "speed", "plan"]
    parser.add_argument("--only", nargs="*", default=parts, choices=parts)
    given = parser.parse_args()
    asyncio.run(measure(given.people, given.kills, given.pace_s, given.only))


if __name__ == "__main__":
    main()
