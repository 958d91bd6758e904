"""Browsers that come back: after weeks, twice at once, to a chat that ends or is cleared meanwhile."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bot.web import chat_pages
from bot.web.limits import Rates
from handlers.retaining import retain_daily
from handlers.switches import Switches
from tests.web.calling import Caller, complains
from tests.web.served import Served


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


async def _files(site: Served) -> int:
    async with site.app.desk.database.read() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM web_files"))).scalar() or 0)


async def test_clearing_leaves_what_was_submitted_and_nothing_else(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        await complains(lin, "照片.pdf")
        await lin.says("提交")
        assert "编号" in await lin.looks()
        # A second one, half filled, goes with the conversation: words, answers, file.
        await complains(lin, "另一张.pdf")
        assert await _files(site) == 2
        await client.post("/chat/clear", data={"csrf": lin.token})
        assert await _files(site) == 1
        shown = await lin.looks()
        assert "编号" not in shown
        await lin.says("提交")
        # No form has the floor any more.
        assert "三趟" not in await lin.looks()
    async with site.app.desk.database.read() as connection:
        for table in ("answers", "drafts"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0


async def test_what_was_said_goes_by_itself_after_its_time(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        await complains(lin, "照片.pdf")
        await lin.says("提交")
        await complains(lin, "另一张.pdf")
        await lin.says("取消")
        await lin.presses("删掉")
        await lin.says("租厂房有没有补贴?")
    desk = site.app.desk
    assert await retain_daily(desk) is not None
    site.clock.passes(days=31)
    # Two processes at once: one does it.
    gone = [one for one in await asyncio.gather(retain_daily(desk), retain_daily(desk)) if one is not None]
    assert [(one["web_files"], one["recent"]) for one in gone] == [(1, 0)]
    assert await _files(site) == 1
    async with desk.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM web_lines"))).scalar() == 0
    site.clock.passes(days=60)
    last = await retain_daily(desk)
    assert last is not None
    assert last["recent"] == 1
    assert await retain_daily(desk) is None


async def test_a_language_is_told_to_the_conversation_once_and_only_so_often(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        await lin.says("你好")
        for _ in range(3):
            assert (await client.post("/view", data={"language": "en"})).status_code == 303
        assert (await lin.looks()).count("English from now on") == 1
        few = site.app.settings.model_copy(update={"web_address_rate": 2})
        site.web.state.site = replace(site.web.state.site, rates=Rates.of(few))
        assert (await client.post("/view", data={"theme": "dark"})).status_code == 429


async def test_a_shared_link_answers_what_was_answered(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        await lin.says("租厂房有没有补贴?")
        [first] = re.findall("/chat/answers/([0-9]+)", await lin.looks())
        site.clock.passes(days=3)
        # A link carries the day of its answer, not that of the sharing.
        assert "on=2026-11-24" in (await client.get(f"/chat/answers/{first}")).text
        await lin.says("租厂房有没有补贴?")
        await lin.says("那2025年呢?")
        *_, last = re.findall("/chat/answers/([0-9]+)", await lin.looks())
        leans = (await client.get(f"/chat/answers/{last}")).text
    assert int(last) > int(first) + 2
    assert "那2025年呢" in leans
    assert "/answer?q=" not in leans
    assert "不给链接" in leans


async def test_without_scripts_a_slow_answer_can_be_looked_for_again(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = asyncio.Event()
    sound = Switches.is_off

    async def slow(*given: Any) -> bool:
        await ready.wait()
        return await sound(*given)

    monkeypatch.setattr(Switches, "is_off", slow)
    monkeypatch.setattr(chat_pages, "PATIENCE_S", 0.05)
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        assert (await lin.says("租厂房有没有补贴?")).status_code == 303
        waits = await lin.looks()
        ready.set()
        await site.web.state.site.channel.answered((await _chats(site))[0], 10)
        there = await lin.looks()
    assert re.search(r'<noscript>.*还在查找.*<a [^>]*href="/">再看一次</a>.*</noscript>', waits, re.DOTALL)
    assert ("再看一次" in there, "每月每平方米2元" in there) == (False, True)


async def _chats(site: Served) -> list[str]:
    async with site.app.desk.database.read() as connection:
        return list((await connection.scalars(text("SELECT chat FROM web_visits"))).all())
