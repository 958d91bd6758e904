"""Moving a half-filled form to another channel: a link that works once, and the same step on the other side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.dialogue import Reply
from storage import conversations, drafts
from storage.database import Connection
from storage.drafts import Origin

if TYPE_CHECKING:
    from handlers.conversation import Chat

PAYLOAD = "h-"  # "/start h-TOKEN" is what a link with a token comes to


def offer_link(chat: Chat, key: str) -> Reply:
    """Give the link that opens this conversation on the county's own page; the one before it ends."""
    token = drafts.new_token()
    message, at = chat.message, chat.desk.clock.now()
    origin = Origin(message.channel, message.chat, message.sender)

    async def hand_over(connection: Connection) -> None:
        await drafts.hand_over(connection, token, origin, at)

    chat.do_now(hand_over)
    page = chat.desk.county.page
    link = f"{page}{'&' if '?' in page else '?'}start={PAYLOAD}{token}" if page else f"/start {PAYLOAD}{token}"
    minutes = int(drafts.HANDOVER.total_seconds() // 60)
    return chat.say(key if page else f"{key}_without_page", chat.doors("ask"), link=link, minutes=minutes)


async def take_over(chat: Chat, token: str) -> bool:
    """Go on here with the conversation a token comes from; False for one that is unknown, used or too old.

    The form leaves the other chat with this message, so that it can't be sent off twice.
    """
    at = chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        origin = await drafts.origin_of(connection, token, at)
        if origin is None or (origin.channel, origin.chat) == (chat.message.channel, chat.message.chat):
            return False
        before = await conversations.load(connection, origin.channel, origin.chat)
    if before.flow is None:
        return False
    chat.start(before.flow)
    chat.take_up(dict(before.answers), before.asked)
    chat.memory["origin"] = before.memory.get("origin", "")
    # Both chats are one person's: what is stored here can be seen and deleted there.
    chat.memory["also"] = [[origin.channel, origin.sender]]
    chat.person = await chat.known_person() or before.person
    left = {key: value for key, value in before.memory.items() if key not in {"run", "shown"}}
    after = replace(before, flow=None, asked=None, answers={}, memory=left)

    async def move(connection: Connection) -> None:
        await drafts.use(connection, token, at)
        await conversations.save(connection, [(before, after)], at)

    chat.keep_after(move)
    return True
