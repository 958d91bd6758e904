"""Counts what is under way, so that one can wait until nothing is."""

from __future__ import annotations

import asyncio


class Busy:
    """A counter with a door: `idle` returns when it stands at zero."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        self._count += 1
        self._idle.clear()

    def end(self) -> None:
        self._count -= 1
        if not self._count:
            self._idle.set()

    def __bool__(self) -> bool:
        return self._count > 0

    async def idle(self) -> None:
        await self._idle.wait()
