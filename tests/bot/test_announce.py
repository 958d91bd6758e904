"""Announcements on the command line: an audience counted, words written and previewed, a second person, a report."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.app import open_office
from bot.settings import load_settings
from storage import announcements, subscriptions
from storage.announcement_tables import RecipientRow, RecipientState
from storage.documents import StoredDocument
from storage.people import Identity
from storage.subscription_tables import Topic
from tests.bot.shell import Laoxiang, Ran
from tests.bot.test_people import PROFILE

NATIVE = "我叫王芳，在深圳做模具，老家柳河镇，电话13900001111\n同意\n跳过\n提交\n"
WORDS = "恳谈会改到二月十八日\n\n地点不变。"


@pytest.fixture(autouse=True)
def _county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> None:
    profile = tmp_path / "county.toml"
    profile.write_text(PROFILE, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(profile))


@pytest.fixture
def wang(laoxiang: Laoxiang) -> None:
    """Somebody who registered in the terminal."""
    assert laoxiang("chat", typed=NATIVE).status == 0


@pytest.fixture
def zhou(laoxiang: Laoxiang) -> str:
    """Who approves, by staff id."""
    return laoxiang("staff", "invite", "--role", "bureau").out.split(":")[0]


def written(laoxiang: Laoxiang, *more: str) -> str:
    ran = laoxiang("announce", "write", WORDS, "--json", *more)
    assert ran.status == 0, ran.err
    return str(json.loads(ran.out)["number"])


def refused(ran: Ran, reason: str) -> None:
    assert (ran.status, ran.out) == (1, "")
    assert reason in ran.err


@pytest.mark.usefixtures("wang")
def test_it_is_written_previewed_submitted_and_approved_by_somebody_else(laoxiang: Laoxiang, zhou: str) -> None:
    number = written(laoxiang, "--english", "The forum moves to 18 February", "--button", "events")
    preview = laoxiang("announce", "preview", number).out
    for told in ("恳谈会改到二月十八日", "18 February", "[近期活动]  [不再收这类通知]", "能发到 1 人", "王＊"):
        assert told in preview
    submitted = laoxiang("announce", "submit", number)
    digest = submitted.out.split()[-1]
    refused(laoxiang("announce", "approve", number, digest), "不能自己批准")
    refused(laoxiang("announce", "approve", number, "0" * 12, "--as", zhou), "不一样")
    approved = laoxiang("announce", "approve", number, digest, "--as", zhou)
    assert "60 seconds" in approved.out
    refused(laoxiang("announce", "discard", number, "--yes"), "不能作废")
    refused(laoxiang("announce", "report", number), "还没有开始发")
    assert laoxiang("announce", "undo", number).status == 0
    [one] = json.loads(laoxiang("announce", "list", "--json").out)["announcements"]
    assert (one["number"], one["state"], one["approver"]) == (number, "draft", None)
    assert laoxiang("announce", "discard", number, "--yes").status == 0
    assert laoxiang("announce", "list").out.startswith("还没有写过通知")


@pytest.mark.usefixtures("wang")
def test_an_audience_is_counted_by_names_and_codes(laoxiang: Laoxiang) -> None:
    def count(*options: str) -> int:
        return int(json.loads(laoxiang("announce", "audience", "--json", *options).out)["reachable"])

    assert count() == 1
    assert count("--township", "柳河镇", "--place", "深圳", "--kind", "native") == 1
    assert count("--place", "US") == 0
    assert count("--topic", "policy") == 0  # never agreed to that
    refused(laoxiang("announce", "audience", "--township", "火星镇"), "火星镇")
    refused(laoxiang("announce", "audience", "--follows", "99"), "laoxiang documents")


def test_what_can_not_be_is_said_in_a_sentence(laoxiang: Laoxiang, zhou: str) -> None:
    number = written(laoxiang)
    refused(laoxiang("announce", "submit", number), "一个人也发不到")
    refused(laoxiang("announce", "write", WORDS, "--at", "2020-01-01 09:00"), "已经过去")
    refused(laoxiang("announce", "write", WORDS, "--at", "soon"), "no time")
    refused(laoxiang("announce", "write", WORDS, "--event", "E9999"), "没有活动")
    refused(laoxiang("announce", "write", WORDS, "--button", "explode"), "no button does explode")
    refused(laoxiang("announce", "pause", number), "没有在发")
    refused(laoxiang("announce", "show", "A0000"), "没有通知")
    refused(laoxiang("announce", "write"), "没有内容")
    reader = laoxiang("staff", "invite", "--role", "reader").out.split(":")[0]
    assert laoxiang("announce", "list", "--as", reader).status == 1


def test_a_draft_is_written_anew_under_its_number(laoxiang: Laoxiang, tmp_path: Path) -> None:
    number = written(laoxiang)
    text = tmp_path / "words.txt"
    text.write_text("恳谈会改到二月十九日\n\n- 带身份证\n- 带家属", "utf-8")
    again = laoxiang("announce", "write", "--text-file", str(text), "--edit", number, "--file", str(text))
    assert number in again.out
    assert "二月十九日" in laoxiang("announce", "preview", number).out
    assert len(json.loads(laoxiang("announce", "list", "--json").out)["announcements"]) == 1


@pytest.fixture
def approved(laoxiang: Laoxiang, wang: None, zhou: str) -> str:
    """The number of an announcement to Wang that was approved a moment ago."""
    number = written(laoxiang)
    digest = laoxiang("announce", "submit", number).out.split()[-1]
    assert laoxiang("announce", "approve", number, digest, "--as", zhou).status == 0
    return number


def state(laoxiang: Laoxiang, number: str) -> str:
    found = json.loads(laoxiang("announce", "list", "--json").out)["announcements"]
    return next(str(one["state"]) for one in found if one["number"] == number)


def test_it_is_held_goes_on_and_is_stopped_for_good(laoxiang: Laoxiang, approved: str) -> None:
    refused(laoxiang("announce", "resume", approved), "没有暂停")
    assert laoxiang("announce", "pause", approved).status == 0
    assert state(laoxiang, approved) == "paused"
    assert laoxiang("announce", "resume", approved.lower()).status == 0
    assert state(laoxiang, approved) == "approved"
    asked = laoxiang("announce", "stop", approved, typed="n\n")
    assert (asked.status, state(laoxiang, approved)) == (1, "approved")
    assert laoxiang("announce", "stop", approved, typed="y\n").status == 0
    assert state(laoxiang, approved) == "stopped"
    refused(laoxiang("announce", "stop", approved, "--yes"), "没有可以停止的")
    refused(laoxiang("announce", "resume", approved), "没有暂停")


def test_what_became_too_late_goes_out_only_on_a_word(laoxiang: Laoxiang, approved: str) -> None:
    refused(laoxiang("announce", "go-on", approved), "没有在等您决定")

    async def late() -> None:
        async with open_office(load_settings()) as office, office.database.write() as connection:
            assert await announcements.call_late(connection, approved, office.clock.now(), "outage")

    asyncio.run(late())
    assert "停了较长时间" in laoxiang("announce", "progress", approved).out
    assert laoxiang("announce", "go-on", approved).status == 0
    assert state(laoxiang, approved) == "approved"


def test_it_is_given_back_with_a_reason_the_writer_reads(laoxiang: Laoxiang, zhou: str, wang: None) -> None:
    number = written(laoxiang)
    refused(laoxiang("announce", "back", number, "日期再核对", "--as", zhou), "不在等待批准")
    assert laoxiang("announce", "submit", number).status == 0
    assert "given back" in laoxiang("announce", "back", number, "日期再核对", "--as", zhou).out
    assert state(laoxiang, number) == "draft"
    assert "日期再核对" in laoxiang("announce", "show", number).out


def test_what_was_sent_is_taken_back_and_no_second_time(laoxiang: Laoxiang, approved: str) -> None:
    async def sent() -> None:
        async with open_office(load_settings()) as office:
            now = office.clock.now()
            async with office.database.write() as connection:
                assert await announcements.start(connection, approved, now)
                await connection.execute(
                    insert(RecipientRow).values(
                        announcement=approved, channel="web", chat="w1", language="zh-Hans", zone="Asia/Shanghai",
                        due_at=now, state=RecipientState.SENT.value, attempts=0, message_ids=["7"],
                    )
                )  # fmt: skip

    asyncio.run(sent())
    assert laoxiang("announce", "recall", approved, typed="n\n").status == 1
    assert state(laoxiang, approved) == "sending"
    taken = laoxiang("announce", "recall", approved, "--text", "请忽略上一条", "--yes")
    assert "being taken back" in taken.out
    assert f"--correct {approved}" in taken.out
    assert state(laoxiang, approved) == "stopped"
    refused(laoxiang("announce", "recall", approved, "--yes"), "已经在收回")


@pytest.mark.usefixtures("wang")
def test_news_of_a_file_somebody_follows_is_told_once_as_new(laoxiang: Laoxiang, papers: Path) -> None:
    assert laoxiang("index", str(papers)).status == 0
    assert "nothing new" in laoxiang("announce", "news").out

    async def followed() -> None:
        async with open_office(load_settings()) as office, office.database.write() as connection:
            before = office.clock.now() - timedelta(days=10)
            person = await connection.scalar(select(Identity.person_id))
            document = await connection.scalar(
                select(StoredDocument.id).where(StoredDocument.title == "望川县回乡投资促进措施")
            )
            assert person
            assert document
            await subscriptions.agree(connection, person, Topic.POLICY, "1", before)
            await subscriptions.follow(connection, person, document, before)

    asyncio.run(followed())
    day = datetime.now(UTC).date() - timedelta(days=4)
    told = f"{day.year}年{day.month}月{day.day}日"
    repeal = (
        "望川县人民政府办公室关于废止《望川县回乡投资促进措施》的通知\n望政办发〔2027〕3号\n"
        f"一、《望川县回乡投资促进措施》(望政办发〔2025〕12号)自{told}起废止。\n二、本通知自{told}起施行。\n"
        f"望川县人民政府办公室\n{told}"
    )
    (papers / "废止通知.txt").write_text(repeal, "utf-8")
    assert laoxiang("index", str(papers)).status == 0
    first, again = (laoxiang("announce", "news").out for _ in range(2))
    assert first.startswith("新 / new")
    assert "废止：《望川县回乡投资促进措施》" in first
    assert again.strip() == first.removeprefix("新 / new").strip()
