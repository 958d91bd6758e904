"""Two files that disagree are shown to staff; files on two matters are not."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.warnings import of_library
from tests.knowledge.county import FILES, County

TODAY = date(2026, 11, 24)

TOURISM = """望川县文化旅游扶持办法
望文旅发〔2025〕3号
第一条 新建民宿验收合格的,按每间客房5000元给予一次性补助,每家最高20万元。
第二条 D类人才每月补助500元。
第三条 购买设备的企业,设备投资1000万元以上的,按3%奖励。
第四条 本办法自2025年5月1日起施行,有效期三年。
望川县文化和旅游局
2025年4月2日"""

RIVAL = """望川县民宿发展办法
望农发〔2025〕9号
第一条 {clause}
第二条 本办法自2025年6月1日起施行,有效期三年。
望川县农业农村局
2025年5月2日"""


def warned(county: County, file: str, on: date = TODAY) -> list[tuple[str, str, str, str]]:
    register = county.index.register
    clauses = {document.id: county.index.clauses_of(document.id) for document in county.index.documents}
    found = of_library(register, clauses, on)[file]
    return [(w.code, w.clause, w.values["own"], w.values["figures"]) for w in found if w.code.startswith("conflict")]


def rivals(clause: str, **files: str) -> County:
    return County({"文旅.txt": TOURISM, "民宿.txt": RIVAL.format(clause=clause), **files})


def test_one_matter_one_measure_two_figures_is_shown_at_both_files():
    county = rivals("新建民宿验收合格的,按每间客房8000元给予一次性补助,每家最高20万元。")

    assert warned(county, "民宿.txt") == [("conflict", "第一条", "8000元", "5000元")]
    assert warned(county, "文旅.txt") == [("conflict", "第一条", "5000元", "8000元")]


@pytest.mark.parametrize(
    "clause",
    [
        "新建民宿验收合格的,按每间客房5000元给予一次性补助,每家最高20万元。",  # the same figure
        "改建民宿验收合格的,按每间客房3000元给予一次性补助,每家最高20万元。",  # another case
        "E类人才每月补助300元。",  # another class
        "购买设备的企业,设备投资3000万元以上的,按5%奖励。",  # another band
        "新建农家乐评定星级的,每家奖励3万元。",  # another matter
        "民宿从业人员参加培训的,每人每天补助100元。",
    ],
)
def test_two_matters_do_not_disagree(clause: str):
    assert warned(rivals(clause), "民宿.txt") == []


def test_of_unequal_rank_it_is_told_apart():
    higher = RIVAL.format(clause="新建民宿验收合格的,按每间客房8000元给予一次性补助,每家最高20万元。").replace(
        "望川县农业农村局", "望川县人民政府"
    )

    assert [code for code, *_ in warned(County({"文旅.txt": TOURISM, "民宿.txt": higher}), "民宿.txt")] == [
        "conflict_rank"
    ]


def test_a_file_out_of_force_and_an_internal_one_disagree_with_nobody():
    county = rivals("新建民宿验收合格的,按每间客房8000元给予一次性补助,每家最高20万元。")
    internal = RIVAL.replace("望川县民宿发展办法", "内部资料\n望川县民宿发展办法")
    secret = County(
        {"文旅.txt": TOURISM, "民宿.txt": internal.format(clause="新建民宿验收合格的,按每间客房8000元给予一次性补助。")}
    )

    assert warned(county, "民宿.txt", date(2025, 5, 15)) == []
    assert warned(county, "民宿.txt", date(2028, 5, 1)) == []
    assert warned(secret, "文旅.txt") == []


def test_what_corrects_or_supplements_a_file_does_not_disagree_with_it():
    county = County()

    assert {file: found for file in FILES if (found := warned(county, file))} == {}


def test_rows_of_two_tables_on_two_matters_do_not_disagree():
    def table(title: str, number: str, figure: str, office: str) -> str:
        return f"{title}\n{number}\n附件1\n|类别|标准(元)|\n|A类|{figure}00|\n|D类|{figure}|\n{office}\n2025年5月2日"

    housing = table("望川县人才购房补助办法", "望住建发〔2025〕1号", "50000", "望川县住房和城乡建设局")
    living = table("望川县人才生活津贴办法", "望人社发〔2025〕1号", "500", "望川县人力资源和社会保障局")
    again = table("望川县人才生活津贴办法", "望财发〔2025〕1号", "800", "望川县财政局")

    assert warned(County({"购房.txt": housing, "津贴.txt": living}), "购房.txt") == []
    assert [own for *_, own, _ in warned(County({"津贴.txt": living, "财政.txt": again}), "津贴.txt")] == [
        "50000",
        "500",
    ]
