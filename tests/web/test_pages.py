"""Every page as somebody meets it: both lights, a telephone, big type, twice as large, without barriers."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from storage import events
from storage.staff import Role, Viewer
from tests.gatherings import gathering
from tests.web.browser import someone, violations
from tests.web.served import Served, listening

ADMIN = Viewer("admin", Role.COUNTY_ADMIN, None)
PAGES = (
    "/",
    "/policies",
    "/policies?q=厂房租金",
    "/policies?q=zzz",
    "/answer?q=租厂房有没有补贴&on=2026-11-24",
    "/events",
    "/privacy",
    "/status",
    "/resume",
    "/resume?k=abc",
    "/chat/manage",
    "/offline",
    "/no-such-page",
)
LOOKS = {
    "a telephone": {"phone": True},
    "a telephone at night": {"phone": True, "dark": True},
    "a desk at night, in English": {"dark": True, "language": "en-GB"},
}


async def _announced(site: Served) -> None:
    now = site.clock.now()
    meeting = gathering(
        "QK7M",
        now,
        title="新春乡情恳谈会",
        title_en="New Year homecoming meeting",
        ends_at=now + timedelta(days=60, hours=3),
        place="县文化中心",
        place_en="Culture centre",
        quota=100,
    )
    async with site.app.desk.database.write() as connection:
        await events.create(connection, ADMIN, meeting)


@pytest.mark.parametrize("look", LOOKS)
async def test_no_page_has_a_barrier_or_is_wider_than_its_window(site: Served, browser: Browser, look: str) -> None:
    await _announced(site)
    person = await someone(browser, site.url, **LOOKS[look])  # type: ignore[arg-type]
    window = person.viewport_size or {"width": 0}
    documents = [document.id for document in site.app.library.documents]
    found: dict[str, object] = {}
    for path in (*PAGES, *(f"/documents/{identity}" for identity in documents)):
        await person.goto(path)
        if barriers := await violations(person):
            found[path] = barriers
        if (width := await person.evaluate("document.documentElement.scrollWidth")) > window["width"]:
            found[f"{path} is {width} wide"] = window["width"]
    assert found == {}


async def test_twice_as_large_and_in_big_type_everything_still_fits(site: Served, browser: Browser) -> None:
    # 200 % zoom of a window of 720 leaves 360 of its pixels (WCAG 1.4.10 asks for 320).
    person = await someone(browser, site.url, phone=True)
    await person.goto("/")
    await person.get_by_role("button", name="大字").click()
    await expect(person.locator("html")).to_have_attribute("data-type", "big")
    assert await person.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 22
    await person.set_viewport_size({"width": 320, "height": 640})
    for path in PAGES:
        await person.goto(path)
        assert await person.evaluate("document.documentElement.scrollWidth") <= 320, path
    await person.goto("/")
    for control in await person.locator("button:visible, .tabs__tab:visible").all():
        box = await control.bounding_box()
        assert box is not None
        # WCAG 2.5.5: what is to be tapped has 44 pixels either way.
        assert box["height"] >= 43.5, await control.inner_text()


async def test_policies_are_found_by_words_and_by_day(site: Served, browser: Browser) -> None:
    person = await someone(browser, site.url, scripts=False)
    await person.goto("/")
    await person.get_by_role("link", name="现行政策").click()
    await person.get_by_label("找什么").fill("租金补贴")
    await person.get_by_role("button", name="查找").click()
    first = person.locator(".doc").first
    await expect(first).to_contain_text("望川县回乡投资促进措施")
    await first.get_by_role("link", name="第三条").click()
    await expect(person.locator(".clause:target")).to_contain_text("租金补贴")
    await person.goto("/policies?on=2021-01-01")
    await expect(person.locator(".docs").first).to_contain_text("望川县招商引资优惠办法")
    await expect(person.locator(".docs--past")).to_contain_text("尚未施行")


async def test_an_event_is_signed_up_for_from_its_card(site: Served, browser: Browser) -> None:
    await _announced(site)
    person = await someone(browser, site.url, phone=True)
    await person.goto("/events")
    await expect(person.locator(".event")).to_contain_text("新春乡情恳谈会")
    await person.get_by_role("link", name="报名").click()
    await person.get_by_role("button", name="在这里继续").click()
    await expect(person.locator(".turn:not(.turn--mine)").last).to_contain_text("恳谈会")


async def test_the_page_can_be_installed_and_says_so_without_a_connection(site: Served, browser: Browser) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        manifest = (await client.get("/manifest.webmanifest")).json()
        assert manifest["name"] == "望川县老乡助手"
        for icon in manifest["icons"]:
            assert (await client.get(icon["src"])).headers["content-type"] == icon["type"]
    person = await someone(browser, site.url, phone=True)
    await person.goto("/")
    await person.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await person.context.set_offline(True)
    await person.goto("/policies")
    await expect(person.get_by_role("heading", name="现在没有网络")).to_be_visible()


async def test_a_site_of_the_county_shows_the_chat_in_a_frame(site: Served, browser: Browser) -> None:
    shown = (
        f'<!doctype html><html lang="zh"><title>县政府</title><script src="{site.url}/embed.js" defer></script></html>'
    )
    listener = socket.create_server(("127.0.0.1", 0))
    county = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def front(request: Request) -> HTMLResponse:
        return HTMLResponse(shown)

    settings = site.app.settings.model_copy(update={"web_embed": county})
    site.web.state.site = replace(site.web.state.site, settings=settings)
    person = await someone(browser, county)
    async with listening(Starlette(routes=[Route("/", front)]), listener):
        await person.goto("/")
        await person.mouse.click(1180, 820)
        # The script keeps its frame to itself; the browser's list of frames still shows it.
        for _ in range(200):
            if len(person.frames) > 1:
                break
            await asyncio.sleep(0.02)
        inside = person.frames[1]
        await inside.get_by_label("您的问题").fill("租厂房有没有补贴?")
        await inside.get_by_role("button", name="发送").click()
        await expect(inside.locator(".quote").first).to_contain_text("第三条")
        await expect(inside.locator(".masthead")).to_be_hidden()


async def test_a_frame_in_a_foreign_site_gets_a_cookie_of_its_own(site: Served) -> None:
    headers = {"x-forwarded-proto": "https", "sec-fetch-site": "cross-site"}
    async with httpx.AsyncClient(base_url=site.url, headers=headers) as client:
        cookie = (await client.get("/embed")).headers["set-cookie"]
    assert cookie.startswith("__Host-frame=")
    assert {"SameSite=None", "Secure", "Partitioned"} <= {part.strip() for part in cookie.split(";")}


async def test_the_first_page_is_light(site: Served) -> None:
    """Everything a first look needs, compressed, stays below 200 kB."""
    taken = 0
    async with httpx.AsyncClient(base_url=site.url, headers={"accept-encoding": "gzip"}) as client:
        for path in (
            "/",
            *(site.web.state.site.pages.static(name) for name in ("base.css", "chat.css", "chat.js", "seal.svg")),
        ):
            async with client.stream("GET", path) as answer:
                taken += sum([len(chunk) async for chunk in answer.aiter_raw()])
    assert taken < 200_000
    assert taken < 40_000  # what it is today, with room


async def test_a_monitor_hears_how_it_is(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        assert (await client.get("/health")).json()["ok"] is True
