"""One message, one effect: in order, once, whatever fails meanwhile. On both databases."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.channels import TryLater, Undeliverable
from bot.reception import Reception
from handlers.dialogue import Message, Paragraph, Reply
from handlers.outcome import Outcome
from storage import inbox, outbox
from storage.conversations import Conversation
from storage.database import Connection, Database
from storage.errors import Conflict
from storage.outbox import OutboxReply
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

    async def receives(self, *messages: Message) -> None:
        await self.reception.receive(messages)
        await self.reception.idle()


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    opened = Desk(database)
    await opened.reception.start()
    yield opened
    await opened.reception.stop()


async def test_the_same_update_ten_times_at_once_has_one_effect(desk: Desk):
    await asyncio.gather(*(desk.reception.receive([message(1)]) for _ in range(10)))
    await desk.reception.idle()

    assert desk.carried == ["1:1"]


async def test_twenty_messages_at_once_are_each_done_once_in_order(desk: Desk):
    await desk.receives(*(message(n) for n in range(1, 21)))

    assert desk.carried == [f"{n}:{n}" for n in range(1, 21)]


async def test_fifty_chats_do_not_wait_for_each_other_nor_mix(desk: Desk):
    await desk.receives(*(message(n, chat=f"chat{n % 50}", text=f"{n // 50}") for n in range(200)))

    assert all(desk.pigeon.carried[f"chat{n}"] == ["1:0", "2:1", "3:2", "4:3"] for n in range(50))


async def test_changed_facts_make_the_handler_think_again(desk: Desk):
    desk.counter.conflicts["1"] = 2

    await desk.receives(message(1), message(2))

    assert desk.carried == ["1:1", "2:2"]
    assert desk.counter.seen == ["1", "1", "1", "2"]


async def test_a_conflict_of_one_chat_is_not_another_chats(desk: Desk):
    desk.counter.conflicts["bad"] = 1

    await desk.receives(message(1, "wang", "bad"), *(message(n, f"chat{n}", "good") for n in range(2, 12)))

    assert desk.pigeon.carried["wang"] == ["1:bad"]
    assert all(desk.pigeon.carried[f"chat{n}"] == ["1:good"] for n in range(2, 12))


async def test_a_fault_is_apologised_for_and_what_was_said_is_kept(desk: Desk, database: Database):
    desk.counter.faults["2"] = [RuntimeError("a fault of ours")]

    await desk.receives(message(1), message(2), message(3))

    assert sorted(desk.carried) == ["1:1", "2:3", "sorry"]
    async with database.read() as connection:
        kept = await connection.scalar(inbox.select(inbox.InboxMessage.body).where(inbox.InboxMessage.failed))
    assert '"text":"2"' in database.vault.open(kept, inbox.BODY)


async def test_facts_that_never_hold_still_end_in_an_apology(desk: Desk):
    desk.counter.conflicts["1"] = 1000

    await desk.receives(message(1))

    assert desk.carried == ["sorry"]


async def test_replies_keep_their_order_when_the_channel_asks_for_patience(desk: Desk):
    desk.pigeon.refusals["lin"] = [TryLater("slow down", after_s=0), TryLater("slow down", after_s=0)]

    await desk.receives(message(1), message(2))

    assert desk.carried == ["1:1", "2:2"]


@pytest.mark.parametrize(("blocked", "state"), [(True, "blocked"), (False, "failed")])
async def test_what_cannot_arrive_is_marked_and_never_tried_again(desk: Desk, database: Database, blocked, state):
    desk.pigeon.refusals["lin"] = [Undeliverable("no", blocked=blocked)]

    await desk.receives(message(1), message(2))
    await desk.reception.sweep()
    await desk.reception.idle()

    assert desk.carried == ["2:2"]
    async with database.read() as connection:
        assert (await connection.scalars(outbox.select(OutboxReply.state).order_by(OutboxReply.id))).all() == [
            state,
            "sent",
        ]


async def test_words_are_erased_once_they_have_done_their_work(desk: Desk, database: Database):
    await desk.receives(message(1))
    await desk.reception.stop()

    async with database.read() as connection:
        assert (await connection.scalars(inbox.select(inbox.InboxMessage.body))).all() == [None]
        assert (await connection.scalars(outbox.select(OutboxReply.body))).all() == [None]


async def test_what_was_stored_but_not_done_is_done_at_the_next_start(desk: Desk, database: Database):
    now = desk.clock.now()
    async with database.write() as connection:
        arrived = [inbox.Arrived("test", m.update, m.chat, now, m.model_dump_json()) for m in (message(1), message(2))]
        await inbox.store(connection, arrived)
        await outbox.enqueue(connection, "test", "wang", [Reply(parts=(Paragraph(text="an answer"),))], now)

    await desk.reception.sweep()
    await desk.reception.idle()

    assert desk.carried == ["1:1", "2:2"]
    assert desk.pigeon.carried["wang"] == ["an answer"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_on_one_postgresql_share_the_work(database: Database, database_url: str):
    desk, second = Desk(database), await Database.open(database_url)
    other = Reception(second, {"test": desk.pigeon}, desk.counter, apology, desk.clock, poll_s=3600)
    await desk.reception.start()
    await other.start()

    messages = [message(n) for n in range(1, 21)]
    await asyncio.gather(
        *(desk.reception.receive([m]) for m in messages[::2]), *(other.receive([m]) for m in messages[1::2])
    )
    await asyncio.gather(desk.reception.idle(), other.idle())

    assert sorted(int(said.partition(":")[0]) for said in desk.carried) == list(range(1, 21))
    for opened in (desk.reception, other):
        await opened.stop()
    await second.close()
