"""The seam to a Telegram library: receive raw updates, call a method. Nothing else crosses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.channels import ChannelError

# What a poll or a webhook brings us; everything else stays with Telegram.
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
ANSWER_S = 20.0  # a call that has no answer by then counts as lost


def gateway_for(name: str, token: str, api: str) -> Gateway:
    """Give the gateway of a library (`aiogram`, `ptb`) to the Bot API server at the base URL `api`.

    Raises ChannelError for an unknown name, a library that is not installed, or a token that is none.
    """
    # Either library takes a while to import: only the chosen one is.
    if name == "aiogram":
        from bot.channels.gateways.aiogram_gateway import AiogramGateway

        return AiogramGateway(token, api)
    if name == "ptb":
        from bot.channels.gateways.ptb_gateway import PtbGateway

        return PtbGateway(token, api)
    raise ChannelError(f"unknown Telegram gateway {name!r}; set LAOXIANG_TELEGRAM_GATEWAY to aiogram or ptb")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file among the parameters of a call: its name, its media type and what is in it."""

    name: str
    media_type: str
    content: bytes


class Gateway(Protocol):
    """What the Telegram channel needs of a library; held to one set of contract tests."""

    async def updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        """Long-poll `getUpdates` for what we want and give the raw updates. Raises the errors below."""

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Call a Bot API method by its name (`sendMessage`) and give its JSON result.

        A parameter may be an `Upload`: then the call goes out as a form with the file in it.
        """

    async def download(self, path: str) -> bytes:
        """Give the file at a path that `getFile` named. Raises the errors below."""

    async def close(self) -> None:
        """Close connections."""


class GatewayError(ChannelError):
    """A call to the Bot API did not succeed."""


class Unreachable(GatewayError):
    """No answer: network down, time-out, or the server failed (5xx).

    `asked` is False where there was no connection: then the call can't have had any effect.
    """

    def __init__(self, reason: str, *, asked: bool = True) -> None:
        super().__init__(reason)
        self.asked = asked


class RetryAfter(GatewayError):
    """Too many requests (429); `seconds` is what Telegram asks us to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Telegram asks to wait {seconds:g} s")
        self.seconds = seconds


class Refused(GatewayError):
    """Telegram understood and refused (400, 401, 403, 404, 409 …). `code` is the HTTP-like code."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
