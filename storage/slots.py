"""Whom one can book (hosts) and when they sit: recurring rules, single extra days, leave; by the county's clock.

A rule is never expanded here: `handlers.free_times` does that on demand. Wall-clock times are "HH:MM" in `COUNTY_ZONE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, delete, insert, select, true, update

from storage.booking_tables import Booking
from storage.database import Connection
from storage.errors import Conflict
from storage.slot_tables import (
    COUNTY_ZONE,
    Day,
    DayKind,
    Holidays,
    Host,
    HostRow,
    Mode,
    Rule,
    SlotDayRow,
    SlotRuleRow,
    Terms,
)
from storage.staff import Right, Role, Viewer

__all__ = ["COUNTY_ZONE", "Day", "DayKind", "Holidays", "Host", "Mode", "Rule", "Terms"]


def within(viewer: Viewer) -> ColumnElement[bool]:
    """Give the condition that keeps a viewer to the hosts their role may see: a township's staff to its own."""
    return HostRow.township == viewer.township if viewer.role is Role.TOWNSHIP else true()


async def hosts(
    connection: Connection,
    *,
    topic: str | None = None,
    mode: str | None = None,
    township: str | None = None,
    viewer: Viewer | None = None,
    also_inactive: bool = False,
) -> list[Host]:
    """Give whom one can book, by name; with a viewer only those this member of staff may see.

    A topic or mode keeps those hosts that have it, themselves or by one of their rules. A township keeps its own
    hosts and the county's.
    """
    conditions: list[ColumnElement[bool]] = []
    if viewer is not None:
        viewer.require(Right.BOOKINGS)
        conditions.append(within(viewer))
    if not also_inactive:
        conditions.append(HostRow.active.is_(True))
    if township is not None:
        conditions.append((HostRow.township == township) | HostRow.township.is_(None))
    rows = await connection.execute(select(*_host_columns).where(*conditions).order_by(HostRow.name, HostRow.id))
    found = [_host(row) for row in rows]
    if topic is None and mode is None:
        return found
    terms: dict[str, list[Terms]] = {one.id: [Terms()] for one in found}
    for rule in await rules_of(connection, terms):
        terms[rule.host_id].append(rule.terms)
    return [one for one in found if any(suits(one, those, topic, mode) for those in terms[one.id])]


def suits(host: Host, terms: Terms, topic: str | None, mode: str | None) -> bool:
    """Tell whether a topic and a mode can be booked with a host under some terms; None suits always."""
    topics = host.topics if terms.topics is None else terms.topics
    modes = host.modes if terms.modes is None else terms.modes
    return (topic is None or not topics or topic in topics) and (mode is None or mode in modes)


async def host(connection: Connection, identity: str, viewer: Viewer | None = None) -> Host | None:
    """Give a host by id, active or not; None if there is none, or none this viewer may see."""
    conditions = [HostRow.id == identity]
    if viewer is not None:
        viewer.require(Right.BOOKINGS)
        conditions.append(within(viewer))
    row = (await connection.execute(select(*_host_columns).where(*conditions))).one_or_none()
    return _host(row) if row else None


async def add_host(connection: Connection, viewer: Viewer, new: Host, at: datetime) -> None:
    """Store a host. Raises Conflict for an id that is taken or a township that is not the viewer's."""
    viewer.require(Right.SLOTS)
    if viewer.role is Role.TOWNSHIP and new.township != viewer.township:
        raise Conflict(f"{new.id} is not of the township {viewer.township}")
    values = {name: getattr(new, name) for name in Host.__dataclass_fields__}
    values |= {"topics": list(new.topics), "modes": list(new.modes)}
    await connection.execute(insert(HostRow).values(created_at=at, **values))


async def set_active(connection: Connection, viewer: Viewer, identity: str, active: bool) -> None:
    """Open or close a host for booking; what is booked stands. Raises Conflict if there is none."""
    await _lock(connection, viewer, identity)
    await connection.execute(update(HostRow).where(HostRow.id == identity).values(active=active))


async def rules_of(connection: Connection, hosts: Iterable[str]) -> list[Rule]:
    """Give the rules of some hosts (ids), the oldest first."""
    rows = await connection.execute(
        select(*_rule_columns)
        .where(SlotRuleRow.host_id.in_(list(hosts)))
        .order_by(SlotRuleRow.valid_from, SlotRuleRow.starts, SlotRuleRow.id)
    )
    return [_rule(row) for row in rows]


async def add_rule(connection: Connection, viewer: Viewer, new: Rule) -> None:
    """Store recurring hours. Raises Conflict for a host that is not there, or not this viewer's."""
    await _lock(connection, viewer, new.host_id)
    terms: dict[str, Any] = {name: getattr(new.terms, name) for name in Terms.__dataclass_fields__}
    terms |= {name: _listed(terms[name]) for name in ("modes", "topics")}
    own = {name: getattr(new, name) for name in Rule.__dataclass_fields__ if name not in {"terms", "holidays"}}
    await connection.execute(
        insert(SlotRuleRow).values(**own, holidays=new.holidays.value, **terms | {"step_minutes": new.terms.step})
    )


async def end_rule(connection: Connection, viewer: Viewer, identity: str, until: date) -> Rule:
    """Let recurring hours end with a day; what is booked stands. Raises Conflict if there are none."""
    row = (await connection.execute(select(*_rule_columns).where(SlotRuleRow.id == identity))).one_or_none()
    if row is None:
        raise Conflict(f"there is no rule {identity}")
    await _lock(connection, viewer, row.host_id)
    await connection.execute(update(SlotRuleRow).where(SlotRuleRow.id == identity).values(valid_until=until))
    return _rule(row)


async def days_of(connection: Connection, hosts: Iterable[str], first: date, last: date) -> list[Day]:
    """Give the single days of some hosts (ids) from a day to another, both included."""
    rows = await connection.execute(
        select(*_day_columns)
        .where(SlotDayRow.host_id.in_(list(hosts)), SlotDayRow.day.between(first, last))
        .order_by(SlotDayRow.day, SlotDayRow.starts, SlotDayRow.id)
    )
    return [_day(row) for row in rows]


async def add_day(connection: Connection, viewer: Viewer, new: Day) -> None:
    """Store extra hours or leave of one day. Raises Conflict for a host that is not there, or not this viewer's."""
    await _lock(connection, viewer, new.host_id)
    values = {name: getattr(new, name) for name in ("host_id", "day", "starts", "ends")}
    await connection.execute(insert(SlotDayRow).values(kind=new.kind.value, **values))


async def remove_days(
    connection: Connection, viewer: Viewer, host_id: str, first: date, last: date, kind: DayKind
) -> int:
    """Take back extra hours or leave of some days, both included; give how many there were."""
    await _lock(connection, viewer, host_id)
    done = await connection.execute(
        delete(SlotDayRow).where(
            SlotDayRow.host_id == host_id, SlotDayRow.day.between(first, last), SlotDayRow.kind == kind.value
        )
    )
    return int(done.rowcount)


async def is_still_open(connection: Connection, booking: Booking) -> bool:
    """Tell whether a host would still sit at a booked time: open, not on leave, under hours that have not ended."""
    zone = ZoneInfo(COUNTY_ZONE)
    starts, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    one = await host(connection, booking.host_id)
    if one is None or not one.active:
        return False
    is_extra = False
    for day in await days_of(connection, [one.id], starts.date(), starts.date()):
        if day.starts is None or day.ends is None:
            return False
        if day.kind is DayKind.LEAVE and day.starts < f"{ends:%H:%M}" and f"{starts:%H:%M}" < day.ends:
            return False
        if day.kind is DayKind.EXTRA and day.starts <= f"{starts:%H:%M}" and f"{ends:%H:%M}" <= day.ends:
            is_extra = True
    until = select(SlotRuleRow.valid_until).where(SlotRuleRow.id == booking.rule_id)
    rule = (await connection.execute(until)).one_or_none()
    return is_extra or (rule is not None and (rule.valid_until is None or starts.date() <= rule.valid_until))


async def lock(connection: Connection, hosts: Sequence[str]) -> None:
    """Wait until nobody else changes or books these hosts, until the end of the transaction.

    SQLite has one writer anyway. Sorted, so that two who want the same hosts don't wait for each other.
    """
    wanted = select(HostRow.id).where(HostRow.id.in_(list(hosts))).order_by(HostRow.id)
    await connection.execute(wanted.with_for_update(key_share=True))


async def _lock(connection: Connection, viewer: Viewer, host_id: str) -> None:
    viewer.require(Right.SLOTS)
    if await host(connection, host_id, viewer) is None:
        raise Conflict(f"there is no host {host_id}")
    await lock(connection, [host_id])


_host_columns = [getattr(HostRow, name) for name in Host.__dataclass_fields__]
_rule_columns = [
    getattr(SlotRuleRow, name)
    for name in (*(name for name in Rule.__dataclass_fields__ if name != "terms"), *Terms.__dataclass_fields__)
]
_day_columns = [getattr(SlotDayRow, name) for name in Day.__dataclass_fields__]


def _host(row: Row[Any]) -> Host:
    values = dict(row._mapping)
    return Host(**{**values, "topics": tuple(values["topics"]), "modes": tuple(values["modes"])})


def _rule(row: Row[Any]) -> Rule:
    values = dict(row._mapping)
    terms = {name: values[name] for name in Terms.__dataclass_fields__}
    terms |= {name: tuple(terms[name]) if terms[name] is not None else None for name in ("modes", "topics")}
    own = {name: values[name] for name in Rule.__dataclass_fields__ if name not in {"terms", "holidays"}}
    return Rule(**own, holidays=Holidays(values["holidays"]), terms=Terms(**terms))


def _day(row: Row[Any]) -> Day:
    values = dict(row._mapping)
    return Day(**{**values, "kind": DayKind(values["kind"])})


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
