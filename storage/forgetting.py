"""Deleting for good, and in time: everything somebody left, wherever it waits; and what has waited too long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, Text, and_, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from storage import booking_forgetting, conversations, drafts, event_replies, recipients, web_chats, web_files
from storage.conversations import MEMORY, ConversationState, JournalEntry
from storage.database import Connection, Database, vault_of
from storage.drafts import Draft, Handover
from storage.inbox import InboxMessage
from storage.outbox import OutboxReply
from storage.people import Consent, Identity, Person
from storage.questions import LeftQuestionRow
from storage.registry_tables import Change, PersonContact, Profile, Registration
from storage.staff import DETAIL, AuditEntry
from storage.subscription_tables import ClosedChat
from storage.tables import Table
from storage.vault import Vault

AT_ONCE = 500


class Receipt(Table):
    """That a deletion was done, and how much went; nothing in it leads to anybody."""

    __tablename__ = "receipts"

    number: Mapped[str] = mapped_column(String(12), primary_key=True)
    at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]


class ExportFile(Table):
    """A file of people that staff took out of the registry; deleted with the first of them, or after its time."""

    __tablename__ = "exports"

    path: Mapped[str] = mapped_column(Text, primary_key=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))


@dataclass(frozen=True, slots=True)
class Kept:
    """How long things are kept that nobody asked to delete."""

    drafts: timedelta = timedelta(days=30)
    half_filled: timedelta = timedelta(days=90)
    recent_questions: timedelta = timedelta(days=90)
    undelivered: timedelta = timedelta(days=30)
    unconfirmed: timedelta = timedelta(days=60)  # imported, and never agreed
    exports: timedelta = timedelta(days=7)
    bookings: timedelta = timedelta(days=365)  # after they took place
    event_replies: timedelta = timedelta(days=90)  # after the event, as its consent says
    recipients: timedelta = timedelta(days=365)  # after the announcement is over
    given_up: timedelta = timedelta(days=30)  # bookings and waits that came to nothing
    audit: timedelta = timedelta(days=3 * 365)  # PIPL art. 56


async def forget(
    connection: Connection, person: str, *, number: str, at: datetime, here: tuple[str, str] | None = None
) -> dict[str, int]:
    """Delete a person and everything they left, and write a receipt; give how much went, by table.

    `here` is the chat that is just being answered: its own state is saved by whoever answers it.
    """
    identities = await connection.execute(select(Identity.channel, Identity.sender).where(Identity.person_id == person))
    chats = {(row.channel, row.sender) for row in identities}
    states = await connection.execute(
        select(ConversationState.channel, ConversationState.chat).where(ConversationState.person == person)
    )
    chats |= {(row.channel, row.chat) for row in states}
    counts = {
        name: await connection.scalar(select(func.count()).where(table.person_id == person)) or 0
        for name, table in (
            ("questions", LeftQuestionRow),
            ("registrations", Registration),
            ("contacts", PersonContact),
            ("consents", Consent),
            ("history", Change),
        )
    }
    for channel, chat in sorted(chats):
        counts["drafts"] = counts.get("drafts", 0) + await _forget_chat(
            connection, channel, chat, (channel, chat) == here
        )
    counts |= await booking_forgetting.forget(connection, person, at)
    counts["event_replies"] = await event_replies.forget(connection, person, at)
    counts["recipients"] = await recipients.forget(connection, person, at)
    await connection.execute(delete(LeftQuestionRow).where(LeftQuestionRow.person_id == person))
    await connection.execute(delete(Person).where(Person.id == person))
    emptied = vault_of(connection).seal("{}", DETAIL)
    await connection.execute(update(AuditEntry).where(AuditEntry.subject == person).values(detail=emptied))
    counts["exports"] = await delete_exports(connection)
    await connection.execute(insert(Receipt).values(number=number, at=at, counts=counts))
    # SQLite keeps what was overwritten in its log until that is written back and cut off.
    connection.info["laoxiang_scrub"] = True
    return counts


async def _forget_chat(connection: Connection, channel: str, chat: str, is_here: bool) -> int:
    gone = await drafts.drop(connection, channel, chat)
    await connection.execute(delete(Handover).where(Handover.channel == channel, Handover.chat == chat))
    await connection.execute(delete(ClosedChat).where(ClosedChat.channel == channel, ClosedChat.chat == chat))
    await connection.execute(delete(OutboxReply).where(OutboxReply.channel == channel, OutboxReply.chat == chat))
    if channel == web_chats.CHANNEL:
        await web_chats.forget_chat(connection, chat)
        await web_files.drop_of_chat(connection, chat)
    await connection.execute(
        update(InboxMessage)
        .where(InboxMessage.channel == channel, InboxMessage.chat == chat, InboxMessage.done_at.is_not(None))
        .values(body=None)
    )
    if not is_here:
        await conversations.empty(connection, channel, chat)
    return gone


async def clear_web_chat(connection: Connection, chat: str, files: Sequence[str]) -> None:
    """Delete what was said in a chat of the pages, half-filled forms with it, and these files.

    What was submitted stays, and whose it is.
    """
    channel = web_chats.CHANNEL
    await drafts.drop(connection, channel, chat)
    await connection.execute(delete(Handover).where(Handover.channel == channel, Handover.chat == chat))
    await web_chats.forget_chat(connection, chat)
    await web_files.drop(connection, files)
    person = await conversations.person_of(connection, channel, chat)
    await conversations.empty(connection, channel, chat, person=person)
    # What was overwritten stays in SQLite's log until that is cut off.
    connection.info["laoxiang_scrub"] = True


async def note_export(connection: Connection, path: Path, at: datetime, by: str) -> None:
    """Remember a file of people, so that it can be deleted with them."""
    await connection.execute(delete(ExportFile).where(ExportFile.path == str(path)))
    await connection.execute(insert(ExportFile).values(path=str(path), made_at=at, made_by=by))


async def delete_exports(connection: Connection, made_before: datetime | None = None) -> int:
    """Delete the files of people that staff took out, all or those made before a time; give how many there were."""
    which = [] if made_before is None else [ExportFile.made_at < made_before]
    paths = (await connection.scalars(select(ExportFile.path).where(*which))).all()
    for path in paths:
        Path(path).unlink(missing_ok=True)
    await connection.execute(delete(ExportFile).where(*which))
    return len(paths)


async def retain(connection: Connection, at: datetime, kept: Kept | None = None) -> dict[str, int]:
    """Delete what has been kept long enough, but for what has to be opened first; give how much went, by kind."""
    kept = kept or Kept()
    vault = vault_of(connection)
    gone = {
        "drafts": await _gone(connection, delete(Draft).where(Draft.saved_at < at - kept.drafts)),
        "handovers": await _gone(connection, delete(Handover).where(Handover.expires_at < at)),
        "undelivered": await _gone(
            connection,
            update(OutboxReply)
            .where(OutboxReply.state != "sent", OutboxReply.body.is_not(None))
            .where(OutboxReply.created_at < at - kept.undelivered)
            .values(body=None, state="failed"),
        ),
        "failed": await _gone(
            connection,
            update(InboxMessage)
            .where(InboxMessage.failed, InboxMessage.body.is_not(None))
            .where(InboxMessage.received_at < at - kept.undelivered)
            .values(body=None),
        ),
        "audit": await _gone(connection, delete(AuditEntry).where(AuditEntry.at < at - kept.audit)),
        "exports": await delete_exports(connection, at - kept.exports),
        "bookings": await booking_forgetting.retain(connection, at - kept.bookings, at - kept.given_up),
        "event_replies": await event_replies.retain(connection, at - kept.event_replies),
        "recipients": await recipients.retain(connection, at - kept.recipients),
        "web_lines": await web_chats.retain(connection, at),
    }
    old = and_(ConversationState.flow.is_not(None), ConversationState.updated_at < at - kept.half_filled)
    stale = select(ConversationState.channel, ConversationState.chat).where(old)
    await connection.execute(delete(JournalEntry).where(tuple_(JournalEntry.channel, JournalEntry.chat).in_(stale)))
    gone["half_filled"] = await _gone(
        connection,
        update(ConversationState)
        .where(old)
        .values(flow=None, asked=None, version=ConversationState.version + 1, memory=vault.seal("{}", MEMORY)),
    )
    never = select(Profile.person_id).where(
        Profile.state.in_(["unconfirmed", "wrong"]),
        or_(Profile.created_at < at - kept.unconfirmed, Profile.state == "wrong"),
    )
    unconfirmed = (await connection.scalars(never)).all()
    for start in range(0, len(unconfirmed), 500):
        some = unconfirmed[start : start + 500]
        await connection.execute(delete(LeftQuestionRow).where(LeftQuestionRow.person_id.in_(some)))
        await connection.execute(delete(Person).where(Person.id.in_(some)))
    gone["unconfirmed"] = len(unconfirmed)
    connection.info["laoxiang_scrub"] = True
    return gone


async def forget_old_questions(database: Database, at: datetime) -> int:
    """Empty the memory of chats nobody has written in for long; the chosen language stays. Gives how many there were.

    Some at a time: the whole takes seconds, and people write meanwhile.
    """
    place = (ConversationState.channel, ConversationState.chat)
    last, count = ("", ""), 0
    while True:
        old = (
            select(*place, ConversationState.version, ConversationState.memory)
            .where(ConversationState.updated_at < at - Kept().recent_questions, tuple_(*place) > last)
            .order_by(*place)
            .limit(AT_ONCE)
        )
        async with database.read() as connection:
            found = (await connection.execute(old)).all()
        if not found:
            return count
        last = (found[-1].channel, found[-1].chat)
        left = await asyncio.to_thread(_without_questions, [row.memory for row in found], database.vault)
        changed = [(row, memory) for row, memory in zip(found, left, strict=True) if memory is not None]
        if not changed:
            continue
        async with database.write() as connection:
            for row, memory in changed:
                # Whoever wrote meanwhile is no longer silent.
                same = (place[0] == row.channel, place[1] == row.chat, ConversationState.version == row.version)
                emptied = update(ConversationState).where(*same).values(memory=memory, version=row.version + 1)
                count += (await connection.execute(emptied)).rowcount
            connection.info["laoxiang_scrub"] = True


def _without_questions(memories: Sequence[str], vault: Vault) -> list[str | None]:
    """Give what is left of each sealed memory; None where nothing has to go."""
    left: list[str | None] = []
    for sealed in memories:
        remembered = json.loads(vault.open(sealed, MEMORY))
        kept = {key: value for key, value in remembered.items() if key in {"language", "run"}}
        asked = bool({"recent", "last"} & set(remembered))
        left.append(vault.seal(json.dumps(kept), MEMORY) if asked else None)
    return left


async def _gone(connection: Connection, statement: Any) -> int:
    return int((await connection.execute(statement)).rowcount)
