"""Hours and bookings on the command line: published, seen and settled by role and township; people hear of it."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from bot.app import open_office
from bot.settings import load_settings
from handlers import offering
from handlers.dialogue import File, Reply
from handlers.ids import booking_number
from handlers.offering import Wanted
from storage import bookings, people
from storage.bookings import SELF, NewBooking
from storage.outbox import BODY, OutboxReply
from tests.bot.shell import Laoxiang
from tests.bot.test_people import PROFILE, member_of

SAMPLE = Path(__file__).parents[2] / "samples" / "slots.toml"
HOSTS = """
[[hosts]]
id = "liuhe"
name = "柳河镇联络站"
township = "柳河镇"
rules = [{ rrule = "FREQ=DAILY", from = "00:00", to = "24:00", lead = 0, holidays = "keep", confirm = true }]
[[hosts]]
id = "county"
name = "综合窗口"
place = "二楼"
rules = [{ rrule = "FREQ=DAILY", from = "00:00", to = "24:00", slot = 45, lead = 0, holidays = "keep" }]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> Path:
    (tmp_path / "county.toml").write_text(PROFILE, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(tmp_path / "county.toml"))
    (tmp_path / "slots.toml").write_text(HOSTS, "utf-8")
    told = laoxiang("slots", "load", str(tmp_path / "slots.toml"))
    assert (told.status, told.out.count("已载入")) == (0, 2), told.err
    return tmp_path


def books(host: str, person: str) -> str:
    """Book the first free time from tomorrow on; give the number."""

    async def run() -> str:
        async with open_office(load_settings()) as office:
            now = office.clock.now()
            from_ = now + timedelta(days=1)
            async with office.database.read() as connection:
                wanted = Wanted("land", "site", host)
                seen = await offering.look(connection, wanted, now=now, from_=from_, to=from_ + timedelta(days=2))
            free, number = seen.times[0].choices[0], booking_number(office.ids)
            new = NewBooking(
                number, host, person, "test", f"chat-{person}", "land", "site", free.starts_at, free.ends_at,
                "America/Los_Angeles", "zh-Hans", now, free.terms, free.rule_id,
            )  # fmt: skip
            async with office.database.write() as connection:
                await people.add_person(connection, person, now)
                await offering.hold(connection, new, now + timedelta(minutes=5))
            async with office.database.write() as connection:
                await bookings.confirm(
                    connection, number, by=SELF, at=now, name="林小溪", contact=("phone", "+8613800138000"),
                    question="厂房怎么租",
                )  # fmt: skip
            return number

    return asyncio.run(run())


def heard(person: str) -> list[Reply]:
    """Give what is said to a person."""

    async def run() -> list[Reply]:
        async with open_office(load_settings()) as office, office.database.read() as connection:
            bodies = select(OutboxReply.body).where(OutboxReply.chat == f"chat-{person}").order_by(OutboxReply.id)
            found = (await connection.scalars(bodies)).all()
            return [Reply.model_validate_json(office.database.vault.open(body, BODY)) for body in found if body]

    return asyncio.run(run())


def day_in(days: int) -> str:
    async def run() -> date:
        async with open_office(load_settings()) as office:
            return office.clock.today()

    return (asyncio.run(run()) + timedelta(days=days)).isoformat()


def test_a_newcomer_loads_the_sample_and_can_be_booked_at_once(laoxiang: Laoxiang, tmp_path: Path) -> None:
    assert "laoxiang slots load" in laoxiang("slots", "hosts").out
    assert laoxiang("slots", "load", str(SAMPLE)).status == 0
    again = laoxiang("slots", "load", str(SAMPLE))
    assert (again.status, again.out.count("已经有了")) == (0, 4)
    assert "综合窗口" in laoxiang("slots", "free", "--days", "10").out
    [window] = [one for one in json.loads(laoxiang("slots", "hosts", "--json").out) if one["host"]["id"] == "window"]
    assert [rule["starts"] for rule in window["rules"]] == ["09:00", "14:30"]


def test_staff_confirm_and_the_person_hears_of_it_with_their_calendar_entry(laoxiang: Laoxiang, home: Path) -> None:
    number = books("liuhe", "lin")
    shown = laoxiang("slots", "list")
    assert number in shown.out
    assert "林＊＊" in shown.out
    assert "林小溪" not in shown.out
    assert "13800138000" not in shown.out
    assert "厂房怎么租" in laoxiang("slots", "list", "--reason", "准备材料").out
    told = laoxiang("slots", "confirm", number.lower(), "--words", "请带营业执照")
    assert told.status == 0, told.err
    [reply] = heard("lin")
    assert "已经确认" in reply.text
    assert number in reply.text
    assert "请带营业执照" in reply.text
    [file] = [part for part in reply.parts if isinstance(part, File)]
    [event] = Calendar.from_ical(file.content.decode()).walk("VEVENT")
    assert str(event["STATUS"]) == "CONFIRMED"
    again = laoxiang("slots", "confirm", number)
    assert (again.status, "confirmed" in again.err) == (1, True)
    assert heard("lin") == [reply]


def test_what_is_declined_or_cancelled_is_free_again_and_its_entry_taken_back(laoxiang: Laoxiang, home: Path) -> None:
    declined, cancelled = books("liuhe", "lin"), books("county", "wang")
    assert laoxiang("slots", "decline", declined).status == 0
    assert laoxiang("slots", "cancel", cancelled).status == 0
    for person, words in (("lin", "不能接受"), ("wang", "取消了您的预约")):
        [reply] = heard(person)
        assert words in reply.text
        [file] = [part for part in reply.parts if isinstance(part, File)]
        assert b"STATUS:CANCELLED" in file.content
    assert laoxiang("slots", "done", cancelled).status == 1
    # The next gets the same time.
    assert books("liuhe", "zhao") != declined


def test_staff_move_a_booking_and_its_calendar_entry_moves_along(laoxiang: Laoxiang, home: Path) -> None:
    number = books("county", "lin")
    free = laoxiang("slots", "free", "--host", "county", "--from", day_in(3), "--days", "1").out.splitlines()
    time = free[0][:16]
    told = laoxiang("slots", "move", number, "--to", time, "--words", "主任那天出差")
    assert told.status == 0, told.err
    assert time in told.out
    [reply] = heard("lin")
    assert "改到新的时间" in reply.text
    assert "主任那天出差" in reply.text
    [file] = [part for part in reply.parts if isinstance(part, File)]
    [event] = Calendar.from_ical(file.content.decode()).walk("VEVENT")
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CONFIRMED", 1)
    # The old time is free, the new one is not, and a time nobody sits at is refused.
    assert not laoxiang("slots", "free", "--host", "county", "--from", day_in(3), "--days", "1").out.startswith(time)
    assert "nothing free" in laoxiang("slots", "move", number, "--to", f"{day_in(3)} 03:10").err
    assert laoxiang("slots", "move", "B22222", "--to", time).status == 1


def test_a_leave_names_what_stands_in_it(laoxiang: Laoxiang, home: Path) -> None:
    number = books("county", "lin")
    from_, to = day_in(1), day_in(2)
    told = laoxiang("slots", "leave", "county", from_, "--to-day", to)
    assert (told.status, number in told.out) == (0, True), told.err
    assert " 0 个时间" in laoxiang("slots", "free", "--host", "county", "--from", from_, "--days", "2").out
    assert "撤销 2 天" in laoxiang("slots", "leave", "county", from_, "--to-day", to, "--remove").out
    assert " 0 个时间" not in laoxiang("slots", "free", "--host", "county", "--from", from_, "--days", "2").out
    half = laoxiang("slots", "leave", "county", from_, "--from", "09:00")
    assert (half.status, "--to" in half.err) == (2, True)


@pytest.mark.parametrize("role", ["reader", "bureau", "township:liuhe", "township:qingshi"])
def test_roles_and_townships_limit_what_is_seen_and_done(laoxiang: Laoxiang, home: Path, role: str) -> None:
    number, member = books("liuhe", "lin"), member_of(laoxiang, role)
    is_theirs = role != "township:qingshi"
    may_settle = role not in {"township:qingshi", "reader"}
    seen = laoxiang("slots", "list", "--as", member)
    assert (number in seen.out) == is_theirs
    assert ("综合窗口" in laoxiang("slots", "hosts", "--as", member).out) == (not role.startswith("township"))
    assert (laoxiang("slots", "confirm", number, "--as", member).status == 0) == may_settle
    opened = laoxiang("slots", "day", "liuhe", "2030-01-05", "--from", "09:00", "--to", "10:00", "--as", member)
    assert (opened.status == 0) == may_settle
    assert len(heard("lin")) == may_settle
    if may_settle:
        log = laoxiang("people", "audit", "--json")
        assert [entry["action"] for entry in json.loads(log.out)][:2] == ["set days", "booking confirmed"]


def test_a_picture_and_a_calendar_carry_no_name(laoxiang: Laoxiang, home: Path) -> None:
    number = books("county", "lin")
    day = day_in(1)
    told = laoxiang("slots", "picture", str(home / "week.svg"), "--week", day)
    assert told.status == 0, told.err
    assert laoxiang("slots", "picture", str(home / "day.png"), "--day", day).status == 0
    assert (home / "day.png").read_bytes()[:4] == b"\x89PNG"
    calendar = laoxiang("slots", "feed", "county")
    assert calendar.status == 0, calendar.err
    assert number in calendar.out
    for content in (calendar.out, (home / "week.svg").read_text("utf-8")):
        assert "林小溪" not in content
        assert "13800138000" not in content


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('[[hosts]]\nid = "x"', "needs a name"),
        ('[[hosts]]\nid = "X y"\nname = "甲"', "small letters"),
        ('[[hosts]]\nid = "x"\nname = "甲"\ncolour = "red"', "colour"),
        ('[[hosts]]\nid = "x"\nname = "甲"\ntopics = ["weather"]', "weather"),
        ('[[hosts]]\nid = "x"\nname = "甲"\ntownship = "nowhere"', "nowhere"),
        ('[[hosts]]\nid = "x"\nname = "甲"\nrules = [{ days = "MO", from = "9:00", to = "10:00" }]', "09:00"),
        ('[[hosts]]\nid = "x"\nname = "甲"\nrules = [{ days = "NO", from = "09:00", to = "10:00" }]', "FREQ=WEEKLY"),
        ('[[hosts]]\nid = "x"\nname = "甲"\nrules = [{ days = "MO", from = "09:00", to = "09:15" }]', "don't fit"),
        ('[[hosts]]\nid = "x"\nname = "甲"\ndays = [{ day = "2026-12-05" }]', "without quotes"),
        ("hosts = 3", "samples/slots.toml"),
        ("[[hosts", "TOML"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_stores_nothing(
    laoxiang: Laoxiang, tmp_path: Path, home: Path, wrong: str, told: str
) -> None:
    (tmp_path / "wrong.toml").write_text(wrong, "utf-8")
    ran = laoxiang("slots", "load", str(tmp_path / "wrong.toml"))
    assert (ran.status, told in ran.err) == (1, True), ran.err
    assert laoxiang("slots", "hosts").out.count("联络站") == 1
