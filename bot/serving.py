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
from handlers.dialogue import Message, Reply
from handlers.front_desk import apologise, respond
from handlers.outcome import Outcome
from storage.conversations import Conversation

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

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


async def talk(app: App, language: str | None = None) -> None:
    """Hold a conversation in this terminal until the person leaves; `language` is chosen if given."""
    from bot.channels.terminal import Terminal

    terminal = Terminal(app.settings.home, app.desk.texts, app.desk.language, chosen=language)
    # What is due to others waits for whoever serves their channel.
    jobs = working(app.desk, {terminal.name}, engine(app.desk, {}))
    async with open_reception(app, {terminal.name: terminal}) as reception, jobs:

        async def receive(messages: Sequence[Message]) -> None:
            await reception.receive(messages)
            # The next prompt stands below the answer.
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await reception.idle()

        await terminal.run(receive)


async def serve(
    app: App, channels: Mapping[str, Channel], routes: Sequence[BaseRoute] = (), *, with_jobs: bool = True
) -> None:
    """Serve channels until SIGTERM or SIGINT; what is in hand is finished first.

    `routes` are what channels want to be delivered to over HTTP; without `with_jobs` what falls due is left to
    others (`work`). Raises what ended a channel by itself.
    """
    stopping = _told_to_stop()
    jobs = working(app.desk, broadcasts=engine(app.desk, channels)) if with_jobs else nullcontext()
    async with open_reception(app, channels) as reception, jobs, _listening(app.settings, routes) as listening:
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


@asynccontextmanager
async def _listening(settings: Settings, routes: Sequence[BaseRoute]) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    """Run a web server for the routes; none without any. At the end requests in hand are finished."""
    if not routes:
        yield ()
        return
    import uvicorn
    from starlette.applications import Starlette

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # Signals are ours: a channel must stop receiving before its reception ends.
            yield

    server = Server(
        uvicorn.Config(
            Starlette(routes=list(routes)),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
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
