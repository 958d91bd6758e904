"""Leaving a form half filled: asked once what shall become of it; a draft waits until the form is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Reply
from handlers.flow import Flow
from storage import drafts
from storage.database import Connection
from storage.forgetting import Kept

DRAFT_DAYS = Kept().drafts.days


def going_on(chat: Chat, flow: Flow) -> Button:
    """Give the button that goes on with a half-filled form."""
    return Button(
        label=chat.text("front.continue", title=chat.text(f"{flow.name}.title")), data=Action("continue").data
    )


def ask_before_leaving(chat: Chat, flow: Flow) -> Reply | None:
    """Ask what shall become of a half-filled form; None when there is nothing to keep, or it was asked already."""
    if not flow.draft or not chat.journal.answered() or chat.memory.get("leaving") == chat.memory.get("run"):
        return None
    chat.memory["leaving"] = chat.memory.get("run")
    title = chat.text(f"{flow.name}.title")
    choices = [
        [going_on(chat, flow)],
        [Button(label=chat.text("form.keep"), data=Action("keep").data)],
        [Button(label=chat.text("form.discard"), data=Action("discard").data)],
    ]
    return chat.asks_instead(chat.say("form.leaving", choices, title=title))


def stays(chat: Chat) -> None:
    """Note that somebody went on with the form after all."""
    chat.memory.pop("leaving", None)


def keep_draft(chat: Chat, flow: Flow) -> Reply:
    """Leave the form and keep what was filled in."""
    answers, message, at = chat.journal.entries(), chat.message, chat.desk.clock.now()

    async def keep(connection: Connection) -> None:
        await drafts.keep(connection, message.channel, message.chat, flow.name, answers, at)

    chat.do(keep)
    chat.leave()
    stays(chat)
    title = chat.text(f"{flow.name}.title")
    return chat.say("form.saved", chat.doors(f"start:{flow.name}", "ask"), title=title, days=DRAFT_DAYS)


async def take_up_draft(chat: Chat, flow: Flow) -> None:
    """Go on from a draft of this form, if there is one."""
    message = chat.message
    if not flow.draft:
        return
    async with chat.desk.database.read() as connection:
        kept: Mapping[str, Any] | None = await drafts.draft(connection, message.channel, message.chat, flow.name)
    if kept is None:
        return

    async def drop(connection: Connection) -> None:
        await drafts.drop(connection, message.channel, message.chat, flow.name)

    chat.take_up(dict(kept))
    chat.keep_after(drop)
    chat.note(chat.parts("form.resumed"))
