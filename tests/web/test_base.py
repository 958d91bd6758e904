"""What holds for every page: headers, looks, words for failures."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Browser

from bot.web.limits import Limit, Limits
from tests.web.browser import someone, violations
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
