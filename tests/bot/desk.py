"""A desk to receive at: a channel that carries, a handler that counts, a clock that is set."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from bot.reception import Reception
from handlers.dialogue import Message, Paragraph, Reply
from handlers.outcome import Outcome
from storage import inbox
from storage.conversations import Conversation
from storage.database import Connection, Database
from storage.errors import Conflict
from tests.journeys.town import SetClock


class Pigeon:
    """A channel that remembers what it carried; refusals can be queued for a chat."""

    name = "test"

    def __init__(self) -> None:
        self.carried: dict[str, list[str]] = defaultdict(list)
        self.refusals: dict[str, list[Exception]] = defaultdict(list)
        self.working_for: list[str] = []

    async def send(self, chat: str, reply: Reply) -> None:
        if self.refusals[chat]:
            raise self.refusals[chat].pop(0)
        self.carried[chat].append(reply.text)

    async def working(self, chat: str) -> None:
        self.working_for.append(chat)

    async def run(self, receive) -> None:
        raise AssertionError("these tests hand messages over themselves")


class Counter:
    """A handler that counts each chat's messages and says which it was."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.conflicts: dict[str, int] = defaultdict(int)
        self.seen: list[str] = []

    async def __call__(self, message: Message, conversation: Conversation) -> Outcome:
        self.seen.append(message.text)
        if self.faults[message.text]:
            raise self.faults[message.text].pop(0)
        # Let others go first: order must not depend on how quickly a handler thinks.
        await asyncio.sleep(0)
        count = conversation.memory.get("count", 0) + 1

        async def effect(_connection: Connection) -> None:
            if self.conflicts[message.text]:
                self.conflicts[message.text] -= 1
                raise Conflict("the slot has just gone")

        reply = Reply(parts=(Paragraph(text=f"{count}:{message.text}"),))
        return Outcome(replace(conversation, memory={"count": count}), (reply,), (effect,))


def apology(message: Message, conversation: Conversation) -> Reply:
    return Reply(parts=(Paragraph(text="sorry"),))


def message(update: int, chat: str = "lin", text: str | None = None) -> Message:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return Message(channel="test", update=str(update), chat=chat, sender=chat, at=at, text=text or str(update))


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.pigeon = Pigeon()
        self.counter = Counter()
        self.clock = SetClock()
        self.reception = self.open()

    def open(self) -> Reception:
        return Reception(self.database, {"test": self.pigeon}, self.counter, apology, self.clock, poll_s=3600)

    @property
    def carried(self) -> list[str]:
        return self.pigeon.carried["lin"]

    async def answered(self, count: int) -> None:
        """Wait until so many messages are done, whether or not their replies are gone."""
        done: list[datetime] = []
        while len(done) < count:
            async with self.database.read() as connection:
                times = inbox.select(inbox.InboxMessage.done_at)
                done = [at for at in await connection.scalars(times) if at is not None]

    async def receives(self, *messages: Message) -> None:
        await self.reception.receive(messages)
        await self.reception.idle()
