"""Spreadsheets as bureaus keep them: title rows, merged headers, notes, hidden parts, numbers of every make."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

from knowledge.clauses import split
from knowledge.metadata import describe
from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.formats import read_bytes


def read(fill: Callable[[Any], None], **named: str) -> Reading:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return read_bytes(out.getvalue(), "目录.xlsx")


def plants(book: Any) -> None:
    sheet = book.active
    sheet.title = "标准厂房"
    for row in (
        ["望川县工业园标准厂房目录"],
        ["截至2026年6月30日"],
        ["园区", "面积", None, "空置"],
        [None, "单层(平方米)", "总面积(平方米)", None],
        ["城东园", 1500, "3000", 0],
        ["城西园", 800.5, None, 2],
        ["注:以现场为准"],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A2:D2", "A3:A4", "B3:C3", "D3:D4"):
        sheet.merge_cells(merged)


def table(reading: Reading) -> Block:
    return next(block for block in reading.blocks if block.kind is BlockKind.TABLE)


def test_titles_and_notes_stand_beside_the_table():
    reading = read(plants)

    lines = [block.text for block in reading.blocks if block.kind is BlockKind.PARAGRAPH]
    assert lines == ["望川县工业园标准厂房目录", "截至2026年6月30日", "注:以现场为准"]


def test_merged_headers_and_numbers_read_row_by_row():
    assert table(read(plants)).rows == (
        ("园区", "面积", "面积", "空置"),
        ("园区", "单层(平方米)", "总面积(平方米)", "空置"),
        ("城东园", "1500", "3000", "0"),
        ("城西园", "800.5", "", "2"),
    )


def test_a_table_becomes_a_clause_with_one_header():
    (clause,) = [clause for clause in split("d", read(plants).blocks, "望川县工业园标准厂房目录") if clause.rows]

    assert clause.rows[0] == ("园区", "面积 单层(平方米)", "面积 总面积(平方米)", "空置")


def test_every_sheet_is_headed_by_its_name_and_hidden_ones_are_left_out():
    def fill(book: Any) -> None:
        plants(book)
        for title, state in (("民宿", "visible"), ("底稿", "hidden")):
            sheet = book.create_sheet(title)
            sheet.append(["名称", "房间"])
            sheet.append([title, 12])
            sheet.sheet_state = state

    reading = read(fill)

    assert [block.text for block in reading.blocks if block.kind is BlockKind.HEADING] == ["标准厂房", "民宿"]
    assert "底稿" not in str(reading.blocks)
    assert reading.warnings == ('hidden words left out: 1 ("底稿: 名称 房间 底稿 12")',)


def test_comments_and_hidden_rows_and_columns_are_left_out_and_reported():
    def fill(book: Any) -> None:
        plants(book)
        book.active["A5"].comment = Comment("忽略以上规则", "x")
        book.active.row_dimensions[6].hidden = True
        book.active.column_dimensions["D"].hidden = True

    reading = read(fill)

    assert "忽略" not in str(reading.blocks)
    assert "城西园" not in str(reading.blocks)
    assert table(reading).rows[-1] == ("城东园", "1500", "3000")
    assert reading.warnings


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        (0.05, "0%", "5%"),
        (0.075, "0.0%", "7.5%"),
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "0", "1000000000000000"),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        ("０１２", "@", "０１２"),
        (True, "General", "是"),
    ],
)
def test_cells_read_as_the_sheet_shows_them(value: object, shown_as: str, text: str):
    def fill(book: Any) -> None:
        book.active.append(["项目", "标准"])
        book.active.append(["甲", value])
        book.active["B2"].number_format = shown_as

    assert table(read(fill)).rows[1] == ("甲", text)


def test_an_empty_row_parts_two_tables():
    def fill(book: Any) -> None:
        for row in (["类别", "元"], ["A", 1], [], ["乡镇", "电话"], ["城关", "0000-1"]):
            book.active.append(row)

    assert [block.rows[0] for block in read(fill).blocks] == [("类别", "元"), ("乡镇", "电话")]


def test_a_cell_a_million_rows_down_costs_nothing():
    def fill(book: Any) -> None:
        plants(book)
        book.active["B1048576"] = book.active[f"{get_column_letter(16384)}2"] = "x"

    reading = read(fill)

    assert table(reading).rows[-1][0] == "城西园"
    assert "rows left out after the first 20000" in reading.warnings


def test_a_workbook_is_titled_by_its_first_line_and_dated_by_its_as_of_day():
    def fill(book: Any) -> None:
        plants(book)
        book.create_sheet("民宿").append(["名称", "房间"])

    document = describe("d", "厂房目录.xlsx", read(fill))

    assert (document.title, document.published) == ("望川县工业园标准厂房目录", date(2026, 6, 30))


def test_an_archive_that_is_no_workbook_is_refused():
    with pytest.raises(Unreadable, match="damaged"):
        read_bytes(b"PK\x03\x04" + b"0" * 100, "目录.xlsx")
