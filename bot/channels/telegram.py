"""Telegram as a channel: long polling or a webhook in, messages with keyboards out."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels import ChannelError, Receive, TryLater, Undeliverable
from bot.channels.gateways import WANTED, Gateway, GatewayError, Refused, RetryAfter, Unreachable
from bot.channels.telegram_updates import CHANNEL, Myself, destination, read, read_badly
from bot.channels.telegram_view import Piece, pieces
from handlers.dialogue import Message, Reply
from handlers.texts import Texts

log = logging.getLogger(__name__)

POLL_S = 30  # how long Telegram holds a poll that has nothing to say
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
REPLY_WAIT_S = 3.0  # until a reply is tried again when Telegram can't be reached
REVOKED_WAIT_S = 60.0
LARGEST_UPDATE = 1 << 20  # bytes; an update is a few kilobytes
CONNECTIONS = 100  # webhook deliveries at once, the most Telegram offers
CHOSEN = "✓ "  # before the label of the button that was pressed
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Bot API, setWebhook: secret_token

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Profile:
    """What Telegram shows about the bot to those who read a language: commands with descriptions, two texts."""

    language: str
    commands: Mapping[str, str] = field(default_factory=dict)
    group_commands: Mapping[str, str] = field(default_factory=dict)
    description: str = ""  # in the empty chat, at most 512 characters
    about: str = ""  # on the profile page, at most 120 characters


@dataclass(frozen=True)
class Webhook:
    """Where Telegram is to deliver: the public URL, and the secret that proves it is Telegram."""

    url: str
    secret: str = field(repr=False)
    path: str = "/telegram/webhook"

    def __post_init__(self) -> None:
        # Without it anybody who finds the URL could speak in any person's name.
        if not SECRET.fullmatch(self.secret):
            raise ChannelError(
                "a Telegram webhook needs a secret of 1 to 256 letters, digits, _ or -; "
                "set LAOXIANG_TELEGRAM_SECRET, or unset LAOXIANG_TELEGRAM_WEBHOOK to use long polling"
            )


class TelegramChannel:
    """One bot. With a `webhook`, serve `routes` and Telegram delivers to them; without one it is asked.

    The first of `profiles` is shown to those whose language none is written in.
    """

    name = CHANNEL

    def __init__(
        self,
        gateway: Gateway,
        texts: Texts,
        *,
        profiles: Sequence[Profile] = (),
        webhook: Webhook | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self._texts = texts
        self._profiles = profiles
        self._webhook = webhook
        self._sleep = sleep
        self._myself = Myself(0, "")
        self._receive: Receive | None = None
        self._begun: dict[tuple[str, Reply], int] = {}
        self._replaced: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def routes(self) -> list[Route]:
        """Give what a web server has to serve; nothing when polling."""
        return [Route(self._webhook.path, self._delivered, methods=["POST"])] if self._webhook else []

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled. Raises ChannelError if Telegram does not know the token."""
        try:
            me = await self._insist(lambda: self._gateway.call("getMe", {}))
            commands = frozenset().union(*(profile.group_commands for profile in self._profiles))
            self._myself = Myself(me["id"], me.get("username", ""), commands)
            self._receive = receive
            self._in_background(self._introduce())
            if self._webhook:
                await self._insist(self._set_webhook)
                log.info("telegram.webhook", extra={"bot": self._myself.username})
                await asyncio.Event().wait()
            await self._insist(self._delete_webhook)
            log.info("telegram.polling", extra={"bot": self._myself.username})
            await self._poll(receive)
        finally:
            self._receive = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, chat: str, reply: Reply) -> None:
        """Show a reply. Raises `Undeliverable` or `TryLater`; tried again, it goes on where it stopped."""
        key = (chat, reply)
        shown = pieces(reply, self._texts)
        try:
            for number, piece in enumerate(shown[self._begun.get(key, 0) :], self._begun.get(key, 0) + 1):
                await self._send(chat, piece)
                self._begun[key] = number
        except RetryAfter as wait:
            raise TryLater(str(wait), after_s=wait.seconds) from wait
        except Unreachable as failure:
            raise TryLater(str(failure), after_s=REPLY_WAIT_S) from failure
        except Refused as refusal:
            if refusal.code in (401, 404):
                # The token is no good at the moment; the reply still is.
                raise TryLater(str(refusal), after_s=REVOKED_WAIT_S) from refusal
            self._begun.pop(key, None)
            raise Undeliverable(str(refusal), blocked=refusal.code == 403) from refusal
        self._begun.pop(key, None)

    async def working(self, chat: str) -> None:
        """Show "typing …" for five seconds or until the answer."""
        await self._try("sendChatAction", {**destination(chat), "action": "typing"})

    async def close(self) -> None:
        """Close the connections to Telegram, once no more replies are to be sent."""
        await self._gateway.close()

    # Receiving.

    async def _poll(self, receive: Receive) -> None:
        offset, wait = 0, FIRST_WAIT_S
        while True:
            try:
                updates = await self._insist(lambda offset=offset: self._gateway.updates(offset, POLL_S))
                await self._take(updates, receive)
            except GatewayError:
                raise
            except Exception:
                # Not stored, so not acknowledged: Telegram gives these updates again.
                log.exception("telegram.not_stored", extra={"retry_s": wait})
                await self._sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_S)
                continue
            wait = FIRST_WAIT_S
            if updates:
                offset = updates[-1]["update_id"] + 1

    async def _delivered(self, request: Request) -> Response:
        """Take one update; 200 only once it is stored, for then Telegram forgets it."""
        secret = self._webhook.secret if self._webhook else ""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        if self._receive is None:
            return Response(status_code=503)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_UPDATE:
                return Response(status_code=413)
        try:
            update = json.loads(body)
            await self._take([update], self._receive)
        except ValueError:
            return Response(status_code=400)
        except Exception:
            log.exception("telegram.not_stored")
            return Response(status_code=503)
        return Response(status_code=200)

    async def _take(self, updates: Sequence[Mapping[str, Any]], receive: Receive) -> None:
        now = datetime.now(UTC)
        messages = [message for update in updates if (message := self._read(update, now))]
        if messages:
            await receive(messages)
        for update in updates:
            if query := update.get("callback_query"):
                self._in_background(self._acknowledge(query))

    def _read(self, update: Mapping[str, Any], now: datetime) -> Message | None:
        try:
            return read(update, self._myself, now)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # One odd update must not stand in the way of all that follow it.
            log.warning(
                "telegram.unreadable",
                extra={"update": update.get("update_id"), "error": type(error).__name__},
            )
            return read_badly(update, now)

    async def _acknowledge(self, query: Mapping[str, Any]) -> None:
        """Stop the pressed button's clock, and leave of its keyboard only what was chosen."""
        await self._try("answerCallbackQuery", {"callback_query_id": query["id"]})
        message = query.get("message") or {}
        keyboard = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        pressed = next((b for row in keyboard for b in row if b.get("callback_data") == query.get("data")), None)
        if pressed is None or pressed["text"].startswith(CHOSEN):
            return
        chosen = {**pressed, "text": f"{CHOSEN}{pressed['text']}"}
        await self._try(
            "editMessageReplyMarkup",
            {
                "chat_id": message["chat"]["id"],
                "message_id": message["message_id"],
                "reply_markup": {"inline_keyboard": [[chosen]]},
            },
        )
