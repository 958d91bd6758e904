"""The simulator as a process of its own, steered over HTTP: for kill tests and measurements.

POST /control/says    {"user": 1001, "text": "…"}            → {"update": 1000}
POST /control/presses {"user": 1001, "button": "…"}          → {"update": 1001}
GET  /control/chat?user=1001&after=0&wait=1                  → {"messages": [{"text", "buttons"} …]}
POST /control/fails   {"method": "sendMessage", "faults": [{"code": 500}]}
POST /control/load    {"users": 50, "messages": 2000}        → {"seconds", "latencies_ms": […]}
GET  /control/state                                          → {"calls": {…}, "pending": 0, …}
"""

from __future__ import annotations

import argparse
import asyncio
import gc
from time import perf_counter
from typing import Any

from aiohttp import web

from tests.simulated_telegram import TOKEN, Fault, SimulatedTelegram, User


class Steered(SimulatedTelegram):
    def __init__(self, token: str, port: int) -> None:
        super().__init__(token, port)
        self._users: dict[int, User] = {}

    def extend(self, app: web.Application) -> None:
        app.router.add_post("/control/says", self._says)
        app.router.add_post("/control/presses", self._presses)
        app.router.add_get("/control/chat", self._show_chat)
        app.router.add_post("/control/fails", self._let_fail)
        app.router.add_post("/control/load", self._load)
        app.router.add_get("/control/state", self._state)

    def _user(self, number: int) -> User:
        return self._users.setdefault(number, self.user(number))

    async def _says(self, request: web.Request) -> web.Response:
        told = await request.json()
        return web.json_response({"update": self._user(told["user"]).sends(told["text"])})

    async def _presses(self, request: web.Request) -> web.Response:
        told = await request.json()
        return web.json_response({"update": self._user(told["user"]).presses(told["button"])})

    async def _show_chat(self, request: web.Request) -> web.Response:
        """Give a chat's messages after the first `after`; `wait` for so many of them."""
        user, after = self._user(int(request.query["user"])), int(request.query.get("after", 0))
        wanted = after + int(request.query.get("wait", 0))
        await user.sees(lambda: len(user.messages) >= wanted)
        shown = [{"text": message.text, "buttons": message.buttons} for message in user.messages[after:]]
        return web.json_response({"messages": shown})

    async def _let_fail(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.fails(told["method"], *(Fault(**fault) for fault in told["faults"]))
        return web.json_response({})

    async def _load(self, request: web.Request) -> web.Response:
        """Let users write, each the next message as soon as the last one is answered."""
        told = await request.json()
        text, first = told.get("text", "你好"), told.get("first", 500_000)
        left = iter(range(told["messages"]))
        latencies: list[float] = []

        async def writes(user: User) -> None:
            for number in left:
                begun = perf_counter()
                user.sends(f"{text} {number}")
                await user.waits_for_reply()
                latencies.append(1000 * (perf_counter() - begun))

        gc.freeze()
        begun = perf_counter()
        await asyncio.gather(*(writes(self._user(first + n)) for n in range(told["users"])))
        return web.json_response({"seconds": perf_counter() - begun, "latencies_ms": latencies})

    async def _state(self, request: web.Request) -> web.Response:
        state: dict[str, Any] = {
            "calls": dict(self.counts),
            "pending": len(self.api.updates),
            "webhook": self.api.webhook.url,
            "refusals": [str(refusal) for refusal in self.refusals],
        }
        return web.json_response(state)


async def _serve(token: str, port: int) -> None:
    async with Steered(token, port) as telegram:
        print(telegram.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A simulated Bot API server on the loopback interface.")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one; the URL is printed")
    parser.add_argument("--token", default=TOKEN)
    asked = parser.parse_args()
    asyncio.run(_serve(asked.token, asked.port))


if __name__ == "__main__":
    main()
