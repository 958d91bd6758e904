"""Open event streams: how many a chat and an address may hold, and whether whoever holds one may still look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from bot.web.limits import TooMany, address_of
from bot.web.site import Site, site_of
from bot.web.visits import Visitor
from storage import web_chats

OF_A_CHAT = 4  # pages that are looked at: those in the background let go of theirs
AGAIN_S = 10  # when to try again


class OpenStreams:
    """Counts those of this process."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()

    def take(self, most: dict[tuple[str, str], int]) -> bool:
        """Count one more under each key, if none has as many as it may."""
        if any(self._open[key] >= limit for key, limit in most.items()):
            return False
        self._open.update(most.keys())
        return True

    def give_back(self, keys: Iterator[tuple[str, str]]) -> None:
        """Count one less under each key."""
        self._open.subtract(keys)
        self._open += Counter()  # drops what is down to nothing


@contextmanager
def held_stream(request: Request, visitor: Visitor) -> Iterator[None]:
    """Count a stream for as long as it is open. Raises TooMany where its chat or its address holds enough."""
    site = site_of(request)
    most = {("chat", visitor.chat): OF_A_CHAT, ("address", address_of(request)): site.settings.web_address_streams}
    if not site.streams.take(most):
        raise TooMany(AGAIN_S)
    try:
        yield
    finally:
        site.streams.give_back(iter(most))


async def may_look(site: Site, visitor: Visitor) -> bool:
    """Tell whether a visitor may still enter the chat; to look at an open page is no sign of life."""
    async with site.desk.database.read() as connection:
        found = await web_chats.chat_of(connection, visitor.secret, site.desk.clock.now())
    return found is not None and found[0] == visitor.chat
