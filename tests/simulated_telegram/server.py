"""The simulated Bot API over HTTP: requests in all three encodings, faults on demand, webhook deliveries."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.simulated_telegram.bot_api import TOKEN, BotApi
from tests.simulated_telegram.methods import method_named, parameters_of
from tests.simulated_telegram.people import Group, User
from tests.simulated_telegram.refusal import Refusal

RETRY_S = 0.02  # until a refused delivery is tried again


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a call: an error code, or a connection that is cut or never answered."""

    code: int = 0
    retry_after: int = 0
    description: str = ""
    cut: str = ""  # "before" or "after" the call is done
    silent: bool = False


TOO_MANY = Fault(429, retry_after=7)
BROKEN = Fault(500)
BAD_GATEWAY = Fault(502)  # answered with a page, not with JSON
CUT_BEFORE = Fault(cut="before")
CUT_AFTER = Fault(cut="after")
SILENT = Fault(silent=True)


class SimulatedTelegram:
    """Telegram on a loopback port, and the people on it: `async with SimulatedTelegram() as telegram: …`."""

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        self.token = token
        self.api = BotApi(token)
        self.url = ""
        self.calls: deque[tuple[str, dict[str, Any]]] = deque(maxlen=2000)
        self.counts: Counter[str] = Counter()
        self.refusals: deque[Refusal] = deque(maxlen=100)
        self.deliveries: Counter[int] = Counter()  # by the status they were answered with
        self.weather: Callable[[str, dict[str, Any]], Fault | None] | None = None  # a fault for a call, or none
        self._port = port
        self._faults: dict[str, deque[Fault]] = {}
        self._called = asyncio.Condition()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._courier: asyncio.Task[None] | None = None

    def user(self, number: int = 1001, *, language_code: str | None = "zh-hans", started: bool = True) -> User:
        """Give a person with a private chat; `started` is whether they ever wrote to the bot."""
        return User(self.api, number, language_code, started=started)

    def group(self, number: int = -100200, *, forum: bool = False) -> Group:
        """Give a group that the bot is in."""
        return Group(self.api, number, forum=forum)

    def fails(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail, one after the other."""
        self._faults.setdefault(method, deque()).extend(faults)

    async def is_called(self, method: str, times: int = 1, *, patience_s: float = 10) -> dict[str, Any]:
        """Wait until a method has been called so often, failures included; give its latest parameters."""
        async with asyncio.timeout(patience_s), self._called:
            await self._called.wait_for(lambda: self.counts[method] >= times)
        return next((params for name, params in reversed(self.calls) if name == method), {})

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self.extend(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._courier = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._courier is not None and self._runner is not None:
            self._courier.cancel()
            await asyncio.gather(self._courier, return_exceptions=True)
            await self._runner.cleanup()

    def extend(self, app: web.Application) -> None:
        """Add routes of one's own."""

    async def _answer(self, request: web.Request) -> web.Response:
        given = await _given(request)
        if request.match_info["token"] != self.token:
            return _json(Refusal(401, "Unauthorized").body, 401)
        try:
            method = method_named(request.match_info["method"])
            params = parameters_of(method, given)
            self.calls.append((method, params))
            self.counts[method] += 1
            async with self._called:
                self._called.notify_all()
            if faults := self._faults.get(method):
                return await self._fail(request, faults.popleft(), method, params)
            if self.weather is not None and (fault := self.weather(method, params)):
                return await self._fail(request, fault, method, params)
            return _json({"ok": True, "result": await self.api.call(method, params)})
        except Refusal as refusal:
            self.refusals.append(refusal)
            return _json(refusal.body, refusal.code)

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            return _json(Refusal(404, "Not Found").body, 404)
        try:
            return web.Response(body=self.api.file_at(request.match_info["path"]))
        except Refusal as refusal:
            return _json(refusal.body, refusal.code)

    async def _fail(self, request: web.Request, fault: Fault, method: str, params: dict[str, Any]) -> web.Response:
        if fault.silent:
            await self._closing.wait()
        if fault.cut == "after":
            await self.api.call(method, params)
        if fault.cut or fault.silent:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.code == 502:
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        description = fault.description or {
            429: f"Too Many Requests: retry after {fault.retry_after}",
            500: "Internal Server Error",
        }.get(fault.code, "Bad Request")
        raise Refusal(fault.code, description, retry_after=fault.retry_after)

    async def _deliver(self) -> None:
        """Post what waits to the webhook: one chat's updates in order, different chats at once."""
        under_way: dict[int, asyncio.Task[None]] = {}
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    await self.api.hooked.wait()
                    self.api.arrived.clear()
                    self._dispatch(session, under_way)
                    waiting = asyncio.ensure_future(self.api.arrived.wait())
                    await asyncio.wait({waiting, *under_way.values()}, return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    for chat in [chat for chat, task in under_way.items() if task.done()]:
                        under_way.pop(chat).result()
            finally:
                for task in under_way.values():
                    task.cancel()

    def _dispatch(self, session: aiohttp.ClientSession, under_way: dict[int, asyncio.Task[None]]) -> None:
        for update in (*self.api.repeated, *self.api.updates.values()):
            chat = _chat_of(update)
            if chat not in under_way and len(under_way) < self.api.webhook.connections:
                under_way[chat] = asyncio.create_task(self._post(session, update))

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> None:
        hook = self.api.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=update, headers=headers) as response:
                status = response.status
        except aiohttp.ClientError as error:
            status, hook.last_error = 0, type(error).__name__
        self.deliveries[status] += 1
        if 200 <= status < 300:
            if update in self.api.repeated:
                self.api.repeated.remove(update)
            else:
                self.api.updates.pop(update["update_id"], None)
            return
        hook.last_error = hook.last_error or f"Wrong response from the webhook: {status}"
        await asyncio.sleep(RETRY_S)


def _chat_of(update: Mapping[str, Any]) -> int:
    for about in update.values():
        if isinstance(about, dict):
            chat: int = (about.get("chat") or about.get("message", {}).get("chat") or about["from"])["id"]
            return chat
    return 0


async def _given(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        body = await request.text()
        given: dict[str, Any] = json.loads(body) if body else {}
        return given
    return {**request.query, **await request.post()}


def _json(body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
