"""Announcements on Telegram: their numbers, what is certain and what is not, and taking them back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels import TryLater, Undeliverable
from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.delivery.pace import Pace
from handlers.dialogue import Button, File, Paragraph, Reply
from handlers.texts import Texts
from storage import pace
from storage.database import Database
from storage.errors import Conflict
from tests.simulated_telegram import BROKEN, CUT_AFTER, CUT_BEFORE, TOO_MANY, Fault, SimulatedTelegram

NEWS = Reply(parts=(Paragraph(text="恳谈会改到二月十八日"),), buttons=((Button(label="来", data="event:yes"),),))
WITH_FILE = Reply(parts=(Paragraph(text="见附件"), File.of("通知.pdf", "application/pdf", b"%PDF")))
CORRECTED = Reply(parts=(Paragraph(text="请忽略上一条"),))


@pytest.fixture
async def channel(telegram: SimulatedTelegram) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(gateway_for("aiogram", telegram.token, telegram.url), Texts.load())
    yield channel
    await channel.close()


async def test_an_announcement_comes_with_its_numbers(channel: TelegramChannel, telegram: SimulatedTelegram) -> None:
    user = telegram.user()
    assert await channel.announce("1001", NEWS) == [str(message.number) for message in user.messages]
    assert len(await channel.announce("1001", WITH_FILE)) == 2
    assert user.messages[0].buttons == [["来"]]


@pytest.mark.parametrize(
    ("fault", "uncertain", "asked"),
    [
        (TOO_MANY, False, True),
        (CUT_AFTER, True, False),
        (CUT_BEFORE, True, False),
        (BROKEN, True, False),
        (Fault(401, description="Unauthorized"), False, False),
    ],
)
async def test_what_may_have_arrived_is_told_from_what_did_not(
    channel: TelegramChannel, telegram: SimulatedTelegram, fault: Fault, uncertain: bool, asked: bool
) -> None:
    telegram.user()
    telegram.fails("sendMessage", fault)
    with pytest.raises(TryLater) as wait:
        await channel.announce("1001", NEWS)
    assert (wait.value.uncertain, wait.value.asked) == (uncertain, asked)


async def test_where_nobody_listens_nothing_arrived() -> None:
    channel = TelegramChannel(gateway_for("aiogram", "123:token", "http://127.0.0.1:9"), Texts.load())
    with pytest.raises(TryLater) as wait:
        await channel.announce("1001", NEWS)
    assert not wait.value.uncertain
    await channel.close()


async def test_the_second_message_fails_and_the_first_is_not_repeated(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    telegram.fails("sendMessage", TOO_MANY)
    with pytest.raises(TryLater) as wait:
        await channel.announce("1001", WITH_FILE)
    assert wait.value.ids == [str(user.messages[0].number)]
    await channel.announce("1001", WITH_FILE, len(wait.value.ids))
    assert [bool(message.file) for message in user.messages] == [True, False]


@pytest.fixture
async def paced(telegram: SimulatedTelegram, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    """The channel with a pace, which is kept in a database."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'pace.db'}")
    await database.migrate()
    gateway = gateway_for("aiogram", telegram.token, telegram.url)
    channel = TelegramChannel(gateway, Texts.load(), pace=Pace(database, "telegram", 30))
    yield channel
    await channel.close()
    await database.close()


def busy(*_: object, **__: object) -> None:
    raise Conflict("others were writing all the time")


async def test_a_busy_database_does_not_hide_that_telegram_asks_for_patience(
    paced: TelegramChannel, telegram: SimulatedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram.user()
    telegram.fails("sendMessage", TOO_MANY)
    monkeypatch.setattr(pace, "hold_chat", busy)
    with pytest.raises(TryLater) as wait:
        await paced.announce("1001", NEWS)
    assert (wait.value.asked, wait.value.uncertain) == (True, False)


async def test_a_busy_database_between_two_parts_forgets_none(
    paced: TelegramChannel, telegram: SimulatedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = telegram.user()
    monkeypatch.setattr(pace, "take", busy)
    with pytest.raises(TryLater) as wait:
        await paced.announce("1001", WITH_FILE)
    assert (wait.value.ids, wait.value.uncertain) == ([str(user.messages[0].number)], False)


async def test_what_arrived_of_a_message_that_is_refused_is_told(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    telegram.fails("sendMessage", Fault(400, description="Bad Request: no"))
    with pytest.raises(Undeliverable) as refusal:
        await channel.announce("1001", WITH_FILE)
    assert refusal.value.ids == [str(user.messages[0].number)]


async def test_a_file_is_uploaded_once_however_many_get_it(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    users = [telegram.user(number) for number in range(1001, 1005)]
    for number in range(1001, 1005):
        await channel.announce(str(number), WITH_FILE)
    assert telegram.api.uploads == 1
    assert {user.messages[0].file for user in users} == {("通知.pdf", b"%PDF")}
    # Telegram has forgotten it: it is uploaded anew.
    telegram.api.sent_files.clear()
    await channel.announce("1001", WITH_FILE)
    assert telegram.api.uploads == 2


async def test_a_picture_comes_as_a_photo_and_where_that_can_not_be_as_a_file(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    telegram.user()
    for content in (b"\x89PNG 1", b"too long for a photo"):
        ids = await channel.announce("1001", Reply(parts=(File.of("海报.png", "image/png", content),)))
        again = await channel.announce("1001", Reply(parts=(File.of("海报.png", "image/png", content),)))
        assert len(ids) == len(again) == 1
    assert (telegram.counts["sendPhoto"], telegram.counts["sendDocument"]) == (3, 2)
    assert telegram.api.uploads == 2


async def test_it_is_taken_back_or_changed_where_it_stands(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    first, second = await channel.announce("1001", NEWS), await channel.announce("1001", WITH_FILE)
    assert await channel.amend("1001", second, CORRECTED)
    assert [message.text for message in user.messages] == [NEWS.text, CORRECTED.text]
    assert await channel.retract("1001", first)
    # A second time, as after a kill.
    assert await channel.retract("1001", first)
    assert [message.text for message in user.messages] == [CORRECTED.text]


async def test_after_two_days_it_can_only_be_changed(channel: TelegramChannel, telegram: SimulatedTelegram) -> None:
    user = telegram.user()
    ids = await channel.announce("1001", NEWS)
    user.messages[0].old = True
    assert not await channel.retract("1001", ids)
    assert await channel.amend("1001", ids, CORRECTED)
    user.blocks()
    with pytest.raises(Undeliverable):
        await channel.amend("1001", ids, NEWS)
