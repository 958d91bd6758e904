"""Drawing pages: templates with the words of a person's language, addresses of static files, the token for posts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.web.csrf import csrf_token
from bot.web.preferences import View, view_of
from bot.web.site import site_of
from handlers.voice import Voice

if TYPE_CHECKING:
    from handlers.desk import Office

FOLDER = Path(__file__).parent
TEMPLATES, STATIC = FOLDER / "templates", FOLDER / "static"
# Whoever keeps further templates (the staff's console) puts their folder here, under a name of its own.
MORE_TEMPLATES = (FOLDER.parent / "console" / "templates",)


class Pages:
    """The templates of one office, with everything they may call."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._versions: dict[str, str] = {}
        self._templates = Environment(
            loader=FileSystemLoader([TEMPLATES, *MORE_TEMPLATES]),
            # Everything is escaped, whatever a template is called: people's words are in most of them.
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"t": _text, "static": self.static}
        self._templates.filters |= {"day": _day, "moment": self._moment}

    def provide(self, **names: Any) -> None:
        """Let templates use further names, whoever draws them."""
        self._templates.globals |= names

    def provide_filters(self, **filters: Any) -> None:
        """Let templates use further filters."""
        self._templates.filters |= filters

    def static(self, name: str) -> str:
        """Give the address of a static file, with its content in the name so that it may be kept for ever."""
        version = self._versions.get(name)
        if version is None:
            version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
            self._versions[name] = version
        return f"/static/{name}?v={version}"

    def is_version(self, name: str, version: str) -> bool:
        """Tell whether a static file still is what an address asks for."""
        return self._versions.get(name) == version

    def render(self, template: str, view: View, **context: Any) -> str:
        """Draw a template in a view, without a request: a part of a page for the event stream."""
        voice = Voice(self._office, view.language)
        return self._templates.get_template(template).render(voice=voice, view=view, **context)

    def _moment(self, at: datetime) -> str:
        """Write a point in time as the county's clock shows it, "2026-12-03 14:30"."""
        return f"{at.astimezone(ZoneInfo(self._office.county.timezone)):%Y-%m-%d %H:%M}"


def page(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Draw a page for a request.

    Templates find `t(key, **params)`, `static(name)`, `view`, `county`, `path` and `csrf`, the token for posts;
    that belongs to `request.state.secret`, which whoever reads the cookie sets.
    """
    site = site_of(request)
    view = view_for(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    body = site.pages.render(
        template,
        view,
        request=request,
        path=request.url.path,
        county=site.desk.county,
        csrf=csrf_token(getattr(request.state, "secret", "")),
        **{"here": here, **context},
    )
    # What we hold of the language and looks of a page depends on these.
    return HTMLResponse(body, status, {"Vary": "Cookie, Accept-Language", **(headers or {})})


def view_for(request: Request) -> View:
    """Give how somebody wants their pages."""
    desk = site_of(request).desk
    return view_of(request, desk.texts.languages, desk.language)


def words(request: Request, key: str, **params: object) -> str:
    """Give a text of the catalogue in the language of the page."""
    return Voice(site_of(request).desk, view_for(request).language).text(key, **params)


@pass_context
def _text(context: Context, key: str, **params: object) -> str:
    voice: Voice = context["voice"]
    return voice.text(key, **params)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
