"""What the words for days come to: each reads a match of `spoken_day_words` from the day it was said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from handlers import spoken_days as days
from handlers import spoken_feast_days as feast_days
from handlers.spoken_days import Days, Why
from knowledge.numbering import to_int

WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
RELATIVE = {
    "今": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4, "昨": -1, "前": -2,
}  # fmt: skip
LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
HOLIDAYS = {"国庆": "national", "五一": "labour", "劳动": "labour", "春节": "spring", "元旦": "new_year",
            "清明": "qingming", "端午": "dragon_boat", "中秋": "mid_autumn"}  # fmt: skip

HOLIDAYS_IN_ENGLISH = {"nat": "national", "lab": "labour", "spr": "spring", "new": "new_year", "qin": "qingming",
                       "dra": "dragon_boat", "mid": "mid_autumn"}  # fmt: skip


def relative(m: re.Match[str], today: date) -> Days:
    part = {"早": "early", "晚": "evening", "夜": "evening"}.get(m[2], "")
    return replace(days.after_days(today, RELATIVE[m[1]]), part=part)


def on_weekday(m: re.Match[str], today: date) -> Days:
    number = WEEKDAYS[m[3]] if m[3] in WEEKDAYS else int(m[3]) - 1
    if m[1] == "下" and m[2]:  # 下个周三 may be the nearest Wednesday
        return days.next_weekday(today, number)
    weeks = weeks_of(m[1])
    return days.weekday(today, number) if weeks is None else days.weekday_of_week(today, number, weeks)


def on_weekend(m: re.Match[str], today: date) -> Days:
    return days.next_weekend(today) if m[1] == "下" and m[2] else days.weekend(today, weeks_of(m[1]))


def weeks_of(word: str | None) -> int | None:
    if not word:
        return None
    return {"上": -1, "下": 1}.get(word[0], 0) * len(word) if word[0] in "上下" else 0


def dated(m: re.Match[str], today: date) -> Days:
    year = year_of(m["year"], today)
    month, day = to_int(m["month"]), to_int(m["day"])
    if year is not None and year < 1901:
        return days.none(Why.IMPOSSIBLE)
    # "八月十五", "二月二": written without 号 it is as likely the lunar day.
    if m["year"] is None and not m["unit"] and not m["month"].isdigit():
        moon, sun = feast_days.lunar_day(today, month, day), days.date_of(today, month, day)
        return days.several([*(first for first, _ in sun.spans), *(first for first, _ in moon.spans)], Why.LUNAR)
    return days.date_of(today, month, day, year)


def year_of(said: str | None, today: date) -> int | None:
    if not said:
        return None
    named = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "this year": 0, "next year": 1, "last year": -1}
    if said in named:
        return today.year + named[said]
    number = int(re.sub(r"\D", "", said))
    return number if number > 99 else 2000 + number


def months_of(said: str) -> int:
    return {"上": -1, "下": 1}.get(said[0], 0) * (2 if said[:2] in ("下下", "上上") else 1)


def lunar_dated(m: re.Match[str], today: date) -> Days:
    month = LUNAR_MONTHS.get(m["month"]) or to_int(m["month"])
    day = lunar_number(m["day"])
    if not 1 <= month <= 12:
        return days.none(Why.IMPOSSIBLE)
    return feast_days.lunar_day(today, month, day, leap=bool(m["leap"]), year=year_of(m["year"], today))


def lunar_number(said: str) -> int:
    return to_int(said.replace("初", "").replace("廿", "二十").replace("二十十", "二十"))


def day_of_holiday(m: re.Match[str], today: date) -> Days:
    return feast_days.holiday_day(today, HOLIDAYS[m[1]], -1 if m[2] is None else to_int(m[2]))


def first_workday_after(m: re.Match[str], today: date) -> Days:
    return feast_days.first_workday_after(today, HOLIDAYS.get(m[1]) or HOLIDAYS_IN_ENGLISH[m[1][:3]])


def makeup_day(m: re.Match[str], today: date) -> Days:
    return feast_days.makeup_day(today, WEEKDAYS[m[1]])


def around_holiday(m: re.Match[str], today: date) -> Days:
    """Read 国庆, 春节, 过年 alone: a day, or the days around it; nobody can tell."""
    code = HOLIDAYS.get(m[0].removesuffix("节"), "spring")
    on = {"national": (10, 1), "labour": (5, 1)}.get(code)
    found = days.date_of(today, *on) if on else feast_days.lunar_day(today, 1, 1)
    return replace(found, why=Why.VAGUE)


def english_weekday(m: re.Match[str], today: date) -> Days:
    number = day_number(m[2])
    said = (m[1] or "").strip()
    if said == "next":
        return days.next_weekday(today, number)
    if said == "this":
        return days.this_weekday(today, number)
    if said == "last":
        return days.one(today - ((today.weekday() - number - 1) % 7 + 1) * days.DAY)
    return days.weekday(today, number)


def weeks_from(m: re.Match[str], today: date) -> Days:
    """Read "a week from Friday"."""
    start = days.after_days(today, 1) if m[2] else days.weekday(today, day_number(m[3]))
    return _later(start, 7 * int(m[1]))


def _later(start: Days, count: int) -> Days:
    ahead = count * days.DAY
    return replace(start, spans=tuple((first + ahead, last + ahead) for first, last in start.spans), weekday=None)


def a_week_after(m: re.Match[str], today: date) -> Days:
    """Read "Wednesday week", "Thursday fortnight": seven days after the day named."""
    named = 1 if m["tomorrow"] else 0
    start = days.weekday(today, day_number(m[3])) if m[3] else days.after_days(today, named)
    return _later(start, 14 if m["unit"] == "fortnight" else 7)


def today_in_weeks(m: re.Match[str], today: date) -> Days:
    return days.after_days(today, 7 * (to_int(m["count"]) if m["count"] else 1))


def english_week(m: re.Match[str], today: date) -> Days:
    return days.week(today, {"next": 1, "last": -1}.get(m[1], 0))


def english_weekend(m: re.Match[str], today: date) -> Days:
    said = (m[1] or "").strip()
    if said == "next":
        return days.next_weekend(today)
    return days.weekend(today, 0 if said == "this" else None)


def english_date(day: str, month: str, year: str | None, today: date) -> Days:
    return days.date_of(today, month_number(month), int(day), year_of(year, today))


def slashed(m: re.Match[str], today: date) -> Days:
    year = None if m[3] is None else year_of(m[3], today)
    return days.either_order(today, int(m[1]), int(m[2]), year)


def day_number(name: str) -> int:
    return ENGLISH_DAYS.index(name[:3])


def month_number(name: str) -> int:
    return ENGLISH_MONTHS.index(name[:3]) + 1


def ahead(m: re.Match[str], today: date) -> Days:
    """Read "in three days", 两周后: counted from today."""
    count, unit = to_int(m["count"]), m["unit"]
    if unit.startswith(("month", "个月")):
        return days.after_months(today, count)
    return days.after_days(
        today, count * (7 if unit.startswith(("week", "周", "个星期", "个礼拜", "星期", "礼拜")) else 1)
    )


def part_to_come(part: str, today: date) -> Days:
    found = days.part_of_month(days.month_start(today, 0), part)
    return found if found.spans[0][1] >= today else days.part_of_month(days.month_start(today, 1), part)


def part_of_named_month(m: re.Match[str], today: date) -> Days:
    found = days.month(today, to_int(m[1]))
    return days.part_of_month(found.spans[0][0], m[2].removeprefix("月")) if found.spans else found


def end_of_named_month(m: re.Match[str], today: date) -> Days:
    found = days.month(today, to_int(m[1]))
    return days.one(found.spans[0][1]) if found.spans else found


def whole_month(today: date, months: int) -> Days:
    first = days.month_start(today, months)
    return days.span(first, days.month_end(first))


def english_part_of_month(m: re.Match[str], today: date) -> Days:
    part = {"beginning": "初", "start": "初", "middle": "中"}.get(m[1], "底")
    return days.part_of_month(days.month_start(today, int(m[2] == "next")), part)
