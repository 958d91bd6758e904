"""What is due to the recipients of announcements, taken by one process at a time, and what became of it.

`sending` is committed before a call begins. Whoever finds it afterwards, and its process gone, knows that the message
may have arrived; the promise of the announcement decides what happens then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, or_, select, text, tuple_, update

from storage.announcement_tables import (
    AnnouncementRow,
    Promise,
    RecipientRow,
    RecipientState,
    SenderRow,
    State,
)
from storage.database import Connection
from storage.tables import insert_unless_known

LEASE = timedelta(seconds=10)  # a process not seen for so long is gone
FORGOTTEN = timedelta(days=1)
CLOCK_STEP = timedelta(minutes=1)  # nor can it be seen in the future
MOST_COPIES = 2  # of one message for one person, whatever happens
OPEN = (RecipientState.PENDING, RecipientState.SENDING)
OVER = tuple(one for one in RecipientState if one not in OPEN)
DOING = "doing"  # of a message that is being taken back
# Any number; all our processes must choose the same one.
_TAKING_LOCK = 0x6C616F79

# Literal, so that both databases use the index for what is pending.
_pending = RecipientRow.state == RecipientState.PENDING.value


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person an announcement is for."""

    id: int
    announcement: str
    person_id: str | None
    channel: str
    chat: str
    language: str
    zone: str
    due_at: datetime
    state: str
    reason: str | None
    attempts: int
    sent_at: datetime | None
    message_ids: Sequence[str]


_columns = (
    RecipientRow.id,
    RecipientRow.announcement,
    RecipientRow.person_id,
    RecipientRow.channel,
    RecipientRow.chat,
    RecipientRow.language,
    RecipientRow.zone,
    RecipientRow.due_at,
    RecipientRow.state,
    RecipientRow.reason,
    RecipientRow.attempts,
    RecipientRow.sent_at,
    RecipientRow.message_ids,
)
_due = (
    select(*_columns)
    .where(
        RecipientRow.announcement == bindparam("number"),
        _pending,
        RecipientRow.due_at <= bindparam("now"),
        RecipientRow.channel == bindparam("channel"),
    )
    .order_by(RecipientRow.due_at, RecipientRow.id)
    .limit(bindparam("limit"))
)
_due_locked = _due.with_for_update(skip_locked=True)


def read(rows: Any) -> list[Recipient]:
    """Give rows of `columns` as recipients."""
    return [
        Recipient(
            id=row.id,
            announcement=row.announcement,
            person_id=row.person_id,
            channel=row.channel,
            chat=row.chat or "",
            language=row.language,
            zone=row.zone,
            due_at=row.due_at,
            state=row.state,
            reason=row.reason,
            attempts=row.attempts,
            sent_at=row.sent_at,
            message_ids=row.message_ids or (),
        )
        for row in rows
    ]


columns = _columns


async def beat(connection: Connection, sender: str, now: datetime) -> None:
    """Note that a process lives and sends."""
    seen = await connection.execute(update(SenderRow).where(SenderRow.id == sender).values(seen_at=now))
    if not seen.rowcount:
        new = insert_unless_known(connection, SenderRow, ["id"])
        await connection.execute(new.values(id=sender, seen_at=now))


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget the processes that ended long ago."""
    await connection.execute(delete(SenderRow).where(SenderRow.seen_at < now - FORGOTTEN))


async def leave(connection: Connection, sender: str) -> None:
    """Note that a process has ended, with nothing of its own under way."""
    await connection.execute(delete(SenderRow).where(SenderRow.id == sender))


def gone(sender: Any, now: datetime) -> ColumnElement[bool]:
    """Say of a column that names a process that it is there no more."""
    seen = (SenderRow.seen_at >= now - LEASE) & (SenderRow.seen_at <= now + CLOCK_STEP)
    return ~exists().where(SenderRow.id == sender, seen)


async def take_turns(connection: Connection) -> None:
    """Let no other process take recipients before this transaction ends: each counts what all have sent to a person.

    SQLite has one writer anyway. A lock for each person would come in another order in every process.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TAKING_LOCK})


async def due(connection: Connection, number: str, channel: str, now: datetime, limit: int) -> list[Recipient]:
    """Give some recipients of a channel whose time has come, the longest due first.

    Nobody else gets them in this transaction.
    """
    statement = _due if connection.dialect.name == "sqlite" else _due_locked
    asked = {"number": number, "now": now, "channel": channel, "limit": limit}
    return read(await connection.execute(statement, asked))


_begin = (
    update(RecipientRow)
    .where(RecipientRow.id.in_(bindparam("ids", expanding=True)))
    .values(state=RecipientState.SENDING.value, sender=bindparam("by"), sent_at=bindparam("at"), reason=None)
)


async def begin(connection: Connection, ids: Sequence[int], sender: str, now: datetime) -> None:
    """Mark recipients that were just taken by `due`: their messages go out after the commit."""
    if ids:
        await connection.execute(_begin, {"ids": list(ids), "by": sender, "at": now})


async def put_off(connection: Connection, until: Mapping[int, datetime]) -> None:
    """Let pending ones be due later."""
    at: dict[datetime, list[int]] = defaultdict(list)
    for number, time in until.items():
        at[time].append(number)
    for time, ids in at.items():
        await connection.execute(update(RecipientRow).where(RecipientRow.id.in_(ids), _pending).values(due_at=time))


async def skip(connection: Connection, reasons: Mapping[int, str], now: datetime) -> None:
    """Close pending ones that are not to be sent to after all."""
    why: dict[str, list[int]] = defaultdict(list)
    for number, reason in reasons.items():
        why[reason].append(number)
    for reason, ids in why.items():
        await connection.execute(
            update(RecipientRow)
            .where(RecipientRow.id.in_(ids), _pending)
            .values(state=RecipientState.SKIPPED.value, reason=reason, done_at=now)
        )


def _ours(sender: str) -> ColumnElement[bool]:
    """Say which rows a result may still close: our own, and those taken from us by mistake and not given away."""
    taken_away = RecipientRow.state.in_([RecipientState.PENDING.value, RecipientState.UNKNOWN.value])
    return or_(and_(RecipientRow.state == RecipientState.SENDING.value, RecipientRow.sender == sender), taken_away)


_arrived = (
    update(RecipientRow)
    .where(
        RecipientRow.id == bindparam("number"),
        or_(
            and_(RecipientRow.state == RecipientState.SENDING.value, RecipientRow.sender == bindparam("by")),
            RecipientRow.state == RecipientState.PENDING.value,
            RecipientRow.state == RecipientState.UNKNOWN.value,
        ),
    )
    .values(
        state=RecipientState.SENT.value,
        message_ids=bindparam("told"),
        done_at=bindparam("at"),
        reason=None,
        sender=None,
    )
)


async def arrived(connection: Connection, sender: str, message_ids: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Note messages that the channel took, with its own numbers for them."""
    if message_ids:
        told = [{"number": one, "by": sender, "told": list(ids), "at": now} for one, ids in message_ids.items()]
        await connection.execute(_arrived, told)


async def ended(
    connection: Connection, sender: str, ids: Sequence[int], state: RecipientState, reason: str, now: datetime
) -> None:
    """Note messages that will never arrive."""
    if ids:
        await connection.execute(
            update(RecipientRow)
            .where(RecipientRow.id.in_(list(ids)), _ours(sender))
            .values(state=state.value, reason=reason[:80], done_at=now, sender=None)
        )


async def not_sent(connection: Connection, sender: str, ids: Sequence[int], due_at: datetime | None) -> None:
    """Give back messages that certainly did not arrive; without `due_at` they are due since they were."""
    mine = and_(RecipientRow.state == RecipientState.SENDING.value, RecipientRow.sender == sender)
    later = {} if due_at is None else {"due_at": due_at}
    if ids:
        await connection.execute(
            update(RecipientRow)
            .where(RecipientRow.id.in_(list(ids)), mine)
            .values(state=RecipientState.PENDING.value, sender=None, sent_at=None, **later)
        )


async def note_parts(connection: Connection, message_ids: Mapping[int, Sequence[str]]) -> None:
    """Note what arrived of messages with several parts of which not all did."""
    for number, told in message_ids.items():
        await connection.execute(update(RecipientRow).where(RecipientRow.id == number).values(message_ids=list(told)))


async def uncertain(
    connection: Connection, sender: str, ids: Sequence[int], due_at: datetime, now: datetime, reason: str
) -> None:
    """Note calls of which nobody knows how they ended: once more, or listed, as was promised."""
    if ids:
        mine = and_(RecipientRow.state == RecipientState.SENDING.value, RecipientRow.sender == sender)
        await _settle(connection, and_(RecipientRow.id.in_(list(ids)), mine), due_at, now, reason)


async def settle(connection: Connection, now: datetime) -> int:
    """Deal with what processes that are gone had begun; give how many messages that were."""
    begun = (State.SENDING, State.PAUSED, State.LATE, State.STOPPED, State.APPROVED)
    numbers = list(
        await connection.scalars(
            select(AnnouncementRow.number).where(
                AnnouncementRow.state.in_([one.value for one in begun]), AnnouncementRow.finished_at.is_(None)
            )
        )
    )
    if not numbers:
        return 0
    left = and_(
        RecipientRow.announcement.in_(numbers),
        RecipientRow.state == RecipientState.SENDING.value,
        gone(RecipientRow.sender, now),
    )
    return await _settle(connection, left, now, now, "interrupted")


async def _settle(
    connection: Connection, which: ColumnElement[bool], due_at: datetime, now: datetime, reason: str
) -> int:
    never_twice = select(AnnouncementRow.number).where(AnnouncementRow.promise == Promise.NEVER_TWICE.value)
    enough = or_(RecipientRow.attempts >= MOST_COPIES - 1, RecipientRow.announcement.in_(never_twice))
    done = await connection.execute(
        update(RecipientRow)
        .where(which)
        .values(
            state=case((enough, RecipientState.UNKNOWN.value), else_=RecipientState.PENDING.value),
            reason=case((enough, reason)),
            done_at=case((enough, bindparam("done", now, RecipientRow.done_at.type))),
            sent_at=case((enough, RecipientRow.sent_at)),
            due_at=due_at,
            attempts=RecipientRow.attempts + 1,
            sender=None,
        )
    )
    return int(done.rowcount)


async def is_open(connection: Connection, number: str) -> bool:
    """Tell whether anybody is left to be sent to, or being sent to."""
    some = select(RecipientRow.id).where(
        RecipientRow.announcement == number, RecipientRow.state.in_([one.value for one in OPEN])
    )
    return (await connection.execute(some.limit(1))).first() is not None


async def waiting(connection: Connection, number: str, now: datetime) -> dict[str, datetime]:
    """Give, by channel, since when the first of those whose time has come waits."""
    found: dict[str, datetime] = {}
    for channel in await channels_with(connection, number, RecipientState.PENDING):
        first = await connection.scalar(
            select(func.min(RecipientRow.due_at)).where(
                RecipientRow.announcement == number, _pending, RecipientRow.channel == channel
            )
        )
        if first is not None and first <= now:
            found[channel] = first
    return found


async def channels_with(connection: Connection, number: str, state: RecipientState) -> list[str]:
    """Give the channels on which an announcement has recipients in a state."""
    found: list[str] = []
    # One look into the index for each channel, instead of one at every row.
    while True:
        channel = await connection.scalar(
            select(func.min(RecipientRow.channel)).where(
                RecipientRow.announcement == number,
                RecipientRow.state == state.value,
                RecipientRow.channel > (found[-1] if found else ""),
            )
        )
        if channel is None:
            return found
        found.append(channel)


async def skip_due(
    connection: Connection, number: str, channel: str, before: datetime, reason: str, now: datetime, limit: int = 5000
) -> int:
    """Close some pending ones of a channel that were due by a time; give how many."""
    some = select(RecipientRow.id).where(
        RecipientRow.announcement == number, _pending, RecipientRow.channel == channel, RecipientRow.due_at <= before
    )
    return await _skip_some(connection, some, reason, now, limit)


async def skip_stopped(connection: Connection, number: str, now: datetime, limit: int = 5000) -> int:
    """Close some of those that a stopped announcement will not reach; give how many."""
    some = select(RecipientRow.id).where(RecipientRow.announcement == number, _pending)
    return await _skip_some(connection, some, "stopped", now, limit)


async def _skip_some(connection: Connection, which: Any, reason: str, now: datetime, limit: int) -> int:
    some = which.limit(limit)
    if connection.dialect.name != "sqlite":
        some = some.with_for_update(skip_locked=True)
    done = await connection.execute(
        update(RecipientRow)
        .where(RecipientRow.id.in_(some))
        .values(state=RecipientState.SKIPPED.value, reason=reason, done_at=now)
    )
    return int(done.rowcount)


async def first_failures(connection: Connection, number: str, among: int) -> tuple[int, int]:
    """Count how many messages are done, up to `among`, and how many of all failed."""

    def some(states: Sequence[RecipientState]) -> Any:
        wanted = [one.value for one in states]
        one = select(RecipientRow.id).where(RecipientRow.announcement == number, RecipientRow.state.in_(wanted))
        return select(func.count()).select_from(one.limit(among).subquery()).scalar_subquery()

    tried = [RecipientState.SENT, RecipientState.FAILED, RecipientState.BLOCKED, RecipientState.UNKNOWN]
    row = (await connection.execute(select(some(tried), some([RecipientState.FAILED])))).one()
    return int(row[0]), int(row[1])


# Taking back: whatever of an announcement arrived, also of what failed or was stopped between two parts.

_to_take_back = and_(
    RecipientRow.state.in_([one.value for one in OVER]),
    RecipientRow.message_ids.is_not(None),
    RecipientRow.chat.is_not(None),
)


async def to_recall(
    connection: Connection, number: str, channels: Collection[str], after: tuple[str, str] | None, limit: int
) -> list[Recipient]:
    """Give some whose message is still to be taken back, in order, behind `after` (channel, chat)."""
    some = select(*_columns).where(
        RecipientRow.announcement == number,
        _to_take_back,
        RecipientRow.recalled.is_(None),
        RecipientRow.channel.in_(sorted(channels)),
    )
    if after is not None:
        some = some.where(tuple_(RecipientRow.channel, RecipientRow.chat) > tuple_(*after))
    # In the order of an index that nothing moves in meanwhile.
    some = some.order_by(RecipientRow.channel, RecipientRow.chat).limit(limit)
    if connection.dialect.name != "sqlite":
        some = some.with_for_update(skip_locked=True)
    return read(await connection.execute(some))


async def begin_recall(connection: Connection, ids: Sequence[int], sender: str) -> None:
    """Mark messages that are being taken back."""
    if ids:
        await connection.execute(
            update(RecipientRow).where(RecipientRow.id.in_(list(ids))).values(recalled=DOING, sender=sender)
        )


async def recalled(connection: Connection, ids: Sequence[int], how: str | None) -> None:
    """Note what became of messages that were to be taken back; None tries again."""
    if ids:
        await connection.execute(
            update(RecipientRow).where(RecipientRow.id.in_(list(ids))).values(recalled=how, sender=None)
        )


async def settle_recall(connection: Connection, number: str, sender: str, now: datetime) -> None:
    """Let be tried again what a process began that is gone, or is `sender` and at its beginning; twice does no harm."""
    await connection.execute(
        update(RecipientRow)
        .where(
            RecipientRow.announcement == number,
            _to_take_back,
            RecipientRow.recalled == DOING,
            or_(RecipientRow.sender == sender, gone(RecipientRow.sender, now)),
        )
        .values(recalled=None, sender=None)
    )


async def give_up_recall(connection: Connection, number: str, served: Collection[str], limit: int = 5000) -> int:
    """Note of some messages on other channels than these that they can't be taken back; give how many."""
    some = select(RecipientRow.id).where(
        RecipientRow.announcement == number,
        _to_take_back,
        RecipientRow.recalled.is_(None),
        RecipientRow.channel.not_in(sorted(served)),
    )
    done = await connection.execute(
        update(RecipientRow).where(RecipientRow.id.in_(some.limit(limit))).values(recalled="failed")
    )
    return int(done.rowcount)


async def is_recalled(connection: Connection, number: str) -> bool:
    """Tell whether everything that could be taken back has been tried."""
    left = select(RecipientRow.id).where(
        RecipientRow.announcement == number,
        _to_take_back,
        or_(RecipientRow.recalled.is_(None), RecipientRow.recalled == DOING),
    )
    return (await connection.execute(left.limit(1))).first() is None
