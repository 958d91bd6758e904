"""Browsers that come back: after weeks, twice at once, to a chat that ends or is cleared meanwhile."""

from __future__ import annotations

import asyncio
import re

import httpx
from sqlalchemy import text

from tests.web.served import Served


class Caller:
    """A browser without scripts, by HTTP alone."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def looks(self) -> str:
        shown = (await self.client.get("/")).text
        self.token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', shown)[0]
        return shown

    async def says(self, words: str, **files: tuple[str, bytes]) -> httpx.Response:
        data = {"csrf": self.token, "text": words}
        return await self.client.post("/chat/say", data=data, files=files or None)


async def test_who_comes_back_after_the_visit_ended_begins_anew(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        assert (await lin.says("我家的地契在谁手里")).status_code == 303
        site.clock.passes(days=31)
        assert "地契" not in await lin.looks()
        again = await lin.says("厂房租金")
        # The cookie lasts as long as the visit that has just begun.
        assert (again.status_code, "Max-Age" in again.headers.get("set-cookie", "")) == (303, True)
        shown = await lin.looks()
    assert "厂房租金" in shown
    assert "地契" not in shown


async def test_two_first_words_at_once_are_said_in_one_chat(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        answers = await asyncio.gather(lin.says("厂房租金"), lin.says("转学材料"))
        assert [answer.status_code for answer in answers] == [303, 303]
        shown = await lin.looks()
    assert "厂房租金" in shown
    assert "转学材料" in shown
    async with site.app.desk.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM web_visits"))).scalar() == 1
