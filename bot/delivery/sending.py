"""Sends announcements, message by message: taken, committed as `sending`, sent, and what became of it noted.

One transaction notes what has ended and takes what comes next, so that at most `AT_ONCE` messages of a process are
between two commits: so many may come twice when it is killed, or are listed as unknown.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol

from sqlalchemy import Select

from bot.channels import Announcing, TryLater, Undeliverable
from bot.delivery.health import Health
from bot.delivery.pace import Pace
from bot.delivery.wording import in_language, wordings
from handlers.desk import Office
from handlers.dialogue import Reply
from storage import announcements, deliveries, pace, served
from storage.announcement_tables import RecipientState, State
from storage.announcements import Announcement, Open
from storage.database import Connection
from storage.deliveries import Recipient
from storage.errors import PASSING

log = logging.getLogger(__name__)

AT_ONCE = 25
AT_A_LOOK = 200  # recipients looked at together when most of them are not to be sent to now
LOOKS = 3  # at the recipients of one announcement on one channel, within a transaction
BEAT_S = 1.0
# Taken so long ago, a message is not sent any more: others may believe that this process is gone.
FRESH_S = deliveries.LEASE.total_seconds() / 2
KEPT_CONTENTS = 16
PASSING_S = 3.0  # until a message is tried again that the database kept from going out
NEVER = datetime.min.replace(tzinfo=UTC)
ANSWERS_NOTED = timedelta(seconds=30)  # how often it is noted that a platform answers


class Verdict(Protocol):
    """Whether somebody may be written to now; neither `later` nor `skip` means yes."""

    @property
    def later(self) -> datetime | None: ...

    @property
    def skip(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What announcements may do, decided elsewhere: whom they are for, who may get one now, who is told."""

    chosen: Callable[[Office, Announcement, datetime], Select[Any]]
    may_receive: Callable[[Connection, str, str, Sequence[Recipient], datetime], Awaitable[Sequence[Verdict]]]
    note_blocked: Callable[[Connection, Sequence[tuple[str, str]], datetime], Awaitable[None]]
    tell_staff: Callable[[Connection, Office, str, str], Awaitable[None]]


class End(Enum):
    """How one message ended."""

    ARRIVED = auto()
    FAILED = auto()
    BLOCKED = auto()
    NOT_SENT = auto()
    UNCERTAIN = auto()


@dataclass(frozen=True, slots=True)
class _Ended:
    recipient: Recipient
    end: End
    ids: Sequence[str] = ()
    reason: str = ""
    after_s: float = 0.0
    answered: bool = True  # by the platform, whatever it said


@dataclass(frozen=True, slots=True)
class _Taken:
    """A message to send at a moment of the machine's clock."""

    recipient: Recipient
    reply: Reply
    at: float


@dataclass(slots=True)
class Turn:
    """What came of one turn: how much was taken and noted, and when to look again if the pace is the limit."""

    taken: int = 0
    noted: int = 0
    put_off: int = 0
    failed: int = 0
    again_at: float | None = None  # by the machine's clock


class Sending:
    """The messages of one process that are under way."""

    def __init__(
        self,
        office: Office,
        channels: Mapping[str, Announcing],
        rules: Rules,
        paces: Mapping[str, Pace],
        name: str,
    ) -> None:
        self._office = office
        self._channels = channels
        self._rules = rules
        self._paces = paces
        self._name = name
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._of_channel: Counter[str] = Counter()
        self._ended: list[_Ended] = []
        self._health = {channel: Health() for channel in channels}
        self._contents: dict[str, Mapping[str, Reply]] = {}
        self._beaten: float | None = None
        self._answered: dict[str, datetime] = {}  # when it was noted last
        self._round = 0
        self.changed = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Tell whether anything is under way, or has ended and is not noted."""
        return bool(self._under_way or self._ended)

    @property
    def paced(self) -> bool:
        """Tell whether any channel has a pace to keep."""
        return bool(self._paces)

    @property
    def has_ended(self) -> bool:
        return bool(self._ended)

    async def ended(self) -> None:
        """Wait until no message is under way."""
        while self._under_way:
            await asyncio.wait(list(self._under_way.values()))

    async def turn(self, *, more: bool = True) -> Turn:
        """Note what has ended and, with `more`, take and begin what comes next."""
        now = self._office.clock.now()
        ended = list(self._ended)
        told = Turn(noted=len(ended), failed=sum(one.end is End.FAILED for one in ended))
        taken: list[_Taken] = []
        async with self._office.database.write() as connection:
            await self._beat(connection, now)
            await self._note(connection, ended, now)
            if more:
                taken = await self._take(connection, now, told)
        del self._ended[: len(ended)]
        begun = time.monotonic()
        for one in taken:
            self._of_channel[one.recipient.channel] += 1
            task = asyncio.create_task(self._send(one, begun))
            self._under_way[one.recipient.id] = task
        told.taken = len(taken)
        return told

    async def beat(self) -> None:
        """Note that this process lives, while something else keeps it from its turns."""
        async with self._office.database.write() as connection:
            await deliveries.beat(connection, self._name, self._office.clock.now())

    async def leave(self) -> None:
        """Note that this process has nothing under way and ends."""
        if self._beaten is not None:
            async with self._office.database.write() as connection:
                await deliveries.leave(connection, self._name)

    async def _beat(self, connection: Connection, now: datetime) -> None:
        moment = asyncio.get_running_loop().time()
        if self._beaten is None or moment >= self._beaten + BEAT_S:
            await deliveries.beat(connection, self._name, now)
            self._beaten = moment

    # Taking.

    async def _take(self, connection: Connection, now: datetime, told: Turn) -> list[_Taken]:
        sending = [one for one in await announcements.still_open(connection) if one.state is State.SENDING]
        if not sending:
            return []
        await deliveries.take_turns(connection)
        # Another one begins each time, so that a long announcement does not keep a short one waiting.
        self._round += 1
        sending = sending[self._round % len(sending) :] + sending[: self._round % len(sending)]
        taken: list[_Taken] = []
        # What ends meanwhile goes over from the one to the other, and is `sending` until the next turn.
        left = AT_ONCE - (len(self._under_way) + len(self._ended) - told.noted)
        standing = await served.standing(connection)
        for channel in self._channels:
            if channel in standing.off:
                continue
            free = min(left - len(taken), self._health[channel].allows(AT_ONCE, self._of_channel[channel]))
            if paced := self._paces.get(channel):
                room, again_at = await pace.room(connection, channel, paced.rate, time.time())
                if room < free:
                    told.again_at = min(again_at, told.again_at or again_at)
                free = min(free, room)
            share = -(-free // len(sending))
            for one in sending:
                if free <= 0:
                    break
                some = await self._take_some(connection, one, channel, min(share, free), now, told)
                free -= len(some)
                taken += some
        return taken

    async def _take_some(
        self, connection: Connection, one: Open, channel: str, most: int, now: datetime, told: Turn
    ) -> list[_Taken]:
        """Take up to `most` messages of one announcement for one channel, and mark them."""
        contents = await self._content(connection, one.number)
        taken: list[_Taken] = []
        limit = most
        # The others at the next turn: at nine in the evening a whole county is put off, and replies wait for the lock.
        for _ in range(LOOKS):
            found = await deliveries.due(connection, one.number, channel, now, limit)
            if not found:
                return taken
            verdicts = await self._rules.may_receive(connection, one.topic, one.number, found, now)
            may, later, skipped = _sorted(found, verdicts)
            await deliveries.put_off(connection, later)
            await deliveries.skip(connection, skipped, now)
            told.put_off += len(later) + len(skipped)
            may = may[: most - len(taken)]
            moments = await self._moments(connection, channel, may, told)
            if held := {
                recipient.id: now + timedelta(seconds=max(0.0, moment.at - time.time()))
                for recipient, moment in zip(may, moments, strict=True)
                if moment.chat
            }:
                await deliveries.put_off(connection, held)
            granted = [
                _Taken(recipient, in_language(contents, recipient.language), moment.at)
                for recipient, moment in zip(may, moments, strict=True)
                if moment.granted
            ]
            # At once: the next announcement counts what this one sends to somebody.
            await deliveries.begin(connection, [one.recipient.id for one in granted], self._name, now)
            taken += granted
            if may or len(found) < limit:
                return taken
            # All of them later or never: look at many.
            limit = AT_A_LOOK
        return taken

    async def _moments(
        self, connection: Connection, channel: str, may: Sequence[Recipient], told: Turn
    ) -> Sequence[pace.Moment]:
        paced = self._paces.get(channel)
        if paced is None:
            return [pace.Moment(0.0)] * len(may)
        chats = [recipient.chat for recipient in may]
        moments = await pace.take(connection, channel, paced.rate, chats, time.time(), hurry=False)
        for moment in moments:
            if not moment.granted and not moment.chat:
                told.again_at = min(moment.at, told.again_at or moment.at)
        return moments

    async def _content(self, connection: Connection, number: str) -> Mapping[str, Reply]:
        known = self._contents.get(number)
        if known is None:
            found = await announcements.by_number(connection, number)
            known = wordings(found.content if found else {})
            if len(self._contents) >= KEPT_CONTENTS:
                del self._contents[next(iter(self._contents))]
            self._contents[number] = known
        return known

    # Sending.

    async def _send(self, one: _Taken, begun: float) -> None:
        recipient = one.recipient
        health = self._health[recipient.channel]
        try:
            if one.at and (wait_s := one.at - time.time()) > 0:
                await asyncio.sleep(min(wait_s, FRESH_S))
            if paced := self._paces.get(recipient.channel):
                await paced.comes()
            self._ended.append(await self._attempt(one, begun, health))
        finally:
            self._of_channel[recipient.channel] -= 1
            del self._under_way[recipient.id]
            self.changed.set()

    async def _attempt(self, one: _Taken, begun: float, health: Health) -> _Ended:
        recipient = one.recipient
        so_far = recipient.message_ids
        if time.monotonic() > begun + FRESH_S:
            return _Ended(recipient, End.NOT_SENT, answered=False)
        channel = self._channels[recipient.channel]
        try:
            ids = await channel.announce(recipient.chat, one.reply, len(so_far))
        except TryLater as wait:
            health.failed(wait.after_s if wait.asked else 0.0)
            end = End.UNCERTAIN if wait.uncertain else End.NOT_SENT
            return _Ended(recipient, end, [*so_far, *wait.ids], "unconfirmed", wait.after_s, wait.asked)
        except Undeliverable as refusal:
            health.worked()
            end = End.BLOCKED if refusal.blocked else End.FAILED
            return _Ended(recipient, end, [*so_far, *refusal.ids], str(refusal))
        except PASSING as error:
            # The channel does not tell whether it came before the call or after.
            log.exception("announcement.not_stored", extra={"announcement": recipient.announcement})
            health.failed()
            return _Ended(recipient, End.UNCERTAIN, so_far, type(error).__name__, PASSING_S, answered=False)
        except Exception as error:
            # A fault of ours must not stop the others, and is not a reason to try again.
            log.exception("announcement.failed", extra={"announcement": recipient.announcement})
            return _Ended(recipient, End.FAILED, so_far, f"fault: {type(error).__name__}", answered=False)
        health.worked()
        return _Ended(recipient, End.ARRIVED, [*so_far, *ids])

    # Noting.

    async def _note(self, connection: Connection, ended: Sequence[_Ended], now: datetime) -> None:
        await self._note_answers(connection, ended, now)
        by_end: dict[End, list[_Ended]] = defaultdict(list)
        for one in ended:
            by_end[one.end].append(one)
        arrived = {one.recipient.id: one.ids for one in by_end[End.ARRIVED]}
        await deliveries.arrived(connection, self._name, arrived, now)
        for end, state in ((End.FAILED, RecipientState.FAILED), (End.BLOCKED, RecipientState.BLOCKED)):
            for reason, some in _grouped(by_end[end], lambda one: one.reason).items():
                await deliveries.ended(connection, self._name, _ids(some), state, reason, now)
        if blocked := [(one.recipient.channel, one.recipient.chat) for one in by_end[End.BLOCKED]]:
            await self._rules.note_blocked(connection, sorted(blocked), now)
        for (answered, after_s), some in _grouped(
            by_end[End.NOT_SENT], lambda one: (one.answered, one.after_s)
        ).items():
            # Whoever the platform gave no answer about is due since they were: by that an outage is seen.
            again_at = now + timedelta(seconds=after_s) if answered else None
            await deliveries.not_sent(connection, self._name, _ids(some), again_at)
        for after_s, some in _grouped(by_end[End.UNCERTAIN], lambda one: one.after_s).items():
            due_at = now + timedelta(seconds=after_s)
            await deliveries.uncertain(connection, self._name, _ids(some), due_at, now, "unconfirmed")
        parts = [one for one in ended if one.end is not End.ARRIVED and one.ids]
        await deliveries.note_parts(connection, {one.recipient.id: one.ids for one in parts})

    async def _note_answers(self, connection: Connection, ended: Sequence[_Ended], now: datetime) -> None:
        channels = {one.recipient.channel for one in ended if one.answered}
        # Also where a clock was put back meanwhile.
        new = {one for one in channels if not timedelta() <= now - self._answered.get(one, NEVER) < ANSWERS_NOTED}
        await served.note_answers(connection, new, now)
        self._answered |= dict.fromkeys(new, now)


def _sorted(
    found: Sequence[Recipient], verdicts: Sequence[Verdict]
) -> tuple[list[Recipient], dict[int, datetime], dict[int, str]]:
    may: list[Recipient] = []
    later: dict[int, datetime] = {}
    skipped: dict[int, str] = {}
    for recipient, verdict in zip(found, verdicts, strict=True):
        if verdict.skip is not None:
            skipped[recipient.id] = verdict.skip
        elif verdict.later is not None:
            later[recipient.id] = verdict.later
        else:
            may.append(recipient)
    return may, later, skipped


def _grouped(ended: Sequence[_Ended], key: Callable[[_Ended], Any]) -> dict[Any, list[_Ended]]:
    groups: dict[Any, list[_Ended]] = defaultdict(list)
    for one in ended:
        groups[key(one)].append(one)
    return groups


def _ids(ended: Sequence[_Ended]) -> list[int]:
    return sorted(one.recipient.id for one in ended)
