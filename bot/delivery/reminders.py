"""Works off what has fallen due, each once: effect, words into the outbox and "done" are one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime

from handlers import reminding
from handlers.desk import Office
from storage import due, jobs, outbox, reminders
from storage.database import Connection
from storage.reminders import Kind, Reminder

log = logging.getLogger(__name__)

# These end or open something, if nobody was faster: what they are about is locked and decides, the row only says when
# to look.
# Whoever confirms or cancels locks in that order too, so the row is not held before. Each is a transaction of its own.
SETTLING = frozenset({Kind.HOLD_ENDS, Kind.PENDING_ENDS, Kind.WAIT_OFFER_ENDS, Kind.WAIT_ENDS, Kind.HOURS_OPENED})
# These only tell, and wait for nobody: the row decides.
TELLING = frozenset(Kind) - SETTLING
BATCH = 20  # of those that only tell, in one transaction: others wait for it to write
PUT_OFF_S = 30.0  # until one that could not be done is tried again


class _Elsewhere(Exception):
    """Whom it is for is in no chat of this process."""


class Reminders:
    """What is due, batch by batch. Several processes share it: a row in the hands of one is passed over by others."""

    def __init__(self, office: Office, channels: Collection[str] | None = None) -> None:
        self._office = office
        self._channels = channels
        # Tried in vain, until when by the loop's clock. Lost with the process, which only means: tried sooner.
        self._put_off: dict[Reminder, float] = {}
        self._stopping = False

    def stop(self) -> None:
        """Begin no further batch."""
        self._stopping = True

    async def work(self) -> int:
        """Do all that is due now; give how much that was. Nothing is done while the jobs are paused."""
        now = self._office.clock.now()
        async with self._office.database.read() as connection:
            if not await reminders.due(connection, now, limit=1) or await _is_paused(connection):
                return 0
        moment = asyncio.get_running_loop().time()
        self._put_off = {one: until for one, until in self._put_off.items() if until > moment}
        # First what settles something: what is to be told of it is due at once.
        return await self._work(now, SETTLING, 1) + await self._work(now, TELLING, BATCH)

    async def _work(self, now: datetime, kinds: Collection[Kind], batch: int) -> int:
        loop, done = asyncio.get_running_loop(), 0
        last: Reminder | None = None
        while not self._stopping:
            begun = loop.time()
            async with self._office.database.write() as connection:
                if await _is_paused(connection):
                    break
                taken = await due.take(connection, now, kinds, after=last, limit=batch, lock=kinds is TELLING)
                for one in taken:
                    done += await self._do(connection, one)
            if len(taken) < batch:
                break
            last = taken[-1]
            # Answers are written in between: half of the time belongs to them.
            await asyncio.sleep(loop.time() - begun)
        return done

    async def _do(self, connection: Connection, one: Reminder) -> bool:
        """Do one thing in a savepoint of its own, so that a fault in it costs the others nothing."""
        if one in self._put_off:
            return False
        now = self._office.clock.now()
        try:
            async with connection.begin_nested():
                if not await self._carry_out(connection, one, now):
                    return False
        except _Elsewhere:
            self._later(one)
            return False
        except Exception:
            # It stays due. Its subject is a booking's number and no word about a person.
            log.exception("reminder.failed", extra={"kind": one.kind, "subject": one.subject})
            self._later(one)
            return False
        # How late it is tells of a process that was away.
        log.info("reminder.done", extra={"kind": one.kind, "late_s": round((now - one.due_at).total_seconds())})
        return True

    async def _carry_out(self, connection: Connection, one: Reminder, now: datetime) -> bool:
        """Mark it done, do it and queue what is to be said; False if it was done or dropped meanwhile."""
        if one.kind in TELLING and not await reminders.mark_done(connection, one):
            return False
        notices = await reminding.carry_out(connection, one, self._office, now)
        if one.kind in SETTLING:
            await reminders.mark_done(connection, one)
        for notice in notices:
            if self._channels is not None and notice.channel not in self._channels:
                raise _Elsewhere
            await outbox.enqueue(connection, notice.channel, notice.chat, [notice.reply], now)
        return True

    def _later(self, one: Reminder) -> None:
        self._put_off[one] = asyncio.get_running_loop().time() + PUT_OFF_S


async def _is_paused(connection: Connection) -> bool:
    return (await jobs.standing(connection)).paused_at is not None
