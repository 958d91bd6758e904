"""Places on the waiting list as bookings see them: who wants what came free, what is offered, how it ends.

For `storage.bookings`; whoever puts people on the list and takes them off it wants `storage.waits`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update

from storage import booking_cells, reminders
from storage.booking_tables import SEALED, Booking, BookingCell, State, Wait, WaitRow, WaitState
from storage.database import Connection, vault_of
from storage.daytime import by_day
from storage.errors import Conflict
from storage.reminders import Kind, Reminder
from storage.slot_tables import HostRow

ANSWER_WITHIN = timedelta(hours=2)  # of the person's daytime
AT_LEAST = timedelta(minutes=30)  # an offer shorter than this is none
BEFORE_START = timedelta(minutes=30)  # an offer ends so long before the time begins


async def by_id(connection: Connection, identity: str, *, lock: bool = False) -> Wait | None:
    """Give a place on the waiting list. With `lock` nobody else changes it meanwhile."""
    one = await found(connection, [WaitRow.id == identity], lock=lock)
    return one[0] if one else None


async def by_number(connection: Connection, number: str) -> Wait | None:
    """Give the wait that a booking number was offered for."""
    one = await found(connection, [WaitRow.number == number])
    return one[0] if one else None


async def wanting(connection: Connection, freed: Booking, at: datetime) -> list[Wait]:
    """Give who waits for such a time and is free then, the longest waiting first; whoever gave it up is left out."""
    host = (
        await connection.execute(select(HostRow.topics, HostRow.modes).where(HostRow.id == freed.host_id))
    ).one_or_none()
    if host is None:
        return []
    cells = booking_cells.cells_between(freed.starts_at, freed.ends_at)
    busy = exists().where(
        BookingCell.person_id == WaitRow.person_id, BookingCell.cell >= cells.start, BookingCell.cell < cells.stop
    )
    waiting = await found(
        connection,
        [
            WaitRow.state == WaitState.WAITING.value,
            WaitRow.person_id != freed.person_id,
            WaitRow.wanted_from <= freed.starts_at,
            WaitRow.wanted_to >= freed.ends_at,
            or_(WaitRow.host_id.is_(None), WaitRow.host_id == freed.host_id),
            ~busy,
        ],
    )
    return [
        one
        for one in waiting
        if (not host.topics or one.topic in host.topics) and (one.mode is None or one.mode in host.modes)
    ]


async def mark_offered(connection: Connection, wait: Wait, until: datetime, at: datetime) -> None:
    """Note that a time is held for somebody until a moment, and that they have to be told: now, at night by morning."""
    done = await connection.execute(
        update(WaitRow)
        .where(WaitRow.id == wait.id, WaitRow.state == WaitState.WAITING.value)
        .values(state=WaitState.OFFERED.value, offered_until=until)
    )
    if done.rowcount != 1:
        raise Conflict(f"wait {wait.id} has moved on")
    told, ends = Kind.WAIT_OFFER.value, Kind.WAIT_OFFER_ENDS.value
    # Nobody is woken for it, unless by the morning it would be too late.
    morning = by_day(wait.zone, at)
    when = morning if until - morning >= AT_LEAST else at
    await reminders.plan(connection, [Reminder(told, wait.id, when), Reminder(ends, wait.id, until)])


async def follow(connection: Connection, number: str, to: State) -> None:
    """Let a wait follow the booking that was offered for it."""
    state = {
        State.CONFIRMED: WaitState.TAKEN,
        State.PENDING: WaitState.TAKEN,
        State.EXPIRED: WaitState.LAPSED,
        State.CANCELLED: WaitState.LEFT,
    }.get(to)
    if state is None:
        return
    offered = WaitRow.number == number, WaitRow.state == WaitState.OFFERED.value
    identity = await connection.scalar(select(WaitRow.id).where(*offered))
    if identity is not None:
        await connection.execute(update(WaitRow).where(*offered).values(state=state.value, offered_until=None))
        await reminders.drop(connection, [identity])


def answer_by(starts_at: datetime, zone: str, at: datetime) -> datetime | None:
    """Give until when somebody has to answer an offer: two hours of their daytime, and well before it begins.

    None if that leaves too little time to offer it at all.
    """
    until = min(by_day(zone, at) + ANSWER_WITHIN, starts_at - BEFORE_START)
    return until if until - at >= AT_LEAST else None


async def found(connection: Connection, conditions: list[ColumnElement[bool]], *, lock: bool = False) -> list[Wait]:
    """Give the places that meet some conditions, the longest waiting first, opened."""
    wanted = select(*_columns).where(*conditions).order_by(WaitRow.asked_at, WaitRow.id)
    if lock:
        wanted = wanted.with_for_update()
    vault = vault_of(connection)
    opened = []
    for row in await connection.execute(wanted):
        values: dict[str, Any] = dict(row._mapping)
        kind = values.pop("contact_kind")
        values |= {
            name: vault.open(values[name], f"booking_waits.{name}") for name in SEALED if values[name] is not None
        }
        values["contact"] = (kind, values["contact"]) if kind else None
        opened.append(Wait(**{**values, "state": WaitState(values["state"])}))
    return opened


_columns = [getattr(WaitRow, name) for name in (*Wait.__dataclass_fields__, "contact_kind")]
