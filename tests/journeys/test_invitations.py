"""Announcements with the card of an event: what becomes of them when the event changes, is called off or over."""

from __future__ import annotations

from datetime import timedelta

from handlers import event_desk
from handlers.dialogue import MessageKind
from tests.handlers.wall_clock import at
from tests.journeys.announcing import Hall
from tests.journeys.test_events import ADMIN, FORUM
from tests.journeys.town import Person, labels


async def drafts(hall: Hall, chen: Person, *, when: str = "批准后马上") -> tuple[str, str]:
    """Write an invitation to an event and look at it; give the event's code and the announcement's number."""
    event = await event_desk.create(hall.town.desk, ADMIN, FORUM)
    await chen.says("/announce")
    await chen.presses("写新通知")
    await chen.presses("活动和动态")
    await chen.says("新春恳谈会开始报名\n\n欢迎回来。")
    for _ in range(2):
        await chen.presses("跳过")
    await chen.presses(FORUM.title)
    await chen.presses("跳过")
    await chen.presses("选好了")
    await chen.says(when)
    saved = await chen.presses("再发一次")
    number = next(word for word in saved.text.replace("，", " ").split() if word.startswith("A"))
    await chen.presses("看看收到的样子")
    return event.code, number


async def invites(hall: Hall, chen: Person, zhou: Person, *, when: str = "批准后马上") -> tuple[str, str]:
    """Write an invitation and have it approved."""
    code, number = await drafts(hall, chen, when=when)
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    return code, number


async def test_an_invitation_carries_the_card_and_its_button_signs_up(hall: Hall, chen: Person, zhou: Person) -> None:
    lin = await hall.registers("lin")
    _, number = await invites(hall, chen, zhou)
    await hall.goes_on(seconds=61)
    [got] = hall.channel.said["lin"]
    assert "2027年2月10日 周三 09:00–11:30（北京时间）" in got.text
    assert "县文化馆" in got.text
    assert labels(got) == ["我要报名", "不再收这类通知"]
    await lin.sends(kind=MessageKind.CHOICE, choice=got.buttons[0][0].data)
    assert (await lin.conversation()).flow == "event-reply"
    await zhou.says("/announce")
    await zhou.presses(number)
    assert "我要报名：1 人" in (await zhou.presses("报告")).text


async def test_an_invitation_to_an_event_that_is_called_off_does_not_go_out(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    code, number = await invites(hall, chen, zhou, when="2026-12-01 09:00")
    await hall.goes_on(minutes=2)
    await event_desk.call_off(hall.town.desk, ADMIN, code, "改在秋天举办。")
    assert "活动改了或取消了" in (await hall.told("chen"))[-1].text
    hall.at(at("2026-12-01 09:00"))
    await hall.goes_on()
    assert not hall.channel.said
    assert await hall.states(number) == {"lin": "pending"}


async def test_an_invitation_that_waits_past_the_deadline_asks_first(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    await invites(hall, chen, zhou)
    await zhou.presses("进度")
    await zhou.presses("暂停")
    hall.at(FORUM.deadline + timedelta(hours=1))
    await zhou.presses("进度")
    await zhou.presses("继续发")
    await hall.goes_on()
    hall.at(FORUM.deadline + timedelta(days=1))
    await hall.goes_on()
    assert not hall.channel.said
    assert "截止时间" in (await hall.told("chen"))[-1].text


async def test_one_that_waits_for_approval_when_its_event_changes_goes_back_and_is_saved_again_first(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    code, number = await drafts(hall, chen)
    await chen.presses("提交审批")
    [asked] = [reply for reply in await hall.told("zhou") if "批准" in labels(reply)]
    changed = {"place": "县体育馆"}
    await event_desk.change(hall.town.desk, ADMIN, code, changed)
    [came_back] = await hall.told("chen")
    assert "活动改了或取消了" in came_back.text
    approve = next(one for row in asked.buttons for one in row if one.label == "批准")
    refused = await zhou.sends(kind=MessageKind.CHOICE, choice=approve.data)
    assert "现在不在等待批准" in refused.text
    look = f"go:announcement:preview.{number}"
    shown = await chen.sends(kind=MessageKind.CHOICE, choice=look)
    assert "活动改了或取消了" in shown.text
    assert "请先修改并重新保存" in (await chen.presses("提交审批")).text
    edit = next(one for row in came_back.buttons for one in row if one.label == "修改")
    await chen.sends(kind=MessageKind.CHOICE, choice=edit.data)
    await chen.presses("中文内容")
    await chen.says("恳谈会换了地方\n\n请看卡片。")
    await chen.sends(kind=MessageKind.CHOICE, choice=look)
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    [got] = hall.heard("lin")
    assert "县体育馆" in got
