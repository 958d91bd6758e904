"""What is true on a day: terms, repeals in later files, corrections that work back, files not yet in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.changes import changes_in
from knowledge.days import after_term, day_in
from knowledge.documents import Document, Relation, RelationKind, Visibility
from knowledge.metadata import BadManifest, describe
from knowledge.relations import relations_in
from knowledge.validity import Register, Status
from tests.knowledge.county import FILES, County, document, reading

TODAY = date(2026, 11, 24)


def test_a_file_is_described_from_its_text():
    found = document("回乡投资促进措施.docx")

    assert found.title == "望川县回乡投资促进措施"
    assert found.doc_no == "望政办发〔2025〕12号"
    assert found.issuer == "望川县人民政府办公室"
    assert found.office == "望川县工业和信息化局"
    assert (found.published, found.effective) == (date(2025, 3, 10), date(2025, 4, 1))
    assert found.expires == date(2030, 3, 31)
    assert found.relations == (Relation(RelationKind.REPEALS, "望川县招商引资优惠办法", "望政发〔2020〕6号"),)


def test_a_manifest_beats_the_text():
    entry = {"title": "别名", "expires": "2026-06-30", "visibility": "internal", "unknown": 1}

    found = describe("d", "f", reading(FILES["回乡投资促进措施.docx"]), entry)

    assert (found.title, found.expires, found.visibility) == ("别名", date(2026, 6, 30), Visibility.INTERNAL)
    assert found.doc_no == "望政办发〔2025〕12号"


@pytest.mark.parametrize("entry", [{"expires": "soon"}, {"visibility": "secret"}])
def test_a_manifest_that_cannot_be_read_says_which_value(entry):
    with pytest.raises(BadManifest, match=next(iter(entry.values()))):
        describe("d", "f", reading("第一条 甲。"), entry)


@pytest.mark.parametrize(
    ("file", "on", "status"),
    [
        ("回乡投资促进措施.docx", date(2025, 3, 31), Status.NOT_YET),
        ("回乡投资促进措施.docx", date(2025, 4, 1), Status.IN_FORCE),
        ("回乡投资促进措施.docx", date(2030, 3, 31), Status.IN_FORCE),
        ("回乡投资促进措施.docx", date(2030, 4, 1), Status.LAPSED),
        ("招商引资优惠办法.txt", date(2025, 3, 31), Status.IN_FORCE),
        ("招商引资优惠办法.txt", date(2025, 4, 1), Status.REPEALED),
        ("首次创业补助.txt", date(2024, 12, 31), Status.IN_FORCE),
        ("首次创业补助.txt", date(2025, 1, 1), Status.LAPSED),
    ],
)
def test_the_status_of_a_file_on_a_day(county: County, file, on, status):
    assert county.index.register.standing(document(file), on).status is status


def test_a_repeal_of_one_article_leaves_the_others():
    found = relations_in("某办法", "measures", ["《甲办法》(某政发〔2020〕1号)第三条、第五条同时废止。"])

    assert [relation.clause for relation in found] == ["第三条", "第五条"]


def test_what_is_named_after_the_verb_is_not_repealed():
    found = relations_in("某公告", "notice", ["《甲办法》自2025年1月1日起废止,有关事项按《乙办法》执行。"])

    assert found == (Relation(RelationKind.REPEALS, "甲办法", since=date(2025, 1, 1)),)


def test_a_file_that_says_another_stays_valid_repeals_nothing():
    assert relations_in("某通知", "notice", ["《甲办法》未废止,继续有效。"]) == ()


def test_a_later_edition_of_the_same_title_does_not_repeal_itself():
    old = Document("old", "old", "甲办法", published=date(2020, 1, 1), effective=date(2020, 1, 1))
    new = Document(
        "new",
        "new",
        "甲办法",
        published=date(2025, 1, 1),
        effective=date(2025, 2, 1),
        relations=(Relation(RelationKind.REPEALS, "甲办法"),),
    )
    register = Register([old, new], {})

    assert register.standing(old, date(2025, 1, 15)).status is Status.IN_FORCE
    assert register.standing(old, TODAY).status is Status.REPEALED
    assert register.standing(new, TODAY).status is Status.IN_FORCE


@pytest.mark.parametrize(
    "text",
    ["将“3元”更正为“2元”", "“3元”应为“2元”", "第三条中「3元」修改为「2元」", '"3元"改为:"2元"'],
)
def test_a_correction_names_old_and_new_words(text):
    assert [(change.old, change.new) for change in changes_in(text)] == [("3元", "2元")]


def test_a_correction_works_back_to_the_first_day_and_touches_only_its_article(county: County):
    by_label = {clause.label: clause for clause in county.index.clauses_of("回乡投资促进措施.docx")}

    rent, by = county.index.register.as_amended(by_label["第三条"], TODAY)
    assert "每月每平方米2元" in rent.text
    assert [(kind, source.file) for kind, source in by] == [(RelationKind.CORRECTS, "更正通知.txt")]
    assert county.index.register.as_amended(by_label["第四条"], TODAY) == (by_label["第四条"], ())


def test_before_a_correction_was_published_the_text_reads_as_issued(county: County):
    rent = next(c for c in county.index.clauses_of("回乡投资促进措施.docx") if c.label == "第三条")

    assert county.index.register.as_amended(rent, date(2025, 4, 19)) == (rent, ())


@given(st.dates(date(1990, 1, 1), date(2050, 12, 31)), st.integers(1, 9))
def test_a_term_of_years_ends_the_day_before_its_anniversary(start: date, years: int):
    end = after_term(start, f"{years}年")

    assert end is not None
    following = end + timedelta(days=1)
    assert following.year == start.year + years
    assert (following.month, following.day) == (start.month, start.day) or (start.month, start.day) == (2, 29)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_days_are_read_as_officials_write_them(day: date):
    digits = str.maketrans("0123456789", "〇一二三四五六七八九")
    assert day_in(f"自{day.year}年{day.month}月{day.day}日起") == day
    assert day_in(day.isoformat()) == day
    assert day_in(f"{str(day.year).translate(digits)}年{day.month}月{day.day}日") == day


def test_a_day_that_does_not_exist_is_no_day():
    assert day_in("2025年2月30日") is None
