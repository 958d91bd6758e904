"""Events through the front door: seen, signed up for, full, changed, called off, the door. On both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.reminders import Reminders
from handlers import event_desk
from handlers.county import Township
from handlers.dialogue import File, MessageKind, Reply
from handlers.event_words import PAYLOAD
from storage import event_replies, forgetting, outbox, people
from storage.database import Database
from storage.errors import Conflict
from storage.event_replies import ReplyState
from storage.events import Event
from storage.staff import NotAllowed, Role, Viewer
from tests.gatherings import coming
from tests.handlers.wall_clock import at
from tests.journeys.town import Person, Town, labels
from tests.knowledge.county import County as Files

ADMIN = Viewer("operator", Role.COUNTY_ADMIN)
LIUHE = Viewer("liuhe-1", Role.TOWNSHIP, "liuhe")
FORUM = event_desk.Draft(
    title="望川县2027年新春乡情恳谈会",
    title_en="Wangchuan homecoming forum 2027",
    starts_at=at("2027-02-10 09:00"),
    ends_at=at("2027-02-10 11:30"),
    deadline=at("2027-02-01 18:00"),
    place="县文化馆",
    place_en="County Culture Hall",
    map_link="https://map.example/hall",
    quota=3,
)


class Hall:
    """A town with an event in it, and the jobs that tell people."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.reminders = Reminders(town.desk)

    async def announces(self, **other: Any) -> Event:
        return await event_desk.create(self.town.desk, ADMIN, replace(FORUM, **other))

    async def tells(self) -> list[Reply]:
        await self.reminders.work()
        now = self.town.clock.now()
        async with self.town.database.write() as connection:
            taken = await outbox.take_due(connection, ["test"], now, now + timedelta(minutes=1))
            await outbox.mark_sent(connection, [one.id for one in taken], now)
        return [Reply.model_validate_json(one.body or "{}") for one in taken]

    async def replies(self, event: Event) -> dict[str, ReplyState]:
        async with self.town.database.read() as connection:
            return {one.chat: one.state for one in await event_replies.attendees(connection, ADMIN, event.code)}

    async def event(self, code: str) -> Event:
        return await event_desk.show(self.town.desk, code)


@pytest.fixture
async def hall(database: Database, files: Files) -> Hall:
    town = Town(database, files)
    county = replace(
        town.desk.county, townships=(Township("liuhe", "柳河镇"), Township("qingshi", "青石镇")), bot="wangchuan_bot"
    )
    town.desk = replace(town.desk, county=county)
    return Hall(town)


async def signs_up(
    person: Person, event: Event, *, companions: int = 0, township: str = "柳河镇", place: str = "苏州", way: str = ""
) -> Reply:
    """Come in by the link and fill the slip in."""
    await person.says(f"/start {PAYLOAD}{event.code}")
    await person.says("同意")
    if way:
        await person.presses(way)
    name = {"lin": "林溪", "wang": "王河", "zhao": "赵山"}.get(person.name, "陈桥")
    for words in (name, "13800138000", township, place, "制造"):
        await person.says(words)
    if not way or way == "到现场":
        await person.presses("是" if companions else "否")
        if companions:
            await person.says(str(companions))
        await person.presses("否")
    return await person.presses("提交")


async def test_the_card_has_both_clocks_a_map_a_link_and_its_qr_code(hall: Hall) -> None:
    event = await hall.announces()
    abroad = hall.town.person("lin", language="en")
    await abroad.says("/language en")
    card = await abroad.says("/events")
    assert "Wangchuan homecoming forum 2027" in card.text
    assert "Wed 10 Feb 2027 09:00–11:30 (Beijing time)" in card.text
    assert "https://map.example/hall" in card.text
    assert f"https://t.me/wangchuan_bot?start=event_{event.code}" in card.text
    [picture] = [part for part in card.parts if isinstance(part, File)]
    assert picture.content.startswith(b"\x89PNG")
    assert labels(card)[0] == "Sign up"


async def test_a_link_opens_the_slip_and_the_seats_are_counted_with_companions(hall: Hall) -> None:
    event = await hall.announces()
    done = await signs_up(hall.town.person("lin"), event, companions=1)
    assert "已报名" in done.text
    assert "2027年2月10日 周三 09:00–11:30（北京时间）" in done.text
    assert any(isinstance(part, File) and part.media_type == "text/calendar" for part in done.parts)
    assert (await hall.event(event.code)).taken == 2
    assert "还有 1 个" in (await hall.town.person("wang").says("恳谈会还有名额吗")).text


async def test_who_does_not_fit_waits_and_moves_up_when_somebody_leaves(hall: Hall) -> None:
    event = await hall.announces()
    lin, wang, zhao = (hall.town.person(name) for name in ("lin", "wang", "zhao"))
    await signs_up(lin, event, companions=1)
    waits = await signs_up(wang, event, companions=1)
    assert "候补" in waits.text
    await signs_up(zhao, event)  # one seat was left: a smaller party is let past
    assert await hall.replies(event) == {
        "lin": ReplyState.COMING,
        "wang": ReplyState.WAITING,
        "zhao": ReplyState.COMING,
    }
    await lin.presses("取消我的报名")
    gone = await lin.presses("是")
    assert "名额会给候补的人" in gone.text
    assert (await hall.replies(event))["wang"] is ReplyState.COMING
    assert (await hall.event(event.code)).taken == 3
    [seat] = await hall.tells()
    assert "有空位" in seat.text
    assert await hall.tells() == []  # told once


async def test_a_change_reaches_everybody_and_every_later_answer(hall: Hall) -> None:
    event = await hall.announces()
    lin, wang = hall.town.person("lin"), hall.town.person("wang")
    await signs_up(lin, event, place="洛杉矶")
    changes = {"starts_at": at("2027-02-12 14:00"), "place": "县体育馆", "note": "因天气原因改期。"}
    _, told = await event_desk.change(hall.town.desk, ADMIN, event.code, changes)
    assert told == 1
    [notice] = await hall.tells()
    assert "2027年2月12日 周五 14:00–16:30（北京时间）＝ 2027年2月11日 周四 22:00" in notice.text
    assert "原定：2027年2月10日 周三 09:00–11:30（北京时间）" in notice.text
    assert "因天气原因改期" in notice.text
    asked = await wang.says("恳谈会改到几号了")
    assert "2月12日" in asked.text
    assert "县体育馆" in asked.text
    in_a_group = await hall.town.person("group", private=False).says("恳谈会在哪里办")
    assert "县体育馆" in in_a_group.text
    assert in_a_group.buttons == ()
    assert await hall.tells() == []


@pytest.mark.parametrize(
    "words", ["厂房租金补贴什么时候发", "2027年的补贴在哪里领", "县文化馆地址在哪", "恳谈会能报销路费吗"]
)
async def test_other_questions_are_left_to_the_documents(hall: Hall, words: str) -> None:
    await hall.announces()
    told = await hall.town.person("lin").says(words)
    assert "报名截止" not in told.text


async def test_the_slip_takes_words_and_another_events_link_begins_anew(hall: Hall) -> None:
    event = await hall.announces()
    other = await hall.announces(
        title="望川县国庆联谊会", starts_at=at("2027-03-10 09:00"), ends_at=at("2027-03-10 11:00")
    )
    lin = hall.town.person("lin")
    await lin.says(f"/start {PAYLOAD}{event.code}")
    await lin.says("同意")
    shown = await lin.says(f"/start {PAYLOAD}{other.code}")
    assert "国庆联谊会" in shown.text
    for words in ("同意", "林溪", "13800138000", "柳河镇", "苏州", "制造", "带家属", "两个", "需要", "一晚", "提交"):
        done = await lin.says(words)
    assert "已报名" in done.text
    assert ((await hall.event(event.code)).taken, (await hall.event(other.code)).taken) == (0, 3)


async def test_several_events_are_asked_about_and_a_second_reply_shows_the_first(hall: Hall) -> None:
    event = await hall.announces()
    await hall.announces(title="望川县国庆联谊会", starts_at=at("2027-03-10 09:00"), ends_at=at("2027-03-10 11:00"))
    lin = hall.town.person("lin")
    which = await lin.says("我要报名参加活动")
    if (await lin.conversation()).flow != "event-reply":
        which = await lin.says("/start event-reply")
    assert {"望川县2027年新春乡情恳谈会", "望川县国庆联谊会"} <= set(labels(which))
    await lin.says("/cancel")
    await signs_up(lin, event)
    again = await lin.says(f"/start {PAYLOAD}{event.code}")
    assert "您已报名" in again.text
    assert "取消我的报名" in labels(again)


async def test_a_reply_is_corrected_from_my_data_and_its_seats_follow(hall: Hall) -> None:
    event = await hall.announces()
    lin = hall.town.person("lin")
    await signs_up(lin, event)
    await lin.says("/mydata")
    await lin.presses("修改")
    await lin.says("同意")
    await lin.says("修改")
    await lin.presses("同行人")
    await lin.presses("是")
    await lin.says("两个人")
    await lin.says("提交")
    stands = await hall.event(event.code)
    assert stands.taken == 3
    assert len(await hall.replies(event)) == 1


async def test_a_question_in_the_middle_of_a_form_is_answered_from_the_row_too(hall: Hall) -> None:
    event = await hall.announces()
    lin = hall.town.person("lin")
    await lin.says(f"/start {PAYLOAD}{event.code}")
    await lin.says("同意")
    await lin.says("恳谈会是几号？")
    assert "2月10日" in lin.seen[0].text
    assert (await lin.conversation()).flow == "event-reply"


async def test_calling_off_reaches_everybody_and_takes_it_out_of_calendars(hall: Hall) -> None:
    event = await hall.announces()
    lin = hall.town.person("lin")
    await signs_up(lin, event)
    _, told = await event_desk.call_off(hall.town.desk, ADMIN, event.code, "改在秋天举办。")
    [notice] = await hall.tells()
    assert told == 1
    assert "已取消" in notice.text
    [calendar] = [part for part in notice.parts if isinstance(part, File)]
    assert b"METHOD:CANCEL" in calendar.content
    assert "已取消" in (await lin.says("恳谈会还办不办，什么时候")).text
    late = await hall.town.person("wang").says(f"/start {PAYLOAD}{event.code}")
    assert "不能报名" in late.text


async def test_after_the_deadline_nobody_signs_up(hall: Hall) -> None:
    event = await hall.announces()
    hall.town.clock.time = at("2027-02-01 18:00")
    late = await hall.town.person("lin").says(f"/start {PAYLOAD}{event.code}")
    assert "不能报名" in late.text
    assert await hall.replies(event) == {}


async def test_who_watches_from_abroad_takes_no_seat_and_gets_the_link(hall: Hall) -> None:
    event = await hall.announces(live_link="https://live.example/forum")
    done = await signs_up(hall.town.person("lin"), event, way="在线看直播", place="洛杉矶")
    assert "https://live.example/forum" in done.text
    assert "2月9日 周二 17:00" in done.text  # by their own clock
    stands = await hall.event(event.code)
    assert (stands.taken, await hall.replies(event)) == (0, {"lin": ReplyState.ONLINE})
    public = await hall.town.person("wang").says("/events")
    assert "https://live.example/forum" not in public.text


async def test_reminders_come_a_day_and_an_hour_before(hall: Hall) -> None:
    event = await hall.announces()
    await signs_up(hall.town.person("lin"), event)
    hall.town.clock.time = at("2027-02-09 09:00")
    assert ["快到了" in reply.text for reply in await hall.tells()] == [True]
    hall.town.clock.time = at("2027-02-10 08:00")
    assert ["一小时" in reply.text for reply in await hall.tells()] == [True]


async def test_the_door_lets_each_code_in_once(hall: Hall) -> None:
    event = await hall.announces()
    lin, wang = hall.town.person("lin"), hall.town.person("wang")
    await signs_up(lin, event, companions=2)
    await signs_up(wang, event)  # waits
    [coming, waiting] = await event_desk.attendees(hall.town.desk, ADMIN, event.code)
    first = await event_desk.check_in(hall.town.desk, ADMIN, event.code, coming.number)
    again = await event_desk.check_in(hall.town.desk, ADMIN, event.code.lower(), coming.number)
    assert (first.is_new, again.is_new, first.reply.seats) == (True, False, 3)
    with pytest.raises(event_desk.NotPossible):
        await event_desk.check_in(hall.town.desk, ADMIN, event.code, waiting.number)
    with pytest.raises(event_desk.NotPossible):
        await event_desk.check_in(hall.town.desk, ADMIN, event.code, "111111")


async def test_staff_see_masked_names_and_townships_only_their_own(hall: Hall) -> None:
    event = await hall.announces(quota=None)
    await signs_up(hall.town.person("lin"), event, township="柳河镇", companions=1)
    await signs_up(hall.town.person("wang"), event, township="青石镇")
    masked = await event_desk.attendees(hall.town.desk, ADMIN, event.code)
    assert [one.name for one in masked] == ["林*", "王*"]
    full = await event_desk.attendees(hall.town.desk, ADMIN, event.code, reason="订餐")
    assert [one.name for one in full] == ["林溪", "王河"]
    assert event_desk.totals(full)["seats"] == 3
    assert [one.name for one in await event_desk.attendees(hall.town.desk, LIUHE, event.code)] == ["林*"]
    with pytest.raises(NotAllowed):
        await event_desk.change(hall.town.desk, LIUHE, event.code, {"place": "别处"})
    reader = Viewer("r", Role.READER)
    with pytest.raises(NotAllowed):
        await event_desk.attendees(hall.town.desk, reader, event.code, reason="看看")
    with pytest.raises(NotAllowed):
        await event_desk.create(hall.town.desk, reader, FORUM)


async def test_a_quota_smaller_than_what_is_taken_is_refused_and_a_larger_one_lets_people_up(hall: Hall) -> None:
    event = await hall.announces(quota=1)
    await signs_up(hall.town.person("lin"), event)
    await signs_up(hall.town.person("wang"), event)
    with pytest.raises(event_desk.NotPossible):
        await event_desk.change(hall.town.desk, ADMIN, event.code, {"quota": 0})
    await event_desk.change(hall.town.desk, ADMIN, event.code, {"quota": 2})
    assert set((await hall.replies(event)).values()) == {ReplyState.COMING}


async def test_my_data_shows_a_reply_and_deleting_gives_its_seats_to_who_waits(hall: Hall) -> None:
    event = await hall.announces(quota=1)
    lin = hall.town.person("lin")
    await signs_up(lin, event)
    await signs_up(hall.town.person("wang"), event)
    await lin.says("/mydata")
    shown = await lin.presses("查看全部内容")
    assert event.code in shown.text
    async with hall.town.database.write() as connection:
        person = await people.person_of(connection, "test", "lin")
        assert person is not None
        counts = await forgetting.forget(connection, person, number="900001", at=hall.town.clock.now())
    assert counts["event_replies"] == 1
    assert await hall.replies(event) == {"wang": ReplyState.COMING}
    assert any("有空位" in reply.text for reply in await hall.tells())


async def test_taking_the_consent_back_takes_the_reply_back(hall: Hall) -> None:
    event = await hall.announces(quota=1)
    lin = hall.town.person("lin")
    await signs_up(lin, event)
    await signs_up(hall.town.person("wang"), event)
    await lin.sends(kind=MessageKind.CHOICE, choice="go:withdraw:event")
    assert await hall.replies(event) == {"wang": ReplyState.COMING}


async def test_forty_people_and_ten_seats(hall: Hall) -> None:
    """Whoever comes at once: never more seats than the quota, and the rest are told in words, not in errors."""
    event = await hall.announces(quota=10)
    now, database = hall.town.clock.now(), hall.town.database

    async def wants(number: int) -> bool:
        person = f"p{number}"
        reply = coming(str(500_000 + number), event.code, person, now, chat=person, seats=1 + number % 3)
        async with database.write() as connection:
            await people.ensure_person(connection, person, "test", person, now)
        try:
            async with database.write() as connection:
                await event_replies.sign_up(connection, reply, now)
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(wants(number) for number in range(40)))
    stands = await hall.event(event.code)
    async with database.read() as connection:
        seated = await event_replies.standing(connection, event.code)
    assert stands.taken == sum(one.seats for one in seated) <= 10
    assert sum(won) == len(seated)
    assert stands.taken >= 9  # nothing was left over that a party would have fitted into
