"""What is offered for booking: read from storage, made into free times; and looked at again in taking one.

The way for conversations: `look` when showing times, `hold` and `move` in the effect. Both raise Conflict when the time
has gone since, whatever took it (another booking, a leave, new hours): reception replays, and what is left is seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from handlers.free_times import COUNTY, Free, Offered, Taken, free, offered
from storage import bookings, reminders, slots, waits
from storage.booking_holds import offer
from storage.booking_reading import week_of
from storage.booking_tables import KEPT, LIVE, Booking, NewBooking
from storage.database import Connection
from storage.errors import Conflict
from storage.reminders import Kind, Reminder
from storage.slots import Host
from storage.wait_rows import answer_by

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; None leaves it open.

    `township` keeps that township's hosts and the county's. `person` leaves out weeks in which they have had their
    share, and what overlaps with other bookings of theirs; `but` is a booking of theirs that is not in the way.
    """

    topic: str | None = None
    mode: str | None = None
    host_id: str | None = None
    township: str | None = None
    person: str | None = None
    but: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The free times found, each once, by time; and the hosts they are with, by id."""

    times: tuple[Offered, ...]
    hosts: dict[str, Host]


async def look(connection: Connection, wanted: Wanted, *, now: datetime, from_: datetime, to: datetime) -> Look:
    """Give the free times that begin in [from_, to). UTC."""
    found = await slots.hosts(connection, topic=wanted.topic, mode=wanted.mode, township=wanted.township)
    hosts = [one for one in found if wanted.host_id in {None, one.id}]
    ids = [one.id for one in hosts]
    taken = await bookings.taken(connection, ids, from_, to + A_DAY, but=wanted.but, at=now)
    times = await _free(connection, hosts, taken, wanted, now, from_, to)
    if wanted.person is not None:
        times = await _without_own(connection, times, wanted.person, wanted.but, now)
    merged = offered(times, taken)
    return Look(tuple(merged), {one.id: one for one in hosts})


async def hold(connection: Connection, new: NewBooking, until: datetime) -> None:
    """Hold a time if it is still offered. Raises Conflict as `bookings.hold`, or if it is offered no more."""
    buffer_ends = new.ends_at + timedelta(minutes=new.terms.buffer_minutes)
    taken = await bookings.taken(connection, [new.host_id], new.starts_at, buffer_ends, at=new.at)
    # When a crowd wants one time, those who come too late need not wait for the others' locks to hear it.
    if any(seats >= new.terms.capacity for seats in taken.get(new.host_id, {}).values()):
        raise Conflict(f"{new.host_id} has no seat left at {new.starts_at:%Y-%m-%d %H:%M}")
    wanted = Wanted(new.topic, new.mode, new.host_id)
    still = await _still(connection, wanted, new.starts_at, new.ends_at, new.at)
    await bookings.hold(connection, replace(new, terms=still.terms, rule_id=still.rule_id), until)


async def move(connection: Connection, number: str, to: Free, *, by: str, at: datetime) -> Booking:
    """Move a booking to a free time if it is still offered. Raises Conflict as `bookings.reschedule`."""
    booking = await bookings.by_number(connection, number)
    if booking is None:
        raise Conflict(f"there is no booking {number}")
    wanted = Wanted(booking.topic, booking.mode, to.host_id)
    still = await _still(connection, wanted, to.starts_at, to.ends_at, at)
    return await bookings.reschedule(
        connection,
        number,
        host_id=to.host_id,
        starts_at=to.starts_at,
        ends_at=to.ends_at,
        terms=still.terms,
        rule_id=still.rule_id,
        by=by,
        at=at,
    )


async def offer_opened(connection: Connection, host_id: str, at: datetime) -> int:
    """Hold what a host has newly opened for those who wait, the longest first, each the first time that suits them.

    Gives how many there are; they are told by reminders of their own. While others still wait, the host is looked at
    again when the next day opens.
    """
    await slots.lock(connection, [host_id])
    host = await slots.host(connection, host_id)
    offers = 0
    for wait in await waits.waiting_for(connection, host_id, at) if host else ():
        wanted = Wanted(wait.topic, wait.mode, host_id, person=wait.person_id)
        seen = await look(connection, wanted, now=at, from_=max(at, wait.wanted_from), to=wait.wanted_to)
        for time in seen.times:
            until = answer_by(time.starts_at, wait.zone, at)
            if until is None or time.ends_at > wait.wanted_to:
                continue
            [choice] = time.choices
            mode = (choice.terms.modes or seen.hosts[host_id].modes)[0]
            span = (choice.starts_at, choice.ends_at)
            await offer(connection, wait, host_id, mode, span, choice.terms, choice.rule_id, until=until, at=at)
            offers += 1
            break
    if await waits.waiting_for(connection, host_id, at):
        await _look_tomorrow(connection, [host_id], at)
    return offers


async def await_openings(connection: Connection, wanted: Wanted, at: datetime) -> None:
    """Have whoever now waits for a time offered what opens by itself: hours are open only so many days ahead."""
    found = await slots.hosts(connection, topic=wanted.topic, mode=wanted.mode)
    await _look_tomorrow(connection, [one.id for one in found if wanted.host_id in {None, one.id}], at)


async def _look_tomorrow(connection: Connection, host_ids: list[str], at: datetime) -> None:
    midnight = (at.astimezone(COUNTY) + A_DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    due = midnight.astimezone(UTC)
    await reminders.plan(connection, [Reminder(Kind.HOURS_OPENED.value, one, due) for one in host_ids])


async def _still(connection: Connection, wanted: Wanted, starts_at: datetime, ends_at: datetime, at: datetime) -> Free:
    """Give a time as it is offered now, whether or not it has a seat: the cells' constraint sees to that."""
    host_id = wanted.host_id or ""
    # Who publishes hours or leave waits for this, and this for them.
    await slots.lock(connection, [host_id])
    host = await slots.host(connection, host_id)
    if host is not None and host.active:
        times = await _free(connection, [host], {}, wanted, at, starts_at, starts_at + timedelta(minutes=1))
        for one in times:
            if (one.starts_at, one.ends_at) == (starts_at, ends_at):
                return one
    raise Conflict(f"{host_id} no longer offers {starts_at:%Y-%m-%d %H:%M}")


async def _free(
    connection: Connection,
    hosts: list[Host],
    taken: Taken,
    wanted: Wanted,
    now: datetime,
    from_: datetime,
    to: datetime,
) -> list[Free]:
    ids = [one.id for one in hosts]
    rules = await slots.rules_of(connection, ids)
    days = await slots.days_of(
        connection, ids, (from_ - A_DAY).astimezone(COUNTY).date(), (to + A_DAY).astimezone(COUNTY).date()
    )
    return free(hosts, rules, days, taken, now, from_, to, topic=wanted.topic, mode=wanted.mode)


async def _without_own(
    connection: Connection, times: list[Free], person: str, but: str | None, now: datetime
) -> list[Free]:
    """Leave out what a person can't take: they are elsewhere then, or have had their share of that week."""
    everything = await bookings.of_person(connection, person)
    own = [one for one in everything if one.number != but and not (one.held_until and one.held_until <= now)]
    busy = [(one.starts_at, one.ends_at) for one in own if one.state in LIVE]
    had = Counter((one.host_id, week_of(one.starts_at)[0]) for one in own if one.state in KEPT)
    return [
        one
        for one in times
        if not any(starts < one.ends_at and one.starts_at < ends for starts, ends in busy)
        and (one.terms.per_week is None or had[one.host_id, week_of(one.starts_at)[0]] < one.terms.per_week)
    ]
