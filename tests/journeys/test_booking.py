"""A consultation is booked in a minute: what people tap, say and see, and what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.delivery.reminders import Reminders
from handlers.abroad import Abroad, PersonalData
from storage import slots
from storage.bookings import State
from storage.slots import Day, DayKind
from tests.journeys.booking import (
    ADMIN,
    BUREAU,
    TALENT,
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

WEDNESDAY_2_PM = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


async def test_a_whole_booking_takes_six_taps(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:00")
    lin.buttons.clear()

    taps = 1  # the button under an answer
    await opens_booking(lin)
    for label in ("税务", "电话", "11月26日", "15:00", "确认预约"):
        reply = await lin.presses(label)
        taps += 1

    assert taps <= 6
    assert "约好了" in reply.text
    assert "11月26日 周四 15:00–15:30（北京时间）" in reply.text
    last = (await standing(town, lin))[-1]
    assert (last.topic, last.mode, last.state) == ("tax", "phone", State.CONFIRMED)
    assert (last.name, last.contact) == ("林溪", ("phone", "+8613800138000"))


async def test_somebody_new_is_asked_for_consent_a_name_a_contact_and_their_clock_once(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    reply = await presses_way(lin, "子女上学", "到现场")
    assert "最近有空的时间：11月24日 周二 14:00" in reply.text
    assert "个人信息同意书" in reply.text
    await signs_up(lin)
    reply = await presses_way(lin, "11月25日", "14:30")

    assert "为您保留到 10:05" in reply.text
    assert {"- 地点：县政务中心 3 楼 302", "- 姓名：林溪"} <= set(reply.text.splitlines())
    assert [one.state for one in await booked(town, lin)] == [State.HELD]

    reply = await lin.presses("确认预约")
    [one] = await standing(town, lin)
    assert one.number in reply.text
    assert not set(one.number) & set("0OIL1U")
    assert one.number in calendar_in(reply)


async def test_declining_the_consent_stores_nothing(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.says("不同意")
    assert "没有预约" in reply.text
    assert await booked(town, lin) == []
    assert (await lin.conversation()).person is None


async def test_the_same_in_english(town: Town) -> None:
    ann = town.person("ann", language="en")
    await opens(town)
    await ann.sends(text="/book")
    reply = await presses_way(ann, "Tax", "By video")
    assert "The next free time: Tue 24 Nov 14:00" in reply.text
    for words in ("agree", "My name is Ann Lee", "ann@example.com", "Los Angeles"):
        await ann.says(words)
    reply = await ann.presses("Tue 24 Nov (tomorrow)")
    assert "Tue 24 Nov has these times (Los Angeles)" in reply.text
    assert "22:00 (Beijing Wed 14:00)" in labels(reply)
    reply = await ann.presses("22:00")
    assert "Wed 25 Nov 14:00–14:30 (Beijing time) = Tue 24 Nov 22:00–22:30 (Los Angeles)" in reply.text
    reply = await ann.presses("Confirm")
    assert "Booked, number" in reply.text
    [one] = await standing(town, ann)
    assert (one.starts_at, one.zone, one.language) == (WEDNESDAY_2_PM, "America/Los_Angeles", "en")


async def test_words_book_as_far_as_they_reach(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月26日", "14:00")
    reply = await lin.says("约明天下午两点半的视频，问税务")
    assert "听到的是：11月25日 周三 14:30（北京时间）" in reply.text
    assert "确认预约" in labels(reply)
    await lin.presses("确认预约")
    assert [(one.topic, one.mode) for one in await standing(town, lin)] == [("tax", "video"), ("land", "video")]


async def test_tomorrow_counts_from_when_it_was_said(town: Town, lin: Person) -> None:
    await opens(town)
    await lin.says("约明天下午的视频，问税务")
    town.clock.passes(days=1)
    await signs_up(lin)
    assert "11月25日 周三有这些时间" in lin.seen[-1].text


async def test_part_of_a_day_shows_only_that_part(town: Town, lin: Person) -> None:
    await opens(town)
    await opens(town, starts="09:00", minutes=60)
    await has_booked(lin, "11月25日", "14:00")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.says("周四上午")
    assert choices(reply)[:2] == ["09:00", "09:30"]
    assert "14:00" not in labels(reply)


async def test_what_is_not_free_is_said_with_the_nearest(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月26日", "14:00")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.says("这周六上午")
    assert "没有空的时间。最近的有" in reply.text
    assert choices(reply)[:3] == ["11月27日 周五 15:00", "11月27日 周五 15:30", "11月30日 周一 14:00"]
    reply = await lin.presses("11月27日 周五 15:30")
    assert "确认预约" in labels(reply)


async def test_a_time_that_went_meanwhile_is_refused_politely_with_the_nearest(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await lin.presses("11月25日")
    await has_booked(wang, "11月25日", "14:30")

    reply = await lin.presses("14:30")
    assert "11月25日 周三 14:30（北京时间）刚刚被约走了" in reply.text
    assert choices(reply)[:3] == ["11月25日 周三 14:00", "11月25日 周三 15:00", "11月26日 周四 14:00"]
    reply = await presses_way(lin, "11月25日 周三 15:00", "确认预约")
    assert "约好了" in reply.text


async def test_anybody_who_is_free_takes_it(town: Town, lin: Person) -> None:
    wang, zhao = town.person("wang"), town.person("zhao")
    await opens(town)
    await opens(town, BUREAU)
    for person in (lin, wang):
        await has_booked(person, "11月25日", "14:00")
    hosts = {(await standing(town, person))[0].host_id for person in (lin, wang)}
    assert hosts == {"talent", "bureau"}
    await opens_booking(zhao)
    await presses_way(zhao, "用地和厂房", "视频")
    await signs_up(zhao)
    assert "14:00" not in labels(await zhao.presses("11月25日"))


async def test_a_host_who_is_named_is_the_one(town: Town, lin: Person) -> None:
    await opens(town)
    await opens(town, BUREAU)
    await lin.says("想约招商局的老师视频聊聊用地")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:00", "确认预约")
    assert [one.host_id for one in await standing(town, lin)] == ["bureau"]


async def test_the_hold_ends_after_five_minutes_and_others_may_have_it(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    town.clock.passes(minutes=6)
    await has_booked(wang, "11月25日", "14:30")

    reply = await lin.presses("确认预约")
    assert "刚刚被约走了" in reply.text
    assert await standing(town, lin) == []
    assert [one.starts_at for one in await standing(town, wang)] == [datetime(2026, 11, 25, 6, 30, tzinfo=UTC)]


async def test_a_hold_that_ran_out_unseen_still_books_what_is_free(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    town.clock.passes(minutes=20)
    reply = await lin.presses("确认预约")
    assert "约好了" in reply.text
    assert len(await standing(town, lin)) == 1


async def test_tapping_twice_books_once(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    reply = await lin.presses("确认预约")
    assert "已经过了" in reply.text
    assert len(await standing(town, lin)) == 1


async def test_back_gives_the_time_up_and_shows_it_as_free(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    reply = await lin.presses("返回上一步")
    assert "14:30" in labels(reply)
    assert [one.state for one in await booked(town, lin)] == [State.EXPIRED]
    reply = await presses_way(lin, "15:00", "确认预约")
    assert [one.starts_at.hour for one in await standing(town, lin)] == [7]


async def test_cancelling_half_way_gives_the_time_up_at_once(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30", "取消")
    assert [one.state for one in await booked(town, lin)] == [State.EXPIRED]
    await has_booked(wang, "11月25日", "14:30")
    assert len(await standing(town, wang)) == 1


async def test_one_step_back_for_somebody_known_is_the_step_they_took(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.presses("返回上一步")
    assert choices(reply) == ["到现场", "电话", "视频"]


async def test_bare_hours_are_of_the_day_that_was_chosen(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月26日", "14:30")
    reply = await lin.says("改到三点吧")
    assert "- 时间：11月26日 周四 15:00–15:30（北京时间）" in reply.text


async def test_anything_can_be_changed_at_the_review(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    await presses_way(lin, "修改", "事项", "住房安家")
    await lin.says("改成电话吧")
    await lin.says("换成后天下午三点")
    await presses_way(lin, "修改", "姓名")
    await lin.says("林小溪")
    await lin.presses("补充想说明的情况")
    reply = await lin.says("同行两个人，想问公寓怎么申请")
    assert "- 事项：住房安家，电话" in reply.text
    assert "- 时间：11月26日 周四 15:00–15:30（北京时间）" in reply.text
    await lin.presses("确认预约")
    [one] = await standing(town, lin)
    assert (one.topic, one.mode, one.name, one.question) == (
        "housing",
        "phone",
        "林小溪",
        "同行两个人，想问公寓怎么申请",
    )


async def test_a_question_in_between_is_answered_and_the_booking_goes_on(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频", "11月26日")
    await lin.says("厂房租金补贴是多少?")
    assert len(lin.seen) == 2
    assert "租金" in lin.seen[0].text
    assert "14:00" in labels(lin.seen[1])


async def test_nonsense_is_asked_again(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.says("哈哈哈哈")
    assert "没有听出是哪一天" in reply.text
    assert "11月26日 周四" in labels(reply)


@pytest.mark.parametrize(
    "typed", ["d.99999999", "d.20260230", "t.1.30", "t.999999999.9999", "more.9999", "s.1.2.DAY.mine", "w.2.1", "other"]
)
async def test_the_data_of_buttons_typed_by_hand_does_no_harm(town: Town, lin: Person, typed: str) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await lin.says(typed)
    assert lin.seen[-1].text
    if (await lin.conversation()).flow:
        await presses_way(lin, "11月26日", "14:30", "确认预约")
        assert len(await standing(town, lin)) == 2


async def test_a_request_waits_for_the_staff_and_says_so(town: Town, lin: Person) -> None:
    await opens(town, needs_confirmation=True)
    reply = await has_booked(lin, "11月25日", "14:30", mode="视频")
    assert "等工作人员确认" in reply.text
    assert "腾讯会议" not in reply.text
    assert "STATUS:TENTATIVE" in calendar_in(reply)
    assert [one.state for one in await standing(town, lin)] == [State.PENDING]


async def test_the_share_of_a_week_is_told(town: Town, lin: Person) -> None:
    await opens(town, per_week=1)
    await has_booked(lin, "11月25日", "14:30")
    await opens_booking(lin)
    reply = await presses_way(lin, "税务", "视频")
    assert choices(reply)[0] == "11月30日 周一"
    reply = await lin.says("周五下午三点")
    assert "预约次数已经用完" in reply.text


async def test_the_same_time_again_is_known_as_ones_own(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月25日", "14:30")
    [one] = await standing(town, lin)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await lin.says("明天下午两点半")
    assert f"您已经约好了（编号 {one.number}）" in reply.text


async def test_too_soon_is_not_offered(town: Town, lin: Person) -> None:
    await opens(town, lead_minutes=5 * 60)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await signs_up(lin)
    assert "11月24日 周二（今天）" in labels(reply)
    reply = await lin.presses("11月24日")
    assert choices(reply)[:2] == ["15:00", "15:30"]


async def test_days_off_are_not_offered_and_a_year_not_announced_is_said(town: Town, lin: Person) -> None:
    town.clock.time = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await signs_up(lin)
    assert "1月1日" not in " ".join(labels(reply))
    assert "2027年的放假和调休安排还没有公布" in reply.text


async def test_a_button_under_an_answer_leads_here_where_somebody_can_be_booked(town: Town, lin: Person) -> None:
    assert "预约咨询" not in labels(await lin.says("厂房租金补贴是多少？"))
    await opens(town)
    town.clock.passes(minutes=1)
    assert "预约咨询" in labels(await lin.says("厂房租金补贴是多少？"))
    assert "您想咨询哪方面的事" in (await lin.presses("预约咨询")).text


async def test_nothing_published_is_said_with_another_way(town: Town, lin: Person) -> None:
    reply = await opens_booking(lin)
    assert "还没有开放预约" in reply.text
    assert "向工作人员提问" in labels(reply)


async def test_all_taken_offers_the_waiting_list_and_a_person(town: Town, lin: Person) -> None:
    wang = town.person("wang")
    await opens(town, minutes=30, ahead_days=1)
    await has_booked(wang, "11月24日", "14:00")
    await has_booked(wang, "11月25日", "14:00")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    reply = await signs_up(lin)
    assert "现在没有空的时间" in reply.text
    assert {"都不合适，有空出来的通知我", "向工作人员提问"} <= set(labels(reply))
    reply = await lin.presses("都不合适")
    assert "已经为您候补" in reply.text
    [one] = await waiting(town, lin)
    assert (one.topic, one.mode, one.name) == ("tax", "video", "林溪")


async def test_who_waits_is_offered_the_day_that_opens_next_and_hears_of_it_in_the_morning(
    town: Town, lin: Person
) -> None:
    await waits_for_a_time(town, lin)
    jobs = Reminders(town.desk)
    await jobs.work()
    assert await booked(town, lin) == []

    town.clock.time = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # the 25th begins, and with it the 26th opens
    await jobs.work()
    [held] = await booked(town, lin)
    assert (held.state, held.starts_at) == (State.HELD, WEDNESDAY_2_PM + timedelta(days=1))
    assert [one for one in await town.outbox() if "先为您留着" in one.text] == []
    town.clock.time = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    await jobs.work()
    [offer] = [one for one in await town.outbox() if "先为您留着" in one.text]
    assert "请在 11月25日 周三 10:00" in offer.text


async def test_the_conversation_goes_on_after_a_restart(town: Town, lin: Person) -> None:
    await opens(town)
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    again = Town(town.database, town.shelf.files)
    again.ids.count, again.clock.time = 500, town.clock.time
    lin.town = again
    reply = await lin.presses("确认预约")
    assert "约好了" in reply.text


async def test_abroad_is_asked_once_and_then_remembered(town: Town, lin: Person) -> None:
    await opens(town)
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ASK, frozenset({"test"})))
    await opens_booking(lin)
    reply = await presses_way(lin, "税务", "视频")
    assert "服务器在境外" in reply.text
    await lin.presses("我同意，就在这里填")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30", "确认预约")

    await opens_booking(lin)
    reply = await presses_way(lin, "税务", "视频")
    assert "11月26日 周四" in labels(reply)


async def test_where_the_county_keeps_personal_data_at_home_the_form_moves(town: Town, lin: Person) -> None:
    await opens(town)
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.HANDOVER, frozenset({"test"})))
    await opens_booking(lin)
    reply = await presses_way(lin, "税务", "视频")
    assert "这里不收个人信息" in reply.text
    assert await booked(town, lin) == []


@pytest.mark.parametrize(
    "words",
    [
        "我这边是洛杉矶时间晚上十点，你们那边有人吗，约一个视频问税务",
        "I am in Los Angeles, book a video call about tax",
    ],
)
async def test_the_clock_somebody_speaks_of_is_not_asked_again(town: Town, lin: Person, words: str) -> None:
    await opens(town)
    await lin.says(words)
    for said in ("同意", "我叫林溪", "13800138000"):
        await lin.says(said)
    assert (await lin.conversation()).memory["zone"] == "America/Los_Angeles"


async def test_a_leave_published_meanwhile_takes_the_time_away(town: Town, lin: Person) -> None:
    await opens(town)
    await has_booked(lin, "11月26日", "14:00")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频", "11月25日")
    async with town.database.write() as connection:
        await slots.add_day(connection, ADMIN, Day(TALENT.id, date(2026, 11, 25), DayKind.LEAVE))
    reply = await lin.presses("14:30")
    assert "刚刚被约走了" in reply.text
    assert "11月26日 周四 14:30" in labels(reply)
