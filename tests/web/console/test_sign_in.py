"""Coming in: by invitation, with password and code; and every way of not getting in."""

from __future__ import annotations

import httpx
import pyotp
from playwright.async_api import Browser, expect

from storage.staff import Role
from tests.web.browser import someone, violations
from tests.web.console.colleagues import PASSWORD, Colleague, invited
from tests.web.served import Served


async def test_from_the_invitation_to_the_first_page_and_back_in(site: Served, browser: Browser) -> None:
    _, code = await invited(site, Role.BUREAU)
    page = await someone(browser, site.url, phone=True)
    await page.goto("/console")
    await expect(page).to_have_url(f"{site.url}/console/sign-in?to=%2Fconsole")
    assert await violations(page) == []
    await page.get_by_role("link", name="用邀请码开通").click()
    await page.get_by_label("邀请码").fill(code)
    await page.get_by_role("button", name="继续").click()
    assert await violations(page) == []
    totp = pyotp.TOTP((await page.locator(".secret").inner_text()).strip())
    await page.get_by_label("登录名", exact=True).fill("li.na")
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_label("再输一次密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(totp.at(site.clock.now()))
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_text("li.na")).to_be_visible()

    await page.get_by_role("button", name="退出").click()
    site.clock.passes(minutes=1)
    await page.goto("/console/questions")
    await page.get_by_label("登录名").fill("li.na")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(totp.at(site.clock.now()))
    await page.get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{site.url}/console/questions")


async def test_an_invitation_s_code_stands_in_no_address_a_server_sees(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    page = await admin.sits_down(browser)
    await page.goto("/console/settings")
    await page.get_by_role("button", name="生成邀请码").click()
    link = await page.get_by_label("链接").input_value()
    code = (await page.locator(".invite").inner_text()).strip()
    assert link == f"{site.url}/console/invitation#{code}"

    colleague = await someone(browser, site.url)
    seen: list[str] = []
    colleague.on("request", lambda request: seen.append(request.url.partition("#")[0]))
    await colleague.goto(link)
    await expect(colleague.get_by_label("邀请码")).to_have_value(code)
    await colleague.get_by_role("button", name="继续").click()
    await expect(colleague.get_by_role("button", name="开通并登录")).to_be_visible()
    assert seen
    assert [url for url in seen if code in url] == []
    # Links that were sent before this release go on working.
    async with httpx.AsyncClient(base_url=site.url) as client:
        assert 'name="sealed"' in (await client.get(f"/console/invitation?code={code}")).text


async def test_a_wrong_sign_in_tells_nothing_and_in_the_end_waits(site: Served, admin: Colleague) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        door = await client.get("/console/sign-in")
        csrf = door.text.split('name="csrf" value="')[1].split('"')[0]
        told = set()
        for login in (admin.login, "nobody"):
            for _ in range(5):
                form = {"login": login, "password": "x" * 12, "digits": "123456", "csrf": csrf}
                answer = await client.post("/console/sign-in", data=form)
                assert answer.status_code == 401
                told.add(answer.text.replace(login, "…"))
        assert len(told) == 1
        waits = await client.post("/console/sign-in", data={**form, "login": admin.login})
    assert waits.status_code == 429
    assert 0 < int(waits.headers["retry-after"]) <= 900


async def test_a_session_that_is_idle_leads_to_the_door_and_a_post_does_nothing(site: Served, admin: Colleague) -> None:
    assert (await admin.gets("/console")).status_code == 200
    site.clock.passes(minutes=31)
    answer = await admin.gets("/console")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?to=%2Fconsole")
    assert (await admin.posts("/console/faq/x/review", publish="yes")).status_code == 303


async def test_a_post_without_the_page_s_token_does_nothing(site: Served, admin: Colleague) -> None:
    async with admin.http() as client:
        assert (await client.post("/console/sign-out")).status_code == 403
        assert (await client.post("/console/sign-out", data={"csrf": "0" * 64})).status_code == 403
    assert (await admin.gets("/console")).status_code == 200


async def test_the_way_on_after_signing_in_stays_in_the_console(site: Served, admin: Colleague) -> None:
    for to in ("https://evil.example", "//evil.example", "/\\evil.example", "/console\\..\\x"):
        site.clock.passes(minutes=1)
        async with httpx.AsyncClient(base_url=site.url) as client:
            door = await client.get("/console/sign-in")
            csrf = door.text.split('name="csrf" value="')[1].split('"')[0]
            form = {"login": admin.login, "password": PASSWORD, "digits": admin.digits, "to": to, "csrf": csrf}
            answer = await client.post("/console/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def test_what_staff_see_is_kept_by_nobody(site: Served, admin: Colleague) -> None:
    answer = await admin.gets("/console")
    assert answer.headers["cache-control"] == "no-store"
