"""What people want to hear of: agreeing to a topic, stopping it or all, following a file, a chat that is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update

from storage.database import Connection
from storage.people import Consent
from storage.registry import note_change
from storage.registry_tables import SELF, Profile
from storage.subscription_tables import EVERYTHING, ClosedChat, Interest, Subscription, Topic
from storage.tables import insert_unless_known, upserting

REGISTRY = "registry"  # the purpose of consent that says: to get in touch, tell of events, bring together
# What that consent covers already; anything else is agreed to by itself.
BY_REGISTRY = frozenset({Topic.NEWS, Topic.NEEDS, Topic.SERVICE})
# Of what has to be stopped by itself; `service` goes with everything.
OFFERED = (Topic.NEWS, Topic.POLICY, Topic.NEEDS)


async def agree(
    connection: Connection, person: str, topic: Topic, version: str, at: datetime, language: str | None = None
) -> None:
    """Note that somebody wants to hear of a topic; a stop of everything is over, but for what was stopped by it.

    Whoever had said "no messages" with their entry takes that back; it stays in their history.
    """
    before = await standing(connection, person)
    await connection.execute(
        delete(Subscription).where(Subscription.person_id == person, Subscription.topic == EVERYTHING)
    )
    if before[EVERYTHING]:
        # One tick is one topic: the others, silent until now, stay silent.
        for other in OFFERED:
            await _set(connection, person, other.value, "off", version, at)
    await _set(connection, person, topic.value, "on", version, at, language)
    said_no = update(Profile).where(Profile.person_id == person, Profile.preference == "stop").values(preference=None)
    if (await connection.execute(said_no)).rowcount:
        await note_change(connection, person, SELF, "subscribed", {"preference": "stop"}, at)


async def stop(connection: Connection, person: str, topic: str, version: str, at: datetime) -> None:
    """Note that somebody wants to hear no more of a topic, or of anything (`EVERYTHING`); files go with policy."""
    await _set(connection, person, topic, "off", version, at)
    if topic in {Topic.POLICY.value, EVERYTHING}:
        await connection.execute(delete(Interest).where(Interest.person_id == person))


async def standing(connection: Connection, person: str) -> Mapping[str, bool]:
    """Tell for each topic whether somebody hears of it now, and for `EVERYTHING` whether all is stopped."""
    rows = await connection.execute(
        select(Subscription.topic, Subscription.state).where(Subscription.person_id == person)
    )
    said = {topic: state == "on" for topic, state in rows}
    stopped = said.get(EVERYTHING) is False or await _preference_stops(connection, person)
    registered = await connection.scalar(
        select(
            exists().where(Profile.person_id == person, Profile.state == "active")
            & exists().where(Consent.person_id == person, Consent.purpose == REGISTRY, Consent.withdrawn_at.is_(None))
        )
    )
    heard = {
        topic.value: not stopped and said.get(topic.value, bool(registered) and topic in BY_REGISTRY)
        for topic in OFFERED
    }
    return {**heard, EVERYTHING: stopped}


async def follow(connection: Connection, person: str, document: str, at: datetime) -> None:
    """Note that somebody wants to hear when a file changes."""
    row = insert_unless_known(connection, Interest, ["person_id", "document_id"])
    await connection.execute(row.values(person_id=person, document_id=document, asked_at=at))


async def followed(connection: Connection) -> set[str]:
    """Give the files anybody wants to hear of."""
    return set(await connection.scalars(select(Interest.document_id).distinct()))


async def note_blocked(connection: Connection, chats: Sequence[tuple[str, str]], at: datetime) -> None:
    """Note chats whose people blocked the bot; they are left out until they write again."""
    for channel, chat in chats:
        row = upserting(connection, ClosedChat).values(channel=channel, chat=chat, at=at)
        await connection.execute(row.on_conflict_do_update(index_elements=["channel", "chat"], set_={"at": at}))


async def export(connection: Connection, person: str) -> dict[str, Any]:
    """Give what is stored about somebody's wishes to hear of things."""
    topics = await connection.execute(
        select(Subscription.topic, Subscription.state, Subscription.version, Subscription.changed_at)
        .where(Subscription.person_id == person)
        .order_by(Subscription.topic)
    )
    files = await connection.execute(
        select(Interest.document_id, Interest.asked_at)
        .where(Interest.person_id == person)
        .order_by(Interest.document_id)
    )
    return {
        "subscriptions": [dict(row._mapping) for row in topics],
        "interests": [dict(row._mapping) for row in files],
    }


async def hand_over(connection: Connection, other: str, kept: str) -> None:
    """Give what one entry said to another of the same person; a stop of either stays a stop."""
    rows = (await connection.execute(select(Subscription).where(Subscription.person_id.in_([other, kept])))).all()
    for topic in {row.topic for row in rows}:
        said = [row for row in rows if row.topic == topic]
        last = min(said, key=lambda row: (row.state == "on", -row.changed_at.timestamp()))
        await _set(connection, kept, topic, last.state, last.version, last.changed_at, last.language)
    mine = select(Interest.document_id).where(Interest.person_id == kept)
    await connection.execute(
        delete(Interest).where(Interest.person_id == other, Interest.document_id.in_(mine.scalar_subquery()))
    )
    await connection.execute(update(Interest).where(Interest.person_id == other).values(person_id=kept))


async def _preference_stops(connection: Connection, person: str) -> bool:
    found = await connection.scalar(select(Profile.preference).where(Profile.person_id == person))
    return found == "stop"


async def _set(
    connection: Connection,
    person: str,
    topic: str,
    state: str,
    version: str,
    at: datetime,
    language: str | None = None,
) -> None:
    values = {"state": state, "version": version, "changed_at": at, "language": language}
    row = upserting(connection, Subscription).values(person_id=person, topic=topic, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["person_id", "topic"], set_=values))
