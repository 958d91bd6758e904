"""Several processes that want the same times at once: a few rounds in tests, many in `benchmarks.booking`.

Everybody goes the way of reception: what is offered is read, one effect is tried in a transaction, and on a Conflict
the facts are read again. A round ends for somebody with a booking, or a polite refusal: other times that are free.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import queue
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from handlers import offering
from handlers.free_times import Free
from handlers.offering import Look, Wanted
from storage import bookings, slots
from storage.booking_tables import LIVE, BookingCell, BookingRow
from storage.bookings import SELF, NewBooking, State
from storage.database import Database
from storage.errors import Conflict
from storage.people import Person
from storage.slots import Holidays, Host, Rule, Terms
from storage.staff import Role, Viewer
from storage.vault import Vault

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight in the county
STAFF = Viewer("operator", Role.COUNTY_ADMIN)
# All processes seal and open with the same keys.
VAULT = Vault({"racing": b"s" * 32}, b"i" * 32)
ATTEMPTS = 8  # as reception
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
ROUNDS_A_DAY = 8


@dataclass
class Result:
    """How a race went, for everybody together."""

    rounds: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    overlaps: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """One contender's turn: who they are, in which round, and where."""

    database: Database
    number: int
    round: int
    seen: Mapping[str | None, Look]  # what everybody saw before the bell, with one host or any

    @property
    def person(self) -> str:
        return f"p{self.number}"

    @property
    def base(self) -> datetime:
        """Give the time this round is about: every three hours, three days on."""
        return NOW + 3 * DAY + timedelta(hours=3) * self.round


def begins_in(number: int) -> datetime:
    """Give the time a round is about."""
    return NOW + 3 * DAY + timedelta(hours=3) * number


async def books(turn: Turn, starts_at: datetime, *, host: str | None = "h0", length: int = 30) -> str:
    """Try to book a time, with one host or any, until there is a booking or the time is gone."""
    for attempt in range(ATTEMPTS):
        seen = await _look(turn, host, starts_at) if attempt else turn.seen[host]
        free = next((one for one in seen.times if (one.starts_at, _minutes(one)) == (starts_at, length)), None)
        if free is None:
            return "refused with an alternative" if seen.times else "refused with nothing"
        try:
            await book(turn.database, free.choices[0], turn.person, f"{turn.round}-{turn.number}")
        except Conflict:
            continue
        return "booked"
    return "gave up"


async def book(database: Database, free: Free, person: str, number: str, *, until: State = State.CONFIRMED) -> None:
    """Hold a time and confirm it, in the transactions of two taps. Raises Conflict."""
    new = NewBooking(
        number, free.host_id, person, "test", person, "land", "site", free.starts_at, free.ends_at, "Asia/Shanghai",
        "zh-Hans", NOW, free.terms, free.rule_id,
    )  # fmt: skip
    async with database.write() as connection:
        await offering.hold(connection, new, NOW + timedelta(minutes=5))
    if until is not State.HELD:
        async with database.write() as connection:
            await bookings.confirm(connection, number, by=SELF, at=NOW, name="林溪")


async def _look(turn: Turn, host: str | None, starts_at: datetime) -> Look:
    return await look(turn.database, turn.person, host, starts_at)


async def look(database: Database, person: str, host: str | None, starts_at: datetime) -> Look:
    """Read what is offered in three hours, as somebody sees it."""
    wanted = Wanted("land", "site", host_id=host, person=person)
    async with database.read() as connection:
        return await offering.look(connection, wanted, now=NOW, from_=starts_at, to=starts_at + 12 * QUARTER)


def _minutes(one: Any) -> int:
    return int((one.ends_at - one.starts_at) / timedelta(minutes=1))


async def one_slot(turn: Turn) -> str:
    return await books(turn, turn.base)


async def every_quarter(turn: Turn) -> str:
    """45 minutes that begin on one of three quarters all overlap: one of them can be had."""
    return await books(turn, turn.base + QUARTER * (turn.number % 3), host="h2", length=45)


async def any_or_named(turn: Turn) -> str:
    return await books(turn, turn.base, host="h0" if turn.number % 2 else None)


async def two_staff(turn: Turn) -> str:
    """Both confirm both requests, in opposite order."""
    numbers = [f"{turn.round}-a", f"{turn.round}-b"]
    done = 0
    for number in numbers if turn.number else reversed(numbers):
        done += await _moves(turn, lambda connection, n=number: bookings.confirm(connection, n, by="staff", at=NOW))
    return f"confirmed {done}"


async def confirm_or_cancel(turn: Turn) -> str:
    """One of the staff confirms and another declines, while the person cancels."""
    number = f"{turn.round}-a"
    move = [
        lambda connection: bookings.confirm(connection, number, by="staff", at=NOW),
        lambda connection: bookings.decline(connection, number, by="staff2", at=NOW),
        lambda connection: bookings.cancel(connection, number, by=SELF, at=NOW),
    ][turn.number]
    name = ("confirmed", "declined", "cancelled")[turn.number]
    return name if await _moves(turn, move) else f"not {name}"


async def reschedule_or_book(turn: Turn) -> str:
    """Somebody moves to the next time, which others book; and others book the one they leave."""
    later = turn.base + timedelta(minutes=30)
    if turn.number:
        return await books(turn, later if turn.number % 2 else turn.base)
    free = next(one.choices[0] for one in turn.seen["h0"].times if one.starts_at == later)
    number = f"{turn.round}-a"
    moved = await _moves(turn, lambda connection: offering.move(connection, number, free, by=SELF, at=NOW))
    return "moved" if moved else "not moved"


async def _moves(turn: Turn, move: Callable[[Any], Awaitable[Any]]) -> bool:
    try:
        async with turn.database.write() as connection:
            await move(connection)
    except Conflict:
        return False
    return True


async def request_two(database: Database, number: int) -> None:
    await _booked_before(database, number, "a", "h1", begins_in(number))
    await _booked_before(database, number, "b", "h1", begins_in(number) + timedelta(minutes=30))


async def request_one(database: Database, number: int) -> None:
    await _booked_before(database, number, "a", "h1", begins_in(number))


async def book_one(database: Database, number: int) -> None:
    await _booked_before(database, number, "a", "h0", begins_in(number))


async def _booked_before(database: Database, number: int, name: str, host: str, starts_at: datetime) -> None:
    seen = await look(database, "p0", host, starts_at)
    free = next(one.choices[0] for one in seen.times if one.starts_at == starts_at)
    await book(database, free, "p0" if name == "a" else "p1", f"{number}-{name}")


def _exactly(count: int) -> Callable[[Sequence[Any]], bool]:
    return lambda rows: len(rows) == count


def _one_each_at_most_two(rows: Sequence[Any]) -> bool:
    """Two times, one booking in the later, one at most in the earlier, and who moved has theirs."""
    return len(rows) in {1, 2} and any(row.number.endswith("-a") for row in rows)


@dataclass(frozen=True)
class Race:
    """Who does what at once, what was before, and how many live bookings a round must leave."""

    turn: Callable[[Turn], Awaitable[str]]
    left: Callable[[Sequence[Any]], bool]
    contenders: int
    hosts: tuple[str | None, ...] = ()
    before: Callable[[Database, int], Awaitable[None]] | None = None


RACES: Mapping[str, Race] = {
    "48 for one slot": Race(one_slot, _exactly(1), 48, ("h0",)),
    "48 for 45 minutes on every quarter": Race(every_quarter, _exactly(1), 48, ("h2",)),
    "any officer against a named one": Race(any_or_named, _exactly(2), 48, ("h0", None)),
    "two staff confirm two requests": Race(two_staff, _exactly(2), 2, before=request_two),
    "confirm against decline and cancel": Race(confirm_or_cancel, _exactly(0), 3, before=request_one),
    "reschedule against book": Race(reschedule_or_book, _one_each_at_most_two, 9, ("h0",), book_one),
}


async def prepare(database: Database, rounds: int) -> None:
    """Publish three hosts' hours, round the clock: two with half hours, the second after confirmation, and quarters."""
    every_day = {"rrule": "FREQ=DAILY", "starts": "00:00", "minutes": 1440, "holidays": Holidays.KEEP}
    ahead = rounds // ROUNDS_A_DAY + 30
    terms = Terms(lead_minutes=0, ahead_days=ahead)
    asked = Terms(lead_minutes=0, ahead_days=ahead, needs_confirmation=True)
    quarters = Terms(slot_minutes=45, step_minutes=15, lead_minutes=0, ahead_days=ahead)
    async with database.write() as connection:
        for number in range(48):
            await connection.execute(insert(Person).values(id=f"p{number}", created_at=NOW))
        for number, those in enumerate((terms, asked, quarters)):
            host = Host(f"h{number}", f"岗位{number}")
            await slots.add_host(connection, STAFF, host, NOW)
            rule = Rule(f"r{number}", host.id, valid_from=date(2026, 11, 1), terms=those, **every_day)
            await slots.add_rule(connection, STAFF, rule)


def race(url: str, name: str, rounds: int, *, processes: int = 8, contenders: int | None = None) -> Result:
    """Run a race on a prepared database, and look at what it left."""
    chosen = RACES[name]
    count = contenders or chosen.contenders
    processes = min(processes, count)
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(processes), context.Queue()
    if chosen.before is not None:
        asyncio.run(_before(url, chosen, rounds))
    workers = [
        context.Process(
            target=_run, args=(url, name, rounds, list(range(count))[place::processes], barrier, told), daemon=True
        )
        for place in range(processes)
    ]
    for worker in workers:
        worker.start()
    result = Result(rounds)
    for _ in workers:
        outcomes, errors = _heard(told, workers)
        result.outcomes += outcomes
        result.errors += errors
    for worker in workers:
        worker.join()
    asyncio.run(_judge(url, chosen, rounds, result))
    return result


def _heard(told: Any, workers: Sequence[Any]) -> tuple[Counter[str], list[str]]:
    while True:
        try:
            heard: tuple[Counter[str], list[str]] = told.get(timeout=5)
        except queue.Empty:
            if any(worker.exitcode for worker in workers):
                raise RuntimeError("a contender's process died") from None
        else:
            return heard


async def _before(url: str, chosen: Race, rounds: int) -> None:
    database = await Database.open(url, VAULT)
    for number in range(rounds):
        if chosen.before is not None:
            await chosen.before(database, number)
    await database.close()


def _run(url: str, name: str, rounds: int, numbers: list[int], barrier: Any, told: Any) -> None:
    told.put(asyncio.run(_rounds(url, RACES[name], rounds, numbers, barrier)))


async def _rounds(
    url: str, chosen: Race, rounds: int, numbers: Sequence[int], barrier: Any
) -> tuple[Counter[str], list[str]]:
    database = await Database.open(url, VAULT)
    outcomes: Counter[str] = Counter()
    errors: list[str] = []

    async def one(turn: Turn) -> None:
        try:
            outcomes[await chosen.turn(turn)] += 1
        except Exception:  # noqa: BLE001 - whatever it is, the race must have none
            errors.append(traceback.format_exc(limit=-3))

    for number in range(rounds):
        seen = {host: await look(database, f"p{numbers[0]}", host, begins_in(number)) for host in chosen.hosts}
        barrier.wait()
        await asyncio.gather(*(one(Turn(database, contender, number, seen)) for contender in numbers))
    await database.close()
    return outcomes, errors


async def _judge(url: str, chosen: Race, rounds: int, result: Result) -> None:
    """Look at the bookings themselves, not at the cells that are to keep them apart."""
    database = await Database.open(url, VAULT)
    async with database.read() as connection:
        live = (
            await connection.execute(
                select(BookingRow).where(BookingRow.state.in_(sorted(state.value for state in LIVE)))
            )
        ).all()
        owners = set((await connection.execute(select(BookingCell.number))).scalars())
    await database.close()
    for row in live:
        result.overlaps += sum(
            row.host_id == other.host_id and row.starts_at < other.ends_at and other.starts_at < row.ends_at
            for other in live
            if row.number < other.number and abs(row.starts_at - other.starts_at) < DAY
        )
    if owners != {row.number for row in live}:
        result.wrong.append("cells of bookings that are not live, or the other way round")
    by_round: dict[int, list[Any]] = {}
    for row in live:
        by_round.setdefault(int(row.number.split("-")[0]), []).append(row)
    result.wrong += [f"round {number}" for number in range(rounds) if not chosen.left(by_round.get(number, []))]
