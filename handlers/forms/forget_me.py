"""Forget me: delete what identifies a person, after they confirmed it (PIPL art. 47)."""

from __future__ import annotations

from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.flow import conversation
from handlers.ids import read_aloud
from handlers.questions import YesNo
from storage import forgetting
from storage.database import Connection


@conversation("forget-me")
async def forget_me(chat: Chat) -> Reply:
    if not await chat.ask("sure", YesNo()):
        return chat.say("forget-me.kept", chat.doors("mydata", "ask"))
    person, message = await chat.known_person(), chat.message
    number, at = chat.desk.ids.number(), chat.desk.clock.now()
    if person is not None:

        async def forget(connection: Connection) -> None:
            await forgetting.forget(connection, person, number=number, at=at, here=(message.channel, message.chat))

        chat.do(forget)
    chat.forget_person()
    day = f"{at.astimezone(chat.desk.county.zone):%Y-%m-%d %H:%M}"
    return chat.say("forget-me.done", chat.doors("ask", "register"), number=read_aloud(number), at=day)
