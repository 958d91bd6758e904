"""Makes the binary files of the sample county, two for Word and one PDF: python samples/build_documents.py.

The PDF's font is one every reader brings along (Adobe-GB1), so nothing is embedded. Its lines break inside
sentences and figures, and every page has a header, a footer and a number, as files printed to PDF do.
"""

# ruff: noqa: E501 - an article of an official file is one paragraph, so one line
from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

DOCUMENTS = Path(__file__).parent / "documents"
GUIDE_HEADER = "清岚县教育局办事指南"
GUIDE_WIDTH = 34  # characters a line
GUIDE_LINES = 26  # lines a page

MEASURES = """\
T 清岚县回乡投资促进若干措施
H 第一章 总则
第一条 为深入开展“迎老乡、回故乡、建家乡”行动，鼓励在外老乡和各类投资者在本县投资兴业，依据有关法律法规和上级政策，结合本县实际，制定本措施。
第二条 本措施所称在外老乡，是指下列人员：
（一）本人在本县出生的；
（二）父母、祖父母或者外祖父母在本县出生的；
（三）曾在本县就学或者工作满一年的；
（四）配偶符合前三项情形之一的。
是否具有本县户籍，不作为认定条件。
第三条 本措施适用于在本县依法登记、信用良好的各类经营主体，不以投资者籍贯作为享受扶持的条件。本措施与其他地区的政策不作比较。
第四条 本措施由县迎回建工作专班（以下简称专班）统筹实施。专班办公室设在县工业和信息化局，负责受理咨询、组织联合审核和督促兑现。
H 第二章 用地和厂房
第五条 工业用地可以采取长期租赁、先租后让、弹性年期等方式供应。先租后让的租赁期不超过5年；弹性年期出让的年限为20年至40年。
第六条 工业用地出让底价不得低于国家规定的最低价标准，且不得低于土地取得成本、前期开发成本和相关费用之和。不得以任何形式返还、减免土地出让价款。
第七条 （厂房租金补贴）租用县工业园区标准厂房从事生产经营的企业，租用面积1000平方米以上、正常生产满6个月的，按每月每平方米4元的标准给予租金补贴，连续补贴不超过36个月，每家企业每年不超过30万元。
第八条 购买县工业园区标准厂房自用的企业，按不含税购房价款的6%给予一次性补助，最高150万元。享受购房补助的厂房，5年内不得转让。
H 第三章 投资和设备
第九条 （固定资产投资奖励）新建工业项目自开工之日起24个月内完成的固定资产投资，按下列标准给予奖励：
（一）500万元以上不足2000万元的，奖励2%；
（二）2000万元以上不足5000万元的，奖励3%；
（三）5000万元以上的，奖励4%，单个项目最高800万元。
固定资产投资额以税务发票和专项审计为准，不含土地价款。超过24个月完成的部分，按应得奖励的70%计算。
第十条 （设备购置奖励）企业购置全新生产设备，单台（套）不含税价格10万元以上的，按设备发票不含税金额的8%给予奖励，每家企业每年最高100万元。
第十一条 首次认定为高新技术企业的，给予一次性奖励20万元；重新认定的，给予一次性奖励5万元。
H 第四章 融资支持
第十二条 （贷款贴息）企业为项目建设取得的一年期以上固定资产贷款，按实际支付利息的40%给予贴息，贴息率不超过2个百分点，每家企业每年最高60万元，贴息期限不超过24个月。企业先行付息，按第二十条规定的申报窗口申请贴息。
第十三条 是否放贷、贷款额度和利率由银行依法自主决定。有未结清的逾期记录的，不予贴息。
H 第五章 生活保障
第十四条 （子女入学）在外老乡返乡投资或者就业的，其子女申请义务教育阶段入学、转学，按照本县当年入学办理指南执行，由县教育局统筹安排，不承诺具体学校。
第十五条 （医疗服务）投资额2000万元以上项目的主要负责人，可以在县人民医院综合服务窗口预约挂号和转诊协助，每年享受一次标准为1500元的健康体检。医疗保险待遇按国家规定执行。
第十六条 （住房支持）全职引进的人才，可以在购房补助、租房补贴和人才公寓中选择一项，标准如下：
TABLE housing
购房补助分5年等额发放，租房补贴最长36个月。人才类别以清岚县高层次人才生活津贴目录为准。
H 第六章 服务和办理
第十七条 （全程代办）投资者可以委托专班提供全程代办服务。代办服务不收取任何费用，代办人员不得接受礼品、礼金和宴请。
第十八条 （绿色通道）固定资产投资2000万元以上的项目纳入绿色通道，由县行政审批局实行容缺受理，审批事项在法定时限的基础上压缩50%以上。
第十九条 （一对一专班）固定资产投资5000万元以上的项目，由一名县领导牵头组建一对一专班；500万元以上不足5000万元的项目，确定一名首席代办员。
第二十条 （申报时间）本措施规定的奖补资金每年集中申报两次，申报窗口为每年3月1日至3月31日、9月1日至9月30日。上一年度的奖补在次年申报，逾期不再受理。
第二十一条 （审核拨付）专班自申报窗口关闭之日起20个工作日内完成联合审核，公示5个工作日。公示无异议的，县财政局在30个工作日内拨付资金。
第二十二条 申报奖补资金应当提交下列材料：
L 资金申请表
L 营业执照复印件
L 租赁合同、购房合同或者设备发票
L 上一年度完税证明
L 信用承诺书
H 第七章 附则
第二十三条 （不重复享受）同一项目同时符合本措施第九条和第十条规定的，按照就高不重复的原则享受，不得同时享受。国家和省级奖补资金不在此限。
第二十四条 弄虚作假骗取奖补资金的，全额追回资金，三年内不得申报本县各类奖补资金；构成犯罪的，依法追究刑事责任。
第二十五条 本措施施行前已经签订投资协议的，按照协议约定执行；协议没有约定的，按照本措施执行。
第二十六条 投资额2亿元以上或者对本县产业发展有重大带动作用的项目，可以实行一事一议，经公平竞争审查后提请县政府常务会议研究决定。
第二十七条 本措施由清岚县工业和信息化局负责解释。
第二十八条 本措施自2025年4月1日起施行，有效期至2030年3月31日。《清岚县招商引资优惠办法》（清政发〔2020〕8号）同时废止。"""

ENGINEERS = """\
T 清岚县假日工程师和候鸟型专家管理办法
H 第一章 总则
第一条 为柔性引进人才，帮助本县企业解决技术难题，制定本办法。
第二条 本办法所称假日工程师，是指利用周末、法定节假日或者休假时间，到本县企业提供技术服务的专业人员；候鸟型专家，是指每年在本县集中服务30日以上的专业人员。
第三条 入库人员应当具有中级以上职称，或者高级工以上职业技能等级，或者在相关行业从业满8年。
第四条 （不得参加的人员）公务员和参照公务员法管理的工作人员不得作为假日工程师领取报酬。公务员离职、退休后的从业限制，按国家规定执行。
H 第二章 登记和匹配
第五条 国有企业、事业单位工作人员登记，应当提交所在单位书面同意；民营企业人员登记，应当书面承诺不违反竞业限制约定；退休人员和自由职业者登记，不需要单位同意。
第六条 尚未取得所在单位书面同意的，可以先登记意向，取得同意后再入库。
第七条 县委人才工作办公室自收到登记材料之日起10个工作日内完成审核，发给聘书。聘期2年，连续1年没有服务记录的自动出库。
第八条 企业提出技术需求，经审核后由人才服务中心推荐不超过3名人选。双方同意后才可以交换联系方式；正式签约前可以安排2次以内的试服务。
H 第三章 协议和待遇
第九条 企业、专家和人才服务中心签订三方协议，约定服务内容、报酬、知识产权、保密和退出。知识产权归属以协议约定为准，不得使用原单位的职务发明。
第十条 （报酬）报酬由企业和专家协商确定，由企业支付。
第十一条 （服务补助）县财政按实际服务天数给予专家服务补助，标准见附件1。每人每年最多补助60天。
第十二条 一天服务时间满6小时的按1天计算，满3小时不足6小时的按半天计算。线上服务按实际天数的50%折算，折算天数不超过全年天数的30%。
第十三条 （交通补贴）专家往返本县的高铁二等座、汽车票据实报销，单程不超过800元，每年不超过12次。
第十四条 服务期间由人才服务中心为专家购买人身意外伤害保险。
第十五条 服务记录由企业和专家双方签字确认，每季度结束后15个工作日内申领补助。
H 第四章 附则
第十六条 本办法由清岚县委人才工作办公室负责解释。
第十七条 本办法自2025年7月1日起施行，有效期三年。
H 附件1:假日工程师和候鸟型专家服务补助标准
TABLE pay"""

GUIDE = """\
清岚县在外人员子女入学办理指南（2026年）
清教发〔2025〕31号
一、适用对象
在外老乡返乡投资、就业的，其子女申请在本县接受义务教育的，适用本指南。父母一方在本县务工或者经商满6个月的，可以参照办理。高中阶段转学按照省、市有关规定执行，不适用本指南。
二、所需材料
（一）户口簿或者居住证；
（二）父母一方的劳动合同、营业执照或者返乡投资证明；
（三）转学的，提供原就读学校出具的学籍证明和转学申请表；
（四）小学一年级新生，提供预防接种证明。
没有在本县购房的，提供租房合同或者亲属同住证明，不影响申请。
三、办理时间
秋季学期入学、转学，每年7月1日至7月20日受理；春季学期转学，每年1月5日至1月15日受理。毕业年级（小学六年级、初中三年级）下学期不办理转入。逾期未申请的，由县教育局视学位情况统筹安排。
四、办理地点和流程
申请人到县教育局一楼基础教育窗口提出申请，也可以由亲属持委托书代办。县教育局自受理截止之日起10个工作日内，按照相对就近和学位余缺统筹安排学校，并通知申请人。申请人不得指定学校；城关学区学位紧张时，安排到相邻学区就读。
五、费用和资助
义务教育阶段免收学费、杂费。家庭经济困难的寄宿生，小学每生每年补助1250元，初中每生每年补助1500元。符合条件的学生由学校在每学期开学后20日内组织申请。
六、特别规定
投资额5000万元以上项目的主要负责人，其子女可以在县域内公办学校中提出两个志愿，由县教育局在学位允许的情况下优先安排。
七、咨询和投诉
咨询电话0000-8100055，投诉电话0000-8100096，工作日8时30分至17时30分受理。
本指南由清岚县教育局负责解释，自2026年1月1日起施行，有效期至2026年12月31日。
清岚县教育局
2025年12月8日"""

TABLES: dict[str, list[tuple[str, ...]]] = {
    "housing": [
        ("人才类别", "购房补助（万元）", "租房补贴（元/月）", "人才公寓"),
        ("A类", "60", "3000", "免租5年"),
        ("B类", "40", "2000", "免租3年"),
        ("C类", "20", "1500", "租金减半3年"),
        ("D类", "10", "1000", "租金减半3年"),
        ("E类", "无", "600", "无"),
    ],
    "pay": [
        ("人员层次", "服务补助（元/天）", "服务补助（元/天）", "备注"),
        ("人员层次", "假日工程师", "候鸟型专家", "备注"),
        ("正高级职称", "600", "800", "线上按50%折算"),
        ("副高级职称", "500", "600", "线上按50%折算"),
        ("中级职称、高级技师", "300", "400", "线上按50%折算"),
        ("技师、高级工", "200", "–", "线上按50%折算"),
    ],
}


def main(folder: Path = DOCUMENTS) -> None:
    """Write the three files into a folder."""
    measures = folder / "清岚县回乡投资促进若干措施.docx"
    write_word(measures, MEASURES, "清政办发〔2025〕12号", "清岚县人民政府办公室", "2025年3月12日")
    engineers = folder / "清岚县假日工程师和候鸟型专家管理办法.docx"
    write_word(engineers, ENGINEERS, "清人才办〔2025〕9号", "清岚县委人才工作办公室", "2025年6月10日")
    write_guide(folder / "清岚县在外人员子女入学办理指南（2026年）.pdf")


def write_guide(path: Path) -> None:
    """Write the schooling guide as a PDF."""
    lines = [part for line in GUIDE.splitlines() for part in _broken(line)]
    pages = [lines[start : start + GUIDE_LINES] for start in range(0, len(lines), GUIDE_LINES)]
    path.write_bytes(_pdf([_page(page, number + 1, len(pages)) for number, page in enumerate(pages)]))


def write_word(path: Path, text: str, number: str, issuer: str, signed: str) -> None:
    """Write one file: the issuing notice with its number, then the text with real headings, lists and tables."""
    document = docx.Document()
    lines = text.splitlines()
    title = lines[0][2:]
    _centred(document.add_paragraph(f"{issuer}关于印发《{title}》的通知"))
    _centred(document.add_paragraph(number))
    document.add_paragraph("各乡镇人民政府，县直各有关单位：")
    document.add_paragraph(f"《{title}》已经县政府研究同意，现印发给你们，请认真贯彻执行。")
    document.add_paragraph(issuer)
    document.add_paragraph(signed)
    for line in lines:
        rank, _, words = line.partition(" ")
        if rank == "T":
            document.add_heading(words, level=0)
        elif rank == "H":
            document.add_heading(words, level=1)
        elif rank == "L":
            # Word draws the number; it stands nowhere in the text.
            document.add_paragraph(words, style="List Number")
        elif rank == "TABLE":
            _table(document, TABLES[words])
        else:
            document.add_paragraph(line)
    document.core_properties.author = issuer
    document.save(str(path))


def _centred(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(document: Any, rows: list[tuple[str, ...]]) -> None:
    """Write a table; equal neighbours in the first two rows and the last column become one merged cell."""
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    for x in range(len(rows[0]) - 1):
        if rows[0][x] == rows[0][x + 1]:
            _merge(table.cell(0, x), table.cell(0, x + 1), rows[0][x])
    for x in range(len(rows[0])):
        start = 0
        for y in range(1, len(rows) + 1):
            if y == len(rows) or rows[y][x] != rows[start][x]:
                if y - start > 1 and (start == 0 or x == len(rows[0]) - 1):
                    _merge(table.cell(start, x), table.cell(y - 1, x), rows[start][x])
                start = y
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def _merge(first: Any, last: Any, text: str) -> None:
    first.merge(last).text = text


def _broken(line: str) -> list[str]:
    """Break a line at the page's width, in the middle of whatever stands there; paragraphs are indented."""
    line = line if line[1:2] == "、" or line.startswith(("清岚县", "清教发", "20")) else "  " + line
    return [line[start : start + GUIDE_WIDTH] for start in range(0, len(line), GUIDE_WIDTH)]


def _page(lines: list[str], number: int, total: int) -> bytes:
    """Draw one A4 page: header, lines, footer."""
    drawn = [_drawn(GUIDE_HEADER, 230, 800, 9), _drawn(f"第 {number} 页 共 {total} 页", 260, 40, 9)]
    drawn += [_drawn(line, 70, 760 - 26 * row, 13) for row, line in enumerate(lines)]
    return b"\n".join(drawn)


def _drawn(words: str, x: int, y: int, size: int) -> bytes:
    return f"BT /F1 {size} Tf {x} {y} Td <{words.encode('utf-16-be').hex()}> Tj ET".encode()


def _pdf(pages: list[bytes]) -> bytes:
    """Put pages into a file (ISO 32000-1, sections 7.5 and 9.7.5)."""
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 [500] 2 95 500] "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


if __name__ == "__main__":
    main()
