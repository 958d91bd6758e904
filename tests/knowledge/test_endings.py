"""What files do to others: repeals in part, precedence, longer terms, new editions, clearance lists, ranks."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.documents import Document, Relation, RelationKind
from knowledge.rank import Rank, authority, issuer_rank, may_end
from knowledge.relations import relations_in
from knowledge.validity import Register, Status
from tests.knowledge.county import County

TODAY = date(2026, 11, 24)

ENGINEERS = """望川县周末专家管理办法
望人才办〔2025〕7号
第一条 本办法适用于周末专家。
第二条 周末专家享受下列待遇:
(一)往返交通费凭票报销,每次最高800元;
(二)每年一次免费体检;
(三)优先安排子女入学。
报销应当在当年十二月底前提出。
第三条 县人才服务中心在受理后20个工作日内办结登记。
第四条 本办法自2025年6月1日起施行,有效期一年。
望川县人才工作办公室
2025年5月20日"""


def notice(
    *sentences: str,
    title: str = "关于周末专家有关事项的通知",
    number: str = "望人才办〔2026〕9号",
    signed: str = "2026年5月1日",
):
    return "\n".join([title, number, *sentences, "望川县人才工作办公室", signed])


def standing(county: County, file: str, on: date, label: str | None = None):
    document = county.index.register.documents[file]
    clause = county.clause(file, label) if label else None
    return county.index.register.standing(document, on, clause)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("《甲办法》(某政发〔2020〕1号)同时废止。", [("甲办法", "某政发〔2020〕1号", None)]),
        ("决定废止《甲办法》、《乙规定》。", [("甲办法", None, None), ("乙规定", None, None)]),
        ("原某政发〔2020〕1号文件停止执行。", [(None, "某政发〔2020〕1号", None)]),
        ("根据《丙条例》规定,决定废止《甲办法》。", [("甲办法", None, None)]),
        ("自《丁办法》施行之日起,《甲办法》不再执行。", [("甲办法", None, None)]),
        ("《甲办法》第三条至第五条停止执行。", [("甲办法", None, f"第{n}条") for n in (3, 4, 5)]),
        ("《甲办法》第三条第(二)项停止执行。", [("甲办法", None, "第三条第(二)项")]),
        ("《甲办法》第三条第二款停止执行。", [("甲办法", None, "第三条第二款")]),
        ("《甲办法》附件2停止执行。", [("甲办法", None, "附件2")]),
        ("《甲办法》废止,《乙规定》继续有效。", [("甲办法", None, None)]),
        ("逾期不办的,《甲资格证》失效。", []),
        ("《甲办法》另行废止。", []),
    ],
)
def test_what_a_sentence_ends(sentence: str, named: list[tuple[str | None, str | None, str | None]]):
    found = relations_in("某通知", "notice", [sentence])

    assert [(r.title, r.doc_no, r.clause) for r in found if r.kind is RelationKind.REPEALS] == named


@pytest.mark.parametrize("kind", ["leaflet", "news", "faq"])
def test_a_leaflet_or_a_speech_ends_nothing(kind: str):
    found = relations_in("某文", kind, ["《甲办法》已经废止。"])

    assert [relation for relation in found if relation.kind is RelationKind.REPEALS] == []


def test_one_item_repealed_leaves_the_rest_of_its_article():
    county = County(
        {"专家.txt": ENGINEERS, "通知.txt": notice("一、《望川县周末专家管理办法》第二条第(二)项停止执行。")}
    )
    clause = county.clause("专家.txt", "第二条")

    text, by = county.index.register.as_amended(clause, date(2026, 5, 2))
    assert "免费体检" not in text.text
    assert "每次最高800元" in text.text
    assert "优先安排子女入学" in text.text
    assert [(kind, source.file) for kind, source in by] == [(RelationKind.REPEALS, "通知.txt")]
    assert standing(county, "专家.txt", date(2026, 5, 2), "第二条").status is Status.IN_FORCE
    assert "免费体检" in county.index.register.as_amended(clause, date(2026, 4, 30))[0].text


def test_one_paragraph_repealed_leaves_the_others():
    county = County({"专家.txt": ENGINEERS, "通知.txt": notice("一、《望川县周末专家管理办法》第二条第二款停止执行。")})

    text = county.index.register.as_amended(county.clause("专家.txt", "第二条"), date(2026, 5, 2))[0].text
    assert "当年十二月底" not in text
    assert "免费体检" in text


def test_a_whole_article_repealed_leaves_the_file():
    county = County({"专家.txt": ENGINEERS, "通知.txt": notice("一、《望川县周末专家管理办法》第三条停止执行。")})

    assert standing(county, "专家.txt", date(2026, 5, 2), "第三条").status is Status.REPEALED
    assert standing(county, "专家.txt", date(2026, 5, 2), "第二条").status is Status.IN_FORCE
    assert standing(county, "专家.txt", date(2026, 5, 2)).status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("sentence", "last"),
    [
        ("一、《望川县周末专家管理办法》有效期延长至2027年12月31日。", date(2027, 12, 31)),
        ("一、将《望川县周末专家管理办法》的有效期延长两年。", date(2028, 5, 31)),
        ("一、《望川县周末专家管理办法》(望人才办〔2025〕7号)继续执行至2026年12月31日。", date(2026, 12, 31)),
    ],
)
def test_a_longer_term_counts_once_it_is_published(sentence: str, last: date):
    title = "关于延长《望川县周末专家管理办法》有效期的通知"
    county = County({"专家.txt": ENGINEERS, "延长.txt": notice(sentence, title=title)})
    register, document = county.index.register, county.index.register.documents["专家.txt"]

    assert register.last_day(document, date(2026, 4, 30)) == date(2026, 5, 31)
    assert register.last_day(document, date(2026, 5, 1)) == last
    assert register.standing(document, last).status is Status.IN_FORCE
    assert register.standing(document, last.replace(year=last.year + 1)).status is Status.LAPSED


def test_a_term_extended_after_it_ran_out_counts_for_the_gap_only_for_who_knows_of_it():
    county = County(
        {
            "专家.txt": ENGINEERS,
            "延长.txt": notice("《望川县周末专家管理办法》有效期延长至2027年12月31日。", signed="2026年8月1日"),
        }
    )
    register, document = county.index.register, county.index.register.documents["专家.txt"]

    assert register.standing(document, date(2026, 7, 1)).status is Status.LAPSED
    assert register.standing(document, date(2026, 7, 1), known=TODAY).status is Status.IN_FORCE


def test_an_answer_gives_the_extended_last_day():
    county = County(
        {"专家.txt": ENGINEERS, "延长.txt": notice("《望川县周末专家管理办法》有效期延长至2027年12月31日。")}
    )

    found = county.asks("周末专家往返交通费每次最高报销多少", on=TODAY)
    assert found.citations[0].file == "专家.txt"
    assert found.citations[0].expires == date(2027, 12, 31)


def test_where_a_later_file_prevails_only_what_disagrees_gives_way():
    newer = """望川县人才服务规程
望人才办〔2026〕1号
第一条 县人才服务中心在受理后5个工作日内办结登记。
第二条 《望川县周末专家管理办法》与本规程不一致的,以本规程为准。
第三条 本规程自2026年2月1日起施行,有效期五年。
望川县人才工作办公室
2026年1月10日"""
    county = County({"专家.txt": ENGINEERS, "规程.txt": newer})

    assert standing(county, "专家.txt", date(2026, 1, 31), "第三条").status is Status.IN_FORCE
    found = standing(county, "专家.txt", date(2026, 2, 1), "第三条")
    assert (found.status, found.by and found.by.file) == (Status.REPEALED, "规程.txt")
    assert standing(county, "专家.txt", date(2026, 2, 1), "第二条").status is Status.IN_FORCE
    assert standing(county, "专家.txt", date(2026, 2, 1)).status is Status.IN_FORCE


def test_a_later_edition_of_one_title_takes_the_place_of_the_earlier_from_its_own_first_day():
    old = """望川县人才目录(2024年版)
望人才办〔2024〕1号
一、甲类
院士。
本目录自2024年1月1日起施行。
望川县人才工作办公室
2023年12月1日"""
    new = old.replace("2024", "2026").replace("2023", "2025")
    county = County({"旧.txt": old, "新.txt": new})

    assert standing(county, "旧.txt", date(2025, 12, 31)).status is Status.IN_FORCE
    found = standing(county, "旧.txt", date(2026, 1, 1))
    assert (found.status, found.by and found.by.file) == (Status.REPEALED, "新.txt")


def test_a_repeal_by_a_file_that_was_itself_repealed_before_it_took_effect_counts_for_nothing():
    def file(name: str, effective: date, *relations: Relation) -> Document:
        return Document(
            name, name, f"{name}管理办法", effective=effective, published=date(2025, 1, 1), relations=relations
        )

    old = file("甲甲甲", date(2020, 1, 1))
    second = file("乙乙乙", date(2025, 6, 1), Relation(RelationKind.REPEALS, "甲甲甲管理办法"))
    third = file("丙丙丙", date(2025, 3, 1), Relation(RelationKind.REPEALS, "乙乙乙管理办法"))

    assert Register([old, second], {}).standing(old, TODAY).status is Status.REPEALED
    assert Register([old, second, third], {}).standing(old, TODAY).status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("issuer", "number", "rank"),
    [
        ("望川县人民政府", None, Rank.COUNTY),
        ("中共望川县委", None, Rank.COUNTY),
        ("望川县人民政府办公室", None, Rank.OFFICE),
        ("望川县工业和信息化局", None, Rank.DEPARTMENT),
        ("望川县迎老乡工作专班", None, Rank.DEPARTMENT),
        ("望川县东山乡人民政府", None, Rank.TOWNSHIP),
        ("东河镇人民政府", None, Rank.TOWNSHIP),
        (None, "望政发〔2025〕1号", Rank.COUNTY),
        (None, "望政办发〔2025〕1号", Rank.OFFICE),
        (None, "望人社发〔2025〕1号", Rank.DEPARTMENT),
        (None, None, Rank.UNKNOWN),
    ],
)
def test_issuers_are_ranked(issuer: str | None, number: str | None, rank: Rank):
    assert issuer_rank(Document("d", "d", "某办法", issuer=issuer, doc_no=number)) is rank


def test_official_text_stands_above_its_explanation_whoever_issued_it():
    rule = Document("a", "a", "某办法", kind="measures", issuer="东河镇人民政府")
    note = Document("b", "b", "某解读", kind="interpretation", issuer="望川县人民政府")
    speech = Document("c", "c", "某讲话", kind="news", issuer="望川县人民政府")

    assert authority(rule) > authority(note) > authority(speech)
    assert not may_end(note, rule)


def test_a_township_does_not_end_the_countys_file():
    leaf = notice("《望川县回乡投资促进措施》同时废止。", title="东河镇招商办法", number="东政发〔2026〕1号").replace(
        "望川县人才工作办公室", "望川县东河镇人民政府"
    )
    county = County({"镇.txt": leaf})

    assert standing(county, "回乡投资促进措施.docx", TODAY).status is Status.IN_FORCE


def test_a_clearance_list_in_a_table_is_read_row_by_row():
    listed = """望川县行政规范性文件清理结果公告
望政发〔2026〕3号
|序号|文件名称|文号|清理结果|日期|
|1|望川县周末专家管理办法|望人才办〔2025〕7号|废止|2026年3月1日|
|2|望川县回乡投资促进措施|望政办发〔2025〕12号|继续有效|2031年12月31日|
|3|望川县首次创业补助办法(试行)|望人社发〔2023〕3号|宣布失效||
|4|望川县在外人员子女入学办理指南(2026年)||修改||
望川县人民政府
2026年2月1日"""
    county = County({"专家.txt": ENGINEERS, "清理.txt": listed})
    measures = county.index.register.documents["回乡投资促进措施.docx"]

    assert standing(county, "专家.txt", date(2026, 2, 28)).status is Status.IN_FORCE
    assert standing(county, "专家.txt", date(2026, 3, 1)).status is Status.REPEALED
    assert county.index.register.last_day(measures, TODAY) == date(2031, 12, 31)
    assert standing(county, "首次创业补助.txt", TODAY).by == county.index.register.documents["清理.txt"]
    assert standing(county, "入学指南.md", TODAY).status is Status.IN_FORCE


def test_what_took_a_files_place_does_not_fall_with_it():
    listed = """望川县行政规范性文件清理结果公告
望政发〔2026〕3号
一、废止的文件
|序号|文件名称|文号|废止理由|
|1|望川县周末专家管理办法|望人才办〔2025〕7号|已被望政办发〔2025〕12号替代|
2.《望川县招商引资优惠办法》(望政发〔2020〕6号)已被《望川县回乡投资促进措施》(望政办发〔2025〕12号)替代
望川县人民政府
2026年2月1日"""
    county = County({"专家.txt": ENGINEERS, "清理.txt": listed})

    assert standing(county, "专家.txt", TODAY).status is Status.REPEALED
    assert standing(county, "回乡投资促进措施.docx", TODAY).status is Status.IN_FORCE


def test_what_a_list_keeps_under_its_own_heading_is_not_repealed():
    listed = """望川县行政规范性文件清理结果公告
望政发〔2026〕3号
一、决定废止的文件目录
|序号|文件名称|文号|
|1|望川县周末专家管理办法|望人才办〔2025〕7号|
二、继续有效的文件目录
|序号|文件名称|文号|
|1|望川县回乡投资促进措施|望政办发〔2025〕12号|
望川县人民政府
2026年2月1日"""
    county = County({"专家.txt": ENGINEERS, "清理.txt": listed})

    assert standing(county, "专家.txt", TODAY).status is Status.REPEALED
    assert standing(county, "回乡投资促进措施.docx", TODAY).status is Status.IN_FORCE


def test_rules_that_carry_a_files_title_do_not_fall_with_it():
    detailed = """望川县招商引资优惠办法实施细则
望投发〔2024〕1号
第一条 甲。
第二条 本细则自2024年1月1日起施行。
望川县投资促进局
2024年1月1日"""
    ending = notice("《望川县招商引资优惠办法》同时废止。", signed="2026年5月1日")
    register = County({"细则.txt": detailed, "通知.txt": ending}).index.register

    assert register.standing(register.documents["细则.txt"], TODAY).status is Status.IN_FORCE
