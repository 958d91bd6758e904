"""Announcements on the command line: an audience counted, words written and previewed, a second person, a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
