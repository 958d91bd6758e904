"""People: found by name, two entries made one, what they sent opened, a list taken along."""

from __future__ import annotations

import base64
import io
from urllib.parse import quote

from openpyxl import load_workbook
from playwright.async_api import Browser, expect

from storage import people, registry, staff, web_files
from storage.database import vault_of
from storage.registry_tables import Known
from storage.staff import Role
from tests.web.browser import violations
from tests.web.console.colleagues import Colleague, colleague
from tests.web.served import Served

CERTIFICATE = b"<script>alert(1)</script>%PDF-1.7"


async def registered(
    site: Served, person: str, name: str, township: str | None, *, phone: str = "", number: str = ""
) -> None:
    office, at = site.app.desk, site.clock.now()
    async with office.database.write() as connection:
        await people.ensure_person(connection, person, "web", f"chat-{person}", at)
        contacts = [("phone", phone)] if phone else []
        known = Known(name=name, township=township, contacts=contacts, fields=["making"], language="zh-Hans")
        await registry.keep_profile(connection, person, known, at, source="self", state="active")
        if number:
            record = {"certificate": {"name": "证书.html", "channel": "web", "id": f"f-{person}", "size": 33}}
            content = base64.b64encode(CERTIFICATE).decode()
            sealed = web_files.seal(vault_of(connection), "证书.html", content)
            await web_files.keep(connection, f"f-{person}", f"chat-{person}", sealed, at)
            await registry.register(
                connection,
                number=number,
                person=person,
                kind="expert",
                record={"name": name, **record},
                consent_version="2026-1",
                at=at,
                once=True,
            )


async def test_a_whole_name_is_found_wherever_its_bearer_comes_from_and_half_a_name_finds_nobody(
    site: Served, admin: Colleague
) -> None:
    await registered(site, "lin-1", "林溪", "liuhe")
    await registered(site, "lin-2", "林 溪", "qingshi")
    await registered(site, "lin-3", "林溪", None)
    await registered(site, "wang", "王芳", "liuhe")

    async def found(who: Colleague, name: str) -> set[str]:
        page = (await who.gets(f"/console/people?name={quote(name)}")).text
        return {one for one in ("lin-1", "lin-2", "lin-3", "wang") if f"/console/people/{one}" in page}

    assert await found(admin, "林溪") == {"lin-1", "lin-2", "lin-3"}
    assert await found(admin, "林") == set()
    officer = await colleague(site, "liu.he", Role.TOWNSHIP, "liuhe")
    assert await found(officer, "林溪") == {"lin-1"}
    assert "林溪" not in (await admin.gets("/console/people?kind=")).text


async def test_two_entries_of_one_person_are_made_one_in_the_browser(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await registered(site, "lin-1", "林溪", "liuhe", phone="+8613800138000")
    await registered(site, "lin-2", "林溪", "liuhe", phone="+8613800138001", number="384111")
    page = await admin.sits_down(browser)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto("/console/people")
    await page.get_by_role("link", name="查重").click()
    assert await violations(page) == []
    await page.locator("form", has=page.locator("[name=kept][value=lin-1]")).get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("已合并")
    await expect(page.get_by_text("没有发现重复")).to_be_visible()
    assert (await admin.gets("/console/people/lin-2")).status_code == 404
    shown = await admin.posts("/console/people/lin-1/reveal", reason="核对合并")
    assert "+8613800138000" in shown.text
    assert "+8613800138001" in shown.text
    assert "384111" in shown.text, "what the other had sent in moved over"
    assert "wang.fang：合并" in shown.text
    assert "本人：登记 · 专家" in shown.text
    assert {one["action"] for one in await logged(site, admin)} >= {"merged"}


async def test_what_somebody_sent_with_a_form_is_opened_for_a_reason_that_is_logged(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await registered(site, "lin", "林溪", "liuhe", number="384111")
    page = await admin.sits_down(browser)
    await page.goto("/console/people/lin")
    assert "证书.html" not in await page.content()
    await page.get_by_text("查看完整姓名和联系方式").click()
    await page.get_by_label("理由").fill("核对证书")
    await page.get_by_role("button", name="查看并记录").click()
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="证书.html").click()
    download = await coming.value
    assert (await download.path()).read_bytes() == CERTIFICATE
    assert download.suggested_filename == "384111-certificate-证书.html"
    [entry] = [one for one in await logged(site, admin) if one["action"] == "fetched a file"]
    assert entry["detail"] == {"file": "384111-certificate-证书.html", "reason": "核对证书"}

    asked = {"number": "384111", "field": "certificate", "reason": "核对"}
    answer = await admin.posts("/console/people/lin/file", **asked)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert (await admin.posts("/console/people/lin/file", **{**asked, "reason": " "})).status_code == 422
    assert (await admin.posts("/console/people/lin/file", **{**asked, "field": "name"})).status_code == 409
    assert (await admin.posts("/console/people/other/file", **asked)).status_code == 409
    elsewhere = await colleague(site, "qing.shi", Role.TOWNSHIP, "qingshi")
    assert (await elsewhere.posts("/console/people/lin/file", **asked)).status_code == 409
    reader = await colleague(site, "du.zhe", Role.READER)
    assert (await reader.posts("/console/people/lin/file", **asked)).status_code == 403
    async with site.app.desk.database.write() as connection:
        await web_files.drop_of_chat(connection, "chat-lin")
    gone = await admin.posts("/console/people/lin/file", **asked)
    assert gone.status_code == 409
    assert "取不到了" in gone.text


async def test_a_list_is_taken_along_through_the_browser(site: Served, admin: Colleague, browser: Browser) -> None:
    await registered(site, "lin", "林溪", "liuhe", phone="+8613800138000")
    await registered(site, "zhao", "赵云", "qingshi")
    page = await admin.sits_down(browser)
    await page.goto("/console/people?township=liuhe")
    await page.get_by_text("导出这份名单").click()
    await page.get_by_label("理由").fill("走访")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="导出表格").click()
    download = await coming.value
    assert download.suggested_filename.endswith(".xlsx")
    sheet = load_workbook(io.BytesIO((await download.path()).read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert "林＊" in str(rows)
    assert "+8613800138000" not in str(rows)
    assert "exported" in {one["action"] for one in await logged(site, admin)}


async def logged(site: Served, who: Colleague) -> list[dict[str, object]]:
    async with site.app.desk.database.read() as connection:
        return await staff.audit_log(connection, staff.Viewer(who.id, Role.COUNTY_ADMIN))
