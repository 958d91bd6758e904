"""An announcement from the first word to the last recipient: composed, approved by another, watched, counted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import load_workbook
from playwright.async_api import Browser, Error, Route, expect
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import update

from bot.delivery.broadcasts import Broadcasts
from bot.delivery.sending import Rules
from bot.web.csrf import csrf_token
from handlers import announce_desk as desk
from handlers import announce_reports, announce_rules, announce_words
from handlers.dialogue import File
from storage import announcements, people, policy_news, receiving, registry, subscriptions
from storage.announcement_tables import AnnouncementRow, State
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.policy_news import News
from storage.registry_tables import Known
from storage.staff import Role, Viewer
from storage.subscription_tables import Topic
from tests.journeys.announcing import Shouts
from tests.web.browser import violations
from tests.web.console.colleagues import Colleague, colleague
from tests.web.console.two_townships import things_of
from tests.web.served import Served

WORDS = "恳谈会改到二月十八日\n\n地点不变，报过名的不用再报。"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


async def registers(site: Served, name: str, township: str) -> None:
    """Let somebody register who agreed to hear of events, with a chat of the test's own channel."""
    office, now = site.app.desk, site.clock.now()
    async with office.database.write() as connection:
        await people.ensure_person(connection, name, "test", name, now)
        known = Known(name="林溪", township=township, place="深圳", place_code="CN/深圳", fields=["making"])
        await registry.keep_profile(connection, name, known, now)
        await people.give_consent(connection, name, "registry", "1", now)


async def test_composed_approved_by_another_watched_until_it_is_out_and_the_list_taken_along(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    for name, township in (("lin", "liuhe"), ("amy", "liuhe"), ("zhao", "qingshi")):
        await registers(site, name, township)
    channel = Shouts()
    rules = Rules(announce_rules.chosen, receiving.may_receive, subscriptions.note_blocked, announce_reports.tell_staff)
    engine = Broadcasts(site.app.desk, {"test": channel}, rules)
    writer = await colleague(site, "li.na", Role.BUREAU)
    page = await writer.sits_down(browser)
    await page.goto("/console/announcements")
    await page.get_by_role("link", name="写通知").click()
    await page.get_by_label("中文内容").fill(WORDS)
    preview = page.locator("[data-preview]")
    await expect(preview).to_contain_text("3 人能收到")
    await page.get_by_label("柳河镇").check(force=True)
    await expect(preview).to_contain_text("2 人能收到")
    await expect(preview).to_contain_text("地点不变，报过名的不用再报。")
    assert await violations(page) == []
    await page.get_by_role("button", name="存为草稿").click()
    await page.get_by_role("button", name="提交审批").click()
    await expect(page.get_by_role("status")).to_contain_text("等另一位同事审批")
    await expect(page.get_by_role("button", name="确定发给")).to_have_count(0)
    assert channel.said == {}

    second = await admin.sits_down(browser)
    second.on("dialog", lambda dialog: dialog.accept())
    await second.goto(page.url.partition("?")[0])
    await second.get_by_role("button", name="确定发给 2 人").click()
    await expect(second.get_by_role("status")).to_contain_text("60 秒内可以撤回")
    await engine.round()
    site.clock.passes(seconds=61)
    await engine.round()
    # The page hears of it by itself.
    await expect(second.locator("[data-state]")).to_contain_text("已发完")
    await expect(second.locator("[data-count=sent]")).to_have_text("2")
    assert await violations(second) == []
    assert {chat: len(said) for chat, said in channel.said.items()} == {"lin": 1, "amy": 1}

    taken = await admin.posts("/console/people/export", reason="回访", township="liuhe")
    rows = list(load_workbook(io.BytesIO(taken.content)).active.iter_rows(values_only=True))
    assert len(rows) == 3
    assert "林溪" not in str(rows), "masked unless asked for in full"


async def test_what_is_sent_back_is_a_draft_with_the_reason_and_what_was_typed(site: Served, admin: Colleague) -> None:
    await registers(site, "lin", "liuhe")
    writer = await colleague(site, "li.na", Role.BUREAU)
    kept = await writer.posts(
        "/console/announcements", **{"topic": "news", "text-zh-Hans": WORDS, "languages": "zh-Hans"}
    )
    path = kept.headers["location"].partition("?")[0]
    assert (await writer.posts(f"{path}/submit")).status_code == 303
    own = await writer.posts(f"{path}/approve", digest="0" * 64)
    assert own.status_code == 422
    assert "自己写的通知不能自己批准" in own.text
    other = await admin.posts(f"{path}/approve", digest="0" * 64)
    assert "内容和给您看的不一样" in other.text
    assert (await admin.posts(f"{path}/back", note="日期再核对")).status_code == 303
    assert "日期再核对" in (await writer.gets(path)).text
    form = (await writer.gets(f"{path}/edit")).text
    assert "地点不变" in form
    assert 'value="zh-Hans" checked' in form
    nothing = await writer.posts("/console/announcements", **{"topic": "news", "text-zh-Hans": " ", "text-en": ""})
    assert nothing.status_code == 422


async def test_nobody_to_reach_is_said_before_it_is_handed_on(site: Served, admin: Colleague) -> None:
    kept = await admin.posts("/console/announcements", **{"topic": "policy", "text-zh-Hans": WORDS})
    refused = await admin.posts(f"{kept.headers['location'].partition('?')[0]}/submit")
    assert refused.status_code == 422
    assert "一个人也发不到" in refused.text


async def test_whoever_changes_a_draft_does_not_widen_whom_it_goes_to(site: Served, admin: Colleague) -> None:
    """What the form knows nothing of stays, and a township's draft stays within the township."""
    audience = Audience(
        places=("US",), events=("QK7M",), asked=("doc-1",), reached="A2345", asked_at="2026-11-01T00:00:00+00:00"
    )
    flyer = File.of("flyer.pdf", "application/pdf", b"%PDF")
    written = desk.Written(
        topic=Topic.NEWS,
        texts={"zh-Hans": WORDS},
        audience=audience,
        doors=["mydata", "start:need"],
        files=[flyer],
        not_after=site.clock.now() + timedelta(days=9),
        corrects="A2345",
    )
    officer = await colleague(site, "liu.he", Role.TOWNSHIP, "liuhe")
    before = await drafted(site, Viewer(officer.id, Role.TOWNSHIP, "liuhe"), written, "A7KQM")
    form = (await admin.gets("/console/announcements/A7KQM/edit")).text
    assert "只限：柳河镇" in form
    sent = as_a_browser_sends(form) | {"text-zh-Hans": f"{WORDS}\n\n请带身份证。"}
    assert (await admin.posts("/console/announcements", **sent)).status_code == 303
    after = await kept(site, "A7KQM")
    assert after.audience == before.audience == {**audience.as_json(), "within": "liuhe"}
    assert announce_words.files_of(after) == (flyer,)
    assert announce_words.doors_of(after) == ("start:need", "mydata")
    assert (after.not_after, after.corrects) == (before.not_after, "A2345")
    assert "请带身份证" in announce_words.own_words(after)["zh-Hans"]
    # One who never had the draft in a form can't make one of that number, nor look at another's.
    other = await colleague(site, "qing.shi", Role.TOWNSHIP, "qingshi")
    assert (await other.posts("/console/announcements/preview", **sent)).status_code == 403
    assert (await admin.posts("/console/announcements", **{**sent, "number": "A9999"})).status_code == 422


async def test_the_card_of_an_event_that_takes_no_more_replies_stays(site: Served, admin: Colleague) -> None:
    things = await things_of(site, "liuhe", "111")
    site.clock.passes(days=28)
    written = desk.Written(topic=Topic.NEWS, texts={"zh-Hans": WORDS}, audience=Audience(), event=things.names["code"])
    before = await drafted(site, Viewer(admin.id, Role.COUNTY_ADMIN), written, "A7KQM")
    admin = await colleague(site, "wang.wu", Role.COUNTY_ADMIN)
    sent = as_a_browser_sends((await admin.gets("/console/announcements/A7KQM/edit")).text)
    assert (await admin.posts("/console/announcements", **sent)).status_code == 303
    after = await kept(site, "A7KQM")
    assert (after.content, after.not_after) == (before.content, before.not_after)
    assert "座谈111" in str(after.content)


async def test_a_file_that_is_too_large_is_refused_with_all_that_was_typed_and_the_wish_to_choose_again(
    site: Served, admin: Colleague
) -> None:
    typed = {"csrf": csrf_token(admin.token), "topic": "news", "text-zh-Hans": WORDS, "townships": "liuhe"}
    async with admin.http() as client:
        for content in (b"", b"x" * 5_000_001):
            files = {"file": ("大图.png", content)}
            answer = await client.post("/console/announcements", data=typed, files=files)
            assert answer.status_code == 422
            assert "超过 5 MB" in answer.text
            assert "请重新选一次文件" in answer.text
            assert "地点不变，报过名的不用再报。" in answer.text
            assert 'value="liuhe" checked' in answer.text
        files = {"file": ("C:\\图\\会场\n图.png", PIXEL)}
        done = await client.post("/console/announcements", data=typed, files=files)
    after = await kept(site, done.headers["location"].partition("?")[0].rpartition("/")[2])
    [file] = announce_words.files_of(after)
    assert (file.media_type, file.content) == ("image/png", PIXEL)
    assert not set(file.name) & set("\\/\n")


async def drafted(site: Served, who: Viewer, written: desk.Written, number: str) -> Announcement:
    office = site.app.desk
    async with office.database.write() as connection:
        await desk.save(connection, office, who, await desk.draft_of(connection, office, who, written, number=number))
    return await kept(site, number)


async def kept(site: Served, number: str) -> Announcement:
    async with site.app.desk.database.read() as connection:
        found = await announcements.by_number(connection, number)
    assert found is not None
    return found


def as_a_browser_sends(page: str) -> dict[str, list[str]]:
    """Give the fields of the form to compose in as a browser would send them unchanged."""
    form = LexborHTMLParser(page).css_first("form[data-compose]")
    assert form is not None
    sent: dict[str, list[str]] = {}
    for field in form.css("input, textarea, select"):
        name, kind = field.attributes.get("name"), field.attributes.get("type")
        if name in (None, "csrf") or kind == "file" or (kind == "checkbox" and "checked" not in field.attributes):
            continue
        value = field.attributes.get("value")
        if field.tag == "textarea":
            value = field.text()
        if field.tag == "select":
            chosen = field.css_first("option[selected]") or field.css_first("option")
            value = chosen.attributes.get("value") if chosen else ""
        sent.setdefault(str(name), []).append(value or "")
    return sent


async def test_everything_the_chat_can_compose_is_composed_in_the_form(
    site: Served, admin: Colleague, browser: Browser, tmp_path: Path
) -> None:
    """Places, people of an event, a file that goes along, a last moment; changed again, nothing is lost."""
    office = site.app.desk
    await registers(site, "lin", "liuhe")
    things = await things_of(site, "liuhe", "111")
    (tmp_path / "会场图.png").write_bytes(PIXEL)
    page = await admin.sits_down(browser)
    await page.goto("/console/announcements/new")
    preview = page.locator("[data-preview]")
    await page.get_by_placeholder("加现居地").fill("某个没有的地方")
    await expect(preview).to_contain_text("没看懂这个地方")
    await page.get_by_placeholder("加现居地").fill("深圳、日本")
    await expect(preview).to_contain_text("1 人能收到")
    await page.get_by_label("中文内容").fill(WORDS)
    await page.get_by_label("图片或文件").set_input_files(tmp_path / "会场图.png")
    await expect(preview).to_contain_text("会场图.png")
    await page.get_by_label("过了什么时候不再发").fill("2027-01-09T18:00")
    assert await violations(page) == []
    await page.get_by_role("button", name="存为草稿").click()
    await expect(page.locator(".attached img")).to_be_visible()
    await expect(page.get_by_text("过时不发：")).to_be_visible()
    number = page.url.rpartition("/")[2].partition("?")[0]
    taken = await admin.gets(f"/console/announcements/{number}/files/0")
    assert taken.content == PIXEL
    assert taken.headers["content-disposition"].startswith("attachment")

    await page.get_by_role("link", name="修改").click()
    await expect(page.get_by_role("checkbox", name="深圳")).to_be_checked()
    await page.get_by_role("checkbox", name="深圳").uncheck(force=True)
    await page.locator(f"[name=events][value={things.names['code']}]").check(force=True)
    await page.get_by_role("button", name="存为草稿").click()
    after = await kept(site, number)
    assert after.audience == {"places": ["JP"], "events": [things.names["code"]]}
    assert [(one.name, one.content) for one in announce_words.files_of(after)] == [("会场图.png", PIXEL)]
    assert after.not_after == datetime(2027, 1, 9, 18, tzinfo=office.county.zone)

    await page.get_by_role("link", name="修改").click()
    await page.get_by_label("附上 会场图.png").uncheck()
    await page.get_by_role("button", name="存为草稿").click()
    await expect(page.locator(".attached")).to_have_count(0)


async def test_a_correction_goes_to_those_the_wrong_words_reached(site: Served, admin: Colleague) -> None:
    written = desk.Written(topic=Topic.NEWS, texts={"zh-Hans": WORDS}, audience=Audience())
    await drafted(site, Viewer("somebody", Role.BUREAU), written, "A7KQM")
    assert (await admin.gets("/console/announcements/new?corrects=A7KQM")).status_code == 404, "it went to nobody"
    async with site.app.desk.database.write() as connection:
        await connection.execute(update(AnnouncementRow).values(state="stopped"))
    assert "/console/announcements/new?corrects=A7KQM" in (await admin.gets("/console/announcements/A7KQM")).text
    form = (await admin.gets("/console/announcements/new?corrects=A7KQM")).text
    sent = as_a_browser_sends(form) | {"text-zh-Hans": "更正：二月十九日"}
    done = await admin.posts("/console/announcements", **sent)
    after = await kept(site, done.headers["location"].partition("?")[0].rpartition("/")[2])
    assert (after.audience, after.corrects) == ({"reached": "A7KQM"}, "A7KQM")


async def test_what_is_new_about_a_file_people_follow_is_a_draft_to_read_over(site: Served, admin: Colleague) -> None:
    news = News("doc1", "lapsed", date(2026, 11, 1), "望川县租房补贴办法")
    async with site.app.desk.database.write() as connection:
        await policy_news.offer(connection, [news], site.clock.now())
    assert "到期：《望川县租房补贴办法》" in (await admin.gets("/console/announcements")).text
    form = (await admin.gets(f"/console/announcements/new?news={news.token}")).text
    assert "望川县租房补贴办法" in form
    done = await admin.posts("/console/announcements", **as_a_browser_sends(form))
    after = await kept(site, done.headers["location"].partition("?")[0].rpartition("/")[2])
    assert (after.topic, after.audience) == ("policy", {"asked": ["doc1"]})
    assert "到期：《望川县租房补贴办法》" not in (await admin.gets("/console/announcements")).text


async def test_an_earlier_preview_never_comes_over_a_later_one_and_words_alone_count_nobody(
    site: Served, admin: Colleague, browser: Browser
) -> None:
    await registers(site, "lin", "liuhe")
    page = await admin.sits_down(browser)
    asked: list[str | None] = []
    held = asyncio.Event()

    async def answer(route: Route) -> None:
        asked.append(route.request.headers.get("x-count"))
        response = await route.fetch()
        if len(asked) == 2:
            # The second answer is late: the third is there already.
            await held.wait()
        with contextlib.suppress(Error):
            await route.fulfill(response=response)

    await page.route("**/announcements/preview", answer)
    await page.goto("/console/announcements/new")
    words, preview = page.get_by_label("中文内容"), page.locator("[data-preview]")
    await words.fill("第一稿")
    await expect(preview).to_contain_text("第一稿")
    async with page.expect_request("**/announcements/preview"):
        await words.fill("第二稿")
    await words.fill("第三稿")
    await expect(preview).to_contain_text("第三稿")
    held.set()
    await expect(preview).to_contain_text("1 人能收到")
    await page.get_by_label("青石镇").check(force=True)
    await expect(preview).to_contain_text("0 人能收到")
    assert "第三稿" in await preview.inner_text()
    assert asked == ["no", "no", "no", None]


async def test_every_step_is_taken_from_the_page_and_none_that_is_not_possible(site: Served, admin: Colleague) -> None:
    await registers(site, "lin", "liuhe")
    writer = await colleague(site, "li.na", Role.BUREAU)
    kept = await writer.posts("/console/announcements", **{"topic": "news", "text-zh-Hans": WORDS})
    path = kept.headers["location"].partition("?")[0]
    await writer.posts(f"{path}/submit")
    digest = (await found(site, path)).digest or ""
    assert (await admin.posts(f"{path}/approve", digest=digest)).status_code == 303

    async def steps(who: Colleague, name: str) -> tuple[int, State]:
        return (await who.posts(f"{path}/step", step=name)).status_code, (await found(site, path)).state

    for impossible in ("resume", "go-on", "discard", "explode"):
        assert await steps(writer, impossible) == (422, State.APPROVED)
    assert await steps(writer, "pause") == (303, State.PAUSED)
    assert await steps(writer, "resume") == (303, State.APPROVED)
    async with site.app.desk.database.write() as connection:
        assert await announcements.call_late(connection, path.rpartition("/")[2], site.clock.now(), "outage")
    assert "等您决定" in (await admin.gets(path)).text
    assert await steps(admin, "go-on") == (303, State.APPROVED)
    assert await steps(writer, "undo") == (303, State.DRAFT)
    await writer.posts(f"{path}/submit")
    await admin.posts(f"{path}/approve", digest=(await found(site, path)).digest or "")
    # Somebody of a township stops nobody else's.
    stranger = await colleague(site, "zhao.shan", Role.TOWNSHIP, "qingshi")
    assert (await stranger.posts(f"{path}/step", step="stop")).status_code == 403
    assert (await found(site, path)).state is State.APPROVED
    assert await steps(writer, "stop") == (303, State.STOPPED)
    assert await steps(writer, "stop") == (422, State.STOPPED)
    assert await steps(admin, "recall") == (303, State.STOPPED)
    assert (await found(site, path)).recall is not None
    assert await steps(admin, "recall") == (422, State.STOPPED)


async def found(site: Served, path: str) -> Announcement:
    async with site.app.desk.database.read() as connection:
        one = await announcements.by_number(connection, path.rpartition("/")[2])
    assert one is not None
    return one
