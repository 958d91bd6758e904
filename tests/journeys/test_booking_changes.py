"""What becomes of a booking: moved in one change, cancelled up to its limit, waited for, taken into a calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from handlers.dialogue import MessageKind
from storage import people
from storage.bookings import State
from storage.waits import WaitState
from tests.journeys.booking import (
    BUREAU,
    booked,
    calendar_in,
    choices,
    has_booked,
    opens,
    opens_booking,
    presses_way,
    signs_up,
    standing,
    waiting,
    waits_for_a_time,
)
from tests.journeys.town import Person, Town, labels


def uid_of(calendar: str) -> str:
    return re.findall(r"UID:(.+)", calendar)[0].strip()


async def test_cancel_and_the_same_time_next_week_is_one_change(town: Town, lin: Person) -> None:
    await opens(town)
    first = calendar_in(await has_booked(lin, "11月25日", "14:30"))
    [before] = await standing(town, lin)

    reply = await lin.says("我约的那个取消，换下周同一时间")
    assert "原来是11月25日 周三 14:30–15:00（北京时间）" in reply.text
    assert "12月2日 周三 14:30–15:00" in reply.text
    reply = await lin.presses("确认改时间")

    assert "改好了" in reply.text
    [after] = await standing(town, lin)
    assert (after.number, after.starts_at) == (before.number, datetime(2026, 12, 2, 6, 30, tzinfo=UTC))
    second = calendar_in(reply)
    assert uid_of(first) == uid_of(second)
    assert ("SEQUENCE:0" in first, "SEQUENCE:1" in second) == (True, True)


async def test_moving_by_buttons_frees_the_old_time(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await presses_way(lin, "改时间", "11月26日", "15:00", "确认改时间")
    await has_booked(wang, "11月25日", "14:30")
    assert [one.starts_at for one in await standing(town, wang)] == [datetime(2026, 11, 25, 6, 30, tzinfo=UTC)]


async def test_a_move_that_loses_the_race_leaves_the_old_booking(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await presses_way(lin, "改时间", "11月26日", "15:00")
    await has_booked(wang, "11月26日", "15:00")
    reply = await lin.presses("确认改时间")
    assert "刚刚被约走了" in reply.text
    assert [one.starts_at for one in await standing(town, lin)] == [datetime(2026, 11, 25, 6, 30, tzinfo=UTC)]
    await presses_way(lin, "11月26日 周四 15:30", "确认改时间")
    assert [one.starts_at for one in await standing(town, lin)] == [datetime(2026, 11, 26, 7, 30, tzinfo=UTC)]


async def test_several_bookings_are_told_apart(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await has_booked(lin, "11月26日", "15:00", topic="税务")
    reply = await lin.says("我想取消预约")
    assert len(choices(reply)) == 2
    kept, gone = await standing(town, lin)
    await presses_way(lin, gone.number, "取消这个预约")
    assert await standing(town, lin) == [kept]
    reply = await lin.says(f"把我约的 {kept.number} 改到11月27日下午三点")
    assert "11月27日 周五 15:00" in reply.text


async def test_cancelling_takes_the_entry_out_of_the_calendar(town: Town, lin: Person) -> None:
    await opens(town)
    first = calendar_in(await has_booked(lin, "11月25日", "14:30"))
    reply = await presses_way(lin, "取消预约", "取消这个预约")
    assert "已经取消" in reply.text
    last = calendar_in(reply)
    assert ("METHOD:CANCEL" in last, "STATUS:CANCELLED" in last, "SEQUENCE:1" in last) == (True, True, True)
    assert uid_of(first) == uid_of(last)
    assert [one.state for one in await booked(town, lin)] == [State.CANCELLED]


async def test_not_cancelling_changes_nothing(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    reply = await presses_way(lin, "取消预约", "不取消")
    assert "没有改动" in reply.text
    assert len(await standing(town, lin)) == 1


@pytest.mark.parametrize("words", ["取消预约", "改到周五下午三点"])
async def test_past_the_limit_it_says_whom_to_turn_to(town: Town, lin: Person, words: str) -> None:
    await opens(town, cancel_minutes=24 * 60)
    await has_booked(lin, "11月25日", "14:30")
    town.clock.passes(hours=8)
    reply = await lin.says(words)
    assert "已经过了可以自己改动的时限（11月24日 周二 14:30（北京时间））" in reply.text
    assert "向工作人员提问" in labels(reply)
    assert len(await standing(town, lin)) == 1


@pytest.mark.parametrize("words", ["取消预约", "改约", "我的预约"])
async def test_without_a_booking_it_says_so(town: Town, lin: Person, words: str) -> None:
    await opens(town)
    reply = await lin.says(words)
    assert "没有预约" in reply.text
    assert "预约咨询" in labels(reply)


async def test_nobody_changes_what_is_not_theirs(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await has_booked(wang, "11月26日", "14:30")
    [one] = await standing(town, lin)
    for action in ("move-booking", "cancel-booking", "calendar"):
        reply = await wang.sends(kind=MessageKind.CHOICE, choice=f"go:{action}:{one.number}")
        assert "没有找到这个预约" in reply.text


async def test_my_bookings_lists_what_stands_with_its_calendar_file(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    reply = await lin.says("/mybookings")
    [one] = await standing(town, lin)
    assert f"{one.number}：11月25日 周三 14:30–15:00（北京时间），用地和厂房，视频，已约好" in reply.text
    reply = await lin.presses("日历文件")
    assert f"{one.number}" in calendar_in(reply)


async def test_a_freed_time_is_offered_to_who_waits_and_taken_with_one_tap(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town, minutes=30, ahead_days=2)
    for day in ("11月24日", "11月25日", "11月26日"):
        await has_booked(wang, day, "14:00")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await lin.presses("都不合适")
    gone = (await standing(town, wang))[1]
    await wang.sends(kind=MessageKind.CHOICE, choice=f"go:cancel-booking:{gone.number}")
    await wang.presses("取消这个预约")

    [wait] = await waiting(town, lin)
    assert wait.state is WaitState.OFFERED
    reply = await lin.says("我的预约")
    assert "已为您留出 11月25日 周三 14:00–14:30" in reply.text
    reply = await lin.presses("就约这个时间")
    assert "约好了" in reply.text
    assert "STATUS:CONFIRMED" in calendar_in(reply)
    assert [(one.starts_at, one.name) for one in await standing(town, lin)] == [(gone.starts_at, "林溪")]


async def test_an_offer_that_is_refused_or_late_is_gone(town: Town, lin: Person) -> None:
    wang = await waits_for_a_time(town, lin)
    gone = (await standing(town, wang))[1]
    await wang.sends(kind=MessageKind.CHOICE, choice=f"go:cancel-booking:{gone.number}")
    await wang.presses("取消这个预约")
    await lin.says("我的预约")
    reply = await lin.presses("不再候补")
    assert "不再候补" in reply.text
    reply = await lin.presses("就约这个时间")
    assert "已经让给下一位" in reply.text
    assert await standing(town, lin) == []


async def test_somebody_elses_offer_can_not_be_taken(town: Town, lin: Person) -> None:
    wang = await waits_for_a_time(town, lin)
    [wait] = await waiting(town, lin)
    await wang.sends(kind=MessageKind.CHOICE, choice=f"go:refuse-offer:{wait.id}")
    assert [one.state for one in await waiting(town, lin)] == [WaitState.WAITING]


async def test_moving_to_another_host_keeps_the_number(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await opens(town, BUREAU, starts="10:00", minutes=60)
    [before] = await standing(town, lin)
    await presses_way(lin, "改时间", "11月26日", "10:30", "确认改时间")
    [after] = await standing(town, lin)
    assert (after.number, after.host_id) == (before.number, "bureau")


async def test_in_english(town: Town) -> None:
    ann = town.person("ann", language="en")
    await opens(town)
    await ann.sends(text="/book")
    await presses_way(ann, "Tax", "By phone")
    for words in ("agree", "My name is Ann Lee", "ann@example.com", "Beijing time"):
        await ann.says(words)
    await presses_way(ann, "Wed 25 Nov", "14:30")
    reply = await ann.presses("Confirm")
    assert "The staff will call you" in reply.text
    reply = await ann.says("please move my appointment to Friday 3pm")
    assert "It was Wed 25 Nov 14:30–15:00 (Beijing time)" in reply.text
    reply = await ann.presses("Confirm the change")
    assert "Changed. The old time" in reply.text
    reply = await ann.says("cancel my booking")
    assert "Fri 27 Nov 15:00–15:30" in reply.text
    reply = await ann.presses("Cancel this booking")
    assert "is cancelled" in reply.text
    assert await standing(town, ann) == []


async def test_withdrawing_the_consent_deletes_and_frees(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await lin.says("/mydata")
    await presses_way(lin, "撤回同意", "预约咨询")
    assert await booked(town, lin) == []
    await has_booked(wang, "11月25日", "14:30")
    assert len(await standing(town, wang)) == 1


async def test_two_devices_hold_one_time_and_book_each_what_they_confirm(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    # The county's page and Telegram, say: two chats of one person.
    page = town.person("page")
    async with town.database.write() as connection:
        [one] = await standing(town, lin)
        await people.ensure_person(connection, one.person_id, "test", "page", town.clock.now())
    for device in (lin, page):
        await opens_booking(device)
        await presses_way(device, "税务", "视频", "11月26日")
    await lin.presses("15:00")
    reply = await page.presses("15:00")
    # Their own hold does not stand in their way; it goes along.
    assert "确认预约" in labels(reply)
    await page.presses("确认预约")
    reply = await lin.presses("确认预约")
    assert "您已经约好了" in reply.text
    assert len(await standing(town, lin)) == 2
