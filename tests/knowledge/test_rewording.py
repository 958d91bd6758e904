"""Where the words of a change go: in the one place that fits, else nowhere, and what stands beside the clause."""

# ruff: noqa: E501 - lines stand as officials wrote them
from __future__ import annotations

from datetime import date

import pytest

from knowledge.changes import changes_in
from knowledge.citing import CHANGING, with_references
from knowledge.documents import RelationKind
from knowledge.search import Hit
from knowledge.validity import Status
from tests.knowledge.county import County

TODAY = date(2026, 11, 24)

VISITORS = """望川县客座技师管理办法
望人才〔2025〕8号
第一条 客座技师每年服务不少于8天、不超过60天。
第二条 线上服务按照50%折算服务日，线上天数不超过全年总天数的三分之一。
第三条 往返交通按次补助：省外每次800元，省内县外每次300元，每年最多4次。
第四条 县人才中心自受理之日起15个工作日内完成登记审核，公示5个工作日。
第五条 登记由县人才中心1个工作日内受理，2个工作日内分办，5个工作日内办结。
第六条 技师等级和津贴见下表。
|等级|津贴（元/天）|
|高级技师|300|
|技师|200|
第七条 本办法自2025年6月1日起施行，有效期三年。
望川县人才中心
2025年5月20日"""

NOTICE = """关于《望川县客座技师管理办法》的补充通知
望人才〔2026〕3号
现就《望川县客座技师管理办法》(望人才〔2025〕8号)有关事项补充通知如下:
{items}
九、本通知自2026年7月1日起执行。
望川县人才中心
2026年6月10日"""

LIST = """望川县2026年办理时限清单
望优办〔2026〕1号
说明:本清单自2026年1月1日起执行,至2026年12月31日止。时限均为工作日。
|事项|文件|原时限|2026年时限|
{rows}
望川县优化营商环境办公室
2026年1月1日"""


def with_notice(*items: str) -> County:
    return County({"技师.txt": VISITORS, "补充.txt": NOTICE.format(items="\n".join(items))})


def with_list(*rows: str) -> County:
    return County({"技师.txt": VISITORS, "清单.html": LIST.format(rows="\n".join(rows))})


def reads(county: County, label: str, on: date = TODAY, file: str = "技师.txt") -> str:
    clause = county.index.register.as_amended(county.clause(file, label), on)[0]
    return "\n".join((clause.text, *("|".join(row) for row in clause.rows)))


def beside(
    county: County, label: str, question: str = "怎么规定的", file: str = "技师.txt"
) -> list[tuple[str, str, str]]:
    """Give what is cited with a clause: file, label, status."""
    register, clause = county.index.register, county.clause(file, label)
    amended, by = register.as_amended(clause, TODAY)
    document = register.documents[file]
    hit = Hit(amended, document, register.standing(document, TODAY, clause), 1, 1, by)
    cited = list(with_references([hit], county.index, question, TODAY))
    return [(citation.file, citation.clause, citation.status) for citation in cited[1:]]


@pytest.mark.parametrize(
    ("item", "label", "old", "new"),
    [
        ("一、每年补助次数由最多4次调整为最多6次。", "第三条", "每年最多4次", "每年最多6次"),
        ("一、省外每次调整为1000元,省内不变。", "第三条", "省外每次800元，省内县外每次300元", "省外每次1000元，省内县外每次300元"),
        ("一、交通补助由省外每次800元调整为每次1200元，省内县外每次300元调整为每次400元。", "第三条", "省外每次800元，省内县外每次300元", "省外每次1200元，省内县外每次400元"),
        ("一、《办法》第三条往返交通补助标准调整为：省内县外每次400元；省外每次1000元；境外每次3000元。每年次数不变。", "第三条", "省外每次800元，省内县外每次300元", "省外每次1000元，省内县外每次400元"),
        ("一、线上天数占全年总天数的比例,由三分之一调整为二分之一。", "第二条", "三分之一", "二分之一"),
        ("一、线上服务。按照60%折算服务日,占比不变。", "第二条", "按照50%折算", "按照60%折算"),
        ("一、第六条附表中“300”更正为“350”。", "第六条附表", "高级技师|300", "高级技师|350"),
        ("一、第三条中“省外每次 800 元，省内县外每次300元”更正为“省外每次900元，省内县外每次350元”。", "第三条", "省外每次800元，省内县外每次300元", "省外每次900元，省内县外每次350元"),
    ],
)  # fmt: skip
def test_a_supplement_changes_the_one_place_that_fits_from_its_day(item: str, label: str, old: str, new: str):
    county = with_notice(item)

    assert old in reads(county, label, date(2026, 6, 30))
    assert new in reads(county, label, date(2026, 7, 1))
    for clause in county.index.clauses_of("技师.txt"):
        if clause.label != label:
            assert county.index.register.as_amended(clause, TODAY)[0] == clause


def test_a_change_that_fits_two_places_changes_neither():
    county = with_notice("一、办理时限由5个工作日调整为3个工作日。")

    assert "5个工作日" in reads(county, "第四条")
    assert "5个工作日" in reads(county, "第五条")


def test_what_holds_for_some_people_changes_no_words_and_stands_beside():
    county = with_notice("一、采摘期服务的技师,每年服务天数由60天调整为80天。")

    assert "不超过60天" in reads(county, "第一条")
    assert beside(county, "第一条") == [("补充.txt", "一", "in_force")]


def test_the_words_that_made_a_change_are_cited_as_such():
    county = with_notice("一、每年补助次数由最多4次调整为最多6次。")

    assert beside(county, "第三条") == [("补充.txt", "一", CHANGING)]
    assert beside(with_notice("一、省外每次调整为1000元。"), "第三条") == [("补充.txt", "一", "in_force")]


def test_figures_of_one_list_do_not_run_into_each_other():
    county = with_list(
        "|分办|《望川县客座技师管理办法》第五条|2|1|", "|受理|《望川县客座技师管理办法》第五条|1|0.5|",
        "|办结|《望川县客座技师管理办法》第五条|5|5（不变）|",
    )  # fmt: skip

    assert "0.5个工作日内受理，1个工作日内分办，5个工作日内办结" in reads(county, "第五条")


def test_a_row_counts_for_the_file_it_names_only():
    other = VISITORS.replace("客座技师", "候鸟专家").replace("8号", "9号")
    rows = LIST.format(rows="|登记审核|望人才〔2025〕8号第四条|15|8|")
    county = County({"技师.txt": VISITORS, "候鸟.txt": other, "清单.html": rows})

    assert "8个工作日内完成登记审核" in reads(county, "第四条")
    assert "15个工作日内完成登记审核" in reads(county, "第四条", file="候鸟.txt")


def test_a_list_finds_a_file_by_its_short_name_and_the_article_by_its_matter():
    county = with_list("|技师登记审核|技师管理办法|15|8|", "|技师登记受理|技师管理办法|1|0.5|")

    assert "8个工作日内完成登记审核，公示5个工作日" in reads(county, "第四条")
    assert "0.5个工作日内受理" in reads(county, "第五条")
    assert beside(county, "第四条") == [("清单.html", "附表", "in_force")]


def test_a_row_without_a_file_stands_beside_the_clause_on_its_matter():
    county = with_list("|技师登记审核|–|15|8|", "|采伐许可|–|15|6|")

    assert "15个工作日内完成登记审核" in reads(county, "第四条")
    assert beside(county, "第四条") == [("清单.html", "附表", "in_force")]
    assert beside(county, "第五条") == []


def test_a_clearance_list_may_change_several_articles_of_a_file():
    cleared = """望川县规范性文件清理结果公告
望政公告〔2026〕7号
三、修改的文件
将《望川县客座技师管理办法》(望人才〔2025〕8号)第一条中的“不超过60天”修改为“不超过70天”；第三条中的“每年最多4次”修改为“每年最多5次”。
四、本公告自公布之日起施行。
望川县人民政府
2026年8月12日"""
    county = County({"技师.txt": VISITORS, "清理.txt": cleared})

    assert "不超过70天" in reads(county, "第一条")
    assert "每年最多5次" in reads(county, "第三条")
    assert "每年最多4次" in reads(county, "第三条", date(2026, 8, 11))


EVENT = """关于举办2027年望川老乡茶话会的通知
望迎办〔2026〕15号
一、时间：2027年2月9日（农历正月初四）上午9:00—11:30。
二、地点：望川镇文化路1号县文化馆大厅。
三、规模：现场200人，先报先得。
四、报名：请于2027年1月15日前填写回执报送。报名后不能参加的，请于2月1日前告知。
五、线上提问报名截止2027年1月25日。
六、接站：2月8日14:00—20:00在高铁站设接待点。
望川县迎老乡办公室
2026年11月5日"""

MOVED = """关于调整2027年望川老乡茶话会时间地点的通知
望迎办〔2026〕18号
因场馆检修,原定举办的茶话会作如下调整:
一、会议时间调整为2027年2月11日（农历正月初六）下午14:00—16:30。
二、会议地点调整为物流大道8号会展中心三号厅。
三、现场规模扩大到260人。
四、现场报名截止时间延长至2027年1月22日；线上提问报名截止时间不变。
五、接站时间调整为2月10日14:00至21:00、2月11日8:00至12:00。
望川县迎老乡办公室
2026年11月19日"""


@pytest.mark.parametrize(
    ("label", "then", "now"),
    [
        ("一", "2月9日（农历正月初四）上午9:00—11:30", "时间：2027年2月11日（农历正月初六）下午14:00—16:30。"),
        ("二", "县文化馆", "地点：物流大道8号会展中心三号厅。"),
        ("三", "现场200人", "现场260人，先报先得"),
        ("四", "1月15日前填写", "请于2027年1月22日前填写回执报送。报名后不能参加的，请于2月1日前告知"),
        ("五", "1月25日", "五、线上提问报名截止2027年1月25日。"),
        ("六", "2月8日14:00", "接站：2月10日14:00至21:00、2月11日8:00至12:00在高铁站"),
    ],
)
def test_an_event_reads_as_its_later_notice_moved_it(label: str, then: str, now: str):
    county = County({"茶话会.txt": EVENT, "调整.txt": MOVED})

    assert then in reads(county, label, date(2026, 11, 18), "茶话会.txt")
    assert now in reads(county, label, TODAY, "茶话会.txt")


def test_an_event_moved_by_a_public_notice_with_both_days_reads_as_moved():
    moved = """关于调整望川老乡茶话会有关安排的通告
望迎办〔2026〕19号
现对《关于举办2027年望川老乡茶话会的通知》（望迎办〔2026〕15号）作如下调整：
一、会议时间由2027年2月9日（农历正月初四）上午9:00调整为2027年2月11日（农历正月初六）上午10:00，接站时间由2月8日调整为2月10日。
二、现场名额由200人调整为260人。
三、会议地点由县文化馆大厅调整为县职业学校报告厅。
望川县迎老乡办公室
2026年11月20日"""
    county = County({"茶话会.txt": EVENT, "通告.txt": moved})

    assert "2027年2月11日（农历正月初六）上午10:00" in reads(county, "一", TODAY, "茶话会.txt")
    assert "县职业学校报告厅" in reads(county, "二", TODAY, "茶话会.txt")
    assert "现场260人" in reads(county, "三", TODAY, "茶话会.txt")
    assert "2月10日14:00—20:00" in reads(county, "六", TODAY, "茶话会.txt")


def test_the_notice_that_moved_an_event_is_cited_with_it():
    county = County({"茶话会.txt": EVENT, "调整.txt": MOVED})

    assert beside(county, "一", file="茶话会.txt") == [("调整.txt", "一", "in_force")]


def test_an_article_that_a_coming_file_names_gives_way_to_it_from_its_day():
    measures = """望川县支持措施
望政发〔2026〕4号
第一条 工业用地可以先租后让，先租后让的租赁期不超过5年。
第二条 新供工业用地投资强度不低于每亩120万元，茶产业园不低于每亩100万元。
第三条 本措施自2026年4月1日起施行，有效期三年。
望川县人民政府
2026年3月2日"""
    land = """望川县工业用地管理办法
望政发〔2026〕27号
第一条 工业用地实行先租后让的，租赁期不超过3年。
第二条 新供工业用地投资强度不低于每亩150万元。
第三条 《望川县支持措施》第一条、第二条与本办法不一致的，以本办法为准。
第四条 本办法自2027年1月1日起施行，有效期五年。
望川县人民政府
2026年11月6日"""
    county = County({"措施.txt": measures, "用地.txt": land})
    register = county.index.register

    for label in ("第一条", "第二条"):
        clause = county.clause("措施.txt", label)
        document = register.documents["措施.txt"]
        assert register.standing(document, date(2026, 12, 31), clause).status is Status.IN_FORCE
        standing = register.standing(document, date(2027, 1, 1), clause)
        assert standing.status is Status.REPEALED
        assert standing.by == register.documents["用地.txt"]


def test_only_what_amends_is_found_to_amend():
    county = with_notice("一、每年补助次数由最多4次调整为最多6次。")
    _, by = county.index.register.as_amended(county.clause("技师.txt", "第三条"), TODAY)

    assert [(kind, source.file) for kind, source in by] == [(RelationKind.SUPPLEMENTS, "补充.txt")]
    assert changes_in("由县教育局调整为统筹安排。") == []
