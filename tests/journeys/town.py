"""A town to tell stories in: its assistant with a real database, and people who write to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.county import County
from handlers.desk import Desk
from handlers.dialogue import Button, Message, MessageKind, Reply
from handlers.front_desk import respond
from handlers.ids import ALPHABET
from handlers.texts import Texts
from knowledge.answer import Answer
from storage import conversations, outbox, questions
from storage.database import Database
from storage.errors import Conflict
from tests.knowledge.county import County as Files

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WANGCHUAN = County(
    name="望川县",
    name_en="Wangchuan County",
    office="望川县迎回建办",
    office_en="the Wangchuan homecoming office",
    phone="0999-1234567",
    hours="工作日 8:30–17:30",
    hours_en="working days 8:30–17:30",
)


class SetClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def today(self) -> date:
        return self.time.astimezone(ZoneInfo("Asia/Shanghai")).date()

    def passes(self, **span: float) -> None:
        self.time += timedelta(**span)


class CountedIds:
    """Ids in order; numbers may be queued to make two of them meet."""

    def __init__(self) -> None:
        self.count = 0
        self.numbers: list[str] = []

    def new(self) -> str:
        self.count += 1
        return f"{self.count:06x}" + "0" * 26

    def number(self) -> str:
        self.count += 1
        return self.numbers.pop(0) if self.numbers else str(284_000 + self.count)

    def code(self, length: int) -> str:
        self.count += 1
        digits = [ALPHABET[self.count // len(ALPHABET) ** place % len(ALPHABET)] for place in range(length)]
        return "".join(reversed(digits))


class Shelf:
    """The library of a town: real answers from a few files."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.history: tuple[str, ...] = ()

    def answer(self, question: str, *, on: date, history: Sequence[str] = ()) -> Answer:
        self.history = tuple(history)
        return self.files.asks(question, on, self.history)


class Town:
    def __init__(self, database: Database, files: Files) -> None:
        self.database = database
        self.clock = SetClock()
        self.ids = CountedIds()
        self.shelf = Shelf(files)
        self.desk = Desk(
            database=database,
            clock=self.clock,
            ids=self.ids,
            county=WANGCHUAN,
            texts=Texts.load(),
            library=self.shelf,
        )
        self._updates = 0

    def person(self, name: str = "lin", **manners: Any) -> Person:
        return Person(self, name, **manners)

    async def hears(self, message: Message) -> list[Reply]:
        """Deal with one message as reception does: think, then one transaction, again on a conflict."""
        for _ in range(3):
            async with self.database.read() as connection:
                before = await conversations.load(connection, message.channel, message.chat)
            outcome = await respond(message, before, self.desk)
            try:
                async with self.database.write() as connection:
                    await conversations.save(connection, [(before, outcome.conversation)], self.clock.now())
                    for effect in outcome.effects:
                        await effect(connection)
            except Conflict:
                continue
            return list(outcome.replies)
        raise AssertionError("three conflicts in a row")

    async def open_questions(self) -> list[Any]:
        async with self.database.read() as connection:
            return list(await questions.open_questions(connection))

    async def outbox(self) -> list[Reply]:
        """Take what waits to be sent."""
        now = self.clock.now()
        async with self.database.write() as connection:
            taken = await outbox.take_due(connection, ["test"], now, now + timedelta(minutes=1))
        return [Reply.model_validate_json(outgoing.body or "{}") for outgoing in taken]

    def next_update(self) -> str:
        self._updates += 1
        return str(self._updates)


class Person:
    """Somebody with a chat of their own; `seen` holds what the last message brought."""

    def __init__(self, town: Town, name: str, *, language: str | None = None, private: bool = True) -> None:
        self.town, self.name, self.language, self.private = town, name, language, private
        self.seen: list[Reply] = []
        self.buttons: list[Button] = []

    async def says(self, text: str) -> Reply:
        return await self.sends(text=text)

    async def presses(self, label: str) -> Reply:
        """Press a button of any earlier reply by its label, the newest first."""
        button = next(button for button in reversed(self.buttons) if button.label.startswith(label))
        return await self.sends(kind=MessageKind.CHOICE, choice=button.data)

    async def sends(self, **doing: Any) -> Reply:
        """Send anything; gives the last reply. Everything shown stands in `seen`."""
        message = Message(
            channel="test",
            update=self.town.next_update(),
            chat=self.name,
            sender=self.name,
            language=self.language,
            private=self.private,
            **{"at": self.town.clock.now()} | doing,
        )
        self.seen = await self.town.hears(message)
        self.buttons += [button for reply in self.seen for row in reply.buttons for button in row]
        return self.seen[-1] if self.seen else Reply()

    async def conversation(self) -> conversations.Conversation:
        async with self.town.database.read() as connection:
            return await conversations.load(connection, "test", self.name)


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]
