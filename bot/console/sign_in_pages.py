"""Coming in and going out: an invitation's page, signing in, signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import kept_words
from bot.console.access import COOKIE, DOOR, SIGN_IN, ConsoleRoute, Staff, ask_again, door_page
from bot.console.kept_words import Kept
from bot.web.cookies import drop_secret, keep_secret, read_secret
from bot.web.csrf import check_csrf
from bot.web.limits import Limit, address_of, hold_back
from bot.web.pages import words
from bot.web.site import site_of
from handlers import sign_in
from handlers.credentials import Refused
from handlers.sign_in import LONGEST

router = APIRouter(route_class=ConsoleRoute)

BROWSER = "known"  # the cookie by which a browser is known that was let in before
KNOWN_S = 180 * 24 * 3600
TRIES = Limit("console-door", 30, 60)
Text = Annotated[str, Form()]


@router.get("/sign-in")
async def sign_in_page(request: Request, to: str = "/console") -> Response:
    """Ask for login, password and code."""
    return door_page(request, "console_sign_in.html", to=to, login="", problem="", kept="")


@router.post("/sign-in")
async def sign_in_now(
    request: Request,
    login: Text = "",
    password: Text = "",
    digits: Text = "",
    to: Text = "/console",
    kept: Text = "",
    csrf: Text = "",
) -> Response:
    """Open a session, or say that something was wrong, never what.

    `kept` is what its reader had typed when the session before ended: they say themselves whether it is still meant.
    """
    _hold_back(request)
    check_csrf(request, read_secret(request, DOOR), csrf)
    carried = kept_words.read(kept)
    try:
        token, proof = await sign_in.sign_in(
            site_of(request).desk,
            login,
            password,
            digits,
            address=address_of(request),
            browser=read_secret(request, BROWSER),
        )
    except Refused as refused:
        answer = door_page(
            request,
            "console_sign_in.html",
            status=429 if refused.retry_after else 401,
            to=to,
            login=login,
            problem=why_refused(request, refused),
            kept=kept_words.written(carried),
        )
        if refused.retry_after:
            answer.headers["Retry-After"] = str(refused.retry_after)
        return answer
    answer = _let_in(request, token, to, carried)
    keep_secret(answer, request, BROWSER, proof, KNOWN_S)
    return answer


@router.get("/stay")
async def stay(staff: Staff) -> Response:
    """Stay signed in: asking is using."""
    return Response(status_code=204)


@router.get("/invitation")
async def invitation_page(request: Request, code: str = "") -> Response:
    """Ask for the code of an invitation; what links of earlier releases bring (`code`) is shown at once."""
    if not code:
        return _no_offer(request)
    return await _invitation(request, code)


@router.post("/invitation")
async def accept_invitation(
    request: Request,
    code: Text = "",
    sealed: Text = "",
    login: Text = "",
    password: Text = "",
    again: Text = "",
    digits: Text = "",
    csrf: Text = "",
) -> Response:
    """Show what an invitation is for; with what was typed there, make the account and open its first session."""
    if not sealed:
        # The box of the first page: a code in an address would stand in the logs of every proxy on the way.
        check_csrf(request, read_secret(request, DOOR), csrf)
        return await _invitation(request, code)
    _hold_back(request)
    check_csrf(request, read_secret(request, DOOR), csrf)
    try:
        token = await sign_in.accept(
            site_of(request).desk, code, sealed=sealed, login=login, password=password, again=again, digits=digits
        )
    except Refused as refused:
        return await _invitation(request, code, sealed=sealed, login=login, refused=refused)
    return _let_in(request, token, "/console")


@router.post("/sign-out")
async def sign_out_now(request: Request, staff: Staff) -> Response:
    """End this session."""
    await sign_in.sign_out(staff.site.desk, read_secret(request, COOKIE))
    answer = RedirectResponse(SIGN_IN, 303)
    drop_secret(answer, request, COOKIE)
    return answer


async def _invitation(
    request: Request, code: str, *, sealed: str = "", login: str = "", refused: Refused | None = None
) -> Response:
    _hold_back(request)
    try:
        offered = await sign_in.offer(site_of(request).desk, code, sealed=sealed, login=login)
    except Refused as gone:
        return _no_offer(request, 410, why_refused(request, gone))
    return door_page(
        request,
        "console_invitation.html",
        status=422 if refused else 200,
        offer=offered,
        code=code,
        login=login,
        problem=why_refused(request, refused) if refused else "",
        qr=qr_of(offered.link),
    )


def _hold_back(request: Request) -> None:
    hold_back(request, (TRIES, sign_in.network_of(address_of(request))))


def why_refused(request: Request, refused: Refused) -> str:
    """Say why nothing was done, and how long to wait if that helps."""
    return words(request, f"console.sign_in.refused.{refused.key}", minutes=-(-refused.retry_after // 60))


def _no_offer(request: Request, status: int = 200, problem: str = "") -> Response:
    nothing = {"offer": None, "code": "", "login": "", "qr": ""}
    return door_page(request, "console_invitation.html", status=status, problem=problem, **nothing)


def _let_in(request: Request, token: str, to: str, carried: Kept | None = None) -> Response:
    request.state.secret = token
    answer: Response = (
        ask_again(request, carried)
        if carried
        else RedirectResponse(to if to.startswith("/console") and "\\" not in to else "/console", 303)
    )
    keep_secret(answer, request, COOKIE, token, int(LONGEST.total_seconds()))
    drop_secret(answer, request, DOOR)
    return answer


def qr_of(link: str) -> str:
    """Draw what the code app reads, as the address of a picture."""
    import segno

    return segno.make(link, error="m").svg_data_uri(scale=4, border=2, light="#fff")
