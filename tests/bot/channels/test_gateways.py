"""One contract, held by every gateway: raw updates, calls by name, three kinds of failure."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels import ChannelError
from bot.channels.gateways import Gateway, Refused, RetryAfter, Unreachable, Upload, gateway_for
from tests.simulated_telegram import (
    BAD_GATEWAY,
    BROKEN,
    CUT_AFTER,
    CUT_BEFORE,
    SILENT,
    TOO_MANY,
    Fault,
    SimulatedTelegram,
)

NAMES = ("aiogram", "ptb")
HELLO = {"chat_id": 1001, "text": "您好"}


@pytest.fixture(params=NAMES)
async def gateway(request: pytest.FixtureRequest, telegram: SimulatedTelegram) -> AsyncIterator[Gateway]:
    telegram.user(1001)
    gateway = gateway_for(request.param, telegram.token, telegram.url)
    yield gateway
    await gateway.close()


async def test_updates_come_raw_and_an_offset_acknowledges_the_lower_ones(
    gateway: Gateway, telegram: SimulatedTelegram
) -> None:
    user = telegram.user()
    first, second = user.sends("一"), user.sends("二")
    updates = await gateway.updates(0, 5)
    assert [update["update_id"] for update in updates] == [first, second]
    assert updates[0]["message"]["from"]["id"] == user.id
    assert [update["update_id"] for update in await gateway.updates(second, 5)] == [second]
    assert await gateway.updates(second + 1, 0) == []


async def test_a_file_comes_as_it_was_sent_and_one_that_is_gone_is_refused(
    gateway: Gateway, telegram: SimulatedTelegram
) -> None:
    telegram.api.files["d"] = b"%PDF-1.7" * 20_000
    path = (await gateway.call("getFile", {"file_id": "d"}))["file_path"]
    assert await gateway.download(path) == telegram.api.files["d"]
    with pytest.raises(Refused) as refusal:
        await gateway.download("documents/gone")
    assert refusal.value.code == 404
    assert telegram.token not in f"{refusal.value!r}{refusal.value.__cause__!r}"


async def test_a_poll_waits_for_what_is_yet_to_come(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    poll = asyncio.create_task(gateway.updates(0, 20))
    await telegram.is_called("getUpdates")
    telegram.user().sends("在吗")
    assert (await poll)[0]["message"]["text"] == "在吗"


async def test_only_what_we_want_is_delivered(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    await gateway.updates(0, 0)
    telegram.api.push(channel_post={"chat": {"id": 5}})
    telegram.api.push(poll={"id": "1"})
    telegram.user().sends("只有这条")
    assert [update["message"]["text"] for update in await gateway.updates(0, 5)] == ["只有这条"]


async def test_a_call_gives_the_result_as_it_came(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    user = telegram.user()
    keyboard = {"inline_keyboard": [[{"text": "是", "callback_data": "f:1"}]]}
    params = {**HELLO, "parse_mode": "HTML", "reply_markup": keyboard, "disable_notification": False}
    result = await gateway.call("sendMessage", params)
    assert result["text"] == "您好"
    assert result["reply_markup"] == keyboard
    assert user.messages[0].buttons == [["是"]]
    assert await gateway.call("deleteWebhook", {}) is True
    assert (await gateway.call("getMe", {}))["username"] == "laoxiang_bot"


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413])
async def test_a_refusal_carries_code_and_reason(gateway: Gateway, telegram: SimulatedTelegram, code: int) -> None:
    telegram.fails("sendMessage", Fault(code, description="Bad Request: so it is"))
    with pytest.raises(Refused) as refused:
        await gateway.call("sendMessage", HELLO)
    assert refused.value.code == code
    assert "so it is" in refused.value.description


async def test_telegram_names_what_it_refuses(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    stranger = {"chat_id": 77, "text": "?"}
    with pytest.raises(Refused, match="chat not found"):
        await gateway.call("sendMessage", stranger)
    with pytest.raises(Refused, match="can't parse entities"):
        await gateway.call("sendMessage", {**HELLO, "text": "<b>", "parse_mode": "HTML"})
    telegram.user(1001).blocks()
    with pytest.raises(Refused, match="blocked by the user"):
        await gateway.call("sendMessage", HELLO)


async def test_patience_is_asked_for_in_seconds(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    telegram.fails("sendMessage", TOO_MANY)
    telegram.fails("getUpdates", TOO_MANY)
    with pytest.raises(RetryAfter) as wait:
        await gateway.call("sendMessage", HELLO)
    assert wait.value.seconds == 7
    with pytest.raises(RetryAfter):
        await gateway.updates(0, 1)


@pytest.mark.parametrize("fault", [BROKEN, BAD_GATEWAY, CUT_BEFORE, CUT_AFTER])
async def test_no_answer_is_told_apart_from_a_refusal(
    gateway: Gateway, telegram: SimulatedTelegram, fault: Fault
) -> None:
    telegram.fails("sendMessage", fault)
    telegram.fails("getUpdates", fault)
    with pytest.raises(Unreachable) as failure:
        await gateway.call("sendMessage", HELLO)
    assert failure.value.asked
    with pytest.raises(Unreachable):
        await gateway.updates(0, 0)
    assert (await gateway.call("sendMessage", HELLO))["text"] == "您好"


@pytest.mark.parametrize("name", NAMES)
async def test_silence_counts_as_no_answer(
    name: str, telegram: SimulatedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = gateway_for(name, telegram.token, telegram.url)
    monkeypatch.setattr(f"bot.channels.gateways.{name}_gateway.ANSWER_S", 1)
    telegram.fails("sendMessage", SILENT)
    with pytest.raises(Unreachable):
        await gateway.call("sendMessage", HELLO)
    await gateway.close()


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_listening_is_told_without_the_token(name: str) -> None:
    gateway = gateway_for(name, "123:secret-token", "http://127.0.0.1:9")
    with pytest.raises(Unreachable) as failure:
        await gateway.call("getMe", {})
    assert "secret-token" not in str(failure.value)
    # Nobody can have heard it: that is certain.
    assert not failure.value.asked
    await gateway.close()


async def test_a_webhook_or_another_poller_is_a_conflict(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    await gateway.call("setWebhook", {"url": "http://127.0.0.1:9/hook"})
    with pytest.raises(Refused, match="409"):
        await gateway.updates(0, 1)
    await gateway.call("deleteWebhook", {})
    earlier = asyncio.create_task(gateway.updates(0, 20))
    await telegram.is_called("getUpdates", 2)
    other = gateway_for("aiogram", telegram.token, telegram.url)
    assert await other.updates(0, 0) == []
    with pytest.raises(Refused, match="409"):
        await earlier
    await other.close()


async def test_fifty_calls_at_once(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    user = telegram.user()
    calls = (gateway.call("sendMessage", {**HELLO, "text": str(number)}) for number in range(50))
    sent = await asyncio.gather(*calls)
    assert sorted(int(message["text"]) for message in sent) == list(range(50))
    assert len(user.messages) == 50


async def test_a_poll_does_not_hold_up_calls(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    poll = asyncio.create_task(gateway.updates(0, 20))
    await telegram.is_called("getUpdates")
    await gateway.call("sendMessage", HELLO)
    assert not poll.done()
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)


async def test_the_token_does_not_stand_in_the_log(
    gateway: Gateway, telegram: SimulatedTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await gateway.call("getMe", {})
    assert telegram.token not in caplog.text


@pytest.mark.parametrize("name", NAMES)
def test_a_token_that_is_none_is_told_at_once(name: str) -> None:
    with pytest.raises(ChannelError, match="BotFather"):
        gateway_for(name, "" if name == "ptb" else "nonsense", "http://127.0.0.1:9")


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "telegram", None)
    monkeypatch.delitem(sys.modules, "bot.channels.gateways.ptb_gateway", raising=False)
    with pytest.raises(ChannelError, match=r"pip install laoxiang\[ptb\]"):
        gateway_for("ptb", "123:abc", "http://127.0.0.1:9")


def test_an_unknown_gateway_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChannelError, match="aiogram or ptb"):
        gateway_for("telethon", "123:abc", "http://127.0.0.1:9")


async def test_an_unknown_method_or_parameter_is_refused(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [("sendNonsense", {}), ("sendMessage", {**HELLO, "txt": "?"})]
    for (method, params), code in zip(calls, (404, 400), strict=True):
        with pytest.raises(Refused) as refused:
            await gateway.call(method, params)
        assert refused.value.code == code


async def test_a_file_goes_out_with_its_name_and_content(gateway: Gateway, telegram: SimulatedTelegram) -> None:
    file = Upload("我的资料.json", "application/json", '{"姓名": "林溪"}'.encode())
    await gateway.call("sendDocument", {"chat_id": 1001, "document": file})
    assert telegram.user().messages[0].file == (file.name, file.content)
