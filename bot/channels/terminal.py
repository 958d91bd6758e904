"""The terminal as a channel: line editing and numbered buttons for a person, plain lines in a pipe."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from uuid import uuid4

from bot.channels import Receive, TryLater
from bot.channels.terminal_view import plain, show, tell
from handlers.dialogue import Button, File, Message, MessageKind, Reply
from handlers.texts import Texts

RECEIVED = "received"  # folder of the home for files that came with replies
LEAVING = frozenset({"exit", "quit", ":q", "/exit", "/quit"})


class Terminal:
    """One person at one keyboard. `home` keeps files that came; `language` is a hint, `chosen` a wish.

    With `receive` returning only when a message's replies were sent, every answer stands above
    the next prompt; in a pipe nothing is lost at the end of input.
    """

    name = "terminal"

    def __init__(self, home: Path, texts: Texts, language: str, *, chosen: str | None = None) -> None:
        self._home = home
        self._texts = texts
        self._language = chosen or language
        self._chosen = chosen
        self._buttons: list[Button] = []
        self.interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self.chat = _who()

    async def run(self, receive: Receive) -> None:
        """Talk until the person leaves; Ctrl-C, Ctrl-D, "exit" and the end of a pipe all end it kindly."""
        if self._chosen:
            await receive([self._message(f"/language {self._chosen}")])
        await receive([self._message("/start")])
        lines = self._typed() if self.interactive else _piped()
        async for line in lines:
            words = line.strip()
            if words and not self.interactive:
                print(f"{self._texts('terminal.prompt', self._language)} > {words}\n")
            if words.casefold() in LEAVING:
                break
            if words:
                await receive([self._heard(words)])
        if self.interactive:
            tell(self._texts("terminal.goodbye", self._language))

    def announce(self, key: str, **params: object) -> None:
        """Say something beside the conversation."""
        tell(self._texts(key, self._language, **params))

    async def send(self, chat: str, reply: Reply) -> None:
        """Show a reply at once, if it is for whoever sits here. Raises `TryLater` for anybody else."""
        if chat != self.chat:
            raise TryLater("somebody else is at this terminal", after_s=3600)
        self._language = reply.language
        # Where any words may be the answer, "2" is two and not the second button.
        self._buttons = [] if reply.free_text else [button for row in reply.buttons for button in row]
        self._save(reply)
        if self.interactive:
            show(reply, self._texts)
        else:
            print(plain(reply, self._texts), end="\n\n", flush=True)

    def _save(self, reply: Reply) -> None:
        """Put files of a reply where the person finds them, for their eyes alone."""
        for part in reply.parts:
            if isinstance(part, File):
                folder = self._home / RECEIVED
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                file = folder / Path(part.name).name
                file.touch(mode=0o600)
                file.write_bytes(part.content)

    async def working(self, chat: str) -> None:
        """Answers take milliseconds here; a sign of work would only flicker."""

    def _heard(self, words: str) -> Message:
        """Take a button's number for a press; labels are understood by the front desk."""
        if words.isdecimal() and 1 <= int(words) <= len(self._buttons):
            return self._message("", self._buttons[int(words) - 1].data)
        return self._message(words)

    def _message(self, text: str, choice: str = "") -> Message:
        return Message(
            channel=self.name,
            update=uuid4().hex,
            chat=self.chat,
            sender=self.chat,
            at=datetime.now(UTC),
            kind=MessageKind.CHOICE if choice else MessageKind.TEXT,
            text=text,
            choice=choice,
            language=self._language,
        )

    async def _typed(self) -> AsyncIterator[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import InMemoryHistory
        from prompt_toolkit.patch_stdout import patch_stdout

        # Names and numbers are typed here: they are not written down outside the sealed database.
        session: PromptSession[str] = PromptSession(history=InMemoryHistory())
        tell(self._texts("terminal.hint", self._language))
        print()
        # An answer of the staff may arrive while somebody is typing: it is shown above the prompt.
        with patch_stdout(raw=True):
            while True:
                try:
                    yield await session.prompt_async(f"{self._texts('terminal.prompt', self._language)} > ")
                except (EOFError, KeyboardInterrupt):
                    return


async def _piped() -> AsyncIterator[str]:
    """Give the lines of standard input."""
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # A buffer of its own: Python can't end while somebody holds that of sys.stdin.
        pipe = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
        with suppress(RuntimeError):  # the loop ended before the pipe
            for line in pipe:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, b"")

    # A thread of the loop's own would be waited for after Ctrl-C, until the next line comes.
    Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield _decoded(line)


def _decoded(line: bytes) -> str:
    """Read UTF-8, or else GB18030, which older Chinese systems pipe."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user without a name.
        return "local"
