"""Booking through reception: on Telegram and in the terminal, in both languages; and many who want one time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.terminal import Terminal
from handlers.abroad import Abroad, PersonalData
from handlers.dialogue import Message, MessageKind
from storage import bookings, people
from storage.bookings import Booking
from storage.database import Database
from tests.bot.test_registering import Pigeon, reception
from tests.journeys.booking import opens, opens_booking, presses_way, signs_up, standing
from tests.journeys.town import Town, labels
from tests.knowledge.county import County as Files
from tests.simulated_telegram import SimulatedTelegram
from tests.simulated_telegram.people import User

CONTENDERS = 8


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    database = await Database.open(database_url)
    await database.migrate()
    town = Town(database, Files())
    await opens(town)
    yield town
    await database.close()


async def bookings_of(town: Town, channel: str, sender: str) -> list[Booking]:
    async with town.database.read() as connection:
        person = await people.person_of(connection, channel, sender)
        return await bookings.of_person(connection, person) if person else []


# The whole way of somebody new, and of the same person once more, in each language.
NEW = {
    "zh-hans": (
        "税务",
        "视频",
        "我同意",
        "同意",
        "=我叫林溪",
        "=13800138000",
        "北京时间",
        "11月25日",
        "14:30",
        "确认预约",
    ),
    "en": (
        "Tax",
        "By video",
        "I agree",
        "Agree",
        "=Ann Lee",
        "=ann@example.com",
        "Beijing",
        "Wed 25 Nov",
        "14:30",
        "Confirm",
    ),
}
AGAIN = {
    "zh-hans": ("住房安家", "电话", "11月26日", "15:00", "确认预约"),
    "en": ("Housing", "By phone", "Thu 26 Nov", "15:00", "Confirm"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
async def test_on_telegram_it_takes_six_taps_and_brings_a_calendar_file(town: Town, language: str) -> None:
    town.desk = replace(town.desk, personal_data=PersonalData(Abroad.ASK))
    async with SimulatedTelegram() as telegram:
        channel = TelegramChannel(gateway_for("aiogram", telegram.token, telegram.url), town.desk.texts)
        async with reception(town.desk, channel) as desk:
            polling = asyncio.create_task(channel.run(desk.receive))
            lin = telegram.user(language_code=language)
            lin.sends("/book")
            await replied(telegram, desk, lin)
            for step in NEW[language]:
                await _does(telegram, desk, lin, step)
            sent = telegram.counts["sendDocument"]
            assert sent == 1

            taps = 1
            lin.sends("/book")
            await replied(telegram, desk, lin)
            for step in AGAIN[language]:
                await _does(telegram, desk, lin, step)
                taps += 1
            assert taps <= 6
            assert telegram.counts["sendDocument"] == 2
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        assert not telegram.refusals
    first, second = await bookings_of(town, "telegram", str(lin.id))
    assert (first.topic, first.mode, second.topic, second.mode) == ("tax", "video", "housing", "phone")
    assert {first.state, second.state} == {"confirmed"}


async def _does(telegram: SimulatedTelegram, desk: object, person: User, step: str) -> None:
    if step.startswith("="):
        person.sends(step[1:])
    else:
        person.presses(step)
    await replied(telegram, desk, person)


async def replied(telegram: SimulatedTelegram, desk: object, person: User) -> None:
    """Wait until what was done is answered."""
    shown = len(person.messages)
    await person.sees(lambda: len(person.messages) > shown)
    await desk.idle()  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_the_terminal_numbers_stand_for_buttons(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(tmp_path, town.desk.texts, "zh-Hans")
    async with reception(town.desk, terminal) as desk:
        for words in ("约明天下午的视频，问税务", "同意", "我叫林溪", "13800138000", "北京时间", "2", "1"):
            said = terminal._message(words).model_copy(update={"at": town.clock.now()})
            await desk.receive([said])
            await desk.idle()
    told = capsys.readouterr().out
    assert "听到的是：11月25日 周三 下午（北京时间）" in told
    assert "约好了，编号" in told
    assert ".ics" in told
    [one] = await bookings_of(town, "terminal", terminal.chat)
    assert (one.topic, one.state, one.starts_at.hour) == ("tax", "confirmed", 6)


async def test_of_many_who_want_one_time_one_gets_it_and_the_others_an_alternative(town: Town) -> None:
    crowd = [town.person(f"person {n}") for n in range(CONTENDERS)]
    wanted = []
    for person in crowd:
        await opens_booking(person)
        await presses_way(person, "税务", "视频")
        await signs_up(person)
        await person.presses("11月25日")
        data = next(button.data for button in reversed(person.buttons) if button.label == "14:30")
        wanted.append(_press(town, person.name, data))
    pigeon = Pigeon("test")
    async with reception(town.desk, pigeon) as desk:
        await asyncio.gather(*(desk.receive([message]) for message in wanted))
        await desk.idle()
    held = [reply for reply in pigeon.said if "为您保留到" in reply.text]
    refused = [reply for reply in pigeon.said if "刚刚被约走了" in reply.text]
    assert (len(held), len(refused)) == (1, CONTENDERS - 1)
    assert all("11月25日 周三 15:00" in labels(reply) for reply in refused)


async def test_tapping_confirm_many_times_at_once_books_once(town: Town) -> None:
    lin = town.person("lin")
    await opens_booking(lin)
    await presses_way(lin, "税务", "视频")
    await signs_up(lin)
    await presses_way(lin, "11月25日", "14:30")
    data = next(button.data for button in reversed(lin.buttons) if button.label == "确认预约")
    pigeon = Pigeon("test")
    async with reception(town.desk, pigeon) as desk:
        await asyncio.gather(*(desk.receive([_press(town, "lin", data)]) for _ in range(10)))
        await desk.idle()
    assert sum("约好了" in reply.text for reply in pigeon.said) == 1
    assert len(await standing(town, lin)) == 1


def _press(town: Town, chat: str, data: str) -> Message:
    return Message(
        channel="test",
        update=f"press {town.next_update()}",
        chat=chat,
        sender=chat,
        at=town.clock.now(),
        kind=MessageKind.CHOICE,
        choice=data,
    )
