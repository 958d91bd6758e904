"""Style sheets, scripts and pictures of our own; an address with the right version may be kept for ever."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.web.pages import STATIC, Pages

FOR_EVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


class OurFiles(StaticFiles):
    """The folder `bot/web/static`, with how long each answer may be kept."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(directory=STATIC)
        self._pages = pages

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        version = scope["query_string"].decode("latin-1").removeprefix("v=")
        response.headers["Cache-Control"] = FOR_EVER if self._pages.is_version(path, version) else AN_HOUR
        # A county's own site shows our script and icons.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
