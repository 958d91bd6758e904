"""What holds for every page: headers, looks, words for failures."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser

from bot.web.limits import Limit, Limits
from handlers import reading_room
from tests.web.browser import faults, someone, violations
from tests.web.calling import Caller
from tests.web.served import Served


async def test_every_answer_carries_the_security_headers(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        for path in ("/no-such-page", "/static/base.css", "/api/nothing"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe-inline" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            # Not by https: no browser would keep it, and no proxy promises it.
            assert "strict-transport-security" not in headers


async def test_a_fault_of_ours_carries_them_too_and_tells_nothing(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("林溪 13800138000")

    monkeypatch.setattr(reading_room, "documents_on", breaks)
    async with httpx.AsyncClient(base_url=site.url) as client:
        failed = await client.get("/policies")
    assert (failed.status_code, "系统出了问题" in failed.text, "林溪" in failed.text) == (500, True, False)
    assert "default-src 'none'" in failed.headers["content-security-policy"]
    assert (failed.headers["x-frame-options"], failed.headers["cache-control"]) == ("DENY", "no-store")


async def test_a_number_no_database_knows_is_no_fault(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        await lin.says("你好")
        for path in (
            "/chat/files/99999999999999999999/0",
            "/chat/answers/99999999999999999999",
            "/chat/files/1/9" + "9" * 30,
        ):
            assert (await client.get(path)).status_code in (400, 404)
        press = {"csrf": lin.token, "choice": "go:help", "below": "99999999999999999999"}
        assert (await client.post("/chat/press", data=press)).status_code == 303
        async with client.stream("GET", "/chat/events", headers={"last-event-id": "9" * 30}) as events:
            assert events.status_code == 200


async def test_what_was_typed_on_a_page_that_got_too_old_comes_back(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        client.cookies.clear()
        old = await lin.says("我家的老屋")
        assert (old.status_code, "我家的老屋</textarea>" in old.text) == (403, True)
        lin.token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', old.text)[0]
        assert (await lin.says("我家的老屋")).status_code == 303
        forged = {"csrf": "x", "text": "别人的话"}
        posted = await client.post("/chat/say", data=forged, headers={"sec-fetch-site": "cross-site"})
        assert (posted.status_code, "别人的话" in posted.text) == (403, False)


async def test_static_files_may_be_kept_for_ever_by_their_version(site: Served) -> None:
    address = site.web.state.site.pages.static("base.css")
    async with httpx.AsyncClient(base_url=site.url) as client:
        assert "immutable" in (await client.get(address)).headers["cache-control"]
        assert "immutable" not in (await client.get("/static/base.css?v=0")).headers["cache-control"]


async def test_a_page_that_is_not_there_says_so_in_the_persons_language(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        chinese = await client.get("/no-such-page")
        english = await client.get("/no-such-page", headers={"accept-language": "fr, en-GB;q=0.8"})
        program = await client.get("/api/nothing")
    assert (chinese.status_code, english.status_code) == (404, 404)
    assert "没有找到这一页" in chinese.text
    assert "There is no such page" in english.text
    assert program.json()["error"]["status"] == 404


async def test_looks_are_chosen_without_scripts_and_kept(site: Served, browser: Browser) -> None:
    page = await someone(browser, site.url, scripts=False, phone=True)
    await page.goto("/no-such-page")
    await page.get_by_role("button", name="大字").click()
    await page.get_by_role("button", name="改用深色").click()
    await page.get_by_role("button", name="English").click()
    root = page.locator("html")
    assert await root.get_attribute("data-type") == "big"
    assert await root.get_attribute("data-theme") == "dark"
    assert await root.get_attribute("lang") == "en"
    assert page.url.endswith("/no-such-page")


@pytest.mark.parametrize("dark", [False, True])
async def test_an_error_page_is_accessible_and_fits_a_telephone(site: Served, browser: Browser, dark: bool) -> None:
    page = await someone(browser, site.url, phone=True, dark=dark)
    await page.goto("/no-such-page")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_the_way_back_never_leads_elsewhere(site: Served, back: str) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.post("/view", data={"theme": "dark", "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        foreign = await client.post("/view", data={"theme": "dark"}, headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403


def test_a_limit_counts_a_moving_window_and_says_how_long_to_wait() -> None:
    now = [0.0]
    limits, limit = Limits(lambda: now[0]), Limit("person", 3, 60)
    assert [limits.take(limit, "lin") for _ in range(3)] == [0, 0, 0]
    now[0] = 20.5
    assert limits.take(limit, "lin") == 40
    assert limits.take(limit, "li") == 0
    now[0] = 60.5
    assert limits.take(limit, "lin") == 0


async def test_tests_hear_of_errors_of_scripts_and_of_what_the_policy_refused(site: Served, browser: Browser) -> None:
    page = await someone(browser, site.url)
    await page.goto("/")
    async with page.expect_console_message(), page.context.expect_event("weberror"):
        await page.evaluate(
            "setTimeout(() => { throw new Error('broken') }); document.body.setAttribute('onclick', '')"
        )
    heard = "\n".join(faults)
    faults.clear()
    assert "broken" in heard
    assert "Content Security Policy" in heard
