"""Posts come from our own pages: a token only they can know, and the browser's word for where it stood."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.web.site import site_of

FIELD = "csrf"
HEADER = "X-CSRF-Token"


def csrf_token(secret: str) -> str:
    """Give the token that belongs to the secret of somebody's cookie; it tells nothing about that."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_csrf(request: Request, secret: str, given: str) -> None:
    """Let a post pass that one of our pages sent. Raises HTTPException 403 for every other.

    `given` is the form's field `csrf` or the header X-CSRF-Token.
    """
    if not secret or not hmac.compare_digest(csrf_token(secret).encode(), given.encode()) or is_foreign(request):
        raise HTTPException(403, "csrf")


def is_foreign(request: Request) -> bool:
    """Tell whether the browser says that another site's page sent this (Sec-Fetch-Site, Origin)."""
    where = request.headers.get("sec-fetch-site", "same-origin")
    if where not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin", "")
    # A proxy may put a name of its own into Host; what people reach us by stands in the settings.
    ours = {request.headers.get("host", ""), urlsplit(site_of(request).settings.web_address).netloc} - {""}
    return bool(origin) and urlsplit(origin).netloc.lower() not in {one.lower() for one in ours}
