"""Sums worked from a rule and a person's own figures, with edges, caps and terms as the rule has them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.amounts import Unit, quantities_in, said_yuan
from knowledge.sums import Article, estimates
from tests.knowledge.county import County

RENT = (
    "第三条 租用标准厂房1000平方米以上的企业,按每月每平方米2元的标准给予租金补贴,最长36个月,每家企业每年不超过20万元。"
)
BANDS = """第五条 固定资产投资按下列标准奖励:
(一)500万元以上不足2000万元的,奖励2%;
(二)2000万元以上不足5000万元的,奖励3%;
(三)5000万元以上的,奖励4%,最高800万元。"""
EQUIPMENT = "第四条 购置新设备的,按发票金额(不含税)的8%给予一次性奖励,最高100万元。"
INTEREST = "第六条 按实际支付利息的40%给予贴息,贴息率不超过1.5个百分点,每年最高60万元。"
ROOMS = "第七条 新建民宿每间客房补助3000元,单个项目最高10万元。"
CLOSED = "第八条 (一)100万元以下的,给予一次性奖励2万元;(二)超过100万元的,给予一次性奖励5万元。"


def results(question: str, clause: str) -> list[int | None]:
    return [
        int(sum_.result) if sum_.result is not None else None for sum_ in estimates(question, Article.of_text(clause))
    ]


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("三百来万", 3_000_000, Unit.YUAN),
        ("3,000,000元", 3_000_000, Unit.YUAN),
        ("３００万元", 3_000_000, Unit.YUAN),
        ("三万五", 35_000, Unit.YUAN),
        ("一百二十万", 1_200_000, Unit.YUAN),
        ("1.2亿", 120_000_000, Unit.YUAN),
        ("80w", 800_000, Unit.YUAN),
        ("3 million", 3_000_000, Unit.YUAN),
        ("一千五百平", 1_500, Unit.SQUARE_METRE),
        ("两年", 24, Unit.MONTH),
        ("4.5个点", Decimal("4.5"), Unit.PERCENT),
    ],
)
def test_quantities_are_read_as_people_say_them(said: str, value: int | Decimal, unit: Unit):
    assert [(found.value, found.unit) for found in quantities_in(f"我有{said}要用")] == [(value, unit)]


@pytest.mark.parametrize("said", ["2021年签的", "第3个", "3点钟", "电话0000"])
def test_what_is_no_quantity_is_left_alone(said: str):
    assert not list(quantities_in(said))


@given(st.integers(1, 10**12), st.booleans())
def test_every_sum_is_read_back_as_it_is_written(yuan: int, grouped: bool):
    assert [q.value for q in quantities_in(said_yuan(Decimal(yuan)))] == [yuan]
    assert [q.value for q in quantities_in(f"{yuan:,}元" if grouped else f"{yuan}元")] == [yuan]


@pytest.mark.parametrize(
    ("question", "clause", "expected"),
    [
        ("租了1500平,租三年", RENT, [108_000]),
        ("租12000平能补多少一年", RENT, [200_000]),
        ("租12000平,租五年", RENT, [600_000]),
        ("租了800平", RENT, [None]),
        ("投1999万和投2000万差多少", BANDS, [399_800, 600_000]),
        ("投5个亿", BANDS, [8_000_000]),
        ("投3亿", BANDS, [8_000_000]),
        ("投499万", BANDS, [None]),
        ("买设备花了300万", EQUIPMENT, [240_000]),
        ("买设备花了三千万", EQUIPMENT, [1_000_000]),
        ("贷款500万,利率4.5%", INTEREST, [75_000]),
        ("贷款500万,利率3%", INTEREST, [60_000]),
        ("贷款500万", INTEREST, []),
        ("我弄了二十间房", ROOMS, [60_000]),
        ("50间", ROOMS, [100_000]),
        ("投了100万", CLOSED, [20_000]),
        ("投了101万", CLOSED, [50_000]),
        ("能补多少", RENT, []),
    ],
)
def test_sums_keep_edges_caps_and_terms(question: str, clause: str, expected: list[int | None]):
    assert results(question, clause) == expected


def test_a_clause_with_two_rates_is_quoted_and_not_worked():
    assert results("花了100万", "第九条 首次认定的按费用的10%奖励,重新认定的按费用的5%奖励。") == []


def test_a_rate_that_is_no_support_is_not_worked():
    assert results("投100万", "第九条 审批时限压缩50%以上。超期完成的部分,按应得奖励的70%计算。") == []


@given(st.integers(1, 100_000), st.integers(1, 120))
def test_rent_support_never_exceeds_its_cap_or_its_term(area: int, months: int):
    (found,) = estimates(f"租{area}平方米,租{months}个月", Article.of_text(RENT))

    if area < 1000:
        assert found.result is None
    else:
        assert found.result == min(Decimal(area * 24), Decimal(200_000)) / 12 * min(months, 36)


@given(st.integers(1, 200_000))
def test_a_band_gives_what_its_edges_say(wan: int):
    (found,) = estimates(f"投{wan}万元", Article.of_text(BANDS))
    rate = None if wan < 500 else 2 if wan < 2000 else 3 if wan < 5000 else 4

    if rate is None:
        assert found.result is None
    else:
        assert found.result == min(Decimal(wan * 100 * rate), Decimal(8_000_000) if rate == 4 else Decimal("inf"))


def test_an_answer_carries_the_sum_of_the_rule_it_cites_first(county: County):
    found = county.asks("租了1500平的标准厂房,一年租金补贴能有多少")

    assert found.citations[0].clause == "第三条"
    assert [estimate.result for estimate in found.estimates] == [36_000]


def test_a_question_without_figures_gets_no_sum(county: County):
    assert county.asks("厂房租金补贴多少").estimates == ()
