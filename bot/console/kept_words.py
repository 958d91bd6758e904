"""What somebody had typed when their session ended: carried through the sign-in, sent again once they say so."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from bot.web.csrf import FIELD, is_foreign

MOST_FIELDS, LONGEST = 200, 200_000  # characters in all
# Secrets are typed anew; the token belongs to the session that is over.
NEVER = frozenset({FIELD, "password", "again", "digits", "code", "sealed", "new", "new_digits"})
ADDRESS = re.compile(r"/console(?:/[\w.-]+)+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A post that was not taken: where it went and its fields, without files and secrets."""

    path: str
    fields: tuple[tuple[str, str], ...]


async def kept_of(request: Request) -> Kept | None:
    """Give what a post brought; None for one without words, or one that our own page did not send for certain."""
    if not _sent_from_here(request):
        return None
    form = await request.form()
    fields = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in NEVER)
    return _checked(request.url.path, fields)


def written(kept: Kept | None) -> str:
    """Write what is kept for a hidden field; nothing for nothing."""
    return json.dumps([kept.path, kept.fields], ensure_ascii=False) if kept else ""


def read(told: str) -> Kept | None:
    """Read what `written` wrote; None for anything else."""
    try:
        path, fields = json.loads(told)
        pairs = tuple((name, value) for name, value in fields)
    except (ValueError, TypeError):
        return None
    if not all(isinstance(part, str) for part in (path, *(part for pair in pairs for part in pair))):
        return None
    return _checked(path, pairs)


def _checked(path: str, fields: tuple[tuple[str, str], ...]) -> Kept | None:
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or len(fields) > MOST_FIELDS or size > LONGEST or not ADDRESS.fullmatch(path):
        return None
    return Kept(path, fields)


def _sent_from_here(request: Request) -> bool:
    """Tell whether the browser itself says that our own page sent this; silence is not enough here."""
    if is_foreign(request):
        return False
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return origin == request.headers.get("host") or request.headers.get("sec-fetch-site") == "same-origin"
