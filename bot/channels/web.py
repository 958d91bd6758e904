"""The county's own pages as a channel: what is said stands in the database, and open pages hear of it at once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from bot.channels import Receive, TryLater, Undeliverable
from bot.channels.web_open_pages import CHECK_S, POLL_S, Event, News, OpenPages
from bot.channels.web_transcript import Transcript
from handlers.clock import Clock
from handlers.dialogue import Attachment, Message, MessageKind, Reply
from handlers.ids import Ids
from storage import forgetting, web_chats, web_files
from storage.database import Database
from storage.errors import PASSING, Conflict
from storage.web_chats import CHANNEL, Line, NewLine

FIRST_LOOK_S, LONGEST_LOOK_S = 0.01, 0.25


class NotServed(Exception):
    """Nothing can be received at the moment: the assistant is starting or stopping."""


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
        self._open = OpenPages(database, poll_s=poll_s, check_s=check_s)
        self._receive: Receive | None = None

    @property
    def is_served(self) -> bool:
        """Tell whether what pages bring is taken at the moment."""
        return self._receive is not None

    # What reception and delivery need.

    async def run(self, receive: Receive) -> None:
        """Take what pages bring until cancelled; then every open page is told to come back later."""
        self._receive = receive
        try:
            await self._open.hear_of_others()
        finally:
            self._receive = None
            self._open.close()

    async def send(self, chat: str, reply: Reply) -> None:
        """Write a reply into the chat and show it on its open pages. Raises TryLater when it can't be written."""
        body, held = reply.model_dump_json(), self._open.let_go(chat)
        if reply.replaces and await self._replace(chat, int(reply.replaces), reply, body):
            return
        if held is not None:
            self._open.tell(chat, held)
        try:
            line = await self._transcript.write(NewLine(chat, body, self._clock.now()))
        except PASSING as error:
            raise TryLater(str(error), after_s=POLL_S) from error
        if line is None:
            return
        if self._open.has(chat):
            async with self._database.read() as connection:
                first = await web_chats.first_line(connection, chat)
            if first == line.id:
                # Somebody asked for everything to be deleted: it goes from their screens as well.
                self._open.tell(chat, Event(News.CLEARED))
        self._open.tell(chat, Event(News.LINE, line.id, line))

    async def working(self, chat: str) -> None:
        """Let open pages show that an answer is being prepared."""
        self._open.tell(chat, Event(News.WORKING))

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
        self._open.tell(chat, Event(News.LINE, line.id, line))
        return [str(line.id)]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        """Take lines away, here and on open pages."""
        numbers = [int(number) for number in ids]
        async with self._database.write() as connection:
            await web_chats.erase(connection, chat, numbers)
        for number in numbers:
            self._open.tell(chat, Event(News.GONE, number))
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
            self._open.hold(chat, Event(News.LINE, line.id, line))
        elif line is not None:
            self._open.tell(chat, Event(News.LINE, line.id, line))
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
        self._open.let_go(chat)
        self._open.tell(chat, Event(News.CLEARED))

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

    def listen(
        self, chat: str, after: int, *, who: str = "", may: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[Event]:
        """Give what happens in a chat, as `OpenPages.listen` does."""
        return self._open.listen(chat, after, who=who, may=may)

    def hang_up(self, chat: str, who: str) -> None:
        """End the open pages of somebody in a chat."""
        self._open.hang_up(chat, who)

    async def _replace(self, chat: str, number: int, reply: Reply, body: str) -> bool:
        """Show a reply in place of an earlier one; the press that led to it needs no line of its own."""
        async with self._database.write() as connection:
            if not await web_chats.rewrite(connection, chat, number, body):
                return False
            since = await web_chats.lines(connection, chat, after=number, most=20)
            presses = [line.id for line in since if line.mine and _is_press_below(line, str(number))]
            await web_chats.erase(connection, chat, presses)
        for press in presses:
            self._open.tell(chat, Event(News.GONE, press))
        async with self._database.read() as connection:
            line = await web_chats.line(connection, chat, number)
        self._open.tell(chat, Event(News.LINE, number, line))
        return True


def _is_press_below(line: Line, number: str) -> bool:
    message = Message.model_validate_json(line.body)
    return message.kind is MessageKind.CHOICE and message.below == number
