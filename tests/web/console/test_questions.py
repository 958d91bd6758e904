"""Answering what people left, and what of it answers everybody afterwards."""

from __future__ import annotations

import asyncio
import threading

import pytest
from playwright.async_api import Browser, expect

from handlers import faq_desk, library
from storage.staff import Role, Viewer
from tests.web.browser import violations
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.people_of import asks, heard
from tests.web.served import Served
from tests.web.test_chat import sits_down

QUESTION = "我家老宅在柳河，想改成民宿，消防要找谁验收？"
ANSWER = "民宿消防由县住建局验收，先到柳河镇便民中心登记，电话预约即可。"


async def test_an_answer_reaches_the_person_and_then_everybody(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await asks(site, "284917", QUESTION)
    reviewer = await colleague(site, "zhang.bu", Role.BUREAU)
    page = await admin.sits_down(browser)
    await page.goto("/console")
    await page.get_by_role("link", name="条留言待答复").click()
    await page.get_by_role("link", name=QUESTION).click()
    assert await violations(page) == []
    await page.get_by_label("答复内容").fill(ANSWER)
    await page.get_by_role("button", name="发送，并整理成问答").click()
    await expect(page.get_by_role("status")).to_contain_text("答复已发出")
    [told] = await heard(site, "284917")
    assert ANSWER in told

    await page.get_by_label("问题", exact=True).fill("民宿消防找谁验收？")
    await page.get_by_label("依据").fill("《望川县乡村民宿管理办法》第六条")
    await page.get_by_role("button", name="提交审核").click()
    await expect(page.get_by_role("status")).to_contain_text("等另一位同事审核")
    await page.get_by_role("link", name="查看问答清单").click()
    # Nobody reviews their own.
    await expect(page.get_by_role("button", name="审核通过并发布")).to_have_count(0)

    second = await reviewer.sits_down(browser)
    await second.goto("/console/faq")
    await second.get_by_role("button", name="审核通过并发布").click()
    await expect(second.get_by_role("status")).to_contain_text("已发布")
    answered = site.app.library.answer("民宿消防找谁验收？", on=site.clock.today())
    assert ANSWER in "".join(citation.quote for citation in answered.citations)

    assert (await reviewer.posts(f"/console/faq/{await _published(reviewer)}/withdraw")).status_code == 303
    after = site.app.library.answer("民宿消防找谁验收？", on=site.clock.today())
    assert ANSWER not in "".join(citation.quote for citation in after.citations)


async def test_an_answer_appears_on_the_page_of_whoever_asked_while_it_is_open(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    lin = await sits_down(browser, site, phone=True)
    await lin.presses("请人回答")
    for words in (QUESTION, "我叫林溪", "13800138000"):
        await lin.says(words)
    await lin.presses("同意")
    await lin.presses("提交")

    page = await admin.sits_down(browser)
    await page.goto("/console/questions")
    await page.get_by_role("link", name=QUESTION).click()
    await page.get_by_label("答复内容").fill(ANSWER)
    await page.get_by_role("button", name="发送答复").click()
    await expect(page.get_by_role("status")).to_contain_text("答复已发出")
    # Nobody touches the other page: it hears of it by itself.
    await expect(lin.reply).to_contain_text(ANSWER)


async def _published(reviewer: Colleague) -> str:
    return (await reviewer.gets("/console/faq")).text.split("/console/faq/")[1].split("/withdraw")[0]


async def test_who_asked_is_shown_for_a_reason_that_is_logged(site: Served, admin: Colleague) -> None:
    await asks(site, "284917", QUESTION, name="林溪")
    page = await admin.gets("/console/questions/284917")
    assert "林＊" in page.text
    assert "13800138000" not in page.text
    assert (await admin.posts("/console/questions/284917/reveal", reason=" ")).status_code == 422
    shown = await admin.posts("/console/questions/284917/reveal", reason="电话回访")
    assert "林溪" in shown.text
    assert "+8613800138000" in shown.text
    async with site.app.desk.database.read() as connection:
        from storage import staff

        log = await staff.audit_log(connection, staff.Viewer(admin.id, Role.COUNTY_ADMIN))
    assert [(one["action"], one["detail"]["reason"]) for one in log if "reason" in one["detail"]] == [
        ("revealed a question", "电话回访")
    ]


async def test_what_people_wrote_of_themselves_is_masked_until_there_is_a_reason(
    site: Served, admin: Colleague
) -> None:
    text = "我是林溪，电话13912345678，微信同号，身份证110101199003077758，想租厂房"
    await asks(site, "284917", text, name="林溪")
    said = "林溪您好，已记下13912345678，请到园区窗口。"
    reader = await colleague(site, "reader", Role.READER)
    secrets = ("林溪", "13912345678", "110101199003077758")
    for who in (admin, reader):
        for path in ("/console/questions", "/console/questions/284917"):
            shown = (await who.gets(path)).text
            assert "想租厂房" in shown
            assert [word for word in secrets if word in shown] == [], (who.login, path)
    revealed = await admin.posts("/console/questions/284917/reveal", reason="电话回访")
    assert text in revealed.text
    assert (await reader.posts("/console/questions/284917/reveal", reason="好奇")).status_code == 403

    assert (await admin.posts("/console/questions/284917/answer", words=said)).status_code == 303
    [told] = await heard(site, "284917")
    assert said in told, "the person gets the answer as it was written"
    answered = (await reader.gets("/console/questions/284917")).text
    assert "请到园区窗口" in answered
    assert [word for word in secrets if word in answered] == []


async def test_a_faq_item_that_names_somebody_or_no_source_is_refused_and_kept_in_the_form(
    site: Served, admin: Colleague
) -> None:
    await asks(site, "284917", QUESTION)
    await admin.posts("/console/questions/284917/answer", words=ANSWER)
    path = "/console/questions/284917/faq"
    named = await admin.posts(path, question="找谁？", answer="请打 13912345678", source="《办法》第一条")
    assert named.status_code == 422
    assert "请打 13912345678" in named.text
    assert "个人信息" in named.text
    assert (await admin.posts(path, question="找谁？", answer=ANSWER, source="")).status_code == 422
    source = "《办法》第一条，王小明 13912345678"
    assert (await admin.posts(path, question="找谁？", answer=ANSWER, source=source)).status_code == 422


async def test_others_are_served_while_what_was_published_is_read(
    site: Served, admin: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    await faq_desk.propose(
        site.app.desk, Viewer("x", Role.BUREAU), question="民宿消防找谁？", answer=ANSWER, source="《办法》第六条"
    )
    begun, may_go_on, really = threading.Event(), threading.Event(), library._read

    def slowly(files):  # type: ignore[no-untyped-def]
        for one in really(files):
            begun.set()
            assert may_go_on.wait(20), "nobody else was served"
            yield one

    monkeypatch.setattr(library, "_read", slowly)
    identity = (await admin.gets("/console/faq")).text.split("/console/faq/")[1].split("/review")[0]
    publishing = asyncio.create_task(admin.posts(f"/console/faq/{identity}/review", publish="yes"))
    await asyncio.to_thread(begun.wait, 20)
    assert (await admin.gets("/console/faq")).status_code == 200
    may_go_on.set()
    assert (await publishing).status_code == 303
    assert ANSWER in str(site.app.library.answer("民宿消防找谁？", on=site.clock.today()).citations)


async def test_a_question_is_answered_once(site: Served, admin: Colleague) -> None:
    await asks(site, "284917", QUESTION)
    assert (await admin.posts("/console/questions/284917/answer", words=ANSWER)).status_code == 303
    second = await admin.posts("/console/questions/284917/answer", words="另一个答复")
    assert second.status_code == 422
    assert len(await heard(site, "284917")) == 1
