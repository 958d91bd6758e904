"""The announcements' engine put together: the channels it sends on, their pace, and the office's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels import Announcing, TryLater
from bot.delivery.broadcasts import Broadcasts
from bot.delivery.pace import Pace
from bot.delivery.sending import Rules
from handlers.announce_reports import tell_staff
from handlers.announce_rules import chosen
from handlers.desk import Office
from handlers.dialogue import Reply
from storage import outbox
from storage.errors import PASSING, Conflict
from storage.receiving import may_receive
from storage.subscriptions import note_blocked

TERMINAL = "terminal"
RULES = Rules(chosen, may_receive, note_blocked, tell_staff)


class Kept:
    """A channel whose people come by when they like: the words wait for them among the replies."""

    def __init__(self, office: Office, name: str) -> None:
        self._office = office
        self.name = name

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        """Leave a reply for whoever opens this chat next; it has no number. Raises `TryLater`."""
        try:
            async with self._office.database.write() as connection:
                await outbox.enqueue(connection, self.name, chat, [reply], self._office.clock.now())
        except PASSING as error:
            raise TryLater(str(error), after_s=1.0, uncertain=not isinstance(error, Conflict)) from error
        return ()

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        """Tell that what was shown in a terminal stands there."""
        return False

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        """Tell the same."""
        return False


def engine(office: Office, channels: Mapping[str, Any], *, serving: bool = True) -> Broadcasts:
    """Give the engine for those of these channels that can announce, and for terminals.

    A channel that has a `pace` keeps it. Whoever only sits at a terminal is not `serving` anybody else.
    """
    announcing: dict[str, Announcing] = {TERMINAL: Kept(office, TERMINAL)}
    announcing |= {
        name: channel for name, channel in channels.items() if name != TERMINAL and isinstance(channel, Announcing)
    }
    paces = {
        name: pace for name, channel in channels.items() if isinstance(pace := getattr(channel, "pace", None), Pace)
    }
    return Broadcasts(office, announcing, RULES, paces, serving=serving)
