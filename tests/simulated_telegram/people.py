"""The people on the other side: what they do in their chats, and what they see there."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from tests.simulated_telegram.bot_api import BotApi, Chat, Shown
from tests.simulated_telegram.entities import units

PATIENCE_S = 10.0
COMMAND = re.compile(r"(?<!\S)/\w+(?:@\w+)?")
MENTION = re.compile(r"(?<!\w)@\w{3,}")


class User:
    """A person and their private chat with the bot."""

    def __init__(self, api: BotApi, number: int, language_code: str | None, *, started: bool) -> None:
        self.api = api
        self.id = number
        self.about = {"id": number, "is_bot": False, "first_name": f"Person {number}"}
        if language_code:
            self.about["language_code"] = language_code
        self._private = {"id": number, "type": "private", "first_name": f"Person {number}"}
        self._seen = 0
        if started:
            self._chat()

    @property
    def messages(self) -> list[Shown]:
        """Give everything the bot wrote in this chat, as it stands now."""
        return list(self._chat().messages.values())

    @property
    def actions(self) -> Sequence[str]:
        return self._chat().actions

    def sends(self, text: str, *, reply_to: Shown | None = None) -> int:
        """Write something; gives the update's id."""
        return self._sends(text=text, entities=entities_of(text), **self._answering(reply_to))

    def starts(self, payload: str = "") -> int:
        return self.sends(f"/start {payload}".strip())

    def edits(self, text: str, number: int = 1) -> int:
        return self._sends("edited_message", text=text, edit_date=int(time.time()), message_id=number)

    def sends_voice(self) -> int:
        return self._sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 3})

    def sends_sticker(self) -> int:
        return self._sends(sticker={"file_id": "s", "file_unique_id": "s", "type": "regular", "emoji": "👍"})

    def sends_photo(self, caption: str = "", album: str = "") -> int:
        photo = [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}]
        return self._sends(photo=photo, **_said(caption=caption, media_group_id=album))

    def sends_document(self, name: str = "申请表.docx", caption: str = "") -> int:
        document = {"file_id": "d", "file_unique_id": "d", "file_name": name}
        return self._sends(document=document, **_said(caption=caption))

    def sends_other(self, **content: Any) -> int:
        """Send a message of any other content, such as `location={…}`."""
        return self._sends(**content)

    def shares_contact(self, number: str = "8613812345678", *, of: int | None = None) -> int:
        """Share one's own card, or that of somebody else."""
        contact = {"phone_number": number, "first_name": "Lin", "user_id": self.id if of is None else of}
        return self._sends(contact=contact)

    def deletes(self, message: Shown) -> None:
        """Delete a message of the bot's; Telegram tells nobody."""
        messages = self._chat().messages
        self._seen -= list(messages).index(message.number) < self._seen
        del messages[message.number]

    def blocks(self) -> int:
        self._chat().blocked = True
        return self._changes("member", "kicked")

    def unblocks(self) -> int:
        self._chat().blocked = False
        return self._changes("kicked", "member")

    def presses(self, wanted: str) -> int:
        """Press the newest button with this label (or the beginning of it) or this data."""
        for message in reversed(self.messages):
            for row in (message.markup or {}).get("inline_keyboard", ()):
                for button in row:
                    if button["text"].startswith(wanted) or button.get("callback_data") == wanted:
                        return self._press(message, button["callback_data"])
            for row in (message.markup or {}).get("keyboard", ()):
                for button in row:
                    if button["text"].startswith(wanted):
                        return self.shares_contact() if button.get("request_contact") else self.sends(button["text"])
        raise AssertionError(f"no button {wanted!r} below {[message.buttons for message in self.messages]}")

    async def waits_for_reply(self, n: int = 1) -> list[Shown]:
        """Wait for the next `n` messages of the bot and give them."""
        chat = self._chat()
        async with asyncio.timeout(PATIENCE_S), chat.arrived:
            await chat.arrived.wait_for(lambda: len(chat.messages) >= self._seen + n)
        first, self._seen = self._seen, self._seen + n
        return list(chat.messages.values())[first : self._seen]

    async def sees(self, condition: Any, patience_s: float = PATIENCE_S) -> None:
        """Wait until something holds of the chat: `await user.sees(lambda: user.messages[0].edited)`."""
        chat = self._chat()
        async with asyncio.timeout(patience_s), chat.arrived:
            await chat.arrived.wait_for(condition)

    def _press(self, message: Shown, data: str) -> int:
        query = str(next(self.api.numbers))
        self.api.unanswered.add(query)
        shown = self.api.shown(message)
        return self.api.push(
            callback_query={"id": query, "from": self.about, "message": shown, "chat_instance": "1", "data": data}
        )

    def _sends(self, kind: str = "message", **content: Any) -> int:
        self._chat()
        message = {"message_id": next(self.api.numbers), "from": self.about, "date": int(time.time())}
        return self.api.push(**{kind: {**message, "chat": self._private, **content}})

    def _changes(self, before: str, after: str) -> int:
        change = {"chat": self._private, "from": self.about, "date": int(time.time())}
        old, new = ({"user": self.api.me, "status": status} for status in (before, after))
        return self.api.push(my_chat_member={**change, "old_chat_member": old, "new_chat_member": new})

    def _answering(self, message: Shown | None) -> dict[str, Any]:
        return {} if message is None else {"reply_to_message": self.api.shown(message)}

    def _chat(self) -> Chat:
        return self.api.chats.setdefault(self.id, Chat(self._private))


class Group:
    """A group with the bot in it; a forum has topics."""

    def __init__(self, api: BotApi, number: int, *, forum: bool) -> None:
        self.api = api
        self.id = number
        self._about = {"id": number, "type": "supergroup", "title": "望川老乡群", **_said(is_forum=forum)}
        self._chat = api.chats.setdefault(number, Chat(self._about))

    @property
    def messages(self) -> list[Shown]:
        return list(self._chat.messages.values())

    def hears(self, user: User, text: str, *, reply_to: Shown | None = None, topic: int | None = None) -> int:
        """Let a member write something."""
        message = {"message_id": next(self.api.numbers), "from": user.about, "date": int(time.time())}
        content: dict[str, Any] = {"text": text, "entities": entities_of(text)}
        if reply_to is not None:
            content["reply_to_message"] = self.api.shown(reply_to)
        if topic is not None:
            content |= {"message_thread_id": topic, "is_topic_message": True}
        return self.api.push(message={**message, "chat": self._about, **content})

    def sees_service_message(self, user: User) -> int:
        message = {"message_id": next(self.api.numbers), "from": user.about, "date": int(time.time())}
        return self.api.push(message={**message, "chat": self._about, "new_chat_members": [user.about]})

    def removes_bot(self, user: User) -> int:
        self._chat.blocked = True
        change = {"chat": self._about, "from": user.about, "date": int(time.time())}
        old, new = ({"user": self.api.me, "status": status} for status in ("member", "left"))
        return self.api.push(my_chat_member={**change, "old_chat_member": old, "new_chat_member": new})


def entities_of(text: str) -> list[dict[str, Any]]:
    """Mark commands and mentions as a client's server would."""
    return [
        {"type": kind, "offset": units(text[: found.start()]), "length": units(found[0])}
        for kind, pattern in (("bot_command", COMMAND), ("mention", MENTION))
        for found in pattern.finditer(text)
    ]


def _said(**content: Any) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value}
