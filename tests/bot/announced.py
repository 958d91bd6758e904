"""An office that announces something to people who are in a list, over a channel that does as it is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, literal, select, union_all

from bot.delivery.broadcasts import Broadcasts
from bot.delivery.sending import Rules
from handlers.desk import Office
from handlers.dialogue import Paragraph, Reply
from handlers.texts import Texts
from storage import announcements, deliveries, recipients
from storage.announcement_tables import Promise, RecipientRow, RecipientState
from storage.announcements import Announcement, Draft
from storage.database import Connection, Database
from storage.deliveries import Recipient
from storage.people import Identity, Person
from tests.journeys.town import WANGCHUAN, CountedIds, SetClock

WORDS = "恳谈会改到二月十八日"
UNDO = timedelta(seconds=60)


@dataclass(frozen=True)
class Decided:
    later: datetime | None = None
    skip: str | None = None


class Told:
    """What the fake rules were asked and told; `decides` may be set to say no."""

    def __init__(self) -> None:
        self.staff: list[tuple[str, str]] = []
        self.blocked: list[tuple[str, str]] = []
        self.decides: Callable[[Recipient, datetime], Decided] = lambda recipient, now: Decided()
        self.zones: Mapping[str, str] = {}
        self.unknown: set[str] = set()  # announcements whose audience nobody knows how to choose

    @property
    def rules(self) -> Rules:
        return Rules(self.chosen, self.may_receive, self.note_blocked, self.tell_staff)

    def chosen(self, office: Office, announcement: Announcement, now: datetime) -> Select[Any]:
        if announcement.number in self.unknown:
            raise ValueError("this release knows no such audience")
        zone = literal("Asia/Shanghai")
        parts = [
            select(Identity.channel, Identity.sender.label("chat"), Identity.person_id)
            .add_columns(literal("zh-Hans").label("language"), literal(of).label("zone"))
            .where(Identity.sender == chat)
            for chat, of in self.zones.items()
        ]
        everybody = select(Identity.channel, Identity.sender.label("chat"), Identity.person_id).add_columns(
            literal("zh-Hans").label("language"), zone.label("zone")
        )
        if not parts:
            return everybody
        all_of_them = union_all(everybody.where(Identity.sender.not_in(list(self.zones))), *parts).subquery()
        return select(all_of_them)

    async def may_receive(
        self, connection: Connection, topic: str, number: str, some: Sequence[Recipient], now: datetime
    ) -> Sequence[Decided]:
        return [self.decides(one, now) for one in some]

    async def note_blocked(self, connection: Connection, chats: Sequence[tuple[str, str]], at: datetime) -> None:
        self.blocked += chats

    async def tell_staff(self, connection: Connection, office: Office, number: str, what: str) -> None:
        self.staff.append((number, what))


class Shouts:
    """A channel that remembers what was said in each chat, and fails as it was told to."""

    name = "test"

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = defaultdict(list)
        self.faults: dict[str, list[Exception]] = defaultdict(list)  # by chat, one for each call
        self.gone: list[str] = []
        self.can_retract = True
        self.count = 0

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        if self.faults[chat]:
            raise self.faults[chat].pop(0)
        self.said[chat].append(reply.text)
        self.count += 1
        return [str(self.count)]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        if self.can_retract:
            self.gone += ids
            self.said[chat].pop()
        return self.can_retract

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        if self.faults[chat]:
            raise self.faults[chat].pop(0)
        self.said[chat][-1] = reply.text
        return True


class Campaign:
    """An office with an announcement to make."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock()
        self.ids = CountedIds()
        self.office = Office(database=database, clock=self.clock, ids=self.ids, county=WANGCHUAN, texts=Texts.load())
        self.channel = Shouts()
        self.told = Told()
        self.engine = self.another()

    def another(self) -> Broadcasts:
        """Another process's engine."""
        return Broadcasts(self.office, {self.channel.name: self.channel}, self.told.rules)

    async def has_people(self, *chats: str, channel: str = "test") -> None:
        async with self.database.write() as connection:
            await connection.execute(
                insert(Person), [{"id": f"{channel}-{chat}", "created_at": self.clock.now()} for chat in chats]
            )
            await connection.execute(
                insert(Identity),
                [{"channel": channel, "sender": chat, "person_id": f"{channel}-{chat}"} for chat in chats],
            )

    async def writes(self, number: str = "A1", **more: Any) -> Draft:
        draft = Draft(
            number=number,
            title="恳谈会改期",
            topic="news",
            content={"zh-Hans": Reply(parts=(Paragraph(text=more.pop("words", WORDS)),)).model_dump(mode="json")},
            audience={},
            writer=more.pop("writer", "wang"),
            **more,
        )
        async with self.database.write() as connection:
            await announcements.save_draft(connection, draft, self.clock.now())
        return draft

    async def approves(self, number: str = "A1", by: str = "li", **more: Any) -> None:
        async with self.database.write() as connection:
            digest = await announcements.submit(connection, number, self.clock.now())
            await announcements.approve(connection, number, by=by, digest=digest, at=self.clock.now(), **more)

    async def announces(self, number: str = "A1", promise: Promise = Promise.AT_LEAST_ONCE, **more: Any) -> None:
        """Write, approve, and let the undo window pass."""
        await self.writes(number, promise=promise, **more)
        await self.approves(number)
        self.clock.passes(seconds=61)

    async def does(self, transition: Callable[..., Any], number: str = "A1", **more: Any) -> Any:
        """Make a transition, such as `announcements.stop`."""
        async with self.database.write() as connection:
            return await transition(connection, number, at=self.clock.now(), **more)

    async def now(self, number: str = "A1") -> Announcement:
        async with self.database.read() as connection:
            found = await announcements.by_number(connection, number)
        assert found is not None
        return found

    async def counts(self, number: str = "A1") -> dict[str, int]:
        """Count the recipients by state, without those there are none of."""
        async with self.database.read() as connection:
            found = await recipients.counts(connection, number)
        return {state.value: count for state, count in found.items() if count}

    async def takes(self, sender: str, number: str = "A1", limit: int = 25) -> list[Recipient]:
        """Take some as a process does that is killed before it calls anybody."""
        async with self.database.write() as connection:
            await deliveries.beat(connection, sender, self.clock.now())
            some = await deliveries.due(connection, number, "test", self.clock.now(), limit)
            await deliveries.begin(connection, [one.id for one in some], sender, self.clock.now())
        return some

    async def rows(self, state: RecipientState, number: str = "A1") -> list[Recipient]:
        async with self.database.read() as connection:
            return await recipients.with_state(connection, number, [state])

    async def due_of(self, number: str = "A1") -> dict[str, datetime]:
        async with self.database.read() as connection:
            rows = await connection.execute(
                select(RecipientRow.chat, RecipientRow.due_at).where(RecipientRow.announcement == number)
            )
            return {row.chat: row.due_at for row in rows}
