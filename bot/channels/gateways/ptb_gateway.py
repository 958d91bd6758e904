"""The gateway over python-telegram-bot: its bot and HTTP client, but neither its models nor its application."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

from bot.channels import ChannelError
from bot.channels.gateways import ANSWER_S, WANTED, GatewayError, Refused, RetryAfter, Unreachable, Upload

try:
    from httpx import ConnectError, ConnectTimeout, PoolTimeout
    from telegram import Bot, InputFile
    from telegram.error import InvalidToken, TelegramError
    from telegram.request import HTTPXRequest
    from telegram.warnings import PTBUserWarning
except ImportError as error:
    raise ChannelError(
        "python-telegram-bot is not installed; run 'pip install laoxiang[ptb]' or set LAOXIANG_TELEGRAM_GATEWAY=aiogram"
    ) from error

# httpx looks through its whole pool for every request: with 100 connections it managed 134 calls a second, with 16
# twice that, and at a tenth of a second each 16 still carry five times what Telegram lets a bot send.
AT_ONCE = 16


class _Answer(TelegramError):
    """An answer that is not "ok". The library's own errors no longer tell 401 from 404, or 500 from no answer."""

    def __init__(self, code: int, payload: bytes) -> None:
        super().__init__(str(code))
        self.code = code
        self.payload = payload


class _Request(HTTPXRequest):
    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code >= 300:
            raise _Answer(code, payload)
        return code, payload


class PtbGateway:
    """Calls the Bot API at a base URL through python-telegram-bot."""

    def __init__(self, token: str, api: str) -> None:
        # It would rather have its methods called by their own names; a gateway calls any by any name.
        warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)
        # Its HTTP client logs every URL, and the token is part of it.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        api = api.rstrip("/")
        self._files = f"{api}/file/bot{token}"
        self._requests = _request(AT_ONCE), _request(1)
        calling, polling = self._requests
        try:
            self._bot = Bot(token, f"{api}/bot", f"{api}/file/bot", calling, polling)
        except InvalidToken as error:
            raise ChannelError("the Telegram token is not one; copy it from @BotFather again") from error

    async def updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        wanted = {"offset": offset, "timeout": timeout_s, "allowed_updates": list(WANTED)}
        updates: list[dict[str, Any]] = await self._call("getUpdates", wanted, timeout_s + ANSWER_S)
        return updates

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        return await self._call(method, params, ANSWER_S)

    async def download(self, path: str) -> bytes:
        try:
            return await self._requests[0].retrieve(f"{self._files}/{path}", read_timeout=ANSWER_S)
        except _Answer as answer:
            raise _ours(answer) from answer
        except TelegramError as error:
            reason = str(error).replace(self._bot.token, "***")
            raise Unreachable(f"Telegram can't be reached: {reason}") from error

    async def close(self) -> None:
        for request in self._requests:
            await request.shutdown()

    async def _call(self, method: str, params: Mapping[str, Any], timeout_s: float) -> Any:
        try:
            sent = {name: _sent(value) for name, value in params.items()}
            return await self._bot.do_api_request(method, sent, read_timeout=timeout_s)
        except _Answer as answer:
            raise _ours(answer) from answer
        except TelegramError as error:
            reason = str(error).replace(self._bot.token, "***")
            asked = not isinstance(error.__cause__, ConnectError | ConnectTimeout | PoolTimeout)
            raise Unreachable(f"Telegram can't be reached: {reason}", asked=asked) from error


def _sent(value: Any) -> Any:
    return InputFile(value.content, filename=value.name) if isinstance(value, Upload) else value


def _request(connections: int) -> _Request:
    return _Request(
        connections, connect_timeout=ANSWER_S, pool_timeout=ANSWER_S, write_timeout=ANSWER_S, read_timeout=ANSWER_S
    )


def _ours(answer: _Answer) -> GatewayError:
    try:
        told = json.loads(answer.payload)
    except ValueError:
        told = None
    if answer.code >= 500 or not isinstance(told, dict) or "description" not in told:
        return Unreachable(f"Telegram answered with {answer.code}")
    if seconds := (told.get("parameters") or {}).get("retry_after"):
        return RetryAfter(float(seconds))
    return Refused(answer.code, str(told["description"]))
