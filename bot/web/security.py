"""Headers every response carries: nothing from outside, nothing inline, no frames, nothing told to other sites."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.site import site_of

# CSP level 3. data: is for pictures in our own style sheet alone.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
YEAR_S = 31_536_000


def policy(**changes: str) -> str:
    """Write the content security policy, with some directives changed (`frame_ancestors="https://…"`)."""
    told = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in told.items())


class SecurityHeaders:
    """ASGI middleware. A response that brings a header of these itself keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy())
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                # What a person was shown stands in no cache; files that never change say so themselves.
                headers.setdefault("Cache-Control", "no-store")
                if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
                    headers.setdefault("X-Frame-Options", "DENY")
                request = HTTPConnection(scope)
                # For this host alone: what else the county keeps below it may not speak https yet.
                if "app" in scope and site_of(request).is_secure(request):
                    headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
            await send(message)

        await self._app(scope, receive, with_headers)
