"""Several processes on one database: each message one effect, each reply once and in its turn."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels import TryLater
from bot.reception import Reception
from handlers.dialogue import Message
from handlers.outcome import Outcome
from storage import inbox
from storage.conversations import Conversation
from storage.database import Database
from tests.bot.desk import Desk, apology, message


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


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_another_process_takes_long_over_is_waited_for(database: Database, database_url: str):
    desk, second = Desk(database), await Database.open(database_url)
    thinking, thought = asyncio.Event(), asyncio.Event()

    async def think_long(message: Message, conversation: Conversation) -> Outcome:
        thinking.set()
        await thought.wait()
        return await desk.counter(message, conversation)

    slow = Reception(second, {"test": desk.pigeon}, think_long, apology, desk.clock, poll_s=3600)
    await desk.reception.start()
    await slow.start()

    await slow.receive([message(1)])
    await thinking.wait()
    await desk.receives(message(2), message(3))
    assert desk.carried == []

    thought.set()
    await slow.idle()
    await desk.reception.sweep()
    await desk.reception.idle()

    assert desk.carried == ["1:1", "2:2", "3:3"]
    for opened in (desk.reception, slow):
        await opened.stop()
    await second.close()


async def test_two_that_fail_over_one_message_say_sorry_once(database: Database, database_url: str):
    desk, second = Desk(database), await Database.open(database_url)
    other = Reception(second, {"test": desk.pigeon}, desk.counter, apology, desk.clock, poll_s=3600)
    desk.counter.faults["1"] = [RuntimeError("a fault of ours"), RuntimeError("a fault of ours")]
    now, left = desk.clock.now(), message(1)
    async with database.write() as connection:
        await inbox.store(connection, [inbox.Arrived("test", left.update, left.chat, now, left.model_dump_json())])

    await asyncio.gather(desk.reception.start(), other.start())
    await asyncio.gather(desk.reception.idle(), other.idle())

    assert desk.carried == ["sorry"]
    for opened in (desk.reception, other):
        await opened.stop()
    await second.close()


async def test_a_reply_that_waits_its_turn_is_not_taken_by_another_process(database: Database, database_url: str):
    desk, second = Desk(database), await Database.open(database_url)
    other = Reception(second, {"test": desk.pigeon}, desk.counter, apology, desk.clock, poll_s=3600)
    await desk.reception.start()
    await other.start()
    desk.pigeon.refusals["lin"] = [TryLater("slow down", after_s=3600)]
    await desk.reception.receive([message(1), message(2)])
    await desk.answered(2)

    for _ in range(10):
        desk.clock.passes(seconds=5)
        await other.sweep()
        await other.idle()
        await desk.reception.sweep()

    assert desk.carried == []
    for opened in (desk.reception, other):
        await opened.stop()
    await second.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_reply_waits_for_what_another_process_says_before_it(database: Database, database_url: str):
    desk, second = Desk(database), await Database.open(database_url)
    other = Reception(second, {"test": desk.pigeon}, desk.counter, apology, desk.clock, poll_s=3600)
    await desk.reception.start()
    await other.start()
    desk.pigeon.refusals["lin"] = [TryLater("slow down", after_s=3600)]
    await desk.reception.receive([message(1)])
    await desk.answered(1)
    await other.receive([message(2)])
    await desk.answered(2)
    await other.sweep()
    assert desk.carried == []

    # The first one falls silent: its lease ends, and the other says both.
    desk.clock.passes(seconds=20)
    await other.sweep()
    await other.idle()

    assert desk.carried == ["1:1", "2:2"]
    for opened in (desk.reception, other):
        await opened.stop()
    await second.close()
