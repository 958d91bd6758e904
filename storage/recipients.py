"""What became of an announcement: counts, speed, answers, and each recipient that staff have to look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, func, literal_column, null, or_, select, update

from storage.announcement_tables import AnnouncementRow, RecipientRow, RecipientState, State
from storage.database import Connection
from storage.deliveries import Recipient, channels_with, columns, read

SPEED_OVER = timedelta(minutes=1)
SAMPLE = 600  # the latest messages of a channel the speed is read from


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an announcement is. `per_s` is the speed of the last minute, `eta_s` the seconds left at that speed."""

    people: int
    counts: Mapping[RecipientState, int]
    per_s: float
    eta_s: float | None
    answered: Mapping[str, int]
    recalled: Mapping[str, int]

    @property
    def left(self) -> int:
        """Count those that are still open."""
        return self.counts[RecipientState.PENDING] + self.counts[RecipientState.SENDING]


@dataclass(frozen=True, slots=True)
class Minute:
    """What ended in one minute (its beginning, UTC)."""

    at: datetime
    sent: int = 0
    failed: int = 0
    blocked: int = 0
    unknown: int = 0


async def counts(connection: Connection, number: str) -> dict[RecipientState, int]:
    """Count an announcement's recipients by state; every state is there."""
    rows = await connection.execute(
        select(RecipientRow.state, func.count()).where(RecipientRow.announcement == number).group_by(RecipientRow.state)
    )
    found = {state: int(count) for state, count in rows}
    return {state: found.get(state.value, 0) for state in RecipientState}


async def progress(connection: Connection, number: str, now: datetime) -> Progress:
    """Tell how far an announcement is."""
    found = await counts(connection, number)
    speed = await _speed(connection, number, now)
    left = found[RecipientState.PENDING] + found[RecipientState.SENDING]
    answered = await connection.execute(
        select(RecipientRow.answered, func.count())
        .where(RecipientRow.announcement == number, RecipientRow.answered.is_not(None))
        .group_by(RecipientRow.answered)
    )
    recalled = await connection.execute(
        select(RecipientRow.recalled, func.count())
        .where(RecipientRow.announcement == number, RecipientRow.recalled.is_not(None))
        .group_by(RecipientRow.recalled)
    )
    return Progress(
        people=sum(found.values()),
        counts=found,
        per_s=speed,
        eta_s=left / speed if left and speed else None,
        answered={str(button): int(count) for button, count in answered},
        recalled={str(how): int(count) for how, count in recalled},
    )


async def _speed(connection: Connection, number: str, now: datetime) -> float:
    """Give the messages a second of the last minute, read from the latest: they go out in the order they are due."""
    times: list[datetime] = []
    for channel in await channels_with(connection, number, RecipientState.SENT):
        latest = (
            select(RecipientRow.done_at)
            .where(
                RecipientRow.announcement == number,
                RecipientRow.state == RecipientState.SENT.value,
                RecipientRow.channel == channel,
            )
            .order_by(RecipientRow.due_at.desc(), RecipientRow.id.desc())
            .limit(SAMPLE)
        )
        times += [at for at in await connection.scalars(latest) if at is not None and at > now - SPEED_OVER]
    if len(times) < 2:
        return 0.0
    span = (now - min(times)).total_seconds()
    return len(times) / span if span else 0.0


async def pace_of(connection: Connection, number: str) -> list[Minute]:
    """Give what ended when, minute by minute, for a picture; minutes without anything are left out."""
    if connection.dialect.name == "sqlite":
        minute = func.strftime("%Y-%m-%dT%H:%M:00", RecipientRow.done_at)
    else:
        utc = RecipientRow.done_at.op("AT TIME ZONE")(literal_column("'UTC'"))
        minute = func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:00')
    rows = await connection.execute(
        select(minute.label("minute"), RecipientRow.state, func.count())
        .where(RecipientRow.announcement == number, RecipientRow.done_at.is_not(None))
        .group_by(literal_column("1"), RecipientRow.state)
        .order_by(literal_column("1"))
    )
    told: dict[str, dict[str, int]] = {}
    for at, state, count in rows:
        told.setdefault(at, {})[state] = int(count)
    shown = ("sent", "failed", "blocked", "unknown")
    return [
        Minute(datetime.fromisoformat(at).replace(tzinfo=UTC), **{one: found.get(one, 0) for one in shown})
        for at, found in told.items()
    ]


async def with_state(
    connection: Connection, number: str, states: Collection[RecipientState], limit: int = 200
) -> list[Recipient]:
    """Give some recipients in these states, in order."""
    rows = await connection.execute(
        select(*columns)
        .where(RecipientRow.announcement == number, RecipientRow.state.in_([one.value for one in states]))
        .order_by(RecipientRow.id)
        .limit(limit)
    )
    return read(rows)


async def note_answer(connection: Connection, number: str, channel: str, chat: str, button: str, at: datetime) -> bool:
    """Note which button a recipient pressed first; False if they are none, or had answered before."""
    done = await connection.execute(
        update(RecipientRow)
        .where(
            RecipientRow.announcement == number,
            RecipientRow.channel == channel,
            RecipientRow.chat == chat,
            RecipientRow.answered.is_(None),
        )
        .values(answered=button[:64], answered_at=at)
    )
    return bool(done.rowcount)


async def forget(connection: Connection, person: str, at: datetime) -> int:
    """Let nothing lead from any announcement to somebody; what was pending for them is not sent."""
    pending = RecipientRow.state == RecipientState.PENDING.value
    await connection.execute(
        update(RecipientRow)
        .where(RecipientRow.person_id == person, pending)
        .values(state=RecipientState.SKIPPED.value, reason="deleted", done_at=at)
    )
    done = await connection.execute(
        update(RecipientRow)
        .where(RecipientRow.person_id == person)
        .values(person_id=None, chat=None, message_ids=null())
    )
    return int(done.rowcount)


async def hand_over(connection: Connection, other: str, kept: str) -> None:
    """Count what somebody got for the person they turned out to be."""
    await connection.execute(update(RecipientRow).where(RecipientRow.person_id == other).values(person_id=kept))


async def retain(connection: Connection, before: datetime) -> int:
    """Let nothing lead to anybody from announcements that were over, or left lying, by a time; their counts stay."""
    resting = [State.PAUSED, State.LATE, State.STOPPED, State.DRAFT, State.SUBMITTED, State.DISCARDED]
    over = select(AnnouncementRow.number).where(
        or_(
            AnnouncementRow.finished_at < before,
            and_(AnnouncementRow.state.in_([one.value for one in resting]), AnnouncementRow.changed_at < before),
        )
    )
    pending = RecipientRow.state == RecipientState.PENDING.value
    await connection.execute(
        update(RecipientRow)
        .where(RecipientRow.announcement.in_(over), pending)
        .values(state=RecipientState.SKIPPED.value, reason="deleted", done_at=before)
    )
    done = await connection.execute(
        update(RecipientRow)
        .where(RecipientRow.announcement.in_(over), RecipientRow.chat.is_not(None))
        .values(person_id=None, chat=None, message_ids=null())
    )
    return int(done.rowcount)
