"""The staff's side of hours: hosts, recurring hours, single days, leave; every change is logged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers.booking_desk import begins, in_the_way
from handlers.desk import Office
from handlers.offering import Look, Wanted, look
from handlers.recurrence import BadRule, check_rrule
from handlers.registry_desk import NotDone
from storage import reminders, slots, staff
from storage.bookings import Booking
from storage.database import Connection
from storage.errors import Conflict
from storage.reminders import Kind, Reminder
from storage.slots import Day, DayKind, Holidays, Host, Mode, Rule, Terms
from storage.staff import Right, Viewer

TOPICS = ("land", "funds", "tax", "loan", "school", "medical", "housing", "startup", "expert", "other")
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,35}")
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):(?:00|15|30|45)|24:00")


async def hosts(office: Office, who: Viewer) -> tuple[list[Host], dict[str, list[Rule]], dict[str, list[Day]]]:
    """Give the hosts a member of staff may see, with their rules and the single days from today on."""
    today = office.clock.today()
    async with office.database.read() as connection:
        found = await slots.hosts(connection, viewer=who, also_inactive=True)
        ids = [one.id for one in found]
        rules: dict[str, list[Rule]] = {one: [] for one in ids}
        for rule in await slots.rules_of(connection, ids):
            rules[rule.host_id].append(rule)
        days: dict[str, list[Day]] = {one: [] for one in ids}
        for day in await slots.days_of(connection, ids, today, today + timedelta(days=400)):
            days[day.host_id].append(day)
    return found, rules, days


async def single_days(office: Office, who: Viewer, host_id: str, first: date, last: date) -> list[Day]:
    """Give extra hours and leave of a host from a day to another, both included; none of a host not there for them."""
    async with office.database.read() as connection:
        if await slots.host(connection, host_id, who) is None:
            return []
        return await slots.days_of(connection, [host_id], first, last)


async def add_host(office: Office, who: Viewer, new: Host) -> None:
    """Store a host. Raises NotDone for an id that is taken, or names that mean nothing here."""
    check_host(office, new)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await slots.add_host(connection, who, new, at)
            await staff.audit(connection, who, "added a host", at, detail={"host": new.id})
    except Conflict as error:
        raise NotDone(f"{new.id} can't be added: there is one by this id, or it is outside your township") from error


async def add_rule(office: Office, who: Viewer, new: Rule) -> None:
    """Store recurring hours. Raises NotDone for a host that is not there for this viewer."""
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await keep_rule(connection, who, new, at)
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots hosts'") from error


async def keep_rule(connection: Connection, who: Viewer, new: Rule, at: datetime) -> None:
    """Store recurring hours, offer them to who waits, log it. Raises Conflict for a host that is not there."""
    await slots.add_rule(connection, who, new)
    await opened(connection, new.host_id, at)
    await staff.audit(connection, who, "published hours", at, detail={"host": new.host_id, "rule": new.id})


async def end_rule(office: Office, who: Viewer, rule: str, until: date) -> list[Booking]:
    """Let recurring hours end with a day; give what is booked after it and stands. Raises NotDone for no such rule."""
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            ended = await slots.end_rule(connection, who, rule, until)
            await staff.audit(connection, who, "ended hours", at, detail={"rule": rule, "until": str(until)})
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots hosts'") from error
    after = begins(until + timedelta(days=1))
    standing = await in_the_way(office, who, ended.host_id, after, after + timedelta(days=400))
    return [one for one in standing if one.rule_id == rule]


async def set_active(office: Office, who: Viewer, host_id: str, active: bool) -> None:
    """Open or close a host for booking; what is booked stands. Raises NotDone for no such host."""
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await slots.set_active(connection, who, host_id, active)
            if active:
                await opened(connection, host_id, at)
            await staff.audit(connection, who, "opened" if active else "closed", at, detail={"host": host_id})
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots hosts'") from error


async def add_days(
    office: Office,
    who: Viewer,
    host_id: str,
    kind: DayKind,
    first: date,
    last: date,
    hours: tuple[str, str] | None,
) -> list[Booking]:
    """Store extra hours or leave of some days, both included; give the bookings that a leave leaves standing.

    Raises NotDone for a host that is not there for this viewer, or hours that are none.
    """
    if hours is not None:
        check_hours(*hours)
    elif kind is DayKind.EXTRA:
        raise NotDone("extra hours need --from and --to")
    days = days_between(first, last)
    try:
        async with office.database.write() as connection:
            await keep_days(connection, who, host_id, kind, days, hours, office.clock.now())
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots hosts'") from error
    if kind is DayKind.EXTRA:
        return []
    return await standing_in(office, who, host_id, days, hours)


async def standing_in(
    office: Office, who: Viewer, host_id: str, days: Sequence[date], hours: tuple[str, str] | None
) -> list[Booking]:
    """Give what is booked with a host in hours of some days, or in all of them: a leave leaves it standing."""
    starts, ends = hours or ("00:00", "24:00")
    # In one look, however long the leave; between the hours of two days there may be others.
    found = await in_the_way(office, who, host_id, begins(days[0], starts), begins(days[-1], ends))
    spans = [(begins(day, starts), begins(day, ends)) for day in days]
    return [one for one in found if any(one.starts_at < to and from_ < one.ends_at for from_, to in spans)]


def days_between(first: date, last: date) -> list[date]:
    """Give the days from one to another, both included. Raises NotDone for a span that is none, or too long."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if not 0 < len(days) <= 400:
        raise NotDone(f"{first} to {last} is no span of up to 400 days")
    return days


async def keep_days(
    connection: Connection,
    who: Viewer,
    host_id: str,
    kind: DayKind,
    days: Sequence[date],
    hours: tuple[str, str] | None,
    at: datetime,
) -> None:
    """Store extra hours or leave, offer what opens to who waits, log it. Raises Conflict for no such host."""
    starts, ends = hours or (None, None)
    for day in days:
        await slots.add_day(connection, who, Day(host_id, day, kind, starts, ends))
    if kind is DayKind.EXTRA:
        await opened(connection, host_id, at)
    detail = {"host": host_id, "kind": kind.value, "first": str(days[0]), "last": str(days[-1])}
    await staff.audit(connection, who, "set days", at, detail=detail)


async def remove_days(office: Office, who: Viewer, host_id: str, kind: DayKind, first: date, last: date) -> int:
    """Take back extra hours or leave; give how many days had some. Raises NotDone for no such host."""
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            count = await slots.remove_days(connection, who, host_id, first, last, kind)
            if kind is not DayKind.EXTRA:
                await opened(connection, host_id, at)
            detail = {"host": host_id, "kind": kind.value, "first": str(first), "last": str(last)}
            await staff.audit(connection, who, "took back days", at, detail=detail)
    except Conflict as error:
        raise NotDone(f"{error}; see 'laoxiang slots hosts'") from error
    return count


async def opened(connection: Connection, host_id: str, at: datetime) -> None:
    """Have those who wait offered what a host has opened; the jobs do so within seconds."""
    await reminders.plan(connection, [Reminder(Kind.HOURS_OPENED.value, host_id, at)])


async def free(office: Office, who: Viewer, wanted: Wanted, first: date, last: date) -> Look:
    """Give what people can book now from a day to another, with the hosts this viewer may see."""
    who.require(Right.BOOKINGS)
    now = office.clock.now()
    async with office.database.read() as connection:
        seen = await look(
            connection, wanted, now=now, from_=max(now, begins(first)), to=begins(last + timedelta(days=1))
        )
        mine = {one.id for one in await slots.hosts(connection, viewer=who)}
    times = [one._replace(choices=tuple(free for free in one.choices if free.host_id in mine)) for one in seen.times]
    return Look(tuple(one for one in times if one.choices), {name: seen.hosts[name] for name in mine & {*seen.hosts}})


def new_rule(
    office: Office,
    host_id: str,
    rrule: str,
    hours: tuple[str, str],
    terms: Terms,
    *,
    holidays: Holidays = Holidays.SKIP,
    since: date | None = None,
    until: date | None = None,
) -> Rule:
    """Make recurring hours of what staff wrote. Raises NotDone, which says what to write instead."""
    minutes = check_hours(*hours)
    for name in ("slot_minutes", "step", "buffer_minutes"):
        if getattr(terms, name) % 15:
            raise NotDone(f"{getattr(terms, name)} minutes: lengths are multiples of 15 minutes")
    if not 0 < terms.slot_minutes <= minutes:
        raise NotDone(f"{terms.slot_minutes} minutes don't fit between {hours[0]} and {hours[1]}")
    check_topics(terms.topics or ())
    check_modes(terms.modes or ("site",))
    try:
        return Rule(
            id=office.ids.new()[:8],
            host_id=host_id,
            rrule=check_rrule(rrule),
            starts=hours[0],
            minutes=minutes,
            valid_from=since or office.clock.today(),
            valid_until=until,
            holidays=holidays,
            terms=terms,
        )
    except BadRule as error:
        raise NotDone(str(error)) from error


def township_of(office: Office, named: str | None) -> str | None:
    """Give the code of a township named by code or name. Raises NotDone for one the profile does not know."""
    known = {one.code: one for one in office.county.townships}
    found = next((code for code, one in known.items() if named in {code, one.name}), None)
    if named and known and found is None:
        raise NotDone(f"there is no township {named}; the profile knows {', '.join(known)}")
    return found or named


def check_host(office: Office, host: Host) -> None:
    """Raise NotDone for a host that can't be stored as it is."""
    if not ID.fullmatch(host.id):
        raise NotDone(f"{host.id!r}: an id is small letters, digits and dashes, for instance tax-office")
    if not host.name.strip():
        raise NotDone(f"{host.id} needs a name: people see whom they book")
    check_topics(host.topics)
    check_modes(host.modes)


def check_topics(topics: Sequence[str]) -> None:
    """Raise NotDone for a topic that is none."""
    if unknown := [one for one in topics if one not in TOPICS]:
        raise NotDone(f"there is no topic {', '.join(unknown)}; topics are {', '.join(TOPICS)}")


def check_modes(modes: Sequence[str]) -> None:
    """Raise NotDone for a way to meet that is none, or for no way at all."""
    if not modes or (unknown := [one for one in modes if one not in {mode.value for mode in Mode}]):
        raise NotDone(f"{', '.join(unknown) if modes else 'none'}: modes are site, phone, video")


def check_hours(starts: str, ends: str) -> int:
    """Give the minutes between two wall-clock times. Raises NotDone for times that are none."""
    for clock in (starts, ends):
        if not CLOCK.fullmatch(clock):
            raise NotDone(f"{clock!r}: write a time on a quarter of an hour, 09:00 or 14:15")
    minutes = [int(clock[:2]) * 60 + int(clock[3:]) for clock in (starts, ends)]
    if minutes[0] >= minutes[1]:
        raise NotDone(f"{ends} is not after {starts}")
    return minutes[1] - minutes[0]
