"""Two hundred people on the chat page at once: until the first words, and whether anything fails.

`python -m benchmarks.web` starts the assistant with the sample county and lets people ask, read for some seconds, and
ask again; then all of them at the same moment. Times run from sending to the first words in the stream.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import aiohttp

QUESTIONS = [
    json.loads(line)["text"] for line in Path("samples/questions.jsonl").read_text("utf-8").splitlines() if line
]
READING_S = (8.0, 20.0)  # until the next question


@dataclass
class Told:
    """How long people waited, in seconds, and what went wrong."""

    waits_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        waits = sorted(self.waits_s)
        p95 = waits[int(0.95 * len(waits))] if waits else float("nan")
        middle = statistics.median(waits) if waits else float("nan")
        return (
            f"{len(waits)} answers, p50 {middle * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, {len(self.failures)} failures"
        )


class Somebody:
    """One person with a page open, behind an address of their own."""

    def __init__(self, http: aiohttp.ClientSession, number: int) -> None:
        self._http = http
        self._headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        self._heard = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def sits_down(self) -> None:
        async with self._http.post("/api/v1/chats", headers=self._headers) as answer:
            answer.raise_for_status()
            token = (await answer.json())["token"]
        self._headers["Authorization"] = f"Bearer {token}"
        opened = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(opened))
        await opened.wait()

    async def asks(self, told: Told) -> None:
        self._heard.clear()
        said = {"update": uuid4().hex, "text": random.choice(QUESTIONS)}
        began = perf_counter()
        try:
            async with self._http.post("/api/v1/messages", json=said, headers=self._headers) as answer:
                if answer.status != 202:
                    told.failures.append(f"{answer.status}")
                    return
            async with asyncio.timeout(30):
                await self._heard.wait()
        except (TimeoutError, aiohttp.ClientError) as error:
            told.failures.append(type(error).__name__)
            return
        told.waits_s.append(perf_counter() - began)

    async def leaves(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, opened: asyncio.Event) -> None:
        wait = aiohttp.ClientTimeout(total=None)
        async with self._http.get("/api/v1/messages/stream", headers=self._headers, timeout=wait) as events:
            opened.set()
            async for line in events.content:
                if line.startswith(b"data: {") and b'"mine":false' in line.replace(b" ", b""):
                    self._heard.set()


async def measure(url: str, people: int, questions: int) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, connector=connector) as http:
        crowd = [Somebody(http, number) for number in range(1, people + 1)]
        for start in range(0, people, 20):
            await asyncio.gather(*(person.sits_down() for person in crowd[start : start + 20]))
        reading, at_once = Told(), Told()

        async def talk(person: Somebody) -> None:
            await asyncio.sleep(random.uniform(0, READING_S[1]))
            for _ in range(questions):
                await person.asks(reading)
                await asyncio.sleep(random.uniform(*READING_S))

        await asyncio.gather(*(talk(person) for person in crowd))
        print(f"{people} people who read between questions: {reading}")
        await asyncio.gather(*(person.asks(at_once) for person in crowd))
        print(f"{people} people at the same moment: {at_once}")
        for failure in sorted({*reading.failures, *at_once.failures}):
            print(f"  failed: {failure}")
        await asyncio.gather(*(person.leaves() for person in crowd))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--questions", type=int, default=4)
    asked = parser.parse_args()
    random.seed(7)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "LAOXIANG_HOME": home,
            "LAOXIANG_COUNTY": "samples/county.toml",
            "LAOXIANG_PORT": str(port),
        }
        laoxiang = str(Path(sys.executable).parent / "laoxiang")
        subprocess.run([laoxiang, "index", "samples/documents"], env=environment, check=True, stdout=subprocess.DEVNULL)
        with subprocess.Popen([laoxiang, "serve"], env=environment, stdout=subprocess.DEVNULL) as server:
            try:
                asyncio.run(_when_ready(f"http://127.0.0.1:{port}", asked.people, asked.questions))
            finally:
                server.send_signal(signal.SIGTERM)


async def _when_ready(url: str, people: int, questions: int) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(300):
            try:
                async with http.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    await measure(url, people, questions)


if __name__ == "__main__":
    main()
