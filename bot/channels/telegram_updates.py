"""What an update of Telegram's says: a Message, or nothing that concerns us."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.dialogue import Attachment, Message, MessageKind

CHANNEL = "telegram"
# Fields of Message (Bot API) that hold something a person sent; everything else is a service message.
MEDIA = (
    "animation",  # carries `document` as well, so it comes first
    "document",
    "photo",
    "voice",
    "audio",
    "sticker",
    "video",
    "video_note",
    "venue",  # carries `location` as well
    "location",
    "poll",
    "contact",
    "story",
    "dice",
    "game",
    "checklist",
    "paid_media",
)
FILES = frozenset({"document", "photo"})
# What comes of a part that is missing, of another kind, or a number no clock knows.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GONE = frozenset({"kicked", "left"})
TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


@dataclass(frozen=True, slots=True)
class Myself:
    """Who the bot is, to tell whether a group is talking to it; `commands` are those it offers there."""

    id: int
    username: str
    commands: Collection[str] = ()


def read(update: Mapping[str, Any], myself: Myself, now: datetime) -> Message | None:
    """Read an update; None for service messages and for talk in a group that is not addressed to us.

    Raises one of `UNREADABLE` for an update that is not as the Bot API describes it.
    """
    if (query := update.get("callback_query")) is not None:
        return _pressed(update, query, now)
    if (change := update.get("my_chat_member")) is not None:
        return _left(update, change)
    if (edited := update.get("edited_message")) is not None:
        return _said(update, edited, myself, edited=True)
    if (message := update.get("message")) is not None:
        return _said(update, message, myself, edited=False)
    return None


def read_badly(update: Mapping[str, Any], now: datetime) -> Message | None:
    """Make what can be made of an update that `read` failed on: somebody sent something unreadable."""
    for about in update.values():
        try:
            at = about if "chat" in about else about["message"]
            return _message(update, at, about["from"], now, kind=MessageKind.UNSUPPORTED, media="other")
        except UNREADABLE:
            continue
    return None


def address(chat: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """Give a chat's name among ours: its id, with the topic if its members talk in several."""
    thread = message.get("message_thread_id") if message.get("is_topic_message") else None
    return f"{chat['id']}/{thread}" if thread else str(chat["id"])


def destination(chat: str) -> dict[str, int]:
    """Give the parameters that send something where `address` points."""
    number, _, thread = chat.partition("/")
    return {"chat_id": int(number), **({"message_thread_id": int(thread)} if thread else {})}


def language(code: str | None) -> str | None:
    """Read Telegram's language code as a tag that says which Chinese."""
    first, *others = (code or "").replace("_", "-").casefold().split("-")
    if first == "zh":
        return "zh-Hant" if TRADITIONAL & set(others) else "zh-Hans"
    return "en" if first == "en" else code or None


def _pressed(update: Mapping[str, Any], query: Mapping[str, Any], now: datetime) -> Message | None:
    if "data" not in query:
        return None
    person = query["from"]
    # Without a message the button stood in one sent on somebody's behalf: the person's own chat is theirs.
    below = query.get("message") or {"chat": {"id": person["id"], "type": "private"}}
    place = str(below.get("message_id", ""))
    return _message(update, below, person, now, kind=MessageKind.CHOICE, choice=query["data"], below=place)


def _left(update: Mapping[str, Any], change: Mapping[str, Any]) -> Message | None:
    if change["new_chat_member"]["status"] not in GONE:
        return None
    return _message(update, change, change["from"], _time(change["date"]), kind=MessageKind.LEFT)


def _said(update: Mapping[str, Any], message: Mapping[str, Any], myself: Myself, *, edited: bool) -> Message | None:
    person = message.get("from")
    if person is None or person.get("is_bot"):
        return None
    at = _time(message.get("edit_date") or message["date"])
    text = message.get("text")
    if message["chat"]["type"] != "private":
        words = None if text is None else _addressed(text, message, myself)
        if words is None:
            return None
        kind = MessageKind.EDITED if edited else MessageKind.TEXT
        return _message(update, message, person, at, kind=kind, text=words)
    if edited:
        # A live location is "edited" every few seconds.
        words = message.get("text", message.get("caption"))
        return _message(update, message, person, at, kind=MessageKind.EDITED, text=words) if words else None
    if text is not None:
        return _message(update, message, person, at, text=text)
    media = next((name for name in MEDIA if name in message), None)
    if media is None:
        return None
    contact = message.get("contact")
    if contact and contact.get("user_id") == person["id"]:
        # Telegram gives the number with its country, often without the plus sign.
        number = "+" + str(contact["phone_number"]).lstrip("+")
        return _message(update, message, person, at, kind=MessageKind.CONTACT, text=number)
    kind = MessageKind.FILE if media in FILES else MessageKind.UNSUPPORTED
    file = _file(message, media) if kind is MessageKind.FILE else None
    return _message(update, message, person, at, kind=kind, media=media, file=file, text=message.get("caption", ""))


def _file(message: Mapping[str, Any], media: str) -> Attachment:
    """Give where a file is; of a picture the largest copy."""
    about = message[media][-1] if media == "photo" else message[media]
    name = about.get("file_name") or media
    return Attachment(name=name, channel=CHANNEL, id=about["file_id"], size=about.get("file_size") or 0)


def _message(
    update: Mapping[str, Any],
    about: Mapping[str, Any],
    person: Mapping[str, Any],
    at: datetime,
    **content: Any,
) -> Message:
    chat = about["chat"]
    return Message(
        channel=CHANNEL,
        update=str(int(update["update_id"])),
        chat=address(chat, about),
        sender=str(int(person["id"])),
        at=at,
        language=language(person.get("language_code")),
        private=chat.get("type") == "private",
        **content,
    )


def _addressed(text: str, message: Mapping[str, Any], myself: Myself) -> str | None:
    """Give what a group says to us, without our name; None if it talks to somebody else."""
    if text.startswith("/"):
        name, _, whom = text[1:].split(maxsplit=1)[0].partition("@") if text[1:].strip() else ("", "", "")
        ours = whom.casefold() == myself.username.casefold() if whom else name in myself.commands
        return text if ours else None
    units = text.encode("utf-16-le")
    for entity in message.get("entities", ()):
        start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        named = units[start:end].decode("utf-16-le", "replace")
        mentioned = entity["type"] == "mention" and named.casefold() == f"@{myself.username}".casefold()
        if mentioned or (entity["type"] == "text_mention" and entity["user"]["id"] == myself.id):
            return (units[:start] + units[end:]).decode("utf-16-le", "replace").strip()
    answered = (message.get("reply_to_message") or {}).get("from") or {}
    return text if answered.get("id") == myself.id else None


def _time(seconds: int) -> datetime:
    # Not `fromtimestamp`: what a clock can't hold is an OSError there, as a full disk is.
    return EPOCH + timedelta(seconds=seconds)
