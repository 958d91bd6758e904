"""The receiving end of a channel under test, and the patience it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.channels.telegram import TelegramChannel
from handlers.dialogue import Message


class Ear:
    """Hears what a running channel hands over; queued faults stand for a database that is away."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.faults: list[Exception] = []
        self.waits: list[float] = []
        self._heard = asyncio.Condition()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, messages: Sequence[Message]) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.messages += messages
        async with self._heard:
            self._heard.notify_all()

    async def sleep(self, seconds: float) -> None:
        """Note how long the channel would have waited, and let it go on."""
        self.waits.append(seconds)
        await asyncio.sleep(0)

    async def hears(self, count: int = 1) -> list[Message]:
        """Wait for so many messages in all, and give the last."""
        async with asyncio.timeout(10), self._heard:
            await self._heard.wait_for(lambda: len(self.messages) >= count or self._failed())
        if self._running is not None and self._failed():
            await self._running
        return self.messages

    def listen(self, channel: TelegramChannel) -> None:
        self._running = asyncio.create_task(channel.run(self))

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _failed(self) -> bool:
        return self._running is not None and self._running.done()


def place(latitude: float = 28.2, longitude: float = 112.9) -> dict[str, Any]:
    return {"location": {"latitude": latitude, "longitude": longitude}}
