"""The day that counts: when the thing happened that a question is about, and when applications are taken."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answer import Kind
from knowledge.occasions import asks_for_history, occasion_in
from knowledge.windows import Window, window_state
from tests.knowledge.county import County
from tests.knowledge.test_amendments import FILES

TODAY = date(2026, 11, 24)
RENT = "回乡投资促进措施.docx"


@pytest.fixture(scope="module")
def amended() -> County:
    return County(FILES)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("我21年签的协议还算不算", date(2021, 1, 1), date(2021, 12, 31)),
        ("去年申报的租金补贴", date(2025, 1, 1), date(2025, 12, 31)),
        ("去年5月去的", date(2025, 5, 1), date(2025, 5, 31)),
        ("明年還有嗎", date(2027, 1, 1), date(2027, 12, 31)),
        ("2024年2月投产的", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025年7月2日买的设备", date(2025, 7, 2), date(2025, 7, 2)),
        ("23年底回来的", date(2023, 1, 1), date(2023, 12, 31)),
        ("上个月买的票", date(2026, 10, 1), date(2026, 10, 31)),
        ("12月买的票", date(2025, 12, 1), date(2025, 12, 31)),
        ("I signed in 2021", date(2021, 1, 1), date(2021, 12, 31)),
    ],
)
def test_the_time_a_question_speaks_of(question: str, first: date, last: date):
    found = occasion_in(question, TODAY)

    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "question",
    [
        "弹性年期20年怎么算",
        "先租后让最长几年",
        "满10年的能不能领",
        "租期20年的厂房",
        "连续补贴不超过36个月吗",
        "补几年",
    ],
)
def test_a_term_is_no_time(question: str):
    assert occasion_in(question, TODAY) is None


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.text(max_size=40))
def test_any_question_has_an_occasion_or_none(today: date, question: str):
    found = occasion_in(question, today)

    assert found is None or found.first <= found.last


@pytest.mark.parametrize(
    "question", ["以前租金补多少", "原来的标准是什么", "这个政策改了什么", "what did it used to be"]
)
def test_a_question_about_history_is_told(question: str):
    assert asks_for_history(question)


def test_an_event_under_a_repealed_file_gets_what_applied_then_and_now(county: County):
    found = county.asks("我21年租的园区厂房,租金补贴怎么算")

    assert (found.kind, found.topic, found.day) == (Kind.ANSWERED, "then", date(2021, 12, 31))
    assert [(c.file, c.clause, c.status) for c in found.citations][:2] == [
        ("招商引资优惠办法.txt", "第二条", "repealed"),
        (RENT, "第三条", "in_force"),
    ]


def test_an_event_before_a_supplement_keeps_its_figure_and_says_so(amended: County):
    found = amended.asks("今年5月去的,周末专家交通费每次报多少")

    first, second = found.citations[:2]
    assert (first.status, second.status) == ("superseded", "in_force")
    assert "每次最高800元" in first.quote
    assert "每次最高1200元" in second.quote


def test_an_event_under_todays_rules_is_a_plain_answer(county: County):
    found = county.asks("去年12月租的标准厂房,租金补贴怎么算")

    assert (found.topic, found.day) == ("", None)
    assert (found.citations[0].file, found.citations[0].clause) == (RENT, "第三条")


def test_what_ends_before_the_time_asked_about_is_said_to_end(amended: County):
    found = amended.asks("2028年6月小孩转学要什么材料")

    assert (found.topic, found.day) == ("ending", date(2028, 6, 1))
    assert found.citations[0].expires == date(2027, 12, 31)


def test_history_shows_the_words_before_a_correction_the_file_before_and_today(county: County):
    found = county.asks("厂房租金补贴以前是多少")

    assert found.topic == "history"
    assert [(c.file, c.status) for c in found.citations][:3] == [
        (RENT, "superseded"),
        (RENT, "in_force"),
        ("招商引资优惠办法.txt", "repealed"),
    ]
    assert "每月每平方米3元" in found.citations[0].quote
    assert "每月每平方米2元" in found.citations[1].quote


@pytest.mark.parametrize(
    ("on", "note"),
    [
        (date(2026, 9, 30), ("window_open", "2026-09-30")),
        (TODAY, ("window_next", "2027-09-01–2027-09-30")),
    ],
)
def test_a_clause_with_windows_says_whether_one_is_open(county: County, on: date, note: tuple[str, str]):
    found = county.asks("每年什么时候受理申报", on=on)

    assert note in next(c for c in found.citations if c.clause == "第七条").notes


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("申报窗口为每年3月1日至3月31日、9月1日至9月30日。", date(2027, 3, 1), date(2027, 3, 31)),
        ("每年12月1日至次年1月31日受理申报", date(2026, 12, 1), date(2027, 1, 31)),
        ("每年3月、9月集中受理申报", date(2027, 3, 1), date(2027, 3, 31)),
        ("报名时间为2026年12月1日至10日", date(2026, 12, 1), date(2026, 12, 10)),
    ],
)
def test_the_next_window_is_found(text: str, first: date, last: date):
    state = window_state(text, TODAY)

    assert state is not None
    assert (state.open, state.next) == (None, Window(first, last))


def test_a_window_with_its_year_does_not_come_round_again():
    state = window_state("报名时间2026年9月1日至9月30日", TODAY)

    assert state is not None
    assert (state.open, state.next) == (None, None)


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.dates(date(2023, 1, 1), date(2023, 12, 31)), st.integers(0, 90))
def test_a_yearly_window_is_open_on_exactly_its_days(on: date, first: date, days: int):
    last = first + timedelta(days=days)
    state = window_state(f"每年{first.month}月{first.day}日至{last.month}月{last.day}日受理", on)

    assert state is not None
    inside = (first.month, first.day) <= (on.month, on.day) <= (last.month, last.day)
    if (last.month, last.day) < (first.month, first.day):
        inside = (on.month, on.day) >= (first.month, first.day) or (on.month, on.day) <= (last.month, last.day)
    assert (state.open is not None) == inside
    assert state.next is not None
    assert state.next.first > on


def test_only_the_row_asked_for_is_shown_with_its_header():
    rows = "\n".join(f"|{letter}类|{(6 - i) * 1000}|" for i, letter in enumerate("ABCDE"))
    county = County({"津贴.md": f"望川县人才津贴目录\n一、标准\n|类别|津贴(元/月)|\n{rows}"})

    first = county.asks("D类人才津贴一个月多少").citations[0]
    assert first.rows == (("类别", "津贴(元/月)"), ("D类", "3000"))
    whole = county.asks("人才津贴目录的标准是什么").citations[0]
    assert len(whole.rows) == 6
