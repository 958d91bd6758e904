"""The state of the simulated Bot API: one bot, its chats, what waits for it, and what each method does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.simulated_telegram.refusal import Refusal
from tests.simulated_telegram.rules import (
    ACTIONS,
    check_commands,
    check_language,
    check_length,
    check_markup,
    check_scope,
    check_text,
)

PICTURES = (b"\x89PNG", b"\xff\xd8", b"RIFF")
TOKEN = "123456:simulated-token"
ON_DEMAND = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass
class Shown:
    """A message of the bot's as it stands in a chat."""

    chat: int
    number: int
    html: str
    text: str
    entities: list[dict[str, Any]]
    markup: dict[str, Any] | None
    thread: int | None = None
    edited: int = 0
    file: tuple[str, bytes] | None = None
    old: bool = False  # sent more than 48 hours ago: it can't be deleted any more

    @property
    def buttons(self) -> list[list[str]]:
        """Give the labels below the message, or in place of the letters."""
        rows = (self.markup or {}).get("inline_keyboard") or (self.markup or {}).get("keyboard") or []
        return [[button if isinstance(button, str) else button["text"] for button in row] for row in rows]


@dataclass
class Chat:
    """A chat the bot may write to, and what it wrote there."""

    about: dict[str, Any]
    blocked: bool = False
    messages: dict[int, Shown] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""


class BotApi:
    """One bot on Telegram's side."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.me = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "老乡",
            "username": "laoxiang_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.chats: dict[int, Chat] = {}
        self.updates: dict[int, dict[str, Any]] = {}
        self.repeated: list[dict[str, Any]] = []
        self.webhook = Webhook()
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.profile: dict[tuple[str, str], Any] = {}
        self.unanswered: set[str] = set()
        self.files: dict[str, bytes] = {}  # what getFile gives, by file_id
        self.sent_files: dict[str, tuple[str, bytes]] = {}  # by the file_id they were given
        self.uploads = 0
        self.arrived = asyncio.Event()
        self.hooked = asyncio.Event()
        self.numbers = count(1)
        self._update_ids = count(1000)
        self._allowed: frozenset[str] = frozenset()
        self._polls = 0

    def push(self, **content: Any) -> int:
        """Let something happen that the bot may hear of; gives the update's id."""
        number = next(self._update_ids)
        (kind,) = content
        if kind in self._allowed or (not self._allowed and kind not in ON_DEMAND):
            self.updates[number] = {"update_id": number, **content}
            self.arrived.set()
        return number

    def again(self, update: Mapping[str, Any]) -> None:
        """Deliver an update once more, as if its acknowledgement had been lost."""
        self.repeated.append(dict(update))
        self.arrived.set()

    def file_at(self, path: str) -> bytes:
        """Give what is in a file at the path that getFile named. Raises Refusal."""
        try:
            return self.files[path.removeprefix("documents/")]
        except KeyError:
            raise Refusal(404, "Not Found") from None

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Do what a method does. Raises Refusal."""
        return await getattr(self, f"_{method}")(params)

    async def _getMe(self, params: dict[str, Any]) -> Any:  # noqa: N802 - the Bot API's names
        return self.me

    async def _getUpdates(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if self.webhook.url:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        self._allow(params)
        offset = params.get("offset", 0)
        if offset < 0:
            offset = max(min(self.updates, default=0), max(self.updates, default=0) + offset + 1)
        for number in [number for number in self.updates if number < offset]:
            del self.updates[number]
        self._polls += 1
        mine = self._polls
        # The newest poll wins: wake an earlier one, which then finds itself replaced.
        self.arrived.set()
        deadline = asyncio.get_running_loop().time() + params.get("timeout", 0)
        while mine == self._polls:
            if found := [*self.repeated, *self.updates.values()][: params.get("limit", 100)]:
                self.repeated.clear()
                return found
            self.arrived.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self.arrived.wait()
            except TimeoutError:
                return []
        raise Refusal(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        )

    async def _setWebhook(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if params["url"] and not params["url"].startswith(("https://", "http://127.0.0.1:")):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self._allow(params)
        if params.get("drop_pending_updates"):
            self.updates.clear()
        connections = params.get("max_connections", 40)
        if not 1 <= connections <= 100:
            raise Refusal(400, "Bad Request: max_connections must be between 1 and 100")
        self.webhook = Webhook(params["url"], params.get("secret_token", ""), connections)
        self.arrived.set()
        self.hooked.set()
        return True

    async def _deleteWebhook(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = Webhook()
        self.hooked.clear()
        if params.get("drop_pending_updates"):
            self.updates.clear()
        return True

    async def _getWebhookInfo(self, params: dict[str, Any]) -> Any:  # noqa: N802
        told = {"url": self.webhook.url, "has_custom_certificate": False, "pending_update_count": len(self.updates)}
        return {**told, "last_error_message": self.webhook.last_error} if self.webhook.last_error else told

    async def _sendMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat = self._chat(params)
        text, entities = check_text(params)
        check_markup(params.get("reply_markup"))
        message = Shown(
            chat.about["id"],
            next(self.numbers),
            params["text"],
            text,
            entities,
            params.get("reply_markup"),
            params.get("message_thread_id"),
        )
        await self._show(chat, message)
        return self._told(chat, message)

    async def _sendDocument(self, params: dict[str, Any]) -> Any:  # noqa: N802
        return await self._send_file(params, "document")

    async def _sendPhoto(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if not isinstance(params["photo"], str) and not params["photo"][1].startswith(PICTURES):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return await self._send_file(params, "photo")

    async def _send_file(self, params: dict[str, Any], way: str) -> Any:
        """Show an uploaded file, or one that was sent before by the number it was given then."""
        chat, given = self._chat(params), params[way]
        if not isinstance(given, str):
            number = f"{way}-{next(self.numbers)}"
            self.sent_files[number] = given
            self.uploads += 1
        elif given in self.sent_files and given.startswith(way):
            number = given
        else:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        message = Shown(chat.about["id"], next(self.numbers), "", "", [], None, file=self.sent_files[number])
        await self._show(chat, message)
        about: Any = {"file_id": number, "file_unique_id": number}
        return {**self._told(chat, message), way: [about | {"width": 90}, about] if way == "photo" else about}

    async def _getFile(self, params: dict[str, Any]) -> Any:  # noqa: N802
        file = params["file_id"]
        if file not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        return {"file_id": file, "file_unique_id": file, "file_path": f"documents/{file}"}

    async def _sendChatAction(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if params["action"] not in ACTIONS:
            raise Refusal(400, "Bad Request: wrong parameter action in request")
        self._chat(params).actions.append(params["action"])
        return True

    async def _answerCallbackQuery(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if params["callback_query_id"] not in self.unanswered:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        check_length("text", params.get("text", ""), 200)
        self.unanswered.discard(params["callback_query_id"])
        return True

    async def _editMessageReplyMarkup(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat, message = self._message(params)
        markup = params.get("reply_markup") or None
        check_markup(markup)
        if markup == message.markup:
            raise Refusal(400, "Bad Request: message is not modified")
        message.markup = markup
        await self._show(chat, message, edited=1)
        return self._told(chat, message)

    async def _editMessageText(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat, message = self._message(params)
        markup = params.get("reply_markup") or None
        if message.file is not None or not _is_inline(message.markup):
            raise Refusal(400, "Bad Request: message can't be edited")
        if not _is_inline(markup):
            raise Refusal(400, "Bad Request: inline keyboard expected")
        text, entities = check_text(params)
        check_markup(markup)
        if (text, entities, markup) == (message.text, message.entities, message.markup):
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message",
            )
        message.html, message.text, message.entities, message.markup = params["text"], text, entities, markup
        await self._show(chat, message, edited=1)
        return self._told(chat, message)

    async def _deleteMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat = self._chat(params)
        message = chat.messages.get(params["message_id"])
        if message is None:
            raise Refusal(400, "Bad Request: message to delete not found")
        if message.old:
            raise Refusal(400, "Bad Request: message can't be deleted for everyone")
        del chat.messages[message.number]
        async with chat.arrived:
            chat.arrived.notify_all()
        return True

    async def _setMyCommands(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self.commands[self._whose(params)] = check_commands(params["commands"])
        return True

    async def _deleteMyCommands(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self.commands.pop(self._whose(params), None)
        return True

    async def _getMyCommands(self, params: dict[str, Any]) -> Any:  # noqa: N802
        return self.commands.get(self._whose(params), [])

    async def _setChatMenuButton(self, params: dict[str, Any]) -> Any:  # noqa: N802
        button = params.get("menu_button", {"type": "default"})
        if button.get("type") not in ("commands", "default", "web_app"):
            raise Refusal(400, "Bad Request: can't parse MenuButton")
        self.profile["menu", ""] = button
        return True

    async def _setMyName(self, params: dict[str, Any]) -> Any:  # noqa: N802
        return self._describe("name", params, 64)

    async def _setMyDescription(self, params: dict[str, Any]) -> Any:  # noqa: N802
        return self._describe("description", params, 512)

    async def _setMyShortDescription(self, params: dict[str, Any]) -> Any:  # noqa: N802
        return self._describe("short_description", params, 120)

    def _describe(self, what: str, params: Mapping[str, Any], most: int) -> bool:
        words = check_length(what, params.get(what, ""), most)
        self.profile[what, check_language(params.get("language_code", ""))] = words
        return True

    def _allow(self, params: Mapping[str, Any]) -> None:
        allowed: Iterable[str] | None = params.get("allowed_updates")
        if allowed is not None:
            self._allowed = frozenset(allowed)

    def _whose(self, params: Mapping[str, Any]) -> tuple[str, str]:
        return check_scope(params.get("scope")), check_language(params.get("language_code", ""))

    def _chat(self, params: Mapping[str, Any]) -> Chat:
        chat = self.chats.get(params.get("chat_id", 0))
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        if chat.blocked:
            private = chat.about["type"] == "private"
            raise Refusal(
                403,
                "Forbidden: bot was blocked by the user"
                if private
                else "Forbidden: bot was kicked from the group chat",
            )
        return chat

    def _message(self, params: Mapping[str, Any]) -> tuple[Chat, Shown]:
        chat = self._chat(params)
        message = chat.messages.get(params.get("message_id", 0))
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        return chat, message

    async def _show(self, chat: Chat, message: Shown, edited: int = 0) -> None:
        message.edited += edited
        chat.messages[message.number] = message
        async with chat.arrived:
            chat.arrived.notify_all()

    def _told(self, chat: Chat, message: Shown) -> dict[str, Any]:
        return {
            "message_id": message.number,
            "from": self.me,
            "chat": chat.about,
            "date": int(time.time()),
            "text": message.text,
            "entities": message.entities,
            **({"message_thread_id": message.thread, "is_topic_message": True} if message.thread else {}),
            **({"reply_markup": message.markup} if "inline_keyboard" in (message.markup or {}) else {}),
        }

    def shown(self, message: Shown) -> dict[str, Any]:
        """Give a message of the bot's as updates carry it."""
        return self._told(self.chats[message.chat], message)


def _is_inline(markup: Mapping[str, Any] | None) -> bool:
    """Tell whether a message with this keyboard, or none, can be edited; one in place of the letters stays."""
    return not markup or "inline_keyboard" in markup
