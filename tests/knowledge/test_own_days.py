"""The days a file gives itself, in every form officials write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Visibility
from knowledge.metadata import describe, understand
from knowledge.own_days import own_days
from tests.knowledge.county import reading

SIGNED = "2025年3月10日"


def days(*lines: str, title: str = "望川县某办法", signed: str = SIGNED):
    return own_days([title, *lines, "望川县人民政府", signed], title, {})


@pytest.mark.parametrize(
    ("said", "effective"),
    [
        ("本办法自2025年4月1日起施行。", date(2025, 4, 1)),
        ("本办法自二〇二五年四月一日起施行。", date(2025, 4, 1)),
        ("本办法自二○二五年四月一日起正式施行。", date(2025, 4, 1)),
        ("本办法从2025.4.1起开始执行。", date(2025, 4, 1)),
        ("本办法自发布之日起施行。", date(2025, 3, 10)),
        ("本办法自印发之日起30日后施行。", date(2025, 4, 9)),
        ("本办法自印发之日起三十日后施行。", date(2025, 4, 9)),
        ("本办法自公布之日起1个月后施行。", date(2025, 4, 10)),
        ("本通知自即日起执行。", date(2025, 3, 10)),
        ("本办法自2025年4月起实施。", date(2025, 4, 1)),
        ("本办法自4月1日起施行。", date(2025, 4, 1)),
        ("本办法自1月1日起施行。", date(2026, 1, 1)),
        ("自《甲办法》2019年1月1日施行之日起满一年。", date(2025, 3, 10)),
    ],
)
def test_when_a_file_takes_effect(said: str, effective: date):
    assert days(said).effective == effective


@pytest.mark.parametrize(
    ("said", "expires"),
    [
        ("本办法自2025年4月1日起施行,有效期五年。", date(2030, 3, 31)),
        ("本办法自2025年4月1日起施行,有效期为5年。", date(2030, 3, 31)),
        ("本办法自发布之日起施行,有效期三年。", date(2028, 3, 9)),
        ("本办法自2025年4月1日起施行,试行一年。", date(2026, 3, 31)),
        ("本办法自2025年4月1日起试行,试行期暂定六个月。", date(2025, 9, 30)),
        ("本办法自2025年4月1日起施行,有效期至2027年12月31日。", date(2027, 12, 31)),
        ("本办法自2025年4月1日起施行,有效期至二〇二七年十二月三十一日。", date(2027, 12, 31)),
        ("本办法自2025年4月1日起施行,有效期至2026年底。", date(2026, 12, 31)),
        ("本办法有效期自2025年4月1日至2027年3月31日止。", date(2027, 3, 31)),
        ("本办法自2025年4月1日起施行,有效期5年(2025年4月1日至2030年3月31日)。", date(2030, 3, 31)),
        ("本办法自2025年4月1日起施行,2027年4月1日起自动失效。", date(2027, 3, 31)),
        ("本清单自2025年4月1日起执行,执行至2025年12月31日。", date(2025, 12, 31)),
        ("本清单自2025年4月1日起执行,当年有效。", date(2025, 12, 31)),
        ("本清单适用于2025年度。", date(2025, 12, 31)),
        ("本办法自2025年4月1日起实施,有效期叁年。", date(2028, 3, 31)),
        ("本办法自2025年4月1日起实施,期限三年。", date(2028, 3, 31)),
        ("本办法自2025年4月1日起施行,长期有效。", None),
        ("本办法自2025年4月1日起施行。", None),
    ],
)
def test_when_a_file_lapses(said: str, expires: date | None):
    assert days(said).expires == expires


@pytest.mark.parametrize(
    ("lines", "signed", "code"),
    [
        (["本办法自2025年2月30日起施行。"], SIGNED, "day_impossible"),
        (["本办法自2025年4月1日起施行。", "本办法自2025年5月1日起施行。"], SIGNED, "days_differ"),
        (["本办法自4月1日起施行。"], SIGNED, "no_year"),
        (["本办法自印发之日起施行。"], "", "start_unknown"),
        (["本办法自2025年4月1日起施行,有效期至2024年12月31日。"], SIGNED, "end_before_start"),
        (["本办法自2025年4月1日起施行,有效期至新规定出台,另有规定之日止。"], SIGNED, "end_open"),
    ],
)
def test_what_the_words_leave_open_is_told(lines: list[str], signed: str, code: str):
    assert code in [found for found, _ in days(*lines, signed=signed).doubts]


def test_a_plain_file_leaves_nothing_open():
    assert days("本办法自2025年4月1日起施行,有效期五年。").doubts == ()


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.integers(1, 365))
def test_days_after_publication_are_counted_from_it(published: date, later: int):
    signed = f"{published.year}年{published.month}月{published.day}日"
    assert days(f"本办法自印发之日起{later}日后施行。", signed=signed).effective == published + timedelta(days=later)


@pytest.mark.parametrize("signed", ["二〇二五年三月十日", "2025年3月10日印发", "(2025年3月10日)", "2025-03-10"])
def test_the_day_of_signing_in_its_usual_forms(signed: str):
    assert days("第一条 甲。", signed=signed).published == date(2025, 3, 10)


@pytest.mark.parametrize(
    "number", ["望政办发〔2025〕12号", "望政办发[2025]12号", "望政办发(2025)12号", "望政办发【2025】 第12号"]
)
def test_a_number_has_one_form_whatever_its_brackets(number: str):
    found = describe("d", "f", reading(f"望川县某办法\n{number}\n第一条 甲。"))

    assert found.doc_no is not None
    assert found.doc_no.replace("第", "") == "望政办发〔2025〕12号"


def test_a_title_over_several_lines_and_an_issuer_known_by_its_number_alone():
    found = describe("d", "f", reading("望川县\n高层次人才安居保障\n实施办法\n望人社发〔2025〕4号\n第一条 甲。"))

    assert found.title == "望川县高层次人才安居保障实施办法"
    assert found.issuer == "望川县人力资源和社会保障局"


@pytest.mark.parametrize(
    "text",
    [
        "内部资料 注意保存\n望川县某口径\n第一条 甲。",
        "望川县某口径\n第一条 甲。\n望川县人民政府\n2025年3月10日\n(此件不予公开)",
        "望川县某口径\n公开属性:依申请公开\n第一条 甲。",
        "望川县某口径\n秘密★1年\n第一条 甲。",
    ],
)
def test_a_file_marked_so_is_internal(text: str):
    assert describe("d", "f", reading(text)).visibility is Visibility.INTERNAL


@pytest.mark.parametrize(
    "text",
    [
        "望川县政务公开办法\n第一条 涉及秘密的信息不予公开。\n望川县人民政府\n2025年3月10日\n(此件公开发布)",
        "望川县某办法\n第一条 内部资料由各单位自行保管,不得外传。",
    ],
)
def test_a_file_that_only_speaks_of_secrets_is_public(text: str):
    assert describe("d", "f", reading(text)).visibility is Visibility.PUBLIC


def test_earlier_rules_ended_without_a_name_are_told():
    _, doubts = understand(
        "d", "f", reading("望川县某办法\n第一条 甲。\n第二条 本办法自2025年4月1日起施行,原有规定同时废止。")
    )

    assert [code for code, _ in doubts] == ["repeals_unnamed"]


@pytest.mark.parametrize(
    ("text", "title", "issuer", "number"),
    [
        (
            "望川县人民政府文件\n望政发〔2025〕30号\n望川县人民政府关于印发《望川县电商扶持办法》的通知\n第一条 甲。",
            "望川县电商扶持办法",
            "望川县人民政府",
            "望政发〔2025〕30号",
        ),
        (
            "望川县规范性文件汇编(2025)\n望川县电商扶持办法\n望商发〔2025〕3号\n第一条 甲。\n望川县商务局",
            "望川县电商扶持办法",
            "望川县商务局",
            "望商发〔2025〕3号",
        ),
        (
            "望川县厂房名录 文号:望园发〔2025〕6号 发布机构:望川县工业园区服务中心 更新日期:2025年9月1日\n第一条 甲。",
            "望川县厂房名录",
            "望川县工业园区服务中心",
            "望园发〔2025〕6号",
        ),
        (
            "望川县关于举办恳谈会的通知\n望迎回办〔2025〕8号\n一、时间待定。\n望川县迎回建办公室\n2025年3月1日",
            "望川县关于举办恳谈会的通知",
            "望川县迎回建办公室",
            "望迎回办〔2025〕8号",
        ),
        (
            "|发布机构|望川县教育局|发文字号|望教发〔2025〕2号|\n望川县入学办法\n第一条 甲。",
            "望川县入学办法",
            "望川县教育局",
            "望教发〔2025〕2号",
        ),
        (
            "望川县规范性文件汇编望川县电商扶持办法(试行)\n望川县人民政府网站公开发布\n望商发〔2025〕3号\n望川县电商扶持办法(试行)\n"
            "望川县商务局望川县财政局\n第一条 甲。",
            "望川县电商扶持办法(试行)",
            "望川县商务局、望川县财政局",
            "望商发〔2025〕3号",
        ),
        (
            "望优办发〔2026〕1号\n望川县2026年时限清单望川县优化营商环境领导小组办公室2026年1月12日\n说明:时限均为工作日。",
            "望川县2026年时限清单",
            "望川县优化营商环境领导小组办公室",
            "望优办发〔2026〕1号",
        ),
        (
            "望川县农业农村局 望川县商务局\n关于支持梨产业的通知\n"
            "一、梨园每亩补助600元。\n望川县农业农村局 望川县商务局\n2025年7月1日",
            "关于支持梨产业的通知",
            "望川县农业农村局、望川县商务局",
            None,
        ),
        (
            "望川县专家聘任办法\n"
            "文号:望组〔2025〕4号 发布机构:望川县“迎老乡、建家乡”行动领导小组 印发日期:2025年6月10日\n第一条 甲。",
            "望川县专家聘任办法",
            "望川县“迎老乡、建家乡”行动领导小组",
            "望组〔2025〕4号",
        ),
        (
            "望川县督办规程\n望政服〔2024〕3号\n望川县政务服务局\n第三章 督办\n第一条 甲。\n第二条 乙。",
            "望川县督办规程",
            "望川县政务服务局",
            "望政服〔2024〕3号",
        ),
    ],
)
def test_what_stands_around_a_title_is_told_from_it(text: str, title: str, issuer: str, number: str):
    found = describe("d", "f", reading(text))

    assert (found.title, found.issuer, found.doc_no) == (title, issuer, number)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("东河镇欢迎您回家!\n回乡办厂,租金全免。", "leaflet"),
        ("致全县在外老乡的一封信\n家乡欢迎您。", "leaflet"),
        ("喜讯!我县回乡投资再创新高\n去年到位资金10亿元。", "news"),
        ("老乡回乡的一年\n本报讯 记者 王明 租金补贴惠及30家企业。", "news"),
        ("关于更正有关内容的通知\n第一条 甲。", "correction"),
        ("关于延长《甲办法》有效期的通知\n一、甲。", "extension"),
        ("关于调整望川县乡情恳谈会有关安排的通知\n一、甲。", "supplement"),
        ("望川县城乡居民补充医疗保险办法\n第一条 甲。", "measures"),
    ],
)
def test_a_file_is_known_for_the_kind_of_text_it_is(text: str, kind: str):
    assert describe("d", "f", reading(text)).kind == kind


@pytest.mark.parametrize(
    "line",
    [
        "(望川县财政局2025年3月14日印发)",
        "望川县财政局 望川县商务局 2025年3月14日",
        "2025年3月14日 (仅供参考)",
        "望财规〔2025〕9号   望川县财政局   2025年3月14日发布",
        "望财规〔2025〕9号 2025年3月14日发布 自发布之日起执行",
        "编制单位:望川县财政局 编制日期:2025年3月14日",
    ],
)
def test_the_day_of_publication_is_read_from_the_head(line: str):
    found = describe("d", "f", reading(f"望川县奖补指引\n{line}\n一、总投资500万元以上的可以申请奖补。"))

    assert found.published == date(2025, 3, 14)


@pytest.mark.parametrize(
    ("sentence", "effective", "expires"),
    [
        ("施行日期:2025年5月1日,有效期至2026年6月30日。", date(2025, 5, 1), date(2026, 6, 30)),
        ("本版内容截至2026年12月31日有效,下一年度另行更新。", date(2025, 3, 14), date(2026, 12, 31)),
        (
            "《望川县甲办法》(望政发〔2022〕1号)第九条(返还)、第十条(引荐)自2024年8月1日起停止执行。",
            date(2025, 3, 14),
            None,
        ),
    ],
)
def test_only_a_files_own_days_are_taken_for_its_own(sentence: str, effective: date, expires: date | None):
    found = describe("d", "f", reading(f"望川县奖补指引\n望川县财政局 2025年3月14日\n{sentence}"))

    assert (found.effective, found.expires) == (effective, expires)
