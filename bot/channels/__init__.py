"""Channels turn what arrives into a Message, and a Reply into what the channel can show.

A new channel is one file here that satisfies `Channel`, its name below, and one line in `bot/commands/chatting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class Announcing(Protocol):
    """What announcements need of a channel; one without it has none."""

    name: str

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        """Show a reply nobody waits for, but for its first `after` messages; give the channel's ids of the others.

        Raises `Undeliverable` or `TryLater`, which tells what did arrive, and whether one more may have.
        """

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        """Delete messages; False where the platform does not let us any more. Raises `TryLater`, `Undeliverable`."""

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        """Show a reply in place of the last of these messages; False where that can't be changed. Raises as above."""


class ChannelError(Exception):
    """Something between us and the channel's platform."""


class Undeliverable(ChannelError):
    """The platform refuses this message for good: the person blocked us, or the content is invalid.

    `blocked` tells the two apart; `ids` are messages of the same reply that arrived before.
    """

    def __init__(self, reason: str, *, blocked: bool = False, ids: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.blocked = blocked
        self.ids = ids


class TryLater(ChannelError):
    """The platform asks for patience, or can't be reached; try again after `after_s` seconds.

    `uncertain` tells that nobody knows whether the message arrived, `asked` that it was the platform's wish to wait,
    `ids` which messages of the same reply arrived before.
    """

    def __init__(
        self, reason: str, *, after_s: float, uncertain: bool = False, asked: bool = False, ids: Sequence[str] = ()
    ) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.uncertain = uncertain
        self.asked = asked
        self.ids = ids
