"""The words for days in Chinese and English, each with the reading it calls for; used by `spoken_times`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from handlers import spoken_days as days
from handlers.spoken_days import Days, Why
from knowledge.numbering import to_int

TAKEN = "\x00"  # stands where words have been read, so that nothing is read twice
# A number that stands in no longer one: "十五六号" is two days.
N = (
    r"(?:(?<!\d)\d{1,3}|(?<![零〇一二两三四五六七八九十])"
    r"(?:[二三四五]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九]))"
)
WEEK = r"(?:周|星期|礼拜)"
WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_NAME = r"(mon(?:day)?|tues?(?:day)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
MONTH_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
NTH = r"(\d{1,2})(?:st|nd|rd|th)"
RELATIVE = {
    "今": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4, "昨": -1, "前": -2,
}  # fmt: skip
LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
HOLIDAYS = {"国庆": "national", "五一": "labour", "劳动": "labour", "春节": "spring", "元旦": "new_year",
            "清明": "qingming", "端午": "dragon_boat", "中秋": "mid_autumn"}  # fmt: skip
HOLIDAY = "(" + "|".join(HOLIDAYS) + ")节?"
FIXED = {
    r"元旦|new year'?s day(?! of)": (1, 1),
    r"劳动节|五一(?:当天|那天)|labou?r day|may day": (5, 1),
    r"国庆节?(?:当天|那天)|国庆节|national day": (10, 1),
    r"圣诞节?(?:当天|那天)?|christmas(?: day)?(?! eve)|xmas": (12, 25),
    r"平安夜|christmas eve": (12, 24),
}
LUNAR = {
    r"大年初一|春节(?:当天|那天)|(?:the )?(?:chinese|lunar) new year'?s? day": (1, 1),
    r"元宵节?|上元节|(?:the )?lantern festival": (1, 15),
    r"端午节?|(?:the )?dragon boat festival": (5, 5),
    r"七夕节?": (7, 7),
    r"中秋节?|(?:the )?mid-?autumn(?: festival)?": (8, 15),
    r"(?:九九)?重阳节?|(?:the )?double ninth(?: festival)?": (9, 9),
    r"腊八节?": (12, 8),
}
TERMS = {r"清明节?|qingming(?: festival)?": "清明", r"冬至": "冬至"}

Reader: TypeAlias = Callable[[re.Match[str], date], Days]


@dataclass(frozen=True, slots=True)
class Found:
    """Words for a day: where they stand, and what they mean seen from a day."""

    start: int
    end: int
    read: Callable[[date], Days]


def find_days(text: str) -> tuple[list[Found], str]:
    """Find all words for days in a normalised text, in their order; the text comes back with them taken out."""
    found = []
    for pattern, reader in RULES:
        for match in pattern.finditer(text):
            if TAKEN not in match[0]:
                found.append(Found(*match.span(), lambda today, m=match, r=reader: r(m, today)))  # type: ignore[misc]
                text = text[: match.start()] + TAKEN * (match.end() - match.start()) + text[match.end() :]
    return sorted(found, key=lambda each: each.start), text


def _relative(m: re.Match[str], today: date) -> Days:
    part = {"早": "early", "晚": "evening", "夜": "evening"}.get(m[2], "")
    return replace(days.after_days(today, RELATIVE[m[1]]), part=part)


def _weekday(m: re.Match[str], today: date) -> Days:
    number = WEEKDAYS[m[3]] if m[3] in WEEKDAYS else int(m[3]) - 1
    if m[1] == "下" and m[2]:  # 下个周三 may be the nearest Wednesday
        return days.next_weekday(today, number)
    weeks = _weeks(m[1])
    return days.weekday(today, number) if weeks is None else days.weekday_of_week(today, number, weeks)


def _weekend(m: re.Match[str], today: date) -> Days:
    return days.next_weekend(today) if m[1] == "下" and m[2] else days.weekend(today, _weeks(m[1]))


def _weeks(word: str | None) -> int | None:
    if not word:
        return None
    return {"上": -1, "下": 1}.get(word[0], 0) * len(word) if word[0] in "上下" else 0


def _date(m: re.Match[str], today: date) -> Days:
    year = _year(m["year"], today)
    month, day = to_int(m["month"]), to_int(m["day"])
    if year is not None and year < 1901:
        return days.none(Why.IMPOSSIBLE)
    # "八月十五", "二月二": written without 号 it is as likely the lunar day.
    if m["year"] is None and not m["unit"] and not m["month"].isdigit():
        moon, sun = days.lunar_day(today, month, day), days.date_of(today, month, day)
        return days.several([*(first for first, _ in sun.spans), *(first for first, _ in moon.spans)], Why.LUNAR)
    return days.date_of(today, month, day, year)


def _year(said: str | None, today: date) -> int | None:
    if not said:
        return None
    named = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "this year": 0, "next year": 1, "last year": -1}
    if said in named:
        return today.year + named[said]
    number = int(re.sub(r"\D", "", said))
    return number if number > 99 else 2000 + number


def _months(said: str) -> int:
    return {"上": -1, "下": 1}.get(said[0], 0) * (2 if said[:2] in ("下下", "上上") else 1)


def _lunar(m: re.Match[str], today: date) -> Days:
    month = LUNAR_MONTHS.get(m["month"]) or to_int(m["month"])
    day = _lunar_number(m["day"])
    if not 1 <= month <= 12:
        return days.none(Why.IMPOSSIBLE)
    return days.lunar_day(today, month, day, leap=bool(m["leap"]), year=_year(m["year"], today))


def _lunar_number(said: str) -> int:
    return to_int(said.replace("初", "").replace("廿", "二十").replace("二十十", "二十"))


def _holiday_number(m: re.Match[str], today: date) -> Days:
    return days.holiday_day(today, HOLIDAYS[m[1]], -1 if m[2] is None else to_int(m[2]))


def _holiday_alone(m: re.Match[str], today: date) -> Days:
    """Read 国庆, 春节, 过年 alone: a day, or the days around it; nobody can tell."""
    code = HOLIDAYS.get(m[0].removesuffix("节"), "spring")
    on = {"national": (10, 1), "labour": (5, 1)}.get(code)
    found = days.date_of(today, *on) if on else days.lunar_day(today, 1, 1)
    return replace(found, why=Why.VAGUE)


def _english_weekday(m: re.Match[str], today: date) -> Days:
    number = _day_number(m[2])
    said = (m[1] or "").strip()
    if said == "next":
        return days.next_weekday(today, number)
    if said == "this":
        return days.this_weekday(today, number)
    if said == "last":
        return days.one(today - ((today.weekday() - number - 1) % 7 + 1) * days.DAY)
    return days.weekday(today, number)


def _week_from(m: re.Match[str], today: date) -> Days:
    """Read "a week from Friday"."""
    start = days.after_days(today, 1) if m[2] else days.weekday(today, _day_number(m[3]))
    ahead = 7 * int(m[1]) * days.DAY
    return replace(start, spans=tuple((first + ahead, last + ahead) for first, last in start.spans), weekday=None)


def _english_week(m: re.Match[str], today: date) -> Days:
    return days.week(today, {"next": 1, "last": -1}.get(m[1], 0))


def _english_weekend(m: re.Match[str], today: date) -> Days:
    said = (m[1] or "").strip()
    if said == "next":
        return days.next_weekend(today)
    return days.weekend(today, 0 if said == "this" else None)


def _english_date(day: str, month: str, year: str | None, today: date) -> Days:
    return days.date_of(today, _month_number(month), int(day), _year(year, today))


def _slashed(m: re.Match[str], today: date) -> Days:
    year = None if m[3] is None else _year(m[3], today)
    return days.either_order(today, int(m[1]), int(m[2]), year)


def _day_number(name: str) -> int:
    return ENGLISH_DAYS.index(name[:3])


def _month_number(name: str) -> int:
    return ENGLISH_MONTHS.index(name[:3]) + 1


def _ahead(m: re.Match[str], today: date) -> Days:
    """Read "in three days", 两周后: counted from today."""
    count, unit = to_int(m["count"]), m["unit"]
    if unit.startswith(("month", "个月")):
        return days.after_months(today, count)
    return days.after_days(
        today, count * (7 if unit.startswith(("week", "周", "个星期", "个礼拜", "星期", "礼拜")) else 1)
    )


def _part_to_come(part: str, today: date) -> Days:
    found = days.part_of_month(days.month_start(today, 0), part)
    return found if found.spans[0][1] >= today else days.part_of_month(days.month_start(today, 1), part)


def _part_of_named_month(m: re.Match[str], today: date) -> Days:
    found = days.month(today, to_int(m[1]))
    return days.part_of_month(found.spans[0][0], m[2].removeprefix("月")) if found.spans else found


def _whole_month(today: date, months: int) -> Days:
    first = days.month_start(today, months)
    return days.span(first, days.month_end(first))


def _english_part_of_month(m: re.Match[str], today: date) -> Days:
    part = {"beginning": "初", "start": "初", "middle": "中"}.get(m[1], "底")
    return days.part_of_month(days.month_start(today, int(m[2] == "next")), part)


def _rule(pattern: str, reader: Reader) -> tuple[re.Pattern[str], Reader]:
    return re.compile(pattern), reader


def _on_day(pattern: str, find: Callable[..., Days], *on: object) -> tuple[re.Pattern[str], Reader]:
    """Make a rule for words that stand for one day of the year."""
    return _rule(pattern, lambda m, today: find(today, *on))


YEAR = r"(?:(?P<year>\d{4}年|(?<!\d)\d{2}年|今年|明年|后年|去年)的?\s*)?"
OF_MONTH = r"((?:下+|上+|这|本)个?)月的?"
PART_OF_MONTH = r"(上旬|中旬|下旬|月?底|月?末|月?初(?![一二三四五六七八九十])|月?中(?![午秋旬]))"
WEEKDAY = r"([一二三四五六日天](?![点月号])|[1-7](?![\d点:月号]))"
# In this order: what is longer and surer comes first.
RULES: tuple[tuple[re.Pattern[str], Reader], ...] = (
    _rule(r"再?过(?:几|两)[天日周]", lambda m, today: days.none(Why.VAGUE)),
    _rule(rf"(?:再?过)?(?P<count>{N})\s*(?P<unit>天|周|个?星期|个?礼拜|个月)(?:以后|之后|过后|后)", _ahead),
    _rule(r"\bin (?P<count>\d{1,3}) (?P<unit>days?|weeks?|months?)(?:'? time)?\b", _ahead),
    _rule(r"\b(?P<count>\d{1,3}) (?P<unit>days?|weeks?|months?) from (?:now|today)\b", _ahead),
    _rule(rf"\b(\d{{1,2}}) weeks? from (?:on )?(?:(tomorrow)|{DAY_NAME}\b)", _week_from),
    _rule(r"(?<!\d)(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})(?P<unit>)(?!\d)", _date),
    _rule(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])", _slashed),
    # Festivals and holidays.
    _rule(rf"{HOLIDAY}(?:假期|长假|放假|期间|黄金周)?的?(?:第({N})天|最后一天)", _holiday_number),
    _rule(rf"{HOLIDAY}(?:假期|长假|放假|期间|黄金周)", lambda m, today: days.holiday_span(today, HOLIDAYS[m[1]])),
    _on_day(r"大年三十|年三十|除夕夜?|(?:the )?\b(?:chinese|lunar) new year'?s eve", days.new_year_eve),
    *(_on_day(pattern, days.lunar_day, *on) for pattern, on in LUNAR.items()),
    *(_on_day(pattern, days.date_of, *on) for pattern, on in FIXED.items()),
    *(_on_day(pattern, days.solar_term, name) for pattern, name in TERMS.items()),
    _rule(r"小年夜?|年底|年末|年初(?![一二三四五六七八九十])|年中|年前|年后", lambda m, today: days.none(Why.VAGUE)),
    _rule(r"国庆|五一|春节|过年|\b(?:the )?(?:spring festival|(?:chinese|lunar) new year)\b", _holiday_alone),
    # Lunar days.
    _rule(
        rf"{YEAR}(?:农历|阴历|旧历)的?\s*(?P<leap>闰)?(?P<month>[正腊冬]|{N})月\s*(?P<day>初?{N}|廿{N})[日号]?", _lunar
    ),
    _rule(rf"{YEAR}(?P<leap>闰)?(?P<month>[正腊冬])月\s*(?P<day>初?{N}|廿{N})", _lunar),
    _rule(rf"{YEAR}(?P<leap>闰)?(?P<month>{N})月\s*(?P<day>初{N}|廿{N})", _lunar),
    _rule(rf"(?:大年|年)初({N})", lambda m, today: days.lunar_day(today, 1, to_int(m[1]))),
    _rule(
        r"(?<!月)(初[一二三四五六七八九十]|廿[一二三四五六七八九])",
        lambda m, today: days.lunar_day_alone(today, _lunar_number(m[1])),
    ),
    # Dates and months.
    _rule(rf"{YEAR}(?P<month>{N})\s*月\s*(?P<day>{N})\s*(?P<unit>[日号]?)(?!\s*[月个天])", _date),
    _rule(
        rf"{OF_MONTH}{PART_OF_MONTH}",
        lambda m, today: days.part_of_month(days.month_start(today, _months(m[1])), m[2].removeprefix("月")),
    ),
    _rule(rf"(?<!个)({N})月份?的?{PART_OF_MONTH}", _part_of_named_month),
    _rule(r"月(底|末|初|中)(?![午秋])|(上旬|中旬|下旬)", lambda m, today: _part_to_come(m[1] or m[2], today)),
    _rule(
        rf"{OF_MONTH}最后一天",
        lambda m, today: days.one(days.month_end(days.month_start(today, _months(m[1]))), "month"),
    ),
    _rule(rf"{OF_MONTH}({N})[号日]", lambda m, today: days.day_of_month(today, to_int(m[2]), _months(m[1]))),
    _rule(r"((?:下+|上+|这|本)个?)月", lambda m, today: _whole_month(today, _months(m[1]))),
    _rule(
        rf"{YEAR}(?P<month>{N})月份?", lambda m, today: days.month(today, to_int(m["month"]), _year(m["year"], today))
    ),
    _rule(rf"(?<![点时\d])({N})[号日](?![楼线码])", lambda m, today: days.day_of_month(today, to_int(m[1]))),
    _rule(
        rf"\b{NTH} (?:of )?{MONTH_NAME}(?:,? (\d{{4}}))?(?![:\d])",
        lambda m, today: _english_date(m[1], m[2], m[3], today),
    ),
    _rule(
        rf"\b(\d{{1,2}}) (?:of )?{MONTH_NAME}(?:,? (\d{{4}}))?(?![:\da-z])",
        lambda m, today: _english_date(m[1], m[2], m[3], today),
    ),
    _rule(
        rf"\b{MONTH_NAME} (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?(?!\d|:| ?[ap]\.?m)",
        lambda m, today: _english_date(m[2], m[1], m[3], today),
    ),
    _rule(r"\b(?:the )?(beginning|start|middle|end) of (?:the|this|(next)) month\b", _english_part_of_month),
    _rule(
        rf"\b(?:the )?{NTH}(?: of (this|next) month)?\b(?! (?:floor|time|visit|grade|year|street|class))",
        lambda m, today: days.day_of_month(today, int(m[1]), {"this": 0, "next": 1}.get(m[2])),
    ),
    _rule(r"\b(next|this) month\b", lambda m, today: _whole_month(today, int(m[1] == "next"))),
    _rule(
        rf"\b(?:in|during) {MONTH_NAME}(?: (\d{{4}}))?\b",
        lambda m, today: days.month(today, _month_number(m[1]), int(m[2]) if m[2] else None),
    ),
    # Weeks and weekdays.
    _rule(rf"(下+|上+|这|本|今)?(个)?{WEEK}的?(?:{WEEK})?(六日|六[和与跟、,]?{WEEK}[日天]|末)", _weekend),
    _rule(rf"(下+|上+|这|本|今)?(个)?{WEEK}的?(?:{WEEK})?{WEEKDAY}", _weekday),
    _rule(rf"(下+|上+|这|本)(?:一)?个?{WEEK}", lambda m, today: days.week(today, _weeks(m[1]) or 0)),
    _rule(r"双休日", lambda m, today: days.weekend(today, None)),
    _rule(rf"\bnext week(?:'s| on)? {DAY_NAME}\b", lambda m, today: days.weekday_of_week(today, _day_number(m[1]), 1)),
    _rule(
        rf"\b(?:on )?{DAY_NAME} (?:of )?next week\b", lambda m, today: days.weekday_of_week(today, _day_number(m[1]), 1)
    ),
    _rule(rf"\b(?:on )?(?:(next|this|last|this coming|coming) )?{DAY_NAME}\b", _english_weekday),
    _rule(r"\b(?:over |on |at )?(?:(?:the )?(next|this|this coming|coming|the) )?weekend\b", _english_weekend),
    _rule(r"\b(next|this|last) week\b", _english_week),
    # Days counted from today.
    _rule(r"[今明]明?后?(?:两|二)?天(?<!今天)(?<!明天)", lambda m, today: days.none(Why.SEVERAL)),
    _rule(r"(大大后|大后|今|明|后|昨|前)(?:[天日]|儿(?!子)|(早|晚|夜)(?:上|里)?(?![饭餐]))", _relative),
    _rule(r"\b(?:the )?day after tomorrow\b", lambda m, today: days.after_days(today, 2)),
    _rule(r"\b(?:tomorrow|tmrw?|tmw)\b", lambda m, today: days.after_days(today, 1)),
    _rule(r"\b(?:tonight|this evening)\b", lambda m, today: replace(days.after_days(today, 0), part="evening")),
    _rule(r"\bthis (morning|afternoon)\b", lambda m, today: replace(days.after_days(today, 0), part=m[1])),
    _rule(r"\btoday\b", lambda m, today: days.after_days(today, 0)),
    _rule(r"\b(?:yesterday|last night)\b", lambda m, today: days.after_days(today, -1)),
)
