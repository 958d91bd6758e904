"""Days of the lunar calendar, festivals, holidays and make-up workdays that words can mean, seen from a day."""

from __future__ import annotations

from datetime import date, timedelta

from handlers import calendar_days
from handlers import spoken_days as days
from handlers.spoken_days import DAY, Days, Why

# "初六" in the last weeks of the lunar year is more likely the sixth of the new one.
BEFORE_NEW_YEAR = timedelta(days=45)
MAKEUP_AHEAD = 45  # make-up workdays lie within weeks of their holiday


def lunar_day(today: date, month_number: int, day: int, *, leap: bool = False, year: int | None = None) -> Days:
    """Read a lunar month and day: the next one; in a year that has the month twice both."""
    if (month_number, day) == (12, 30):  # the year's last day is called so in a short month as well
        return days.once_a_year(today, calendar_days.new_year_eve, year=year)
    if leap:
        return days.once_a_year(today, lambda each: calendar_days.solar(each, month_number, day, leap=True), reach=20)
    found = days.once_a_year(today, lambda each: calendar_days.solar(each, month_number, day), year=year)
    if len(found.spans) != 1:
        return found
    day_found = found.spans[0][0]
    lunar_year = calendar_days.lunar(day_found).year
    if calendar_days.leap_month(lunar_year) != month_number:
        return found
    try:
        again = calendar_days.solar(lunar_year, month_number, day, leap=True)
    except ValueError:
        return found
    return days.several([day_found, again], Why.LUNAR, "year")


def lunar_day_alone(today: date, day: int) -> Days:
    """Read 初六 without a month: the next one, around the Spring Festival that of the first month."""
    if not 1 <= day <= 30:
        return days.none(Why.IMPOSSIBLE)
    moon = calendar_days.lunar(today)
    coming = [today + number * DAY for number in range(120)]
    matching = [each for each in coming if calendar_days.lunar(each).day == day]
    if moon.month == 1 and moon.day > day:
        return Days(((matching[0], matching[0]),), Why.PAST, "month")
    if matching[0] == today:
        return days.several(matching[:2], Why.WHICH_DAY, "month")
    new_year = next(each for year in (0, 1) if (each := calendar_days.solar(today.year + year, 1, 1)) > today)
    if day <= 15 and new_year - today <= BEFORE_NEW_YEAR:
        return days.several([matching[0], calendar_days.solar(new_year.year, 1, day)], Why.LUNAR, "month")
    return days.one(matching[0], "month")


def new_year_eve(today: date) -> Days:
    return days.once_a_year(today, calendar_days.new_year_eve)


def solar_term(today: date, name: str) -> Days:
    return days.once_a_year(today, lambda year: calendar_days.solar_term(year, name))


def holiday_day(today: date, code: str, number: int) -> Days:
    """Read 国庆假期第二天 (-1 for its last day); None of a year whose list is not published is guessed."""
    found = _coming_holiday(today, code)
    if found is None:
        return days.none(Why.UNANNOUNCED)
    first, last = found
    day = last if number < 0 else first + (number - 1) * DAY
    return days.one(day, "year") if day <= last else days.none(Why.IMPOSSIBLE)


def holiday_span(today: date, code: str) -> Days:
    found = _coming_holiday(today, code)
    return days.span(*found) if found else days.none(Why.UNANNOUNCED)


def first_workday_after(today: date, code: str) -> Days:
    """Read 国庆后第一个工作日: the first day worked again after the holiday to come."""
    found = _coming_holiday(today, code)
    day = found[1] + DAY if found else None
    while day is not None and calendar_days.is_workday(day) is False:
        day += DAY
    return days.one(day, "year") if day and calendar_days.is_workday(day) else days.none(Why.UNANNOUNCED)


def makeup_day(today: date, number: int) -> Days:
    """Read 补班的周六: the Saturdays or Sundays of the next weeks that are worked in exchange (调休)."""
    coming = [today + count * DAY for count in range(MAKEUP_AHEAD)]
    found = [each for each in coming if each.weekday() == number and calendar_days.is_makeup(each)]
    return days.several(found, Why.WHICH_DAY) if found else days.none(Why.UNANNOUNCED)


def _coming_holiday(today: date, code: str) -> tuple[date, date] | None:
    for year in (today.year, today.year + 1):
        found = calendar_days.holiday_span(code, year)
        if found is None or found[1] >= today:
            return found
    return None
