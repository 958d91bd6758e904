"""Channels turn what arrives into a Message, and a Reply into what the channel can show.

A new channel is one file here that satisfies `Channel`, its name below, and one line in `bot/commands/chatting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from handlers.dialogue import Message, Reply

# What a setting may name.
NAMES = frozenset({"telegram", "terminal", "web"})


class Receive(Protocol):
    """Store messages durably; when it returns, the channel may acknowledge them to its platform."""

    async def __call__(self, messages: Sequence[Message]) -> None: ...


class Channel(Protocol):
    """What reception and delivery need of a channel."""

    name: str

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled, handing every message to `receive` before acknowledging it."""

    async def send(self, chat: str, reply: Reply) -> None:
        """Show a reply. Raises `Undeliverable` (never retry) or `TryLater` (retry after a while)."""

    async def working(self, chat: str) -> None:
        """Show that an answer is being prepared; failures are of no consequence and not raised."""


class ChannelError(Exception):
    """Something between us and the channel's platform."""


class Undeliverable(ChannelError):
    """The platform refuses this message for good: the person blocked us, or the content is invalid.

    `blocked` tells the two apart.
    """

    def __init__(self, reason: str, *, blocked: bool = False) -> None:
        super().__init__(reason)
        self.blocked = blocked


class TryLater(ChannelError):
    """The platform asks for patience, or can't be reached; try again after `after_s` seconds."""

    def __init__(self, reason: str, *, after_s: float) -> None:
        super().__init__(reason)
        self.after_s = after_s
