"""My data: what is stored about a person; seeing it, taking it along, having it deleted (PIPL art. 44-47)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.conversation import Chat
from handlers.dialogue import Heading, Items, Part, Reply
from storage import people


async def show_my_data(chat: Chat) -> Reply:
    """Say in short what is stored, with buttons to see all of it and to delete it."""
    stored = await _stored(chat)
    asked = stored.get("questions", [])
    consents = stored.get("consents", [])
    recent = chat.memory.get("recent", [])
    if not stored and not recent:
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    lines = []
    if stored:
        lines.append(chat.text("mydata.questions", count=len(asked)))
        lines.append(chat.text("mydata.consents", count=len(consents)))
    if recent:
        lines.append(chat.text("mydata.recent", count=len(recent)))
    parts = [*chat.parts("mydata.intro"), Items(items=tuple(lines)), *chat.parts("mydata.rights")]
    return chat.reply(parts, chat.doors("export", "start:forget-me", "privacy"))


async def export_my_data(chat: Chat) -> Reply:
    """Show everything stored about this person, field by field, to copy and take along."""
    stored = await _stored(chat)
    parts: list[Part] = [*chat.parts("mydata.export")]
    for name, value in stored.items():
        rows = [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, Mapping)]
        for row in rows:
            parts += [Heading(text=_name(chat, "part", name)), Items(items=tuple(_lines(chat, row)))]
    if recent := chat.memory.get("recent"):
        items = tuple(question["text"] for question in recent)
        parts += [Heading(text=chat.text("mydata.recent_heading")), Items(items=items)]
    if len(parts) == 1:
        return chat.say("mydata.nothing", chat.doors("privacy", "ask"))
    return chat.reply(parts, chat.doors("start:forget-me", "ask"))


async def _stored(chat: Chat) -> Mapping[str, Any]:
    person = await chat.known_person()
    if person is None:
        return {}
    async with chat.desk.database.read() as connection:
        return await people.export(connection, person)


def _name(chat: Chat, group: str, name: str) -> str:
    """Give a stored name in the person's language; one the catalogue does not know is shown as it is."""
    key = f"mydata.{group}.{name}"
    return chat.text(key) if chat.desk.texts.has(key) else name


def _lines(chat: Chat, row: Mapping[str, Any]) -> list[str]:
    return [
        chat.text("review.line", label=_name(chat, "field", name), value=_shown(chat, name, value))
        for name, value in row.items()
        if value not in (None, "", [])
    ]


def _shown(chat: Chat, name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(chat.desk.county.zone):%Y-%m-%d %H:%M}"
    return _name(chat, name, str(value))
