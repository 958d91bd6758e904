"""The seam to a Telegram library: receive raw updates, call a method. Nothing else crosses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.channels import ChannelError


class Gateway(Protocol):
    """What the Telegram channel needs of a library; held to one set of contract tests."""

    async def updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        """Long-poll `getUpdates` and give the raw updates. Raises the errors below."""

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Call a Bot API method by its name (`sendMessage`) and give its JSON result."""

    async def close(self) -> None:
        """Close connections."""


class GatewayError(ChannelError):
    """A call to the Bot API did not succeed."""


class Unreachable(GatewayError):
    """No answer: network down, time-out, or the server failed (5xx)."""


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
