"""Reading bookings: one by its number, a person's, a week's count; opened, with the host's name and place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select

from storage.booking_tables import KEPT, SEALED, Booking, BookingRow, State
from storage.database import Connection, vault_of
from storage.slot_tables import COUNTY_ZONE, HostRow
from storage.vault import Vault

_WITH_HOST = {"host_name": HostRow.name, "host_name_en": HostRow.name_en, "place": HostRow.place}
_WITH_HOST |= {"place_en": HostRow.place_en, "link": HostRow.link}
_OWN = [name for name in Booking.__dataclass_fields__ if name not in {*_WITH_HOST, "cancel_until"}]
columns = [
    *(getattr(BookingRow, name) for name in (*_OWN, "contact_kind", "cancel_minutes")),
    *(column.label(name) for name, column in _WITH_HOST.items()),
]


async def by_number(connection: Connection, number: str, *, lock: bool = False) -> Booking | None:
    """Give a booking by its number; None if there is none. With `lock` nobody else changes it meanwhile."""
    wanted = select(*columns).join(HostRow, HostRow.id == BookingRow.host_id).where(BookingRow.number == number)
    if lock:
        wanted = wanted.with_for_update(of=BookingRow)
    row = (await connection.execute(wanted)).one_or_none()
    return opened(vault_of(connection), row) if row else None


async def of_person(connection: Connection, person: str, *, since: datetime | None = None) -> list[Booking]:
    """Give a person's bookings in every state, by when they begin; with `since` those that end after it."""
    conditions = [BookingRow.person_id == person]
    if since is not None:
        conditions.append(BookingRow.ends_at > since)
    return await found(connection, conditions)


async def found(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> list[Booking]:
    """Give the bookings that meet some conditions, by when they begin."""
    rows = await connection.execute(
        select(*columns)
        .join(HostRow, HostRow.id == BookingRow.host_id)
        .where(*conditions)
        .order_by(BookingRow.starts_at, BookingRow.number)
    )
    vault = vault_of(connection)
    return [opened(vault, row) for row in rows]


async def in_week(
    connection: Connection,
    person: str,
    host_id: str,
    at: datetime,
    *,
    but: str | None = None,
    states: Collection[State] = KEPT,
) -> int:
    """Count what a person has with a host in the week of a time, Monday to Sunday by the county's clock."""
    first, last = week_of(at)
    conditions = [
        BookingRow.person_id == person,
        BookingRow.host_id == host_id,
        BookingRow.state.in_([state.value for state in states]),
        BookingRow.starts_at >= first,
        BookingRow.starts_at < last,
    ]
    if but is not None:
        conditions.append(BookingRow.number != but)
    return int(await connection.scalar(select(func.count()).select_from(BookingRow).where(*conditions)) or 0)


def week_of(at: datetime) -> tuple[datetime, datetime]:
    """Give the Monday 0:00 before a time and the next one, by the county's clock."""
    local = at.astimezone(ZoneInfo(COUNTY_ZONE))
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    return monday, monday + timedelta(days=7)


def opened(vault: Vault, row: Row[Any]) -> Booking:
    """Open what is sealed in a row of `columns`."""
    values = dict(row._mapping)
    kind, minutes = values.pop("contact_kind"), values.pop("cancel_minutes")
    values |= {name: vault.open(values[name], f"bookings.{name}") for name in SEALED if values[name] is not None}
    values["contact"] = (kind, values["contact"]) if kind else None
    values["state"] = State(values["state"])
    return Booking(**values, cancel_until=values["starts_at"] - timedelta(minutes=minutes))
