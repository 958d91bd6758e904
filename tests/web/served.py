"""A county's web site on loopback, with a real reception behind it and a clock that moves when told to."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from bot.app import App, open_app
from bot.channels import Channel
from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.web import WebChannel
from bot.reception import Reception
from bot.serving import open_reception
from bot.settings import Settings
from bot.web.app import create_app
from handlers.county import County
from tests.journeys.filling import COUNTY
from tests.journeys.town import SetClock
from tests.knowledge.county import FILES
from tests.simulated_telegram import SimulatedTelegram


@dataclass(frozen=True)
class Served:
    """A site that answers at `url`; `app` and `web` are what stands behind it."""

    url: str
    app: App
    web: FastAPI
    clock: SetClock
    reception: Reception


async def prepare_home(home: Path) -> None:
    """Index the county's few files into a home that tests take copies of."""
    papers = home.parent / "papers"
    papers.mkdir(parents=True)
    for name, text in FILES.items():
        (papers / f"{Path(name).stem}.txt").write_text(text, "utf-8")
    async with open_app(Settings(home=home)) as app:
        await app.library.index([papers])


@asynccontextmanager
async def serve_site(
    prepared: Path,
    home: Path,
    *,
    county: County = COUNTY,
    telegram: SimulatedTelegram | None = None,
    **settings: object,
) -> AsyncIterator[Served]:
    """Serve a copy of a prepared home on a free port of loopback, and Telegram beside it if there is one."""
    shutil.copytree(prepared, home)
    listener = socket.create_server(("127.0.0.1", 0))
    url, clock = f"http://127.0.0.1:{listener.getsockname()[1]}", SetClock()
    async with open_app(Settings(home=home, **settings)) as opened, AsyncExitStack() as stack:  # type: ignore[arg-type]
        county = replace(county, page=f"{url}/")
        app = replace(opened, desk=replace(opened.desk, clock=clock, county=county))
        channel = WebChannel(app.desk.database, clock, app.desk.ids)
        channels: dict[str, Channel] = {channel.name: channel}
        if telegram is not None:
            chat = TelegramChannel(gateway_for("aiogram", telegram.token, telegram.url), app.desk.texts)
            stack.push_async_callback(chat.close)
            channels[chat.name] = chat
        web = create_app(app, channel)
        reception = await stack.enter_async_context(open_reception(app, channels))
        running = [asyncio.create_task(one.run(reception.receive)) for one in channels.values()]
        async with listening(web, listener):
            yield Served(url, app, web, clock, reception)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def listening(web: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Answer at a listener until the end of the block."""
    server = uvicorn.Server(uvicorn.Config(web, lifespan="off", log_config=None, access_log=False))
    server.capture_signals = _none  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task


@contextmanager
def _none() -> Iterator[None]:
    yield
