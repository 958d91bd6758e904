"""A town whose office announces things: its writer and approver, people who registered, and the engine that sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.delivery.broadcasts import Broadcasts
from bot.delivery.sending import Rules
from handlers import announce_reports, announce_rules
from handlers.county import Township
from handlers.dialogue import MessageKind, Reply
from storage import outbox, people, receiving, registry, staff, subscriptions
from storage.announcement_tables import RecipientState
from storage.database import Database
from storage.registry_tables import Known
from storage.staff import Role
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files

MOVED = "恳谈会改到二月十八日\n\n地点不变，报过名的不用再报。"
MOVED_EN = "The forum moves to 18 February\n\nThe place is the same; who signed up need not do so again."


class Shouts:
    """A channel that remembers what was said in each chat, and fails as it was told to."""

    name = "test"

    def __init__(self) -> None:
        self.said: dict[str, list[Reply]] = defaultdict(list)
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.ids: dict[str, tuple[str, Reply]] = {}
        self.can_delete = True
        self.amended: dict[str, Reply] = {}

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        if self.faults[chat]:
            raise self.faults[chat].pop(0)
        self.said[chat].append(reply)
        number = str(len(self.ids) + 1)
        self.ids[number] = (chat, reply)
        return [number]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        if self.can_delete:
            self.said[chat].remove(self.ids[ids[0]][1])
        return self.can_delete

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        self.amended[chat] = reply
        return True


class Hall:
    """The town, its staff in their chats, and the engine."""

    def __init__(self, database: Database, files: Files) -> None:
        self.town = Town(database, files)
        county = replace(
            self.town.desk.county,
            townships=(Township("liuhe", "柳河镇"), Township("qingshi", "青石镇")),
            bot="wangchuan_bot",
        )
        self.town.desk = replace(self.town.desk, county=county)
        self.channel = Shouts()
        self.waiting: dict[str, list[Reply]] = defaultdict(list)
        self.engine = Broadcasts(
            self.town.desk,
            {"test": self.channel},
            Rules(
                announce_rules.chosen, receiving.may_receive, subscriptions.note_blocked, announce_reports.tell_staff
            ),
        )

    async def hires(self, name: str, role: Role = Role.BUREAU, township: str | None = None) -> Person:
        """Give a member of staff with an account."""
        now = self.town.clock.now()
        async with self.town.database.write() as connection:
            code = await staff.invite(connection, name, role, township, now)
            await staff.bind(connection, code, "test", name, now)
        return self.town.person(name)

    async def registers(
        self, name: str, township: str = "liuhe", place: str = "CN/深圳", language: str = "zh-Hans"
    ) -> Person:
        """Give somebody who registered as a native and agreed to hear of events."""
        now = self.town.clock.now()
        async with self.town.database.write() as connection:
            await people.ensure_person(connection, f"p-{name}", "test", name, now)
            known = Known("林溪", (), township, place.rpartition("/")[2], place, ["making"], None, language)
            await registry.keep_profile(connection, f"p-{name}", known, now)
            await people.give_consent(connection, f"p-{name}", "registry", "1", now)
        return self.town.person(name)

    async def writes(
        self, writer: Person, words: str = MOVED, english: str = MOVED_EN, *, topic: str = "活动和动态", when: str = ""
    ) -> str:
        """Write an announcement to everybody and look at it; give its number. Nothing is submitted."""
        await writer.says("/announce")
        await writer.presses("写新通知")
        await writer.presses(topic)
        await writer.says(words)
        await writer.says(english) if english else await writer.presses("跳过")
        await writer.presses("跳过")  # no picture
        await writer.presses("跳过")  # no buttons
        await writer.presses("选好了")
        await writer.says(when) if when else await writer.presses("批准后马上")
        saved = await writer.presses("再发一次")
        assert "已存为草稿" in saved.text, saved.text
        await writer.presses("看看收到的样子")
        return next(word for word in saved.text.replace("，", " ").split() if word.startswith("A") and len(word) == 5)

    async def approves(self, approver: Person, number: str) -> Reply:
        """Approve it from what the approver is sent, with both taps."""
        [*_, asked] = await self.told(approver.name)
        button = next(one for row in asked.buttons for one in row if one.label == "批准")
        await approver.sends(kind=MessageKind.CHOICE, choice=button.data)
        return await approver.presses("确定发给")

    async def announces(self, writer: Person, approver: Person, **how: str) -> str:
        """Write, submit, approve, and let the undo window pass."""
        number = await self.writes(writer, **how)
        await writer.presses("提交审批")
        await self.approves(approver, number)
        self.town.clock.passes(seconds=61)
        return number

    async def goes_on(self, **span: float) -> None:
        """Let time pass, then do all that is due."""
        self.town.clock.passes(**span)
        await self.engine.round()

    async def told(self, name: str) -> list[Reply]:
        """Take what waits for a chat, in order."""
        now = self.town.clock.now()
        async with self.town.database.write() as connection:
            taken = await outbox.take_due(connection, ["test"], now, now + timedelta(minutes=1))
            await outbox.mark_sent(connection, [one.id for one in taken], now)
        for one in taken:
            self.waiting[one.chat].append(Reply.model_validate_json(one.body or "{}"))
        return self.waiting.pop(name, [])

    async def states(self, number: str) -> dict[str, RecipientState]:
        """Give what became of each chat."""
        from sqlalchemy import select

        from storage.announcement_tables import RecipientRow

        async with self.town.database.read() as connection:
            rows = await connection.execute(
                select(RecipientRow.chat, RecipientRow.state, RecipientRow.reason).where(
                    RecipientRow.announcement == number
                )
            )
            return {row.chat: row.reason or row.state for row in rows}

    def heard(self, name: str) -> list[str]:
        return [reply.text for reply in self.channel.said[name]]

    def at(self, moment: datetime) -> None:
        self.town.clock.time = moment
