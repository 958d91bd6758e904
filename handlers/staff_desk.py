"""Staff in their own chat: using an invitation, and hearing which role the account has."""

from __future__ import annotations

from handlers.conversation import Chat
from handlers.dialogue import Reply
from storage import staff
from storage.database import Connection


async def greet_staff(chat: Chat, code: str) -> Reply:
    """Bind this account to the role of a one-use code, or say which role it has.

    The account is the channel's own numeric id: a user name can be given away and taken by somebody else.
    """
    message, at = chat.message, chat.desk.clock.now()
    if not code:
        async with chat.desk.database.read() as connection:
            viewer = await staff.viewer_of(connection, message.channel, message.sender)
        if viewer is None:
            return chat.say("staff.nobody", chat.doors("help"))
        return chat.say("staff.known", chat.doors("help"), role=_role(chat, viewer))
    async with chat.desk.database.read() as connection:
        invited = await staff.invited(connection, code, at)
    if invited is None:
        return chat.say("staff.bad_code", chat.doors("help"))

    async def bind(connection: Connection) -> None:
        await staff.bind(connection, code, message.channel, message.sender, at)

    chat.keep_after(bind)
    return chat.say("staff.bound", chat.doors("help"), role=_role(chat, invited))


def _role(chat: Chat, viewer: staff.Viewer) -> str:
    role = chat.text(f"staff.role.{viewer.role}")
    township = next((one for one in chat.desk.county.townships if one.code == viewer.township), None)
    name = township.name if township else viewer.township
    return chat.text("staff.role_of", role=role, township=name) if name else role
