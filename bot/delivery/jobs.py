"""The durable heartbeat: a loop that looks every few seconds for what has fallen due, in as many processes as wanted.

What is due is rows in the database, written with what they are about. The loop itself remembers nothing that
matters, so a kill at any moment and a clock that steps cost at most one round (docs/decisions/0016).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial

from bot.delivery.broadcasts import Broadcasts
from bot.delivery.reminders import Reminders
from handlers.clock import Clock
from handlers.desk import Office
from handlers.retaining import retain_daily
from storage import jobs
from storage.database import Database

log = logging.getLogger(__name__)

ROUND_S = 2.0  # between two looks; a freed slot is offered that soon
RETAIN_S = 600.0  # between two looks whether the day's deleting is due
SEEN_S = 60.0  # how often it is noted that somebody looks, for `laoxiang check`


class Jobs:
    """Looks for what is due until it is stopped."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        reminders: Reminders,
        *,
        retain: Callable[[], Awaitable[Mapping[str, int] | None]] | None = None,
        round_s: float = ROUND_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._reminders = reminders
        self._round_s = round_s
        self._retain = retain
        self._seen: float | None = None
        self._retained: float | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look again and again; ends after the round in which it is stopped."""
        while not self._stopping.is_set():
            try:
                await self.round()
            except Exception:
                # A database that is away for a moment must not end the jobs.
                log.exception("jobs.failed")
            try:
                # By the loop's own clock, which no correction of the machine's moves.
                async with asyncio.timeout(self._round_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Work off what is due now; give how much that was."""
        await self._note_seen()
        done = await self._reminders.work()
        await self._delete_what_is_old()
        return done

    def stop(self) -> None:
        """End after the round in hand."""
        self._stopping.set()
        self._reminders.stop()

    async def _delete_what_is_old(self) -> None:
        """Once a day, by the rows; whether it is due is looked up now and then."""
        now = asyncio.get_running_loop().time()
        if self._retain is None or (self._retained is not None and now < self._retained + RETAIN_S):
            return
        # Before it is tried: what fails must not be tried in every round.
        self._retained = now
        if gone := await self._retain():
            log.info("jobs.retained", extra={name: count for name, count in gone.items() if count})

    async def _note_seen(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._seen is not None and now < self._seen + SEEN_S:
            return
        async with self._database.write() as connection:
            await jobs.see(connection, self._clock.now())
            standing = await jobs.standing(connection)
        self._seen = now
        if standing.paused_at is not None:
            log.warning("jobs.paused", extra={"since": standing.paused_at.isoformat(timespec="seconds")})


@asynccontextmanager
async def working(
    office: Office, channels: Collection[str] | None = None, broadcasts: Broadcasts | None = None
) -> AsyncIterator[None]:
    """Work off what falls due, and send announcements, as long as the block lasts.

    With `channels` only their people are told anything: a terminal has nobody else's chat open.
    """
    going = Jobs(office.database, office.clock, Reminders(office, channels), retain=partial(retain_daily, office))
    tasks = [asyncio.create_task(going.run(), name="jobs")]
    if broadcasts is not None:
        tasks.append(asyncio.create_task(broadcasts.run(), name="announcements"))
    try:
        yield
    finally:
        going.stop()
        if broadcasts is not None:
            broadcasts.stop()
        await asyncio.gather(*tasks)
