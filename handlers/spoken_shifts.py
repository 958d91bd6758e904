"""Times said by an earlier one: "下周同一时间", "推迟一天", "an hour earlier"; used by `spoken_times`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from handlers.spoken_days import DAY, Days, Why
from handlers.spoken_readings import Asked, Exact, Spoken, Unclear, at_minute, settle_moments, walls_of
from knowledge.numbering import to_int

SAME = re.compile(
    r"(?:同一个?|同样的?|一样的?|相同的?|原来的?|还是那个|老)(?:时间|时候|钟点|点)"
    r"|\b(?:at )?(?:the )?same time\b"
)
N = r"(?P<count>半|\d{1,2}|[一二两三四五六七八九十]{1,2})"
UNIT = r"个?(?P<unit>天|日|周|星期|礼拜|小时|钟头|分钟)"
LATER = re.compile(rf"(?:推迟|延后|延迟|顺延|往后(?:推|移|挪|延)?|后移|推后|改晚|晚){N}\s*{UNIT}")
SOONER = re.compile(rf"(?:提前|提早|往前(?:移|挪|提)?|前移|改早|早){N}\s*{UNIT}")
IN_ENGLISH = re.compile(r"\b(?P<count>\d{1,2}) (?P<unit>days?|weeks?|hours?|minutes?|mins?) (?P<way>later|earlier)\b")
MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "hour": 60, "minute": 1, "min": 1}
DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "day": 1, "week": 7}


def is_by_earlier(text: str) -> bool:
    """Tell whether a normalised text speaks of an earlier time."""
    return bool(SAME.search(text) or _shift(text))


def shifted(text: str, earlier: datetime, asked: Asked) -> Spoken | Unclear | None:
    """Read "推迟一天", "提前一个小时"; None where the text names no shift."""
    found = _shift(text)
    if found is None:
        return None
    days, minutes = found
    if not days:
        moment = earlier + timedelta(minutes=minutes)
        return settle_moments([Spoken(moment, moment, Exact.MINUTE, asked.own)], Why.CLOCK, asked)
    return settle_moments(_at_same_time(earlier, asked, lambda day: [day + days * DAY]), Why.CLOCK, asked)


def same_time(days: Days | None, earlier: datetime, asked: Asked) -> Spoken | Unclear:
    """Read the time of day of an earlier time on another day: on both clocks, should they disagree by then."""
    if days is None:
        return Unclear(Why.WHICH_DAY)
    if not days.spans:
        return Unclear(days.why or Why.NOTHING)

    def on(day: date) -> list[date]:
        found: list[date] = []
        for first, last in days.spans:
            # "下周同一时间" is the same weekday of that week.
            span = [first + number * DAY for number in range((last - first).days + 1)]
            found.extend(span if len(span) == 1 else [each for each in span if each.weekday() == day.weekday()])
        return found

    return settle_moments(_at_same_time(earlier, asked, on), days.why or Why.CLOCK, asked)


def without_same(text: str) -> str:
    """Take "同一时间" out of a text."""
    return SAME.sub(lambda found: " " * len(found[0]), text)


def _at_same_time(earlier: datetime, asked: Asked, on: Callable[[date], list[date]]) -> Iterator[Spoken]:
    for zone, local in walls_of(earlier, asked):
        for day in on(local.date()):
            for each in at_minute(day, local.hour * 60 + local.minute, zone):
                yield each.spoken


def _shift(text: str) -> tuple[int, int] | None:
    """Give the days and minutes of a shift, negative for an earlier time."""
    if (found := IN_ENGLISH.search(text)) is not None:
        sign, unit = (1 if found["way"] == "later" else -1), found["unit"].rstrip("s")
    elif (found := LATER.search(text)) is not None:
        sign, unit = 1, found["unit"]
    elif (found := SOONER.search(text)) is not None:
        sign, unit = -1, found["unit"]
    else:
        return None
    count = 0.5 if found["count"] == "半" else to_int(found["count"])
    return (sign * int(count * DAYS[unit]), 0) if unit in DAYS else (0, sign * int(count * MINUTES[unit]))
