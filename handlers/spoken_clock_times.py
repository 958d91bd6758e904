"""Clock times in words, Chinese and English: found in a text, and the minutes of the day each can mean.

Minutes may pass 1440: "晚上一点" is the hour after the midnight that ends the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.spoken_day_words import TAKEN, N
from handlers.spoken_days import Why
from knowledge.numbering import to_int

HOUR, NOON, MIDNIGHT = 60, 720, 1440
TO = r"\s*(?:-|到|至|\bto\b|\btill?\b|\buntil\b|\band\b)\s*"  # between the two times of a range
_MINUTES = (
    r"(?:\s*(?:(?P<half>半)|(?P<quarters>[一三13])刻"
    r"|过?(?P<minutes>\d{1,2}分|\d{2}(?!\s*[号日月天周个人位点时度])|[二三四五]?十[一二三四五六七八九]?分?|[零〇][一二三四五六七八九]分?"
    r"|[一二三四五六七八九]分)))?"
)
# What may follow a bare number that is a time ("at 3, please"); anything else may be counted by it ("about 2 acres").
_THEN = (
    rf"(?=\s*(?:$|[,;?!)]|\.(?!\d)|{TAKEN}|-"
    r"|(?:on|in the|or so|please|if|my|your|beijing|china|local|works|is|ok|and|to|till?|until"
    r"|then|would|will|could|can|thanks?|thx|for|with|pls|plz|i|we|suits?|sharp|by|via|so|when|that)\b))"
)
_AM_PM = r"(?:\s*(?P<half_day>[ap])\.?\s?m\b\.?)"
# After these a bare number is a time.
LEADS = "at around about after before by from between till until say"
_LEADS = "|".join(rf"(?<=\b{word} )" for word in LEADS.split(" "))
_NO_LIST = "(?!点|建议|意见|要求|问题|疑问|想法|情况|希望)"
TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"差(?P<less>{N}分|[一1]刻)钟?\s*(?P<hour>{N})点",
        rf"(?P<hour>{N})点差(?P<less>{N}分|[一1]刻)",
        # "早一点" is no time, "三点建议" neither.
        rf"(?<![早晚快慢有多少大小])(?P<hour>{N})(?:点{_NO_LIST}|时(?!间|候|段|刻|差))(?:钟|整)?{_MINUTES}",
        r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minutes>\d{2})(?::\d{2})?(?![\d:])" + _AM_PM + "?",
        r"(?<![\d:.])(?P<hour>\d{1,2})[.](?P<minutes>\d{2})" + _AM_PM,
        r"(?<![\d:.])(?P<hour>\d{1,2})h(?P<minutes>[0-5]\d)\b",
        r"(?<![\d:.])(?P<hour>\d{1,2})" + _AM_PM,
        r"\b(?:half (?:past )?|(?P<past>quarter|\d{1,2}(?: minutes?)?) past )(?P<hour>\d{1,2})(?![\d:])" + _AM_PM + "?",
        r"\b(?P<less>quarter|\d{1,2} minutes?) (?:to|before|of) (?P<hour>\d{1,2})(?![\d:])" + _AM_PM + "?",
        r"\b(?P<hour>\d{1,2}) o'?clock\b",
        r"\b(?P<noon>(?:12 )?noon)\b",
        rf"(?:{_LEADS})(?P<hour>\d{{1,2}})(?: (?P<minutes>[0-5]\d))?(?!\d){_THEN}",
        # "eight tomorrow morning": it leads, and a day and its part follow.
        rf"^\W*(?P<hour>\d{{1,2}}) (?={TAKEN}+ {TAKEN})",
        # "ten thirty", "three fifteen": two numbers that read as a clock.
        r"(?<![\d:/.-])\b(?P<hour>\d{1,2}) (?P<minutes>[0-5][05])\b(?![\d:/.])",
    )
)
# "9.30" is a time where the day or the part of it stands before, or another time and "to".
_DOTTED = re.compile(
    rf"(?<={TAKEN})[ ,]*(?:(?:at|from|between|-|到|至|to|till?|until|and)\s?)?"
    r"(?P<hour>\d{1,2})[.](?P<minutes>[0-5]\d)(?![\d.:]|\s*[%元块万亩千k吨ap])"
)
# "下午三四点": from three to four.
_PAIR = re.compile(
    r"(?P<first>[一二两三四五六七八九])(?P<second>[二三四五六七八九十])点(?:钟)?(?!\s*[半0-9一二三四五])"
)
# The second time of a range may stand bare: "from 3 to 5", "9-11点", "10-11am".
_BARE_RANGES = (
    re.compile(rf"(?<![点时:刻])(?P<first>{N}){TO}(?=(?:上午|下午|中午|晚上)?{N}(?:点|时))"),
    re.compile(rf"(?<![\d:/.])(?P<first>\d{{1,2}}){TO}(?=\d{{1,2}}(?::\d{{2}})?\s*[ap]\.?m\b)"),
    re.compile(rf"(?<={TAKEN})[ ,]*(?P<first>\d{{1,2}}){TO}(?=\d{{1,2}}[.:][0-5]\d)"),
    re.compile(rf"(?<={TAKEN})[ ,]*(?P<first>\d{{1,2}})\s*(?:-|到|至|\bto\b)\s*(?=\d{{1,2}}\s*(?:$|[,.;?!吧]))"),
)
_AND_BARE = re.compile(rf"(?<={TAKEN}){TO}(?P<hour>\d{{1,2}})(?!\d){_THEN}")


@dataclass(slots=True)
class Time:
    start: int
    end: int
    hour: int
    minute: int
    half_day: str | None = None  # "a", "p"
    written_out: bool = False  # 08:30: a clock of 24 hours
    part: str = ""


def find_times(text: str) -> tuple[list[Time], str]:
    found = []
    if (pair := _PAIR.search(text)) is not None and to_int(pair["second"]) == to_int(pair["first"]) + 1:
        middle = pair.start() + 1
        found.append(Time(pair.start(), middle, to_int(pair["first"]), 0))
        found.append(Time(middle, pair.end(), to_int(pair["second"]), 0))
        text = take(text, *pair.span())
    for pattern in _BARE_RANGES:
        for match in pattern.finditer(text):
            start, end = match.span("first")
            found.append(Time(start, end, to_int(match["first"]), 0))
            text = take(text, start, end)
    for pattern in TIMES:
        for match in pattern.finditer(text):
            if TAKEN not in match[0]:
                found.append(_time(match))
                text = take(text, *match.span())
    while (dotted := _DOTTED.search(text)) is not None:
        found.append(_time(dotted))
        text = take(text, *dotted.span())
    if len(found) == 1 and (more := _AND_BARE.search(text, found[0].end - 1)) is not None:
        found.append(Time(*more.span("hour"), int(more["hour"]), 0))
        text = take(text, *more.span("hour"))
    return sorted(found, key=lambda time: time.start), text


def _time(match: re.Match[str]) -> Time:
    said = match.groupdict()
    start, end = match.span()
    if said.get("noon"):
        return Time(start, end, 12, 0, "p")
    hour, minute = to_int(said["hour"]), 0
    if said.get("half") or match[0].startswith("half"):
        minute = 30
    elif said.get("quarters"):
        minute = 15 * to_int(said["quarters"])
    elif said.get("past") or said.get("minutes"):
        minute = _minutes(said.get("past") or said["minutes"])
    if said.get("less"):
        total = hour * HOUR - _minutes(said["less"])
        hour, minute = (total // HOUR or 12, total % HOUR) if total > 0 else (24, 60)
    return Time(start, end, hour, minute, said.get("half_day"), bool(re.fullmatch(r"0\d", said["hour"])))


def _minutes(said: str) -> int:
    if said.startswith(("quarter", "一刻", "1刻")):
        return 15
    return to_int(re.sub(r"[^\d零〇一二两三四五六七八九十]", "", said).lstrip("零〇") or "0")


def options_of(time: Time) -> tuple[list[int], Why | None]:
    """Give the minutes of the day a time can mean, and why there is not exactly one."""
    hour, minute = time.hour, time.minute
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return [], Why.IMPOSSIBLE
    if time.half_day:
        if not 1 <= hour <= 12:
            return ([hour * HOUR + minute], None) if time.half_day == "p" and 12 < hour < 24 else ([], Why.IMPOSSIBLE)
        if hour == 12 and time.half_day == "a":
            return [], Why.HALF  # "12 am on Friday": the midnight that begins it or ends it
        return [(hour % 12 + 12 * (time.half_day == "p")) * HOUR + minute], None
    if time.part:
        found = _in_part(hour, time.part)
        return ([found * HOUR + minute], None) if found is not None else ([], Why.HALF)
    if hour == 0 and not minute and not time.written_out:
        return [], Why.HALF  # 周五零点 begins the day, and is said for its end
    if time.written_out or hour > 12 or hour == 0:
        return [hour * HOUR + minute], None
    if hour == 12 or 9 <= hour <= 11:
        return [hour * HOUR + minute], None
    if hour <= 5:
        return [(hour + 12) * HOUR + minute], None
    return [hour * HOUR + minute, (hour + 12) * HOUR + minute], Why.HALF


def _in_part(hour: int, part: str) -> int | None:
    """Give the hour of the day for an hour said with its part; None where they don't go together."""
    if part in ("early", "morning"):
        return hour if (5 if part == "early" else 6) <= hour <= 12 else None
    if part == "dawn":
        return hour % 12 if hour <= 6 or hour == 12 else None
    if part == "midday":
        return {11: 11, 12: 12, 1: 13, 2: 14, 13: 13, 14: 14}.get(hour)
    if part == "afternoon":
        return hour if 12 <= hour <= 18 else hour + 12 if 1 <= hour <= 7 else None
    if part == "dusk":
        return hour if 16 <= hour <= 20 else hour + 12 if 4 <= hour <= 8 else None
    if 17 <= hour <= 24:
        return hour
    if hour == 0 or hour == 12:
        return 24
    return hour + 12 if 5 <= hour <= 11 else hour + 24 if 1 <= hour <= 4 else None


def is_loose(time: Time) -> bool:
    return not time.half_day and not time.part and not time.written_out and 1 <= time.hour <= 12


def take(text: str, start: int, end: int) -> str:
    return text[:start] + TAKEN * (end - start) + text[end:]
