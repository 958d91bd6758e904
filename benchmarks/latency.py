"""How long a question takes through reception and the database: `python -m benchmarks.latency`.

The sample county's questions are asked one after the other, then by fifty people at once; every message is stored,
answered, committed and its reply handed to a channel that costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from bot.app import open_app
from bot.channels import Receive
from bot.serving import open_reception
from bot.settings import Settings
from handlers.dialogue import Message, Reply

SAMPLES = Path(__file__).parent.parent / "samples"
ROUNDS = 3
QUESTIONS = 400
PEOPLE = 50


class Slot:
    """A channel that only tells when a reply has come."""

    name = "bench"

    def __init__(self) -> None:
        self.replied: dict[str, asyncio.Event] = {}

    async def run(self, receive: Receive) -> None:
        await asyncio.Event().wait()

    async def send(self, chat: str, reply: Reply) -> None:
        self.replied[chat].set()

    async def working(self, chat: str) -> None:
        return


async def main() -> None:
    lines = (SAMPLES / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines]
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), database=os.environ.get("LAOXIANG_DATABASE", ""))
        async with open_app(settings) as app:
            await app.library.index([SAMPLES / "documents"])
            slot = Slot()
            async with open_reception(app, {slot.name: slot}) as reception:
                print(f"{'':<22}{'questions/s':>12}{'p50 ms':>9}{'p95 ms':>9}")
                for people in (1, PEOPLE):
                    await ask(reception.receive, slot, questions, people, f"warm{people}")
                    rounds = [
                        await ask(reception.receive, slot, questions, people, f"{people}-{n}") for n in range(ROUNDS)
                    ]
                    rate, p50, p95 = (statistics.median(figures) for figures in zip(*rounds, strict=True))
                    who = "one person" if people == 1 else f"{people} people at once"
                    print(f"{who:<22}{rate:>12.0f}{p50:>9.1f}{p95:>9.1f}")


async def ask(receive: Receive, slot: Slot, questions: list[str], people: int, run: str) -> tuple[float, float, float]:
    """Ask in a closed loop; gives questions a second, p50 and p95 in milliseconds."""
    texts, times, left = cycle(questions), [], QUESTIONS

    async def person(chat: str) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            slot.replied[chat] = asyncio.Event()
            start = time.perf_counter()
            now = datetime.now(UTC)
            update = f"{run}-{left}"
            message = Message(channel=slot.name, update=update, chat=chat, sender=chat, at=now, text=next(texts))
            await receive([message])
            await slot.replied[chat].wait()
            times.append((time.perf_counter() - start) * 1000)

    start = time.perf_counter()
    await asyncio.gather(*(person(f"{run}-{n}") for n in range(people)))
    rate = len(times) / (time.perf_counter() - start)
    return rate, statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    asyncio.run(main())
