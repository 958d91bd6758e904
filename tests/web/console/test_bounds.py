"""Whatever an address or a form says: an answer in words, never a failure of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.console import event_pages, people_pages
from bot.web.csrf import csrf_token
from tests.web.console.colleagues import Colleague
from tests.web.console.people_of import asks
from tests.web.console.test_matrix import CASES, Case, Everybody, everybody, routes
from tests.web.served import Served

__all__ = ["everybody"]

DAYS = ("0001-01-01", "9999-12-31", "9999-12-31T23:59")
WORDS = ("9" * 25, "-1", "\N{RIGHT-TO-LEFT OVERRIDE}²³'\"<%s{{7*7}}" + "x" * 4000)
WRITTEN = (
    *("number", "topic", "send_at", "not_after", "event", "doors", "corrects", "news"),
    *("kinds", "fields", "townships", "tiers", "languages", "places", "events", "asked"),
)
# What pages read out of the form themselves.
READ_BY_HAND = {
    "/console/events": (*event_pages.FIELDS, "township"),
    "/console/events/{code}/change": event_pages.FIELDS,
    "/console/people/export": people_pages.NAMES,
    "/console/people/find": people_pages.NAMES,
    "/console/slots/{host}/rules": ("weekday",),
    "/console/documents/uploads/{edition}/activate": ("title", "doc_no", "published", "effective", "expires", "kind"),
    "/console/announcements": WRITTEN,
    "/console/announcements/preview": WRITTEN,
}


def parameters() -> Iterator[tuple[str, str, Case, tuple[str, ...]]]:
    """Give every address of the console with the names of what may be said to it."""
    for route, path in routes():
        for method in sorted(route.methods):
            said = route.dependant.query_params if method == "GET" else route.dependant.body_params
            names = {one.name for one in said} - {"files"} | set(READ_BY_HAND.get(path, ()))
            if path == "/console/people" and method == "GET":
                names |= set(people_pages.NAMES)
            if (method, path) in CASES and names:
                yield method, path, CASES[method, path], tuple(sorted(names))


async def test_nothing_that_can_be_said_breaks_a_page(everybody: Everybody) -> None:
    admin, failed, asked = everybody.colleagues["admin"], [], 0
    headers = {"cookie": f"desk={admin.token}"}
    for method, path, case, names in parameters():
        filled = path
        for name in ("number", "person", "host", "rule", "booking", "code", "faq", "edition", "announcement"):
            filled = filled.replace(f"{{{name}}}", everybody.first.names.get(name) or everybody.county.get(name, "x"))
        filled = filled.replace("{document}", "1").replace("{channel}", "telegram").replace("{member}", "nobody")
        for name in names:
            is_day = name in ("first", "last", "week", "day", "until", "value") or name.endswith(
                ("_at", "_after", "deadline")
            )
            for weird in DAYS if is_day else WORDS:
                if method == "GET":
                    answer = await everybody.client.get(filled, params={name: weird}, headers=headers)
                else:
                    form = {**dict(case.form), name: weird, "csrf": csrf_token(admin.token)}
                    answer = await everybody.client.post(filled, data=form, headers=headers)
                asked += 1
                if answer.status_code >= 500:
                    failed.append(f"{method} {path} {name}={weird[:20]}: {answer.status_code}")
    assert failed == []
    assert asked > 300, asked


async def test_a_contact_that_is_looked_for_stands_in_no_address(site: Served, admin: Colleague) -> None:
    for number in ("284917", "384917"):
        await asks(site, number, "问一下", township="liuhe", name=f"林{number}")
    found = await admin.posts("/console/people/find", contact="13828491700", kind="")
    assert (found.status_code, "person-284917" in found.text, "person-384917" in found.text) == (200, True, False)
    assert re.findall(r'(?:href|action)="[^"]*13828491700', found.text) == []
    narrowed = await admin.posts("/console/people/find", contact="", township="liuhe")
    assert narrowed.headers["location"] == "/console/people?township=liuhe"


@pytest.mark.parametrize("path", ["/console", "/console/report.xlsx"])
async def test_a_span_beyond_all_days_is_the_usual_one(site: Served, admin: Colleague, path: str) -> None:
    assert (await admin.gets(f"{path}?first=9999-12-31&last=9999-12-31")).status_code == 200
    assert (await admin.gets(f"{path}?last=0001-01-01")).status_code == 200


async def test_the_log_of_one_colleague_goes_on_over_its_pages(site: Served, admin: Colleague) -> None:
    from storage import staff
    from storage.staff import Role, Viewer

    async with site.app.desk.database.write() as connection:
        for number in range(130):
            for who in ("li", "zhang"):
                await staff.audit(connection, Viewer(who, Role.BUREAU), f"step {who} {number}", site.clock.now())
    first = await admin.gets("/console/audit?actor=li")
    assert "step zhang" not in first.text
    assert first.text.count("step li") == 100
    assert "/console/audit?actor=li&amp;page=2" in first.text
    second = await admin.gets("/console/audit?actor=li&page=2")
    assert (second.text.count("step li"), "step zhang" in second.text, "page=3" in second.text) == (30, False, False)
