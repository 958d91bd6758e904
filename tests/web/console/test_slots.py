"""The calendar: a booking dragged, hours drawn, the same by keyboard; what is stored, and what people are told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from playwright.async_api import Browser, Page, expect

from handlers import booking_desk, slot_desk
from handlers.registry_desk import OPERATOR
from storage.slots import DayKind
from tests.web.console.colleagues import Colleague
from tests.web.console.two_townships import Things, things_of
from tests.web.served import Served


async def starts_at(site: Served, things: Things) -> datetime:
    found = await booking_desk.show(site.app.desk, OPERATOR, things.names["booking"], reason="")
    return found.starts_at.astimezone(site.app.desk.county.zone)


async def opened(page: Page, things: Things, day: date) -> None:
    await page.goto(f"/console/slots?host={things.names['host']}&week={day.isoformat()}")
    await page.locator("[data-calendar]").scroll_into_view_if_needed()


async def where(page: Page, day: date, clock: str) -> tuple[float, float]:
    """Give the point of the grid that stands for a time."""
    grid = page.locator(f".day__grid[data-day='{day}']")
    box = await grid.bounding_box()
    assert box is not None
    hours, minutes = map(int, clock.split(":"))
    top = int((await grid.get_attribute("data-top") or "")[:2])
    quarters = (hours - top) * 4 + minutes // 15
    rows = int(await grid.get_attribute("data-rows") or 0)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * quarters / rows


async def test_a_booking_dragged_to_another_time_is_moved_by_where_it_begins_and_the_person_is_told(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    things = await things_of(site, "liuhe", "111")
    before = await starts_at(site, things)
    page = await admin.sits_down(browser)
    page.on("dialog", lambda dialog: dialog.accept())
    await opened(page, things, before.date())
    block = page.locator(f"[data-booking={things.names['booking']}]")
    box = await block.bounding_box()
    assert box is not None
    held = box["height"] * 0.7  # by its lower half
    x, y = await where(page, before.date(), "14:00")
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + held)
    await page.mouse.down()
    await page.mouse.move(x, y + held / 2)
    await page.mouse.move(x, y + held)
    await page.mouse.up()
    await expect(page.get_by_role("status")).to_contain_text("已改约")
    assert await starts_at(site, things) == before.replace(hour=14, minute=0)


async def test_a_booking_is_moved_by_keyboard(site: Served, admin: Colleague, browser: Browser) -> None:
    things = await things_of(site, "liuhe", "111")
    before = await starts_at(site, things)
    page = await admin.sits_down(browser)
    await opened(page, things, before.date())
    await page.locator(f"[data-booking={things.names['booking']}]").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("开始", exact=True).fill("15:30")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("已改约")
    assert await starts_at(site, things) == before.replace(hour=15, minute=30)


async def test_hours_drawn_on_the_grid_are_offered(site: Served, admin: Colleague, browser: Browser) -> None:
    things = await things_of(site, "liuhe", "111")
    day = (await starts_at(site, things)).date() + timedelta(days=1)
    page = await admin.sits_down(browser)
    await opened(page, things, day)
    x, y = await where(page, day, "17:00")
    end_x, end_y = await where(page, day, "18:00")
    await page.mouse.move(x, y + 1)
    await page.mouse.down()
    await page.mouse.move(end_x, (y + end_y) / 2)
    await page.mouse.move(end_x, end_y)
    await page.mouse.up()
    form = page.locator("#days")
    await expect(form.locator("[name=first]")).to_have_value(day.isoformat())
    await expect(form.locator("[name=starts]")).to_have_value("17:00")
    await expect(form.locator("[name=ends]")).to_have_value("18:00")
    await form.locator("[name=kind]").select_option("extra")
    await form.get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")
    [single] = await slot_desk.single_days(site.app.desk, OPERATOR, things.names["host"], day, day)
    assert (single.kind, str(single.starts)[:5], str(single.ends)[:5]) == (DayKind.EXTRA, "17:00", "18:00")
