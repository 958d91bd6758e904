"""Words that would be code, posts that are forged, addresses that are tampered with: shown as words, without effect."""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.web.csrf import csrf_token
from handlers import event_desk, faq_desk, slot_desk
from handlers.event_desk import Draft
from handlers.registry_desk import OPERATOR
from storage.slots import Host
from storage.staff import Role, Viewer
from tests.web.console.colleagues import Colleague
from tests.web.console.people_of import asks
from tests.web.console.test_documents import uploads
from tests.web.console.test_matrix import CASES, Case, Everybody, everybody
from tests.web.console.two_townships import everything
from tests.web.served import Served

__all__ = ["everybody"]

CODE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
WEIRD = ("../../etc/passwd", "%00", "9" * 40, "’ OR 1=1 --", "nobody")


@pytest.fixture
async def booby_trapped(site: Served, admin: Colleague) -> list[str]:
    """A site with code in every field people and staff can fill; gives the pages that show them."""
    office = site.app.desk
    person = await asks(site, "284917", CODE, township="liuhe", name=CODE)
    await slot_desk.add_host(office, OPERATOR, Host("trap", CODE, township="liuhe", place=CODE))
    day = office.clock.today()
    moment = event_desk.read_moment(office, f"{day.year + 1}-01-10 09:00")
    later = event_desk.read_moment(office, f"{day.year + 1}-01-10 11:00")
    event = await event_desk.create(office, OPERATOR, Draft(CODE, moment, later, CODE, moment, title_en=CODE))
    await event_desk.call_off(office, OPERATOR, event.code, CODE)
    await faq_desk.propose(office, Viewer("x", Role.BUREAU), question=CODE, answer=CODE, source=CODE, number="284917")
    await admin.posts("/console/questions/284917/reveal", reason=CODE)
    await admin.posts(f"/console/people/{person}/reveal", reason=CODE)
    identity = await uploads(
        admin,
        f"{CODE[:8]}办法.md",
        f"# {CODE}\n\n第一条 {CODE}\n\n| {CODE} | b |\n|---|---|\n| {CODE} | 2 |\n".encode(),
    )
    done = await admin.posts(f"/console/documents/uploads/{identity}/activate", title=CODE, issuer=CODE)
    assert done.status_code == 303, done.text
    pages = [path for (method, path) in CASES if method == "GET" and "{" not in path]
    return [
        *pages,
        "/console/questions/284917",
        f"/console/people/{person}",
        f"/console/events/{event.code}",
        "/console/events?past=1",
        "/console/slots?host=trap",
        f"/console/documents/uploads/{identity}",
        done.headers["location"],
        f"/console/people?city={quote(CODE)}",
        f"/console/documents?q={quote(CODE)}",
        f"/console/audit?actor={quote(CODE)}",
        f"/console?first={quote(CODE)}",
        f"/console/sign-in?to={quote(CODE)}",
    ]


def code_in(page: str) -> list[str]:
    """Give what of a page would run, by the reading of a parser: handlers, and scripts that are not files of ours."""
    found = []
    for node in LexborHTMLParser(page).css("*"):
        found += [f"{node.tag} {name}" for name in node.attributes if name.startswith("on")]
        if node.tag == "script" and not (node.attributes.get("src") or "").startswith("/static/"):
            found.append(node.html or "")
        if node.tag in ("img", "iframe", "object") and not (node.attributes.get("src") or "").startswith(
            ("/", "data:")
        ):
            found.append(node.html or "")
    return found


async def test_code_in_any_field_is_shown_as_words(booby_trapped: list[str], admin: Colleague) -> None:
    shown = 0
    for path in booby_trapped:
        page = (await admin.gets(path)).text
        assert "<script>alert" not in page, path
        assert code_in(page) == [], path
        shown += "&lt;script&gt;" in page
    assert shown >= 10
    typed = await admin.posts("/console/questions/284917/faq", question=CODE, answer="", source=CODE)
    assert (typed.status_code, "<script>alert" in typed.text, "&lt;script&gt;" in typed.text) == (422, False, True)


async def test_forged_posts_have_no_effect(everybody: Everybody) -> None:
    before = await everything(everybody.site)
    admin, reader = everybody.colleagues["admin"], everybody.colleagues["reader"]
    mine = {"cookie": f"desk={admin.token}"}
    forgeries: list[tuple[dict[str, str], str]] = [
        (mine, ""),
        (mine, "0" * 64),
        (mine, csrf_token(reader.token)),
        (mine | {"origin": "https://evil.example"}, csrf_token(admin.token)),
        (mine | {"sec-fetch-site": "cross-site"}, csrf_token(admin.token)),
        ({"cookie": f"desk={admin.token[:-1]}x"}, csrf_token(admin.token)),
    ]
    for (method, path), case in CASES.items():
        if method == "POST":
            for headers, token in forgeries:
                answer = await _forged(everybody, path, case, headers, token)
                assert answer.status_code in (303, 403), (path, headers, answer.status_code)
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/console/sign-in")
    assert await everything(everybody.site) == before


async def _forged(everybody: Everybody, path: str, case: Case, headers: dict[str, str], token: str) -> httpx.Response:
    filled = re.sub(r"{(\w+)}", lambda name: everybody.named(name[1], everybody.first), path)
    files = {"files": ("a.txt", b"x")} if path.endswith("/uploads") else None
    return await everybody.client.post(filled, data={**dict(case.form), "csrf": token}, files=files, headers=headers)


async def test_addresses_that_were_tampered_with_lead_nowhere_and_break_nothing(everybody: Everybody) -> None:
    before = await everything(everybody.site)
    admin = everybody.colleagues["admin"]
    headers = {"cookie": f"desk={admin.token}"}
    for (method, path), case in CASES.items():
        if "{" not in path:
            continue
        for weird in WEIRD:
            filled = re.sub(r"{\w+}", lambda _, weird=weird: weird if weird == "%00" else quote(weird, safe=""), path)
            if method == "GET":
                answer = await everybody.client.get(filled, headers=headers)
            else:
                form = {**dict(case.form), "csrf": csrf_token(admin.token)}
                answer = await everybody.client.post(filled, data=form, headers=headers)
            assert answer.status_code in (303, 400, 404, 405, 409, 422), (method, filled, answer.status_code)
    assert await everything(everybody.site) == before
