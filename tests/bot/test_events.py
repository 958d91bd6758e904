"""Events on the command line: made, changed, called off, listed, their card and QR code, the door; by role."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.shell import Laoxiang, Ran

PROFILE = """
[county]
name = "望川县"
[[townships]]
code = "liuhe"
name = "柳河镇"
"""
FORUM = ["新春乡情恳谈会", "--starts", "2098-02-10 09:00", "--ends", "2098-02-10 11:30", "--place", "县文化馆"]


@pytest.fixture(autouse=True)
def _county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> None:
    profile = tmp_path / "county.toml"
    profile.write_text(PROFILE, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(profile))


def made(laoxiang: Laoxiang, *more: str) -> str:
    ran = laoxiang("events", "create", *FORUM, *more, "--json")
    assert ran.status == 0, ran.err
    return str(json.loads(ran.out)["code"])


def member_of(laoxiang: Laoxiang, *role: str) -> str:
    return laoxiang("staff", "invite", "--role", *role).out.split(":")[0]


def test_an_event_is_made_changed_listed_and_called_off(laoxiang: Laoxiang) -> None:
    code = made(laoxiang, "--quota", "80", "--deadline", "2098-02-01 18:00")
    changed = laoxiang("events", "change", code, "--starts", "2098-02-12 14:00", "--note", "改期")
    assert "2098年2月12日 周三 14:00–16:30" in changed.out
    assert "0 people will be told" in changed.out
    assert code in laoxiang("events", "list").out
    assert "cancelled" not in laoxiang("events", "list").out
    assert laoxiang("events", "cancel", code, "--note", "不办了").status == 0
    assert "cancelled" in laoxiang("events", "list").out
    assert_refused(laoxiang("events", "change", code, "--place", "别处"), "cancelled")


def test_a_question_on_the_command_line_is_answered_from_the_event_as_it_is_now(laoxiang: Laoxiang) -> None:
    code = made(laoxiang)
    laoxiang("events", "change", code, "--starts", "2098-02-12 14:00", "--note", "改期")
    assert "2098年2月12日 周三 14:00–16:30" in laoxiang("ask", "乡情恳谈会是哪天").out
    # A day asked for is a question to the files as they were.
    assert "2098" not in laoxiang("ask", "乡情恳谈会是哪天", "--on", "2026-11-24").out


def test_the_card_and_its_qr_code(laoxiang: Laoxiang, tmp_path: Path) -> None:
    code = made(laoxiang)
    card = laoxiang("events", "card", code, "--bot", "wangchuan_bot", "--qr", str(tmp_path / "qr.png"))
    assert f"https://t.me/wangchuan_bot?start=event_{code}" in card.out
    assert (tmp_path / "qr.png").read_bytes().startswith(b"\x89PNG")
    assert_refused(laoxiang("events", "card", code, "--qr", str(tmp_path / "qr.png")), "--bot")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["create", *FORUM[:2], "tomorrow", *FORUM[3:]], "2027-02-10 09:30"),
        (["create", *FORUM[:4], "2098-02-10 08:00", *FORUM[5:]], "--ends"),
        (["create", FORUM[0], "--starts", "2020-02-10 09:00", *FORUM[3:]], "--starts"),
        (["create", *FORUM, "--deadline", "2098-03-01 09:00"], "--deadline"),
        (["change", "E9999", "--place", "别处"], "events list"),
        (["check-in", "E9999", "284917"], "events list"),
    ],
)
def test_what_can_not_be_is_refused_with_what_to_do(laoxiang: Laoxiang, arguments: list[str], reason: str) -> None:
    assert_refused(laoxiang("events", *arguments), reason)


def test_a_township_manages_its_own_events_and_a_reader_none(laoxiang: Laoxiang) -> None:
    code = made(laoxiang)
    township = member_of(laoxiang, "township", "--township", "liuhe")
    reader = member_of(laoxiang, "reader")
    assert laoxiang("events", "create", *FORUM, "--township", "liuhe", "--as", township).status == 0
    assert_refused(laoxiang("events", "create", *FORUM, "--as", township), "own township")
    assert_refused(laoxiang("events", "cancel", code, "--as", township), "own township")
    assert laoxiang("events", "list", "--as", reader).status == 0
    assert laoxiang("events", "attendees", code, "--as", reader).status == 0
    assert_refused(laoxiang("events", "attendees", code, "--as", reader, "--reason", "看看"), "may not")
    assert_refused(laoxiang("events", "create", *FORUM, "--as", reader), "may not")


def assert_refused(ran: Ran, reason: str) -> None:
    assert ran.status == 1, ran.out
    assert reason in ran.err
    assert "Traceback" not in ran.err
