"""Every address of the console × every role × whose things: nothing of another township is seen or changed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi.routing import APIRoute

from bot import console
from bot.web.csrf import csrf_token
from handlers import document_desk
from storage.staff import RIGHTS, Right, Role, Viewer
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.two_townships import Things, announced_by, everything, of_the_county, things_of
from tests.web.served import Served

DOOR = frozenset({"/console/sign-in", "/console/invitation"})  # for those who are not signed in
OWN = frozenset(f"/console/{name}" for name in ("sign-out", "stay", "account", "account/password", "account/app"))


@dataclass(frozen=True, slots=True)
class Case:
    """One address: the right it takes, a form that means something, whether what it names is a township's."""

    right: Right | None
    form: tuple[tuple[str, str], ...] = ()
    of_a_township: bool = False


def _case(right: Right | None, *, mine: bool = False, **form: str) -> Case:
    return Case(right, tuple(form.items()), mine)


# What each address takes. A new address fails the test until it stands here.
CASES: dict[tuple[str, str], Case] = {
    ("GET", "/console"): _case(Right.LIST),
    ("GET", "/console/report.xlsx"): _case(Right.LIST),
    ("POST", "/console/ledger.xlsx"): _case(Right.EXPORT, full="yes", reason="督查"),
    ("GET", "/console/questions"): _case(Right.QUESTIONS),
    ("GET", "/console/questions/{number}"): _case(Right.QUESTIONS, mine=True),
    ("POST", "/console/questions/{number}/reveal"): _case(Right.REVEAL, mine=True, reason="回访"),
    ("POST", "/console/questions/{number}/answer"): _case(Right.ANSWER, mine=True, words="请到窗口办理"),
    ("POST", "/console/questions/{number}/faq"): _case(
        Right.ANSWER, mine=True, question="问什么？", answer="答什么。", source="《办法》第一条"
    ),
    ("GET", "/console/faq"): _case(Right.QUESTIONS),
    ("POST", "/console/faq/{faq}/review"): _case(Right.REVIEW, publish="no"),
    ("POST", "/console/faq/{faq}/withdraw"): _case(Right.REVIEW),
    ("GET", "/console/documents"): _case(Right.DOCUMENTS),
    ("GET", "/console/documents/{document}"): _case(Right.DOCUMENTS),
    ("POST", "/console/documents/{document}/set"): _case(Right.PUBLISH, field="issuer", value="县政府"),
    ("POST", "/console/documents/{document}/reset"): _case(Right.PUBLISH, field="issuer"),
    ("POST", "/console/documents/{document}/confirm"): _case(Right.PUBLISH),
    ("POST", "/console/documents/{document}/withdraw"): _case(Right.PUBLISH),
    ("POST", "/console/documents/{document}/restore"): _case(Right.PUBLISH),
    ("POST", "/console/documents/{document}/relate"): _case(Right.PUBLISH, kind="supplements", target="2"),
    ("POST", "/console/documents/{document}/unrelate"): _case(Right.PUBLISH, place="1"),
    ("POST", "/console/documents/uploads"): _case(Right.PUBLISH),
    ("GET", "/console/documents/uploads/{edition}"): _case(Right.DOCUMENTS),
    ("GET", "/console/documents/uploads/{edition}/progress"): _case(Right.DOCUMENTS),
    ("GET", "/console/documents/uploads/{edition}/file"): _case(Right.DOCUMENTS),
    ("GET", "/console/documents/uploads/{edition}/page/{page}.png"): _case(Right.DOCUMENTS),
    ("POST", "/console/documents/uploads/{edition}/activate"): _case(Right.PUBLISH),
    ("POST", "/console/documents/uploads/{edition}/bring-back"): _case(Right.PUBLISH),
    ("POST", "/console/documents/uploads/{edition}/discard"): _case(Right.PUBLISH),
    ("GET", "/console/people"): _case(Right.LIST),
    ("POST", "/console/people/find"): _case(Right.LIST, contact="13800138000"),
    ("POST", "/console/people/export"): _case(Right.EXPORT, reason="下乡走访", full="yes"),
    ("GET", "/console/people/duplicates"): _case(Right.MERGE),
    ("POST", "/console/people/merge"): _case(Right.MERGE, kept="person-284111", other="person-284222"),
    ("GET", "/console/people/number"): _case(Right.LIST),
    ("GET", "/console/people/{person}"): _case(Right.SHOW, mine=True),
    ("POST", "/console/people/{person}/reveal"): _case(Right.REVEAL, mine=True, reason="回访"),
    ("POST", "/console/people/{person}/file"): _case(
        Right.REVEAL, mine=True, number="384111", field="certificate", reason="核对"
    ),
    ("POST", "/console/people/{person}/tier"): _case(Right.TIER, mine=True, tier="A"),
    ("POST", "/console/people/{person}/confirm"): _case(Right.CONFIRM, mine=True),
    ("GET", "/console/slots"): _case(Right.BOOKINGS),
    ("GET", "/console/slots/bookings/{booking}"): _case(Right.BOOKINGS, mine=True),
    ("POST", "/console/slots/bookings/{booking}/reveal"): _case(Right.REVEAL, mine=True, reason="回访"),
    ("POST", "/console/slots/bookings/{booking}/settle"): _case(Right.SETTLE, mine=True, to="confirmed"),
    ("POST", "/console/slots/bookings/{booking}/move"): _case(Right.SETTLE, mine=True, day="2026-11-27", clock="10:00"),
    ("POST", "/console/slots/{host}/days"): _case(
        Right.SLOTS, mine=True, kind="leave", first="2026-12-24", last="2026-12-24"
    ),
    ("POST", "/console/slots/{host}/days/remove"): _case(Right.SLOTS, mine=True, kind="leave", day="2026-12-24"),
    ("POST", "/console/slots/{host}/rules"): _case(
        Right.SLOTS, mine=True, weekday="MO", starts="19:00", ends="20:00", minutes="30", capacity="1"
    ),
    ("POST", "/console/slots/{host}/rules/{rule}/end"): _case(Right.SLOTS, mine=True, until="2026-12-24"),
    ("POST", "/console/slots/{host}/active"): _case(Right.SLOTS, mine=True, active="no"),
    ("GET", "/console/events"): _case(Right.ATTENDEES),
    ("POST", "/console/events"): _case(
        Right.EVENTS,
        title="茶话会",
        starts_at="2027-01-10T09:00",
        ends_at="2027-01-10T11:00",
        deadline="2027-01-08T18:00",
        place="县里",
    ),
    ("GET", "/console/events/{code}"): _case(Right.ATTENDEES, mine=True),
    ("POST", "/console/events/{code}/reveal"): _case(Right.REVEAL, mine=True, reason="排座"),
    ("POST", "/console/events/{code}/check-in"): _case(Right.EVENTS, mine=True, number="502842"),
    ("POST", "/console/events/{code}/export"): _case(Right.EXPORT, mine=True, reason="排座", full="yes"),
    ("POST", "/console/events/{code}/change"): _case(Right.EVENTS, mine=True, place="新会场"),
    ("POST", "/console/events/{code}/call-off"): _case(Right.EVENTS, mine=True, note="大雪"),
    ("GET", "/console/announcements"): _case(Right.ANNOUNCE),
    ("GET", "/console/announcements/new"): _case(Right.ANNOUNCE),
    ("POST", "/console/announcements/preview"): _case(Right.ANNOUNCE, topic="news", **{"text-zh-Hans": "恳谈会"}),
    ("POST", "/console/announcements"): _case(Right.ANNOUNCE, topic="news", **{"text-zh-Hans": "恳谈会"}),
    ("GET", "/console/announcements/{announcement}"): _case(Right.ANNOUNCE, mine=True),
    ("GET", "/console/announcements/{announcement}/edit"): _case(Right.ANNOUNCE, mine=True),
    ("GET", "/console/announcements/{announcement}/files/{place}"): _case(Right.ANNOUNCE, mine=True),
    ("GET", "/console/announcements/{announcement}/progress"): _case(Right.ANNOUNCE, mine=True),
    ("POST", "/console/announcements/{announcement}/submit"): _case(Right.ANNOUNCE, mine=True),
    ("POST", "/console/announcements/{announcement}/approve"): _case(Right.APPROVE, mine=True, digest="0" * 64),
    ("POST", "/console/announcements/{announcement}/back"): _case(Right.APPROVE, mine=True, note="再想想"),
    ("POST", "/console/announcements/{announcement}/step"): _case(Right.ANNOUNCE, mine=True, step="discard"),
    ("GET", "/console/audit"): _case(Right.AUDIT),
    ("GET", "/console/settings"): _case(Right.SETTINGS),
    ("POST", "/console/settings/channels/{channel}"): _case(Right.SETTINGS, on="yes"),
    ("POST", "/console/settings/invitations"): _case(Right.SETTINGS, role="reader"),
    ("POST", "/console/settings/members/{member}/end"): _case(Right.SETTINGS),
}
# What several kinds of things are called alike in addresses.
CALLED = {"/faq/{identity}": "/faq/{faq}", "/uploads/{identity}": "/uploads/{edition}", "{number:int}": "{document}"}


def addresses() -> list[tuple[str, str]]:
    """Give every (method, path) of the console as the application serves it."""
    return [(method, path) for route, path in routes() for method in sorted(route.methods)]


def routes() -> Iterator[tuple[APIRoute, str]]:
    """Give every route of the console, and its path with each kind of thing called by its own name."""
    for pages in console.PAGES:
        for route in pages.router.routes:
            assert isinstance(route, APIRoute)
            path = f"/console{route.path}"
            for called, meant in CALLED.items():
                path = path.replace(called, meant)
            path = path.replace("/announcements/{number}", "/announcements/{announcement}")
            yield (
                route,
                path.replace("/slots/bookings/{number}", "/slots/bookings/{booking}").replace("{page:int}", "{page}"),
            )


def test_every_address_is_in_the_matrix() -> None:
    served = {one for one in addresses() if one[1] not in DOOR | OWN}
    assert served == set(CASES)


class Everybody:
    """One colleague of every role, in two townships where there are townships."""

    def __init__(
        self, client: httpx.AsyncClient, site: Served, first: Things, second: Things, county: dict[str, str]
    ) -> None:
        self.client, self.site, self.first, self.second, self.county = client, site, first, second, county
        self.colleagues: dict[str, Colleague] = {}

    async def call(self, who: Colleague | None, method: str, path: str, case: Case, things: Things) -> httpx.Response:
        filled = re.sub(r"{(\w+)}", lambda name: self.named(name[1], things), path)
        headers = {"cookie": f"desk={who.token}"} if who else {}
        if method == "GET":
            asked = {"number": "384111"} if path.endswith("/number") else {}
            return await self.client.get(filled, params=asked, headers=headers)
        form = dict(case.form) | ({"csrf": csrf_token(who.token)} if who else {})
        files = {"files": ("新办法.txt", "第一条 说明。".encode())} if path.endswith("/uploads") else None
        return await self.client.post(filled, data=form, files=files, headers=headers)

    def named(self, name: str, things: Things) -> str:
        given = {"page": "1", "channel": "telegram", "member": "nobody", "document": "1", "place": "0"}
        return things.names.get(name) or self.county.get(name) or given[name]


@pytest.fixture
async def everybody(site: Served) -> AsyncIterator[Everybody]:
    first, second = await things_of(site, "liuhe", "111"), await things_of(site, "qingshi", "222")
    county = await of_the_county(site, first)
    admin = await colleague(site, "admin", Role.COUNTY_ADMIN)
    identity = await document_desk.upload(
        site.app.desk,
        await _viewer(site, admin),
        "办法.txt",
        "望川县试行办法\n第一条 说明。".encode(),
        home=site.app.settings.home,
    )
    await document_desk.read(
        site.app.desk,
        site.app.library,
        identity,
        document_desk.place_of(site.app.settings.home, identity, "办法.txt"),
    )
    async with httpx.AsyncClient(base_url=site.url, timeout=30) as client:
        found = Everybody(client, site, first, second, {**county, "edition": identity})
        found.colleagues = {
            "admin": admin,
            "bureau": await colleague(site, "bureau", Role.BUREAU),
            "reader": await colleague(site, "reader", Role.READER),
            "liuhe": await colleague(site, "liuhe", Role.TOWNSHIP, "liuhe"),
        }
        await announced_by(site, first, await _viewer(site, found.colleagues["liuhe"]))
        await announced_by(site, second, Viewer("somebody", Role.TOWNSHIP, "qingshi"))
        yield found


async def _viewer(site: Served, who: Colleague):  # type: ignore[no-untyped-def]
    from storage import staff

    async with site.app.desk.database.read() as connection:
        return await staff.viewer_by_id(connection, who.id)


# What a look at these addresses comes to: the number leads to its person, the upload is no PDF, nothing is attached.
SEEN = {
    "/console/people/number": 303,
    "/console/documents/uploads/{edition}/page/{page}.png": 404,
    "/console/announcements/{announcement}/files/{place}": 404,
}
ROLES = {"admin": Role.COUNTY_ADMIN, "bureau": Role.BUREAU, "reader": Role.READER, "liuhe": Role.TOWNSHIP}


async def test_nobody_sees_or_changes_what_is_not_theirs(everybody: Everybody) -> None:
    """Forbidden first, while everything still stands; each forbidden post must leave no trace."""
    before = await everything(everybody.site)
    problems = []
    for (method, path), case in CASES.items():
        assert case.right is not None
        for name, role in ROLES.items():
            who = everybody.colleagues[name]
            allowed = case.right in RIGHTS[role]
            for things in (everybody.first, everybody.second):
                foreign = role is Role.TOWNSHIP and things is everybody.second and case.of_a_township
                if allowed and not foreign and method != "GET":
                    continue  # has effects: told below
                answer = await everybody.call(who, method, path, case, things)
                seen = f"{name} {method} {path} of {things.names['township']}: {answer.status_code}"
                if answer.status_code >= 500:
                    problems.append(seen)
                if not allowed and answer.status_code != 403:
                    problems.append(f"{seen}, though the role has no right")
                if allowed and not foreign and answer.status_code != SEEN.get(path, 200):
                    problems.append(f"{seen}, though it is theirs to see")
                if foreign and answer.status_code not in (403, 404, 409):
                    problems.append(f"{seen}, of another township")
                if role is Role.TOWNSHIP:
                    problems += [f"{seen} shows {word}" for word in everybody.second.shown_in(answer)]
        stranger = await everybody.call(None, method, path, case, everybody.first)
        if stranger.status_code not in (303, 401):
            problems.append(f"a stranger {method} {path}: {stranger.status_code}")
    assert problems == []
    assert await everything(everybody.site) == before


async def test_everybody_may_do_what_their_role_does(everybody: Everybody) -> None:
    """The allowed posts, the county's roles on one township's things and the township's officer on their own."""
    problems = []
    for (method, path), case in CASES.items():
        for name, role in ROLES.items():
            if method == "GET" or case.right not in RIGHTS[role]:
                continue
            who = everybody.colleagues[name]
            answer = await everybody.call(who, method, path, case, everybody.first)
            # 409 and 422 say that it was done already, or can't be: words, not a refusal of the role.
            if answer.status_code not in (200, 303, 409, 422):
                problems.append(f"{name} {method} {path}: {answer.status_code}")
            if role is Role.TOWNSHIP:
                problems += [f"{name} {path} shows {word}" for word in everybody.second.shown_in(answer)]
    assert problems == []
