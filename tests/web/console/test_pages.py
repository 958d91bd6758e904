"""Every page of the console, as somebody with a telephone in the dark sees it, and at a desk by day."""

from __future__ import annotations

import gzip
import io

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser

from bot.web.pages import STATIC
from handlers.dialogue import Message
from handlers.front_desk import respond
from storage.conversations import Conversation
from storage.staff import Role, Viewer
from tests.web.browser import violations
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.two_townships import announced_by, of_the_county, things_of
from tests.web.served import Served

WEIGHT = 200_000  # bytes of a page with all it needs, compressed


async def pages_of(site: Served, admin: Colleague) -> list[str]:
    """Give every page there is, with something on it."""
    things = await things_of(site, "liuhe", "111")
    await of_the_county(site, things)
    await announced_by(site, things, Viewer("somebody", Role.BUREAU))
    await admin.posts("/console/settings/channels/telegram", on="no")
    names = things.names
    return [
        *("/console", "/console/questions", f"/console/questions/{names['number']}", "/console/faq"),
        *("/console/documents", "/console/documents/1", "/console/people", f"/console/people/{names['person']}"),
        *("/console/people/duplicates", f"/console/slots?host={names['host']}"),
        *(f"/console/slots/bookings/{names['booking']}", "/console/events", f"/console/events/{names['code']}"),
        *("/console/announcements", "/console/announcements/new", f"/console/announcements/{names['announcement']}"),
        *("/console/audit", "/console/settings"),
    ]


@pytest.mark.parametrize("phone", [True, False], ids=["phone, dark, English", "desk, light, Chinese"])
async def test_every_page_is_accessible_and_fits(site: Served, admin: Colleague, browser: Browser, phone: bool) -> None:
    paths = await pages_of(site, admin)
    page = await admin.sits_down(browser, phone=phone, dark=phone)
    if phone:
        await page.context.set_extra_http_headers({"accept-language": "en"})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    for path in paths:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        wrong += [f"{path}: {one}" for one in await violations(page)]
        if (width := await page.evaluate("document.documentElement.scrollWidth")) > (360 if phone else 1280):
            wrong.append(f"{path} is {width} wide")
    assert wrong == []


async def test_the_first_page_weighs_little(site: Served, admin: Colleague) -> None:
    page = (await admin.gets("/console")).text
    files = {part.split('"')[0].partition("?")[0] for part in page.split("/static/")[1:]}
    assert {"console-charts.js", "console.css", "console.js", "base.css"} <= files
    weight = len(gzip.compress(page.encode())) + sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files)
    assert weight <= WEIGHT


async def test_the_report_by_township_holds_what_its_reader_may_see(site: Served, admin: Colleague) -> None:
    await things_of(site, "liuhe", "111")
    await things_of(site, "qingshi", "222")
    officer = await colleague(site, "liuhe", Role.TOWNSHIP, "liuhe")

    async def rows(who: Colleague) -> dict[object, tuple[object, ...]]:
        book = load_workbook(io.BytesIO((await who.gets("/console/report.xlsx")).content))
        return {row[0]: row[1:] for row in book.active.iter_rows(min_row=3, values_only=True)}

    everything, ours = await rows(admin), await rows(officer)
    assert set(everything) == {"柳河镇", "青石镇", "合计"}
    assert everything["合计"][0] == 2
    assert set(ours) == {"柳河镇", "合计"}
    assert ours["柳河镇"] == everything["柳河镇"] == ours["合计"]


async def test_a_channel_that_is_off_says_so_but_hears_somebody_in_distress(site: Served, admin: Colleague) -> None:
    async def told(text: str, private: bool = True) -> str:
        message = Message(
            channel="telegram", update=text, chat="1", sender="1", at=site.clock.now(), text=text, private=private
        )
        outcome = await respond(message, Conversation("telegram", "1"), site.app.desk)
        return "".join(reply.text for reply in outcome.replies)

    assert "3元" in await told("厂房租金补多少") or "2元" in await told("厂房租金补多少")
    await admin.posts("/console/settings/channels/telegram", on="no")
    site.clock.passes(seconds=6)
    assert "暂停服务" in await told("厂房租金补多少")
    assert "12356" in await told("我不想活了")
    assert await told("厂房租金补多少", private=False) == ""
    await admin.posts("/console/settings/channels/telegram", on="yes")
    site.clock.passes(seconds=6)
    assert "暂停服务" not in await told("厂房租金补多少")
