"""The web pages put together from an opened assistant, for whoever serves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.channels.web import WebChannel

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.routing import BaseRoute

    from bot.app import App


def web_channel(app: App) -> WebChannel:
    """Give the channel of the county's own pages."""
    return WebChannel(app.desk.database, app.desk.clock, app.desk.ids)


def web_pages(app: App, channel: WebChannel, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """Give the pages, with the routes that other channels are delivered to."""
    # Half a second of imports that a terminal without a page never needs.
    from bot.web.app import create_app

    return create_app(app, channel, routes=routes)
