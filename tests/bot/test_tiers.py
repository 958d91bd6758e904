"""Tiers by the county's rules: on registration, on a change, on demand; never against a hand, never to the person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bot.shell import Laoxiang
from tests.bot.test_people import PROFILE

RULES = """
[[tiers]]
tier = "A"
kind = "expert"
rank = ["正高", "deputy"]
days = ">=28"

[[tiers]]
tier = "B"
kind = "expert"

[[tiers]]
tier = "C"
township = ["柳河镇"]
field = "making"
"""
EXPERT = "/start register-expert\n同意\n退休\n否\n林溪\n13800138000\n深圳\n{rank}\n做模具\n周末\n{more}提交\n"
DAYS = "补充\n每年天数\n30天\n"
NATIVE = "我叫王芳，在深圳做模具，老家柳河镇，电话13900001111\n同意\n跳过\n提交\n"


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> Path:
    profile = tmp_path / "county.toml"
    profile.write_text(PROFILE + RULES, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(profile))
    return profile


def listed(laoxiang: Laoxiang, *options: str) -> list[dict[str, Any]]:
    ran = laoxiang("people", "list", "--json", *options)
    assert ran.status == 0, ran.err
    return list(json.loads(ran.out)["people"])


def graded(laoxiang: Laoxiang, *options: str) -> dict[str, Any]:
    ran = laoxiang("people", "grade", "--json", *options)
    assert ran.status == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told


def test_whoever_registers_is_in_the_tier_of_the_first_rule_that_fits(laoxiang: Laoxiang, county: Path) -> None:
    shown = laoxiang("chat", typed=EXPERT.format(rank="副高", more=DAYS))
    assert "登记好了" in shown.out
    [person] = listed(laoxiang, "--tier", "A")
    # A change of an answer is a change of the tier.
    laoxiang("chat", typed="/start register-expert\n同意\n修改\n职称或技能等级\n中级\n提交\n")
    assert listed(laoxiang, "--tier", "A") == []
    assert [one["person_id"] for one in listed(laoxiang, "--tier", "B")] == [person["person_id"]]
    history = json.loads(laoxiang("people", "show", person["person_id"], "--reason", "核对", "--json").out)["history"]
    set_by_rules = [(one["actor"], one["before"]) for one in history if one["action"] == "tier"]
    assert set_by_rules[0] == ("rules", {"tier": None, "rule": "kind expert, rank 正高|deputy, days >=28"})
    assert set_by_rules[1] == ("rules", {"tier": "A", "rule": "kind expert"})


def test_a_person_never_sees_their_tier(laoxiang: Laoxiang, county: Path, tmp_path: Path) -> None:
    laoxiang("chat", typed=NATIVE)
    [person] = listed(laoxiang, "--tier", "C")
    laoxiang("people", "tier", person["person_id"], "A")
    shown = laoxiang("chat", typed="/mydata\n查看全部内容\n导出为文件\n")
    received = next((tmp_path / "home" / "received").glob("*.json"))
    stored = json.loads(received.read_text("utf-8"))
    assert "王芳" in json.dumps(stored, ensure_ascii=False)
    for told in (shown.out, received.read_text("utf-8"), received.with_suffix(".txt").read_text("utf-8")):
        assert "tier" not in told
        assert "分级" not in told
        assert "rules" not in told


def test_what_was_set_by_hand_stays_until_it_is_left_to_the_rules(laoxiang: Laoxiang, county: Path) -> None:
    laoxiang("chat", typed=NATIVE)
    [person] = listed(laoxiang, "--tier", "C")
    assert laoxiang("people", "tier", person["person_id"], "none").status == 0
    assert graded(laoxiang) == {"counts": {"": 1}, "changes": [], "by_hand": 1}
    assert laoxiang("people", "tier", person["person_id"], "rules").status == 0
    assert len(listed(laoxiang, "--tier", "C")) == 1
    assert laoxiang("people", "tier", "nobody", "rules").status == 1


def test_new_rules_are_tried_before_they_are_applied(laoxiang: Laoxiang, county: Path) -> None:
    laoxiang("chat", typed=NATIVE)
    [person] = listed(laoxiang, "--tier", "C")
    county.write_text(PROFILE + '[[tiers]]\ntier = "A"\nfield = "工业制造"\n', "utf-8")
    change = [person["person_id"], "C", "A", "field 工业制造"]
    assert graded(laoxiang, "--dry-run") == {"counts": {"A": 1}, "changes": [change], "by_hand": 0}
    assert len(listed(laoxiang, "--tier", "C")) == 1
    ran = laoxiang("people", "grade")
    assert "1. A: field 工业制造" in ran.out
    assert "C → A" in ran.out
    assert "1 人已变" in ran.out
    assert len(listed(laoxiang, "--tier", "A")) == 1
    assert graded(laoxiang)["changes"] == []
    # Without any rule nobody is in a tier but by hand.
    county.write_text(PROFILE, "utf-8")
    assert "还没有分级规则" in laoxiang("people", "grade").out
    assert listed(laoxiang, "--tier", "A") == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('tier = "D"\nkind = "expert"', "needs a tier (A, B, C)"),
        ('tier = "A"', "at least one thing"),
        ('tier = "A"\nsalary = "high"', "no form asks for salary"),
        ('tier = "A"\nrank = "很高"', "rank is never 很高; there are senior"),
        ('tier = "A"\ndays = "many"', "days is a figure"),
        ('tier = "A"\ntownship = "火星镇"', "township is never 火星镇"),
    ],
)
def test_a_rule_that_can_not_be_read_is_told_at_once(laoxiang: Laoxiang, county: Path, rule: str, told: str) -> None:
    county.write_text(f"{PROFILE}[[tiers]]\n{rule}\n", "utf-8")
    ran = laoxiang("people", "list")
    assert ran.status == 1
    assert told in ran.err


def test_a_sum_is_written_as_people_write_it(laoxiang: Laoxiang, county: Path) -> None:
    county.write_text(PROFILE + '[[tiers]]\ntier = "A"\namount = ">=300万"\n', "utf-8")
    laoxiang("chat", typed="/start invest\n同意\n自己投资\n做模具\n300万元\n林溪\n13800138000\n跳过\n提交\n")
    assert len(listed(laoxiang, "--tier", "A", "--kind", "invest")) == 1
