"""The gateway over aiogram: its HTTP session and its errors, but neither its models nor its dispatcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientConnectorError, ClientError, ClientResponseError, ConnectionTimeoutError, FormData
from aiohttp.payload import JsonPayload

from bot.channels import ChannelError
from bot.channels.gateways import ANSWER_S, WANTED, GatewayError, Refused, RetryAfter, Unreachable, Upload

AT_ONCE = 100  # connections for calls
# Anything else it refuses counts as a bad request.
CODES: Mapping[type[TelegramAPIError], int] = {
    TelegramUnauthorizedError: 401,
    TelegramForbiddenError: 403,
    TelegramNotFound: 404,
    TelegramConflictError: 409,
}

# aiogram asks for this class with every answer; pydantic builds it anew unless somebody holds on to it.
RAW = Response[Any]


class _Session(AiohttpSession):
    """Sends parameters as one JSON object; building a form of them takes longer than all else in a call."""

    def build_form_data(self, bot: Bot, method: TelegramMethod[Any]) -> JsonPayload | FormData:  # type: ignore[override]
        params = method.model_extra or {}
        if not any(isinstance(value, Upload) for value in params.values()):
            return JsonPayload(params, dumps=self.json_dumps)
        # Unquoted, or a Chinese file name would arrive as percent signs.
        form = FormData(quote_fields=False)
        for name, value in params.items():
            if isinstance(value, Upload):
                form.add_field(name, value.content, filename=value.name, content_type=value.media_type)
            else:
                form.add_field(name, value if isinstance(value, str) else self.json_dumps(value))
        return form


class AiogramGateway:
    """Calls the Bot API at a base URL through aiogram.

    Results stay raw JSON: reading every update into a model costs more than storing it.
    """

    def __init__(self, token: str, api: str) -> None:
        server = TelegramAPIServer.from_base(api.rstrip("/"))
        self._session = _Session(api=server, limit=AT_ONCE, timeout=ANSWER_S)
        try:
            self._bot = Bot(token, session=self._session)
        except TokenValidationError as error:
            raise ChannelError("the Telegram token is not one; copy it from @BotFather again") from error
        self._methods: dict[str, type[TelegramMethod[Any]]] = {}

    async def updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        wanted = {"offset": offset, "timeout": timeout_s, "allowed_updates": list(WANTED)}
        updates: list[dict[str, Any]] = await self._call("getUpdates", wanted, timeout_s + ANSWER_S)
        return updates

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        return await self._call(method, params, ANSWER_S)

    async def download(self, path: str) -> bytes:
        url = self._session.api.file_url(self._bot.token, path)
        try:
            return b"".join([chunk async for chunk in self._session.stream_content(url, timeout=int(ANSWER_S))])
        except ClientResponseError as error:
            # Without its cause, whose message names the URL, and so the token.
            raise Refused(error.status, error.message) from None
        except (ClientError, TimeoutError) as error:
            raise Unreachable(f"Telegram can't be reached: {type(error).__name__}") from None

    async def close(self) -> None:
        # aiogram's own close sleeps a quarter of a second after this.
        await (await self._session.create_session()).close()

    async def _call(self, method: str, params: Mapping[str, Any], timeout_s: float) -> Any:
        request = self._method(method)(**params)
        try:
            return await self._bot(request, request_timeout=int(timeout_s))
        except AiogramError as error:
            raise _ours(error, self._bot.token) from error

    def _method(self, name: str) -> type[TelegramMethod[Any]]:
        """Give a method that takes any parameters and gives its result as it came."""
        known = self._methods.get(name)
        if known is None:
            told = {"__module__": __name__, "__api_method__": name, "__returning__": Any}
            known = type(name, (TelegramMethod,), told)
            self._methods[name] = known
        return known


def _ours(error: AiogramError, token: str) -> GatewayError:
    match error:
        case TelegramRetryAfter():
            return RetryAfter(error.retry_after)
        case TelegramEntityTooLarge():
            return Refused(413, error.message)
        case TelegramNetworkError() | TelegramServerError():
            asked = not isinstance(error.__cause__, ClientConnectorError | ConnectionTimeoutError)
            return Unreachable(f"Telegram can't be reached: {error.message.replace(token, '***')}", asked=asked)
        case TelegramAPIError():
            return Refused(CODES.get(type(error), 400), error.message)
        case _:
            # An error page of a proxy, for one.
            return Unreachable(f"Telegram did not answer as expected ({type(error).__name__})")
