"""What must have no effect: forged posts, tampered ids, words that would be markup, too much at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import text

from bot.web.limits import Limits, Rates
from tests.web.browser import someone
from tests.web.served import Served

FORGED = 1_000
MARKUP = (
    "<img src=x onerror=document.title='hit'>",
    "\"><script>document.title='hit'</script>",
    "'--><svg onload=document.title='hit'>",
    "</textarea><iframe src=javascript:document.title='hit'>",
    "{{ 7 * 7 }} {% raw %}",
    "https://x.example/\"onmouseover=\"document.title='hit'",
)


async def _first_look(client: httpx.AsyncClient) -> str:
    """Open the page as a browser does; gives the token of its forms."""
    shown = await client.get("/")
    return re.findall(r'name="csrf" value="([0-9a-f]{64})"', shown.text)[0]


def _forgeries(token: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Give posts that none of our pages sent: target, form, headers."""
    targets = {
        "/chat/say": {"text": "厂房租金"},
        "/chat/press": {"choice": "go:help"},
        "/chat/link": {},
        "/chat/clear": {},
        "/chat/leave": {},
        "/resume": {"k": "x" * 43},
    }
    lies: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": token[:-1]}, {}),
        ({"csrf": token.upper()}, {}),
        ({"csrf": token}, {"origin": "https://evil.example"}),
        ({"csrf": token}, {"origin": "null"}),
        ({"csrf": token}, {"sec-fetch-site": "cross-site"}),
        ({"csrf": token}, {"sec-fetch-site": "same-site"}),
    ]
    for target, form in targets.items():
        for given, headers in lies:
            yield target, form | given, headers


async def test_a_thousand_forged_posts_have_no_effect(site: Served) -> None:
    site.web.state.site = replace(site.web.state.site, limits=Limits(_leaps()))
    async with httpx.AsyncClient(base_url=site.url) as client:
        token = await _first_look(client)
        posts = islice(cycle(_forgeries(token)), FORGED)

        async def forge(some: list[tuple[str, dict[str, str], dict[str, str]]]) -> list[int]:
            return [(await client.post(to, data=form, headers=headers)).status_code for to, form, headers in some]

        every = list(posts)
        answers = await asyncio.gather(*(forge(every[start::8]) for start in range(8)))
    assert {status for some in answers for status in some} == {403}
    async with site.app.desk.database.read() as connection:
        for table in ("web_visits", "web_lines", "web_links", "inbox"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0


def _leaps() -> Callable[[], float]:
    hours = iter(range(10**9))
    return lambda: next(hours) * 3600.0


async def test_what_is_said_in_one_chat_opens_in_no_other(site: Served, browser: Browser) -> None:
    lin = await someone(browser, site.url)
    await lin.goto("/")
    await lin.get_by_label("您的问题").fill("租厂房有没有补贴?")
    await lin.get_by_role("button", name="发送").click()
    await expect(lin.locator(".quote").first).to_be_visible()
    async with httpx.AsyncClient(base_url=site.url) as stranger:
        token = await _first_look(stranger)
        # With a chat of their own: whoever has none is turned away before anything is looked up.
        assert (await stranger.post("/chat/say", data={"csrf": token, "text": "你好"})).status_code == 303
        assert (await stranger.get("/chat/answers/4")).status_code == 200
        for number in (1, 2, 3, 5, 6):
            assert (await stranger.get(f"/chat/answers/{number}")).status_code == 404
            assert (await stranger.get(f"/chat/files/{number}/0")).status_code == 404
        assert "厂房" not in (await stranger.get("/")).text.partition('id="talk"')[2]
    async with httpx.AsyncClient(base_url=site.url) as stranger:
        assert (await stranger.get("/chat/events?after=0")).status_code == 404
        for path in (
            "/chat/files/-1/0",
            "/chat/files/1/99999999999999999999",
            "/documents/..%2f..",
            "/static/../app.py",
        ):
            assert (await stranger.get(path)).status_code in (400, 404)


@pytest.mark.parametrize("scripts", [True, False])
async def test_words_are_never_markup(site: Served, browser: Browser, scripts: bool) -> None:
    lin = await someone(browser, site.url, scripts=scripts)
    await lin.goto("/")
    for number, words in enumerate(MARKUP):
        await lin.get_by_label("您的问题").fill(words)
        await lin.get_by_role("button", name="发送").click()
        await expect(lin.locator(".turn:not(.turn--mine)")).to_have_count(number + 1)
    for number, words in enumerate(("我要投诉", "窗口来回跑了三趟没有人办", "匿名"), len(MARKUP)):
        await lin.get_by_label("您的问题").fill(words)
        await lin.get_by_role("button", name="发送").click()
        await expect(lin.locator(".turn:not(.turn--mine)")).to_have_count(number + 1)
    for label, count in (("补充", 10), ("证据", 11)):
        await lin.locator(".choice").filter(has_text=label).last.click()
        await expect(lin.locator(".turn:not(.turn--mine)")).to_have_count(count)
    paper = {"name": "<img src=x onerror=1>.pdf", "mimeType": "text/html", "buffer": b"<script>"}
    await lin.get_by_label("附上文件").set_input_files(paper)  # type: ignore[arg-type]
    await lin.get_by_role("button", name="发送").click()
    await expect(lin.locator(".said__file")).to_have_count(1)
    await _holds_no_markup(lin)
    for path in ("/policies?q=", "/answer?q=", "/?start=", "/resume?k=", "/policies?on="):
        for words in MARKUP:
            await lin.goto(path + quote(words))
            await _holds_no_markup(lin)


async def _holds_no_markup(page: Any) -> None:
    assert await page.locator("img[src='x'], iframe, [onload], [onerror], [onmouseover], svg[onload]").count() == 0
    assert await page.title() != "hit"
    assert "49" not in await page.locator(".said").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
async def test_who_asks_too_fast_is_told_when_to_go_on_and_keeps_their_words(
    site: Served, browser: Browser, scripts: bool
) -> None:
    now = [0.0]
    site.web.state.site = replace(site.web.state.site, limits=Limits(lambda: now[0]))
    lin = await someone(browser, site.url, scripts=scripts)
    await lin.goto("/")
    for number in range(16):
        await lin.get_by_label("您的问题").fill(f"转学材料{number}")
        await lin.get_by_role("button", name="发送").click()
        if number < 15:
            await expect(lin.locator(".turn--mine")).to_have_count(number + 1)
    await expect(lin.get_by_role("alert")).to_contain_text("61 秒后再试")
    await expect(lin.get_by_label("您的问题")).to_have_value("转学材料15")
    await expect(lin.locator(".turn--mine")).to_have_count(15)
    now[0] = 61.0
    await lin.get_by_role("button", name="发送").click()
    await expect(lin.locator(".turn--mine")).to_have_count(16)


async def test_a_program_is_told_when_to_go_on(site: Served) -> None:
    few = site.app.settings.model_copy(update={"web_address_rate": 20})
    site.web.state.site = replace(site.web.state.site, rates=Rates.of(few))
    async with httpx.AsyncClient(base_url=site.url) as client:
        answers = [await client.get("/policies") for _ in range(21)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, 1 <= int(answers[-1].headers["retry-after"]) <= 61) == (429, True)


async def test_a_program_that_speaks_for_many_is_counted_by_its_chats(site: Served) -> None:
    few = site.app.settings.model_copy(update={"web_address_rate": 20})
    site.web.state.site = replace(site.web.state.site, rates=Rates.of(few))
    async with httpx.AsyncClient(base_url=site.url) as client:
        mine = {"Authorization": f"Bearer {(await client.post('/api/v1/chats')).json()['token']}"}
        looks = [await client.get("/api/v1/messages", headers=mine) for _ in range(121)]
        assert [answer.status_code for answer in looks] == [200] * 120 + [429]
        strangers = [await client.get("/api/v1/messages", headers={"Authorization": "Bearer x"}) for _ in range(20)]
        assert [answer.status_code for answer in strangers] == [401] * 19 + [429]


async def test_only_so_many_streams_are_open_and_they_end_with_the_visit(site: Served) -> None:
    where = "/api/v1/messages/stream"
    async with httpx.AsyncClient(base_url=site.url) as client, AsyncExitStack() as stack:
        mine = {"Authorization": f"Bearer {(await client.post('/api/v1/chats')).json()['token']}"}
        streams = [await stack.enter_async_context(client.stream("GET", where, headers=mine)) for _ in range(4)]
        refused = await client.get(where, headers=mine)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        assert (await client.delete("/api/v1/chats/mine", headers=mine)).status_code == 204
        async with asyncio.timeout(10):
            for stream in streams:
                assert [line async for line in stream.aiter_lines() if line.startswith("event: message")] == []
    # What is over counts no longer; an address holds only so many, whoever's they are.
    few = site.app.settings.model_copy(update={"web_address_streams": 2})
    site.web.state.site = replace(site.web.state.site, settings=few)
    async with httpx.AsyncClient(base_url=site.url) as client, AsyncExitStack() as stack:
        for status in (200, 200, 429):
            other = {"Authorization": f"Bearer {(await client.post('/api/v1/chats')).json()['token']}"}
            one = await stack.enter_async_context(client.stream("GET", where, headers=other))
            assert one.status_code == status


async def test_where_no_stream_is_free_the_answer_still_comes(site: Served, browser: Browser) -> None:
    none = site.app.settings.model_copy(update={"web_address_streams": 0})
    site.web.state.site = replace(site.web.state.site, settings=none)
    lin = await someone(browser, site.url)
    await lin.goto("/")
    await lin.get_by_label("您的问题").fill("租厂房有没有补贴?")
    await lin.get_by_role("button", name="发送").click()
    await expect(lin.locator(".quote").first).to_be_visible(timeout=20_000)


async def test_behind_a_proxy_that_renames_the_host_our_own_pages_may_post(site: Served) -> None:
    settings = site.app.settings.model_copy(update={"web_address": "https://chat.example.gov.cn"})
    site.web.state.site = replace(site.web.state.site, settings=settings)
    async with httpx.AsyncClient(base_url=site.url, headers={"host": "127.0.0.1:8080"}) as client:
        shown = await client.get("/")
        cookie = {"cookie": shown.headers["set-cookie"].partition(";")[0]}
        form = {"csrf": re.findall(r'name="csrf" value="([0-9a-f]{64})"', shown.text)[0], "text": "厂房租金"}
        for origin, status in (
            ("https://chat.example.gov.cn", 303),
            ("https://chat.example.gov.cn.evil.example", 403),
            ("null", 403),
        ):
            answer = await client.post("/chat/say", data=form, headers=cookie | {"origin": origin})
            assert answer.status_code == status


async def test_by_https_cookies_are_bound_to_the_host_and_the_way_stays_https(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers={"x-forwarded-proto": "https"}) as client:
        shown = await client.get("/")
    cookie = shown.headers["set-cookie"]
    assert cookie.startswith("__Host-visit=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert shown.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_frame_is_only_for_sites_that_were_named(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        nowhere = await client.get("/embed")
        front = await client.get("/")
        settings = site.app.settings.model_copy(update={"web_embed": "https://www.example.gov.cn"})
        site.web.state.site = replace(site.web.state.site, settings=settings)
        named = await client.get("/embed")
    assert "frame-ancestors 'none'" in nowhere.headers["content-security-policy"]
    assert "frame-ancestors https://www.example.gov.cn" in named.headers["content-security-policy"]
    assert "x-frame-options" not in named.headers
    assert front.headers["x-frame-options"] == "DENY"
