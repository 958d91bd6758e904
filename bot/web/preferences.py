"""How somebody wants their pages: language, light or dark, type size. One small cookie, nothing about the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection
from starlette.responses import Response

from handlers.language import named

COOKIE = "view"
YEAR_S = 31_536_000
THEMES = ("auto", "light", "dark")
TYPES = ("normal", "big")


@dataclass(frozen=True, slots=True)
class View:
    """The choices; `chosen` tells whether the language is the person's own choice."""

    language: str
    theme: str = "auto"
    type: str = "normal"
    chosen: bool = False

    def changed(self, languages: Sequence[str], *, language: str = "", theme: str = "", type: str = "") -> View:  # noqa: A002
        """Give the view after a choice; what is no choice changes nothing."""
        return replace(
            self,
            language=language if language in languages else self.language,
            theme=theme if theme in THEMES else self.theme,
            type=type if type in TYPES else self.type,
            chosen=self.chosen or language in languages,
        )


def view_of(request: HTTPConnection, languages: Sequence[str], default: str) -> View:
    """Read a person's choices; before one the browser's languages count, then the county's."""
    language, theme, size = [*request.cookies.get(COOKIE, "").split("."), "", "", ""][:3]
    view = View(_accepted(request.headers.get("accept-language", ""), languages) or default)
    return view.changed(languages, language=language, theme=theme, type=size)


def remember_view(response: Response, view: View, *, secure: bool) -> None:
    """Have the browser keep the choices for a year."""
    language = view.language if view.chosen else ""
    cookie = SimpleCookie({COOKIE: f"{language}.{view.theme}.{view.type}"})
    cookie[COOKIE]["path"], cookie[COOKIE]["max-age"], cookie[COOKIE]["samesite"] = "/", YEAR_S, "Lax"
    cookie[COOKIE]["httponly"], cookie[COOKIE]["secure"] = True, secure
    response.headers.append("Set-Cookie", cookie[COOKIE].OutputString())


def _accepted(header: str, languages: Sequence[str]) -> str | None:
    """Give the first of a browser's languages that we speak (RFC 9110, 12.5.4; browsers list the best one first)."""
    for item in header.split(",")[:10]:
        tag = item.partition(";")[0].strip()
        if tag and tag != "*" and (known := named(tag, languages)):
            return known
    return None
