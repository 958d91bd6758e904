"""Whose clock a spoken time is on: the person's, the county's, or that of a place they name; used by `spoken_times`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.spoken_day_words import DAY_NAME, TAKEN
from handlers.zones import HOME, OFFSET, Several, find_zone, zones_named

TIME = rf"(?:\d{{1,2}}(?::\d\d)? ?[ap]m|{DAY_NAME}|tomorrow|morning|afternoon|evening)\b"
MINE = re.compile(
    r"(?:按|以|照)?我(?:们)?(?:自己)?(?:这边|这里|这儿|当地|那边|所在地|本地)的?(?:的?时间)?(?:是|的)?|我(?:们)?的?时间|(?<![们你])这边"
    r"|\b(?:on |in |at )?(?:my|our) (?:own )?(?:local )?(?:time|end|side|clock|zone)\b|\bover here\b|\btime here\b"
    r"|(?<=[ap]m )here\b|(?<=\d )here\b"
    rf"|\bmy (?={TIME})"
)
THEIRS = re.compile(
    r"(?:按|以|照)?(?:你们?|您|县里|县城|老家|家乡|国内|家里)(?:那边|那里|那儿|这边|当地)?的?时间(?:的|是)?|(?:你们?|您|老家|家里|国内)(?:那边|那里|那儿)"
    r"|(?:(?:你们?|您)的|国内)(?=[下这本]?个?(?:[周星礼]|[今明后][天日早晚]|[上下中]午|早上|晚上))"
    r"|\b(?:on |in |at )?your (?:local )?(?:time|end|side|clock|zone)\b"
    rf"|\byour (?={TIME})"
)
# A place is a clock where "time" stands by it, or it stands in brackets as in what we write ourselves.
CLOCK_AFTER = re.compile(r"\s*(?:的)?(?:当地|本地|这边|那边)?的?时间(?:的|是)?|\s*(?:local )?time\b|\s*\)")
CLOCK_BEFORE = re.compile(r"(?:按|以|照|\(|\bin\s)\s*$")
HERE = re.compile(
    r"(?:(?:我|人)(?:们|现在|目前|现|常年|长期)*(?:住?在|是)|\bi(?:'m| am| live| work)(?: currently| now)? in)\s*$"
)
LOCAL = re.compile(r"当地时间|\blocal time\b")
OWN_NAME = re.compile(r"时间|time$|^(?:e|c|m|p)[sd]?t$|^ces?t$|^bst$|^a?[ek]?dt$|^jst$|^kst$|^sgt$|^aedt$|^us_")
PLACE = "\x01"  # stands where a place was named that is no clock


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clock that was named, if one was, and where the person says they are."""

    clock: str | Several | None = None
    is_mine: bool = False
    is_theirs: bool = False
    here: str | Several | None = None
    places: tuple[str | Several, ...] = ()  # places merely named: their clocks may be meant
    is_ours: bool = False  # in brackets, as we write it ourselves
    offset: str | None = None  # an offset beside a named clock tells the two hours of a fold apart


def find_clocks(text: str) -> tuple[Clocks, str]:
    """Find whose clock is meant in a normalised text; the text comes back with what was read taken out."""
    named: str | Several | None = None
    here: str | Several | None = None
    offset = None
    is_ours = False
    places: list[str | Several] = []
    if (found := OFFSET.search(text)) is not None and (zone := find_zone(found[0])) is not None:
        offset = zone if isinstance(zone, str) else None
        is_ours = text[: found.start()].endswith("(")
        text = _take(text, *found.span())
    for zones, _, start, end in reversed(list(zones_named(text))):
        after, before = CLOCK_AFTER.match(text, end), CLOCK_BEFORE.search(text[:start])
        zone = zones[0] if len(zones) == 1 else Several(zones)
        if after or OWN_NAME.search(text[start:end]) or (before and before[0].strip()):
            if named is not None and named != zone:
                both = [*([named] if isinstance(named, str) else named.zones), *zones]
                zone = Several(tuple(dict.fromkeys(both)))
            named = zone
            is_ours = is_ours or bool(before and "(" in before[0])
            text = _take(text, before.start() if before else start, after.end() if after else end)
        else:
            if HERE.search(text[:start]):
                here = zone
            elif zones != (HOME,):
                places.append(zone)
            if zones != (HOME,):  # "周三明天" and "晚上海外" hold Chinese cities by chance
                text = text[:start] + PLACE * (end - start) + text[end:]
    theirs, mine = THEIRS.search(text), MINE.search(text)
    for mark in (theirs, mine, LOCAL.search(text)):
        if mark is not None:
            text = _take(text, *mark.span())
    return (
        Clocks(named or offset, bool(mine), bool(theirs), here, tuple(places), is_ours, offset if named else None),
        re.sub(rf"\({TAKEN}*\)", lambda empty: TAKEN * len(empty[0]), text),
    )


def _take(text: str, start: int, end: int) -> str:
    return text[:start] + TAKEN * (end - start) + text[end:]
