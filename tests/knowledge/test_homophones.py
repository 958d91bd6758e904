"""Questions as ears and keyboards slip, and classes that several files know."""

from __future__ import annotations

import pytest

from knowledge.answer import Kind
from tests.knowledge.county import County


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("标准场房的租今补多少", "第三条"),
        ("厂访租金补贴有几年", "第三条"),
        ("新社备购置奖励有多少", "第四条"),
        ("固定资产头资奖多少", "第五条"),
    ],
)
def test_a_word_written_as_it_sounds_is_understood(county: County, question: str, clause: str):
    found = county.asks(question)

    # So misspelt, a clause may be shown with the question whether it was meant.
    assert found.kind in (Kind.ANSWERED, Kind.CLARIFY)
    assert found.citations[0].clause == clause


@pytest.mark.parametrize(
    "question",
    ["买新机器补多少,一年封顶多少", "先交还是先补", "代办要不要给人意思意思", "一张床位", "is there any grant"],
)
def test_what_is_spelt_right_stays_as_it_is(county: County, question: str):
    assert county.index.respelt(question) == question


def test_a_class_that_several_files_know_is_asked_back_with_its_rows():
    county = County(
        {
            "住房.md": "望川县人才住房办法\n一、购房补助标准\n|类别|补助(万元)|\n|C类|20|\n|D类|12|",
            "医疗.md": "望川县人才医疗办法\n一、体检标准\n|类别|体检(元/年)|\n|C类|3000|\n|D类|2000|",
        }
    )

    asked = county.asks("D类能拿多少钱")
    assert (asked.kind, asked.topic) == (Kind.CLARIFY, "which_file")
    assert {c.file: c.rows[1] for c in asked.citations} == {"住房.md": ("D类", "12"), "医疗.md": ("D类", "2000")}

    told = county.asks("D类人才购房补助多少")
    assert (told.kind, told.citations[0].file) == (Kind.ANSWERED, "住房.md")
    assert told.citations[0].rows == (("类别", "补助(万元)"), ("D类", "12"))


def test_a_class_of_one_file_is_answered_from_it():
    county = County({"住房.md": "望川县人才住房办法\n一、购房补助标准\n|类别|补助(万元)|\n|C类|20|\n|D类|12|"})

    assert county.asks("D类能拿多少钱").citations[0].rows == (("类别", "补助(万元)"), ("D类", "12"))
