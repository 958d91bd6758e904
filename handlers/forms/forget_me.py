"""Forget me: delete what identifies a person, after they confirmed it (PIPL art. 47)."""

from __future__ import annotations

from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.flow import conversation
from handlers.questions import YesNo
from storage import people
from storage.database import Connection


@conversation("forget-me")
async def forget_me(chat: Chat) -> Reply:
    if not await chat.ask("sure", YesNo()):
        return chat.say("forget-me.kept", chat.doors("mydata", "ask"))
    person = await chat.known_person()
    if person is not None:

        async def forget(connection: Connection) -> None:
            await people.forget(connection, person)

        chat.do(forget)
    chat.forget_person()
    return chat.say("forget-me.done", chat.doors("ask", "start:ask-person"))
