"""Cookies that prove who comes back: bound to this host, out of reach of scripts, not sent along from elsewhere."""

from __future__ import annotations

import secrets
from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.web.site import site_of


def new_secret() -> str:
    """Give what a cookie holds: 256 bits nobody can guess. The database keeps its hash only."""
    return secrets.token_urlsafe(32)


def read_secret(request: HTTPConnection, name: str) -> str:
    """Give the secret a browser brought under a name; empty without one."""
    secret = request.cookies.get(_named(request, name), "")
    return secret if 40 <= len(secret) <= 64 and secret.isascii() else ""


def keep_secret(
    response: Response, request: HTTPConnection, name: str, secret: str, max_age_s: int | None, *, framed: bool = False
) -> None:
    """Have a browser keep a secret, until it is closed if `max_age_s` is None.

    One that is `framed` is sent back from a frame in another site, and from frames in that site alone (CHIPS).
    """
    cookie = SimpleCookie({_named(request, name): secret})
    morsel = next(iter(cookie.values()))
    morsel["path"], morsel["httponly"], morsel["samesite"] = "/", True, "None" if framed else "Lax"
    # RFC 6265bis: the prefix __Host- asks for Secure, Path=/ and no Domain; without https a browser would drop it.
    morsel["secure"] = framed or site_of(request).is_secure(request)
    if max_age_s is not None:
        morsel["max-age"] = max_age_s
    # Python's own cookies know the attribute from 3.14 on.
    response.headers.append("Set-Cookie", morsel.OutputString() + ("; Partitioned" if framed else ""))


def drop_secret(response: Response, request: HTTPConnection, name: str) -> None:
    """Have a browser forget a secret."""
    keep_secret(response, request, name, "", 0)


def _named(request: HTTPConnection, name: str) -> str:
    return f"__Host-{name}" if site_of(request).is_secure(request) else name
