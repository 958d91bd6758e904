"""What people who signed up for an event are told when something falls due: changed, called off, a seat, soon.

Called by the jobs within the transaction that marks it done, like `reminding`.
"""

from __future__ import annotations

from datetime import datetime

from handlers import event_words
from handlers.desk import Office
from handlers.dialogue import Items, Reply
from handlers.voice import Voice
from storage import event_replies, events
from storage.database import Connection
from storage.event_replies import EventReply, ReplyState
from storage.events import Event, EventState
from storage.reminders import Kind, Reminder

KINDS = frozenset({Kind.EVENT_DAY, Kind.EVENT_HOUR, Kind.EVENT_CHANGED, Kind.EVENT_CANCELLED, Kind.EVENT_SEAT})


async def notice(
    connection: Connection, reminder: Reminder, office: Office, at: datetime
) -> tuple[EventReply, Reply] | None:
    """Give whom to tell and what, by the event's row as it is now; None where it has been overtaken."""
    reply = await event_replies.by_number(connection, reminder.subject)
    event = await events.by_code(connection, reply.event_code) if reply else None
    if reply is None or event is None or reply.state is ReplyState.WITHDRAWN:
        return None
    kind = Kind(reminder.kind)
    if (event.state is EventState.CANCELLED) != (kind is Kind.EVENT_CANCELLED):
        return None
    if kind in {Kind.EVENT_DAY, Kind.EVENT_HOUR} and (event.starts_at <= at or reply.state is ReplyState.WAITING):
        return None
    return reply, _told(Voice(office, reply.language), event, reply, kind, at)


def _told(voice: Voice, event: Event, reply: EventReply, kind: Kind, at: datetime) -> Reply:
    lines = event_words.facts(voice, event, reply, at)
    words = voice.parts(f"event.told.{kind.value}", title=event_words.title(voice, event))
    note = voice.parts("event.note", note=event.note) if event.note else []
    parts = [*words, Items(items=tuple(lines)), *note]
    if kind not in {Kind.EVENT_DAY, Kind.EVENT_HOUR}:
        # The entry in their calendar moves with it.
        parts.append(event_words.calendar_file(voice, event, reply))
    return voice.reply(parts, [*event_words.doors(voice, event, at, reply), *voice.doors("start:ask-person")])
