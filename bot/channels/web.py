"""The county's own pages as a channel: what is said stands in the database, and open pages hear of it at once."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from bot.channels import Receive, TryLater, Undeliverable
from bot.channels.web_transcript import Transcript
from handlers.clock import Clock
from handlers.dialogue import Attachment, Message, MessageKind, Reply
from handlers.ids import Ids
from storage import forgetting, web_chats, web_files
from storage.database import Database
from storage.errors import PASSING, Conflict
from storage.web_chats import CHANNEL, Line, Mark, NewLine

log = logging.getLogger(__name__)

POLL_S = 1.0  # until a page hears of what another process wrote
CHECK_S = 60.0  # between two looks whether whoever opened a page may still see it
FIRST_LOOK_S, LONGEST_LOOK_S = 0.01, 0.25


class NotServed(Exception):
    """Nothing can be received at the moment: the assistant is starting or stopping."""


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


class WebChannel:
    """Chats of people with a browser, or another program that speaks for one."""

    name = CHANNEL

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, *, poll_s: float = POLL_S, check_s: float = CHECK_S
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._transcript = Transcript(database)
        self._poll_s = poll_s
        self._check_s = check_s
        self._receive: Receive | None = None
        self._pages: dict[str, dict[asyncio.Queue[Event | None], str]] = {}  # each with who looks at it
        self._known: dict[str, Known] = {}  # what open pages know, where other processes may change it
        self._held: dict[str, Event] = {}  # presses of boxes, shown only if their question is answered by it

    @property
    def is_served(self) -> bool:
        """Tell whether what pages bring is taken at the moment."""
        return self._receive is not None

    # What reception and delivery need.

    async def run(self, receive: Receive) -> None:
        """Take what pages bring until cancelled; then every open page is told to come back later."""
        self._receive = receive
        try:
            await self._hear_of_others()
        finally:
            self._receive = None
            for page in [page for pages in self._pages.values() for page in pages]:
                page.put_nowait(None)

    async def send(self, chat: str, reply: Reply) -> None:
        """Write a reply into the chat and show it on its open pages. Raises TryLater when it can't be written."""
        body, held = reply.model_dump_json(), self._held.pop(chat, None)
        if reply.replaces and await self._replace(chat, int(reply.replaces), reply, body):
            return
        if held is not None:
            self._tell(chat, held)
        try:
            line = await self._transcript.write(NewLine(chat, body, self._clock.now()))
        except PASSING as error:
            raise TryLater(str(error), after_s=POLL_S) from error
        if line is None:
            return
        if chat in self._pages:
            async with self._database.read() as connection:
                first = await web_chats.first_line(connection, chat)
            if first == line.id:
                # Somebody asked for everything to be deleted: it goes from their screens as well.
                self._tell(chat, Event(News.CLEARED))
        self._tell(chat, Event(News.LINE, line.id, line))

    async def working(self, chat: str) -> None:
        """Let open pages show that an answer is being prepared."""
        self._tell(chat, Event(News.WORKING))

    # What announcements need.

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        """Write what nobody waits for into the chat; gives its line. Raises Undeliverable where nobody can read it."""
        if after:
            return []
        try:
            async with self._database.read() as connection:
                if not await web_chats.has_readers(connection, chat, self._clock.now()):
                    raise Undeliverable("no browser may enter this chat any more", blocked=True)
        except PASSING as error:
            raise TryLater(str(error), after_s=POLL_S) from error
        try:
            line = await self._transcript.write(NewLine(chat, reply.model_dump_json(), self._clock.now()))
        except PASSING as error:
            # A conflict wrote nothing; of anything else nobody knows whether it came before the commit.
            uncertain = not isinstance(error, Conflict)
            raise TryLater(str(error), after_s=POLL_S, uncertain=uncertain) from error
        if line is None:
            return []
        self._tell(chat, Event(News.LINE, line.id, line))
        return [str(line.id)]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        """Take lines away, here and on open pages."""
        numbers = [int(number) for number in ids]
        async with self._database.write() as connection:
            await web_chats.erase(connection, chat, numbers)
        for number in numbers:
            self._tell(chat, Event(News.GONE, number))
        return True

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        """Show a reply in place of the last of these lines; False if that is gone."""
        return bool(ids) and await self._replace(chat, int(ids[-1]), reply, reply.model_dump_json())

    # What pages do.

    async def say(
        self,
        chat: str,
        update: str,
        *,
        text: str = "",
        choice: str = "",
        label: str = "",
        below: str = "",
        file: Attachment | None = None,
        language: str | None = None,
        box: bool = False,
    ) -> None:
        """Take something a person did; when this returns it is stored. A repeated `update` does nothing.

        `label` is what the pressed button said; that of a `box` changes where it stands. Raises NotServed.
        """
        if self._receive is None:
            raise NotServed("the assistant is starting or stopping")
        kind = MessageKind.CHOICE if choice else MessageKind.FILE if file else MessageKind.TEXT
        message = Message(
            channel=CHANNEL,
            # Another chat's update is none of ours, whatever a program calls it.
            update=f"{chat}:{update}"[:80],
            chat=chat,
            sender=chat,
            at=self._clock.now(),
            kind=kind,
            text=text,
            choice=choice,
            below=below,
            file=file,
            language=language,
        )
        shown = message.model_copy(update={"text": label}) if choice else message
        line = await self._transcript.write(NewLine(chat, shown.model_dump_json(), message.at, message.update))
        if line is not None and box:
            self._held[chat] = Event(News.LINE, line.id, line)
        elif line is not None:
            self._tell(chat, Event(News.LINE, line.id, line))
        # Also where the line was known: a crash may have come between the two.
        await self._receive([message])

    async def keep_file(self, chat: str, name: str, content: bytes) -> Attachment:
        """Keep a file of a person, sealed; gives what a message carries of it."""
        number, vault = self._ids.new(), self._database.vault
        # Twenty million bytes take a while: others are answered meanwhile.
        sealed = await asyncio.to_thread(lambda: web_files.seal(vault, name, base64.b64encode(content).decode()))
        async with self._database.write() as connection:
            await web_files.keep(connection, number, chat, sealed, self._clock.now())
        return Attachment(name=name, channel=CHANNEL, id=number, size=len(content))

    async def lines(self, chat: str, *, after: int = 0) -> list[Line]:
        """Give what was said in a chat, after a line."""
        async with self._database.read() as connection:
            return await web_chats.lines(connection, chat, after=after)

    async def clear(self, chat: str) -> None:
        """Delete what was said in a chat, and take it from its open pages; what was submitted stays, with its files."""
        files = await web_files.unneeded(self._database, chat)
        async with self._database.write() as connection:
            await forgetting.clear_web_chat(connection, chat, files)
        self._held.pop(chat, None)
        self._tell(chat, Event(News.CLEARED))

    async def answered(self, chat: str, within_s: float) -> bool:
        """Wait until everything said in a chat is answered; False if that takes longer."""
        loop = asyncio.get_running_loop()
        until, look_s = loop.time() + within_s, FIRST_LOOK_S
        while True:
            async with self._database.read() as connection:
                if await web_chats.is_settled(connection, chat):
                    return True
            if loop.time() >= until:
                return False
            await asyncio.sleep(look_s)
            look_s = min(look_s * 1.5, LONGEST_LOOK_S)

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
            return await self.lines(chat, after=after)
        async with self._database.read() as connection:
            mark = (await web_chats.marks(connection, [chat])).get(chat, web_chats.NO_LINES)
            every = await web_chats.lines(connection, chat)
        self._known.setdefault(chat, Known(mark, {line.id: line.body for line in every}))
        return [line for line in every if line.id > after]

    def _tell(self, chat: str, event: Event) -> None:
        if known := self._known.get(chat):
            known.note(event)
        for page in self._pages.get(chat, ()):
            page.put_nowait(event)

    async def _replace(self, chat: str, number: int, reply: Reply, body: str) -> bool:
        """Show a reply in place of an earlier one; the press that led to it needs no line of its own."""
        async with self._database.write() as connection:
            if not await web_chats.rewrite(connection, chat, number, body):
                return False
            since = await web_chats.lines(connection, chat, after=number, most=20)
            presses = [line.id for line in since if line.mine and _is_press_below(line, str(number))]
            await web_chats.erase(connection, chat, presses)
        for press in presses:
            self._tell(chat, Event(News.GONE, press))
        async with self._database.read() as connection:
            line = await web_chats.line(connection, chat, number)
        self._tell(chat, Event(News.LINE, number, line))
        return True

    async def _hear_of_others(self) -> None:
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
        lines = await self.lines(chat)
        known.mark = mark
        # A pressed box is not shown before it is known what becomes of it.
        held = self._held[chat].number if chat in self._held else 0
        if known.bodies and not lines:
            self._tell(chat, Event(News.CLEARED))
        # Of a long chat only the newest lines are read.
        read_from = lines[0].id if len(lines) == web_chats.MOST_LINES else 0
        there = {line.id for line in lines}
        for number in [number for number in known.bodies if number >= read_from and number not in there]:
            self._tell(chat, Event(News.GONE, number))
        for line in lines:
            if known.bodies.get(line.id) != line.body and line.id != held:
                self._tell(chat, Event(News.LINE, line.id, line))


def _is_press_below(line: Line, number: str) -> bool:
    message = Message.model_validate_json(line.body)
    return message.kind is MessageKind.CHOICE and message.below == number
