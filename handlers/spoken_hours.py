"""Parts of the day and clock times in words, Chinese and English, as minutes of a day; used by `spoken_times`.

Minutes may pass 1440: "今晚一点" is the hour after the midnight that ends today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from handlers.spoken_day_words import TAKEN, N
from handlers.spoken_days import Why
from knowledge.numbering import to_int

HOUR, NOON, MIDNIGHT = 60, 720, 1440
OFFICE_ENDS = 17 * HOUR + 30
# Part of the day: from, until, and how it is written; where its hours lie on a clock of twelve.
PARTS = {
    "dawn": (0, 6 * HOUR, "凌晨", "small hours"),
    "early": (6 * HOUR, 10 * HOUR, "早上", "early morning"),
    "morning": (6 * HOUR, NOON, "上午", "morning"),
    "midday": (11 * HOUR, 14 * HOUR, "中午", "midday"),
    "afternoon": (NOON, 18 * HOUR, "下午", "afternoon"),
    "dusk": (17 * HOUR, 20 * HOUR, "傍晚", "early evening"),
    "evening": (18 * HOUR, MIDNIGHT, "晚上", "evening"),
}
WORDS = (
    (r"凌晨|\bsmall hours\b", "dawn"),
    (r"早上|早晨|清晨|清早|一早|大早|早间|\bearly morning\b|\bearly in the morning\b", "early"),
    (r"上午|午前|\b(?:(?:in|on) the )?(?:mid-?|late )?mornings?\b", "morning"),
    (r"中午|正午|晌午|午间|\b(?:(?:at|around|over|about) )?(?:lunch ?time|midday|lunch)\b", "midday"),
    (r"下午|午后|后晌|\b(?:(?:in|on) the )?(?:early |late |mid-?)?afternoons?\b", "afternoon"),
    (r"傍晚|黄昏|\bearly evening\b", "dusk"),
    (r"晚上|晚间|夜里|夜晚|夜间|今夜|\b(?:(?:in|on) the )?(?:late )?evenings?\b|\b(?:at )?night\b", "evening"),
)
# Words that cross midnight, or are two moments: which night is meant stays open.
OPEN_NIGHT = re.compile(r"半夜|深夜|午夜|\b(?:at )?midnight\b")
_MINUTES = (
    r"(?:\s*(?:(?P<half>半)|(?P<quarters>[一三13])刻"
    r"|过?(?P<minutes>\d{1,2}分|\d{2}(?!\s*[号日月天周个人位点时度])|[二三四五]?十[一二三四五六七八九]?分?|[零〇][一二三四五六七八九]分?"
    r"|[一二三四五六七八九]分)))?"
)
# What may follow a bare number that is a time ("at 3, please"); anything else may be counted by it ("about 2 acres").
_THEN = (
    rf"(?=\s*(?:$|[,.;?!)]|{TAKEN}|-"
    r"|(?:on|in the|or so|please|if|my|your|beijing|china|local|works|is|ok|and|to|till?|until)\b))"
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
        r"(?<![\d:.])(?P<hour>\d{1,2})" + _AM_PM,
        r"\b(?:half (?:past )?|(?P<past>quarter|\d{1,2}(?: minutes?)?) past )(?P<hour>\d{1,2})(?![\d:])" + _AM_PM + "?",
        r"\b(?P<less>quarter|\d{1,2} minutes?) (?:to|before|of) (?P<hour>\d{1,2})(?![\d:])" + _AM_PM + "?",
        r"\b(?P<hour>\d{1,2}) o'?clock\b",
        r"\b(?P<noon>(?:12 )?noon)\b",
        rf"(?:{_LEADS})(?P<hour>\d{{1,2}})(?: (?P<minutes>[0-5]\d))?(?!\d){_THEN}",
        # "ten thirty", "three fifteen": two numbers that read as a clock.
        r"(?<![\d:/.-])\b(?P<hour>\d{1,2}) (?P<minutes>[0-5][05])\b(?![\d:/.])",
    )
)
# "下午三四点": from three to four.
_PAIR = re.compile(
    r"(?P<first>[一二两三四五六七八九])(?P<second>[二三四五六七八九十])点(?:钟)?(?!\s*[半0-9一二三四五])"
)
# The second time of a range may stand bare: "from 3 to 5", "9-11点", "10-11am".
_TO = r"\s*(?:-|到|至|\bto\b|\btill?\b|\buntil\b|\band\b)\s*"
_BARE_RANGES = (
    re.compile(rf"(?P<first>{N}){_TO}(?=(?:上午|下午|中午|晚上)?{N}(?:点|时))"),
    re.compile(rf"(?<![\d:/.])(?P<first>\d{{1,2}}){_TO}(?=\d{{1,2}}(?::\d{{2}})?\s*[ap]\.?m\b)"),
)
_AND_BARE = re.compile(rf"(?<={TAKEN}){_TO}(?P<hour>\d{{1,2}})(?!\d){_THEN}")
BETWEEN = re.compile(_TO)
ABOUT = re.compile(r"\s*(?:左右|上下|前后|or so\b)")
AFTER = re.compile(r"\s*(?:以后|之后|过后|后|开始|起)(?!天)")
BEFORE = re.compile(r"\s*(?:以前|之前|前)(?!天)")
AFTER_EN = re.compile(r"\b(?:any ?time )?(?:after|from|since)\s*(?:about |around )?$")
BEFORE_EN = re.compile(r"\b(?:any ?time )?(?:before|by|until|till)\s*(?:about |around )?$")
WORK_ENDS = re.compile(
    r"下班(?:以|之)?(前|后)|\b(before|by|after) (?:the )?(?:(?:end of )?(?:the )?(?:work|business)(?: day)?|cob|eob)\b"
)


@dataclass(frozen=True, slots=True)
class Hours:
    """What is said about the time of day: spans of minutes (from, until; equal for one moment), all that can be meant.

    `part` names the part of the day where only that was said. `is_loose` says that a bare hour was taken to lie in
    working hours ("三点" as 15:00), which only holds on the county's own clock; `halves` are then both readings.
    """

    spans: tuple[tuple[int, int], ...]
    why: Why | None = None
    halves: tuple[tuple[int, int], ...] = ()
    is_dawn: bool = False


@dataclass(slots=True)
class _Time:
    start: int
    end: int
    hour: int
    minute: int
    half_day: str | None = None  # "a", "p"
    written_out: bool = False  # 08:30: a clock of 24 hours
    part: str = ""
    options: list[int] = field(default_factory=list)


def find_hours(text: str, said_part: str = "", *, of_24: bool = False) -> tuple[Hours | None, str]:
    """Find the time of day in a normalised text from which the days are taken; `said_part` came with the day (今晚).

    With `of_24` the clock is one of 24 hours: 11:30 is never at night.

    Gives None where none is said. The text comes back with what was read taken out.
    """
    if (work := WORK_ENDS.search(text)) is not None:
        parts, text = _parts(_take(text, *work.span()))
        begins = max([PARTS[part][0] for _, _, part in parts], default=0)
        span = (begins, OFFICE_ENDS) if (work[1] or work[2]) in {"前", "before", "by"} else (OFFICE_ENDS, MIDNIGHT)
        return (Hours((span,)) if begins < OFFICE_ENDS else Hours((), Why.SEVERAL)), text
    if (night := OPEN_NIGHT.search(text)) is not None:
        return Hours((), Why.HALF), _take(text, *night.span())
    parts, text = _parts(text)
    times, text = _times(text)
    if said_part:
        parts.insert(0, (-1, -1, said_part))
    if not times:
        if len({part for _, _, part in parts}) > 1:
            return _two_parts([part for _, _, part in parts]), text
        if not parts:
            return None, text
        first, last, _, _ = PARTS[parts[0][2]]
        return Hours(((first, last),), is_dawn=parts[0][2] == "dawn"), text
    if len(times) > 2:
        return Hours((), Why.SEVERAL), text
    _share_parts(times, parts)
    for time in times:
        time.written_out = time.written_out or of_24
    dawn = any(time.part == "dawn" for time in times)
    if len(times) == 2:
        between = text[times[0].end : times[1].start].strip(TAKEN)
        if not BETWEEN.fullmatch(between) and not (between == "" and times[0].end == times[1].start):
            return Hours((), Why.SEVERAL), text
        text = _take(text, times[0].start, times[1].end)
        return _range(times[0], times[1], dawn), _drop_from(text, times[0].start)
    return _single(times[0], text, dawn)


def part_of(first: int, last: int) -> str | None:
    """Give the part of the day that is exactly a span of minutes."""
    return next((name for name, (begin, end, _, _) in PARTS.items() if (begin, end) == (first, last)), None)


def _take(text: str, start: int, end: int) -> str:
    return text[:start] + TAKEN * (end - start) + text[end:]


def _parts(text: str) -> tuple[list[tuple[int, int, str]], str]:
    found = []
    for pattern, part in WORDS:
        for match in re.finditer(pattern, text):
            found.append((*match.span(), part))
            text = _take(text, *match.span())
    return sorted(found), text


def _two_parts(parts: list[str]) -> Hours:
    """Read two parts said together: 明天晚上 said as 明晚 + 晚上 is one; 上午或下午 is open."""
    spans = [PARTS[part][:2] for part in parts]
    widest = min(first for first, _ in spans), max(last for _, last in spans)
    inner = max(first for first, _ in spans), min(last for _, last in spans)
    if inner[0] < inner[1] and widest in spans:
        return Hours((inner,))
    return Hours(tuple(dict.fromkeys(spans)), Why.SEVERAL)


def _times(text: str) -> tuple[list[_Time], str]:
    found = []
    if (pair := _PAIR.search(text)) is not None and to_int(pair["second"]) == to_int(pair["first"]) + 1:
        middle = pair.start() + 1
        found.append(_Time(pair.start(), middle, to_int(pair["first"]), 0))
        found.append(_Time(middle, pair.end(), to_int(pair["second"]), 0))
        text = _take(text, *pair.span())
    for pattern in _BARE_RANGES:
        for match in pattern.finditer(text):
            start, end = match.span("first")
            found.append(_Time(start, end, to_int(match["first"]), 0))
            text = _take(text, start, end)
    for pattern in TIMES:
        for match in pattern.finditer(text):
            if TAKEN not in match[0]:
                found.append(_time(match))
                text = _take(text, *match.span())
    if len(found) == 1 and (more := _AND_BARE.search(text, found[0].end - 1)) is not None:
        found.append(_Time(*more.span("hour"), int(more["hour"]), 0))
        text = _take(text, *more.span("hour"))
    return sorted(found, key=lambda time: time.start), text


def _time(match: re.Match[str]) -> _Time:
    said = match.groupdict()
    start, end = match.span()
    if said.get("noon"):
        return _Time(start, end, 12, 0, "p")
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
    return _Time(start, end, hour, minute, said.get("half_day"), bool(re.fullmatch(r"0\d", said["hour"])))


def _minutes(said: str) -> int:
    if said.startswith(("quarter", "一刻", "1刻")):
        return 15
    return to_int(re.sub(r"[^\d零〇一二两三四五六七八九十]", "", said).lstrip("零〇") or "0")


def _share_parts(times: list[_Time], parts: list[tuple[int, int, str]]) -> None:
    """Give every time the part said before it, or after it as in "3 in the afternoon"; one part serves both."""
    for time in times:
        before = [part for start, _, part in parts if start < time.start]
        after = [part for start, _, part in parts if start > time.start]
        time.part = before[-1] if before else after[0] if after else ""
        if time.part == "dawn" and "evening" in before:
            time.part = "evening"  # 今晚凌晨一点 is after the midnight that ends today
    if len(times) == 2 and times[1].half_day and not times[0].half_day and not times[0].part:
        times[0].half_day = times[1].half_day if times[0].hour <= times[1].hour or times[1].hour == 12 else None
        if times[0].half_day and times[1].hour == 12 and times[0].hour != 12:
            times[0].half_day = "a" if times[1].half_day == "p" else None


def _single(time: _Time, text: str, dawn: bool) -> tuple[Hours, str]:
    options, why = _options(time)
    if (about := ABOUT.match(text, time.end)) is not None:
        text = _take(text, *about.span())
    after = AFTER.match(text, time.end)
    before = BEFORE.match(text, time.end)
    earlier = text[: time.start]
    after_en, before_en = AFTER_EN.search(earlier), BEFORE_EN.search(earlier)
    if (mark := after or before or after_en or before_en) is not None:
        text = _take(text, *mark.span())
    elif (at := re.search(r"\b(?:at|around|about)\s*$", earlier)) is not None:
        text = _take(text, *at.span())
    if after or after_en:
        spans = tuple((option, max(MIDNIGHT, option)) for option in options)
    elif before or before_en:
        spans = tuple((0, option) for option in options)
    else:
        spans = tuple((option, option) for option in options)
    halves: tuple[tuple[int, int], ...] = ()
    if len(spans) == 1 and _is_loose(time):
        both = sorted({options[0] % NOON, options[0] % NOON + NOON})
        halves = tuple(
            (minute, MIDNIGHT) if after or after_en else (0, minute) if before or before_en else (minute, minute)
            for minute in both
        )
    return Hours(spans, why if len(spans) != 1 else None, halves, dawn), text


def _range(first: _Time, second: _Time, dawn: bool) -> Hours:
    firsts, why = _options(first)
    seconds, why_second = _options(second)
    longest = NOON if _is_loose(first) else MIDNIGHT
    pairs = [(begin, end) for begin in firsts for end in seconds if begin < end <= begin + longest]
    if not pairs and first.part and not second.half_day:
        # "上午11点到1点" passes noon, "晚上10点到1点" midnight.
        pairs = [(begin, end + NOON) for begin in firsts for end in seconds if begin < end + NOON <= begin + NOON]
    if not pairs and firsts and seconds:
        pairs = [(begin, end + MIDNIGHT) for begin in firsts for end in seconds if end + MIDNIGHT - begin < NOON]
    if len(pairs) > 1 and len(firsts) == 1:
        pairs = pairs[:1]  # "from 3 to 7": the nearer end
    halves: tuple[tuple[int, int], ...] = ()
    if len(pairs) == 1 and _is_loose(first) and _is_loose(second):
        begin, end = pairs[0]
        other = (begin - NOON, end - NOON) if begin >= NOON else (begin + NOON, end + NOON)
        halves = tuple(sorted([pairs[0], other]))
    return Hours(tuple(pairs), (why or why_second or Why.IMPOSSIBLE) if len(pairs) != 1 else None, halves, dawn)


def _options(time: _Time) -> tuple[list[int], Why | None]:
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


def _is_loose(time: _Time) -> bool:
    return not time.half_day and not time.part and not time.written_out and 1 <= time.hour <= 12


def _drop_from(text: str, start: int) -> str:
    """Take out the "from" or "between" that leads a range."""
    lead = re.search(r"(?:\b(?:from|between|at)|从)\s*$", text[:start])
    return _take(text, *lead.span()) if lead else text
