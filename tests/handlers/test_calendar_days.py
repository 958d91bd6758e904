"""Working days as the State Council publishes them, and days of the lunar calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import calendar_days
from handlers.calendar_days import (
    by_law,
    holiday,
    holiday_span,
    is_announced,
    is_makeup,
    is_workday,
    lunar,
    lunar_words,
    new_year_eve,
    solar,
)

DAYS = st.dates(date(1901, 3, 1), date(2099, 12, 31))


def test_holidays_and_makeup_workdays_of_a_published_year() -> None:
    assert is_workday(date(2026, 10, 7)) is False  # a Wednesday in the National Day holiday
    assert is_workday(date(2026, 10, 10)) is True  # a Saturday worked for it
    assert is_makeup(date(2026, 10, 10))
    assert is_workday(date(2026, 10, 11)) is False  # an ordinary Sunday
    assert (is_workday(date(2026, 10, 12)), is_makeup(date(2026, 10, 12))) == (True, False)


def test_a_year_that_is_not_published_is_not_guessed() -> None:
    unknown = 2098
    assert not is_announced(unknown)
    assert is_workday(date(unknown, 3, 3)) is None
    assert is_workday(date(unknown, 3, 8)) is None  # a Saturday may be worked
    assert is_makeup(date(unknown, 3, 8)) is False


def test_holidays_by_law_are_off_before_the_list_is_published() -> None:
    assert is_workday(date(2098, 10, 1)) is False
    assert is_workday(solar(2098, 1, 3)) is False
    assert is_workday(new_year_eve(2097)) is False
    assert by_law(new_year_eve(2023)) is None  # no holiday by law before 2025


def test_the_last_days_of_a_year_wait_for_the_list_that_may_move_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_workday(date(2018, 12, 29)) is True
    monkeypatch.setattr(calendar_days, "_announced", lambda: frozenset(range(2004, 2019)))
    assert [is_workday(date(2018, 12, day)) for day in (28, 29, 30, 31)] == [True, None, None, None]


def test_every_holiday_by_law_is_a_day_off_in_the_published_lists() -> None:
    from chinese_calendar import is_workday as worked

    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(730)]
    assert [day for day in days if by_law(day) and worked(day)] == []


def test_names_of_holidays() -> None:
    assert [holiday(date(2026, 2, 20), language) for language in ("zh-Hans", "en")] == ["春节", "Spring Festival"]
    assert holiday(date(2026, 2, 14), "en") is None  # the workday before it
    assert holiday(date(2026, 3, 3), "en") is None


def test_a_holiday_with_the_weekend_that_touches_it() -> None:
    assert holiday_span("national", 2026) == (date(2026, 10, 1), date(2026, 10, 7))
    assert holiday_span("spring", 2026) == (date(2026, 2, 15), date(2026, 2, 23))
    assert holiday_span("new_year", 2024) == (date(2023, 12, 30), date(2024, 1, 1))
    assert holiday_span("national", 2098) is None


def test_lunar_days_in_words() -> None:
    assert lunar_words(date(2027, 2, 11)) == "正月初六"
    assert lunar_words(solar(2025, 6, 5, leap=True)) == "闰六月初五"
    with pytest.raises(ValueError):
        solar(2026, 12, 30)  # that month has 29 days


@given(DAYS)
def test_a_lunar_day_is_the_same_day_again(day: date) -> None:
    moon = lunar(day)
    assert solar(moon.year, moon.month, moon.day, leap=moon.leap) == day
