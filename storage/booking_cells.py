"""Quarter hours and who owns them: occupying, freeing, reading. The primary key of the cells decides every race."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, insert, select

from storage.booking_tables import CELL_SECONDS, BookingCell, BookingRow, State, WaitRow, WaitState
from storage.database import Connection
from storage.errors import Conflict, StorageError

Taken = dict[str, dict[int, int]]  # host id → cell → seats taken


def cell_of(at: datetime) -> int:
    """Give the quarter hour a moment is in. Aware times only."""
    return int(at.timestamp()) // CELL_SECONDS


def cells_between(starts_at: datetime, ends_at: datetime) -> range:
    """Give the cells of a time. Raises StorageError for one that does not begin and end on a quarter."""
    first, last = starts_at.timestamp(), ends_at.timestamp()
    if first % CELL_SECONDS or last % CELL_SECONDS or first >= last:
        raise StorageError(f"{starts_at} to {ends_at} does not begin and end on a quarter of an hour")
    return range(int(first) // CELL_SECONDS, int(last) // CELL_SECONDS)


async def taken(
    connection: Connection,
    hosts: Iterable[str],
    from_: datetime,
    to: datetime,
    *,
    but: str | None = None,
    at: datetime | None = None,
) -> Taken:
    """Give how many seats of each cell of some hosts (ids) are taken, between two times.

    `but` leaves out one booking, a person's own. `at` leaves out holds that are over by then but not yet expired,
    unless somebody waits: then what comes free is theirs first.
    """
    conditions = [
        BookingCell.host_id.in_(list(hosts)),
        BookingCell.cell >= cell_of(from_),
        BookingCell.cell < -(-int(to.timestamp()) // CELL_SECONDS),
    ]
    if but is not None:
        conditions.append(BookingCell.number != but)
    if at is not None:
        over = select(BookingRow.number).where(is_abandoned(at))
        somebody_waits = exists().where(WaitRow.state == WaitState.WAITING.value)
        conditions.append(somebody_waits | BookingCell.number.not_in(over))
    rows = await connection.execute(
        select(BookingCell.host_id, BookingCell.cell, func.count())
        .where(*conditions)
        .group_by(BookingCell.host_id, BookingCell.cell)
    )
    found: Taken = {}
    for host, cell, seats in rows:
        found.setdefault(host, {})[cell] = seats
    return found


@dataclass(frozen=True, slots=True)
class Seats:
    """Cells with a seat each, chosen for a booking; those of the buffer are the host's alone."""

    host_id: str
    cells: tuple[tuple[int, int, bool], ...]  # cell, seat, whether it is the person's too


def is_abandoned(at: datetime) -> ColumnElement[bool]:
    """Give the condition of a hold that is over and whose person need not be told: no offer to the waiting list."""
    offered = select(WaitRow.number).where(WaitRow.state == WaitState.OFFERED.value)
    is_over = (BookingRow.state == State.HELD.value) & (BookingRow.held_until <= at)
    return is_over & BookingRow.number.not_in(offered)


async def choose(
    connection: Connection,
    host_id: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    buffer_minutes: int,
    capacity: int,
    but: str | None = None,
) -> Seats:
    """Choose a free seat in each cell of a time and its buffer; `but` is a booking that will give up its own.

    Raises Conflict if one has none left. Whoever is faster by a moment is found by the constraint.
    """
    own = cells_between(starts_at, ends_at)
    cells = cells_between(starts_at, ends_at + timedelta(minutes=buffer_minutes))
    taken = await _seats(connection, host_id, cells, but)
    chosen = []
    for cell in cells:
        # Any seat of a cell is as good as another: only how many there are counts.
        seat = next((seat for seat in range(capacity) if seat not in taken.get(cell, ())), None)
        if seat is None:
            raise Conflict(f"{host_id} has no seat left at {starts_at:%Y-%m-%d %H:%M}")
        chosen.append((cell, seat, cell in own))
    return Seats(host_id, tuple(chosen))


async def occupy(connection: Connection, number: str, person_id: str, seats: Seats) -> None:
    """Let a booking own the seats chosen for it."""
    await connection.execute(
        insert(BookingCell),
        [
            {
                "host_id": seats.host_id,
                "cell": cell,
                "seat": seat,
                "number": number,
                "person_id": person_id if is_own else None,
            }
            for cell, seat, is_own in seats.cells
        ],
    )


async def free(connection: Connection, number: str) -> int:
    """Take a booking's cells from it; give how many it had."""
    return int((await connection.execute(delete(BookingCell).where(BookingCell.number == number))).rowcount)


async def owned(connection: Connection, number: str) -> int:
    """Give how many cells a booking owns."""
    return int(
        await connection.scalar(select(func.count()).select_from(BookingCell).where(BookingCell.number == number)) or 0
    )


async def _seats(connection: Connection, host_id: str, cells: range, but: str | None) -> Mapping[int, set[int]]:
    conditions = [BookingCell.host_id == host_id, BookingCell.cell >= cells.start, BookingCell.cell < cells.stop]
    if but is not None:
        conditions.append(BookingCell.number != but)
    seats: dict[int, set[int]] = defaultdict(set)
    for cell, seat in await connection.execute(select(BookingCell.cell, BookingCell.seat).where(*conditions)):
        seats[cell].add(seat)
    return seats
