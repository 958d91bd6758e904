"""Take a reply to an event back, after asking once; who waits in line moves up."""

from __future__ import annotations

from dataclasses import replace

from handlers import event_words
from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.flow import Ended, conversation
from handlers.forms.cancel_booking import Sure
from storage import event_replies, events
from storage.database import Connection
from storage.event_replies import ReplyState


@conversation("leave-event")
async def leave_event(chat: Chat) -> Reply:
    number, person = str(chat.memory.get("event_reply", "")), await chat.known_person()
    async with chat.desk.database.read() as connection:
        reply = await event_replies.by_number(connection, number)
        event = await events.by_code(connection, reply.event_code) if reply else None
    gone = reply is None or reply.person_id != person or reply.state in {ReplyState.WITHDRAWN, ReplyState.ATTENDED}
    if reply is None or event is None or gone:
        raise Ended(chat.say("event.nothing_to_leave", chat.doors("events", "ask")))
    name, now = event_words.title(chat, event), chat.desk.clock.now()
    if not await chat.ask("sure", Sure(told={"title": name})):
        raise Ended(chat.say("leave-event.kept", chat.doors("events", "ask"), title=name))

    async def withdraw(connection: Connection) -> None:
        await event_replies.withdraw(connection, number, now)

    chat.do(withdraw)
    left = replace(reply, state=ReplyState.WITHDRAWN, changed_at=now)
    told = chat.parts("leave-event.done", title=name)
    return chat.reply([*told, event_words.calendar_file(chat, event, left)], chat.doors("events", "ask"))
