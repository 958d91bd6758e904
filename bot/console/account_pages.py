"""One's own account: a new password, a new app for codes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import COOKIE, ConsoleRoute, Member, Staff, back_to, console_page
from bot.console.sign_in_pages import qr_of, why_refused
from bot.web.cookies import read_secret
from handlers import own_account
from handlers.credentials import Refused

router = APIRouter(route_class=ConsoleRoute)

Text = Annotated[str, Form()]


@router.get("/account")
async def account(request: Request, staff: Staff) -> Response:
    """Show one's own account."""
    return _account(request, staff)


@router.post("/account/password")
async def change_password(
    request: Request, staff: Staff, password: Text = "", digits: Text = "", new: Text = "", again: Text = ""
) -> Response:
    """Change one's password; every other browser is signed out."""
    token = read_secret(request, COOKIE)
    try:
        await own_account.change_password(
            staff.site.desk, staff.session, token, password=password, digits=digits, new=new, again=again
        )
    except Refused as refused:
        return _account(request, staff, password_refused=refused)
    return back_to("/account", "password_changed")


@router.post("/account/app")
async def change_app(
    request: Request, staff: Staff, password: Text = "", digits: Text = "", sealed: Text = "", new_digits: Text = ""
) -> Response:
    """Change the app one's codes come from; every other browser is signed out."""
    token = read_secret(request, COOKIE)
    try:
        await own_account.change_app(
            staff.site.desk,
            staff.session,
            token,
            password=password,
            digits=digits,
            sealed=sealed,
            new_digits=new_digits,
        )
    except Refused as refused:
        return _account(request, staff, sealed=sealed, app_refused=refused)
    return back_to("/account", "app_changed")


def _account(
    request: Request,
    staff: Member,
    *,
    sealed: str = "",
    password_refused: Refused | None = None,
    app_refused: Refused | None = None,
) -> Response:
    try:
        offered = own_account.offer_app(staff.site.desk, staff.session, sealed)
    except Refused:
        offered = own_account.offer_app(staff.site.desk, staff.session)
    refused = password_refused or app_refused
    wait_s = refused.retry_after if refused else 0
    answer = console_page(
        request,
        "console_account.html",
        status=429 if wait_s else 422 if refused else 200,
        offer=offered,
        qr=qr_of(offered.link),
        password_problem=why_refused(request, password_refused) if password_refused else "",
        app_problem=why_refused(request, app_refused) if app_refused else "",
        app_open=app_refused is not None,
    )
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    return answer
