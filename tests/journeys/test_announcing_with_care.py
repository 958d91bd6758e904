"""What announcements owe people: their stop, their language, their names; and staff: a word about what became of it."""

from __future__ import annotations

from dataclasses import replace

from handlers import channel_switches
from handlers.abroad import Abroad, PersonalData
from handlers.dialogue import MessageKind
from storage import staff
from storage.staff import Role, Viewer
from tests.journeys.announcing import Hall
from tests.journeys.town import Person

ADMIN = Viewer("operator", Role.COUNTY_ADMIN)


async def corrects(hall: Hall, writer: Person) -> None:
    """Take back what was just sent, and write its correction."""
    await writer.says("/announce")
    await writer.presses("A")
    await writer.presses("收回已发的")
    await writer.presses("确定收回")
    await hall.goes_on()
    await writer.presses("写更正")
    await writer.says("更正：恳谈会时间不变\n\n仍是二月十日。")
    for _ in range(3):
        await writer.presses("跳过")
    await writer.presses("批准后马上")
    await writer.presses("再发一次")


async def test_a_stop_is_heard_in_a_channel_that_is_switched_off(hall: Hall, chen: Person, zhou: Person) -> None:
    lin = await hall.registers("lin")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    [got] = hall.channel.said["lin"]
    await channel_switches.switch(hall.town.desk, ADMIN, "test", on=False)
    hall.town.clock.passes(minutes=1)
    assert "暂停" in (await lin.says("你好")).text
    stopped = await lin.sends(kind=MessageKind.CHOICE, choice=got.buttons[-1][0].data)
    assert "不再" in stopped.text
    boxes = await lin.says("退订")
    assert [one.ticked for row in boxes.buttons for one in row if one.ticked is not None] == [False, False, True]


async def test_who_follows_a_file_in_english_is_written_to_in_english(hall: Hall, chen: Person, zhou: Person) -> None:
    amy = hall.town.person("amy")
    await amy.says("Is there a grant for rent?")
    await amy.says("/topics")
    await amy.presses("Policy")
    await hall.announces(chen, zhou, topic="政策变化和申报")
    await hall.goes_on()
    assert ["18 February" in text for text in hall.heard("amy")] == [True]


async def test_a_correction_does_not_go_to_who_took_their_consent_back(hall: Hall, chen: Person, zhou: Person) -> None:
    lin, wang = await hall.registers("lin"), await hall.registers("wang")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    await lin.sends(kind=MessageKind.CHOICE, choice="go:withdraw:registry")
    await wang.says("你好")
    await corrects(hall, chen)
    shown = await chen.presses("看看收到的样子")
    assert "能发到 1 人" in shown.text
    assert "本周已收满三条的人也会收到" in shown.text


async def test_no_name_passes_through_a_platform_abroad(hall: Hall, chen: Person, zhou: Person) -> None:
    await hall.registers("lin")
    hall.town.desk = replace(hall.town.desk, personal_data=PersonalData(Abroad.ASK, frozenset({"test"})))
    await hall.writes(chen)
    await chen.presses("提交审批")
    told = "".join(reply.text for reply in [*chen.seen, *await hall.told("zhou")])
    assert "能发到 1 人" in told
    assert "林" not in told


async def test_what_was_written_where_nobody_can_be_told_is_told_to_all_who_may_decide(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    number = await hall.announces(chen, zhou)
    async with hall.town.database.write() as connection:
        for member in ("chen", "zhou"):
            await staff.revoke(connection, member, hall.town.clock.now())
    await hall.hires("wu")
    await hall.goes_on()
    assert await hall.told("chen") == []
    [told] = [reply for reply in await hall.told("wu") if number in reply.text]
    assert "已送达 1" in told.text


async def test_a_correction_that_is_widened_to_everybody_is_none_any_more(
    hall: Hall, chen: Person, zhou: Person
) -> None:
    await hall.registers("lin")
    await hall.announces(chen, zhou)
    await hall.goes_on()
    await corrects(hall, chen)
    shown = await chen.presses("看看收到的样子")
    assert "本周已收满三条的人也会收到" in shown.text
    await chen.presses("修改")
    await chen.presses("发给谁")
    await chen.presses("不限")
    await chen.presses("选好了")
    shown = await chen.presses("看看收到的样子")
    assert "所有同意接收的人" in shown.text
    assert "本周已收满三条的人也会收到" not in shown.text
