"""Running the assistant: a reception between the channels and the front desk, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from bot.announcing import engine
from bot.app import App
from bot.channels import Announcing, Channel
from bot.delivery.jobs import working
from bot.delivery.policy_watch import watch
from bot.failures import Failure
from bot.reception import Reception
from bot.web.serving import web_channel, web_pages
from handlers.dialogue import Message, Reply
from handlers.front_desk import apologise, respond
from handlers.outcome import Outcome
from storage.conversations import Conversation

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from bot.channels.terminal import Terminal
    from bot.channels.web import WebChannel
    from bot.settings import Settings
    from handlers.desk import Office
    from handlers.library import Library

log = logging.getLogger(__name__)

REFRESH_S = 5.0  # how soon files indexed by another process are answered from
PATIENCE_S = 10.0  # a terminal waits this long for its replies before it offers the next prompt


@asynccontextmanager
async def open_reception(app: App, channels: Mapping[str, Channel]) -> AsyncIterator[Reception]:
    """Start a reception for these channels; stop it with everything in hand finished."""
    desk = app.desk

    async def answer(message: Message, conversation: Conversation) -> Outcome:
        return await respond(message, conversation, desk)

    def apology(message: Message, conversation: Conversation) -> Reply:
        return apologise(message, conversation, desk)

    reception = Reception(desk.database, channels, answer, apology, desk.clock)
    refreshing = asyncio.create_task(_keep_fresh(app.library), name="refresh")
    try:
        await reception.start()
        # What is loaded by now stays: the collector need not look at it with every message.
        gc.collect()
        gc.freeze()
        yield reception
    finally:
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)
        await reception.stop()


async def talk(app: App, language: str | None = None, *, with_page: bool = False) -> None:
    """Hold a conversation in this terminal until the person leaves; `language` is chosen if given.

    `with_page` opens the web pages beside it, for whoever sits at this machine.
    """
    from bot.channels.terminal import Terminal

    terminal = Terminal(app.settings.home, app.desk.texts, app.desk.language, chosen=language)
    channels: dict[str, Channel] = {terminal.name: terminal}
    page = web_channel(app) if with_page and terminal.interactive else None
    if page is not None:
        channels[page.name] = page
    # What is due to others waits for whoever serves their channel.
    jobs = working(app.desk, set(channels), engine(app.desk, channels, serving=False))
    async with open_reception(app, channels) as reception, jobs:

        async def receive(messages: Sequence[Message]) -> None:
            await reception.receive(messages)
            # The next prompt stands below the answer.
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await reception.idle()

        beside = []
        if page is not None:
            beside = [asyncio.create_task(_open_page(app, page, terminal, reception), name="page")]
        try:
            await terminal.run(receive)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _open_page(app: App, channel: WebChannel, terminal: Terminal, reception: Reception) -> None:
    """Serve the pages beside a terminal; where that can't be, say so and leave it at that."""
    # The terminal is there at once; what the pages need is imported meanwhile.
    web = await asyncio.to_thread(web_pages, app, channel)
    try:
        async with _listening(app.settings, web):
            terminal.announce("terminal.page", page=f"http://{app.settings.host}:{app.settings.port}/")
            await channel.run(reception.receive)
    except Failure as failure:
        terminal.announce("terminal.no_page", reason=str(failure))


async def serve(
    app: App,
    channels: Mapping[str, Channel],
    routes: Sequence[BaseRoute] = (),
    *,
    web: ASGIApp | None = None,
    with_jobs: bool = True,
) -> None:
    """Serve channels until SIGTERM or SIGINT; what is in hand is finished first.

    `routes` are what channels want to be delivered to over HTTP, `web` is an application that has them already;
    without `with_jobs` what falls due is left to others (`work`). Raises what ended a channel by itself.
    """
    stopping = _told_to_stop()
    jobs = working(app.desk, broadcasts=engine(app.desk, channels)) if with_jobs else nullcontext()
    served = web or _routed(routes)
    async with open_reception(app, channels) as reception, jobs, _listening(app.settings, served) as listening:
        running = [asyncio.create_task(channel.run(reception.receive), name=name) for name, channel in channels.items()]
        stopped = asyncio.create_task(stopping.wait(), name="stopping")
        log.info("serve.started", extra={"channels": ",".join(channels)})
        watching = [asyncio.create_task(watch(app.desk, app.library), name="policy news")] if with_jobs else []
        tasks = [stopped, *running, *listening]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        log.info("serve.stopping")
        for task in (stopped, *watching, *running):
            task.cancel()
        await asyncio.gather(stopped, *watching, *running, return_exceptions=True)
    for task in done:
        # A channel that ended by itself says why.
        task.result()


async def work(office: Office, channels: Mapping[str, Announcing] | None = None) -> None:
    """Work off what falls due until SIGTERM or SIGINT, and send announcements on these channels.

    Replies and reminders are sent by whoever serves the channels.
    """
    stopping = _told_to_stop()
    async with working(office, broadcasts=engine(office, channels or {})):
        log.info("work.started")
        await stopping.wait()
        log.info("work.stopping")


def _told_to_stop() -> asyncio.Event:
    """Give what is set by SIGTERM or SIGINT from now on."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _routed(routes: Sequence[BaseRoute]) -> ASGIApp | None:
    """Give an application of these routes alone; None without any."""
    if not routes:
        return None
    from starlette.applications import Starlette

    return Starlette(routes=list(routes))


@asynccontextmanager
async def _listening(settings: Settings, web: ASGIApp | None) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    """Run a web server for an application, if there is one. At the end requests in hand are finished."""
    if web is None:
        yield ()
        return
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # Signals are ours: a channel must stop receiving before its reception ends.
            yield

    server = Server(
        uvicorn.Config(
            web,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.web_proxies,
            timeout_graceful_shutdown=10,
            lifespan="off",
        )
    )
    # Bound here, because uvicorn would end the whole process over a port that is taken.
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        raise Failure(f"can't listen on {place} ({error.strerror}); set LAOXIANG_HOST and LAOXIANG_PORT") from error
    task = asyncio.create_task(server.serve([listener]), name="web")
    try:
        yield (task,)
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


async def _keep_fresh(library: Library) -> None:
    """Take over what other processes indexed; make the vectors that are missing while words go on answering."""
    await library.keep_vectors()
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            if await library.refresh():
                log.info("library.refreshed")
                await library.keep_vectors()
        except Exception:
            # Answers go on from what is loaded; a database that is away comes back.
            log.exception("library.not_refreshed")
