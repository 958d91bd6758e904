"""What holds a hand back, and what is written down: the door of an event, a list that leaves, what can't be undone."""

from __future__ import annotations

import asyncio
import threading

import pytest
from playwright.async_api import Browser, expect

from handlers import bulk, event_desk
from handlers.event_desk import Draft
from handlers.registry_desk import OPERATOR
from storage import event_replies, staff
from storage.staff import Role
from tests.gatherings import coming
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.people_of import asks
from tests.web.console.two_townships import things_of
from tests.web.served import Served


async def test_the_door_is_logged_and_tells_nobody_of_other_townships_guests(site: Served, admin: Colleague) -> None:
    office, now = site.app.desk, site.clock.now()
    officer = await colleague(site, "liuhe", Role.TOWNSHIP, "liuhe")
    starts = event_desk.read_moment(office, f"{now.year + 1}-02-10 09:30")
    later = event_desk.read_moment(office, f"{now.year + 1}-02-10 11:30")
    event = await event_desk.create(office, OPERATOR, Draft("恳谈会", starts, later, "县城", starts))
    for number, township in (("502111", "liuhe"), ("502222", "qingshi")):
        person = await asks(site, number, "问", township=township)
        guest = coming(number, event.code, person, now, channel="telegram", township=township, name="林溪")
        async with office.database.write() as connection:
            await event_replies.sign_up(connection, guest, now)
    door = f"/console/events/{event.code}/check-in"
    foreign, unknown = await officer.posts(door, number="502222"), await officer.posts(door, number="999999")
    assert foreign.status_code == unknown.status_code
    assert foreign.text == unknown.text
    let_in = await officer.posts(door, number="502111")
    assert "door-check--good" in let_in.text
    async with office.database.read() as connection:
        log = await staff.audit_log(connection, OPERATOR)
    assert [(one["actor"], one["detail"]) for one in log if one["action"] == "let in"] == [
        (officer.id, {"event": event.code, "number": "502111"})
    ]


async def test_others_are_served_while_a_list_is_written(
    site: Served, admin: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks(site, "284917", "问", township="liuhe")
    begun, may_go_on, really = threading.Event(), threading.Event(), bulk.cells_of

    def slowly(*told, **more):  # type: ignore[no-untyped-def]
        begun.set()
        assert may_go_on.wait(20), "nobody else was served"
        return really(*told, **more)

    monkeypatch.setattr(bulk, "cells_of", slowly)
    leaving = asyncio.create_task(admin.posts("/console/people/export", reason="走访"))
    await asyncio.to_thread(begun.wait, 20)
    assert (await admin.gets("/console/people")).status_code == 200
    may_go_on.set()
    answer = await leaving
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


async def test_without_scripts_what_can_not_be_undone_takes_a_tick(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    code = (await things_of(site, "liuhe", "111")).names["code"]
    page = await admin.sits_down(browser, scripts=False)
    await page.goto(f"/console/events/{code}")
    await page.get_by_text("取消活动").first.click()
    call_off = page.locator("form[action$='/call-off']")
    await call_off.get_by_role("button").click()
    assert (await event_desk.show(site.app.desk, code)).state == "open"
    await call_off.get_by_role("checkbox").check()
    await call_off.get_by_role("button").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert (await event_desk.show(site.app.desk, code)).state == "cancelled"


async def test_a_history_names_colleagues_by_their_logins(site: Served, admin: Colleague) -> None:
    person = await asks(site, "284917", "问", township="liuhe")
    await admin.posts(f"/console/people/{person}/confirm")
    shown = await admin.posts(f"/console/people/{person}/reveal", reason="回访")
    history = shown.text.split('<ol class="log">')[1]
    assert f"{admin.login}：" in history
    assert admin.id not in history
