"""One writer per process: whatever waits to be stored is committed together, so that every message can be durable.

A commit waits for the disk; fifty chats that each waited alone would wait fifty times. If anything in
a group is refused, the group is rolled back and each part tries alone: a conflict stays its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers.clock import Clock
from handlers.outcome import Outcome
from storage import conversations, inbox, outbox
from storage.conversations import Conversation
from storage.database import Connection, Database
from storage.errors import TooEarly
from storage.inbox import Arrived, Waiting
from storage.outbox import Outgoing

log = logging.getLogger(__name__)

# Until then only this process sends a reply it has committed.
LEASE = timedelta(seconds=15)


@dataclass(slots=True)
class _Part:
    """What one caller wants stored, and the future that tells them."""

    done: asyncio.Future[Any]
    arrived: Sequence[Arrived] = ()
    waiting: Waiting | None = None
    before: Conversation | None = None
    outcome: Outcome | None = None
    sent: Sequence[int] = ()
    result: list[Any] = field(default_factory=list)


class GroupCommit:
    """Collects parts and commits them in groups, in the order they came."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._parts: list[_Part] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._write(), name="group-commit")

    async def stop(self) -> None:
        """Commit what waits, then end."""
        task, self._task = self._task, None
        self._wake.set()
        if task is not None:
            await task

    async def store(self, arrived: Sequence[Arrived]) -> list[Waiting]:
        """Store messages; give those that are new. They are durable when this returns."""
        return await self._submit(arrived=arrived)

    async def complete(self, waiting: Waiting, before: Conversation, outcome: Outcome) -> list[Outgoing]:
        """Store what came of a message, once and together: done, conversation, effects, replies.

        Gives the replies to send. Raises Conflict if nothing was written because the facts have changed.
        """
        return await self._submit(waiting=waiting, before=before, outcome=outcome)

    async def mark_sent(self, numbers: Sequence[int]) -> None:
        """Store that replies have been taken by their channel."""
        await self._submit(sent=numbers)

    async def _submit(self, **what: Any) -> list[Any]:
        part = _Part(asyncio.get_running_loop().create_future(), **what)
        self._parts.append(part)
        self._wake.set()
        result: list[Any] = await part.done
        return result

    async def _write(self) -> None:
        while self._task is not None or self._parts:
            await self._wake.wait()
            self._wake.clear()
            parts, self._parts = self._parts, []
            if parts:
                await self._commit(parts)

    async def _commit(self, parts: Sequence[_Part]) -> None:
        try:
            async with self._database.write() as connection:
                await self._apply(connection, parts)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller whose part it was must hear of it
            if len(parts) > 1:
                for part in parts:
                    await self._commit([part])
            elif not parts[0].done.done():
                parts[0].done.set_exception(error)
            return
        for part in parts:
            if not part.done.done():
                part.done.set_result(part.result)

    async def _apply(self, connection: Connection, parts: Sequence[_Part]) -> None:
        """Write all parts with as few statements as they have kinds."""
        now = self._clock.now()
        for part in parts:
            part.result = []
        await self._store(connection, [part for part in parts if part.arrived])
        await self._complete(connection, [part for part in parts if part.outcome is not None])
        if sent := [number for part in parts for number in part.sent]:
            await outbox.mark_sent(connection, sent, now)

    async def _store(self, connection: Connection, parts: Sequence[_Part]) -> None:
        new = await inbox.store(connection, [arrived for part in parts for arrived in part.arrived])
        whose = {(a.channel, a.update): part for part in reversed(parts) for a in part.arrived}
        for waiting in new:
            whose[waiting.channel, waiting.update].result.append(waiting)

    async def _complete(self, connection: Connection, parts: Sequence[_Part]) -> None:
        if not parts:
            return
        now = self._clock.now()
        done = [(p.waiting, p.before, p.outcome) for p in parts if p.waiting and p.before and p.outcome]
        if not self._database.is_sqlite:
            # Several processes may serve a channel: a message waits for the earlier ones of its chat.
            for waiting, _, _ in done:
                if not await inbox.is_first(connection, waiting):
                    raise TooEarly("an earlier message of this chat is not done yet")
        await inbox.finish(connection, [waiting.seq for waiting, _, _ in done], now)
        await conversations.save(connection, [(before, outcome.conversation) for _, before, outcome in done], now)
        for _, _, outcome in done:
            for effect in outcome.effects:
                await effect(connection)
        rows = [
            (waiting.channel, waiting.chat, reply.model_dump_json())
            for waiting, _, outcome in done
            for reply in outcome.replies
        ]
        stored = iter(await outbox.enqueue_leased(connection, rows, now, leased_until=now + LEASE))
        for part, (_, _, outcome) in zip(parts, done, strict=True):
            part.result = [next(stored) for _ in outcome.replies]
