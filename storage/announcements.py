"""Announcements: written, frozen when a second person approves them, stopped, taken back. One function a transition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, inspect, or_, select, update

from storage.announcement_tables import AnnouncementRow, Promise, Recall, State
from storage.database import Connection
from storage.errors import Conflict, StorageError

UNDO_FOR = timedelta(seconds=60)
STALE_AFTER_S = 6 * 3600

# What is frozen; the digest of it is what the second person approves.
FROZEN = (
    "title",
    "topic",
    "promise",
    "content",
    "audience",
    "send_at",
    "in_daytime",
    "stale_after_s",
    "not_after",
    "corrects",
)
LIVE = (State.APPROVED, State.SENDING, State.PAUSED, State.LATE)
OVER = (State.STOPPED, State.FINISHED)
EVENT = "event"  # the reason of what speaks of an event as it is no more


class OwnWriter(StorageError):
    """Whoever wrote an announcement can't approve it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wrote. `content` is a Reply per language as JSON, `audience` the chosen people as JSON.

    Times are UTC. Without `send_at` it goes out at once; `in_daytime` waits for each recipient's day. What was due
    and could not be sent for `stale_after_s` seconds, or is left at `not_after`, is not sent without asking.
    """

    number: str
    title: str
    topic: str
    content: Mapping[str, Any]
    audience: Mapping[str, Any]
    writer: str
    promise: Promise = Promise.AT_LEAST_ONCE
    writer_channel: str | None = None
    writer_chat: str | None = None
    send_at: datetime | None = None
    in_daytime: bool = False
    stale_after_s: int = STALE_AFTER_S
    not_after: datetime | None = None
    corrects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Draft):
    """An announcement as it stands."""

    state: State
    reason: str | None
    digest: str | None
    approver: str | None
    approver_channel: str | None
    approver_chat: str | None
    undo_until: datetime | None
    planned_at: datetime | None
    people: int
    started_at: datetime | None
    worked_at: datetime | None
    finished_at: datetime | None
    trusted: bool
    recall: Recall | None
    recall_content: Mapping[str, Any] | None = field(default=None)
    recalled_at: datetime | None
    went_on_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def begins_at(self) -> datetime | None:
        """Give when the first message may go out: after the undo window, and not before its time."""
        if self.undo_until is None:
            return None
        return max(self.undo_until, self.send_at) if self.send_at else self.undo_until


def digest_of(draft: Draft) -> str:
    """Give the SHA-256 of everything that an approval freezes, in hex."""
    told = {name: getattr(draft, name) for name in FROZEN}
    return hashlib.sha256(
        json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()
    ).hexdigest()


async def save_draft(connection: Connection, draft: Draft, at: datetime) -> None:
    """Store a draft, new or changed. Raises Conflict if it is no draft any more."""
    values = {one.name: getattr(draft, one.name) for one in fields(Draft)}
    values["content"], values["audience"] = dict(draft.content), dict(draft.audience)
    values["promise"] = Promise(draft.promise).value
    changed = await connection.execute(
        update(AnnouncementRow)
        .where(AnnouncementRow.number == draft.number, AnnouncementRow.state == State.DRAFT.value)
        .values(**values, reason=func.nullif(AnnouncementRow.reason, EVENT), changed_at=at)
    )
    if changed.rowcount:
        return
    fresh = {"state": State.DRAFT.value, "people": 0, "trusted": False, "created_at": at, "changed_at": at}
    await connection.execute(insert(AnnouncementRow).values(**values, **fresh))


async def by_number(connection: Connection, number: str) -> Announcement | None:
    """Give an announcement, if there is one of that number."""
    rows = await connection.execute(_select.where(AnnouncementRow.number == number))
    row = rows.first()
    return _read(row._mapping) if row else None


async def listed(
    connection: Connection, states: Collection[State] | None = None, limit: int = 50
) -> list[Announcement]:
    """Give announcements, of some states or all that nobody discarded, the newest first."""
    wanted = [one.value for one in (states if states is not None else set(State) - {State.DISCARDED})]
    rows = await connection.execute(
        _select.where(AnnouncementRow.state.in_(wanted))
        .order_by(AnnouncementRow.created_at.desc(), AnnouncementRow.number)
        .limit(limit)
    )
    return [_read(row._mapping) for row in rows]


async def submit(connection: Connection, number: str, at: datetime) -> str:
    """Hand a draft to a second person; give the digest of what they are shown. Raises Conflict."""
    found = await _locked(connection, number)
    digest = digest_of(found)
    await _move(connection, number, (State.DRAFT,), State.SUBMITTED, at, digest=digest, reason=None)
    return digest


async def send_back(connection: Connection, number: str, note: str, at: datetime) -> None:
    """Give it back to its writer with a word why. Raises Conflict."""
    await _move(connection, number, (State.SUBMITTED,), State.DRAFT, at, digest=None, reason=note)


async def outdate(connection: Connection, number: str, at: datetime) -> bool:
    """Hold what speaks of an event that has changed; False for what is over.

    What would go out pauses, what waits for approval is a draft again, a draft has to be saved anew.
    """
    waiting = (State.DRAFT, State.SUBMITTED)
    return (
        await _try(connection, number, waiting, state=State.DRAFT.value, digest=None, reason=EVENT, changed_at=at)
        or await _try(connection, number, (State.LATE,), reason=EVENT, changed_at=at)
        or await _try(connection, number, LIVE, state=State.PAUSED.value, reason=EVENT, changed_at=at)
    )


async def discard(connection: Connection, number: str, at: datetime) -> None:
    """Give up what was never approved. Raises Conflict."""
    await _move(connection, number, (State.DRAFT, State.SUBMITTED), State.DISCARDED, at)


async def approve(
    connection: Connection,
    number: str,
    *,
    by: str,
    digest: str,
    at: datetime,
    undo_for: timedelta = UNDO_FOR,
    channel: str | None = None,
    chat: str | None = None,
) -> None:
    """Freeze what was submitted; it goes out after the undo window, or at its time.

    Raises OwnWriter for its writer, Conflict if it is not what `digest` says, or not waiting for approval.
    """
    found = await _locked(connection, number)
    if found.writer == by:
        raise OwnWriter(f"announcement {number}: whoever wrote it can't approve it; ask somebody else to")
    if digest != found.digest or digest != digest_of(found):
        raise Conflict("the announcement is not the one that was shown")
    fresh = {"planned_at": None, "planner": None, "people": 0, "started_at": None, "trusted": False, "went_on_at": None}
    await _move(
        connection,
        number,
        (State.SUBMITTED,),
        State.APPROVED,
        at,
        approver=by,
        approver_channel=channel,
        approver_chat=chat,
        undo_until=at + undo_for,
        worked_at=None,
        reason=None,
        **fresh,
    )


async def undo(connection: Connection, number: str, at: datetime) -> None:
    """Make it a draft again within the undo window, or before its time. Raises Conflict once it is too late."""
    found = await _locked(connection, number)
    if found.begins_at is None or found.begins_at <= at:
        raise Conflict("the time to undo is over")
    nobody: dict[str, Any] = {
        "approver": None,
        "approver_channel": None,
        "approver_chat": None,
        "undo_until": None,
        "digest": None,
    }
    # `planned_at` stands until the people it was for are deleted: `undone`.
    nobody |= {"reason": None, "planner": None, "planned_at": at}
    await _move(connection, number, (State.APPROVED,), State.DRAFT, at, **nobody)


async def pause(connection: Connection, number: str, at: datetime, reason: str = "staff") -> None:
    """Send no more of it until `resume`; calls under way end. Raises Conflict."""
    await _move(connection, number, (State.APPROVED, State.SENDING), State.PAUSED, at, reason=reason)


async def resume(connection: Connection, number: str, at: datetime) -> None:
    """Go on. Who lets it go on after an automatic pause answers for its failures. Raises Conflict."""
    await _go_on(connection, number, at, State.PAUSED)


async def go_on(connection: Connection, number: str, at: datetime) -> None:
    """Send all the same what had become too late. Raises Conflict."""
    await _go_on(connection, number, at, State.LATE)


async def stop(connection: Connection, number: str, at: datetime) -> None:
    """Send no more of it, for good; what is pending will be skipped. Raises Conflict."""
    await _move(connection, number, LIVE, State.STOPPED, at, planner=None)


async def recall(
    connection: Connection, number: str, at: datetime, *, how: Recall, content: Mapping[str, Any] | None = None
) -> None:
    """Take back what was sent, as far as the channels let us; what is left to send is stopped.

    `content` is what an edited message becomes. Raises Conflict for what was never sent, or is being recalled.
    """
    if how is Recall.EDIT and not content:
        raise ValueError("an edit needs words")
    found = await _locked(connection, number)
    if found.recall is not None:
        raise Conflict("it is being recalled already")
    if found.state in LIVE:
        await stop(connection, number, at)
    words = None if content is None else dict(content)
    await _move(connection, number, OVER, None, at, recall=how.value, recall_content=words, recalled_at=None)


async def are_there(connection: Connection) -> bool:
    """Tell whether this database knows announcements; one that an older release wrote and nobody migrated does not."""
    return await connection.run_sync(lambda sync: inspect(sync).has_table(AnnouncementRow.__tablename__))


async def pause_all(connection: Connection, at: datetime, reason: str = "restored") -> int:
    """Pause whatever might send something by itself; give how many announcements that were."""
    live = [State.APPROVED.value, State.SENDING.value]
    paused = await connection.execute(
        update(AnnouncementRow)
        .where(AnnouncementRow.state.in_(live))
        .values(state=State.PAUSED.value, reason=reason, changed_at=at)
    )
    return int(paused.rowcount)


# What the engine does by itself.

is_undone = and_(
    AnnouncementRow.state.in_([one.value for one in (State.DRAFT, State.SUBMITTED, State.DISCARDED)]),
    AnnouncementRow.planned_at.is_not(None),
)


async def undone(connection: Connection) -> list[str]:
    """Give those that were undone and of which it still stands written whom they were for."""
    return list(await connection.scalars(select(AnnouncementRow.number).where(is_undone)))


@dataclass(frozen=True, slots=True)
class Open:
    """What the engine has to know of an announcement it looks after; its content may be large and is read once."""

    number: str
    topic: str
    state: State
    undo_until: datetime
    send_at: datetime | None
    in_daytime: bool
    stale_after_s: int
    not_after: datetime | None
    went_on_at: datetime | None
    planned_at: datetime | None
    worked_at: datetime | None
    people: int
    trusted: bool
    recall: Recall | None

    @property
    def begins_at(self) -> datetime:
        """Give when the first message may go out."""
        return max(self.undo_until, self.send_at) if self.send_at else self.undo_until


_open_columns = [getattr(AnnouncementRow, one.name) for one in fields(Open)]
_open = (
    select(*_open_columns)
    .where(
        or_(
            AnnouncementRow.state.in_([State.APPROVED.value, State.SENDING.value]),
            and_(AnnouncementRow.state == State.STOPPED.value, AnnouncementRow.finished_at.is_(None)),
            and_(AnnouncementRow.recall.is_not(None), AnnouncementRow.recalled_at.is_(None)),
        ),
        AnnouncementRow.undo_until.is_not(None),
    )
    .order_by(AnnouncementRow.undo_until, AnnouncementRow.number)
)


async def still_open(connection: Connection) -> list[Open]:
    """Give those the engine has to look after, the longest approved first."""
    found = []
    for row in await connection.execute(_open):
        told = dict(row._mapping)
        told |= {"state": State(row.state), "recall": Recall(row.recall) if row.recall else None}
        found.append(Open(**told))
    return found


async def start(connection: Connection, number: str, at: datetime) -> bool:
    """Begin to send; False if somebody else was faster."""
    return await _try(connection, number, (State.APPROVED,), state=State.SENDING.value, started_at=at, worked_at=at)


async def call_late(connection: Connection, number: str, at: datetime, reason: str) -> bool:
    """Ask before anything more of it is sent; False if somebody else was faster."""
    live = (State.APPROVED, State.SENDING)
    return await _try(connection, number, live, state=State.LATE.value, reason=reason, changed_at=at)


async def pause_failing(connection: Connection, number: str, at: datetime) -> bool:
    """Pause what too often fails; False if it is not being sent, or somebody wants it sent all the same."""
    done = await connection.execute(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.number == number,
            AnnouncementRow.state == State.SENDING.value,
            AnnouncementRow.trusted.is_(False),
        )
        .values(state=State.PAUSED.value, reason="failures", changed_at=at)
    )
    return bool(done.rowcount)


async def trust(connection: Connection, number: str) -> None:
    """Note that its first messages arrived."""
    await connection.execute(update(AnnouncementRow).where(AnnouncementRow.number == number).values(trusted=True))


async def note_work(connection: Connection, number: str, at: datetime) -> None:
    """Note that nothing of it waits for an answer: a long silence after that is an outage."""
    await _try(connection, number, (State.SENDING,), worked_at=at)


async def finish(connection: Connection, number: str, at: datetime) -> bool:
    """Close one whose every recipient is done; False if it is closed, or not to be."""
    done = await _try(connection, number, (State.SENDING,), state=State.FINISHED.value, finished_at=at, changed_at=at)
    if done:
        return True
    closed = await connection.execute(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.number == number,
            AnnouncementRow.state == State.STOPPED.value,
            AnnouncementRow.finished_at.is_(None),
        )
        .values(finished_at=at, changed_at=at)
    )
    return bool(closed.rowcount)


async def finish_recall(connection: Connection, number: str, at: datetime) -> bool:
    """Note that all that could be taken back is; False if that is known."""
    done = await connection.execute(
        update(AnnouncementRow)
        .where(AnnouncementRow.number == number, AnnouncementRow.recalled_at.is_(None))
        .values(recalled_at=at, changed_at=at)
    )
    return bool(done.rowcount)


_names = [one.name for one in fields(Announcement)]
_select = select(*(getattr(AnnouncementRow, name) for name in _names))


def _read(row: Mapping[Any, Any]) -> Announcement:
    told = {name: row[name] for name in _names}
    told |= {"state": State(row["state"]), "promise": Promise(row["promise"])}
    told["recall"] = Recall(row["recall"]) if row["recall"] else None
    return Announcement(**told)


async def _locked(connection: Connection, number: str) -> Announcement:
    rows = await connection.execute(_select.where(AnnouncementRow.number == number).with_for_update())
    row = rows.first()
    if row is None:
        raise Conflict(f"there is no announcement {number}")
    return _read(row._mapping)


async def _go_on(connection: Connection, number: str, at: datetime, was: State) -> None:
    found = await _locked(connection, number)
    # Where it was sending before, it sends again at once; else its time and its undo window still count.
    to = State.SENDING if found.started_at else State.APPROVED
    asked: dict[str, Any] = {"worked_at": at, "trusted": found.trusted or found.reason == "failures"}
    if was is State.LATE and found.not_after is not None and found.not_after < at:
        # Past its time it is sent all the same; after an outage its time still counts.
        asked["went_on_at"] = at
    await _move(connection, number, (was,), to, at, reason=None, **asked)


async def _move(
    connection: Connection, number: str, was: Collection[State], to: State | None, at: datetime, **values: Any
) -> None:
    """Change the state, or with None only what else is given. Raises Conflict if it is not in one of `was`."""
    if to is not None:
        values["state"] = to.value
    if not await _try(connection, number, was, changed_at=at, **values):
        raise Conflict(f"announcement {number} has moved on")


async def _try(connection: Connection, number: str, was: Collection[State], **values: Any) -> bool:
    done = await connection.execute(
        update(AnnouncementRow)
        .where(AnnouncementRow.number == number, AnnouncementRow.state.in_([one.value for one in was]))
        .values(**values)
    )
    return bool(done.rowcount)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
