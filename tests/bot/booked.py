"""An office with an officer to book, people who booked or wait, and a clock that is set."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.delivery.reminders import Reminders
from handlers.desk import Office
from handlers.dialogue import Reply
from handlers.ids import Ids, booking_number
from handlers.texts import Texts
from storage import bookings, outbox, people, slots, waits
from storage.booking_tables import ReminderRow
from storage.bookings import SELF, Booking, NewBooking
from storage.database import Connection, Database
from storage.slot_tables import Host, Rule, Terms
from storage.staff import Role, Viewer
from storage.waits import NewWait
from tests.journeys.town import WANGCHUAN, CountedIds, SetClock

ADMIN = Viewer("operator", Role.COUNTY_ADMIN)
HALF = timedelta(minutes=30)


class Bureau:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock()
        self.ids: Ids = CountedIds()
        self.office = Office(database=database, clock=self.clock, ids=self.ids, county=WANGCHUAN, texts=Texts.load())
        self.terms = Terms(cancel_minutes=0, lead_minutes=0)
        self.reminders = self.worker()

    def worker(self, channels: Collection[str] | None = None) -> Reminders:
        """Another process's share of the work."""
        return Reminders(self.office, channels)

    async def opens(self) -> None:
        async with self.database.write() as connection:
            await slots.add_host(connection, ADMIN, Host("officer", "陈主任"), self.clock.now())
            day = self.clock.today()
            always = Rule("always", "officer", "FREQ=DAILY", "00:00", 24 * 60, day, None, terms=self.terms)
            await slots.add_rule(connection, ADMIN, always)

    async def somebody(self, connection: Connection, chat: str, channel: str = "test") -> str:
        await people.ensure_person(connection, chat, channel, chat, self.clock.now())
        return chat

    async def holds(
        self,
        chat: str,
        starts_at: datetime,
        *,
        zone: str = "Asia/Shanghai",
        language: str = "zh-Hans",
        channel: str = "test",
    ) -> str:
        """Hold a time for five minutes; give the number."""
        at = self.clock.now()
        async with self.database.write() as connection:
            new = NewBooking(
                number=booking_number(self.ids),
                host_id="officer",
                person_id=await self.somebody(connection, chat, channel),
                channel=channel,
                chat=chat,
                topic="housing",
                mode="video",
                starts_at=starts_at,
                ends_at=starts_at + HALF,
                zone=zone,
                language=language,
                at=at,
                terms=self.terms,
                rule_id="always",
                name="林溪",
            )
            await bookings.hold(connection, new, at + timedelta(minutes=5))
        return new.number

    async def confirms(self, number: str, by: str = SELF) -> None:
        async with self.database.write() as connection:
            await bookings.confirm(connection, number, by=by, at=self.clock.now())

    async def books(self, chat: str, starts_at: datetime, **how: str) -> str:
        number = await self.holds(chat, starts_at, **how)
        await self.confirms(number)
        return number

    async def waits(self, chat: str, first: datetime, last: datetime, host_id: str | None = None) -> str:
        """Put somebody on the waiting list; give the id of their place."""
        async with self.database.write() as connection:
            new = NewWait(
                id=self.ids.new(),
                number=booking_number(self.ids),
                person_id=await self.somebody(connection, chat),
                channel="test",
                chat=chat,
                topic="housing",
                host_id=host_id,
                wanted_from=first,
                wanted_to=last,
                zone="Asia/Shanghai",
                language="zh-Hans",
                at=self.clock.now(),
            )
            await waits.join(connection, new)
        return new.id

    async def cancels(self, number: str) -> None:
        async with self.database.write() as connection:
            await bookings.cancel(connection, number, by=SELF, at=self.clock.now())

    async def moves(self, number: str, starts_at: datetime) -> None:
        async with self.database.write() as connection:
            await bookings.reschedule(
                connection,
                number,
                host_id="officer",
                starts_at=starts_at,
                ends_at=starts_at + HALF,
                terms=self.terms,
                rule_id="always",
                by=SELF,
                at=self.clock.now(),
            )

    async def booking(self, number: str) -> Booking:
        async with self.database.read() as connection:
            found = await bookings.by_number(connection, number)
        assert found is not None
        return found

    async def told(self) -> list[tuple[str, Reply]]:
        """Take what waits to be sent: (chat, reply), in order."""
        now = self.clock.now()
        async with self.database.write() as connection:
            taken = await outbox.take_due(connection, ["test"], now, now + timedelta(days=999), limit=10_000)
        return [(one.chat, Reply.model_validate_json(one.body or "{}")) for one in taken]

    async def reminders_in(self, state: str) -> int:
        async with self.database.read() as connection:
            found = await connection.execute(outbox.select(ReminderRow.subject).where(ReminderRow.state == state))
            return len(found.all())
