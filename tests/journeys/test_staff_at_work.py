"""Staff settle bookings and publish hours in chat; the people concerned hear of it, and nobody else can."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.delivery.reminders import Reminders
from handlers import slot_desk
from handlers.abroad import Abroad, PersonalData
from handlers.dialogue import File, MessageKind, Reply
from handlers.registry_desk import invite
from storage import staff
from storage.bookings import State
from storage.slots import DayKind, Host
from storage.staff import Role
from tests.journeys.booking import ADMIN, booked, has_booked, opens
from tests.journeys.filling import moved_into
from tests.journeys.town import Person, Town, labels


async def joins(town: Town, name: str, role: Role, township: str | None = None) -> Person:
    """Let somebody use an invitation."""
    _, code = await invite(town.desk, role, township)
    person = town.person(name)
    await person.says(f"/staff {code}")
    return person


async def member_id(town: Town, person: Person) -> str:
    async with town.database.read() as connection:
        viewer = await staff.viewer_of(connection, "test", person.name)
    assert viewer is not None
    return viewer.id


async def falls_due(town: Town) -> list[Reply]:
    await Reminders(town.desk).work()
    return await town.outbox()


async def test_a_request_comes_to_whoever_may_confirm_it_and_one_tap_settles_it(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.BUREAU)
    await opens(town, Host("talent", "人才办", staff_id=await member_id(town, chen)), needs_confirmation=True)
    await has_booked(lin, "11月25日", "14:00")
    [asked] = await falls_due(town)
    [booking] = await booked(town, lin)
    assert "请确认" in asked.text
    assert booking.number in asked.text
    assert "林溪" not in asked.text

    assert "1 个" in (await chen.says("/requests")).text
    assert "已通知本人" in (await chen.presses(f"确认 {booking.number}")).text
    [told] = await falls_due(town)
    assert "已经确认您的预约" in told.text
    assert [one.state for one in await booked(town, lin)] == [State.CONFIRMED]
    # A second tap, hours later, changes nothing and says how it stands.
    assert "现在是" in (await chen.presses(f"不接受 {booking.number}")).text
    assert "没有等着确认" in (await chen.says("/requests")).text
    async with town.database.read() as connection:
        log = await staff.audit_log(connection, ADMIN)
    assert [one["action"] for one in log][:1] == ["booking confirmed"]


async def test_today_lists_what_is_booked_and_marks_who_came(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.BUREAU)
    await opens(town)
    await has_booked(lin, "11月24日", "14:00")
    [booking] = await booked(town, lin)
    shown = await chen.says("/today")
    assert booking.number in shown.text
    assert "林溪" not in shown.text  # not this member's own host: masked
    assert not [label for label in labels(shown) if "没来" in label]
    town.clock.time = booking.starts_at + timedelta(minutes=10)
    await chen.says("/today")
    assert "未到" in (await chen.presses(f"没来 {booking.number}")).text
    assert [one.state for one in await booked(town, lin)] == [State.NO_SHOW]
    assert "没有预约" in (await chen.presses("后一天")).text
    assert booking.number in (await chen.presses("前一天")).text
    assert "没有看懂" in (await chen.says("/today 好的")).text


async def test_a_day_comes_as_a_picture_without_names(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.READER)
    await opens(town)
    await has_booked(lin, "11月24日", "14:00")
    await chen.says("/today")
    drawn = await chen.presses("看图")
    [picture] = [part for part in drawn.parts if isinstance(part, File)]
    assert picture.media_type == "image/png"
    assert picture.content.startswith(b"\x89PNG")


async def test_whose_host_it_is_sees_whom_they_meet_and_that_is_logged(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.BUREAU)
    await opens(town, Host("talent", "人才办", staff_id=await member_id(town, chen)))
    await has_booked(lin, "11月24日", "14:00")
    assert "林溪" in (await chen.says("/today")).text
    async with town.database.read() as connection:
        [entry, *_] = await staff.audit_log(connection, ADMIN)
    assert (entry["action"], entry["actor"]) == ("revealed bookings", await member_id(town, chen))
    calendar = await chen.says("/feed")
    [file] = [part for part in calendar.parts if isinstance(part, File)]
    assert file.name == "talent.ics"
    assert "林溪" not in file.content.decode()


async def test_on_a_platform_abroad_nobodys_name_or_number_is_shown(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.BUREAU)
    await opens(town, Host("talent", "人才办", staff_id=await member_id(town, chen)))
    await has_booked(lin, "11月24日", "14:00")
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ASK, frozenset({"test"})))
    shown = await chen.says("/today")
    assert "1 个" in shown.text
    assert "林" not in shown.text
    assert "8000" not in shown.text
    async with town.database.read() as connection:
        assert "revealed bookings" not in [one["action"] for one in await staff.audit_log(connection, ADMIN)]


@pytest.mark.parametrize(
    ("words", "told", "kind", "days", "hours"),
    [
        ("/openday 12月5日 9点到12点", "加开", DayKind.EXTRA, [date(2026, 12, 5)], ("09:00", "12:00")),
        ("/away 下周三到周五", "请假", DayKind.LEAVE, [date(2026, 12, day) for day in (2, 3, 4)], None),
        ("/away 明天下午", "请假", DayKind.LEAVE, [date(2026, 11, 25)], ("12:00", "18:00")),
    ],
)
async def test_days_are_published_in_words_after_a_look(
    town: Town, words: str, told: str, kind: DayKind, days: list[date], hours: tuple[str, str] | None
) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    await opens(town)
    shown = await chen.says(words)
    assert told in shown.text
    assert await days_of(town) == []
    assert "已公布" in (await chen.presses("公布")).text
    found = await days_of(town)
    assert [(one.day, one.kind, (one.starts, one.ends)) for one in found] == [
        (day, kind, hours or (None, None)) for day in days
    ]
    # The same button again publishes nothing a second time.
    assert "过时" in (await chen.presses("公布")).text
    assert len(await days_of(town)) == len(days)


async def days_of(town: Town) -> list[slot_desk.Day]:
    _, _, days = await slot_desk.hosts(town.desk, ADMIN)
    return days["talent"]


async def test_a_leave_names_the_bookings_that_stand(town: Town, lin: Person) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    await opens(town)
    await has_booked(lin, "11月25日", "14:00")
    [booking] = await booked(town, lin)
    assert booking.number in (await chen.says("/away 明天")).text


@pytest.mark.parametrize(
    ("words", "rrule", "starts", "minutes", "length"),
    [
        ("/hours 周二周四 14:30-17:00 45分钟", "FREQ=WEEKLY;BYDAY=TU,TH", "14:30", 150, 45),
        ("/hours 周一到周五 9点到12点", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "09:00", 180, 30),
        ("/hours 每周六下午两点到四点", "FREQ=WEEKLY;BYDAY=SA", "14:00", 120, 30),
        ("/hours 周六、日 10:00-11:00", "FREQ=WEEKLY;BYDAY=SA,SU", "10:00", 60, 30),
        ("/hours 工作日 8点半到11点半", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "08:30", 180, 30),
        ("/hours MO-WE 9:00-11:30 15 minutes", "FREQ=WEEKLY;BYDAY=MO,TU,WE", "09:00", 150, 15),
        ("/hours talent FR 2pm to 4pm", "FREQ=WEEKLY;BYDAY=FR", "14:00", 120, 30),
    ],
)
async def test_weekly_hours_are_read_from_words(
    town: Town, words: str, rrule: str, starts: str, minutes: int, length: int
) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    await slot_desk.add_host(town.desk, ADMIN, Host("talent", "人才办"))
    shown = await chen.says(words)
    assert f"每次 {length} 分钟" in shown.text
    await chen.presses("公布")
    _, rules, _ = await slot_desk.hosts(town.desk, ADMIN)
    [rule] = rules["talent"]
    assert (rule.rrule, rule.starts, rule.minutes, rule.terms.slot_minutes) == (rrule, starts, minutes, length)


@pytest.mark.parametrize(
    "words", ["/hours", "/hours 下午", "/hours 周二 14:10-15:00", "/openday 明天", "/away 等我有空"]
)
async def test_what_can_not_be_read_is_answered_with_an_example_and_publishes_nothing(town: Town, words: str) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    await slot_desk.add_host(town.desk, ADMIN, Host("talent", "人才办"))
    shown = await chen.says(words)
    assert "请这样写" in shown.text
    assert "公布" not in labels(shown)


async def test_with_several_posts_it_asks_which(town: Town) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    for name in ("tax", "land"):
        await slot_desk.add_host(town.desk, ADMIN, Host(name, name))
    assert "tax" in (await chen.says("/away 明天")).text
    assert "请假" in (await chen.says("/away tax 明天")).text


async def test_a_township_sees_and_settles_its_own_alone(town: Town, lin: Person) -> None:
    moved_into(town)
    wang = await joins(town, "wang", Role.TOWNSHIP, "柳河镇")
    await opens(town, Host("qingshi", "青石镇", township="qingshi"), needs_confirmation=True)
    await has_booked(lin, "11月25日", "14:00")
    [booking] = await booked(town, lin)
    assert await falls_due(town) == []  # nobody of that township has an account
    assert "没有等着确认" in (await wang.says("/requests")).text
    for press in (f"yes:{booking.number}", f"no:{booking.number}"):
        assert "没有您能处理" in (await wang.sends(kind=MessageKind.CHOICE, choice=f"go:mark:{press}")).text
    assert "请在前面写明" in (await wang.says("/away qingshi 明天")).text
    assert [one.state for one in await booked(town, lin)] == [State.PENDING]


@pytest.mark.parametrize("words", ["/today", "/requests", "/hours 周二 9点到10点", "/away 明天", "/feed"])
async def test_nobody_else_gets_in(town: Town, lin: Person, words: str) -> None:
    await opens(town)
    assert "不是工作人员" in (await lin.says(words)).text


async def test_a_reader_looks_and_changes_nothing(town: Town, lin: Person) -> None:
    reader = await joins(town, "reader", Role.READER)
    await opens(town, needs_confirmation=True)
    await has_booked(lin, "11月25日", "14:00")
    [booking] = await booked(town, lin)
    assert not [label for label in labels(await reader.says("/requests")) if booking.number in label]
    assert "不能做这件事" in (await reader.sends(kind=MessageKind.CHOICE, choice=f"go:mark:yes:{booking.number}")).text
    assert "不能做这件事" in (await reader.says("/away 明天")).text
    assert [one.state for one in await booked(town, lin)] == [State.PENDING]


async def test_the_log_of_a_proposal_holds_no_name(town: Town) -> None:
    chen = await joins(town, "chen", Role.COUNTY_ADMIN)
    await opens(town)
    await chen.says("/openday 12月5日 9点到12点")
    await chen.presses("公布")
    async with town.database.read() as connection:
        [entry, *_] = await staff.audit_log(connection, ADMIN)
    assert json.loads(json.dumps(entry["detail"])) == {
        "host": "talent",
        "kind": "extra",
        "first": "2026-12-05",
        "last": "2026-12-05",
    }
