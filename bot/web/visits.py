"""Who is at the other end: a browser known by its cookie, or a program by its token; both enter one chat."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.web.cookies import drop_secret, keep_secret, new_secret, read_secret
from bot.web.limits import address_of, hold_back
from bot.web.site import Site, site_of
from storage import web_chats

COOKIE = "visit"
FRAME_COOKIE = "frame"  # of a chat in a frame of another site, where the first is not sent
MAX_AGE_S = int(web_chats.LONGEST.total_seconds())


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: its secret, new or brought along, and its chat; empty until something is said."""

    secret: str
    chat: str = ""
    is_new: bool = False
    is_framed: bool = False


async def visitor_of(request: Request) -> Visitor:
    """Tell who asks for a page; somebody unknown gets a secret that opens nothing yet (`greet` hands it over)."""
    own = read_secret(request, COOKIE)
    secret = own or read_secret(request, FRAME_COOKIE)
    framed = not own if secret else _is_framed(request)
    visitor = Visitor(secret or new_secret(), await chat_for(site_of(request), secret), not secret, framed)
    request.state.secret = visitor.secret
    return visitor


async def chat_for(site: Site, secret: str) -> str:
    """Give the chat a secret opens; empty for none. Its bearer is noted as seen."""
    if not secret:
        return ""
    now = site.desk.clock.now()
    async with site.desk.database.read() as connection:
        found = await web_chats.chat_of(connection, secret, now)
    if found is None:
        return ""
    chat, renew = found
    if renew:
        async with site.desk.database.write() as connection:
            await web_chats.see(connection, secret, now)
    return chat


async def open_chat(request: Request, secret: str) -> str:
    """Begin a chat for a secret; gives that, or the one another request of the same browser has just begun.

    Raises TooMany.
    """
    site = site_of(request)
    hold_back(request, (site.rates.new_chats, address_of(request)), (site.rates.everybody, ""))
    async with site.desk.database.write() as connection:
        return await web_chats.begin_visit(connection, secret, site.desk.ids.new(), site.desk.clock.now())


def hold_back_address(request: Request) -> None:
    """Count one request of an address, and one of everybody's. Raises TooMany."""
    rates = site_of(request).rates
    hold_back(request, (rates.address, address_of(request)), (rates.everybody, ""))


def hold_back_person(request: Request, visitor: Visitor) -> None:
    """Count one message of a person, and one request of their address. Raises TooMany."""
    hold_back(request, (site_of(request).rates.person, visitor.secret))
    hold_back_address(request)


def greet(response: Response, request: Request, visitor: Visitor) -> None:
    """Have the browser keep its secret, for as long as the visit may last if that has just begun."""
    if visitor.is_new or (request.method == "POST" and not visitor.chat):
        name = FRAME_COOKIE if visitor.is_framed else COOKIE
        keep_secret(response, request, name, visitor.secret, MAX_AGE_S, framed=visitor.is_framed)


def _is_framed(request: Request) -> bool:
    return request.url.path == "/embed" and request.headers.get("sec-fetch-site") == "cross-site"


def keep(response: Response, request: Request, secret: str) -> None:
    """Have the browser keep another secret."""
    keep_secret(response, request, COOKIE, secret, MAX_AGE_S)


def part(response: Response, request: Request) -> None:
    """Have the browser forget its secret."""
    drop_secret(response, request, COOKIE)
