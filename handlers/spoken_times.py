"""Times as people say them, read into moments or asked back: "下周三上午", "初六", "Wed 3pm my time".

A time is only taken where it has one honest reading at the moment it is said. Everything else comes back as `Unclear`
with the readings there are, for the person to choose from; nothing is silently wrong. Bare words of somebody abroad
("下午三点") are asked about: their clock and the county's are two readings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers import zones
from handlers.spoken_clock_times import MIDNIGHT
from handlers.spoken_clocks import Clocks, find_clocks
from handlers.spoken_corrected import without_withdrawn
from handlers.spoken_day_words import TAKEN, Found, find_days
from handlers.spoken_days import DAY, Days, Why, none, one
from handlers.spoken_hours import PARTS, Hours, find_hours, part_of
from handlers.spoken_leftovers import is_denied, is_left_over
from handlers.spoken_prepared import prepare, without_counted
from handlers.spoken_readings import MOST, Asked, Exact, Spoken, Unclear, on_days, on_next_day
from handlers.spoken_shifts import is_by_earlier, same_time, shifted, without_same
from handlers.zones import HOME, Several
from knowledge.numbering import to_int

__all__ = ["Exact", "Spoken", "Unclear", "Why", "echo", "read_time"]

THROUGH = re.compile(r"\s*(?:-|到|至|\bto\b|\bthrough\b|\btill?\b|\buntil\b)\s*")
BETWEEN_DAYS = re.compile(rf"(?<={TAKEN}){THROUGH.pattern}(?={TAKEN})")
SOON = re.compile(
    r"(?P<past>再?过)?(?P<count>半|\d{1,3}|[一二两三四五六七八九十]{1,3})\s*个?(?P<half>半)?(?P<unit>小时|钟头|分钟|刻钟)"
    r"(?:以后|之后|过后|后|(?(past)|(?!)))"
    r"|\bin (?P<number>\d{1,3})(?P<and_half> and a half)? (?P<english>hours?|minutes?|mins?)\b"
    r"(?P<then_half> and a half)?"
)
UNIT_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15, "hour": 60, "minute": 1, "min": 1}


def read_time(
    words: str,
    *,
    asked_at: datetime,
    zone: str | None = HOME,
    home: str = HOME,
    clock: str | None = None,
    earlier: datetime | None = None,
    day: date | None = None,
) -> Spoken | Unclear:
    """Read a time from what somebody says at `asked_at` (UTC).

    `zone` is the person's own (None: not known), `home` the county's. `clock` ("mine", "home") tells whose a bare
    "下午三点" is, where that is known. `earlier` (UTC) is what "同一时间" and "推迟一天" refer to; `day` was settled
    before: bare hours are of that day.
    """
    text = without_withdrawn(prepare(words))
    if is_denied(text):
        return Unclear(Why.SEVERAL)
    found, text = find_clocks(text)
    asked = _asked(found, asked_at, zone, home, clock)
    if isinstance(asked, Unclear):
        return asked
    if is_by_earlier(text):
        return _by_earlier(text, earlier, asked)
    if (soon := _soon(text, asked)) is not None:
        return soon
    found_days, text = find_days(without_counted(text))
    days = _days(found_days, text, asked, in_chinese=re.search(r"[\u4e00-\u9fff]", text) is not None)
    text = BETWEEN_DAYS.sub(lambda found: TAKEN * len(found[0]), text)
    hours, text = find_hours(text, days.part if days else "", of_24=found.is_ours)
    if days is not None and not days.spans:
        return Unclear(days.why or Why.NOTHING)
    if is_left_over(text, has_day=days is not None):
        return Unclear(Why.VAGUE if days or hours else Why.NOTHING)
    if days is None:
        return _on_day_settled(hours, day, earlier, asked) if hours else Unclear(Why.NOTHING)
    if hours is not None and hours.is_dawn and _is_tomorrow(days, asked):
        # 明天凌晨 begins tomorrow or ends it, depending on who says it.
        days = replace(days, spans=(*days.spans, *((a + DAY, b + DAY) for a, b in days.spans)), why=Why.WHICH_DAY)
    return on_days(days, hours, asked)


def echo(spoken: Spoken, language: str, *, now: datetime) -> str:
    """Write a time so that it can be confirmed; reading it again gives the same: 12月3日 周四 下午（北京时间）."""
    chinese = not language.startswith("en")
    zone, starts, ends = spoken.zone, spoken.starts, spoken.ends
    day = zones.day_shown(starts, zone, language, now=now)
    if spoken.exact is Exact.DAYS:
        last = zones.day_shown(ends - timedelta(minutes=1), zone, language, now=now)
        day += f" – {last}"
    elif spoken.exact is Exact.PART:
        day += f" {_hours_shown(spoken, chinese)}"
    elif spoken.exact is Exact.MINUTE:
        day += f" {zones.clock_shown(starts, zone)}"
    name = zones.zone_name(zone, language)
    return f"{day}（{name}）" if chinese else f"{day} ({name})"


def _hours_shown(spoken: Spoken, chinese: bool) -> str:
    starts, ends = (zones.wall(moment, spoken.zone) for moment in (spoken.starts, spoken.ends))
    first = starts.hour * 60 + starts.minute
    last = ends.hour * 60 + ends.minute + (MIDNIGHT if ends.date() > starts.date() else 0)
    if (part := part_of(first, last)) is not None:
        _, _, in_chinese, in_english = PARTS[part]
        return in_chinese if chinese else in_english
    return f"{starts:%H:%M}–{'24:00' if last == MIDNIGHT else f'{ends:%H:%M}'}"


def _asked(found: Clocks, at: datetime, zone: str | None, home: str, clock: str | None) -> Asked | Unclear:
    """Settle whose clock is meant, or give all that may be; or ask where the person is."""
    if isinstance(found.clock, Several) or isinstance(found.here, Several):
        return Unclear(Why.WHERE)
    own = found.here or zone
    if found.clock is not None:
        return Asked(at, own or home, home, (found.clock,), found.offset)
    if found.is_mine and found.is_theirs:
        return Unclear(Why.CLOCK)
    if found.is_theirs or (clock == "home" and not found.is_mine):
        return Asked(at, own or home, home, (home,))
    if own is None and found.is_mine:
        return Unclear(Why.WHERE)
    own = own or home
    if found.is_mine or clock == "mine":
        return Asked(at, own, home, (own,))
    if any(isinstance(place, Several) for place in found.places):
        return Unclear(Why.WHERE)
    # "洛杉矶的明天下午三点" may go by the clock there.
    places = [place for place in found.places if isinstance(place, str)]
    return Asked(at, own, home, tuple(dict.fromkeys([own, home, *places])))


def _on_day_settled(hours: Hours, day: date | None, earlier: datetime | None, asked: Asked) -> Spoken | Unclear:
    """Read hours alone: of the day settled before; of what is moved ("改到下午三点") that day's or the next ones."""
    if day is not None:
        return on_days(one(day), hours, asked)
    coming = on_next_day(hours, asked)
    if earlier is None:
        return coming
    told = [on_days(one(zones.wall(earlier, asked.own).date()), hours, asked), coming]
    found = dict.fromkeys(
        spoken for each in told for spoken in ([each] if isinstance(each, Spoken) else each.candidates)
    )
    return coming if told[0] == coming else Unclear(Why.WHICH_DAY, tuple(found)[:MOST])


def _by_earlier(text: str, earlier: datetime | None, asked: Asked) -> Spoken | Unclear:
    if earlier is None:
        return Unclear(Why.EARLIER)
    if (moved := shifted(text, earlier, asked)) is not None:
        return moved
    found, rest = find_days(without_same(text))
    return same_time(_days(found, rest, asked, in_chinese=True), earlier, asked)


def _soon(text: str, asked: Asked) -> Spoken | Unclear | None:
    """Read "半小时后", "in two hours": counted from now, the same on every clock."""
    found = SOON.search(text)
    if found is None:
        return None
    count = found["count"] or found["number"]
    unit = UNIT_MINUTES[(found["unit"] or found["english"]).rstrip("s")]
    minutes = (
        unit // 2
        if count == "半"
        else to_int(count) * unit + (unit // 2 if any(found[half] for half in ("half", "and_half", "then_half")) else 0)
    )
    rest = text[: found.start()] + TAKEN + text[found.end() :]
    if find_days(rest)[0] or find_hours(rest)[0] is not None or is_left_over(rest, has_day=True):
        return Unclear(Why.SEVERAL)
    moment = asked.at.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    return Spoken(moment, moment, Exact.MINUTE, asked.own)


def _days(found: list[Found], text: str, asked: Asked, *, in_chinese: bool) -> Days | None:
    """Give the days meant, seen from the day on every clock that counts; None where no day is named."""
    if not found:
        return None
    # "Tomorrow at nine Beijing time": tomorrow here may be the day after there.
    readings = [_together(found, text, today) for today in dict.fromkeys(map(asked.today, (asked.own, *asked.clocks)))]
    if len(asked.clocks) > 1:
        readings = readings[:1]
    if any(not reading.spans for reading in readings):
        return next(reading for reading in readings if not reading.spans)
    spans = tuple(dict.fromkeys(span for reading in readings for span in reading.spans))
    why = next((reading.why for reading in readings if reading.why), None)
    if len(spans) > len(readings[0].spans):
        why = why or Why.WHICH_DAY
    return replace(readings[0], spans=spans, why=why)


def _together(found: list[Found], text: str, today: date) -> Days:
    """Give what all words for days mean together: a date and its weekday, a day of a week, from a day to a day."""
    for number in range(1, len(found)):
        if THROUGH.fullmatch(text[found[number - 1].end : found[number].start]):
            return _through(_all_of(found[:number], today), found[number:])
    return _all_of(found, today)


def _all_of(found: list[Found], today: date) -> Days:
    days = found[0].read(today)
    for other in found[1:]:
        days = _both(days, other.read(today), other, found[0])
    return days


def _through(first: Days, then: list[Found]) -> Days:
    if len(first.spans) != 1:
        return first if first.why else none(Why.SEVERAL)
    start = first.spans[0][0]
    ends = [last for _, last in _all_of(then, start).spans if last > start]
    return Days(((start, ends[0]),), first.why, is_span=True) if ends else none(Why.IMPOSSIBLE)


def _both(days: Days, more: Days, other: Found, one: Found) -> Days:
    if not days.spans or not more.spans:
        return days if not days.spans else more
    for whole, part, read in ((days, more, other.read), (more, days, one.read)):
        if whole.is_span and not part.is_span and len(whole.spans) == 1:
            first, last = whole.spans[0]
            inside = [
                span for span in (read(first) if part.weekday is not None else part).spans if first <= span[0] <= last
            ]
            return (
                replace(part, spans=tuple(inside[:1] if part.weekday is not None else inside), why=None)
                if inside
                else none(Why.SEVERAL)
            )
    # The weekday also tells a date to come from the one that has just gone by.
    for dated, named in ((days, more), (more, days)):
        if named.weekday is not None:
            on = tuple(span for span in dated.spans if span[0].weekday() == named.weekday)
            if not on:
                return none(Why.MISMATCH)
            return replace(dated, spans=on, why=dated.why if len(on) > 1 else None)
    shared = tuple(span for span in days.spans if span in more.spans)
    if not shared:
        return none(Why.SEVERAL)
    return replace(
        days,
        spans=shared,
        why=days.why if len(shared) > 1 or days.why is Why.PAST else None,
        part=days.part or more.part,
    )


def _is_tomorrow(days: Days, asked: Asked) -> bool:
    return days.step == "day" and days.spans[0][0] > asked.today(asked.own)
