"""Whole stories on the chat page by plain forms: registering, booking and cancelling."""

from __future__ import annotations

from playwright.async_api import Browser, expect
from sqlalchemy import text

from tests.journeys.booking import opens
from tests.web.served import Served
from tests.web.test_chat import books, sits_down


async def test_a_native_registers_by_plain_forms(site: Served, browser: Browser) -> None:
    lin = await sits_down(browser, site, scripts=False, phone=True)
    await lin.says("我要登记在外老乡")
    await lin.presses("同意")
    for words in ("我叫林溪", "13800138000", "柳河镇", "深圳"):
        await lin.says(words)
    # The box changes where it stands, by a page of its own.
    await lin.page.get_by_role("button", name="工业制造").click()
    await expect(lin.page.locator(".choice[aria-pressed=true]")).to_contain_text("工业制造")
    for label in ("选好了", "跳过"):
        await lin.presses(label)
    await expect(lin.reply).to_contain_text("行业领域：工业制造")
    done = await lin.presses("提交")
    await expect(done).to_contain_text("登记好了")
    assert await count(site) == 1


async def test_a_consultation_is_booked_and_cancelled_by_plain_forms(site: Served, browser: Browser) -> None:
    await opens(site.app.desk)  # type: ignore[arg-type]
    lin = await sits_down(browser, site, scripts=False, phone=True)
    done = await books(lin)
    async with lin.page.expect_download() as coming:
        await done.get_by_role("link", name=".ics").click()
    assert b"BEGIN:VCALENDAR" in (await (await coming.value).path()).read_bytes()
    assert await bookings(site) == ["confirmed"]
    await lin.says("我的预约")
    await lin.presses("取消 B")
    await lin.presses("取消这个预约")
    assert await bookings(site) == ["cancelled"]


async def bookings(site: Served) -> list[str]:
    async with site.app.desk.database.read() as connection:
        rows = await connection.execute(text("SELECT state FROM bookings"))
    return [state for (state,) in rows if state != "expired"]


async def count(site: Served) -> int:
    async with site.app.desk.database.read() as connection:
        rows = await connection.execute(text("SELECT number FROM registrations WHERE kind = 'native'"))
    return len(rows.all())
