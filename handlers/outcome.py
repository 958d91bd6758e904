"""What came of one message: the conversation as it now stands, what to say, and what to change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from handlers.dialogue import Reply
from storage.conversations import Conversation
from storage.database import Connection

Effect: TypeAlias = Callable[[Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a handler, applied by reception in one transaction.

    An effect may raise `storage.errors.Conflict`: then nothing is written and the handler runs
    again on the facts as they are now.
    """

    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
