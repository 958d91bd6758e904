"""What every page may use, put together once and carried by the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from bot.channels.web import WebChannel
    from bot.settings import Settings
    from bot.web.limits import Limits, Rates
    from bot.web.pages import Pages
    from bot.web.streams import OpenStreams
    from handlers.desk import Desk
    from handlers.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What stands behind the pages, how pages look, and how often they may be asked."""

    settings: Settings
    desk: Desk
    library: Library
    channel: WebChannel
    pages: Pages
    limits: Limits
    rates: Rates
    streams: OpenStreams

    def is_secure(self, request: HTTPConnection) -> bool:
        """Tell whether the browser reaches us by https, itself or by the county's proxy."""
        return self.settings.web_address.startswith("https://") or request.url.scheme == "https"


def site_of(request: HTTPConnection) -> Site:
    """Give the site a request came to."""
    site: Site = request.app.state.site
    return site
