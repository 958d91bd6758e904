"""Registering through reception: taps without number, two devices, a hand-over, a kill at every step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import Channel
from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.terminal import Terminal
from bot.reception import Reception
from handlers import announce_words
from handlers.abroad import Abroad, PersonalData
from handlers.desk import Desk
from handlers.dialogue import Message, MessageKind, Reply
from handlers.front_desk import apologise, respond
from handlers.outcome import Outcome
from handlers.still_right import HALF_A_YEAR, queue_prompts
from storage import announcements, conversations, registry, registry_reading
from storage.conversations import Conversation
from storage.database import Database
from tests.journeys.filling import SCRIPTS, fill_to_the_end, moved_into, open_form, records_of
from tests.journeys.town import Town, labels
from tests.knowledge.county import County as Files
from tests.simulated_telegram import SimulatedTelegram

FILES = Files()
PROFILE = '[county]\nname = "望川县"\n[[townships]]\ncode = "liuhe"\nname = "柳河镇"\n'


class Pigeon:
    """A channel that keeps what it was given to say."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: list[Reply] = []

    async def run(self, receive: object) -> None:
        await asyncio.Event().wait()

    async def send(self, chat: str, reply: Reply) -> None:
        self.said.append(reply)

    async def working(self, chat: str) -> None:
        pass


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    database = await Database.open(database_url)
    await database.migrate()
    town = Town(database, Files())
    moved_into(town)
    yield town
    await database.close()


@asynccontextmanager
async def reception(desk: Desk, *channels: Channel) -> AsyncIterator[Reception]:
    async def answer(message: Message, conversation: Conversation) -> Outcome:
        return await respond(message, conversation, desk)

    def sorry(message: Message, conversation: Conversation) -> Reply:
        return apologise(message, conversation, desk)

    opened = Reception(desk.database, {one.name: one for one in channels}, answer, sorry, desk.clock, poll_s=0.05)
    await opened.start()
    try:
        yield opened
    finally:
        await opened.stop()


async def up_to_the_review(town: Town) -> str:
    """Fill in a form as far as its review; gives the data of its submit button."""
    lin, script = town.person("lin"), SCRIPTS["native"]
    await open_form(lin, script)
    await lin.presses("同意")
    await lin.says(script.zh)
    await lin.presses("跳过")
    return next(button.data for button in lin.buttons if button.label == "提交")


def press(town: Town, data: str, update: str) -> Message:
    return Message(
        channel="test",
        update=update,
        chat="lin",
        sender="lin",
        at=town.clock.now(),
        kind=MessageKind.CHOICE,
        choice=data,
    )


async def registered(town: Town) -> int:
    async with town.database.read() as connection:
        person = await registry_reading.person_by_contact(
            connection, [registry.contact_key(connection, "phone", "+8613800138000")]
        )
        assert person is not None
        return len(await registry_reading.registrations(connection, person))


@pytest.mark.parametrize("taps", [["t{n}"] * 50, ["same"] * 10], ids=["fifty taps", "one update ten times"])
async def test_however_often_confirm_arrives_there_is_one_registration(town: Town, taps: Sequence[str]) -> None:
    submit, pigeon = await up_to_the_review(town), Pigeon("test")
    async with reception(town.desk, pigeon) as desk:
        messages = [press(town, submit, update.format(n=n)) for n, update in enumerate(taps)]
        await asyncio.gather(*(desk.receive([message]) for message in messages))
        await desk.idle()
    assert await registered(town) == 1
    assert sum("登记好了" in reply.text for reply in pigeon.said) == 1


async def test_two_processes_at_once_store_one_registration(database_url: str) -> None:
    first = Town(await Database.open(database_url), Files())
    await first.database.migrate()
    moved_into(first)
    second = Town(await Database.open(database_url), first.shelf.files)
    moved_into(second)
    submit = await up_to_the_review(first)
    async with reception(first.desk, Pigeon("test")) as here:
        if first.database.is_sqlite:
            # One process serves a chat on SQLite; there two devices of one account are two messages at once.
            await asyncio.gather(here.receive([press(first, submit, "a")]), here.receive([press(first, submit, "b")]))
            await here.idle()
        else:
            async with reception(second.desk, Pigeon("test")) as there:
                await asyncio.gather(
                    here.receive([press(first, submit, "a")]), there.receive([press(second, submit, "b")])
                )
                await here.idle()
                await there.idle()
    assert await registered(first) == 1
    await first.database.close()
    await second.database.close()


async def test_a_half_filled_form_moves_from_telegram_to_the_terminal(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ASK))
    async with SimulatedTelegram() as telegram:
        gateway = gateway_for("aiogram", telegram.token, telegram.url)
        channel = TelegramChannel(gateway, town.desk.texts)
        terminal = Terminal(tmp_path, town.desk.texts, "zh-Hans")
        async with reception(town.desk, channel, terminal) as desk:
            polling = asyncio.create_task(channel.run(desk.receive))
            lin = telegram.user()
            lin.sends("/register")
            await lin.waits_for_reply()
            lin.presses("我是在外老乡")
            [asked] = await lin.waits_for_reply()
            assert "境外" in asked.text
            lin.presses("我同意，就在这里填")
            await lin.waits_for_reply()
            lin.presses("同意")
            await lin.waits_for_reply()
            lin.sends("我叫林溪")
            [asked] = await lin.waits_for_reply()
            assert "第 3 步" in asked.text
            lin.sends("/handover")
            # The first message takes the keyboard for sharing a contact away, the second has the link and buttons.
            _, link = await lin.waits_for_reply(2)
            token = link.text.split("start=")[1].split()[0]

            await desk.receive([terminal._message(f"/start {token}")])
            await desk.idle()
            taken = capsys.readouterr().out
            assert "第 3 步，共 8 步" in taken
            assert "联系方式" in taken
            # The link works once, and the form has left the first chat.
            lin.sends(f"/start {token}")
            assert "已经用过" in (await lin.waits_for_reply())[0].text
            lin.sends("/cancel")
            assert "没有正在填写" in (await lin.waits_for_reply())[0].text

            for words in ("13800138000", "柳河镇", "深圳", "做模具", "跳过", "提交"):
                await desk.receive([terminal._message(words)])
                await desk.idle()
            assert "登记好了" in capsys.readouterr().out
            # Both chats are one person's: what was given in one is seen in the other.
            lin.sends("/mydata")
            assert "老乡登记" in (await lin.waits_for_reply())[0].text
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        await channel.close()


async def test_boxes_are_ticked_where_they_stand(town: Town) -> None:
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ALLOW))
    async with SimulatedTelegram() as telegram:
        channel = TelegramChannel(gateway_for("aiogram", telegram.token, telegram.url), town.desk.texts)
        async with reception(town.desk, channel) as desk:
            polling = asyncio.create_task(channel.run(desk.receive))
            lin = telegram.user()
            for words in ("/start register-native", "同意", "林溪", "lin@example.com", "柳河镇", "深圳"):
                lin.sends(words)
                sent = telegram.counts["sendMessage"]
                await telegram.is_called("sendMessage", times=sent + 1)
                await desk.idle()
            asked = lin.messages[-1]
            for box, picked in (("☐ 现代农业", "现代农业"), ("☐ 商贸", "现代农业、商贸电商"), ("☑ 现代", "商贸电商")):
                lin.presses(box)
                await lin.sees(lambda picked=picked: f"已选：{picked}。" in asked.text)
            lin.presses("☐ 信息")
            lin.presses("☐ 建筑")
            await lin.sees(lambda: "现在是 3 项" in asked.text)
            # Words start a message of their own; the boxes there are ticked there.
            assert lin.messages[-1] is asked
            lin.presses("☑ 建筑")
            lin.presses("选好了")
            await lin.sees(lambda: "怎样被联系" in lin.messages[-1].text)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        await channel.close()
    assert [refusal.description for refusal in telegram.refusals] == []


async def test_where_nothing_personal_may_go_abroad_only_the_link_is_given(town: Town) -> None:
    rule = PersonalData(Abroad.HANDOVER, frozenset({"test"}))
    town.desk = replace(town.desk, personal_data=rule)
    lin = town.person("lin")
    shown = await open_form(lin, SCRIPTS["native"])
    assert "https://wangchuan.example/chat?start=h-" in shown.text
    assert "链接" in (await lin.says("我叫林溪")).text
    assert await records_of(town, lin) == []
    town.clock.passes(minutes=31)
    token = shown.text.split("start=")[1].split()[0]
    elsewhere = town.person("lin2")
    assert "过了时间" in (await elsewhere.says(f"/start {token}")).text


async def test_half_a_year_later_one_tap_says_it_is_right(town: Town) -> None:
    lin = town.person("lin")
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    assert await queue_prompts(town.desk) == 0
    town.clock.passes(days=(HALF_A_YEAR + timedelta(days=1)).days)
    assert await queue_prompts(town.desk) == 1
    assert await queue_prompts(town.desk) == 0
    async with town.database.read() as connection:
        [prompt] = await announcements.listed(connection)
    asked = announce_words.seen_as(prompt, "zh-Hans")
    assert "林溪" not in asked.text  # shown only to whoever opens it
    entry = await lin.sends(kind=MessageKind.CHOICE, choice=asked.buttons[0][0].data)
    assert "林溪" in entry.text
    assert labels(entry)[0] == "都对"
    await lin.sends(kind=MessageKind.CHOICE, choice=entry.buttons[0][0].data)
    async with town.database.read() as connection:
        standing = await registry_reading.standing(connection, str((await lin.conversation()).person))
    assert standing is not None
    assert standing.confirmed_at == town.clock.now()


async def test_who_is_not_the_person_ends_the_entry(town: Town) -> None:
    lin = town.person("lin")
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    person = str((await lin.conversation()).person)
    await lin.sends(kind=MessageKind.CHOICE, choice="go:still:wrong")
    async with town.database.read() as connection:
        standing = await registry_reading.standing(connection, person)
    assert standing is not None
    assert (standing.state, list(standing.contacts)) == ("wrong", [])
    assert "没有保存" in (await lin.says("/mydata")).text


@pytest.mark.parametrize("where", ["terminal", "telegram"])
@pytest.mark.parametrize("kind", sorted(SCRIPTS))
async def test_every_form_completes_in_every_channel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, where: str
) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    await database.migrate()
    town, script = Town(database, FILES), SCRIPTS[kind]
    moved_into(town)
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ALLOW))
    async with SimulatedTelegram() as telegram:
        lin = telegram.user()
        channel = TelegramChannel(gateway_for("aiogram", telegram.token, telegram.url), town.desk.texts)
        terminal = Terminal(tmp_path, town.desk.texts, "zh-Hans")
        chat = str(lin.id) if where == "telegram" else terminal.chat
        async with reception(town.desk, channel, terminal) as desk:
            polling = asyncio.create_task(channel.run(desk.receive))

            async def says(words: str) -> Conversation:
                if where == "telegram":
                    sent = telegram.counts["sendMessage"]
                    lin.sends(words)
                    await telegram.is_called("sendMessage", times=sent + 1)
                else:
                    await desk.receive([terminal._message(words)])
                await desk.idle()
                return await conversation()

            async def conversation() -> Conversation:
                async with database.read() as connection:
                    return await conversations.load(connection, where, chat)

            now = await says(f"/start {script.flow}")
            while now.flow is not None:
                typed = {"consent": "同意", "review": "提交"}.get(str(now.asked))
                answer = script.answers.get(str(now.asked))
                now = await says(typed or (answer.zh if answer else "跳过"))
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        await channel.close()
    async with database.read() as connection:
        [one] = await registry_reading.registrations(connection, str(now.person))
    assert one.record == script.record
    shown = capsys.readouterr().out if where == "terminal" else lin.messages[-1].text
    assert f"{one.number[:3]} {one.number[3:]}" in shown
    await database.close()
