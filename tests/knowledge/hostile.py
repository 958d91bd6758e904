"""Fifty files nobody should trust: their bytes, or how to make them, and what may become of each."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
from docx.oxml import OxmlElement

SENTENCE = "第一条 租用标准厂房的企业，按每月每平方米3元给予补贴。"
READ = "read"

Maker = Callable[[Path], object]


def zipped(*parts: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts:
            archive.writestr(name, content, method)
    return out.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Give an Office file with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(part.filename, archive.read(part)) for part in archive.infolist()]
    return zipped(*((part, change(content) if part == name else content) for part, content in parts))


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def excel(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(objects: list[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    body = b"%PDF-1.7\n"
    body += b"".join(b"%d 0 obj%sendobj\n" % (number, content) for number, content in enumerate(objects, 1))
    return body + b"trailer<<" + trailer + b"/Size %d>>\n%%%%EOF" % (len(objects) + 1)


def pdf_text(text: str, pages: int = 1) -> bytes:
    """Give a PDF whose every page says `text`, in letters of ASCII."""
    stream = zlib.compress(b"BT /F 12 Tf 72 700 Td (" + text.encode() + b") Tj ET")
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents 4 0 R>>"
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream " % (len(stream), stream),
            *[page] * pages,
        ]
    )


LOCKED_PDF = pdf(
    [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>",
    ],
    b"/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]",
)
LOCKED_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [%s]>'
XXE = DOCTYPE % b'<!ENTITY e SYSTEM "file:///etc/hostname">'
LAUGHS = DOCTYPE % (
    b'<!ENTITY a0 "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
)
QUADRATIC = DOCTYPE % (b'<!ENTITY q "' + b"q" * 100_000 + b'">')


def declaring(doctype: bytes, entity: bytes) -> Callable[[bytes], bytes]:
    """Put a document type before a part, and an entity of it into its text."""

    def change(content: bytes) -> bytes:
        return doctype + content.split(b"?>", 1)[-1].replace(b"<w:t>", b"<w:t>" + entity).replace(
            b"<t>", b"<t>" + entity
        )

    return change


def locked_zip() -> bytes:
    """A ZIP file whose entry says that it is encrypted, in both its headers."""
    data = bytearray(zipped(("办法.txt", SENTENCE.encode()), method=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def many_cells() -> bytes:
    document = docx.Document()
    document.add_paragraph(SENTENCE)
    table = OxmlElement("w:tbl")
    document.element.body.insert(1, table)
    cell = b"<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>"
    rows = (b"<w:tr>" + cell * 50 + b"</w:tr>") * 2_000
    out = io.BytesIO()
    document.save(out)
    return with_part(
        out.getvalue(), "word/document.xml", lambda xml: xml.replace(b"<w:tbl/>", b"<w:tbl>" + rows + b"</w:tbl>")
    )


def many_rows() -> bytes:
    rows = b"".join(b'<row r="%d" ht="15"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 1_000_001))
    return with_part(
        excel(("类别", "元"), ("甲", 3)),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"),
    )


def circles() -> bytes:
    """Pages that are their own parents, and a stream as long as itself."""
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/Outlines 2 0 R>>",
            b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 3 0 R]/Parent 2 0 R>>",
            b"<</Type/Page/Parent 2 0 R/Contents[4 0 R 4 0 R]/Resources 3 0 R/MediaBox 3 0 R>>",
            b"<</Length 4 0 R>>stream\nBT (x) Tj ET\nendstream ",
        ]
    )


def formed() -> bytes:
    """A form that draws itself twice, as deep as one likes."""
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R>>",
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 11>>"
            b"stream\n/X Do /X Do\nendstream ",
            b"<</Length 5>>stream\n/X Do\nendstream ",
        ]
    )


def bomb_stream() -> bytes:
    packed = zlib.compress(zlib.compress(b" " * 300_000_000, 9), 9)
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream " % (len(packed), packed),
        ]
    )


def lying_picture() -> bytes:
    """A PNG that claims to be 60,000 by 60,000."""
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + head + zlib.crc32(head).to_bytes(4, "big") + b"\0\0\0\0IDAT" + b"\0" * 64


def link(target: str) -> Maker:
    return lambda path: path.symlink_to(target)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1_000_000_000)


SYMLINK = zipfile.ZipInfo("链接.txt")
SYMLINK.external_attr = 0o120777 << 16

# Files that are made as such: pipes, links, folders.
ODD: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "管道.pdf": (lambda path: os.mkfifo(path), ("irregular",)),
    "设备.pdf": (link("/dev/zero"), ("irregular",)),
    "外面.txt": (link("/etc/passwd"), ("irregular",)),
    "圈.txt": (link("圈.txt"), ("irregular",)),
    "断.txt": (link("没有.txt"), ("irregular",)),
    "稀疏.pdf": (sparse, ("too_large",)),
}

FILES: dict[str, tuple[bytes | Callable[[], bytes], tuple[str, ...]]] = {
    "空.txt": (b"", ("empty",)),
    "空白.md": (b" \n\t ", ("empty",)),
    "乱码.txt": (b"\x81\x00\xff\xfe\x00\x01\x02" * 50, ("mislabelled",)),
    "零.txt": (b"\0" * 5_000, ("mislabelled",)),
    "夹零.txt": (SENTENCE.encode() + b"\0" + SENTENCE.encode(), ("mislabelled",)),
    "半个.txt": (SENTENCE.encode()[:-2] + b"\xed\xa0\x80", ("mislabelled",)),
    "反向.txt": (f"{SENTENCE}\u202e元000,3\u202c".encode(), (READ,)),
    "一行.txt": (lambda: SENTENCE.encode() * 600_000, ("too_large",)),
    "单行.md": (lambda: b"a" * 49_999_999, ("too_large",)),
    "深.html": (b"<html><body>" + b"<div>" * 100_000 + SENTENCE.encode(), ("broken",)),
    "宽.html": (b"<html><body>" + b"<td rowspan=9999999 colspan=9999999>x" * 3_000, (READ,)),
    "属性.html": (b"<html><body " + b"a=b " * 200_000 + b">" + SENTENCE.encode(), (READ,)),
    "样式.html": (
        b"<html><style>" + b".a .b .c{color:white}" * 3_000 + b"</style><body class=a>" + SENTENCE.encode(),
        (READ,),
    ),
    "其实是网页.pdf": (f"<html><body>{SENTENCE}</body></html>".encode(), ("mislabelled",)),
    "其实是文本.docx": (SENTENCE.encode(), ("mislabelled",)),
    "其实是图片.txt": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, ("mislabelled",)),
    "其实是表格.docx": (lambda: excel((1, 2)), ("mislabelled",)),
    "程序.exe": (b"MZ" + b"\0" * 100, ("unsupported",)),
    "没有后缀": (SENTENCE.encode(), ("unsupported",)),
    "加密.docx": (LOCKED_OFFICE, ("encrypted",)),
    "加密.xlsx": (LOCKED_OFFICE, ("encrypted",)),
    "加密.pdf": (LOCKED_PDF, ("encrypted",)),
    "加密.zip": (locked_zip, ("encrypted",)),
    "炸弹.docx": (lambda: zipped(("word/document.xml", b"<w:t>" + b" " * 20_000_000)), ("too_large",)),
    "炸弹.zip": (lambda: zipped(("大.txt", b" " * 30_000_000)), ("too_large",)),
    "套娃.zip": (lambda: zipped(("里.zip", zipped(("再里.txt", b"x")))), ("nested",)),
    "越界.zip": (lambda: zipped(("../../外.txt", SENTENCE.encode()), ("/根.txt", b"x")), ("unsafe",)),
    "链接.zip": (lambda: zipped((SYMLINK, b"/etc/passwd")), ("irregular",)),
    "太多.zip": (lambda: zipped(*((f"{n}.txt", b"x") for n in range(2_001))), ("too_large",)),
    "坏清单.zip": (lambda: zipped(("a.txt", SENTENCE.encode()), ("manifest.json", b"[1]")), ("manifest",)),
    "空.zip": (lambda: zipped(), ("empty",)),
    "坏.zip": (lambda: zipped(("a.txt", SENTENCE.encode() * 50))[:-30], ("broken",)),
    "坏.docx": (b"PK\x03\x04" + b"x" * 200, ("broken",)),
    "截断.docx": (lambda: word(SENTENCE)[:-100], ("broken",)),
    "截断.xlsx": (lambda: excel((1, 2))[:-100], ("broken",)),
    "截断.pdf": (lambda: pdf_text("Article 1. Three yuan a month.", 3)[:400], ("broken", "empty")),
    "截断.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ("broken", "unsupported")),
    "坏.pdf": (b"%PDF-1.7\n" + b"x" * 200, ("broken",)),
    "外部实体.docx": (
        lambda: with_part(word(SENTENCE), "word/document.xml", declaring(XXE, b"&e;")),
        ("unsafe",),
    ),
    "外部实体.xlsx": (
        lambda: with_part(excel(("a", "b")), "xl/worksheets/sheet1.xml", declaring(XXE, b"&e;")),
        ("unsafe",),
    ),
    "大笑.docx": (lambda: with_part(word(SENTENCE), "word/document.xml", declaring(LAUGHS, b"&a9;")), ("unsafe",)),
    "平方.docx": (
        lambda: with_part(word(SENTENCE), "word/document.xml", declaring(QUADRATIC, b"&q;" * 100_000)),
        ("unsafe",),
    ),
    "宽字符实体.docx": (
        lambda: with_part(
            word(SENTENCE), "word/document.xml", lambda xml: (XXE + xml.split(b"?>", 1)[1]).decode().encode("utf-16")
        ),
        ("unsafe",),
    ),
    "十万格.docx": (many_cells, (READ,)),
    "百万行.xlsx": (many_rows, (READ,)),
    "万页.pdf": (lambda: pdf_text("Article 1. Three yuan a month.", 10_000), ("too_large",)),
    "转圈.pdf": (circles, ("broken", "empty")),
    "自画.pdf": (formed, ("empty", "too_large", "too_slow", "broken")),
    "流炸弹.pdf": (bomb_stream, ("empty", "too_large", "too_slow", "broken")),
    "没有页.pdf": (pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>"]), ("broken", "empty")),
    "假图.png": (lying_picture, ("too_large", "broken", "scanned")),
    "截断.jpg": (b"\xff\xd8\xff\xe0" + b"\0" * 40, ("broken", "scanned")),
    "\u202e怪名\n字.txt": (SENTENCE.encode(), (READ,)),
}
