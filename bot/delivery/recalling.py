"""Takes announcements back: deletes what the channels let us delete, edits the rest; doing it twice does no harm."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.channels import Announcing, TryLater, Undeliverable
from bot.delivery.pace import Pace
from bot.delivery.wording import in_language, wordings
from handlers.desk import Office
from handlers.dialogue import Reply
from storage import announcements, deliveries
from storage.announcement_tables import Recall
from storage.deliveries import Recipient
from storage.errors import PASSING

log = logging.getLogger(__name__)

AT_ONCE = 25
PASSING_S = 1.0  # until a message is tried again that the database kept from being taken back


class Recalling:
    """The messages one process takes back."""

    def __init__(
        self, office: Office, channels: Mapping[str, Announcing], paces: Mapping[str, Pace], name: str
    ) -> None:
        self._office = office
        self._channels = channels
        self._paces = paces
        self._name = name

    async def work(self, number: str) -> bool:
        """Take back what can be, of one announcement; tell whether anything was done."""
        async with self._office.database.write() as connection:
            await deliveries.settle_recall(connection, number, self._name, self._office.clock.now())
            found = await announcements.by_number(connection, number)
        if found is None or found.recall is None:
            return False
        words = wordings(found.recall_content or {})
        after: tuple[str, str] | None = None
        did = progressed = False
        while True:
            some = await self._take(number, after)
            if not some and not progressed:
                return did
            if not some:
                # What had to wait in the first pass, once more.
                after, progressed = None, False
                continue
            ends = await asyncio.gather(*(self._one(one, found.recall, words) for one in some))
            await self._note(some, ends)
            progressed = progressed or any(end is not None for end in ends)
            did = did or progressed
            after = some[-1].channel, some[-1].chat

    async def _take(self, number: str, after: tuple[str, str] | None) -> list[Recipient]:
        async with self._office.database.write() as connection:
            await deliveries.beat(connection, self._name, self._office.clock.now())
            some = await deliveries.to_recall(connection, number, list(self._channels), after, AT_ONCE)
            await deliveries.begin_recall(connection, [one.id for one in some], self._name)
        return some

    async def _note(self, some: Sequence[Recipient], ends: Sequence[str | None]) -> None:
        by_end: dict[str | None, list[int]] = defaultdict(list)
        for one, end in zip(some, ends, strict=True):
            by_end[end].append(one.id)
        async with self._office.database.write() as connection:
            for end, ids in by_end.items():
                await deliveries.recalled(connection, ids, end)

    async def _one(self, one: Recipient, how: Recall, words: Mapping[str, Reply]) -> str | None:
        """Take one message back; give what became of it, None if it has to be tried again."""
        channel = self._channels[one.channel]
        ways = ("deleted", "edited") if how is Recall.DELETE else ("edited", "deleted")
        try:
            for way in ways:
                if way == "edited" and not words:
                    continue
                if paced := self._paces.get(one.channel):
                    await paced.quiet_turn(one.chat)
                if way == "deleted" and await channel.retract(one.chat, one.message_ids):
                    return way
                if way == "edited" and await channel.amend(one.chat, one.message_ids, in_language(words, one.language)):
                    return way
        except TryLater as wait:
            await asyncio.sleep(min(wait.after_s, 5.0))
            return None
        except Undeliverable:
            return "failed"
        except PASSING:
            log.exception("announcement.not_stored", extra={"announcement": one.announcement})
            await asyncio.sleep(PASSING_S)
            return None
        except Exception:
            # A fault of ours with one message must not keep the others from being taken back.
            log.exception("announcement.not_recalled", extra={"announcement": one.announcement})
            return "failed"
        return "failed"
