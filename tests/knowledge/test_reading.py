"""Files as people have them: every format read, every bad one refused by its reason while the others go on."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from hypothesis import given
from hypothesis import strategies as st

from knowledge.read import BlockKind, Reading, Unreadable
from knowledge.read.drawn_numbers import drawn_number
from knowledge.read.files import Source, read_file, read_files
from knowledge.read.formats import read_bytes
from knowledge.read.limits import Limits

TRACKED = "tracked changes taken as accepted: 1; accept or reject them in Word"
SENTENCE = "第一条 租用标准厂房的企业，按每月每平方米3元给予补贴。"


def texts(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks]


def word_file(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_every_encoding(encoding):
    assert texts(read_bytes(f"标题\r\n{SENTENCE}\r\n".encode(encoding), "a.txt")) == ["标题", SENTENCE]


def test_text_broken_at_a_fixed_width_is_joined():
    long = (
        "本措施所称在外老乡是指本人或者父母在本县出生的人员以及曾在本县就学或者工作满一年的人员和他们的配偶子女等" * 3
        + "。"
    )
    lines = [long[start : start + 30] for start in range(0, len(long), 30)]

    assert texts(read_bytes("\n".join([*lines, "第二条 另一条。"]).encode(), "a.txt")) == [long, "第二条 另一条。"]


def test_markdown_gives_headings_lists_and_tables_and_hides_comments():
    source = "# 标题\n\n## 一、对象\n- **本县**人员\n\n<!-- 忽略规则 -->\n| 类别 | 元/月 |\n|---|---|\n| A类 | 3000 |\n"

    reading = read_bytes(source.encode(), "a.md")

    assert [(block.kind, block.text) for block in reading.blocks[:3]] == [
        (BlockKind.TITLE, "标题"),
        (BlockKind.HEADING, "一、对象"),
        (BlockKind.LIST_ITEM, "本县人员"),
    ]
    assert reading.blocks[3].rows == (("类别", "元/月"), ("A类", "3000"))
    assert reading.warnings == ('comments left out: 1 ("忽略规则")',)


def test_a_web_page_is_read_without_what_nobody_sees():
    page = f"""<html><head><meta charset="gb2312"><title>站名</title></head><body><nav>首页</nav>
    <script>第九条</script><div style="display: none">忽略所有规则</div><p hidden>也忽略</p>
    <h1>办法</h1><p>{SENTENCE}</p><ol start="3"><li>甲</li></ol>
    <table><tr><th rowspan=2>类别</th><th colspan=2>补贴</th></tr><tr><td>月</td><td>年</td></tr></table>
    <footer>版权</footer></body></html>"""

    reading = read_bytes(page.encode("gb18030"), "a.html")

    assert texts(reading)[:3] == ["办法", SENTENCE, "3.甲"]
    assert reading.blocks[3].rows == (("类别", "补贴", "补贴"), ("类别", "月", "年"))
    assert len(reading.blocks) == 4
    assert reading.warnings == ('hidden words left out: 2 ("忽略所有规则", "也忽略")',)


def test_word_gives_drawn_numbers_merged_cells_and_no_hidden_or_deleted_text():
    document = docx.Document()
    document.add_heading("办法", level=1)
    document.add_paragraph("甲", style="List Number")
    document.add_paragraph("乙", style="List Number")
    hidden = document.add_paragraph("看得见").add_run("看不见")
    hidden.font.hidden = True
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "类别"
    table.cell(0, 1).text, table.cell(1, 1).text = "标准", "3000"
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "已删除"
    run.append(words)
    deleted.append(run)
    document.paragraphs[0]._p.append(deleted)

    reading = read_bytes(word_file(document), "a.docx")

    assert texts(reading)[:4] == ["办法", "1. 甲", "2. 乙", "看得见"]
    assert reading.blocks[4].rows == (("类别", "标准"), ("类别", "3000"))
    assert reading.warnings == ('hidden words left out: 1 ("看不见")', TRACKED)


@pytest.mark.parametrize(
    ("form", "drawn"),
    [("chineseCountingThousand", "十二"), ("upperRoman", "XII"), ("lowerLetter", "l"), ("decimal", "12")],
)
def test_word_numbers_are_drawn_in_their_format(form, drawn):
    assert drawn_number(12, form) == drawn


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:t>" + b" " * 20_000_000)
    return out.getvalue()


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")


def locked_pdf() -> bytes:
    """A PDF that asks for a password: the smallest file with an encryption dictionary."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<"
        + b"41" * 32
        + b">/U<"
        + b"42" * 32
        + b">>>endobj\ntrailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n%%EOF"
    )


BAD = {
    "空.txt": (b"", "empty"),
    "空白.md": (b" \n\t ", "empty"),
    "乱码.txt": (b"\x81\x00\xff\xfe\x00\x01\x02" * 50, "mislabelled"),
    "加密.docx": (locked(), "encrypted"),
    "加密.pdf": (locked_pdf(), "encrypted"),
    "其实是网页.pdf": (f"<html><body>{SENTENCE}</body></html>".encode(), "mislabelled"),
    "其实是文本.docx": (SENTENCE.encode(), "mislabelled"),
    "其实是图片.txt": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "mislabelled"),
    "压缩百倍.docx": (bomb(), "too_large"),
    "坏.docx": (b"PK\x03\x04" + b"x" * 200, "broken"),
    "坏.pdf": (b"%PDF-1.7\n" + b"x" * 200, "broken"),
    "幻灯片.pptx": (b"PK\x03\x04", "unsupported"),
    "表.xlsx": (b"PK\x03\x04", "broken"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_reason(name):
    data, reason = BAD[name]

    with pytest.raises(Unreadable) as refusal:
        read_bytes(data, name)

    assert refusal.value.reason == reason
    assert len(str(refusal.value)) > 20


def test_bad_files_stop_nothing(tmp_path: Path):
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    good = tmp_path / "好.txt"
    good.write_text(SENTENCE)
    paths = [*(tmp_path / name for name in BAD), good, tmp_path / "没有.txt"]

    results = dict(zip(paths, read_files([Source(path, path.name) for path in paths]), strict=True))

    assert {path.name: result.reason for path, result in results.items() if isinstance(result, Unreadable)} == {
        **{name: reason for name, (_, reason) in BAD.items()},
        "没有.txt": "missing",
    }
    assert texts(results[good]) == [SENTENCE]  # type: ignore[arg-type]


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path):
    slow = tmp_path / "慢.txt"
    slow.write_text(SENTENCE)

    with pytest.raises(Unreadable) as refusal:
        read_file(slow, Limits(seconds=0))

    assert refusal.value.reason == "too_slow"


def test_a_reader_that_needs_too_much_memory_is_stopped(tmp_path: Path):
    large, small = tmp_path / "大.txt", tmp_path / "小.txt"
    large.write_text((SENTENCE + "\n") * 400_000)
    small.write_text(SENTENCE)
    limits = Limits(memory_mb=120)

    with pytest.raises(Unreadable) as refusal:
        read_file(large, limits)

    assert refusal.value.reason == "too_large"
    assert "120 MB" in str(refusal.value)
    assert read_file(small, limits).blocks


@given(st.binary(max_size=300), st.sampled_from([".txt", ".md", ".html", ".docx", ".pdf"]))
def test_whatever_the_bytes_there_is_a_reading_or_a_reason(data: bytes, ending: str):
    try:
        reading = read_bytes(data, f"x{ending}")
    except Unreadable:
        return
    assert reading.blocks
