"""Questions of general interest: proposed by one member of staff, published once another has read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from storage.console_tables import FaqRow, FaqState
from storage.database import Connection
from storage.errors import Conflict


@dataclass(frozen=True, slots=True)
class Faq:
    """One question with its answer; `source` names the clause it rests on, `number` the question it came of."""

    id: str
    number: str | None
    question: str
    answer: str
    source: str
    state: FaqState
    proposed_by: str
    proposed_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None


_columns = [getattr(FaqRow, name) for name in Faq.__dataclass_fields__]


async def propose(connection: Connection, faq: Faq) -> None:
    """Store a proposal."""
    values = {name: getattr(faq, name) for name in Faq.__dataclass_fields__}
    await connection.execute(insert(FaqRow).values(**values | {"state": FaqState.PROPOSED.value}))


async def review(connection: Connection, identity: str, to: FaqState, by: str, at: datetime) -> Faq:
    """Publish or refuse a proposal. Raises Conflict for one that is settled, or one's own."""
    done = await connection.execute(
        update(FaqRow)
        .where(FaqRow.id == identity, FaqRow.state == FaqState.PROPOSED.value, FaqRow.proposed_by != by)
        .values(state=to.value, reviewed_by=by, reviewed_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"{identity} is no proposal of somebody else's")
    return await _known(connection, identity)


async def withdraw(connection: Connection, identity: str, by: str, at: datetime) -> Faq:
    """Take a published one back. Raises Conflict for any other."""
    done = await connection.execute(
        update(FaqRow)
        .where(FaqRow.id == identity, FaqRow.state == FaqState.PUBLISHED.value)
        .values(state=FaqState.WITHDRAWN.value, reviewed_by=by, reviewed_at=at)
    )
    if done.rowcount != 1:
        raise Conflict(f"{identity} is not published")
    return await _known(connection, identity)


async def listed(connection: Connection, states: Sequence[FaqState], limit: int | None = 500) -> list[Faq]:
    """Give those in some states, the oldest first; all of them without a limit."""
    rows = await connection.execute(
        select(*_columns)
        .where(FaqRow.state.in_([state.value for state in states]))
        .order_by(FaqRow.proposed_at, FaqRow.id)
        .limit(limit)
    )
    return [_faq(row) for row in rows]


async def of_question(connection: Connection, number: str) -> list[Faq]:
    """Give what came of a question somebody left."""
    rows = await connection.execute(select(*_columns).where(FaqRow.number == number).order_by(FaqRow.proposed_at))
    return [_faq(row) for row in rows]


async def _known(connection: Connection, identity: str) -> Faq:
    return _faq((await connection.execute(select(*_columns).where(FaqRow.id == identity))).one())


def _faq(row: object) -> Faq:
    values = {name: getattr(row, name) for name in Faq.__dataclass_fields__}
    return Faq(**values | {"state": FaqState(values["state"])})
