"""Announcements through the front door: written, approved by a second person, stopped in time."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bot.channels import Undeliverable
from handlers import announce_desk
from handlers.dialogue import MessageKind
from handlers.still_right import queue_prompts
from storage import announcements, people
from storage.announcement_tables import State
from storage.database import Database
from storage.staff import NotAllowed, Role, Viewer
from tests.handlers.wall_clock import at
from tests.journeys.announcing import MOVED, Hall
from tests.journeys.town import Person, labels
from tests.knowledge.county import County as Files


async def test_it_is_written_previewed_approved_by_another_sent_and_reported_on_both_databases(
    database: Database, files: Files
) -> None:
    hall = Hall(database, files)
    chen, zhou = await hall.hires("chen"), await hall.hires("zhou")
    await hall.registers("lin")
    await hall.registers("amy", place="JP", language="en")
    number = await hall.writes(chen)
    chinese, english, summary = chen.seen
    assert "恳谈会改到二月十八日" in chinese.text
    assert labels(chinese)[-1] == "不再收这类通知"
    assert "18 February" in english.text
    assert "能发到 2 人" in summary.text
    assert "林＊" in summary.text
    assert hall.channel.said == {}
    submitted = await chen.presses("提交审批")
    assert "1 位同事" in submitted.text
    done = await hall.approves(zhou, number)
    assert "60 秒内可以撤回" in done.text
    await hall.goes_on(seconds=59)
    assert not hall.channel.said
    await hall.goes_on(seconds=2)
    assert [MOVED.split("\n")[0] in text for text in hall.heard("lin")] == [True]
    assert ["18 February" in text for text in hall.heard("amy")] == [True]
    [to_writer], [to_approver] = await hall.told("chen"), await hall.told("zhou")
    assert "已送达 2" in to_writer.text
    assert to_approver.text == to_writer.text
    await hall.goes_on(hours=1)
    assert len(hall.heard("lin")) == 1


async def test_nobody_approves_what_they_wrote_and_nothing_but_what_was_shown(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    number = await hall.writes(chen)
    await chen.presses("提交审批")
    assert [reply.text for reply in await hall.told("chen")] == []  # whoever wrote it is not asked
    await chen.says("/announce")
    await chen.presses(f"{number} 等待批准")
    review = (await chen.presses("看内容和名单")).buttons
    own = next(one for row in review for one in row if one.label == "批准")
    refused = await chen.sends(kind=MessageKind.CHOICE, choice=own.data)
    assert "不能自己批准" in refused.text
    changed = await zhou.sends(kind=MessageKind.CHOICE, choice=f"go:announcement:approve.{number}.00000000.sure")
    assert "不一样" in changed.text
    async with hall.town.database.write() as connection:
        with pytest.raises(announce_desk.NotPossible, match="own"):
            digest = str((await announcements.by_number(connection, number)).digest)  # type: ignore[union-attr]
            await announce_desk.approve(connection, hall.town.desk, Viewer("chen", Role.BUREAU), number, digest)
    await hall.goes_on(minutes=5)
    assert not hall.channel.said


async def test_sent_back_it_is_changed_and_whoever_changed_it_can_not_approve_it(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    number = await hall.writes(chen)
    await chen.presses("提交审批")
    asked = (await hall.told("zhou"))[-1]
    back = next(one for row in asked.buttons for one in row if one.label == "退回")
    await zhou.sends(kind=MessageKind.CHOICE, choice=back.data)
    await zhou.says("地点写错了")
    [came_back] = await hall.told("chen")
    assert "地点写错了" in came_back.text
    edit = next(one for row in came_back.buttons for one in row if one.label == "修改")
    await chen.sends(kind=MessageKind.CHOICE, choice=edit.data)
    await chen.presses("中文内容")
    saved = await chen.says("恳谈会改到二月十九日\n\n地点不变。")
    assert number in saved.text
    shown = await chen.presses("看看收到的样子")
    assert "二月十九日" in chen.seen[0].text
    assert "地点写错了" in shown.text
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    assert ["二月十九日" in text for text in hall.heard("lin")] == [True]


async def test_a_draft_changed_elsewhere_is_not_opened_with_the_answers_it_had_here(hall: Hall, chen: Person) -> None:
    await hall.registers("lin")
    number = await hall.writes(chen)
    async with hall.town.database.write() as connection:
        draft = await announcements.by_number(connection, number)
        assert draft is not None
        values = {one.name: getattr(draft, one.name) for one in fields(announcements.Draft)}
        narrower = announcements.Draft(**{**values, "audience": {"townships": ["liuhe"]}})
        await announcements.save_draft(connection, narrower, hall.town.clock.now())
    refused = await chen.sends(kind=MessageKind.CHOICE, choice=f"go:announcement:edit.{number}")
    assert "在别处写的" in refused.text


async def test_undone_within_the_minute_nobody_hears_a_word(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    number = await hall.writes(chen)
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=50)
    undone = await zhou.presses("撤回")
    assert "没有发给任何人" in undone.text
    await hall.goes_on(minutes=10)
    assert not hall.channel.said
    await zhou.says("/announce")
    assert f"{number} 草稿" in labels(zhou.seen[-1])


async def test_after_the_minute_undo_says_what_else_can_be_done(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    late = await zhou.presses("撤回")
    assert "不能" in late.text
    assert len(hall.heard("lin")) == 1


async def test_quiet_hours_wait_for_the_recipients_morning(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await hall.registers("amy", place="US", language="en")  # 21:01 in New York
    number = await hall.announces(chen, zhou)
    await hall.goes_on()
    assert (len(hall.heard("lin")), len(hall.heard("amy"))) == (1, 0)
    await hall.goes_on(hours=10)
    assert hall.heard("amy") == []
    hall.at(at("2026-11-24 08:00", "America/New_York"))
    await hall.goes_on()
    assert hall.heard("amy") == []  # nobody knows where in the country: in Hawaii it is night
    hall.at(at("2026-11-24 08:00", "Pacific/Honolulu"))
    await hall.goes_on()
    assert len(hall.heard("amy")) == 1
    assert set((await hall.states(number)).values()) == {"sent"}


async def test_a_stop_after_approval_counts_when_it_is_sent(hall: Hall, chen: Person, zhou: Person) -> None:
    lin = await hall.registers("lin")
    await hall.registers("wang")
    first = await hall.announces(chen, zhou)
    await hall.goes_on()
    # The very button under the message that was received.
    stop = hall.channel.said["lin"][0].buttons[-1][0]
    second = await hall.writes(chen, "第二条通知\n\n请查看。")
    await chen.presses("提交审批")
    await hall.approves(zhou, second)
    await hall.goes_on(seconds=10)  # planned, and not begun
    stopped = await lin.sends(kind=MessageKind.CHOICE, choice=stop.data)
    assert "不再给您发" in stopped.text
    await hall.goes_on(seconds=60)
    assert await hall.states(second) == {"lin": "opted-out", "wang": "sent"}
    assert set((await hall.states(first)).values()) == {"sent"}
    report = (await hall.told("chen"))[-1]
    assert "已停收：1 人" in report.text
    # A slip is taken back with one tap, and everything is stopped with one.
    await lin.presses("点错了")
    third = await hall.announces(chen, zhou, words="第三条通知\n\n请查看。")
    await hall.goes_on()
    assert (await hall.states(third))["lin"] == "sent"
    await lin.presses("全都不收")
    fourth = await hall.announces(chen, zhou, words="第四条通知\n\n请查看。")
    await hall.goes_on()
    assert "lin" not in await hall.states(fourth)


async def test_nobody_gets_more_than_three_in_seven_days_on_both_databases(database: Database, files: Files) -> None:
    hall = Hall(database, files)
    chen, zhou = await hall.hires("chen"), await hall.hires("zhou")
    await hall.registers("lin")
    numbers = []
    for day in range(4):
        hall.at(at(f"2026-11-2{4 + day} 10:00"))
        numbers.append(await hall.announces(chen, zhou, words=f"第{day}条通知\n\n请查看。"))
        await hall.goes_on()
    assert [(await hall.states(number))["lin"] for number in numbers] == ["sent", "sent", "sent", "cap"]
    await hall.writes(chen, "第五条通知\n\n请查看。")
    assert "1 人七天内已收满三条" in chen.seen[-1].text
    assert "收满三条：1 人" in (await hall.told("chen"))[-1].text
    hall.at(at("2026-12-02 10:00"))
    later = await hall.announces(chen, zhou, words="一周后的通知\n\n请查看。")
    await hall.goes_on()
    assert (await hall.states(later))["lin"] == "sent"
    # What concerns somebody's own matters is not held back.
    own = await hall.announces(chen, zhou, words="请核对您的登记\n\n谢谢。", topic="和对方有关")
    await hall.goes_on()
    assert (await hall.states(own))["lin"] == "sent"


async def test_scheduled_it_goes_out_at_its_time_and_can_be_undone_until_then(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou, when="2027-01-15 09:00")
    await hall.goes_on(days=10)
    assert not hall.channel.said
    hall.at(at("2027-01-15 09:00"))
    await hall.goes_on()
    assert len(hall.heard("lin")) == 1
    await hall.announces(chen, zhou, words="另一条\n\n请查看。", when="2027-02-15 09:00")
    hall.at(at("2027-02-15 08:59"))
    assert "没有发给任何人" in (await zhou.presses("撤回")).text
    hall.at(at("2027-02-15 09:30"))
    await hall.goes_on()
    assert len(hall.heard("lin")) == 1


@pytest.mark.parametrize("words", ["昨天上午9点", "2020-01-01 09:00", "2028-06-01 09:00", "过几天"])
async def test_a_time_that_is_none_is_asked_again_and_nothing_is_lost(hall: Hall, chen: Person, words: str) -> None:
    await hall.registers("lin")
    await chen.says("/announce")
    await chen.presses("写新通知")
    await chen.presses("活动和动态")
    await chen.says(MOVED)
    for _ in range(3):
        await chen.presses("跳过")
    await chen.presses("选好了")
    again = await chen.says(words)
    assert "批准后马上" in labels(again)
    await chen.says("明天上午9点")
    saved = await chen.presses("再发一次")
    assert "已存为草稿" in saved.text


async def test_paused_it_holds_and_goes_on_where_it_was(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await hall.registers("amy", place="US", language="en")
    number = await hall.announces(chen, zhou)
    await hall.goes_on()
    await zhou.presses("进度")
    assert "50%" in zhou.seen[-1].text
    await zhou.presses("暂停")
    hall.at(at("2026-11-24 09:00", "Pacific/Honolulu"))
    await hall.goes_on()
    assert hall.heard("amy") == []
    await zhou.presses("进度")
    assert "已暂停" in zhou.seen[-1].text
    await zhou.presses("继续发")
    await hall.goes_on()
    assert len(hall.heard("amy")) == 1
    assert len(hall.heard("lin")) == 1
    assert "已发完" in (await hall.told("chen"))[-1].text
    assert set((await hall.states(number)).values()) == {"sent"}


async def test_stopped_after_being_asked_once_more_the_rest_never_hears(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await hall.registers("amy", place="US", language="en")
    number = await hall.announces(chen, zhou)
    await hall.goes_on()
    await zhou.presses("进度")
    await zhou.presses("停止")
    await hall.goes_on()
    assert (await hall.states(number))["amy"] == "pending"  # not sure yet
    await zhou.presses("确定停止")
    await hall.goes_on(days=2)
    assert await hall.states(number) == {"lin": "sent", "amy": "stopped"}
    assert "停止时还没发到：1 人" in (await hall.told("chen"))[-1].text


async def test_recalled_it_is_deleted_and_a_correction_goes_to_those_it_reached(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    await hall.registers("late")  # never received it
    await chen.says("/announce")
    await chen.presses("A")
    await chen.presses("收回已发的")
    await chen.presses("确定收回")
    await hall.goes_on()
    assert hall.heard("lin") == []
    assert "已删除 1" in (await hall.told("chen"))[-1].text
    await chen.presses("写更正")
    await chen.says("更正：恳谈会时间不变\n\n仍是二月十日。")
    for _ in range(3):
        await chen.presses("跳过")
    await chen.presses("批准后马上")
    saved = await chen.presses("再发一次")
    number = next(word for word in saved.text.replace("，", " ").split() if word.startswith("A"))
    shown = await chen.presses("看看收到的样子")
    assert "能发到 1 人" in shown.text
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    assert await hall.states(number) == {"lin": "sent"}


async def test_what_can_not_be_deleted_any_more_says_that_it_was_taken_back(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    hall.channel.can_delete = False
    await chen.says("/announce")
    await chen.presses("A")
    await chen.presses("收回已发的")
    await chen.presses("确定收回")
    await hall.goes_on(days=3)
    assert "已由望川县迎回建办撤回" in hall.channel.amended["lin"].text
    assert "已改成收回说明 1" in (await hall.told("chen"))[-1].text


async def test_too_late_after_an_outage_it_asks_before_it_sends(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou, when="2026-11-25 09:00")
    await hall.goes_on(seconds=1)  # planned; then the power fails until evening
    hall.at(at("2026-11-25 18:00"))
    await hall.goes_on()
    assert not hall.channel.said
    asked = (await hall.told("chen"))[-1]
    assert "误了发送时间" in asked.text
    assert labels(asked) == ["照发", "停止"]
    go_on = asked.buttons[0][0]
    await chen.sends(kind=MessageKind.CHOICE, choice=go_on.data)
    await hall.goes_on()
    assert len(hall.heard("lin")) == 1


async def test_a_blocked_chat_is_reported_and_left_out_until_somebody_writes_there(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    wang = await hall.registers("wang")
    hall.channel.faults["wang"] = [Undeliverable("bot was blocked by the user", blocked=True)]
    first = await hall.announces(chen, zhou)
    await hall.goes_on()
    assert "已拉黑 1" in (await hall.told("chen"))[-1].text
    second = await hall.announces(chen, zhou, words="第二条\n\n请查看。")
    await hall.goes_on()
    assert set(await hall.states(first)) == {"lin", "wang"}
    assert set(await hall.states(second)) == {"lin"}
    await wang.says("你好")
    third = await hall.announces(chen, zhou, words="第三条\n\n请查看。")
    await hall.goes_on()
    assert set(await hall.states(third)) == {"lin", "wang"}


async def test_a_button_under_it_is_counted_once_and_does_what_it_says(hall: Hall, chen: Person, zhou: Person) -> None:
    lin = await hall.registers("lin")
    await chen.says("/announce")
    await chen.presses("写新通知")
    await chen.presses("用人")
    await chen.says("有企业找模具工程师\n\n周末来也行。")
    await chen.presses("跳过")
    await chen.presses("跳过")
    await chen.presses("我是专家")
    await chen.presses("选好了")
    await chen.presses("选好了")
    await chen.presses("批准后马上")
    saved = await chen.presses("不再发")
    number = next(word for word in saved.text.replace("，", " ").split() if word.startswith("A"))
    await chen.presses("看看收到的样子")
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    [got] = hall.channel.said["lin"]
    button = got.buttons[0][0]
    opened = await lin.sends(kind=MessageKind.CHOICE, choice=button.data)
    assert (await lin.conversation()).flow == "register-expert"
    assert opened.text
    await lin.sends(kind=MessageKind.CHOICE, choice=button.data)
    await chen.says("/announce")
    await chen.presses(number)
    report = await chen.presses("报告")
    assert "点了按钮的 1 人" in report.text


async def test_an_audience_is_narrowed_by_pressing_and_by_typing_with_the_count_shown(hall: Hall, chen: Person) -> None:
    await hall.registers("lin", "liuhe", "CN/深圳")
    await hall.registers("wang", "qingshi", "CN/苏州")
    await hall.registers("amy", "liuhe", "US", "en")
    await chen.says("/announce")
    await chen.presses("写新通知")
    await chen.presses("活动和动态")
    await chen.says(MOVED)
    for _ in range(3):
        asked = await chen.presses("跳过")
    assert "能发到 3 人" in asked.text
    await chen.presses("乡镇")
    narrowed = await chen.presses("柳河镇")
    assert "能发到 2 人" in narrowed.text
    assert "乡镇：柳河镇" in narrowed.text
    typed = await chen.says("美国")
    assert "能发到 1 人" in typed.text
    nobody = await chen.says("苏州")  # a second place: either of them
    assert "能发到 1 人" in nobody.text
    unknown = await chen.says("火星")
    assert "没看懂这个条件" in unknown.text
    everybody = await chen.presses("不限")
    assert "能发到 3 人" in everybody.text


async def test_a_township_writes_to_its_own_people_and_approves_nothing(hall: Hall, zhou: Person) -> None:
    officer = await hall.hires("liu", Role.TOWNSHIP, "liuhe")
    other = await hall.hires("qing", Role.TOWNSHIP, "qingshi")
    await hall.registers("lin", "liuhe")
    await hall.registers("wang", "qingshi")
    number = await hall.writes(officer)
    assert "能发到 1 人" in officer.seen[-1].text
    await officer.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    assert await hall.states(number) == {"lin": "sent"}
    theirs = await other.sends(kind=MessageKind.CHOICE, choice=f"go:announcement:show.{number}")
    assert "不能做这件事" in theirs.text
    async with hall.town.database.read() as connection:
        with pytest.raises(NotAllowed):
            await announce_desk.known(connection, Viewer("qing", Role.TOWNSHIP, "qingshi"), number)


async def test_who_is_no_staff_is_told_where_their_own_topics_are(hall: Hall) -> None:
    lin = await hall.registers("lin")
    for way in ("/announce", "/start announce"):
        told = await lin.says(way)
        assert "工作人员的事" in told.text
    reader = await hall.hires("du", Role.READER)
    assert "工作人员的事" in (await reader.says("/announce")).text
    pressed = await lin.sends(kind=MessageKind.CHOICE, choice="go:announcement:write")
    assert "工作人员的事" in pressed.text
    assert (await lin.conversation()).flow is None


async def test_promises_money_and_forgotten_figures_are_pointed_out_to_both(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    await hall.writes(
        chen, "保证每户补贴 3000 元\n\n请在2026年3月1日前转账。", "A grant for every household\n\nCome soon."
    )
    shown = chen.seen[-1].text
    for told in ("像承诺的话", "提到钱款往来", "日期已经过去", "英文里没有：3000"):
        assert told in shown
    await chen.presses("提交审批")
    assert "像承诺的话" in (await hall.told("zhou"))[-1].text


async def test_whoever_blocked_the_bot_is_reached_in_their_other_chat_until_they_write_again(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    lin = await hall.registers("lin")
    async with hall.town.database.write() as connection:
        await people.ensure_person(connection, "p-lin", "web", "w1", hall.town.clock.now())
    await lin.says("/start")
    # Telegram tells the second, and it takes a moment until we hear of it.
    pressed = hall.town.clock.now()
    hall.town.clock.passes(seconds=2)
    await lin.sends(kind=MessageKind.LEFT, at=pressed)
    left = await hall.announces(chen, zhou)
    await hall.goes_on()
    assert await hall.states(left) == {"w1": "pending"}
    await lin.says("/start")
    back = await hall.announces(chen, zhou)
    await hall.goes_on()
    assert await hall.states(back) == {"lin": "sent"}


async def test_nothing_can_be_submitted_that_would_reach_nobody(hall: Hall, chen: Person) -> None:
    lin = await hall.registers("lin")
    await hall.writes(chen)
    await lin.says("退订")
    await lin.presses("全都不收")
    refused = await chen.presses("提交审批")
    assert "一个人也发不到" in refused.text


async def test_the_first_failures_pause_it_and_the_staff_hear_why(hall: Hall, chen: Person, zhou: Person) -> None:
    for number in range(8):
        await hall.registers(f"p{number}")
        hall.channel.faults[f"p{number}"] = [Undeliverable("bad content")] if number < 6 else []
    await hall.announces(chen, zhou)
    await hall.goes_on()
    told = await hall.told("chen")
    assert any("已自动暂停" in reply.text for reply in told)
    assert len(hall.heard("p7")) == 1


async def test_old_presses_of_a_restarted_day_do_no_harm(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    number = await hall.writes(chen)
    await chen.presses("提交审批")
    first = await hall.approves(zhou, number)
    assert "已批准" in first.text
    again = await zhou.presses("确定发给")
    assert "不在等待批准" in again.text
    await chen.presses("提交审批")  # pressed long after
    async with hall.town.database.read() as connection:
        one = await announcements.by_number(connection, number)
    assert one is not None
    assert one.state is State.APPROVED
    await hall.goes_on(seconds=61)
    assert len(hall.heard("lin")) == 1


async def test_the_half_yearly_question_goes_the_same_road(hall: Hall) -> None:
    lin = await hall.registers("lin")
    stops = await hall.registers("wang")
    await stops.says("退订")
    await stops.presses("全都不收")
    hall.at(at("2027-06-30 23:00"))
    assert await queue_prompts(hall.town.desk) == 2
    await hall.goes_on(minutes=2)
    assert not hall.channel.said  # it is night
    hall.at(at("2027-07-01 07:30"))
    await hall.goes_on()
    hall.at(at("2027-07-01 08:00"))
    await hall.goes_on()
    assert set(hall.channel.said) == {"lin"}
    chief = await hall.hires("chief", Role.COUNTY_ADMIN)
    await chief.says("/announce")
    number = labels(chief.seen[-1])[-1].split()[0]
    shown = await chief.sends(kind=MessageKind.CHOICE, choice=f"go:announcement:preview.{number}")
    assert "半年没核对的人，截至：6月30日" in shown.text
    [asked] = hall.channel.said["lin"]
    await lin.sends(kind=MessageKind.CHOICE, choice=asked.buttons[0][0].data)
    assert "林溪" in lin.seen[-1].text
    assert "谢谢" in (await lin.presses("都对")).text
