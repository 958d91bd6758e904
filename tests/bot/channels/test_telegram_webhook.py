"""The webhook: only Telegram is heard, and only what is stored is acknowledged."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from itertools import cycle, islice
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels import ChannelError
from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_webhook import LARGEST_UPDATE, SECRET_HEADER, Webhook
from handlers.dialogue import MessageKind
from handlers.texts import Texts
from tests.bot.channels.ear import Ear
from tests.simulated_telegram import SimulatedTelegram

SECRET = "a-secret_of-ours"
TEXTS = Texts.load()
RIGHT = {SECRET_HEADER: SECRET}


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def channel(telegram: SimulatedTelegram, ear: Ear) -> AsyncIterator[TelegramChannel]:
    """A channel with its web server, not yet running."""
    listener = socket.create_server(("127.0.0.1", 0))
    webhook = Webhook(f"http://127.0.0.1:{listener.getsockname()[1]}", SECRET)
    gateway = gateway_for("aiogram", telegram.token, telegram.url)
    channel = TelegramChannel(gateway, TEXTS, webhook=webhook, sleep=ear.sleep)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=channel.routes), log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield channel
    await ear.stop()
    server.should_exit = True
    await serving
    await channel.close()


async def post(channel: TelegramChannel, body: bytes | str = "{}", **headers: str) -> int:
    transport = httpx.ASGITransport(Starlette(routes=channel.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/telegram/webhook", content=body, headers=headers)
    return response.status_code


async def test_telegram_delivers_in_the_order_of_each_chat(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    ear.listen(channel)
    people = [telegram.user(number) for number in range(5)]
    for turn in range(4):
        for user in people:
            user.sends(str(turn))
    heard = await ear.hears(20)
    for user in people:
        assert [message.text for message in heard if message.sender == str(user.id)] == list("0123")
    assert (await telegram.is_called("setWebhook"))["max_connections"] == 100


async def test_what_could_not_be_stored_is_delivered_again(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    ear.faults += [OSError("disk full"), OSError("disk full")]
    ear.listen(channel)
    telegram.user().sends("别丢了我")
    (message,) = await ear.hears()
    assert message.text == "别丢了我"
    assert telegram.deliveries[503] == 2


async def test_nothing_is_taken_before_the_channel_runs(channel: TelegramChannel) -> None:
    assert await post(channel, **RIGHT) == 503


async def test_only_the_secret_opens(channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear) -> None:
    ear.listen(channel)
    await telegram.is_called("setWebhook")
    assert await post(channel) == 403
    assert await post(channel, **{SECRET_HEADER: "a-secret_of-others"}) == 403
    assert await post(channel, "not json", **RIGHT) == 400
    assert await post(channel, "[]", **RIGHT) == 400
    assert await post(channel, "[" * 100_000, **RIGHT) == 400
    assert await post(channel, b" " * (LARGEST_UPDATE + 1), **RIGHT) == 413
    assert await post(channel, '{"update_id": 1, "poll": {}}', **RIGHT) == 200
    assert ear.messages == []


USER = {"id": 77, "is_bot": False, "first_name": "林"}
SAID = {"message_id": 1, "date": 1, "chat": {"id": 77, "type": "private"}, "from": USER, "text": "厂房租金"}
UPDATE: dict[str, Any] = {"update_id": 7, "message": SAID}
SECRETS = (None, "", SECRET[:-1], SECRET + "x", SECRET.upper(), SECRET[::-1], "x" * 256, f"Bearer {SECRET}")
NO_UPDATES = (b"", b"\x00", b"\xff\xfe", b"{", b"[" * 50_000, b"NaN", b"[1]", b'"x"', b"update_id=7")


def _forged() -> Iterator[tuple[dict[str, str], bytes]]:
    """Give posts without our secret, whole and broken: headers, body."""
    for secret in SECRETS:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        for body in (json.dumps(UPDATE).encode(), *NO_UPDATES):
            yield headers, body


def _broken() -> Iterator[bytes]:
    """Give updates of which one part is missing, or of another kind."""
    for place in SAID:
        yield json.dumps(UPDATE | {"message": {name: part for name, part in SAID.items() if name != place}}).encode()
        for value in (None, [], {}, "x", 2**70, 1.5, -(10**17), {"id": []}, [{}]):
            yield json.dumps(UPDATE | {"message": SAID | {place: value}}).encode()
            yield json.dumps(UPDATE | {"update_id": value, "message": SAID | {place: value}}).encode()
            yield json.dumps({"update_id": 7, "message": value}).encode()


async def test_a_thousand_forged_updates_have_no_effect(
    channel: TelegramChannel, telegram: SimulatedTelegram, ear: Ear
) -> None:
    ear.listen(channel)
    await telegram.is_called("setWebhook")
    transport = httpx.ASGITransport(Starlette(routes=channel.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for headers, body in islice(cycle(_forged()), 1_000):
            assert (await client.post("/telegram/webhook", content=body, headers=headers)).status_code == 403
        for body in NO_UPDATES:
            assert (await client.post("/telegram/webhook", content=body, headers=RIGHT)).status_code == 400
        assert ear.messages == []
        # What Telegram itself might send one day is at most something nobody can read; it does not come for ever.
        for body in _broken():
            answer = await client.post("/telegram/webhook", content=body, headers=RIGHT)
            assert answer.status_code == 200, body
    heard = {message.kind for message in ear.messages if message.text not in (SAID["text"], "x")}
    assert heard <= {MessageKind.UNSUPPORTED}


@pytest.mark.parametrize("secret", ["", "with a blank", "字", "x" * 257])
def test_a_webhook_without_a_proper_secret_is_refused(secret: str) -> None:
    with pytest.raises(ChannelError, match="LAOXIANG_TELEGRAM_SECRET"):
        Webhook("https://county.example", secret)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://county.example", "/telegram/webhook"),
        ("https://county.example/", "/telegram/webhook"),
        ("https://county.example:8443/bot/in", "/bot/in"),
    ],
)
def test_the_address_has_the_path_that_is_served(url: str, path: str) -> None:
    webhook = Webhook(url, SECRET)
    assert webhook.path == path
    assert webhook.address == url.rstrip("/").removesuffix(path) + path
    assert SECRET not in repr(webhook)
