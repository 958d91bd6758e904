"""The first page: what waits told apart from what runs, and charts that are taken along for a report."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from openpyxl import load_workbook
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from storage import staff
from storage.announcement_tables import AnnouncementRow, State
from storage.staff import Role, Viewer
from tests.web.browser import violations
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


WAITING, RUNNING = "条通知待决定", "条通知正在发"


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


async def test_the_ledger_holds_each_matter_of_a_township_masked_unless_there_is_a_reason(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    for township, tag in (("liuhe", "111"), ("qingshi", "222")):
        await things_of(site, township, tag)
    page = await admin.sits_down(browser)
    await page.goto("/console")
    await page.locator("summary", has_text="台账").click()
    assert await violations(page) == []
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="下载台账").click()
    download = await coming.value
    masked = matters((await download.path()).read_bytes())
    assert download.suggested_filename.startswith("ledger-")
    assert [(row["乡镇"], row["编号"]) for row in masked] == [
        ("柳河镇", "284111"),
        ("柳河镇", "384111"),
        ("柳河镇", "B111KQ"),
        ("青石镇", "284222"),
        ("青石镇", "384222"),
        ("青石镇", "B222KQ"),
    ]
    assert {row["对象"] for row in masked} == {"甲＊＊"}
    assert {row["内容"] for row in masked} == {None}
    assert "+86138284111" not in str(masked)
    question, registered, booked = masked[:3]
    assert (question["事项"], question["进展"], question["销号"]) == ("留言", "待答复", None)
    assert registered["进展"] == "已登记"
    assert booked["责任单位"] == "窗口111"
    assert booked["应办时间"]

    full = {"full": "yes", "reason": "季度督查"}
    told = matters((await admin.posts("/console/ledger.xlsx", **full)).content)
    assert (told[0]["对象"], told[0]["内容"]) == ("甲111氏", "问题111问的是什么")
    assert (await admin.posts("/console/ledger.xlsx", full="yes")).status_code == 409, "in full for a reason alone"
    officer = await colleague(site, "liu.he", Role.TOWNSHIP, "liuhe")
    ours = matters((await officer.posts("/console/ledger.xlsx", **full)).content)
    assert {row["乡镇"] for row in ours} == {"柳河镇"}
    await admin.posts("/console/questions/284111/answer", words="到窗口办理")
    [closed] = [row for row in matters((await admin.posts("/console/ledger.xlsx")).content) if row["销号"]]
    assert (closed["编号"], closed["进展"]) == ("284111", "已答复")
    async with site.app.desk.database.read() as connection:
        log = await staff.audit_log(connection, Viewer(admin.id, Role.COUNTY_ADMIN))
    made = [one["detail"].get("reason") for one in log if one["action"] == "made a ledger"]
    assert sorted(made, key=str) == [None, None, "季度督查", "季度督查"]


def matters(content: bytes) -> list[dict[str, str | None]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), [str(cell) if cell else None for cell in row], strict=True)) for row in rows]
