"""Parts of the day and clock times in words, Chinese and English, as minutes of a day; used by `spoken_times`.

Minutes may pass 1440: "今晚一点" is the hour after the midnight that ends today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.spoken_clock_times import (
    HOUR,
    MIDNIGHT,
    NOON,
    TO,
    Time,
    find_times,
    is_loose,
    options_of,
    take,
)
from handlers.spoken_day_words import TAKEN
from handlers.spoken_days import Why

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
BEFORE_AN_HOUR = r"(?!一点)(?=[\d一二三四五六七八九十]{1,2}[点:时])"  # 早九点, but not 早一点
WORDS = (
    (r"凌晨|\bsmall hours\b", "dawn"),
    (
        rf"早{BEFORE_AN_HOUR}|早上|早晨|清晨|清早|一早|大早|早间|\bearly morning\b|\bearly in the morning\b",
        "early",
    ),
    (r"上午|午前|头午|前晌|\b(?:(?:in|on) the )?(?:mid-?|late )?mornings?\b", "morning"),
    (r"中午|正午|晌午|午间|\b(?:(?:at|around|over|about) )?(?:lunch ?time|midday|lunch)\b", "midday"),
    (r"下午|午后|后晌|后半晌|下半晌|\b(?:(?:in|on) the )?(?:early |late |mid-?)?afternoons?\b", "afternoon"),
    (r"傍晚|黄昏|\bearly evening\b", "dusk"),
    (
        rf"晚{BEFORE_AN_HOUR}|晚上|晚间|夜里|夜晚|夜间|今夜"
        r"|\b(?:(?:in|on) the )?(?:late )?evenings?\b|\b(?:at )?night\b",
        "evening",
    ),
)
# Words that cross midnight, or are two moments: which night is meant stays open.
OPEN_NIGHT = re.compile(r"半夜|深夜|午夜|\b(?:at )?midnight\b")
BETWEEN = re.compile(TO)
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


def find_hours(text: str, said_part: str = "", *, of_24: bool = False) -> tuple[Hours | None, str]:
    """Find the time of day in a normalised text from which the days are taken; `said_part` came with the day (今晚).

    With `of_24` the clock is one of 24 hours: 11:30 is never at night.

    Gives None where none is said. The text comes back with what was read taken out.
    """
    if (work := WORK_ENDS.search(text)) is not None:
        parts, text = find_parts(take(text, *work.span()))
        begins = max([PARTS[part][0] for _, _, part in parts], default=0)
        if (work[1] or work[2]) in {"前", "before", "by"}:
            return (Hours(((begins, OFFICE_ENDS),)) if begins < OFFICE_ENDS else Hours((), Why.SEVERAL)), text
        return Hours(((max(begins, OFFICE_ENDS), MIDNIGHT),)), text
    if (night := OPEN_NIGHT.search(text)) is not None:
        return Hours((), Why.HALF), take(text, *night.span())
    parts, text = find_parts(text)
    times, text = find_times(text)
    if said_part:
        parts.insert(0, (-1, -1, said_part))
    if not times:
        if len({part for _, _, part in parts}) > 1:
            return _two_parts([part for _, _, part in parts]), text
        if not parts:
            return None, text
        first, last, _, _ = PARTS[parts[0][2]]
        return Hours(((first, last),), is_dawn=parts[0][2] == "dawn"), text
    times, text = _said_once(times, text)
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
        text = take(text, times[0].start, times[1].end)
        return _range(times[0], times[1], dawn), _drop_from(text, times[0].start)
    return _single(times[0], text, dawn)


def part_of(first: int, last: int) -> str | None:
    """Give the part of the day that is exactly a span of minutes."""
    return next((name for name, (begin, end, _, _) in PARTS.items() if (begin, end) == (first, last)), None)


def _said_once(times: list[Time], text: str) -> tuple[list[Time], str]:
    """Leave out a time that only repeats the one before: "三点半吧，嗯对，三点半"."""
    kept = times[:1]
    for time in times[1:]:
        last = kept[-1]
        if (time.hour, time.minute, time.half_day) == (last.hour, last.minute, last.half_day):
            text = take(text, time.start, time.end)
        else:
            kept.append(time)
    return kept, text


def find_parts(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Find the parts of the day named, each with where it stands; the text comes back with them taken out."""
    found = []
    for pattern, part in WORDS:
        for match in re.finditer(pattern, text):
            found.append((*match.span(), part))
            text = take(text, *match.span())
    return sorted(found), text


def _two_parts(parts: list[str]) -> Hours:
    """Read two parts said together: 明天晚上 said as 明晚 + 晚上 is one; 上午或下午 is open."""
    spans = [PARTS[part][:2] for part in parts]
    widest = min(first for first, _ in spans), max(last for _, last in spans)
    inner = max(first for first, _ in spans), min(last for _, last in spans)
    if inner[0] < inner[1] and widest in spans:
        return Hours((inner,))
    return Hours(tuple(dict.fromkeys(spans)), Why.SEVERAL)


def _share_parts(times: list[Time], parts: list[tuple[int, int, str]]) -> None:
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


def _single(time: Time, text: str, dawn: bool) -> tuple[Hours, str]:
    options, why = options_of(time)
    if (about := ABOUT.match(text, time.end)) is not None:
        text = take(text, *about.span())
    after = AFTER.match(text, time.end)
    before = BEFORE.match(text, time.end)
    earlier = text[: time.start]
    after_en, before_en = AFTER_EN.search(earlier), BEFORE_EN.search(earlier)
    if (mark := after or before or after_en or before_en) is not None:
        text = take(text, *mark.span())
    elif (at := re.search(r"\b(?:at|around|about)\s*$", earlier)) is not None:
        text = take(text, *at.span())
    if after or after_en:
        spans = tuple((option, max(MIDNIGHT, option)) for option in options)
    elif before or before_en:
        spans = tuple((0, option) for option in options)
    else:
        spans = tuple((option, option) for option in options)
    halves: tuple[tuple[int, int], ...] = ()
    if len(spans) == 1 and is_loose(time):
        both = sorted({options[0] % NOON, options[0] % NOON + NOON})
        halves = tuple(
            (minute, MIDNIGHT) if after or after_en else (0, minute) if before or before_en else (minute, minute)
            for minute in both
        )
    return Hours(spans, why if len(spans) != 1 else None, halves, dawn), text


def _range(first: Time, second: Time, dawn: bool) -> Hours:
    firsts, why = options_of(first)
    seconds, why_second = options_of(second)
    longest = NOON if is_loose(first) else MIDNIGHT
    pairs = [(begin, end) for begin in firsts for end in seconds if begin < end <= begin + longest]
    if not pairs and first.part and not second.half_day:
        # "上午11点到1点" passes noon, "晚上10点到1点" midnight.
        pairs = [(begin, end + NOON) for begin in firsts for end in seconds if begin < end + NOON <= begin + NOON]
    if not pairs and firsts and seconds:
        pairs = [(begin, end + MIDNIGHT) for begin in firsts for end in seconds if end + MIDNIGHT - begin < NOON]
    if len(pairs) > 1 and len(firsts) == 1:
        pairs = pairs[:1]  # "from 3 to 7": the nearer end
    halves: tuple[tuple[int, int], ...] = ()
    if len(pairs) == 1 and is_loose(first) and is_loose(second):
        begin, end = pairs[0]
        other = (begin - NOON, end - NOON) if begin >= NOON else (begin + NOON, end + NOON)
        halves = tuple(sorted([pairs[0], other]))
    return Hours(tuple(pairs), (why or why_second or Why.IMPOSSIBLE) if len(pairs) != 1 else None, halves, dawn)


def _drop_from(text: str, start: int) -> str:
    """Take out the "from" or "between" that leads a range."""
    lead = re.search(r"(?:\b(?:from|between|at)|从)\s*$", text[:start])
    return take(text, *lead.span()) if lead else text
