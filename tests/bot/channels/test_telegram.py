"""Telegram as a channel: what people do becomes a Message once, and what we say arrives whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels import ChannelError, TryLater, Undeliverable
from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_profile import Profile
from handlers.dialogue import Button, Message, MessageKind, Paragraph, Reply
from handlers.texts import Texts
from tests.bot.channels.ear import Ear, place
from tests.simulated_telegram import BROKEN, CUT_AFTER, CUT_BEFORE, TOO_MANY, Fault, SimulatedTelegram, User

TEXTS = Texts.load()
PROFILES = (
    Profile("zh-Hans", {"start": "开始", "help": "帮助"}, {"help": "帮助"}, "老乡助手", "查政策有出处"),
    Profile("en", {"start": "start", "help": "help"}, {"help": "help"}, "The hometown assistant", "With sources"),
)
HELLO = Reply(parts=(Paragraph(text="您好"),))
CHOICE = Reply(
    parts=(Paragraph(text="要看哪一条？"),),
    buttons=((Button(label="第一条", data="f:1"), Button(label="第二条", data="f:2")),),
)
BOXES = tuple(
    Reply(
        parts=(Paragraph(text=f"已选：{'甲' if ticked else '无'}"),),
        buttons=((Button(label="甲", data="f:1", ticked=ticked), Button(label="选好了", data="f:2")),),
    )
    for ticked in (False, True)
)
LONG = Reply(parts=tuple(Paragraph(text=f"{n}" + "字" * 4000) for n in range(3)))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture(params=["aiogram", "ptb"])
async def channel(
    request: pytest.FixtureRequest, telegram: SimulatedTelegram, ear: Ear
) -> AsyncIterator[TelegramChannel]:
    gateway = gateway_for(request.param, telegram.token, telegram.url)
    channel = TelegramChannel(gateway, TEXTS, profiles=PROFILES, sleep=ear.sleep)
    yield channel
    await ear.stop()
    await channel.close()


@pytest.fixture
async def open_channel(channel: TelegramChannel, ear: Ear) -> TelegramChannel:
    ear.listen(channel)
    return channel


# What people do.


async def test_a_text_becomes_a_message(open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear) -> None:
    update = telegram.user(1001, language_code="zh-hans").sends("厂房租金有没有补贴？")
    (message,) = await ear.hears()
    assert message == Message(
        channel="telegram",
        update=str(update),
        chat="1001",
        sender="1001",
        at=message.at,
        text="厂房租金有没有补贴？",
        language="zh-Hans",
    )
    assert abs((datetime.now(UTC) - message.at).total_seconds()) < 60


async def test_a_press_is_answered_and_leaves_only_the_chosen_button(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    await open_channel.send("1001", CHOICE)
    user.presses("第二条")
    (message,) = await ear.hears()
    assert (message.kind, message.choice) == (MessageKind.CHOICE, "f:2")
    await user.sees(lambda: user.messages[0].edited)
    assert user.messages[0].buttons == [["✓ 第二条"]]
    assert not telegram.api.unanswered
    user.presses("✓")
    assert (await ear.hears(2))[1].choice == "f:2"
    await telegram.is_called("answerCallbackQuery", 2)
    assert user.messages[0].edited == 1


async def test_ones_own_contact_is_a_telephone_number(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    user.shares_contact("8613812345678")
    user.shares_contact("+8613800000000", of=77)
    own, other = await ear.hears(2)
    assert (own.kind, own.text) == (MessageKind.CONTACT, "+8613812345678")
    assert (other.kind, other.media, other.text) == (MessageKind.UNSUPPORTED, "contact", "")


async def test_media_are_named(open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear) -> None:
    user = telegram.user()
    user.sends_document(caption="我的申请表")
    user.sends_photo()
    user.sends_voice()
    user.sends_sticker()
    user.sends_other(**place())
    document, photo, *others = await ear.hears(5)
    assert (document.kind, document.media, document.text) == (MessageKind.FILE, "document", "我的申请表")
    assert (photo.kind, photo.media) == (MessageKind.FILE, "photo")
    assert [message.media for message in others] == ["voice", "sticker", "location"]
    assert {message.kind for message in others} == {MessageKind.UNSUPPORTED}


async def test_a_changed_message_comes_with_its_new_words(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    telegram.api.push(edited_message={"from": user.about, **_in_private(user.id), **place()})
    user.edits("改成这样问")
    (message,) = await ear.hears()
    assert (message.kind, message.text) == (MessageKind.EDITED, "改成这样问")


async def test_blocking_the_bot_is_heard_and_coming_back_is_no_message(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    user.blocks()
    user.unblocks()
    user.sends("又来了")
    left, back = await ear.hears(2)
    assert (left.kind, left.chat, left.sender) == (MessageKind.LEFT, "1001", "1001")
    assert back.text == "又来了"


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("zh-hans", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("en", "en"),
        ("en-GB", "en"),
        ("pt-br", "pt-br"),
        (None, None),
    ],
)
async def test_telegrams_language_is_a_hint(code: str | None, tag: str | None) -> None:
    from bot.channels.telegram_updates import language

    assert language(code) == tag


async def test_a_group_is_heard_only_when_it_talks_to_us(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user, group = telegram.user(), telegram.group()
    await open_channel.send(str(group.id), HELLO)
    for passing in ("今天赶集吗", "/help@other_bot", "/weather", "@other_bot 你好", "/"):
        group.hears(user, passing)
    group.sees_service_message(user)
    group.hears(user, "👍 @Laoxiang_Bot 租金补贴怎么领")
    group.hears(user, "/help@laoxiang_bot")
    group.hears(user, "/help")
    group.hears(user, "那物流呢", reply_to=group.messages[0])
    heard = await ear.hears(4)
    assert [message.text for message in heard] == [
        "👍  租金补贴怎么领",
        "/help@laoxiang_bot",
        "/help",
        "那物流呢",
    ]
    assert {(message.private, message.chat, message.sender) for message in heard} == {(False, "-100200", "1001")}


async def test_a_topic_of_a_forum_is_a_chat_of_its_own(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user, group = telegram.user(), telegram.group(forum=True)
    group.hears(user, "@laoxiang_bot 你好", topic=9)
    (message,) = await ear.hears()
    await open_channel.send(message.chat, HELLO)
    assert group.messages[0].thread == 9


async def test_being_removed_from_a_group_is_heard(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    telegram.group().removes_bot(telegram.user())
    (message,) = await ear.hears()
    assert (message.kind, message.private) == (MessageKind.LEFT, False)


async def test_an_odd_update_holds_up_nothing(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    user = telegram.user()
    telegram.api.push(message={"from": user.about, **_in_private(user.id), "text": 5, "date": "soon"})
    telegram.api.push(message={"nothing": "of use"})
    telegram.api.push(callback_query={"id": "1"})
    telegram.api.push(my_chat_member=7)
    user.sends("正常的一条")
    odd, fine = await ear.hears(2)
    assert (odd.kind, odd.chat) == (MessageKind.UNSUPPORTED, "1001")
    assert fine.text == "正常的一条"
    assert "telegram.unreadable" in caplog.text
    assert "Person" not in caplog.text


# Polling.


async def test_what_could_not_be_stored_is_not_acknowledged(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    telegram.user().sends("别丢了我")
    ear.faults += [OSError("disk full"), OSError("disk full")]
    ear.listen(channel)
    (message,) = await ear.hears()
    assert message.text == "别丢了我"
    assert ear.waits == [1, 2]
    assert telegram.api.updates
    await telegram.is_called("getUpdates", 4)
    assert not telegram.api.updates


async def test_a_repeated_update_keeps_its_number(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    number = telegram.user().sends("一次")
    update = telegram.api.updates[number]
    await ear.hears()
    telegram.api.again(update)
    first, second = await ear.hears(2)
    assert first.update == second.update == str(number)


async def test_an_outage_is_waited_out_longer_and_longer(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    telegram.fails("getMe", BROKEN, CUT_BEFORE)
    telegram.fails("getUpdates", *[BROKEN] * 7, TOO_MANY)
    telegram.user().sends("在吗")
    ear.listen(channel)
    await ear.hears()
    assert ear.waits == [1, 2, 1, 2, 4, 8, 16, 30, 30, 7]


async def test_a_webhook_left_over_is_removed_before_polling(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    await telegram.api.call("setWebhook", {"url": "http://127.0.0.1:9/hook"})
    ear.listen(channel)
    telegram.user().sends("在吗")
    await ear.hears()
    assert not telegram.api.webhook.url


async def test_another_poller_is_told_to_the_operator(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fails("getUpdates", Fault(409, description="Conflict: terminated by other getUpdates request"))
    telegram.user().sends("在吗")
    ear.listen(channel)
    await ear.hears()
    assert "telegram.conflict" in caplog.text


@pytest.mark.parametrize("code", [401, 404])
async def test_an_unknown_token_ends_the_channel_with_advice(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear, code: int
) -> None:
    telegram.fails("getMe", Fault(code, description="Unauthorized"))
    with pytest.raises(ChannelError, match="BotFather"):
        await channel.run(ear)


async def test_the_bot_introduces_itself(open_channel: TelegramChannel, telegram: SimulatedTelegram) -> None:
    await telegram.is_called("setChatMenuButton")
    commands = telegram.api.commands
    assert [command["command"] for command in commands["all_private_chats", ""]] == ["start", "help"]
    assert commands["all_private_chats", ""] == commands["all_private_chats", "zh"]
    assert commands["all_group_chats", "en"] == [{"command": "help", "description": "help"}]
    assert telegram.api.profile["description", "en"] == "The hometown assistant"
    assert telegram.api.profile["short_description", ""] == "查政策有出处"


async def test_a_refused_introduction_does_not_matter(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    telegram.fails("setMyCommands", TOO_MANY, BROKEN)
    telegram.user().sends("在吗")
    ear.listen(channel)
    await ear.hears()
    await telegram.is_called("setChatMenuButton")


# Sending.


async def test_pieces_arrive_in_order_and_go_on_where_they_stopped(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    for fault in (TOO_MANY, BROKEN):
        telegram.fails("sendMessage", fault)
        with pytest.raises(TryLater):
            await channel.send("1001", LONG)
    await channel.send("1001", LONG)
    assert [message.text[0] for message in user.messages] == ["0", "1", "2"]


async def test_a_reply_cut_off_in_the_middle_is_not_repeated(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()

    async def breaks_after_the_first() -> None:
        await user.waits_for_reply()
        telegram.fails("sendMessage", BROKEN)

    breaking = asyncio.create_task(breaks_after_the_first())
    with pytest.raises(TryLater):
        await channel.send("1001", LONG)
    await breaking
    await channel.send("1001", LONG)
    assert [message.text[0] for message in user.messages] == ["0", "1", "2"]


async def test_telegram_is_obeyed_when_it_asks_for_patience(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    telegram.user()
    telegram.fails("sendMessage", TOO_MANY, CUT_AFTER, Fault(401, description="Unauthorized"))
    waits = []
    for _ in range(3):
        with pytest.raises(TryLater) as wait:
            await channel.send("1001", HELLO)
        waits.append(wait.value.after_s)
    assert waits == [7, 3, 60]


async def test_whoever_blocked_us_is_not_written_to_again(
    channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    telegram.user(1001).blocks()
    with pytest.raises(Undeliverable) as refusal:
        await channel.send("1001", HELLO)
    assert refusal.value.blocked
    with pytest.raises(Undeliverable) as refusal:
        await channel.send("77", HELLO)
    assert not refusal.value.blocked


async def test_what_telegram_can_not_parse_is_sent_plain(
    channel: TelegramChannel, telegram: SimulatedTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    user = telegram.user()
    telegram.fails("sendMessage", Fault(400, description="Bad Request: can't parse entities: what is this"))
    await channel.send("1001", Reply(parts=(Paragraph(text="甲 < 乙"),), buttons=CHOICE.buttons))
    assert user.messages[0].html == "甲 < 乙"
    assert user.messages[0].buttons == [["第一条", "第二条"]]
    assert "telegram.unparsable" in caplog.text


async def test_sharing_a_contact_is_offered_and_taken_away_again(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    asking = Reply(parts=(Paragraph(text="电话？"),), buttons=CHOICE.buttons, ask_contact="发送我的号码")
    await open_channel.send("1001", asking)
    user.presses("发送")
    user.presses("第一条")
    shared, typed = await ear.hears(2)
    assert (shared.kind, typed.text) == (MessageKind.CONTACT, "第一条")
    for reply in (HELLO, HELLO):
        await open_channel.send("1001", reply)
    assert [message.markup for message in user.messages[1:]] == [{"remove_keyboard": True}, None]


async def test_buttons_after_sharing_a_contact_come_with_the_letters_given_back(
    open_channel: TelegramChannel, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    asking = Reply(parts=(Paragraph(text="电话？"),), ask_contact="发送我的号码")
    await open_channel.send("1001", asking)
    consent = Reply(parts=(Paragraph(text="同意书"), Paragraph(text="您同意吗？")), buttons=CHOICE.buttons)
    await open_channel.send("1001", consent)
    assert [message.text for message in user.messages[1:]] == ["同意书", "您同意吗？"]
    assert user.messages[1].markup == {"remove_keyboard": True}
    assert user.messages[2].buttons == [["第一条", "第二条"]]


async def ticks(channel: TelegramChannel, ear: Ear, user: User) -> Reply:
    """Press a box; gives the reply that shall stand where it stood."""
    await channel.send("1001", BOXES[False])
    user.presses("☐ 甲")
    (message,) = await ear.hears()
    return BOXES[True].model_copy(update={"replaces": message.below})


async def test_a_ticked_box_changes_where_it_stands(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    await open_channel.send("1001", await ticks(open_channel, ear, user))
    await telegram.is_called("answerCallbackQuery")
    [message] = user.messages
    assert message.text == "已选：甲"
    assert message.buttons == [["☑ 甲", "选好了"]]
    assert message.edited == 1
    user.presses("选好了")
    await user.sees(lambda: message.buttons == [["✓ 选好了"]])


@pytest.mark.parametrize("fault", [CUT_AFTER, CUT_BEFORE, TOO_MANY, BROKEN])
async def test_a_change_that_has_to_be_tried_again_is_made_once(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear, fault: Fault
) -> None:
    user = telegram.user()
    ticked = await ticks(open_channel, ear, user)
    telegram.fails("editMessageText", fault)
    with pytest.raises(TryLater):
        await open_channel.send("1001", ticked)
    await open_channel.send("1001", ticked)
    [message] = user.messages
    assert (message.text, message.edited) == ("已选：甲", 1)


async def test_where_the_message_is_gone_the_boxes_are_said_anew(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    ticked = await ticks(open_channel, ear, user)
    user.deletes(user.messages[0])
    await open_channel.send("1001", ticked)
    assert [message.buttons for message in user.messages] == [[["☑ 甲", "选好了"]]]


async def test_whoever_blocked_us_is_sent_no_change_either(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    user = telegram.user()
    ticked = await ticks(open_channel, ear, user)
    user.blocks()
    with pytest.raises(Undeliverable) as refusal:
        await open_channel.send("1001", ticked)
    assert refusal.value.blocked


async def test_working_shows_and_never_fails(channel: TelegramChannel, telegram: SimulatedTelegram) -> None:
    await channel.working("1001")
    user = telegram.user(1001)
    await channel.working("1001")
    assert user.actions == ["typing"]


async def test_log_lines_hold_nothing_personal(
    open_channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    user = telegram.user(424242)
    with caplog.at_level(logging.DEBUG, "bot"):
        user.sends("我叫林溪")
        user.shares_contact("8613812345678")
        user.sends_voice()
        await ear.hears(3)
        telegram.fails("sendMessage", BROKEN)
        with pytest.raises(TryLater):
            await open_channel.send("424242", HELLO)
    for record in caplog.records:
        told = f"{record.getMessage()} {vars(record)}"
        assert not any(word in told for word in ("林溪", "138123", "424242", telegram.token))


def _in_private(number: int) -> dict[str, Any]:
    return {"message_id": 1, "date": 1_790_000_000, "chat": {"id": number, "type": "private"}}
