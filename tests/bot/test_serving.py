"""Serving channels: messages in, replies out, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.app import App, open_app
from bot.channels import Receive
from bot.failures import Failure
from bot.serving import open_reception, serve
from bot.settings import Settings
from handlers.dialogue import Message, Reply


class Window:
    """A channel that hears one message; its first reply ends the serving unless it is `lasting`."""

    name = "window"

    def __init__(self, app: App, *, failing: bool = False, lasting: bool = False) -> None:
        self._app = app
        self._failing = failing
        self._lasting = lasting
        self.shown: list[Reply] = []
        self.stopped = False

    async def run(self, receive: Receive) -> None:
        if self._failing:
            raise ConnectionError("the window is shut")
        now = self._app.desk.clock.now()
        start = Message(channel=self.name, update="1", chat="lin", sender="lin", at=now, text="/start")
        await receive([start])
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True

    async def send(self, chat: str, reply: Reply) -> None:
        self.shown.append(reply)
        if not self._lasting:
            os.kill(os.getpid(), signal.SIGTERM)

    async def working(self, chat: str) -> None:
        pass


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(Settings(home=tmp_path / "home", port=_free_port())) as opened:
        yield opened


async def test_a_signal_ends_serving_after_what_is_in_hand(app: App) -> None:
    window = Window(app)
    await asyncio.wait_for(serve(app, {window.name: window}), 20)
    assert "老乡助手" in window.shown[0].text
    assert window.stopped


async def test_routes_are_served_until_the_end(app: App) -> None:
    window = Window(app, lasting=True)
    heard: list[str] = []

    async def hook(request: Request) -> PlainTextResponse:
        heard.append(request.url.path)
        return PlainTextResponse("ok")

    async def call() -> bytes:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", app.settings.port)
            except OSError:
                await asyncio.sleep(0)
                continue
            writer.write(b"GET /hook HTTP/1.0\r\n\r\n")
            answer = await reader.read()
            writer.close()
            os.kill(os.getpid(), signal.SIGTERM)
            return answer

    calling = asyncio.create_task(call())
    await asyncio.wait_for(serve(app, {window.name: window}, [Route("/hook", hook)]), 20)
    assert (await calling).startswith(b"HTTP/1.1 200")
    assert heard == ["/hook"]


async def test_a_channel_that_fails_ends_serving_with_its_reason(app: App) -> None:
    window = Window(app, failing=True)
    with pytest.raises(ConnectionError, match="shut"):
        await asyncio.wait_for(serve(app, {window.name: window}), 20)


async def test_a_port_that_is_taken_is_told_with_what_to_set(app: App) -> None:
    window = Window(app, lasting=True)

    async def hook(request: Request) -> PlainTextResponse:
        return PlainTextResponse("never")

    with socket.create_server(("127.0.0.1", app.settings.port)), pytest.raises(Failure, match="LAOXIANG_PORT"):
        await asyncio.wait_for(serve(app, {window.name: window}, [Route("/hook", hook)]), 20)


async def test_a_look_for_new_files_that_fails_is_taken_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    again = asyncio.Event()

    async def refresh() -> bool:
        looks.append(len(looks))
        if len(looks) == 1:
            raise OSError("the database is away")
        again.set()
        return False

    monkeypatch.setattr("bot.serving.REFRESH_S", 0)
    monkeypatch.setattr(app.library, "refresh", refresh)
    async with open_reception(app, {}):
        await asyncio.wait_for(again.wait(), 20)
