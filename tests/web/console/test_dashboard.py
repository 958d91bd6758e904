"""The first page: what waits told apart from what runs, and charts that are taken along for a report."""

from __future__ import annotations

from xml.etree import ElementTree

from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from storage.announcement_tables import AnnouncementRow, State
from storage.staff import Role, Viewer
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.two_townships import announced_by, things_of
from tests.web.served import Served


async def test_what_waits_for_a_decision_and_what_is_going_out_are_told_apart(site: Served, admin: Colleague) -> None:
    things = await things_of(site, "liuhe", "111")
    await announced_by(site, things, Viewer("somebody", Role.BUREAU))

    async def tiles(state: State) -> tuple[str, str]:
        async with site.app.desk.database.write() as connection:
            await connection.execute(update(AnnouncementRow).values(state=state.value))
        page = (await admin.gets("/console")).text
        found = [page.partition(f'tile__word">{word}<')[0].rpartition('number">')[2] for word in (WAITING, RUNNING)]
        return found[0].partition("<")[0], found[1].partition("<")[0]

    assert await tiles(State.DRAFT) == ("0", "0")
    assert await tiles(State.SUBMITTED) == await tiles(State.LATE) == await tiles(State.PAUSED) == ("1", "0")
    assert await tiles(State.APPROVED) == await tiles(State.SENDING) == ("0", "1")
    officer = await colleague(site, "liu.he", Role.TOWNSHIP, "liuhe")
    assert "条通知正在发" in (await officer.gets("/console")).text
    reader = await colleague(site, "du.zhe", Role.READER)
    assert "条通知正在发" not in (await reader.gets("/console")).text


WAITING, RUNNING = "条通知要审批或决定", "条通知正在发"


async def test_a_chart_is_taken_along_as_a_drawing_and_as_a_picture(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await things_of(site, "liuhe", "111")
    page = await admin.sits_down(browser)
    await page.goto("/console")
    chart = page.locator("figure[data-name=townships]")
    await expect(chart.locator("svg")).to_have_count(1)
    await chart.get_by_text("数据和下载").click()
    drawing = ElementTree.fromstring(await taken(page, "townships", "SVG"))
    assert "柳河镇" in "".join(drawing.itertext())
    picture = await taken(page, "townships", "PNG")
    assert picture.startswith(b"\x89PNG")
    shown = await chart.locator("svg").bounding_box()
    assert shown is not None
    assert int.from_bytes(picture[16:20]) == 2 * round(shown["width"])


async def taken(page: Page, name: str, form: str) -> bytes:
    async with page.expect_download() as coming:
        await page.locator(f"figure[data-name={name}]").get_by_role("button", name=form).click()
    download = await coming.value
    assert download.suggested_filename == f"{name}.{form.lower()}"
    return (await download.path()).read_bytes()
