"""Scans and photos, recognised: turned, noisy, ruled; and what is said where nothing can recognise them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knowledge.read import BlockKind, Unreadable
from knowledge.read import engines as engines_module
from knowledge.read.files import read_file
from knowledge.read.formats import read_bytes
from tests.knowledge.pages import Page, pdf_of

LINES = (
    "清岚县厂房租金补贴办法",
    "第七条 租用标准厂房的企业，正常生产满",
    "6个月的，按每月每平方米4元给予补贴。",
)
ROWS = (("类别", "金额(万元)"), ("A类", "50"), ("B类", "30"))


def drawn() -> Any:
    """Draw a page with a ruled table; OpenCV brings a Chinese font along."""
    cv2 = pytest.importorskip("cv2")
    font = cv2.FontFace("uni")
    page = np.full((760, 760, 3), 255, np.uint8)
    for row, line in enumerate(LINES):
        cv2.putText(page, line, (60, 90 + 60 * row), (20, 20, 20), font, 30)
    for row, cells in enumerate(ROWS):
        for column, text in enumerate(cells):
            cv2.putText(page, text, (90 + 220 * column, 310 + 60 * row), (20, 20, 20), font, 28)
    for at in range(4):
        cv2.line(page, (70, 270 + 60 * at), (510, 270 + 60 * at), (0, 0, 0), 2)
    for at in range(3):
        cv2.line(page, (70 + 220 * at, 270), (70 + 220 * at, 450), (0, 0, 0), 2)
    askew = cv2.warpAffine(page, cv2.getRotationMatrix2D((380, 380), 1.5, 1), (760, 760), borderValue=(255, 255, 255))
    return np.clip(askew + np.random.default_rng(1).normal(0, 8, askew.shape), 0, 255).astype(np.uint8)


def bare(text: str) -> str:
    return text.translate(str.maketrans("（），", "(),", " "))


@pytest.fixture
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scan", "pdf"):
        monkeypatch.setattr(f"knowledge.read.{module}.has_ocr", lambda: False)


def scanned() -> bytes:
    return pdf_of(Page().scan(b"\xff" * 10_000, (100, 100)), Page().scan(b"\xff" * 10_000, (100, 100)))


def test_a_scan_is_refused_by_what_to_do_where_nothing_recognises_it(without_engine):
    with pytest.raises(Unreadable) as refusal:
        read_bytes(scanned(), "政策.pdf")

    assert str(refusal.value) == (
        "2 pages are images and no OCR engine is installed; run 'pip install laoxiang[ocr]' or upload a text version"
    )


def test_pages_with_text_are_read_though_others_are_pictures(without_engine):
    written = Page().say("第一条 每月补贴3元，连续补贴36个月。")

    reading = read_bytes(pdf_of(written, Page().scan(b"\xff" * 10_000, (100, 100))), "政策.pdf")

    assert [block.text for block in reading.blocks] == ["第一条 每月补贴3元，连续补贴36个月。"]
    assert reading.warnings[0].startswith("pages that are images left out: 2;")


@pytest.mark.skipif(not engines_module.has_ocr(), reason="the extra 'ocr' is not installed")
def test_a_scanned_page_askew_is_read_with_its_table(tmp_path: Path):
    grey = Image.fromarray(drawn()).convert("L")
    written = Page().say("第一条 每月补贴3元，连续补贴36个月。")
    path = tmp_path / "扫描.pdf"
    path.write_bytes(pdf_of(written, Page().scan(grey.tobytes(), grey.size)))

    reading = read_file(path)

    words = [bare(block.text) for block in reading.blocks if block.kind is not BlockKind.TABLE]
    assert words == [
        "第一条每月补贴3元,连续补贴36个月。",
        bare(LINES[0]),
        bare(LINES[1] + LINES[2]),
    ]
    (table,) = [block for block in reading.blocks if block.rows]
    assert tuple(tuple(map(bare, row)) for row in table.rows) == ROWS
    assert table.page == 2
    assert reading.warnings[0] == "recognised from images; compare the figures with the original"


@pytest.mark.skipif(not engines_module.has_ocr(), reason="the extra 'ocr' is not installed")
def test_a_photo_taken_sideways_is_read(tmp_path: Path):
    path = tmp_path / "照片.jpg"
    out = io.BytesIO()
    Image.fromarray(np.rot90(drawn())).save(out, "JPEG", quality=80)
    path.write_bytes(out.getvalue())

    reading = read_file(path)

    assert reading.format == "picture"
    assert bare(reading.blocks[0].text) == bare(LINES[0])
    assert reading.blocks[0].page is None
