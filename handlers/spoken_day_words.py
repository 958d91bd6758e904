"""The words for days in Chinese and English, each with the reading it calls for; used by `spoken_times`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from handlers import spoken_day_readings as readings
from handlers import spoken_days as days
from handlers import spoken_feast_days as feast_days
from handlers.spoken_day_readings import HOLIDAYS
from handlers.spoken_days import Days, Why
from knowledge.numbering import to_int

TAKEN = "\x00"  # stands where words have been read, so that nothing is read twice
# A number that stands in no longer one: "十五六号" is two days.
N = (
    r"(?:(?<!\d)\d{1,3}|(?<![零〇一二两三四五六七八九十])"
    r"(?:[二三四五]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九]))"
)
WEEK = r"(?:周|星期|礼拜)"
DAY_NAME = r"(mon(?:day)?|tues?(?:day)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
MONTH_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
NTH = r"(\d{1,2})(?:st|nd|rd|th)"
HOLIDAY = "(" + "|".join(HOLIDAYS) + ")节?"
FIXED = {
    r"元旦|new year'?s day(?! of)": (1, 1),
    r"劳动节|五一(?:当天|那天)|labou?r day|may day": (5, 1),
    r"国庆节?(?:当天|那天)|国庆节|national day": (10, 1),
    r"圣诞节?(?:当天|那天)?|\b(?:christmas|xmas)(?: day)?\b(?! eve)": (12, 25),
    r"平安夜|\b(?:christmas|xmas) eve\b": (12, 24),
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
# Of the 24 solar terms those that are no everyday words; 大雪 is weather more often than a day.
TERMS = {r"清明节?|qingming(?: festival)?": "清明"} | {name: name for name in (
    "立春", "惊蛰", "春分", "谷雨", "立夏", "芒种", "夏至", "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露",
    "霜降", "立冬", "冬至", "小寒", "大寒")}  # fmt: skip

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
    _rule(rf"再?过(?P<count>{N})(?P<unit>天|个?星期|个?礼拜|个月)(?!以?之?[前内后])", readings.ahead),
    _rule(
        rf"(?P<count>{N})(?P<unit>周|个?星期|个?礼拜)(?:以后|之后|后)的?今天|下(?:周|个?星期|个?礼拜)的?今天",
        readings.today_in_weeks,
    ),
    _rule(rf"(?:再?过)?(?P<count>{N})\s*(?P<unit>天|周|个?星期|个?礼拜|个月)(?:以后|之后|过后|后)", readings.ahead),
    _rule(r"\bin (?P<count>\d{1,3}) (?P<unit>days?|weeks?|months?)(?:'? time)?\b", readings.ahead),
    _rule(r"\b(?P<count>\d{1,3}) (?P<unit>days?|weeks?|months?) from (?:now|today)\b", readings.ahead),
    _rule(rf"\b(\d{{1,2}}) weeks? (?:from |on )*(?:(tomorrow)|{DAY_NAME}\b)", readings.weeks_from),
    _rule(
        rf"\b(?:(?P<tomorrow>tomorrow)|(?P<today>today)|{DAY_NAME}) (?P<unit>week|fortnight)\b",
        readings.a_week_after,
    ),
    _rule(r"\b(?P<count>\d{1,2}) (?P<unit>weeks?) today\b", readings.ahead),
    _rule(r"(?<!\d)(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?P<unit>)(?!\d)", readings.dated),
    _rule(
        r"(?<!\d)(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})(?P<unit>)(?!\d)",
        readings.dated,
    ),
    _rule(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])", readings.slashed),
    # Festivals and holidays.
    _rule(rf"{HOLIDAY}(?:假期|长假|放假|期间|黄金周)?的?(?:第({N})天|最后一天)", readings.day_of_holiday),
    _rule(rf"{HOLIDAY}(?:假期|长假|放假|期间|黄金周)", lambda m, today: feast_days.holiday_span(today, HOLIDAYS[m[1]])),
    _rule(rf"{HOLIDAY}(?:假期|长假|放假)?(?:过?完?以?之?后)的?(?:第一|头一?)个工作日", readings.first_workday_after),
    _rule(
        r"\b(?:the )?first (?:working|business|work) ?day after (?:the )?(national day|labou?r day|new year'?s day"
        r"|qingming|(?:spring|dragon boat|mid-?autumn) festival)(?: holidays?)?\b",
        readings.first_workday_after,
    ),
    _rule(rf"(?:补班|调休上班)的?(?:[那这]个?)?{WEEK}([六日天])", readings.makeup_day),
    _rule(
        r"\b(?:the )?(\d{1,2})(?:st|nd|rd|th) day of (?:the )?(?:chinese|lunar) new year\b",
        lambda m, today: feast_days.lunar_day(today, 1, int(m[1])),
    ),
    _on_day(r"大年三十|年三十|除夕夜?|(?:the )?\b(?:chinese|lunar) new year'?s eve", feast_days.new_year_eve),
    *(_on_day(pattern, feast_days.lunar_day, *on) for pattern, on in LUNAR.items()),
    *(_on_day(pattern, days.date_of, *on) for pattern, on in FIXED.items()),
    *(_on_day(pattern, feast_days.solar_term, name) for pattern, name in TERMS.items()),
    _rule(r"(雨水|小满|小雪|大雪)(?:那天|当天|节气)", lambda m, today: feast_days.solar_term(today, m[1])),
    _rule(rf"(?<!个)({N})月份?的?最后一天", readings.end_of_named_month),
    _rule(r"小年夜?|年底|年末|年初(?![一二三四五六七八九十])|年中|年前|年后", lambda m, today: days.none(Why.VAGUE)),
    _rule(r"国庆|五一|春节|过年|\b(?:the )?(?:spring festival|(?:chinese|lunar) new year)\b", readings.around_holiday),
    # Lunar days.
    _rule(
        rf"{YEAR}(?:农历|阴历|旧历)的?\s*(?P<leap>闰)?(?P<month>[正腊冬]|{N})月\s*(?P<day>初?{N}|廿{N})[日号]?",
        readings.lunar_dated,
    ),
    _rule(rf"{YEAR}(?P<leap>闰)?(?P<month>[正腊冬])月\s*(?P<day>初?{N}|廿{N})", readings.lunar_dated),
    _rule(rf"{YEAR}(?P<leap>闰)?(?P<month>{N})月\s*(?P<day>初{N}|廿{N})", readings.lunar_dated),
    _rule(rf"(?:大年|年)初({N})", lambda m, today: feast_days.lunar_day(today, 1, to_int(m[1]))),
    _rule(
        r"(?<!月)(初[一二三四五六七八九十]|廿[一二三四五六七八九])",
        lambda m, today: feast_days.lunar_day_alone(today, readings.lunar_number(m[1])),
    ),
    # Dates and months.
    _rule(rf"{YEAR}(?P<month>{N})\s*月\s*(?P<day>{N})\s*(?P<unit>[日号]?)(?!\s*[月个天])", readings.dated),
    _rule(
        rf"(?:{OF_MONTH}|月[底末]的?)最后一天",
        lambda m, today: days.one(days.month_end(days.month_start(today, readings.months_of(m[1] or "这"))), "month"),
    ),
    _rule(
        rf"{OF_MONTH}{PART_OF_MONTH}",
        lambda m, today: days.part_of_month(days.month_start(today, readings.months_of(m[1])), m[2].removeprefix("月")),
    ),
    _rule(rf"(?<!个)({N})月份?的?{PART_OF_MONTH}", readings.part_of_named_month),
    _rule(r"月(底|末|初|中)(?![午秋])|(上旬|中旬|下旬)", lambda m, today: readings.part_to_come(m[1] or m[2], today)),
    _rule(rf"{OF_MONTH}({N})[号日]", lambda m, today: days.day_of_month(today, to_int(m[2]), readings.months_of(m[1]))),
    _rule(r"((?:下+|上+|这|本)个?)月", lambda m, today: readings.whole_month(today, readings.months_of(m[1]))),
    _rule(
        rf"{YEAR}(?P<month>{N})月份?",
        lambda m, today: days.month(today, to_int(m["month"]), readings.year_of(m["year"], today)),
    ),
    _rule(rf"(?<![点时\d周期拜])({N})[号日](?![楼线码])", lambda m, today: days.day_of_month(today, to_int(m[1]))),
    _rule(
        rf"\b{NTH} (?:of )?{MONTH_NAME}(?:,? (\d{{4}}))?(?![:\d])",
        lambda m, today: readings.english_date(m[1], m[2], m[3], today),
    ),
    _rule(
        rf"\b(\d{{1,2}}) (?:of )?{MONTH_NAME}(?:,? (\d{{4}}))?(?![:\da-z])",
        lambda m, today: readings.english_date(m[1], m[2], m[3], today),
    ),
    _rule(
        rf"\b{MONTH_NAME} (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?(?!\d|:| ?[ap]\.?m)",
        lambda m, today: readings.english_date(m[2], m[1], m[3], today),
    ),
    _rule(r"\b(?:the )?(beginning|start|middle|end) of (?:the|this|(next)) month\b", readings.english_part_of_month),
    _rule(
        rf"\b(?:the )?{NTH}(?: of (this|next) month)?\b(?! (?:floor|time|visit|grade|year|street|class|{DAY_NAME[1:]})",
        lambda m, today: days.day_of_month(today, int(m[1]), {"this": 0, "next": 1}.get(m[2])),
    ),
    _rule(r"\b(next|this) month\b", lambda m, today: readings.whole_month(today, int(m[1] == "next"))),
    _rule(
        rf"\b(?:in|during) {MONTH_NAME}(?: (\d{{4}}))?\b",
        lambda m, today: days.month(today, readings.month_number(m[1]), int(m[2]) if m[2] else None),
    ),
    # Weeks and weekdays.
    _rule(rf"(下+|上+|这|本|今)?(个)?{WEEK}的?(?:{WEEK})?(六日|六[和与跟、]?{WEEK}[日天]|末)", readings.on_weekend),
    _rule(rf"(下+|上+|这|本|今)?(个)?{WEEK}的?(?:{WEEK})?{WEEKDAY}儿?", readings.on_weekday),
    _rule(rf"(下+|上+|这|本)(?:一)?个?{WEEK}", lambda m, today: days.week(today, readings.weeks_of(m[1]) or 0)),
    _rule(r"双休日", lambda m, today: days.weekend(today, None)),
    _rule(
        rf"\bnext week(?:'s| on)? {DAY_NAME}\b",
        lambda m, today: days.weekday_of_week(today, readings.day_number(m[1]), 1),
    ),
    _rule(
        rf"\b(?:on )?{DAY_NAME} (?:of )?next week\b",
        lambda m, today: days.weekday_of_week(today, readings.day_number(m[1]), 1),
    ),
    _rule(rf"\b(?:on )?(?:(next|this|last|this coming|coming) )?{DAY_NAME}\b", readings.english_weekday),
    _rule(r"\b(?:over |on |at )?(?:(?:the )?(next|this|this coming|coming|the) )?weekend\b", readings.english_weekend),
    _rule(r"\b(next|this|last) week\b", readings.english_week),
    # Days counted from today.
    _rule(r"[今明]明?后?(?:两|二)?天(?<!今天)(?<!明天)", lambda m, today: days.none(Why.SEVERAL)),
    _rule(r"(大大后|大后|今|明|后|昨|前)(?:[天日]|儿(?!子)个?|(早|晚|夜)(?:上|里)?(?![饭餐]))", readings.relative),
    _rule(r"\b(?:the )?day after tomorrow\b", lambda m, today: days.after_days(today, 2)),
    _rule(r"\b(?:tomorrow)\b", lambda m, today: days.after_days(today, 1)),
    _rule(r"\b(?:tonight|this evening)\b", lambda m, today: replace(days.after_days(today, 0), part="evening")),
    _rule(r"\bthis (morning|afternoon)\b", lambda m, today: replace(days.after_days(today, 0), part=m[1])),
    _rule(r"\btoday\b", lambda m, today: days.after_days(today, 0)),
    _rule(r"\b(?:yesterday|last night)\b", lambda m, today: days.after_days(today, -1)),
)
