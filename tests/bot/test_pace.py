"""The pace of a bot: never too many in any second, one a second in a chat, replies before announcements."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.delivery.health import Health
from bot.delivery.pace import IN_A_ROW, Pace
from storage import pace
from storage.database import Database
from storage.pace import BURST, HORIZON_S, Rate

NOW = 1_800_000_000.0
wishes = st.lists(st.tuples(st.floats(0, 0.4), st.integers(1, 12), st.booleans()), min_size=1, max_size=25)


def most_in_a_second(times: list[float]) -> int:
    return max(sum(first <= at < first + 1.0 for at in times) for first in times)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=wishes, per_s=st.sampled_from([1.0, 5.0, 30.0]))
async def test_no_second_holds_more_than_the_rate(database: Database, wishes, per_s: float):
    rate, at, granted = Rate(per_s), NOW, []
    bot = f"{hash(str(wishes))}-{per_s}"[-30:]
    for place, (later, count, hurry) in enumerate(wishes):
        at += later
        chats = [f"{place}-{number}" for number in range(count)]
        async with database.write() as connection:
            moments = await pace.take(connection, bot, rate, chats, at, hurry=hurry)
        granted += [moment.at for moment in moments if moment.granted]
        assert all(moment.at >= at for moment in moments if moment.granted)
        assert not hurry or all(moment.granted for moment in moments)
        assert hurry or all(moment.at <= at + HORIZON_S for moment in moments if moment.granted)
    assert granted == sorted(granted)
    assert not granted or most_in_a_second(granted) <= per_s


async def test_announcements_use_the_whole_rate(database: Database):
    rate, at, granted = Rate(30), NOW, []
    while at < NOW + 20:
        async with database.write() as connection:
            room, again_at = await pace.room(connection, "b", rate, at)
            moments = await pace.take(connection, "b", rate, [f"{at}-{n}" for n in range(room)], at, hurry=False)
        granted += [moment.at for moment in moments if moment.granted]
        at = again_at if not room else at + 0.05
    assert len(granted) >= 0.95 * 30 * 20


async def test_a_chat_gets_one_a_second_and_a_group_one_in_three(database: Database):
    async with database.write() as connection:
        first, again, group, there = await pace.take(
            connection, "b", Rate(30), ["7", "7", "-5/1", "-5/2"], NOW, hurry=False
        )
    assert (first.granted, again.granted, again.chat, again.at) == (True, False, True, NOW + 1)
    assert (group.granted, there.granted, there.at) == (True, False, pytest.approx(group.at + 3))


async def test_in_a_conversation_a_few_may_come_at_once(database: Database):
    async with database.write() as connection:
        moments = await pace.take(connection, "b", Rate(30), ["7"] * (BURST + 2), NOW, hurry=True)
    assert [moment.at for moment in moments[: BURST + 1]] == [NOW] * (BURST + 1)
    assert (moments[-1].granted, moments[-1].chat, moments[-1].at) == (False, True, NOW + 1)


async def test_a_chat_that_asked_for_patience_gets_nothing_before_not_even_a_reply(database: Database):
    async with database.write() as connection:
        await pace.hold_chat(connection, "b", "7", NOW + 9)
        (reply,) = await pace.take(connection, "b", Rate(30), ["7"], NOW, hurry=True)
        (other,) = await pace.take(connection, "b", Rate(30), ["8"], NOW, hurry=True)
    assert (reply.granted, reply.at) == (False, NOW + 9)
    # Nobody else waits because of it.
    assert (other.granted, other.at) == (True, NOW)


async def test_replies_do_not_wait_for_a_long_announcement(database: Database):
    rate, at = Rate(30), NOW
    for _ in range(40):
        async with database.write() as connection:
            room, _ = await pace.room(connection, "b", rate, at)
            await pace.take(connection, "b", rate, [f"{at}-{n}" for n in range(room)], at, hurry=False)
            (reply,) = await pace.take(connection, "b", rate, [f"r{at}"], at, hurry=True)
        assert reply.at - at < 0.3
        at += 0.2


async def test_a_clock_that_was_put_back_stops_nobody(database: Database):
    async with database.write() as connection:
        await pace.take(connection, "b", Rate(30), ["7"], NOW, hurry=True)
        (moment,) = await pace.take(connection, "b", Rate(30), ["8"], NOW - 3600, hurry=False)
        await pace.tidy(connection, NOW + 3600)
    assert moment.at == NOW - 3600


async def test_what_a_wrong_clock_wrote_about_chats_and_the_bot_holds_up_nobody(database: Database):
    day = NOW + 86_400
    async with database.write() as connection:
        await pace.take(connection, "b", Rate(30), ["7"], day, hurry=False)
        await pace.hold_chat(connection, "b", "8", day + 30)
        moments = await pace.take(connection, "b", Rate(30), ["7", "8"], NOW, hurry=False)
    assert [moment.granted for moment in moments] == [True, True]


async def test_nor_does_a_hold_of_the_bot_by_a_wrong_clock(database: Database):
    async with database.write() as connection:
        await pace.hold(connection, "b", NOW + 86_400)
        room, _ = await pace.room(connection, "b", Rate(30), NOW)
        (moment,) = await pace.take(connection, "b", Rate(30), ["7"], NOW, hurry=False)
    assert room > 0
    assert moment.granted


async def test_when_everybody_is_refused_the_whole_bot_waits(database: Database):
    bot = Pace(database, "b", 30)
    for number in range(IN_A_ROW - 1):
        await bot.refused(str(number), 60)
    bot.accepted()
    await asyncio.wait_for(bot.turn("free"), 1)
    for number in range(IN_A_ROW):
        await bot.refused(str(number), 60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.turn("other"), 0.05)


async def test_a_channel_in_trouble_is_asked_by_one_message_at_a_time():
    health = Health()
    for _ in range(5):
        health.failed()
    assert health.allows(25, 20) == 5
    health.failed(after_s=60)
    assert health.allows(25, 0) == 0
    health.worked()
    assert health.allows(25, 0) == 25
