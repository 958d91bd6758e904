"""A county of a few short files, written line by line as a reader gives them."""

# ruff: noqa: E501 - lines stand as officials wrote them
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from knowledge.answer import Answer, answer
from knowledge.clauses import split
from knowledge.documents import Clause, Document
from knowledge.metadata import describe, full_title
from knowledge.read import Block, BlockKind, Reading
from knowledge.search import Index
from knowledge.synonyms import Synonyms

MEASURES = """望川县人民政府办公室关于印发《望川县回乡投资促进措施》的通知
望政办发〔2025〕12号
各乡镇人民政府,县直各单位:
《望川县回乡投资促进措施》已经县政府同意,现印发给你们,请认真贯彻执行。
望川县人民政府办公室
2025年3月10日
望川县回乡投资促进措施
第一章 总则
第一条 为鼓励在外老乡回乡投资,制定本措施。
第二条 本措施所称在外老乡,是指本人或者父母、祖父母出生在本县的人员。
第二章 产业扶持
第三条 (厂房租金)租用县工业园标准厂房1000平方米以上的企业,按每月每平方米3元的标准给予租金补贴,最长36个月,每年不超过20万元。
第四条 (设备购置)购置新设备的,按发票金额(不含税)的8%给予一次性奖励,最高100万元。
第五条 (固定资产投资)固定资产投资1000万元以上不足2000万元的,按1%奖励;2000万元以上的,按2%奖励,最高500万元。兑现程序按第七条执行。
第六条 第四条、第五条奖励不重复享受,按就高原则执行。
第七条 每年9月1日至9月30日受理申报,县工业和信息化局在20个工作日内审核,公示5个工作日后拨付。
第三章 附则
第八条 本措施由望川县工业和信息化局负责解释。
第九条 本措施自2025年4月1日起施行,有效期五年。《望川县招商引资优惠办法》(望政发〔2020〕6号)同时废止。"""

OLD = """望川县招商引资优惠办法
望政发〔2020〕6号
第一条 为做好招商引资工作,制定本办法。
第二条 租用园区厂房的企业,按每月每平方米5元的标准给予租金补贴,最长60个月。
第三条 企业缴纳税收县级留成部分,前三年按80%返还。
第四条 本办法自2020年6月1日起施行,有效期至2026年12月31日。
望川县人民政府
2020年5月8日"""

CORRECTION = """关于更正《望川县回乡投资促进措施》有关内容的通知
望政办发〔2025〕20号
各乡镇人民政府,县直各单位:
《望川县回乡投资促进措施》(望政办发〔2025〕12号)印发后,经核对,部分内容有误,现更正如下:
一、第三条中“每月每平方米3元”更正为“每月每平方米2元”。
二、本更正自《望川县回乡投资促进措施》施行之日起生效。
望川县人民政府办公室
2025年4月20日"""

SCHOOL = """望川县在外人员子女入学办理指南(2026年)
一、适用对象
在外人员随迁返乡子女,申请小学、初中转学或者入学的,适用本指南。
二、所需材料
1.户口簿或者居住证;
2.原学校出具的学籍证明;
3.监护人工作证明。
三、办理时间
春季学期每年1月10日至1月31日,秋季学期每年7月1日至7月31日,到县教育局一楼窗口办理。学位紧张时由县教育局统筹安排,不承诺具体学校。
本指南自2026年1月1日起施行,有效期二年。
望川县教育局
2025年12月5日"""

LAPSED = """望川县首次创业补助办法(试行)
望人社发〔2023〕3号
第一条 首次创业并正常经营6个月以上的,给予一次性创业补助5000元。
第二条 本办法自2023年1月1日起试行,试行期二年。
望川县人力资源和社会保障局
2022年12月20日"""

FAQ = """望川县回乡政策常见问题
发布单位:望川县投资促进中心
发布日期:2025年4月2日
问:租厂房能补多少?
答:每月每平方米3元,最长36个月。
问:设备补贴是多少?
答:按发票金额的8%,最高100万元。"""

FILES = {
    "回乡投资促进措施.docx": MEASURES,
    "招商引资优惠办法.txt": OLD,
    "更正通知.txt": CORRECTION,
    "入学指南.md": SCHOOL,
    "首次创业补助.txt": LAPSED,
    "常见问题.html": FAQ,
}


def reading(text: str) -> Reading:
    """Give a text's lines as a plain-text reader would, with tables as a Markdown reader would."""
    blocks: list[Block] = []
    for is_table, lines in groupby(text.splitlines(), key=lambda line: line.startswith("|")):
        if is_table:
            rows = tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)
            blocks.append(Block(BlockKind.TABLE, rows=rows))
        else:
            blocks += [Block(BlockKind.PARAGRAPH, line) for line in lines]
    return Reading(tuple(blocks), "text")


def document(file: str) -> Document:
    return describe(file, file, reading(FILES[file]))


def clauses(file: str) -> list[Clause]:
    return _clauses(file, reading(FILES[file]))


def _clauses(file: str, read: Reading) -> list[Clause]:
    return split(file, read.blocks, full_title(read, file))


class County:
    """The files above and any given beside them, indexed; asks questions on a day.

    A text's lines that begin with "|" are the rows of a table.
    """

    def __init__(self, more: Mapping[str, str] | None = None) -> None:
        self.synonyms = Synonyms.load()
        self.index = Index(self.synonyms)
        for file, text in {**FILES, **(more or {})}.items():
            read = reading(text)
            self.index.add(describe(file, file, read), _clauses(file, read))
        self.index.settle()

    def clause(self, file: str, label: str) -> Clause:
        return next(clause for clause in self.index.clauses_of(file) if clause.label == label)

    def asks(self, question: str, on: date = date(2026, 11, 24), history: tuple[str, ...] = ()) -> Answer:
        return answer(question, self.index, on=on, history=history)
