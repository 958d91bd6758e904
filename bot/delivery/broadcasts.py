"""Looks after announcements from their approval to their report: planned, begun in time, sent, swept up, taken back.

Everything it knows stands in the database: several processes share the work, and one that is killed is replaced by
whoever looks next.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from bot.channels import Announcing
from bot.delivery.pace import Pace
from bot.delivery.recalling import Recalling
from bot.delivery.sending import BEAT_S, Rules, Sending, Turn
from bot.delivery.wording import wordings
from handlers.desk import Office
from storage import announcements, deliveries, pace, recipient_plan, served
from storage.announcement_tables import State
from storage.announcements import Announcement, Open
from storage.database import Connection
from storage.errors import Conflict

log = logging.getLogger(__name__)

ROUND_S = 1.0  # between two looks while nothing is due
SWEEP_S = 2.0
NOTED = timedelta(seconds=30)  # how often it is noted that an announcement goes on
SEEN = timedelta(seconds=60)  # how often it is noted which channels are served
FAULT_S = 1.0
FIRST = 200  # messages that show whether an announcement is any good
FAILING = 0.05  # of them, more than that pauses it
FEW = 3  # failures that nobody need be asked about


class Broadcasts:
    """The announcements' engine in one process. `channels` are those it can send on; other processes have others.

    One that is `serving` is there for everybody: what none of those has, nobody will send on.
    """

    def __init__(
        self,
        office: Office,
        channels: Mapping[str, Announcing],
        rules: Rules,
        paces: Mapping[str, Pace] | None = None,
        *,
        serving: bool = True,
    ) -> None:
        self._office = office
        self._rules = rules
        self._name = uuid4().hex
        self._sending = Sending(office, channels, rules, paces or {}, self._name)
        self._recalling = Recalling(office, channels, paces or {}, self._name)
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        self._swept: float | None = None
        self._serves = frozenset(channels) if serving else frozenset()
        self._began_at: datetime | None = None
        self._seen_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look after announcements until stopped; then what is under way ends and is noted."""
        while not self._stopping.is_set():
            try:
                wait_s = await self._step()
            except Conflict:
                # Another process wrote the same rows, and we gave way: once more.
                wait_s = 0.0
            except Exception:
                # A database that is away for a moment, or a fault in one announcement, must not end the sending.
                log.exception("announcements.failed")
                wait_s = FAULT_S
            await self._rest(wait_s)
        await self._end()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._sending.changed.set()

    async def round(self) -> None:
        """Do all that is due at this moment of the office's clock, to the end."""
        await self._show_up()
        while True:
            did = await self._sweep()
            did = any(await asyncio.gather(*self._tasks.values())) or did
            self._tasks.clear()
            turn = await self._sending.turn()
            while turn.taken or turn.noted or turn.put_off or self._sending.busy:
                did = True
                await self._sending.ended()
                if turn.again_at and not self._sending.has_ended:
                    await asyncio.sleep(max(0.0, turn.again_at - time.time()))
                turn = await self._sending.turn()
            if not did:
                return

    async def _step(self) -> float:
        """Do what can be done now; give the seconds until the next look, if nothing else happens before."""
        self._sending.changed.clear()
        await self._show_up()
        async with self._office.database.read() as connection:
            open_ones = await announcements.still_open(connection)
            undone = await announcements.undone(connection)
        if not open_ones and not undone and not self._sending.busy:
            self._swept = None
            return ROUND_S
        await self._sweep_in_time()
        if not self._sending.busy and not any(one.state is State.SENDING for one in open_ones):
            return ROUND_S
        turn = await self._sending.turn()
        if turn.failed:
            # Whether too many fail is asked at once.
            self._swept = None
        return self._until_next(turn)

    async def _show_up(self) -> None:
        """Note which channels this process serves."""
        now = self._office.clock.now()
        if not self._serves or (self._seen_at and timedelta() <= now - self._seen_at < SEEN):
            return
        self._began_at = min(self._began_at or now, now)
        async with self._office.database.write() as connection:
            await served.see(connection, self._serves, now, since=self._began_at)
        self._seen_at = now

    def _until_next(self, turn: Turn) -> float:
        if self._sending.has_ended or turn.put_off:
            return 0.0
        if turn.again_at is not None:
            return min(ROUND_S, max(0.0, turn.again_at - time.time()))
        return min(ROUND_S, BEAT_S)

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than until a message has ended."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._sending.changed.wait()
        except TimeoutError:
            return

    async def _end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._sending.ended()
        try:
            if self._sending.has_ended:
                await self._sending.turn(more=False)
            await self._sending.leave()
        except Exception:
            # The others see that this process is gone, and settle what it leaves.
            log.exception("announcements.not_noted")

    # Sweeping: everything that could get stuck has somebody who looks for it, however old it is.

    async def _sweep_in_time(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._swept is None or now >= self._swept + SWEEP_S:
            await self._sweep()
            self._swept = now

    async def _sweep(self) -> bool:
        """Begin, plan, settle, pause and finish what is to be; tell whether anything was."""
        did = False
        now = self._office.clock.now()
        async with self._office.database.write() as connection:
            did = bool(await deliveries.settle(connection, now))
            open_ones = await announcements.still_open(connection)
            for one in open_ones:
                did = await self._look_after(connection, one) or did
            await deliveries.tidy(connection, now)
            if self._sending.paced:
                await pace.tidy(connection, time.time())
            undone = await announcements.undone(connection)
        for number in undone:
            self._in_background(f"clear {number}", partial(self._clear_one, number))
        for one in open_ones:
            if one.state is State.APPROVED and one.planned_at is None:
                self._in_background(f"plan {one.number}", partial(self._plan, one.number))
            if one.recall is not None:
                self._in_background(f"recall {one.number}", partial(self._take_back, one.number))
        return did

    async def _look_after(self, connection: Connection, one: Open) -> bool:
        now = self._office.clock.now()
        match one.state:
            case State.APPROVED if one.begins_at <= now:
                since = max(one.begins_at, one.worked_at or one.begins_at)
                if reason := _too_late(one, since, now):
                    return await self._call_late(connection, one, reason)
                return one.planned_at is not None and await self._start(connection, one.number)
            case State.SENDING:
                return await self._watch(connection, one)
            case State.STOPPED:
                if await deliveries.skip_stopped(connection, one.number, now):
                    return True
                return await self._finish(connection, one.number, "stopped")
        return False

    async def _start(self, connection: Connection, number: str) -> bool:
        """Begin to send what was approved, and nothing else."""
        now = self._office.clock.now()
        found = await announcements.by_number(connection, number)
        if found is None or announcements.digest_of(found) != found.digest or not _is_readable(found):
            await self._refuse(connection, number)
            return True
        if not await announcements.start(connection, number, now):
            return False
        log.info("announcement.started", extra={"announcement": number, "people": found.people})
        return True

    async def _refuse(self, connection: Connection, number: str) -> None:
        """Pause what is not what was approved, or what this release can't read: it must not hold up the others."""
        log.error("announcement.changed", extra={"announcement": number})
        await announcements.pause(connection, number, self._office.clock.now(), reason="changed")
        await self._rules.tell_staff(connection, self._office, number, "paused")

    async def _watch(self, connection: Connection, one: Open) -> bool:
        """Look whether what is being sent is late, failing or done."""
        now = self._office.clock.now()
        worked_at = min(one.worked_at or now, now)
        standing = await served.standing(connection)
        stale_after = timedelta(seconds=one.stale_after_s)
        goes_on = True
        for channel, first_due in (await deliveries.waiting(connection, one.number, now)).items():
            if not standing.is_usable(channel):
                # Others wait for their platform; nobody will ever ask this one.
                before = now - stale_after
                if worked_at <= before and await deliveries.skip_due(
                    connection, one.number, channel, before, "no-channel", now
                ):
                    return True
                goes_on = False
                continue
            # Nobody was needed while nobody was due.
            since = max(first_due, min(standing.answered_at.get(channel, first_due), now))
            goes_on = goes_on and now - since < 2 * NOTED
            if reason := _too_late(one, max(since, worked_at), now):
                return await self._call_late(connection, one, reason)
        if not one.trusted and await self._is_failing(connection, one):
            return True
        if not await deliveries.is_open(connection, one.number):
            return await self._finish(connection, one.number, "finished")
        # Also where a clock was put back meanwhile.
        if goes_on and not timedelta() <= now - (one.worked_at or now) < NOTED:
            await announcements.note_work(connection, one.number, now)
        return False

    async def _is_failing(self, connection: Connection, one: Open) -> bool:
        """Pause an announcement of whose first messages too many fail."""
        number = one.number
        tried, failed = await deliveries.first_failures(connection, number, FIRST)
        if failed > max(FEW, FAILING * min(FIRST, one.people)):
            if not await announcements.pause_failing(connection, number, self._office.clock.now()):
                return False
            log.warning("announcement.paused", extra={"announcement": number, "failed": failed, "tried": tried})
            await self._rules.tell_staff(connection, self._office, number, "paused")
            return True
        if tried >= FIRST:
            await announcements.trust(connection, number)
        return False

    async def _call_late(self, connection: Connection, one: Open, reason: str) -> bool:
        if not await announcements.call_late(connection, one.number, self._office.clock.now(), reason):
            return False
        log.warning("announcement.late", extra={"announcement": one.number, "reason": reason})
        await self._rules.tell_staff(connection, self._office, one.number, "late")
        return True

    async def _finish(self, connection: Connection, number: str, what: str) -> bool:
        if await deliveries.is_open(connection, number):
            return False
        if not await announcements.finish(connection, number, self._office.clock.now()):
            return False
        log.info("announcement.finished", extra={"announcement": number, "how": what})
        await self._rules.tell_staff(connection, self._office, number, what)
        return True

    # What takes longer goes on beside the sending.

    def _in_background(self, name: str, work: Callable[[], Awaitable[bool]]) -> None:
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.create_task(self._beside(name, work), name=name)

    async def _beside(self, name: str, work: Callable[[], Awaitable[bool]]) -> bool:
        """Work while it is known that this process lives."""
        done = asyncio.Event()
        beating = asyncio.create_task(self._keep_beating(done))
        try:
            return await work()
        except Exception:
            # The next sweep finds it undone.
            log.exception("announcements.failed", extra={"work": name})
            return False
        finally:
            # Not cancelled: in the middle of a transaction it would leave a connection behind.
            done.set()
            await beating
            # What comes next need not wait for the next sweep.
            self._swept = None
            self._sending.changed.set()

    async def _keep_beating(self, done: asyncio.Event) -> None:
        while not done.is_set():
            try:
                await self._sending.beat()
            except Exception:
                # Others may believe that this process is gone, and begin anew.
                log.exception("announcements.not_beaten")
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await done.wait()

    async def _plan(self, number: str) -> bool:
        """Write down whom an announcement is for."""
        now = self._office.clock.now()
        async with self._office.database.write() as connection:
            await deliveries.beat(connection, self._name, now)
            if not await recipient_plan.take_planning(connection, number, self._name, now):
                return False
            found = await announcements.by_number(connection, number)
        if found is None or found.begins_at is None:
            return False
        begun = time.monotonic()
        try:
            audience = self._rules.chosen(self._office, found, now)
        except ValueError:
            async with self._office.database.write() as connection:
                await self._refuse(connection, number)
            return True
        count = await recipient_plan.plan(
            self._office.database,
            number,
            audience,
            due_at=found.begins_at,
            daytime=found.in_daytime,
            planner=self._name,
            clock=self._office.clock.now,
        )
        told = {"announcement": number, "people": count, "seconds": round(time.monotonic() - begun, 1)}
        log.info("announcement.planned", extra=told)
        return count is not None

    async def _clear_one(self, number: str) -> bool:
        """Forget whom an announcement was for that was undone."""
        await recipient_plan.clear_undone(self._office.database, number)
        return False

    async def _take_back(self, number: str) -> bool:
        """Take back what was sent of an announcement."""
        did = await self._recalling.work(number)
        now = self._office.clock.now()
        async with self._office.database.write() as connection:
            if await deliveries.is_open(connection, number):
                return did
            if not await deliveries.is_recalled(connection, number):
                return await self._give_up(connection, number) or did
            if await announcements.finish_recall(connection, number, now):
                log.info("announcement.recalled", extra={"announcement": number})
                await self._rules.tell_staff(connection, self._office, number, "recalled")
        return True

    async def _give_up(self, connection: Connection, number: str) -> bool:
        """Take nothing back any more on channels that nobody has served for as long as an announcement may wait."""
        found = await announcements.by_number(connection, number)
        standing = await served.standing(connection)
        if found is None or not standing.served:
            return False
        if self._office.clock.now() - found.changed_at < timedelta(seconds=found.stale_after_s):
            return False
        return bool(await deliveries.give_up_recall(connection, number, standing.served))


def _is_readable(found: Announcement) -> bool:
    try:
        return bool(wordings(found.content))
    except ValueError:
        return False


def _too_late(one: Open, since: datetime, now: datetime) -> str | None:
    """Tell why nothing more may be sent without asking: nothing could be for long, or its time is over."""
    if now - since > timedelta(seconds=one.stale_after_s):
        return "outage"
    if one.not_after is not None and now > one.not_after and one.went_on_at is None:
        return "over"
    return None
