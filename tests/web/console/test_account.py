"""One's own account: a new password, a new app; and a login that is used again by who comes back."""

from __future__ import annotations

import httpx
import pyotp
from playwright.async_api import Browser, expect

from storage.staff import Role
from tests.web.browser import violations
from tests.web.console.colleagues import PASSWORD, Colleague, colleague
from tests.web.served import Served

NEW = "another sentence of mine"


async def signs_in(site: Served, login: str, password: str, digits: str) -> int:
    async with httpx.AsyncClient(base_url=site.url) as client:
        door = await client.get("/console/sign-in")
        csrf = door.text.split('name="csrf" value="')[1].split('"')[0]
        form = {"login": login, "password": password, "digits": digits, "csrf": csrf}
        return (await client.post("/console/sign-in", data=form)).status_code


async def test_a_password_is_changed_by_its_owner_and_ends_other_sessions(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    site.clock.passes(minutes=1)
    assert await signs_in(site, admin.login, PASSWORD, admin.digits) == 303
    site.clock.passes(minutes=1)
    page = await admin.sits_down(browser)
    await page.goto("/console")
    await page.get_by_role("link", name=admin.login).click()
    assert await violations(page) == []
    form = page.locator("form[action$='/password']")
    for password in ("not this one at all", PASSWORD):
        await form.get_by_label("现在的密码").fill(password)
        await form.get_by_label("现在的动态码").fill(admin.digits)
        await form.get_by_label("新密码", exact=True).fill(NEW)
        await form.get_by_label("再输一次新密码").fill(NEW)
        await form.get_by_role("button", name="保存新密码").click()
    await expect(page.get_by_role("status")).to_contain_text("密码已修改")
    site.clock.passes(minutes=1)
    assert await signs_in(site, admin.login, PASSWORD, admin.digits) == 401
    assert await signs_in(site, admin.login, NEW, admin.digits) == 303
    assert (await admin.gets("/console")).status_code == 200, "the browser that changed it stays"


async def test_other_browsers_are_signed_out_by_a_change(site: Served, admin: Colleague) -> None:
    site.clock.passes(minutes=1)
    async with httpx.AsyncClient(base_url=site.url) as client:
        door = await client.get("/console/sign-in")
        csrf = door.text.split('name="csrf" value="')[1].split('"')[0]
        form = {"login": admin.login, "password": PASSWORD, "digits": admin.digits, "csrf": csrf}
        await client.post("/console/sign-in", data=form)
        assert (await client.get("/console")).status_code == 200
        site.clock.passes(minutes=1)
        told = {"password": PASSWORD, "digits": admin.digits, "new": NEW, "again": NEW}
        assert (await admin.posts("/console/account/password", **told)).status_code == 303
        assert (await client.get("/console")).status_code == 303


async def test_a_new_app_takes_the_place_of_the_old(site: Served, admin: Colleague) -> None:
    site.clock.passes(minutes=1)
    page = (await admin.gets("/console/account")).text
    sealed = page.split('name="sealed" value="')[1].split('"')[0]
    new = pyotp.TOTP(page.split('class="secret">')[1].split("<")[0])
    told = {"password": PASSWORD, "digits": admin.digits, "sealed": sealed}
    wrong = await admin.posts("/console/account/app", **told, new_digits="000000")
    assert (wrong.status_code, sealed in wrong.text) == (422, True)
    foreign = await admin.posts("/console/account/app", **{**told, "sealed": "s1.x"}, new_digits="000000")
    assert foreign.status_code == 422
    at = site.clock.now()
    assert (await admin.posts("/console/account/app", **told, new_digits=new.at(at))).status_code == 303
    site.clock.passes(minutes=1)
    assert await signs_in(site, admin.login, PASSWORD, admin.digits) == 401
    assert await signs_in(site, admin.login, PASSWORD, new.at(site.clock.now())) == 303


async def test_who_has_a_session_can_not_guess_the_password_through_it(site: Served, admin: Colleague) -> None:
    told = {"password": "a guess of somebody", "digits": "123456", "new": NEW, "again": NEW}
    codes = [(await admin.posts("/console/account/password", **told)).status_code for _ in range(7)]
    assert codes == [422] * 5 + [429] * 2


async def test_who_was_ended_and_invited_anew_has_the_old_login(site: Served, admin: Colleague) -> None:
    first = await colleague(site, "li.na", Role.READER)
    assert (await admin.posts(f"/console/settings/members/{first.id}/end")).status_code == 303
    again = await colleague(site, "li.na", Role.BUREAU)
    assert again.id != first.id
    assert (await first.gets("/console")).status_code == 303
    assert (await again.gets("/console")).status_code == 200
    log = (await admin.gets("/console/audit")).text
    assert "li.na" in log
