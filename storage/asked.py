"""That questions were asked, without their words: noted with the answer, counted for staff."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, literal, select

from storage.console_tables import AskedQuestion
from storage.database import Connection
from storage.people import Identity
from storage.registry_tables import Profile


async def note(connection: Connection, *, day: date, kind: str, topic: str, channel: str, sender: str) -> None:
    """Note one question; its township is the asker's, where the registry knows them by this sender."""
    township = (
        select(Profile.township)
        .join(Identity, Identity.person_id == Profile.person_id)
        .where(Identity.channel == channel, Identity.sender == sender)
        .limit(1)
        .scalar_subquery()
    )
    names = ("day", "kind", "topic", "channel", "township")
    values = select(literal(day, AskedQuestion.day.type), literal(kind), literal(topic), literal(channel), township)
    await connection.execute(insert(AskedQuestion).from_select(names, values))
