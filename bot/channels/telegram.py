"""Telegram as a channel: long polling or a webhook in, messages with keyboards out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from starlette.routing import Route

from bot.channels import ChannelError, Receive, TryLater, Undeliverable
from bot.channels.gateways import WANTED, Gateway, GatewayError, Refused, RetryAfter, Unreachable, Upload
from bot.channels.telegram_profile import Profile, introductions
from bot.channels.telegram_updates import CHANNEL, UNREADABLE, Myself, destination, read, read_badly
from bot.channels.telegram_view import Piece, pieces
from bot.channels.telegram_webhook import Webhook, delivery
from bot.delivery.pace import Pace
from handlers.dialogue import BOXES, File, Invitation, Message, Reply
from handlers.texts import Texts
from storage.errors import PASSING

log = logging.getLogger(__name__)

POLL_S = 30  # how long Telegram holds a poll that has nothing to say
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
REPLY_WAIT_S = 3.0  # until a reply is tried again when Telegram can't be reached
REVOKED_WAIT_S = 60.0
CONNECTIONS = 100  # webhook deliveries at once, the most Telegram offers
CHOSEN = "✓ "  # before the label of the button that was pressed
KEPT_ANNOUNCEMENTS = 16
# Bot API, sendPhoto: at most 10 MB, width and height together 10,000, one at most 20 times the other.
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
NO_PHOTO = ("PHOTO_", "IMAGE_PROCESS_FAILED", "file is too big", "file too large")
METHODS = {"photo": "sendPhoto", "document": "sendDocument"}
UNKNOWN = (401, 404)  # what Telegram answers to a token it does not know

T = TypeVar("T")


class TelegramChannel:
    """One bot. With a `webhook`, serve `routes` and Telegram delivers to them; without one it is asked.

    The first of `profiles` is shown to those whose language has none. Without a `pace` it speaks as fast as it can.
    """

    name = CHANNEL

    def __init__(
        self,
        gateway: Gateway,
        texts: Texts,
        *,
        profiles: Sequence[Profile] = (),
        webhook: Webhook | None = None,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self._texts = texts
        self._profiles = profiles
        self._webhook = webhook
        self.pace = pace
        self._sleep = sleep
        self._myself = Myself(0, "")
        self._receive: Receive | None = None
        self._left: dict[tuple[str, Reply], list[Piece]] = {}  # what is still to be shown of replies that had to wait
        self._announced: dict[int, tuple[Reply, list[Piece]]] = {}  # the latest announcements, as they are shown
        self._uploads: dict[File, tuple[str, str]] = {}  # of files that many get: how they were sent, Telegram's number
        self._replaced: set[str] = set()  # chats in which a keyboard stands in place of the letters
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def routes(self) -> list[Route]:
        """Give what a web server has to serve; nothing when polling."""
        return [delivery(self._webhook, self._delivered)] if self._webhook else []

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled. Raises ChannelError if Telegram does not know the token."""
        try:
            await self._insist(self._know_myself)
            self._in_background(self._introduce())
            if self._webhook:
                self._receive = receive
                await self._insist(self._set_webhook)
                await asyncio.Event().wait()
            await self._insist(self._delete_webhook)
            await self._poll(receive)
        finally:
            self._receive = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, chat: str, reply: Reply) -> None:
        """Show a reply. Raises `Undeliverable` or `TryLater`; tried again, it goes on where it stopped."""
        key = (chat, reply)
        # One message can't both take the keyboard away and carry buttons.
        apart = chat in self._replaced and bool(reply.buttons) and not reply.ask_contact
        left = self._left.pop(key, [])
        try:
            if any(isinstance(part, Invitation) for part in reply.parts):
                await self._know_myself()
            left = left or pieces(reply, self._texts, apart=apart, bot=self._myself.username)
            if reply.replaces and len(left) == 1:
                await self._turn(chat)
                if await self._replace(chat, reply.replaces, left[0]):
                    return
            while left:
                await self._turn(chat)
                await self._send(chat, left[0])
                left = left[1:]
        except GatewayError as error:
            failure = await self._told(chat, error)
            if isinstance(failure, TryLater):
                self._left[key] = left
            raise failure from error

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        """Show a reply nobody waits for, and give the ids of its messages; whoever calls has waited for the first.

        Raises `Undeliverable` or `TryLater`.
        """
        ids: list[str] = []
        try:
            for place, piece in enumerate((await self._shown(reply))[after:]):
                if place and self.pace is not None:
                    await self.pace.quiet_turn(chat)
                ids.append(str((await self._send(chat, piece, keep=True))["message_id"]))
        except GatewayError as error:
            raise await self._told(chat, error, ids) from error
        except PASSING as error:
            # No moment for the next part; what came before it has arrived.
            raise TryLater(str(error), after_s=REPLY_WAIT_S, ids=ids) from error
        return ids

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        """Delete our own messages; Telegram lets us for 48 hours (Bot API, deleteMessage)."""
        done = True
        for number in ids:
            try:
                about = {"chat_id": destination(chat)["chat_id"], "message_id": int(number)}
                await self._gateway.call("deleteMessage", about)
            except Refused as refusal:
                if refusal.code != 400:
                    raise await self._told(chat, refusal) from refusal
                done = done and "not found" in refusal.description
            except GatewayError as error:
                raise await self._told(chat, error) from error
        return done

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        """Show other words in place of an announcement's last message, and delete the ones before it."""
        shown = await self._shown(reply)
        try:
            if not ids or len(shown) != 1 or not await self._replace(chat, ids[-1], shown[0]):
                return False
        except GatewayError as error:
            raise await self._told(chat, error) from error
        return await self.retract(chat, ids[:-1])

    async def working(self, chat: str) -> None:
        """Show "typing …" for five seconds or until the answer."""
        await self._try("sendChatAction", {**destination(chat), "action": "typing"})

    async def close(self) -> None:
        """Close the connections to Telegram, once nothing more is to be sent."""
        await self._gateway.close()

    # Receiving.

    async def _poll(self, receive: Receive) -> None:
        log.info("telegram.polling", extra={"bot": self._myself.username})
        offset, wait_s = 0, FIRST_WAIT_S
        while True:
            updates = await self._insist(partial(self._gateway.updates, offset, POLL_S))
            try:
                await self._take(updates, receive)
            except Exception:
                # Neither stored nor acknowledged: the next poll brings the same updates again.
                log.exception("telegram.not_stored", extra={"retry_s": wait_s})
                await self._sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            wait_s = FIRST_WAIT_S
            if updates:
                offset = updates[-1]["update_id"] + 1

    async def _delivered(self, update: Mapping[str, Any]) -> bool:
        if self._receive is None:
            return False
        await self._take([update], self._receive)
        return True

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
        except UNREADABLE as error:
            # One odd update must not stand in the way of all that follow it.
            about = {"update": update.get("update_id"), "error": type(error).__name__}
            log.warning("telegram.unreadable", extra=about)
            return read_badly(update, now)

    async def _acknowledge(self, query: Mapping[str, Any]) -> None:
        """Stop the pressed button's clock, and leave of its keyboard only what was chosen; boxes stay as they are."""
        await self._try("answerCallbackQuery", {"callback_query_id": query["id"]})
        message = query.get("message") or {}
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        pressed = next((b for row in rows for b in row if b.get("callback_data") == query.get("data")), None)
        if pressed is None or pressed["text"].startswith((CHOSEN, *BOXES)):
            return
        chosen = {"text": CHOSEN + pressed["text"], "callback_data": pressed["callback_data"]}
        about = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
        keyboard = {"inline_keyboard": [[chosen]]}
        await self._try("editMessageReplyMarkup", {**about, "reply_markup": keyboard})

    # Sending.

    async def _turn(self, chat: str) -> None:
        if self.pace is not None:
            await self.pace.turn(chat)

    async def _told(self, chat: str, error: GatewayError, ids: Sequence[str] = ()) -> TryLater | Undeliverable:
        """Say what a failed call means for what was to be shown."""
        match error:
            case RetryAfter():
                if self.pace is not None:
                    await self.pace.refused(chat, error.seconds)
                return TryLater(str(error), after_s=error.seconds, asked=True, ids=ids)
            case Refused() if error.code in UNKNOWN:
                # The token is no good at the moment; the reply still is.
                return TryLater(str(error), after_s=REVOKED_WAIT_S, ids=ids)
            case Refused():
                return Undeliverable(str(error), blocked=error.code == 403, ids=ids)
            case Unreachable():
                return TryLater(str(error), after_s=REPLY_WAIT_S, uncertain=error.asked, ids=ids)
        return TryLater(str(error), after_s=REPLY_WAIT_S, uncertain=True, ids=ids)

    async def _shown(self, reply: Reply) -> list[Piece]:
        """Give the messages of an announcement; thousands get the same."""
        known = self._announced.get(id(reply))
        if known is None or known[0] is not reply:
            if any(isinstance(part, Invitation) for part in reply.parts):
                await self._know_myself()
            known = reply, pieces(reply, self._texts, bot=self._myself.username)
            if len(self._announced) >= KEPT_ANNOUNCEMENTS:
                del self._announced[next(iter(self._announced))]
            self._announced[id(reply)] = known
        return known[1]

    async def _send(self, chat: str, piece: Piece, *, keep: bool = False) -> Any:
        """Send one message; give it as Telegram tells it. A file that many get is kept (`keep`) and uploaded once."""
        if piece.file is not None:
            sent = await self._send_file(chat, piece.file, keep=keep)
            self._accepted()
            return sent
        params = {**destination(chat), "link_preview_options": {"is_disabled": True}}
        if piece.markup:
            params["reply_markup"] = piece.markup
        elif chat in self._replaced:
            params["reply_markup"] = {"remove_keyboard": True}
        try:
            sent = await self._gateway.call("sendMessage", {**params, "text": piece.html, "parse_mode": "HTML"})
        except Refused as refusal:
            if "can't parse entities" not in refusal.description:
                raise
            log.error("telegram.unparsable", extra={"reason": refusal.description})  # noqa: TRY400 - no fault here
            sent = await self._gateway.call("sendMessage", {**params, "text": piece.plain})
        self._accepted()
        if piece.markup and "keyboard" in piece.markup:
            self._replaced.add(chat)
        elif not piece.markup:
            self._replaced.discard(chat)
        return sent

    async def _send_file(self, chat: str, file: File, *, keep: bool) -> Any:
        """Send a picture to look at, or a file to take along."""
        ways = ["document"] if file.media_type not in PHOTOS else ["photo", "document"]
        if keep and file in self._uploads:
            way, number = self._uploads[file]
            try:
                return await self._gateway.call(METHODS[way], {**destination(chat), way: number})
            except Refused as refusal:
                if refusal.code != 400 or "file" not in refusal.description.lower():
                    raise
                # Telegram does not know it any more.
                self._uploads.pop(file, None)
        upload = Upload(file.name, file.media_type, file.content)
        for way in ways:
            try:
                sent = await self._gateway.call(METHODS[way], {**destination(chat), way: upload})
            except Refused as refusal:
                if way == ways[-1] or not any(word in refusal.description for word in NO_PHOTO):
                    raise
                # Too large or too long for a photo: it comes as it is.
                continue
            if keep and (number := _number_of(sent, way)):
                while len(self._uploads) >= KEPT_ANNOUNCEMENTS:
                    del self._uploads[next(iter(self._uploads))]
                self._uploads[file] = way, number
            return sent
        raise AssertionError("the last way either succeeds or raises")

    def _accepted(self) -> None:
        if self.pace is not None:
            self.pace.accepted()

    async def _replace(self, chat: str, number: str, piece: Piece) -> bool:
        """Show a message in place of an earlier one; False where that one is gone or can't be changed."""
        place = {"chat_id": destination(chat)["chat_id"], "message_id": int(number)}
        shown = {"text": piece.html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
        keyboard = {"reply_markup": piece.markup} if piece.markup else {}
        try:
            await self._gateway.call("editMessageText", {**place, **shown, **keyboard})
        except Refused as refusal:
            if refusal.code != 400:
                raise
            # It stands there already where an earlier call arrived and its answer did not.
            return "is not modified" in refusal.description
        return True

    # Setting up.

    async def _know_myself(self) -> None:
        """Learn our own name; replies of an earlier run are sent before anything is received."""
        if not self._myself.id:
            me = await self._gateway.call("getMe", {})
            commands = {name for profile in self._profiles for name in profile.group_commands}
            self._myself = Myself(me["id"], me.get("username", ""), commands)

    async def _introduce(self) -> None:
        for method, params in introductions(self._profiles):
            await self._try(method, params)

    async def _set_webhook(self) -> None:
        if self._webhook is None:
            return
        wanted = {
            "url": self._webhook.address,
            "secret_token": self._webhook.secret,
            "allowed_updates": list(WANTED),
            "max_connections": CONNECTIONS,
        }
        await self._gateway.call("setWebhook", wanted)
        log.info("telegram.webhook", extra={"bot": self._myself.username})

    async def _delete_webhook(self) -> None:
        # Telegram refuses polls while a webhook is set.
        info = await self._gateway.call("getWebhookInfo", {})
        if info.get("url"):
            log.warning("telegram.webhook_removed", extra={"bot": self._myself.username})
            await self._gateway.call("deleteWebhook", {})

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until Telegram answers, waiting longer each time; an unknown token is told at once."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                return await call()
            except RetryAfter as wait:
                log.warning("telegram.wait", extra={"retry_s": wait.seconds})
                await self._sleep(wait.seconds)
                continue
            except Unreachable as failure:
                log.warning("telegram.unreachable", extra={"reason": str(failure), "retry_s": wait_s})
            except Refused as refusal:
                if refusal.code in UNKNOWN:
                    raise ChannelError(
                        "Telegram does not know this bot's token; copy it from @BotFather "
                        "and set LAOXIANG_TELEGRAM_TOKEN"
                    ) from refusal
                if refusal.code != 409:
                    raise
                advice = "another process polls with this token, or a webhook was set: stop one of them"
                log.warning("telegram.conflict", extra={"advice": advice, "retry_s": wait_s})
            await self._sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _try(self, method: str, params: Mapping[str, Any]) -> None:
        """Call what is pleasant to have but nobody waits for."""
        try:
            await self._gateway.call(method, params)
        except GatewayError as error:
            log.info("telegram.skipped", extra={"method": method, "reason": str(error)})

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _number_of(sent: Mapping[str, Any], way: str) -> str:
    """Give Telegram's number of a file that was just sent; of a photo it has several sizes, the largest last."""
    about = sent.get(way) or {}
    if way == "photo":
        about = about[-1] if about else {}
    return str(about.get("file_id", ""))
