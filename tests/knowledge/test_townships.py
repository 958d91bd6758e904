"""Old township names lead to the present ones, as the notices say."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.clauses import split
from knowledge.metadata import describe
from knowledge.townships import Merger, mergers_in, present_names
from tests.knowledge.county import reading


def names(
    sentence: str, on: date = date(2026, 1, 1), title: str = "望川县人民政府关于调整部分乡镇行政区划的通知"
) -> dict[str, str]:
    read = reading(
        f"{title}\n望政发〔2024〕8号\n一、{sentence}\n二、本通知自2024年7月1日起施行。\n望川县人民政府\n2024年6月1日"
    )
    return dict(present_names(mergers_in(describe("d", "d", read), split("d", read.blocks, title)), on))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("将东山乡和西河镇合并为东河镇。", {"东山乡": "东河镇", "西河镇": "东河镇"}),
        ("撤销东山乡、西河镇,设立东河镇。", {"东山乡": "东河镇", "西河镇": "东河镇"}),
        ("撤销望川县东山乡、南坪乡建制,合并设立新的东河镇。", {"东山乡": "东河镇", "南坪乡": "东河镇"}),
        ("东山乡并入城关镇。", {"东山乡": "城关镇"}),
        ("撤销石门乡,将其行政区域划归云台镇。", {"石门乡": "云台镇"}),
        ("以原青石乡、白水乡的行政区域合并设立青白镇。", {"青石乡": "青白镇", "白水乡": "青白镇"}),
        ("东山乡更名为东山镇。", {"东山乡": "东山镇"}),
        ("将城关镇和石桥乡合并,成立城关街道办事处。", {"城关镇": "城关街道", "石桥乡": "城关街道"}),
        ("将城关镇和石桥乡合并为城关镇。", {"石桥乡": "城关镇"}),
        ("各乡镇要按时将资料报镇政府。", {}),
        ("东山乡和西河镇要做好衔接。", {}),
    ],
)
def test_a_merger_is_read_as_it_is_written(sentence: str, expected: dict[str, str]):
    assert names(sentence) == expected


def test_a_merger_counts_from_its_day():
    assert names("东山乡并入城关镇。", date(2024, 6, 30)) == {}


def test_news_of_a_merger_merges_nothing():
    assert names("东山乡并入城关镇。", title="望川县乡镇调整新闻报道") == {}


def test_a_township_merged_twice_leads_to_its_last_name():
    first = Merger("甲乡", "乙镇", date(2005, 1, 1), "a#0")
    second = Merger("乙镇", "丙镇", date(2020, 1, 1), "b#0")

    assert present_names([second, first], date(2019, 1, 1)) == {"甲乡": "乙镇"}
    assert present_names([second, first], date(2021, 1, 1)) == {"甲乡": "丙镇", "乙镇": "丙镇"}
