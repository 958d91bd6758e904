"""What staff typed is never lost: a session that ended, a sign-in in another tab, a form with a fault."""

from __future__ import annotations

import html
import re

import httpx
from playwright.async_api import Browser, expect

from bot.web.csrf import csrf_token
from tests.web.browser import violations
from tests.web.console.colleagues import PASSWORD, Colleague
from tests.web.console.people_of import asks, heard
from tests.web.console.two_townships import things_of
from tests.web.served import Served

QUESTION = "我家老宅在柳河，想改成民宿，消防要找谁验收？"
ANSWER = "民宿消防由县住建局验收。\n先到柳河镇便民中心登记 <一楼>。"


async def test_an_answer_written_past_the_end_of_the_session_is_sent_after_signing_in(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await asks(site, "284917", QUESTION)
    page = await admin.sits_down(browser, scripts=False)
    await page.goto("/console/questions/284917")
    await page.get_by_label("答复内容").fill(ANSWER)
    site.clock.passes(minutes=31)
    await page.get_by_role("button", name="发送答复", exact=True).click()
    await expect(page.get_by_text("刚才填写的内容已保留")).to_be_visible()
    assert "/answer" in page.url

    # A slip at the door loses nothing either.
    for digits in ("000000", admin.digits):
        await page.get_by_label("登录名").fill(admin.login)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_label("动态码").fill(digits)
        await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_text("先到柳河镇便民中心登记 <一楼>")).to_be_visible()
    assert await heard(site, "284917") == [], "signing in sends nothing by itself"
    await page.get_by_role("button", name="继续提交").click()
    await expect(page.get_by_role("status")).to_contain_text("答复已发出")
    [told] = await heard(site, "284917")
    assert "先到柳河镇便民中心登记 <一楼>" in told


async def test_a_page_from_before_the_last_sign_in_asks_once_more(site: Served, admin: Colleague) -> None:
    await asks(site, "284917", QUESTION)
    old = csrf_token("x" * 43)
    here = {"origin": site.url}
    path = "/console/questions/284917/answer"
    async with admin.http() as client:
        asked = await client.post(path, data={"words": ANSWER, "then": "", "csrf": old}, headers=here)
        assert asked.status_code == 403
        assert html.escape(ANSWER) in asked.text
        assert await heard(site, "284917") == []
        again = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', asked.text)}
        assert (await client.post(path, data={**again, "words": ANSWER}, headers=here)).status_code == 303
    assert len(await heard(site, "284917")) == 1


async def test_what_another_site_sends_is_carried_nowhere(site: Served, admin: Colleague) -> None:
    await asks(site, "284917", QUESTION)
    form = {"words": "假的答复", "csrf": csrf_token("x" * 43)}
    path = "/console/questions/284917/answer"
    forgeries: list[dict[str, str]] = [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}]
    for headers in forgeries:
        async with admin.http() as client, httpx.AsyncClient(base_url=site.url) as stranger:
            signed_in = await client.post(path, data=form, headers=headers)
            assert (signed_in.status_code, "假的答复" in signed_in.text) == (403, False)
            nobody = await stranger.post(path, data=form, headers=headers)
            assert (nobody.status_code, "假的答复" in nobody.text) == (303, False)


async def test_passwords_and_codes_are_not_carried_along(site: Served) -> None:
    form = {"password": "geheim-geheim", "digits": "123456", "words": "答复"}
    async with httpx.AsyncClient(base_url=site.url) as client:
        door = await client.post("/console/questions/284917/answer", data=form, headers={"origin": site.url})
    assert (door.status_code, "答复" in door.text) == (401, True)
    assert "geheim" not in door.text
    assert "123456" not in door.text


async def test_one_is_told_before_the_session_ends_and_may_stay(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    page = await admin.sits_down(browser)
    await page.clock.install()
    await page.goto("/console/questions")
    stay = page.get_by_role("button", name="保持登录")
    await expect(stay).to_be_hidden()
    site.clock.passes(minutes=26)
    await page.clock.fast_forward("26:00")
    await expect(stay).to_be_visible()
    assert await violations(page) == []
    await stay.click()
    await expect(stay).to_be_hidden()
    site.clock.passes(minutes=26)
    assert (await admin.gets("/console/questions")).status_code == 200
    site.clock.passes(minutes=31)
    await page.clock.fast_forward("57:00")
    await expect(page.get_by_text("登录已过期。正在填写的内容不会丢失")).to_be_visible()


async def test_what_has_a_fault_comes_back_as_it_was_typed(site: Served, admin: Colleague) -> None:
    mine = (await things_of(site, "liuhe", "111")).names
    number = mine["booking"]
    tried: list[tuple[str, dict[str, str], str]] = [
        (f"/console/events/{mine['code']}/change", {"place": "新的会场", "starts_at": "明天"}, "新的会场"),
        (f"/console/slots/bookings/{number}/settle", {"to": "no_show", "words": "请带证件"}, "请带证件"),
        (f"/console/slots/bookings/{number}/move", {"day": "2026-12-13", "clock": "03:15"}, "03:15"),
        (
            f"/console/slots/{mine['host']}/days",
            {"kind": "extra", "first": "2026-12-24", "starts": "19:45", "ends": "08:00"},
            "19:45",
        ),
        (
            f"/console/slots/{mine['host']}/rules",
            {"weekday": "TU", "starts": "18:15", "ends": "09:00", "minutes": "45", "capacity": "7"},
            "18:15",
        ),
        ("/console/documents/1/set", {"field": "effective", "value": "去年夏天"}, "去年夏天"),
        (
            "/console/documents/1/relate",
            {"kind": "repeals", "target": "2", "clause": "第九条", "day": "昨天"},
            "第九条",
        ),
    ]
    for path, form, typed in tried:
        answer = await admin.posts(path, **form)
        assert (answer.status_code, typed in answer.text) == (422, True), (path, answer.status_code)
