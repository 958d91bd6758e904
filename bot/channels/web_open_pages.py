"""Open pages of chats: who looks, what they are told, and what other processes changed meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from storage import web_chats
from storage.database import Database
from storage.web_chats import Line, Mark

log = logging.getLogger(__name__)

POLL_S = 1.0  # until a page hears of what another process wrote
CHECK_S = 60.0  # between two looks whether whoever opened a page may still see it


class News(StrEnum):
    """What an open page hears of its chat."""

    LINE = "line"  # a new line, or one that reads otherwise now
    GONE = "gone"  # a line was taken away
    CLEARED = "cleared"  # all lines were taken away
    WORKING = "working"  # an answer is being prepared


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a chat, as `News` says; `number` is that of the line."""

    news: News
    number: int = 0
    line: Line | None = None


@dataclass(slots=True)
class Known:
    """What the open pages of a chat know: its mark when it was last looked at, and how each line reads."""

    mark: Mark
    bodies: dict[int, str]

    def note(self, event: Event) -> None:
        """Take note of what they are told."""
        if event.news is News.CLEARED:
            self.bodies.clear()
        elif event.news is News.GONE:
            self.bodies.pop(event.number, None)
        elif event.line is not None:
            self.bodies[event.line.id] = event.line.body


class OpenPages:
    """The pages that are open in this process."""

    def __init__(self, database: Database, *, poll_s: float = POLL_S, check_s: float = CHECK_S) -> None:
        self._database = database
        self._poll_s = poll_s
        self._check_s = check_s
        self._pages: dict[str, dict[asyncio.Queue[Event | None], str]] = {}  # each with who looks at it
        self._known: dict[str, Known] = {}  # what open pages know, where other processes may change it
        self._held: dict[str, Event] = {}  # presses of boxes, shown only if their question is answered by it

    def has(self, chat: str) -> bool:
        """Tell whether a chat is open on any page."""
        return chat in self._pages

    def hold(self, chat: str, event: Event) -> None:
        """Keep what happened until it is known whether it is to be shown."""
        self._held[chat] = event

    def let_go(self, chat: str) -> Event | None:
        """Give what was kept of a chat, if anything was."""
        return self._held.pop(chat, None)

    def close(self) -> None:
        """End all pages; browsers come back by themselves."""
        for page in [page for pages in self._pages.values() for page in pages]:
            page.put_nowait(None)

    async def listen(
        self, chat: str, after: int, *, who: str = "", may: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[Event]:
        """Give what happens in a chat, from the line after one on, until the assistant stops.

        It ends at once when `who` is hung up on, and within a minute when they no longer `may` look.
        """
        with self._page(chat, who) as page:
            # Shielded: a page that is closed meanwhile would tear a connection out of the database's hands.
            for line in await asyncio.shield(self._begin(chat, after)):
                yield Event(News.LINE, line.id, line)
            loop = asyncio.get_running_loop()
            check_at = loop.time() + self._check_s
            while True:
                try:
                    async with asyncio.timeout_at(check_at if may else None):
                        event = await page.get()
                except TimeoutError:
                    if may is not None and not await asyncio.shield(may()):
                        return
                    check_at = loop.time() + self._check_s
                    continue
                if event is None:
                    return
                yield event

    def hang_up(self, chat: str, who: str) -> None:
        """End the open pages of somebody in a chat."""
        for page, looking in self._pages.get(chat, {}).items():
            if looking == who:
                page.put_nowait(None)

    @contextmanager
    def _page(self, chat: str, who: str) -> Iterator[asyncio.Queue[Event | None]]:
        page: asyncio.Queue[Event | None] = asyncio.Queue()
        self._pages.setdefault(chat, {})[page] = who
        try:
            yield page
        finally:
            del self._pages[chat][page]
            if not self._pages[chat]:
                del self._pages[chat]
                self._known.pop(chat, None)

    async def _begin(self, chat: str, after: int) -> list[Line]:
        """Give the lines a page that opens does not have, and note what it knows then."""
        if self._database.is_sqlite:
            return await self._lines(chat, after)
        async with self._database.read() as connection:
            mark = (await web_chats.marks(connection, [chat])).get(chat, web_chats.NO_LINES)
            every = await web_chats.lines(connection, chat)
        self._known.setdefault(chat, Known(mark, {line.id: line.body for line in every}))
        return [line for line in every if line.id > after]

    def tell(self, chat: str, event: Event) -> None:
        if known := self._known.get(chat):
            if event.line is not None and known.bodies.get(event.number) == event.line.body:
                # Whoever looks for others' words found these between their commit and this word of them.
                return
            known.note(event)
        for page in self._pages.get(chat, ()):
            page.put_nowait(event)

    async def hear_of_others(self) -> None:
        """Tell open pages what other processes wrote; on SQLite there are none."""
        if self._database.is_sqlite:
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(self._poll_s)
            open_chats = list(self._known)
            try:
                async with self._database.read() as connection:
                    marks = await web_chats.marks(connection, open_chats) if open_chats else {}
                for chat in open_chats:
                    await self._compare(chat, marks.get(chat, web_chats.NO_LINES))
            except Exception:
                # A database that is away for a moment must not deafen the pages for good.
                log.exception("web.not_heard")

    async def _compare(self, chat: str, mark: Mark) -> None:
        """Tell the pages of a chat what reads otherwise than they know, if its mark is another."""
        known = self._known.get(chat)
        if known is None or known.mark == mark:
            return
        lines = await self._lines(chat)
        known.mark = mark
        # A pressed box is not shown before it is known what becomes of it.
        held = self._held[chat].number if chat in self._held else 0
        if known.bodies and not lines:
            self.tell(chat, Event(News.CLEARED))
        # Of a long chat only the newest lines are read.
        read_from = lines[0].id if len(lines) == web_chats.MOST_LINES else 0
        there = {line.id for line in lines}
        for number in [number for number in known.bodies if number >= read_from and number not in there]:
            self.tell(chat, Event(News.GONE, number))
        for line in lines:
            if known.bodies.get(line.id) != line.body and line.id != held:
                self.tell(chat, Event(News.LINE, line.id, line))

    async def _lines(self, chat: str, after: int = 0) -> list[Line]:
        async with self._database.read() as connection:
            return await web_chats.lines(connection, chat, after=after)
