"""Stories told on the chat page, with and without its script, by finger and by keyboard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import text

from bot.fetching import fetch
from handlers.dialogue import Attachment
from storage import questions
from tests.journeys.booking import opens
from tests.simulated_telegram import SimulatedTelegram
from tests.web.browser import someone, violations
from tests.web.served import Served, serve_site

RENT = "租厂房有没有补贴?"


class Sitter:
    """Somebody at a page: types, presses, and reads the newest reply."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, words: str) -> Locator:
        await self.page.get_by_label("您的问题").fill(words)
        return await self._replied(self.page.get_by_role("button", name="发送").click())

    async def presses(self, label: str) -> Locator:
        button = (
            self.page.locator(".choice, .door, .notice .button")
            .filter(has_text=re.compile(rf"^\s*{re.escape(label)}"))
            .last
        )
        assert await button.count(), f"no button {label!r} below: {await self.reply.inner_text()}"
        return await self._replied(button.click())

    @property
    def reply(self) -> Locator:
        return self.page.locator(".turn:not(.turn--mine)").last

    async def _replied(self, doing: Coroutine[Any, Any, None]) -> Locator:
        """Wait until something new was replied."""
        newest = await self._number(".turn")
        await doing
        for _ in range(600):
            if await self._number(".turn:not(.turn--mine)") > newest:
                return self.reply
            await asyncio.sleep(0.02)
        raise AssertionError("no reply came")

    async def _number(self, turns: str) -> int:
        found = self.page.locator(turns)
        return int(await found.last.get_attribute("data-line") or 0) if await found.count() else 0


async def sits_down(browser: Browser, site: Served, **manners: Any) -> Sitter:
    page = await someone(browser, site.url, **manners)
    await page.goto("/")
    return Sitter(page)


async def books(lin: Sitter) -> Locator:
    """Book a consultation from the welcome to the last press; give the reply."""
    await lin.presses("预约咨询")
    for label in ("用地和厂房", "视频", "同意"):
        await lin.presses(label)
    for words in ("我叫林溪", "13800138000"):
        await lin.says(words)
    for label in ("北京时间", "11月25日", "14:00"):
        await lin.presses(label)
    done = await lin.presses("确认预约")
    await expect(done).to_contain_text("约好了")
    return done


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_question_is_answered_and_its_clause_opens_in_its_document(
    site: Served, browser: Browser, scripts: bool
) -> None:
    lin = await sits_down(browser, site, scripts=scripts, phone=True)
    answer = await lin.says(RENT)
    await expect(lin.page.locator(".turn--mine")).to_contain_text(RENT)
    await expect(answer).to_contain_text("每月每平方米2元")
    assert await lin.page.evaluate("document.documentElement.scrollWidth") <= 360
    await answer.get_by_role("link", name="看文件中的这一条").first.click()
    marked = lin.page.locator(".clause:target")
    await expect(marked).to_contain_text("第三条")
    await expect(marked).to_contain_text("更正")
    await expect(marked).to_be_in_viewport()
    if scripts:  # without them axe itself would wait for ever
        assert await violations(lin.page) == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_question_for_the_staff_is_left_step_by_step(site: Served, browser: Browser, scripts: bool) -> None:
    lin = await sits_down(browser, site, scripts=scripts, phone=True)
    await lin.presses("请人回答")
    for words in ("我家老屋能不能改民宿", "我叫林溪", "13800138000"):
        await lin.says(words)
    review = await lin.presses("同意")
    await expect(review).to_contain_text("林溪")
    done = await lin.presses("提交")
    await expect(done).to_contain_text("编号")
    async with site.app.desk.database.read() as connection:
        (left,) = await questions.open_questions(connection)
    assert (left.name, left.text) == ("林溪", "我家老屋能不能改民宿")


async def test_a_consultation_is_booked_with_a_calendar_file_and_cancelled(site: Served, browser: Browser) -> None:
    await opens(site.app.desk)  # type: ignore[arg-type]
    lin = await sits_down(browser, site, phone=True)
    done = await books(lin)
    link = await done.get_by_role("link", name=".ics").get_attribute("href")
    cookies = {cookie["name"]: cookie["value"] for cookie in await lin.page.context.cookies()}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies) as client:
        calendar = await client.get(link or "")
    async with httpx.AsyncClient(base_url=site.url) as client:
        stranger = await client.get(link or "")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert b"BEGIN:VCALENDAR" in calendar.content
    assert stranger.status_code == 404

    await lin.says("我的预约")
    await lin.presses("取消 B")
    await lin.presses("取消这个预约")
    assert await _standing(site) == []


async def _standing(site: Served) -> list[str]:
    async with site.app.desk.database.read() as connection:
        chats = await connection.execute(text("SELECT state FROM bookings"))
    return [state for (state,) in chats if state in {"pending", "confirmed"}]


async def test_a_conversation_is_held_by_keyboard_alone(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site)
    keys = lin.page.keyboard
    await keys.press("Tab")
    await expect(lin.page.get_by_role("link", name="跳到正文")).to_be_focused()
    await lin.page.get_by_label("您的问题").focus()
    await keys.type(RENT)
    await lin._replied(keys.press("Enter"))
    await expect(lin.reply).to_contain_text("第三条")
    # From the box back to the last button of the answer, and press it.
    for _ in range(3):
        await keys.press("Shift+Tab")
        if await lin.page.evaluate("document.activeElement.classList.contains('choice')"):
            break
    await lin._replied(keys.press("Enter"))
    # The button is gone; the next key goes on from what came of it.
    await expect(lin.reply).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_form_begun_in_telegram_goes_on_here_at_the_same_step(
    prepared: Path, tmp_path: Path, browser: Browser, scripts: bool
) -> None:
    async with SimulatedTelegram() as telegram, serve_site(prepared, tmp_path / "home", telegram=telegram) as site:
        lin = telegram.user()
        lin.sends("我要登记在外老乡")
        await lin.waits_for_reply()
        lin.presses("我同意，就在这里填")
        await lin.waits_for_reply()
        lin.presses("同意")
        await lin.waits_for_reply()
        lin.sends("我叫林溪")
        [asked] = await lin.waits_for_reply()
        assert "第 3 步" in asked.text
        lin.sends("/handover")
        _, told = await lin.waits_for_reply(2)
        link = next(word for word in told.text.split() if word.startswith("http"))

        page = await someone(browser, site.url, scripts=scripts, phone=True)
        await page.goto(link)
        # Telegram looks at links to preview them; the form must still be there for the person.
        await page.goto(link)
        at_home = Sitter(page)
        reply = await at_home.presses("在这里继续")
        await expect(reply).to_contain_text("第 3 步，共 8 步")
        for words in ("13800138000", "柳河镇", "深圳", "做模具", "跳过"):
            await at_home.says(words)
        done = await at_home.presses("提交")
        await expect(done).to_contain_text("登记好了")
        lin.sends("/mydata")
        [data] = await lin.waits_for_reply()
        assert "老乡登记" in data.text


async def test_a_language_chosen_on_the_page_is_that_of_the_conversation(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site)
    await lin.says("你好")
    await lin.page.get_by_role("button", name="English").click()
    await expect(lin.reply).to_contain_text("English from now on")
    await expect(lin.page.locator("html")).to_have_attribute("lang", "en")
    await expect(lin.page.locator(".turn--mine")).to_have_count(1)


async def test_boxes_are_ticked_where_they_stand(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site, phone=True)
    await lin.says("我要登记在外老乡")
    await lin.presses("同意")
    for words in ("我叫林溪", "13800138000", "柳河镇", "深圳"):
        await lin.says(words)
    before = await lin.page.locator(".turn").count()
    box = lin.page.locator(".choice[aria-pressed]").filter(has_text="制造")
    await box.click()
    await expect(box).to_have_attribute("aria-pressed", "true")
    await expect(box).to_be_focused()
    assert await lin.page.locator(".turn").count() == before
    await lin.page.reload()
    await expect(box).to_have_attribute("aria-pressed", "true")
    assert await lin.page.locator(".turn").count() == before


async def test_a_file_is_kept_sealed_and_handed_to_the_staff(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site)
    for words in ("我要投诉", "窗口来回跑了三趟没有人办", "匿名"):
        await lin.says(words)
    await lin.presses("补充")
    await lin.presses("证据")
    paper = {"name": "承诺书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 secret words"}
    await lin.page.get_by_label("附上文件").set_input_files(paper)  # type: ignore[arg-type]
    await lin._replied(lin.page.get_by_role("button", name="发送").click())
    await expect(lin.page.locator(".turn--mine").last).to_contain_text("承诺书.pdf")
    async with site.app.desk.database.read() as connection:
        [(number, sealed)] = await connection.execute(text("SELECT id, content FROM web_files"))
    assert "secret" not in sealed
    file = Attachment(name="承诺书.pdf", channel="web", id=number)
    assert await fetch(site.app.settings, file, site.app.desk.database) == b"%PDF-1.4 secret words"


async def test_a_file_nobody_asked_for_does_not_hold_up_the_words(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site)
    await lin.page.get_by_label("您的问题").fill(RENT)
    paper = {"name": "厂房.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    await lin.page.get_by_label("附上文件").set_input_files(paper)  # type: ignore[arg-type]
    await lin.page.get_by_role("button", name="发送").click()
    await expect(lin.page.get_by_role("alert")).to_contain_text("文件没有收下")
    await expect(lin.page.get_by_label("您的问题")).to_have_value(RENT)
    await lin._replied(lin.page.get_by_role("button", name="发送").click())
    await expect(lin.reply).to_contain_text("每月每平方米2元")


async def test_a_private_link_opens_the_conversation_elsewhere(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site, phone=True)
    await lin.says(RENT)
    await lin.page.get_by_role("link", name="管理对话").click()
    await lin.page.get_by_role("button", name="做一个私人链接").click()
    link = await lin.page.get_by_label("您的私人链接").input_value()

    elsewhere = await someone(browser, site.url, scripts=False)
    await elsewhere.goto(link)
    # Nothing is opened by a preview: the person has to say so.
    await expect(elsewhere.locator(".turn")).to_have_count(0)
    await elsewhere.get_by_role("button", name="回到对话").click()
    await expect(elsewhere.locator(".turn--mine")).to_contain_text(RENT)

    # Leaving one device leaves the other alone.
    await lin.page.goto("/chat/manage")
    await lin.page.get_by_role("button", name="结束对话").click()
    await expect(lin.page.locator(".turn")).to_have_count(0)
    await elsewhere.reload()
    await expect(elsewhere.locator(".turn--mine")).to_contain_text(RENT)

    # Clearing takes the words away for good.
    await elsewhere.goto("/chat/manage")
    await elsewhere.get_by_role("button", name="清除记录").click()
    await expect(elsewhere.locator(".turn")).to_have_count(0)
    async with site.app.desk.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM web_lines"))).scalar() == 0


async def test_who_has_everything_deleted_sees_it_go(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site, phone=True)
    await lin.says("我要登记在外老乡，我叫林溪，在深圳做模具，老家柳河镇，电话13800138000")
    await lin.presses("同意")
    for _ in range(4):
        if "请核对" in await lin.reply.inner_text():
            break
        await lin.presses("跳过")
    await lin.presses("提交")
    await lin.says("/mydata")
    await lin.presses("删除我的资料")
    await lin.presses("确定删除")
    # What is left, on the screen as in the database, is that it is done.
    await expect(lin.page.locator(".turn")).to_have_count(1)
    await expect(lin.reply).to_contain_text("已删除")
    async with site.app.desk.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM web_lines"))).scalar() == 1


async def test_an_answer_can_be_taken_along_with_its_sources(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site)
    answer = await lin.says(RENT)
    await answer.get_by_role("link", name="复制、分享或打印").click()
    words = await lin.page.get_by_label("文字（含出处）").input_value()
    assert "每月每平方米2元" in words
    assert "《望川县回乡投资促进措施》（望政办发〔2025〕12号）第三条" in words
    await lin.page.get_by_role("button", name="复制文字").click()
    await expect(lin.page.get_by_role("status")).to_have_text("✓ 已复制")
    link = await lin.page.get_by_label("链接", exact=True).input_value()
    other = await someone(browser, site.url, phone=True)
    await other.goto(link)
    await expect(other.locator(".quote").first).to_contain_text("每月每平方米2元")
    assert await violations(other) == []
