"""Whether somebody may be sent an announcement at this very moment: asked again for every one that goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, func, select, tuple_

from storage.announcement_tables import AnnouncementRow, RecipientRow, RecipientState
from storage.audiences import Audience, may_be_told, reachable
from storage.database import Connection
from storage.daytime import by_day
from storage.people import Identity
from storage.registry_tables import Profile
from storage.subscription_tables import Topic

# What was sent, is on its way, or may have arrived counts against the cap.
SPENT = ("sending", "sent", "unknown")


@dataclass(frozen=True, slots=True)
class Limits:
    """How often: `most` announcements in `within`."""

    most: int = 3
    within: timedelta = timedelta(days=7)


LIMITS = Limits()


class Addressee(Protocol):
    """Somebody an announcement is for; without a person only their clock is looked at (a test-send)."""

    @property
    def person_id(self) -> str | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def chat(self) -> str: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Send now where both are None; else `later` at a UTC time, or `skip` for good, and why.

    Reasons: "deleted" (the person or this chat of theirs is gone), "opted-out", "cap".
    """

    later: datetime | None = None
    skip: str | None = None


SEND = Verdict()


async def may_receive(
    connection: Connection,
    topic: str,
    number: str,
    recipients: Sequence[Addressee],
    now: datetime,
    limits: Limits = LIMITS,
) -> list[Verdict]:
    """Give a verdict for each of up to some hundreds of recipients, in order.

    To be asked in the transaction that marks them as being sent, so that a stop that came first counts.
    """
    people = sorted({one.person_id for one in recipients if one.person_id is not None})
    theirs = await _chats(connection, recipients)
    row = (
        await connection.execute(
            select(AnnouncementRow.audience, AnnouncementRow.corrects).where(AnnouncementRow.number == number)
        )
    ).one()
    told = await _told(connection, people, Topic(topic), Audience.from_json(row.audience))
    # A correction, and what concerns somebody's own matters, must not wait for next week.
    is_capped = topic != Topic.SERVICE and row.corrects is None
    spent = await _spent(connection, people, number, now - limits.within) if is_capped else {}
    verdicts = []
    for one in recipients:
        if one.person_id is not None and theirs.get((one.channel, one.chat)) != one.person_id:
            verdicts.append(Verdict(skip="deleted"))
        elif one.person_id is not None and one.person_id not in told:
            verdicts.append(Verdict(skip="opted-out"))
        elif one.person_id is not None and spent.get(one.person_id, 0) >= limits.most:
            verdicts.append(Verdict(skip="cap"))
        else:
            day = by_day(one.zone, now)
            verdicts.append(Verdict(later=day if day > now else None))
    return verdicts


async def full(connection: Connection, audience: Audience, topic: Topic, now: datetime, limits: Limits = LIMITS) -> int:
    """Count those of an audience who have had as many announcements as one may: they would be left out now."""
    had = (
        select(RecipientRow.person_id)
        .where(*_counts_since(now - limits.within))
        .join(AnnouncementRow, AnnouncementRow.number == RecipientRow.announcement)
        .group_by(RecipientRow.person_id)
        .having(func.count() >= limits.most)
    )
    return await reachable(connection, audience, topic, Identity.person_id.in_(had))


async def skipped(connection: Connection, number: str) -> dict[str, int]:
    """Count whom an announcement was not sent to after all, by why."""
    rows = await connection.execute(
        select(RecipientRow.reason, func.count())
        .where(RecipientRow.announcement == number, RecipientRow.state == RecipientState.SKIPPED.value)
        .group_by(RecipientRow.reason)
    )
    return {str(reason): count for reason, count in rows}


async def _chats(connection: Connection, recipients: Sequence[Addressee]) -> dict[tuple[str, str], str]:
    wanted = [(one.channel, one.chat) for one in recipients if one.person_id is not None]
    if not wanted:
        return {}
    rows = await connection.execute(
        select(Identity.channel, Identity.sender, Identity.person_id).where(
            tuple_(Identity.channel, Identity.sender).in_(wanted)
        )
    )
    return {(channel, sender): person for channel, sender, person in rows}


async def _told(connection: Connection, people: Sequence[str], topic: Topic, audience: Audience) -> set[str]:
    """Give those who still agree to hear of it."""
    rows = await connection.scalars(
        select(Identity.person_id)
        .outerjoin(Profile, Profile.person_id == Identity.person_id)
        .where(Identity.person_id.in_(people), may_be_told(topic, audience))
    )
    return set(rows)


async def _spent(connection: Connection, people: Sequence[str], number: str, since: datetime) -> dict[str, int]:
    """Count what of others' announcements went out to somebody since a time; the office's own matters don't count."""
    rows = await connection.execute(
        select(RecipientRow.person_id, func.count())
        .join(AnnouncementRow, AnnouncementRow.number == RecipientRow.announcement)
        .where(RecipientRow.person_id.in_(people), RecipientRow.announcement != number, *_counts_since(since))
        .group_by(RecipientRow.person_id)
    )
    return {str(person): count for person, count in rows}


def _counts_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions of what counts against the cap: it went out, and was no correction and no own matter."""
    return (
        RecipientRow.sent_at > since,
        RecipientRow.state.in_(SPENT),
        AnnouncementRow.topic != Topic.SERVICE.value,
        AnnouncementRow.corrects.is_(None),
    )
