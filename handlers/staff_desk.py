"""Staff in the chat: the code of an invitation, the role it gives, and the work that can be done from there."""

from __future__ import annotations

from handlers import event_desk, staff_bookings, staff_hours
from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.voice import Rows
from storage import event_replies, staff
from storage.database import Connection
from storage.errors import Conflict


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
        told = [*chat.parts("staff.known", role=_role(chat, viewer)), *chat.parts("desk.commands")]
        return chat.reply(told, _doors(chat, viewer))
    async with chat.desk.database.read() as connection:
        invited = await staff.invited(connection, code, at)
    if invited is None:
        return chat.say("staff.bad_code", chat.doors("help"))

    async def bind(connection: Connection) -> None:
        await staff.bind(connection, code, message.channel, message.sender, at)

    chat.keep_after(bind)
    told = [*chat.parts("staff.bound", role=_role(chat, invited)), *chat.parts("desk.commands")]
    return chat.reply(told, _doors(chat, invited))


def _doors(chat: Chat, viewer: staff.Viewer) -> Rows:
    """Give the buttons of somebody's work; a reader announces nothing."""
    announce = ["announce"] if staff.Right.ANNOUNCE in staff.RIGHTS[viewer.role] else []
    return chat.doors("day", "requests", "feed", *announce, "help")


# What staff send in chat, and what it is called in storage.
COMMANDS = {"today": "day", "requests": "requests", "hours": "weekly", "openday": "extra", "away": "leave"}


async def work(chat: Chat, action: str, argument: str) -> Reply:
    """Do what staff do in chat: the day's bookings, requests, marks, hours and leave, their calendar."""
    async with chat.desk.database.read() as connection:
        viewer = await staff.viewer_of(connection, chat.message.channel, chat.message.sender)
    if viewer is None:
        return chat.say("staff.nobody", chat.doors("help"))
    try:
        match action:
            case "day":
                return await staff_bookings.show_day(chat, viewer, argument)
            case "requests":
                return await staff_bookings.show_requests(chat, viewer)
            case "day-picture":
                return await staff_bookings.show_picture(chat, viewer, argument)
            case "mark":
                return await staff_bookings.settle(chat, viewer, argument)
            case "feed":
                return await staff_bookings.feed(chat, viewer)
            case "publish":
                return await staff_hours.publish(chat, viewer, argument)
            case _:
                return await staff_hours.propose(chat, viewer, action, argument)
    except staff.NotAllowed:
        return chat.say("desk.not_allowed", role=_role(chat, viewer))


async def check_in(chat: Chat, argument: str) -> Reply:
    """Let somebody in at the door: "/checkin E7KQ4 284917", by staff who may."""
    message, now = chat.message, chat.desk.clock.now()
    code, _, number = argument.strip().partition(" ")
    async with chat.desk.database.read() as connection:
        viewer = await staff.viewer_of(connection, message.channel, message.sender)
    if viewer is None:
        return chat.say("staff.nobody", chat.doors("help"))
    if not code or not number:
        return chat.say("event.door_how")
    try:
        found = await event_desk.look_at_door(chat.desk, viewer, code, number)
    except (Conflict, staff.NotAllowed):
        return chat.say("event.door_refused", number=number)

    async def let_in(connection: Connection) -> None:
        await event_replies.check_in(connection, viewer, found.event_code, found.number, now)

    if found.state is event_replies.ReplyState.ATTENDED:
        return chat.say("event.door_again", number=number, seats=found.seats)
    chat.keep_after(let_in)
    return chat.say("event.door_in", number=number, seats=found.seats)


def _role(chat: Chat, viewer: staff.Viewer) -> str:
    role = chat.text(f"staff.role.{viewer.role}")
    if not viewer.township:
        return role
    return chat.text(
        "staff.role_of", role=role, township=chat.desk.county.township_name(viewer.township, chat.language)
    )
