"""Where Telegram delivers updates by itself: one route that answers 200 only for what is stored."""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels import ChannelError

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
LARGEST_UPDATE = 1 << 20  # bytes; an update is a few kilobytes
# Bot API, setWebhook: secret_token
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True)
class Webhook:
    """Where Telegram is to deliver: our public https URL, and the secret that proves it is Telegram.

    A URL without a path gets one. Raises ChannelError without a secret: anybody who found the address
    could speak in any person's name.
    """

    url: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not SECRET.fullmatch(self.secret):
            raise ChannelError(
                "a Telegram webhook needs a secret of 1 to 256 letters, digits, _ or -; "
                "set LAOXIANG_TELEGRAM_SECRET, or unset LAOXIANG_TELEGRAM_WEBHOOK to use long polling"
            )

    @property
    def path(self) -> str:
        """Give the path to serve."""
        path = urlsplit(self.url).path
        return PATH if path in ("", "/") else path

    @property
    def address(self) -> str:
        """Give the URL that Telegram posts to."""
        return urlsplit(self.url)._replace(path=self.path).geturl()


def delivery(webhook: Webhook, take: Callable[[Mapping[str, Any]], Awaitable[bool]]) -> Route:
    """Give the route. `take` stores an update, or gives False while nothing can be stored yet.

    Telegram repeats whatever was not answered with 2xx.
    """

    async def delivered(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), webhook.secret.encode()):
            log.warning("telegram.wrong_secret")
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_UPDATE:
                return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not isinstance(update, dict):
            return Response(status_code=400)
        try:
            return Response(status_code=200 if await take(update) else 503)
        except Exception:
            log.exception("telegram.not_stored")
            return Response(status_code=503)

    return Route(webhook.path, delivered, methods=["POST"])
