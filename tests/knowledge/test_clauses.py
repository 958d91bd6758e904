"""What people cite: articles, items, tables, annexes, questions, each with the path that leads to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.clauses import LONG, heading_of, split
from knowledge.numbering import article_of, to_int
from knowledge.read import Block, BlockKind
from tests.knowledge.county import clauses


def paragraphs(*lines: str) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, line) for line in lines]


def labels(*blocks: Block) -> list[str]:
    return [clause.label for clause in split("d", blocks)]


def test_an_article_is_a_clause_under_its_chapter():
    rent = next(clause for clause in clauses("回乡投资促进措施.docx") if clause.label == "第三条")

    assert rent.path == ("第二章 产业扶持",)
    assert rent.text.startswith("第三条 (厂房租金)租用县工业园标准厂房")
    assert heading_of(rent) == "产业扶持 厂房租金"


def test_title_number_signature_and_date_are_no_clauses():
    everything = "\n".join(clause.text for clause in clauses("回乡投资促进措施.docx"))

    assert "望政办发〔2025〕12号\n" not in everything
    assert "2025年3月10日" not in everything
    assert "各乡镇人民政府" not in everything


def test_a_reference_at_the_start_of_a_line_opens_no_article():
    assert labels(*paragraphs("第一条 总的规定。", "第四条、第五条奖励不重复享受。", "第二条 另一规定。")) == [
        "第一条",
        "第二条",
    ]


def test_a_long_article_is_cut_at_its_items_with_its_opening_words():
    items = [f"({number}){'符合条件的企业可以申报有关补助。' * 12}" for number in "一二三"]

    found = split("d", paragraphs("第一条 下列情形给予补助:", *items, "第二条 完。"))

    assert [clause.label for clause in found] == [
        "第一条第(一)项",
        "第一条第(二)项",
        "第一条第(三)项",
        "第二条",
    ]
    assert all(clause.text.startswith("第一条 下列情形给予补助:\n(") for clause in found[:3])


def test_a_short_article_keeps_its_items():
    assert labels(*paragraphs("第一条 包括:", "(一)甲;", "(二)乙。", "第二条 完。")) == ["第一条", "第二条"]


def test_a_table_is_cited_by_its_article_and_the_article_goes_on_after_it():
    table = Block(BlockKind.TABLE, rows=(("类别", "标准(元/月)"), ("A类", "3000")))

    found = split("d", [*paragraphs("第一条 标准如下:"), table, *paragraphs("以上标准按年调整。", "第二条 完。")])

    assert [(clause.label, bool(clause.rows)) for clause in found] == [
        ("第一条", False),
        ("第一条附表", True),
        ("第一条(表后)", False),
        ("第二条", False),
    ]


def test_a_table_in_an_annex_is_cited_by_the_annex():
    table = Block(BlockKind.TABLE, rows=(("类别", "标准"), ("A类", "1")))

    found = split("d", [*paragraphs("第一条 甲。", "第二条 见附件1。", "附件1:津贴标准表"), table])

    assert found[-1].label == "附件1"
    assert found[-1].path == ("附件1:津贴标准表",)


def test_an_item_of_an_annex_is_cited_as_such():
    blocks = paragraphs("第一条 甲。", "第二条 乙。", "附件2 材料清单", "申报时提交:", "1. 申请表;", "2. 营业执照。")

    assert labels(*blocks)[-2:] == ["附件2第1项", "附件2第2项"]


def test_lines_that_only_sign_or_announce_a_file_are_no_clauses():
    blocks = paragraphs(
        "望川县教育局 2026年5月20日印发",
        "现将《望川县转学办法》印发给你们,请遵照执行。",
        "望川县人民政府网站公开发布",
        "第一条 转学向县教育局申请。",
        "第二条 县教育局10个工作日内答复。",
        "望川县“迎老乡、建家乡”行动办公室",
        "望川县人民政府2024年11月20日望川县人民政府文件",
    )

    assert [clause.text for clause in split("d", blocks)] == [blocks[3].text, blocks[4].text]


def test_numbers_that_a_reader_ran_together_are_clauses_of_their_own():
    blocks = paragraphs("四、甲。", "五、证书有效期五年。六、旧证书三年内保留。", "七、乙。")

    assert labels(*blocks) == ["四", "五", "六", "七"]


def test_a_number_may_stand_before_a_year():
    blocks = paragraphs("六、本通知自7月1日起执行。", "七、2026年全年合并计算。", "八、其他。")

    assert labels(*blocks) == ["六", "七", "八"]
    assert labels(*paragraphs("一、甲。", "3.5公里以内的不补。", "二、乙。")) == ["一", "二"]


def test_the_notes_under_a_table_stay_together():
    blocks = paragraphs("说明:1.本表自3月15日起执行。", "2.空白的按原规定执行。")

    assert [clause.label for clause in split("d", blocks, "望川县时限清单")] == ["正文第1段"]


def test_a_header_of_two_rows_is_told_from_a_form():
    header = (("类别", "购房补贴", "租房补贴", "租房补贴", "公寓"), ("类别", "购房补贴", "元/月", "月数", "面积"))
    form = (("姓名", "", "职称", ""), ("单位", "", "状态", "在职"), ("意见", "", "", ""))
    table = split("d", [Block(BlockKind.TABLE, rows=(*header, ("A", "60", "3000", "60", "120")))])[0]

    assert table.rows[0] == ("类别", "购房补贴", "租房补贴 元/月", "租房补贴 月数", "公寓 面积")
    assert split("d", [Block(BlockKind.TABLE, rows=form)])[0].rows == form


def test_a_guide_is_cut_at_its_highest_numbers():
    assert [clause.label for clause in clauses("入学指南.md")] == [
        "一、适用对象",
        "二、所需材料",
        "三、办理时间",
    ]


def test_question_and_answer_stay_together():
    found = clauses("常见问题.html")

    assert [clause.label for clause in found] == ["问答1", "问答2"]
    assert found[0].text == "问:租厂房能补多少?\n答:每月每平方米3元,最长36个月。"


@given(st.integers(1, 9999))
def test_arabic_and_chinese_numbers_name_the_same_article(number):
    assert to_int(chinese(number)) == number
    assert article_of(f"第{chinese(number)}条第(二)项") == article_of(f"第{number}条") == number


@given(st.lists(st.text(max_size=40), max_size=30))
def test_no_word_is_lost_or_invented_and_labels_are_unique(lines):
    blocks = paragraphs("第一条 开头。", "第二条 开头。", *lines)

    found = split("d", blocks)

    written = "\n".join(block.text for block in blocks)
    assert all(line.strip() in written for clause in found for line in clause.text.split("\n"))
    assert len({clause.label for clause in found}) == len(found)
    assert all(len(clause.text) <= LONG or clause.text for clause in found)


def chinese(number: int) -> str:
    """Write a number below ten thousand in Chinese characters, as articles are numbered."""
    digits, out, zero = "零一二三四五六七八九", "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += (
                ("零" if zero and out else "") + ("" if digit == 1 and unit == 10 and not out else digits[digit]) + name
            )
            zero = False
        elif out:
            zero = True
    return out
