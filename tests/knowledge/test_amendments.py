"""What one file changes in another: corrections, supplements and yearly lists, each from its day to its day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.changes import changes_in
from knowledge.documents import Relation, RelationKind
from knowledge.relations import relations_in
from knowledge.validity import Status
from tests.knowledge.county import County

ENGINEERS = """望川县周末专家管理办法
望人才办〔2025〕7号
第一条 本办法适用于周末专家。
第二条 周末专家往返交通费凭票报销,每年最多报销12次,每次最高800元。
第三条 县人才服务中心在受理后20个工作日内办结登记。
第四条 本办法自2025年6月1日起施行,有效期三年。
望川县人才工作办公室
2025年5月20日"""

SUPPLEMENT = """关于《望川县周末专家管理办法》的补充通知
望人才办〔2026〕2号
各有关单位:
现就《望川县周末专家管理办法》(望人才办〔2025〕7号)有关事项补充通知如下:
一、第二条规定的每次报销限额由800元调整为1200元。
二、本通知自2026年7月1日起施行,施行前发生的交通费按原标准报销。
望川县人才工作办公室
2026年6月10日"""

LIMITS = """望川县2026年政务服务办理时限清单
望审改办〔2026〕1号
本清单自2026年1月1日起执行,执行至2026年12月31日。
|事项|依据|原办理时限(工作日)|压缩后时限(工作日)|
|周末专家登记|《望川县周末专家管理办法》第三条|20|12|
|申报审核|《望川县回乡投资促进措施》第七条|20|10|
望川县行政审批制度改革办公室
2025年12月30日"""

CLEARANCE = """望川县行政规范性文件清理结果公告
望政发〔2026〕3号
经县政府同意,现将清理结果公告如下,自公布之日起执行。
一、决定废止的文件
1.《望川县周末专家管理办法》(望人才办〔2025〕7号)
二、继续有效的文件
1.《望川县回乡投资促进措施》(望政办发〔2025〕12号)
望川县人民政府
2026年9月1日"""

FILES = {"周末专家.txt": ENGINEERS, "补充.txt": SUPPLEMENT, "时限清单.html": LIMITS}


@pytest.fixture(scope="module")
def county() -> County:
    return County(FILES)


def reads(county: County, file: str, label: str, on: date, known: date | None = None) -> str:
    return county.index.register.as_amended(county.clause(file, label), on, known)[0].text


def test_a_supplement_changes_the_words_from_its_own_first_day(county: County):
    assert "每次最高800元" in reads(county, "周末专家.txt", "第二条", date(2026, 6, 30))
    assert "每次最高1200元" in reads(county, "周末专家.txt", "第二条", date(2026, 7, 1))


def test_what_happened_before_the_supplement_keeps_the_old_figure_whenever_it_is_asked(county: County):
    assert "800元" in reads(county, "周末专家.txt", "第二条", date(2026, 5, 1), known=date(2026, 11, 24))


def test_a_yearly_list_changes_several_files_and_ends_with_its_year(county: County):
    for file, label, new in (
        ("周末专家.txt", "第三条", "12个工作日"),
        ("回乡投资促进措施.docx", "第七条", "在10个工作日内审核"),
    ):
        assert new in reads(county, file, label, date(2026, 12, 31))
        assert "20个工作日" in reads(county, file, label, date(2027, 1, 1))
        assert "20个工作日" in reads(county, file, label, date(2025, 12, 31))


def test_the_files_that_changed_a_clause_are_named_with_it(county: County):
    clause, by = county.index.register.as_amended(county.clause("回乡投资促进措施.docx", "第三条"), date(2026, 11, 24))
    assert [(kind, source.file) for kind, source in by] == [(RelationKind.CORRECTS, "更正通知.txt")]
    assert "每月每平方米2元" in clause.text


def test_a_correction_published_later_counts_for_an_earlier_event(county: County):
    rent = ("回乡投资促进措施.docx", "第三条", date(2025, 4, 10))

    assert "3元" in reads(county, *rent)
    assert "2元" in reads(county, *rent, known=date(2026, 11, 24))


def test_a_figure_is_swapped_only_where_it_stands_alone():
    county = County({**FILES, "补充.txt": SUPPLEMENT.replace("由800元调整为1200元", "由2次调整为4次")})

    # "每年最多报销12次" holds "2次" but does not say it.
    assert "每年最多报销12次" in reads(county, "周末专家.txt", "第二条", date(2026, 8, 1))


def test_a_clearance_list_repeals_what_falls_and_leaves_what_stays():
    county = County({**FILES, "清理结果.txt": CLEARANCE})
    standing = {d.file: county.index.register.standing(d, date(2026, 11, 24)) for d in county.index.documents}

    assert standing["周末专家.txt"].status is Status.REPEALED
    assert standing["回乡投资促进措施.docx"].status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("一、第七条中“A”更正为“B”,第九条中“C”改为“D”。", [("A", "B", 7), ("C", "D", 9)]),
        ("第五条规定的办理时限由20个工作日压缩至10个工作日。", [("20个工作日", "10个工作日", 5)]),
        (
            "三、将第四条修改为:“第四条 购置新设备的,一次奖励到位。”",
            [("", "第四条 购置新设备的,一次奖励到位。", 4)],
        ),
        ("第二条 《甲办法》第三条“5%”调整为“6%”。", [("5%", "6%", 3)]),
        ("由县教育局调整为统筹安排。", []),
    ],
)
def test_changes_are_read_as_officials_write_them(text: str, changes: list[tuple[str, str, int | None]]):
    assert [(c.old, c.new, c.article) for c in changes_in(text)] == changes


def test_a_row_of_a_list_names_file_article_and_both_figures():
    rows = [("事项", "依据", "原时限(工作日)", "压缩后(工作日)"), ("登记", "《甲办法》第三条", "20", "12")]

    (change,) = changes_in("", rows)
    assert (change.old, change.new) == ("20个工作日", "12个工作日")
    assert (change.article, change.title, change.about) == (3, "甲办法", "登记")
    assert relations_in("2026年时限清单", "list", [], rows) == (
        Relation(RelationKind.SUPPLEMENTS, "甲办法", None, "第三条"),
    )


@given(st.dates(date(2025, 6, 1), date(2028, 5, 31)))
def test_on_every_day_a_clause_reads_one_way_and_its_neighbours_stay(county: County, on: date):
    text = reads(county, "周末专家.txt", "第二条", on)

    assert ("1200元" in text) == (on >= date(2026, 7, 1))
    assert ("800元" in text) == (on < date(2026, 7, 1))
    assert reads(county, "周末专家.txt", "第一条", on) == county.clause("周末专家.txt", "第一条").text


@given(st.dates(date(2019, 1, 1), date(2035, 1, 1)))
def test_a_status_changes_only_on_days_the_files_name(county: County, on: date):
    register = county.index.register
    named = {date(2026, 1, 1), date(2027, 1, 1), date(2026, 7, 1), date(2025, 4, 1), date(2028, 6, 1)}
    for document in register.documents.values():
        before, after = register.standing(document, on - timedelta(days=1)), register.standing(document, on)
        if before.status is not after.status:
            own = {document.effective, document.published, (document.expires or date.min) + timedelta(days=1)}
            assert on in named | own


def corrected(body: str) -> str:
    text = f"关于更正若干政策措施部分内容的通知\n望府办函〔2025〕21号\n{body}\n望川县人民政府办公室\n2025年5月20日"
    return reads(County({"函.txt": text}), "回乡投资促进措施.docx", "第四条", date(2026, 11, 24))


@pytest.mark.parametrize(
    "body",
    [
        "望政办发〔2025〕12号文件部分内容有误,现更正如下:\n一、第四条中“8%”更正为“6%”。",
        "《望川县回乡投资促进措施》部分内容有误,现更正如下:\n一、第四条中“8%”更正为“6%”。",
        "《望川县回乡投资促进措施》(望政办发〔2025〕12号,以下简称《投资措施》)有误。\n一、《投资措施》第四条中“8%”更正为“6%”。",
        "《促进措施》部分内容有误,现更正如下:\n一、第四条中“8%”更正为“6%”。",
    ],
)
def test_a_correction_finds_its_file_by_number_title_or_short_name_and_never_takes_itself_for_it(body: str):
    assert "6%" in corrected(body)


def test_a_clearance_list_also_changes_words():
    listed = CLEARANCE.replace(
        "二、继续有效的文件",
        "二、修改的文件\n1.将《望川县回乡投资促进措施》(望政办发〔2025〕12号)第四条中的“8%”修改为“6%”。\n三、继续有效的文件",
    )
    county = County({**FILES, "清理结果.txt": listed})

    assert "8%" in reads(county, "回乡投资促进措施.docx", "第四条", date(2026, 8, 31))
    assert "6%" in reads(county, "回乡投资促进措施.docx", "第四条", date(2026, 9, 1))


def test_an_event_that_was_moved_reads_as_moved():
    event = """望川县关于举办2027年乡情恳谈会的通知
望迎回办〔2026〕8号
一、时间:2027年1月20日上午,地点在县文化中心。
二、报名到2027年1月10日截止。
望川县迎回建办公室
2026年11月1日"""
    moved = """关于调整2027年乡情恳谈会有关安排的通知
望迎回办〔2026〕9号
《望川县关于举办2027年乡情恳谈会的通知》(望迎回办〔2026〕8号)有关安排调整如下:
一、恳谈会原定于2027年1月20日举行,现调整为2027年1月25日举行。
望川县迎回建办公室
2026年11月10日"""
    county = County({"恳谈会.txt": event, "调整.txt": moved})

    assert "2027年1月20日" in reads(county, "恳谈会.txt", "一", date(2026, 11, 9))
    assert "2027年1月25日" in reads(county, "恳谈会.txt", "一", date(2026, 11, 24))
    assert "2027年1月10日" in reads(county, "恳谈会.txt", "二", date(2026, 11, 24))


def test_a_list_that_changes_one_article_is_not_named_beside_the_others(county: County):
    on = date(2026, 11, 24)
    rent = county.asks("租厂房每平方米补多少", on=on).citations[0]
    review = county.asks("申报以后多少个工作日审核完", on=on).citations[0]

    assert "望川县2026年政务服务办理时限清单" not in str(rent.notes)
    assert "望川县2026年政务服务办理时限清单" in str(review.notes)
