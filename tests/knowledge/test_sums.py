"""Sums worked from a rule and a person's own figures, with edges, caps and terms as the rule has them."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge.sums
from knowledge.amounts import Unit, quantities_in, said_yuan
from knowledge.sums import Article, estimates
from knowledge.sums.edges import edges_in
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


INVESTMENT = Article.of_text(
    "第三条 固定资产投资按下表给予奖励,以完成额全额适用对应比例。\n单个项目最高300万元。",
    [
        ("投资额(万元)", "奖励比例(%)", "备注"),
        ("500以上、不足2000", "2", "须投产"),
        ("2000以上、不足5000", "3", "须投产"),
        ("5000以上", "4", "须投产"),
    ],
)
DELAY = Article.of_text(
    "第四条 前条奖励分两期拨付。延误不足6个月的,系数为0.9;"
    "延误6个月以上不足12个月的,系数为0.7;延误12个月以上的,不予奖励。"
)
HOUSING = Article.of_text(
    "第五条 人才选择下列一种:",
    [
        ("类别", "购房补助(万元)", "租房补贴", "租房补贴"),
        ("类别", "购房补助(万元)", "元/月", "最长月数"),
        ("B", "40", "2500", "60"),
        ("C", "20", "1500", "36"),
        ("D", "10", "1000", "36"),
    ],
)
SPOUSES = Article.of_text("第六条 夫妻双方均为人才的,购房补助按就高一方全额、另一方标准的50%合并计算。")
SHARE = Article.of_text("第七条 购房补助分五年等额拨付,不超过购房价款的30%。")
LEAVING = Article.of_text("第八条 服务不满五年离开的,按未服务月数占60个月的比例退还已领取的购房补助。")
DAYS = Article.of_text(
    "第九条 服务津贴按下列标准发放:",
    [
        ("层次", "津贴(元/日)", "每年补贴日数上限"),
        ("正高级职称、A类人才", "800", "30"),
        ("副高级职称、博士", "600", "30"),
        ("中级职称、硕士", "400", "40"),
    ],
)
NURSING = Article.of_text("第十条 新建养老机构的,普通型床位每张补助6000元、护理型床位每张补助8000元,最高120万元。")
REBUILT = Article.of_text("第十一条 利用闲置校舍改建的养老机构,按照前条标准的60%补助。")
FORMULA = Article.of_text(
    "第十二条 年贴息额=可贴息本金×贴息率×天数÷360。贴息率取实际年利率×50%与“1.5%”中的较低者。"
    "可贴息贷款本金,个人不超过30万元,小微企业不超过400万元;超过部分不予贴息。个人每年贴息最高4000元,小微企业每年贴息最高5万元。"
)
STARTING = Article.of_text("第十三条 首次创办企业的,给予一次性创业补贴5000元;转岗职工为8000元。")
HIRING = Article.of_text("第十四条 招用员工的,从第二名员工起,每增加一人增加补助1000元,总额最高12000元。")
JOBS = Article.of_text("第十五条 吸纳就业的,按每人1500元给予带动就业补贴,最多计10人。")
GRANARY = Article.of_text(
    "第十六条 新建粮食仓储设施,仓容1000吨以上的,按每吨60元补助,最高80万元;配套智能测温通风系统的,另增加5万元。"
)
PARCELS = Article.of_text("第十七条 网上销售农产品年发货2万单以上的,超过部分每单补助0.5元,单户每年最高10万元。")
CAVES = Article.of_text(
    "第十八条 补助额=每孔标准×客房孔数×区域系数,每处最高20万元。",
    [("类型", "新改造(元/孔)", "提升改造(元/孔)"), ("靠崖窑", "8000", "3000"), ("地坑院", "10000", "4000")],
)
PLACES = Article.of_text(
    "第十九条 核心区系数为1.2,一般区系数为0.8。", [("村", "区域"), ("杏坡村", "核心区"), ("南沟村", "一般区")]
)
FILE = (
    INVESTMENT, DELAY, HOUSING, SPOUSES, SHARE, LEAVING, DAYS, NURSING, REBUILT, FORMULA, STARTING, HIRING, JOBS,
    GRANARY, PARCELS, CAVES, PLACES,
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "article", "expected"),
    [
        ("投1999万和2000万差多少", INVESTMENT, [399_800, 600_000]),
        ("投资8000万", INVESTMENT, [3_000_000]),
        ("投了3000万,晚了七个月才投产", INVESTMENT, [630_000]),
        ("投了3000万,晚了七个月才投产", DELAY, [630_000]),
        ("投了3000万,拖了一年", INVESTMENT, [0]),
        ("投了3000万,耽误了一阵子", INVESTMENT, []),
        ("投了3000万,拖了12个月", INVESTMENT, [0]),
        ("我C类我媳妇D类,一起买房能拿多少", HOUSING, [250_000]),
        ("我C类我同事D类,买房", HOUSING, []),
        ("D类,买的房子才30万", HOUSING, [90_000]),
        ("C类租房补贴,干4年一共多少", HOUSING, [54_000]),
        ("领了10万买房钱,干满36个月走,要退多少", HOUSING, [40_000]),
        ("副高,今年去了35天,津贴多少", DAYS, [18_000]),
        ("去了35天,津贴多少", DAYS, []),
        ("80张普通床,建养老院补多少", NURSING, [480_000]),
        ("废弃小学改养老院,80张普通床", NURSING, [288_000]),
        ("个人贷30万,利率4.2%,一年贴多少", FORMULA, [4_000]),
        ("公司贷25万,利率2.8%,一年贴多少", FORMULA, [3_500]),
        ("公司贷100万,利率4%,用了180天", FORMULA, [7_500]),
        ("贷200万,利率4%,一年贴多少", FORMULA, []),
        ("雇了5个人,补助合计多少", HIRING, [9_000]),
        ("转岗开店,雇了3个外人,一次性创业补贴和带动就业加一块多少", STARTING, [12_500]),
        ("收了60个弟兄,带动就业能补多少", JOBS, [15_000]),
        ("建了5000吨的粮仓,装了智能测温通风", GRANARY, [350_000]),
        ("建了5000吨的粮仓", GRANARY, [300_000]),
        ("1000吨以下的粮仓给补多少", GRANARY, []),
        ("一年发八万单,快递补多少", PARCELS, [30_000]),
        ("一单补多少", PARCELS, []),
        ("杏坡村靠崖窑新弄6孔", CAVES, [57_600]),
        ("靠崖窑新弄6孔", CAVES, []),
    ],
)
def test_an_article_is_worked_with_its_tables_and_with_what_its_file_says(
    question: str, article: Article, expected: list[int]
):
    assert [estimate.result for estimate in estimates(question, article, FILE)] == expected


def test_a_difference_is_told_beside_both_sums():
    found = estimates("投1999万和2000万差多少", INVESTMENT, FILE)

    assert found[1].steps[-1].code == "difference"
    assert dict(found[1].steps[-1].values) == {"result": "20.02万元"}


@given(st.integers(1, 200_000), st.sampled_from(["", ",晚了3个月", ",晚了8个月", ",晚了20个月"]))
def test_a_table_never_gives_more_than_its_cap_and_nothing_below_its_edge(wan: int, late: str):
    found = estimates(f"投资{wan}万元{late}", INVESTMENT, FILE)

    assert [estimate.result is None for estimate in found] == [wan < 500]
    assert all((estimate.result or 0) <= 3_000_000 for estimate in found)


@given(st.integers(500, 1_999), st.integers(500, 1_999))
def test_within_a_band_more_gives_no_less(one: int, other: int):
    low, high = (estimates(f"投资{wan}万元", INVESTMENT, FILE)[0].result for wan in sorted((one, other)))

    assert low is not None
    assert high is not None
    assert low <= high


@given(st.integers(1, 1_000), st.decimals("0.1", "24", places=1), st.sampled_from(["个人", "公司"]))
def test_interest_support_never_exceeds_its_points_nor_its_cap(wan: int, rate: Decimal, who: str):
    for found in estimates(f"{who}贷了{wan}万,年利率{rate}%,一年", FORMULA, FILE):
        assert found.result is not None
        assert found.result <= min(Decimal(wan * 150), Decimal(4_000 if who == "个人" else 50_000))


@given(st.sampled_from(FILE), st.sampled_from(["能补多少", "一亩补几个钱", "一个人给多少", "最高能拿多少", "有上限吗"]))
def test_a_question_without_a_figure_of_ones_own_gets_no_sum(article: Article, question: str):
    assert estimates(question, article, FILE) == ()


@given(low=st.integers(1, 500), width=st.integers(1, 500))
def test_edges_are_in_or_out_as_the_words_say(low: int, width: int):
    high = low + width
    included, excluded = edges_in(f"{low}亩以上{high}亩以下的"), edges_in(f"超过{low}亩不足{high}亩的")

    assert included
    assert excluded
    assert [included.hold(Decimal(n)) for n in (low - 1, low, high, high + 1)] == [False, True, True, False]
    assert [excluded.hold(Decimal(n)) for n in (low, high)] == [False, False]


def test_every_step_has_words_in_both_languages():
    source = Path(knowledge.sums.__file__).parent
    calls = re.compile(r'(?:then|noted|outside|Step)\(\s*"(\w+)"')
    codes = {code for path in source.glob("*.py") for code in calls.findall(path.read_text("utf-8"))}
    texts = source.parent.parent / "handlers" / "texts"

    for language in ("zh-Hans", "en"):
        catalogue = tomllib.loads((texts / f"{language}.toml").read_text("utf-8"))["sum"]
        assert codes | {"capped", "within"} == catalogue.keys() - {"intro"}


def test_an_answer_carries_the_sum_of_the_rule_it_cites_first(county: County):
    found = county.asks("租了1500平的标准厂房,一年租金补贴能有多少")

    assert found.citations[0].clause == "第三条"
    assert [estimate.result for estimate in found.estimates] == [36_000]


def test_a_question_without_figures_gets_no_sum(county: County):
    assert county.asks("厂房租金补贴多少").estimates == ()
