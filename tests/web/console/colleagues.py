"""Members of staff with accounts of the console, for stories told in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import pyotp
from playwright.async_api import Browser, Page

from bot.web.csrf import csrf_token
from handlers import registry_desk, sign_in
from handlers.county import County, Township
from storage.staff import Role
from tests.web.browser import someone
from tests.web.served import Served

PASSWORD = "a sentence nobody else says"
LIUHE, QINGSHI = Township("liuhe", "柳河镇", "Liuhe"), Township("qingshi", "青石镇", "Qingshi")


def with_townships(county: County) -> County:
    return replace(county, townships=(LIUHE, QINGSHI))


class Colleague:
    """A member of staff: an id, a session, an app for codes; speaks HTTP, or sits at a browser."""

    def __init__(self, site: Served, login: str, member: str, token: str, secret: str) -> None:
        self.site, self.login, self.id, self.token, self.secret = site, login, member, token, secret

    @property
    def digits(self) -> str:
        return pyotp.TOTP(self.secret).at(self.site.clock.now())

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.site.url, cookies={"desk": self.token}, timeout=30)

    async def gets(self, path: str) -> httpx.Response:
        async with self.http() as client:
            return await client.get(path)

    async def posts(self, path: str, **form: str | Sequence[str]) -> httpx.Response:
        async with self.http() as client:
            return await client.post(path, data={**form, "csrf": csrf_token(self.token)})

    async def sits_down(
        self, browser: Browser, *, phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> Page:
        page = await someone(browser, self.site.url, phone=phone, dark=dark, scripts=scripts)
        await page.context.add_cookies([{"name": "desk", "value": self.token, "url": self.site.url}])
        return page


async def invited(site: Served, role: Role, township: str | None = None) -> tuple[str, str]:
    """Give the id and the code of a new member of staff."""
    return await registry_desk.invite(site.app.desk, role, township)


async def colleague(site: Served, login: str, role: Role, township: str | None = None) -> Colleague:
    """Give a member of staff who has accepted their invitation."""
    office = site.app.desk
    member, code = await invited(site, role, township)
    offered = await sign_in.offer(office, code)
    digits = pyotp.TOTP(offered.secret).at(site.clock.now())
    token = await sign_in.accept(
        office, code, sealed=offered.sealed, login=login, password=PASSWORD, again=PASSWORD, digits=digits
    )
    return Colleague(site, login, member, token, offered.secret)
