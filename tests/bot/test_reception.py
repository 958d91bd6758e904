"""One message, one effect: in order, once, whatever fails meanwhile. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels import TryLater, Undeliverable
from handlers.dialogue import Paragraph, Reply
from storage import inbox, outbox
from storage.database import Database
from storage.errors import Conflict
from storage.outbox import OutboxReply
from tests.bot.desk import Desk, message


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


async def test_half_a_character_does_not_stop_what_comes_with_it(desk: Desk):
    await desk.receives(message(1, text="\ud83d"), message(2))

    assert desk.carried == ["1:?", "2:2"]


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


async def test_a_reply_is_not_lost_because_the_database_is_away_for_a_moment(desk: Desk, monkeypatch):
    monkeypatch.setattr("bot.delivery.outbox.PASSING_S", 0.0)
    desk.pigeon.refusals["lin"] = [Conflict("busy")]

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


async def test_what_was_still_to_be_said_is_said_before_what_comes_next(desk: Desk, database: Database):
    now = desk.clock.now()
    old = [Reply(parts=(Paragraph(text=f"old {n}"),)) for n in range(450)]
    async with database.write() as connection:
        await outbox.enqueue(connection, "test", "lin", old, now)
        left = message(1)
        await inbox.store(connection, [inbox.Arrived("test", left.update, left.chat, now, left.model_dump_json())])

    await desk.reception.sweep()
    await desk.reception.idle()

    assert desk.carried == [*(f"old {n}" for n in range(450)), "1:1"]


async def test_a_stored_message_this_release_cannot_read_stops_nobody(desk: Desk, database: Database):
    now = desk.clock.now()
    async with database.write() as connection:
        arrived = [inbox.Arrived("test", m.update, m.chat, now, m.model_dump_json()) for m in (message(1), message(2))]
        strange = inbox.Arrived("test", "0", "lin", now, '{"of": "another release"}')
        await inbox.store(connection, [strange, *arrived])

    await desk.reception.sweep()
    await desk.reception.idle()

    assert desk.carried == ["1:1", "2:2"]
    async with database.read() as connection:
        kept = await connection.scalar(inbox.select(inbox.InboxMessage.body).where(inbox.InboxMessage.failed))
    assert "another release" in database.vault.open(kept, inbox.BODY)
