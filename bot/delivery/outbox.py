"""Send committed replies, chat by chat in order; keep trying what can still arrive, mark what can't."""

from __future__ import annotations

import asyncio
import logging
from bisect import insort
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import datetime
from operator import attrgetter

from bot.busy import Busy
from bot.channels import Channel, TryLater, Undeliverable
from bot.group_commit import LEASE, GroupCommit
from handlers.clock import Clock
from handlers.dialogue import Reply
from storage import outbox
from storage.database import Database
from storage.errors import PASSING
from storage.outbox import OutboxState, Outgoing

log = logging.getLogger(__name__)

AT_ONCE = 25  # on their way of what nobody waits for: so many may arrive twice if the process is killed
PASSING_S = 3.0  # until a reply is tried again that the database kept from going out
TURN_S = 0.05  # until a reply asks again whether another process has said what comes before it


class Outbox:
    """Sends replies over their channels. Different chats at once, one chat's replies one after the other."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], ledger: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._channels = channels
        self._ledger = ledger
        self._clock = clock
        self._queues: dict[tuple[str, str], list[Outgoing]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        # Reminders, answers of staff, what was left over: they may come by the hundred, and let replies go first.
        self._unhurried: set[int] = set()
        self._ways = asyncio.Semaphore(AT_ONCE)
        self._kept_at = clock.now()
        self.busy = Busy()

    def post(self, replies: Iterable[Outgoing]) -> None:
        """Send stored replies as soon as those before them in their chat are gone."""
        for reply in replies:
            chat = (reply.channel, reply.chat)
            queue = self._queues.get(chat)
            if queue is not None:
                # In the order they were stored: what a process left that is gone may come later.
                insort(queue, reply, key=attrgetter("id"))
                continue
            self._queues[chat] = [reply]
            task = asyncio.create_task(self._serve(chat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self.busy.begin()

    async def take_over(self) -> None:
        """Free what a process that is gone had begun to send; for the only server of these channels."""
        async with self._database.write() as connection:
            await outbox.take_over(connection, list(self._channels))

    async def poll(self) -> None:
        """Take up replies that no process is sending: left over, or queued elsewhere (a staff member's answer)."""
        now = self._clock.now()
        await self._keep(now)
        async with self._database.read() as connection:
            if not await outbox.has_due(connection, list(self._channels), now):
                return
        taken: list[Outgoing] = []
        async with self._database.write() as connection:
            # All of them: a reply left behind would be overtaken by the next one in its chat.
            while more := await outbox.take_due(connection, list(self._channels), now, now + LEASE):
                taken += more
        sending = {reply.id for queue in self._queues.values() for reply in queue}
        new = [reply for reply in taken if reply.id not in sending]
        self._unhurried.update(reply.id for reply in new)
        self.post(new)

    async def stop(self) -> None:
        """Send what can be sent at once; what has to wait stays stored for the next start."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)

    async def _serve(self, chat: tuple[str, str]) -> None:
        queue = self._queues[chat]
        try:
            while queue:
                # It stays in the queue while it is on its way, so that `poll` sees it there.
                reply = queue[0]
                if await self._is_next(reply) and await self._send(reply):
                    queue.remove(reply)
                    self._unhurried.discard(reply.id)
                elif self._stopping.is_set():
                    break
        finally:
            self._unhurried.difference_update(reply.id for reply in queue)
            del self._queues[chat]
            self.busy.end()

    async def _is_next(self, reply: Outgoing) -> bool:
        """Tell whether a reply's turn has come; False after a moment's wait if another process has an earlier one."""
        if self._database.is_sqlite:
            return True
        async with self._database.read() as connection:
            if await outbox.is_next(connection, reply):
                return True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), TURN_S)
        return False

    async def _send(self, reply: Outgoing) -> bool:
        """Send one reply; False, after the wait the channel asks for, if it has to be tried again."""
        async with self._ways if reply.id in self._unhurried else nullcontext():
            wait_s = await self._attempt(reply)
        if wait_s is None:
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), wait_s)
        return False

    async def _attempt(self, reply: Outgoing) -> float | None:
        """Send one reply and tick it off; give the seconds to wait if it has to be tried again."""
        channel = self._channels[reply.channel]
        try:
            await channel.send(reply.chat, Reply.model_validate_json(reply.body or "{}"))
        except TryLater as wait:
            log.info("outbox.wait", extra={"channel": reply.channel, "seconds": wait.after_s, "reason": str(wait)})
            return wait.after_s
        except Undeliverable as refusal:
            state = OutboxState.BLOCKED if refusal.blocked else OutboxState.FAILED
            log.warning(
                "outbox.undeliverable",
                extra={"reply": reply.id, "state": state.value, "reason": str(refusal)},
            )
            async with self._database.write() as connection:
                await outbox.mark_undeliverable(connection, reply.id, state)
            return None
        except PASSING:
            # No fault of the reply's: a database that is away for a moment comes back.
            log.exception("outbox.not_stored", extra={"channel": reply.channel, "seconds": PASSING_S})
            return PASSING_S
        except Exception:
            # A fault of ours in rendering must not stop the replies behind it; the body is kept.
            log.exception("outbox.failed", extra={"reply": reply.id, "channel": reply.channel})
            async with self._database.write() as connection:
                await outbox.mark_undeliverable(connection, reply.id, OutboxState.FAILED)
            return None
        await self._ledger.mark_sent([reply.id])
        return None

    async def _keep(self, now: datetime) -> None:
        """Prolong our leases in good time, also on replies that wait behind another one of their chat."""
        if not self._queues or now < self._kept_at + LEASE / 3:
            return
        async with self._database.write() as connection:
            await outbox.keep(connection, [reply.id for queue in self._queues.values() for reply in queue], now + LEASE)
        self._kept_at = now
