"""How large a request may be; a larger one is answered in the person's language, as everything else is."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.errors import failure

LARGEST = 24_000_000  # bytes: a file of 20 MB and what a form wraps around it
HEARD_OUT = 120_000_000  # bytes: a browser that is still sending reads no answer


class BodyLimit:
    """ASGI middleware. The framework's own answers in plain English, past all headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if told.isdigit() and int(told) > LARGEST:
            heard, more = 0, int(told) <= HEARD_OUT
            while more and heard <= HEARD_OUT:
                message = await receive()
                heard += len(message.get("body", b""))
                more = bool(message.get("more_body"))
            await failure(Request(scope), 413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST:
                # While the body is read, which is before anything is answered.
                raise HTTPException(413, "too large")
            return message

        await self._app(scope, counted, send)
