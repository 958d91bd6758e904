"""A town where consultations can be booked: its officers, their hours, and people who book by tapping."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from handlers.dialogue import File, MessageKind, Reply
from storage import bookings, people, slots, waits
from storage.bookings import Booking
from storage.slots import Holidays, Host, Rule, Terms
from storage.staff import Role, Viewer
from tests.journeys.town import Person, Town, labels

ADMIN = Viewer("admin", Role.COUNTY_ADMIN, None)
TALENT = Host(id="talent", name="人才办", name_en="Talent Office", place="县政务中心 3 楼 302", link="腾讯会议 123")
BUREAU = Host(id="bureau", name="招商局", name_en="Investment Bureau", topics=("land", "tax"), modes=("site", "video"))


async def opens(
    town: Town,
    host: Host = TALENT,
    rrule: str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    starts: str = "14:00",
    minutes: int = 120,
    **terms: Any,
) -> None:
    """Publish a host's hours, weekdays from two to four in the afternoon if nothing else is said."""
    at = town.clock.now()
    async with town.database.write() as connection:
        if await slots.host(connection, host.id) is None:
            await slots.add_host(connection, ADMIN, host, at)
        rule = Rule(
            id=town.ids.new(),
            host_id=host.id,
            rrule=rrule,
            starts=starts,
            minutes=minutes,
            valid_from=date(2026, 11, 1),
            holidays=Holidays.SKIP,
            terms=Terms(**terms),
        )
        await slots.add_rule(connection, ADMIN, rule)


async def presses_way(person: Person, *labels_: str) -> Reply:
    """Press one button after the other."""
    reply = Reply()
    for label in labels_:
        reply = await person.presses(label)
    return reply


async def signs_up(person: Person, *, zone: str = "北京时间") -> Reply:
    """Answer what a new person is asked: consent, name, contact, and where they are."""
    await person.says("同意")
    await person.says("我叫林溪")
    await person.says("13800138000")
    return await person.presses(zone)


async def has_booked(person: Person, day: str, time: str, topic: str = "用地和厂房", mode: str = "视频") -> Reply:
    """Book from the door to the confirmation, signing up on the way if need be."""
    await opens_booking(person)
    await presses_way(person, topic, mode)
    if (await person.conversation()).asked == "consent":
        await signs_up(person)
    return await presses_way(person, day, time, "确认预约")


async def opens_booking(person: Person) -> Reply:
    return await person.sends(kind=MessageKind.CHOICE, choice="go:start:book")


async def booked(town: Town, person: Person) -> list[Booking]:
    """Give everything a person ever booked."""
    async with town.database.read() as connection:
        known = await people.person_of(connection, "test", person.name)
        return await bookings.of_person(connection, known) if known else []


async def standing(town: Town, person: Person) -> list[Booking]:
    return [one for one in await booked(town, person) if one.state in {"pending", "confirmed"}]


async def waiting(town: Town, person: Person) -> list[waits.Wait]:
    async with town.database.read() as connection:
        known = await people.person_of(connection, "test", person.name)
        return await waits.of_person(connection, known) if known else []


def calendar_in(reply: Reply) -> str:
    """Give the calendar file of a reply."""
    files = [part for part in reply.parts if isinstance(part, File)]
    assert [file.name.rpartition(".")[2] for file in files] == ["ics"]
    return re.sub(r"\r\n[ \t]", "", files[0].content.decode())


def choices(reply: Reply, *but: str) -> list[str]:
    """Give the labels of a reply's buttons without the ways out."""
    return [label for label in labels(reply) if label not in {"返回上一步", "取消", *but}]


def day_after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def lines(replies: Iterable[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


async def waits_for_a_time(town: Town, person: Person) -> Person:
    """Let somebody else have both times there are, and put a person on the waiting list; give that somebody."""
    other = town.person("wang")
    await opens(town, minutes=30, ahead_days=1)
    for day in ("11月24日", "11月25日"):
        await has_booked(other, day, "14:00")
    await opens_booking(person)
    await presses_way(person, "税务", "视频")
    await signs_up(person)
    await person.presses("都不合适")
    return other
