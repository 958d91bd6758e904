"""Lets messages of one bot wait for their moment: replies first, all processes together never faster than its rate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from storage import pace
from storage.database import Database
from storage.errors import StorageError
from storage.pace import Moment, Rate

log = logging.getLogger(__name__)

# A reply waits no longer than that, even if the clock was put back; the platform then says what is too much.
PATIENCE_S = 10.0
IN_A_ROW = 6  # chats refused one after the other: then it is the whole bot that has to wait


@dataclass(frozen=True, slots=True)
class _Waiting:
    chat: str
    moment: asyncio.Future[Moment]


class Pace:
    """The pace of one bot as one of its processes sees it."""

    def __init__(self, database: Database, bot: str, per_s: float) -> None:
        self.bot = bot
        self.rate = Rate(per_s)
        self._database = database
        self._waiting: list[_Waiting] = []
        self._asking: asyncio.Task[None] | None = None
        self._refused = 0
        self._left: deque[float] = deque(maxlen=self.rate.most)  # when the latest messages really went

    async def turn(self, chat: str) -> None:
        """Wait until a message of a conversation may go out."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + PATIENCE_S
        while True:
            waiting = _Waiting(chat, loop.create_future())
            self._waiting.append(waiting)
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            moment = await waiting.moment
            await asyncio.sleep(max(0.0, min(moment.at - time.time(), patience - loop.time())))
            if moment.granted or loop.time() >= patience:
                await self.comes()
                return

    async def quiet_turn(self, chat: str) -> None:
        """Wait until one more message may go out that nobody waits for. Raises what storage does."""
        while True:
            async with self._database.write() as connection:
                (moment,) = await pace.take(connection, self.bot, self.rate, [chat], time.time(), hurry=False)
            await asyncio.sleep(max(0.0, moment.at - time.time()))
            if moment.granted:
                await self.comes()
                return

    async def comes(self) -> None:
        """Wait a little more where a busy process let messages pile up that had moments of their own."""
        span_s = self.rate.most / self.rate.per_s
        while len(self._left) == self.rate.most:
            wait_s = self._left[0] + span_s - time.monotonic()
            if wait_s <= 0:
                break
            await asyncio.sleep(wait_s)
        self._left.append(time.monotonic())

    async def refused(self, chat: str, seconds: float) -> None:
        """Note that the platform asked for patience (429)."""
        self._refused += 1
        until = time.time() + seconds
        try:
            async with self._database.write() as connection:
                # The bot first, as whoever takes a moment does.
                if self._refused >= IN_A_ROW:
                    await pace.hold(connection, self.bot, until)
                await pace.hold_chat(connection, self.bot, chat, until)
        except (StorageError, SQLAlchemyError):
            # Whoever called knows how long to wait; the others hear it from the platform.
            log.exception("pace.failed", extra={"bot": self.bot})
            return
        if self._refused >= IN_A_ROW:
            self._refused = 0
            log.warning("pace.held", extra={"bot": self.bot, "seconds": seconds})

    def accepted(self) -> None:
        """Note that the platform took a message."""
        self._refused = 0

    async def _ask(self) -> None:
        """Take moments for all that wait, a transaction for as many as there are."""
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                moments = await self._take([one.chat for one in some])
            except (StorageError, SQLAlchemyError):
                # Better too fast for a moment than silent: the platform says when it is too much.
                log.exception("pace.failed", extra={"bot": self.bot})
                moments = [Moment(time.time())] * len(some)
            for one, moment in zip(some, moments, strict=True):
                if not one.moment.done():
                    one.moment.set_result(moment)

    async def _take(self, chats: Sequence[str]) -> list[Moment]:
        async with self._database.write() as connection:
            return await pace.take(connection, self.bot, self.rate, chats, time.time(), hurry=True)
