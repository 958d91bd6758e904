"""A county's web site on loopback, with a real reception behind it and a clock that moves when told to."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bot.app import App, open_app
from bot.channels.web import WebChannel
from bot.reception import Reception
from bot.serving import open_reception
from bot.settings import Settings
from bot.web.app import create_app
from handlers.county import County
from tests.journeys.town import WANGCHUAN, SetClock
from tests.knowledge.county import FILES


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
    prepared: Path, home: Path, *, county: County = WANGCHUAN, **settings: object
) -> AsyncIterator[Served]:
    """Serve a copy of a prepared home on a free port of loopback."""
    shutil.copytree(prepared, home)
    clock = SetClock()
    async with open_app(Settings(home=home, **settings)) as opened:  # type: ignore[arg-type]
        app = replace(opened, desk=replace(opened.desk, clock=clock, county=county))
        channel = WebChannel(app.desk.database, clock, app.desk.ids)
        web = create_app(app, channel)
        async with open_reception(app, {channel.name: channel}) as reception:
            running = asyncio.create_task(channel.run(reception.receive))
            async with listening(web) as url:
                yield Served(url, app, web, clock, reception)
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def listening(web: FastAPI) -> AsyncIterator[str]:
    """Answer on a free port of loopback; gives the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(web, lifespan="off", log_config=None, access_log=False))
    server.capture_signals = _none  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task


@contextmanager
def _none() -> Iterator[None]:
    yield
