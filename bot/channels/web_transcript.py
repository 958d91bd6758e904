"""Writing lines of many chats in one go: who finds the way to the disk free writes for all who wait."""

from __future__ import annotations

import asyncio

from storage import web_chats
from storage.database import Database
from storage.web_chats import Line, NewLine


class Transcript:
    """The lines of all chats. A line is durable when `write` returns; a chat's lines stand in the order they came."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[NewLine, asyncio.Future[Line | None]]] = []
        self._turn = asyncio.Lock()

    async def write(self, line: NewLine) -> Line | None:
        """Write a line below the others of its chat; None if its update is known."""
        done: asyncio.Future[Line | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, done))
        async with self._turn:
            if not done.done():
                await self._write_all()
        return await done

    async def _write_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            async with self._database.write() as connection:
                written = await web_chats.write(connection, [line for line, _ in waiting])
        except asyncio.CancelledError:
            # Whoever waited has to try again; only the one who was writing is no longer there.
            self._refuse(waiting, InterruptedError("the line was not written"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
            self._refuse(waiting, error)
            return
        found = iter(written)
        last = next(found, None)
        for line, done in waiting:
            # In order: one that was known is missing among those written.
            if last is not None and (last.chat, last.body, last.at) == (line.chat, line.body, line.at):
                done.set_result(last)
                last = next(found, None)
            else:
                done.set_result(None)

    def _refuse(self, waiting: list[tuple[NewLine, asyncio.Future[Line | None]]], error: Exception) -> None:
        for _, done in waiting:
            if not done.done():
                done.set_exception(error)
