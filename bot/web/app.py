"""The one web application: pages for people, the JSON chat, the staff's console, and what channels are delivered to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from bot import console
from bot.web import api, chat_care_pages, chat_pages, errors, preference_pages, public_pages, reading_pages
from bot.web.body_limit import BodyLimit
from bot.web.chat_view import Links, live
from bot.web.limits import Limits, Rates
from bot.web.pages import Pages
from bot.web.security import SecurityHeaders
from bot.web.site import Site
from bot.web.static_files import OurFiles
from bot.web.streams import OpenStreams

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from bot.app import App
    from bot.channels.web import WebChannel


class _Web(FastAPI):
    """The framework with our guards around all of it: its own answer to a fault of ours is sent past middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        return SecurityHeaders(BodyLimit(super().build_middleware_stack()))


def create_app(app: App, channel: WebChannel, *, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """Put the web application together. `routes` are what channels want to be delivered to (Telegram's webhook)."""
    pages = Pages(app.desk)
    pages.provide(links=Links(app.library))
    pages.provide_filters(live=live)
    web = _Web(
        title="Laoxiang",
        summary="The hometown assistant of a county: cited policy answers, conversations and forms, as JSON.",
        version=metadata.version("laoxiang"),
        # The pages that FastAPI makes of the OpenAPI load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        telemetry={"tracing": False, "metrics": False},
    )
    web.state.site = Site(
        settings=app.settings,
        desk=app.desk,
        library=app.library,
        channel=channel,
        pages=pages,
        limits=Limits(time.monotonic),
        rates=Rates.of(app.settings),
        streams=OpenStreams(),
    )
    web.add_middleware(GZipMiddleware, minimum_size=1_000)
    errors.install(web)
    for part in (api, chat_pages, chat_care_pages, reading_pages, public_pages, preference_pages):
        web.include_router(part.router)
    web.include_router(console.router, include_in_schema=False)
    web.mount("/static", OurFiles(pages))
    web.router.routes.extend(routes)
    return web
