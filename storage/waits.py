"""The waiting list (候补): who wants a time that is not free, and is offered the first that comes free, for a while.

The offer is made by `storage.bookings` in the transaction that frees a time: a hold under the wait's own number. To
take it is to confirm that booking.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, or_, update

from storage import reminders
from storage.booking_tables import SELF, NewWait, State, Wait, WaitRow, WaitState
from storage.bookings import transition
from storage.database import Connection, vault_of
from storage.reminders import Kind, Reminder
from storage.wait_rows import by_id, by_number, found

__all__ = [
    "NewWait",
    "Wait",
    "WaitState",
    "by_id",
    "by_number",
    "join",
    "lapse",
    "leave",
    "of_person",
    "waiting",
    "waiting_for",
]


async def join(connection: Connection, new: NewWait) -> None:
    """Put somebody on the waiting list. Raises Conflict for a number given out already."""
    vault = vault_of(connection)
    sealed = {"name": new.name, "contact": new.contact[1] if new.contact else None, "question": new.question}
    own = ("id", "number", "person_id", "channel", "chat", "topic", "mode", "host_id", "wanted_from", "wanted_to")
    await connection.execute(
        insert(WaitRow).values(
            **{name: getattr(new, name) for name in (*own, "zone", "language")},
            **{
                name: None if text is None else vault.seal(text, f"booking_waits.{name}")
                for name, text in sealed.items()
            },
            contact_kind=new.contact[0] if new.contact else None,
            asked_at=new.at,
            state=WaitState.WAITING.value,
        )
    )
    await reminders.plan(connection, [Reminder(Kind.WAIT_ENDS.value, new.id, new.wanted_to)])


async def leave(connection: Connection, identity: str, at: datetime) -> None:
    """Take somebody off the waiting list; what is held for them goes to the next. No error if they are off it."""
    wait = await by_id(connection, identity, lock=True)
    if wait is None:
        return
    if wait.state is WaitState.OFFERED:
        # The booking's own move takes the wait along (`follow`).
        await transition(connection, wait.number, State.CANCELLED, by=SELF, at=at)
    elif wait.state is WaitState.WAITING:
        await connection.execute(update(WaitRow).where(WaitRow.id == identity).values(state=WaitState.LEFT.value))
        await reminders.drop(connection, [identity])


async def of_person(connection: Connection, person: str) -> list[Wait]:
    """Give what somebody waits or waited for, oldest first."""
    return await found(connection, [WaitRow.person_id == person])


async def waiting(connection: Connection, from_: datetime, to: datetime) -> list[Wait]:
    """Give who waits for a time between two, oldest first."""
    return await found(
        connection,
        [WaitRow.state == WaitState.WAITING.value, WaitRow.wanted_from < to, WaitRow.wanted_to > from_],
    )


async def waiting_for(connection: Connection, host_id: str, at: datetime) -> list[Wait]:
    """Give who waits for a host, or for any, and would still have use for a time, the longest waiting first."""
    return await found(
        connection,
        [
            WaitRow.state == WaitState.WAITING.value,
            WaitRow.wanted_to > at,
            or_(WaitRow.host_id.is_(None), WaitRow.host_id == host_id),
        ],
    )


async def lapse(connection: Connection, identity: str) -> bool:
    """Take somebody off the list whose time is over with nothing come free; False if they no longer wait."""
    lapsed = await connection.execute(
        update(WaitRow)
        .where(WaitRow.id == identity, WaitRow.state == WaitState.WAITING.value)
        .values(state=WaitState.LAPSED.value)
    )
    return bool(lapsed.rowcount == 1)
