"""An event from its making to the door: published here, signed up for on the chat page, listed, let in."""

from __future__ import annotations

import io
import re

from openpyxl import load_workbook
from playwright.async_api import Browser, expect

from tests.web.browser import violations
from tests.web.console.colleagues import Colleague
from tests.web.served import Served
from tests.web.test_chat import sits_down


async def test_published_signed_up_for_in_the_chat_listed_and_let_in_at_the_door(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    page = await admin.sits_down(browser)
    await page.goto("/console/events")
    await page.locator("summary", has_text="新建活动").click()
    for label, value in (
        ("名称", "望川县新春恳谈会"),
        ("开始", "2027-01-20T09:00"),
        ("结束", "2027-01-20T11:30"),
        ("报名截止", "2027-01-15T18:00"),
        ("地点", "县文化馆"),
        ("名额（空着不限）", "40"),
    ):
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_role("button", name="发布活动").click()
    await expect(page.get_by_role("status")).to_contain_text("活动已发布")
    address = page.url.partition("?")[0]
    code = address.rpartition("/")[2]

    lin = await sits_down(browser, site, phone=True)
    await lin.says("/events")
    await lin.presses("我要报名")
    await lin.presses("同意")
    for words in ("我叫林溪", "13800138000", "柳河镇", "深圳", "做模具"):
        await lin.says(words)
    await lin.presses("是")
    await lin.says("2")
    await lin.presses("否")
    done = await lin.presses("提交")
    number = re.search(r"\d{3} \d{3}", await done.inner_text())
    assert number is not None

    await page.goto(address)
    assert await violations(page) == []
    row = page.get_by_role("row").filter(has_text="林")
    await expect(row).to_contain_text("3")
    assert "林溪" not in await page.content()
    await page.get_by_label("报名编号").fill(number[0])
    await page.get_by_role("button", name="签到").click()
    await expect(page.get_by_role("status")).to_contain_text("签到成功，共 3 人")
    await page.get_by_label("报名编号").fill(number[0])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("已经签到过")
    await page.get_by_label("报名编号").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.locator(".door-check--bad")).to_be_visible()
    await expect(row).to_contain_text("已签到")

    await page.get_by_text("带走报名名单").click()
    await page.get_by_label("导出理由").fill("排座位")
    await page.get_by_label("不遮盖姓名和联系方式").check()
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="导出表格").click()
    download = await coming.value
    assert download.suggested_filename == f"{code}.xlsx"
    sheet = load_workbook(io.BytesIO((await download.path()).read_bytes())).active
    assert sheet is not None
    [_, party] = sheet.iter_rows(values_only=True)
    assert party[1:5] == ("林溪", "+8613800138000", "3", "已签到")
