"""What an administrator looks after: the log, channels on and off, who works here and their invitations."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.channels import NAMES
from bot.console.access import ConsoleRoute, Member, Staff, back_to, console_page
from bot.console.bounds import Page
from bot.web.pages import words
from bot.web.site import site_of
from handlers import channel_switches, colleagues, registry_desk
from handlers.registry_desk import NotDone
from storage.staff import Right, Role

router = APIRouter(route_class=ConsoleRoute)

SIZE = 100
# The terminal is the server's own; nobody outside reaches it.
OUTSIDE = tuple(sorted(NAMES - {"terminal"}))
Text = Annotated[str, Form()]


@router.get("/audit")
async def audit(request: Request, staff: Staff, page: Page = 1, actor: str = "") -> Response:
    """Show who saw, took out and changed what, the newest first."""
    office = staff.site.desk
    # One more than is shown tells whether there is a next page.
    entries = await registry_desk.audit_log(office, staff.viewer, SIZE + 1, offset=(page - 1) * SIZE, actor=actor)
    names = await colleagues.logins(office, staff.viewer)
    return console_page(
        request,
        "console_audit.html",
        entries=[{**one, "told": _told(one["detail"])} for one in entries[:SIZE]],
        names=names,
        action=lambda done: _action(request, done),
        number=page,
        more=len(entries) > SIZE,
        actor=actor,
        link=f"/console/audit?{urlencode({'actor': actor} if actor else {})}{'&' if actor else ''}",
    )


@router.get("/settings")
async def settings(request: Request, staff: Staff) -> Response:
    """Show channels and colleagues."""
    return await _settings(request, staff)


@router.post("/settings/channels/{channel}")
async def switch(request: Request, staff: Staff, channel: str, on: Text = "") -> Response:
    """Switch a channel on or off."""
    if channel not in OUTSIDE:
        raise NotDone("settings.no_channel")
    await channel_switches.switch(staff.site.desk, staff.viewer, channel, on=on == "yes")
    return back_to("/settings", "switched_on" if on == "yes" else "switched_off")


@router.post("/settings/invitations")
async def invite(request: Request, staff: Staff, role: Text = "", township: Text = "") -> Response:
    """Invite a colleague; the code is shown once."""
    if role not in set(Role):
        raise NotDone("settings.no_role")
    try:
        code = await colleagues.invite(
            staff.site.desk, staff.viewer, Role(role), township or None if role == Role.TOWNSHIP else None
        )
    except NotDone as error:
        raise NotDone("settings.no_township") from error
    return await _settings(request, staff, code=code)


@router.post("/settings/members/{member}/end")
async def end(request: Request, staff: Staff, member: str) -> Response:
    """End a colleague's role and sessions."""
    await colleagues.end(staff.site.desk, staff.viewer, member)
    return back_to("/settings", "ended")


async def _settings(request: Request, staff: Member, code: str = "") -> Response:
    staff.viewer.require(Right.SETTINGS)
    office = staff.site.desk
    off = await channel_switches.switched_off(office, staff.viewer)
    address = staff.site.settings.web_address or str(request.base_url).rstrip("/")
    return console_page(
        request,
        "console_settings.html",
        channels=[(name, off.get(name)) for name in OUTSIDE],
        members=await colleagues.members(office, staff.viewer),
        roles=[role.value for role in Role],
        townships=office.county.townships,
        code=code,
        address=f"{address}/console/invitation#{code}",
        now=office.clock.now(),
        settings=staff.site.settings,
    )


def _told(detail: dict[str, Any]) -> str:
    """Write what a log entry says beside its action."""
    parts = [
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in detail.items()
        if value not in ("", None, [])
    ]
    told = " · ".join(parts)
    return told if len(told) <= 300 else told[:299] + "…"


def _action(request: Request, done: str) -> str:
    """Name what was done; a name that no catalogue knows stands as it is."""
    key = f"console.action.{done.replace(' ', '_').lower()}"
    return words(request, key) if site_of(request).desk.texts.has(key) else done
