"""Time zones: read from places, words and UTC offsets, and moments shown on two clocks side by side.

Zones travel by their names in the tz database ("America/Los_Angeles"), moments as aware datetimes in UTC. A wall time
that happens twice is never shown without its offset; one that never happens has no moment at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from handlers.places import named, table
from knowledge.numbering import to_int
from knowledge.words import normalise

HOME = "Asia/Shanghai"
HOME_NAME = {"zh": "北京时间", "en": "Beijing time"}
# Countries of several clocks in which one is meant unless an island is named (CLDR's primary zones).
PRIMARY = {
    "CL": "America/Santiago",
    "CN": HOME,
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
# Abbreviations that mean several clocks: nobody can tell which.
OPEN = {
    "cst": ("Asia/Shanghai", "America/Chicago"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "mst": ("America/Denver", "America/Phoenix"),
}
# Cities of CLDR that are words of everyday English.
WORDS = frozenset({"center", "christmas", "easter", "oral", "troll", "wake", "knox", "palmer", "davis", "casey"})
# Zones without summer time for the offsets that are no whole hour.
BROKEN = {
    (3, 30): "Asia/Tehran",
    (4, 30): "Asia/Kabul",
    (5, 30): "Asia/Kolkata",
    (5, 45): "Asia/Kathmandu",
    (6, 30): "Asia/Yangon",
    (9, 30): "Australia/Darwin",
    (-9, 30): "Pacific/Marquesas",
}
OFFSET = re.compile(
    r"(?:utc|gmt|协调世界时|世界时)\s*(?:([+\-−–])\s*(\d{1,2})(?:[:.]?(\d{2})(?!\d))?)?(?![a-z])"
    r"|([东西])\s*([一二三四五六七八九十]{1,2}|\d{1,2})\s*(?:时区|区)|(零时区|中时区)"
)
PATTERNS = {
    "zh": ("M月d日 EEE", "y年M月d日 EEE"),
    "en": ("EEE d MMM", "EEE d MMM y"),
}


@dataclass(frozen=True, slots=True)
class Several:
    """The clocks that may be meant: a country has more than one, or an abbreviation is used for many."""

    zones: tuple[str, ...]


def find_zone(words: str) -> str | Several | None:
    """Give the zone that words name by place, by name or by offset; several where that leaves it open; None if none."""
    plain = normalise(words)
    if (found := OFFSET.search(plain)) is not None:
        return _by_offset(found)
    exact: dict[str, None] = {}
    countries: dict[str, tuple[str, ...]] = {}
    for zones, country, _, _ in zones_named(plain):
        if len(zones) == 1:
            exact[zones[0]] = None
            countries.pop(country, None)
        elif not any(zone in zones for zone in exact):
            countries[country] = zones
    named_zones = [*exact, *(zone for zones in countries.values() for zone in zones if not exact)]
    distinct = tuple(dict.fromkeys(named_zones))
    return (distinct[0] if len(distinct) == 1 else Several(distinct)) if distinct else None


def zones_named(plain: str) -> Iterator[tuple[tuple[str, ...], str, int, int]]:
    """Find every place or clock a normalised text names: its zones, its country, and where it stands; in order.

    Names of cities and clocks go before names of countries that they are part of.
    """
    pattern, zones = _names()
    found = [(*zones[match[0]], *match.span()) for match in pattern.finditer(plain)]
    taken = [(start, end) for _, _, start, end in found]
    for place, start, end in named(plain):
        if not any(start < last and first < end for first, last in taken):
            country = place.code.partition("/")[0]
            found.append(((HOME,) if country == "CN" else clocks_of(country), country, start, end))
    yield from sorted(found, key=lambda each: each[2])


def zone_name(zone: str, language: str) -> str:
    """Give a zone's name people can read: 洛杉矶 / Los Angeles, 北京时间 / Beijing time, UTC−8."""
    speech = _speech(language)
    if zone == HOME:
        return HOME_NAME[speech]
    if zone in {"UTC", "Etc/UTC", "Etc/GMT"}:
        return "UTC"
    if fixed := re.fullmatch(r"Etc/GMT([+-])(\d{1,2})", zone):
        # The sign of these names is turned round (POSIX).
        return f"UTC{'−' if fixed[1] == '+' else '+'}{fixed[2]}"
    return _cities(speech).get(zone) or zone.rpartition("/")[2].replace("_", " ")


def wall(moment: datetime, zone: str) -> datetime:
    """Give what the clock of a zone shows at a moment."""
    return moment.astimezone(ZoneInfo(zone))


def moments_at(local: datetime, zone: str) -> tuple[datetime, ...]:
    """Give the moments (UTC) at which a clock shows a time (naive): one; none in a gap; two in a fold, in order."""
    found = set()
    for fold in (0, 1):
        moment = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
        if wall(moment, zone).replace(tzinfo=None) == local.replace(fold=0):
            found.add(moment)
    return tuple(sorted(found))


def after_gap(local: datetime, zone: str) -> datetime:
    """Give the first moment (UTC) after the gap that a time (naive) falls in, when the clock was put forward."""
    low, high = sorted(local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    before = wall(low, zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if wall(middle, zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


def is_twice(moment: datetime, zone: str) -> bool:
    """Tell whether the clock of a zone shows the same time at another moment as well (it was put back)."""
    return len(moments_at(wall(moment, zone).replace(tzinfo=None, fold=0), zone)) > 1


def is_same_clock(zone: str, other: str, moment: datetime) -> bool:
    """Tell whether two zones show the same time at a moment."""
    return wall(moment, zone).utcoffset() == wall(moment, other).utcoffset()


def offset(moment: datetime, zone: str) -> str:
    """Write the offset of a zone at a moment: UTC−5, UTC+5:30, UTC."""
    minutes = round((wall(moment, zone).utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC+0"


def clock_shown(moment: datetime, zone: str) -> str:
    """Write the time of day at a moment: 09:00, or 01:30 UTC−4 where the clock shows it twice."""
    return f"{wall(moment, zone):%H:%M}" + (f" {offset(moment, zone)}" if is_twice(moment, zone) else "")


def day_shown(moment: datetime, zone: str, language: str, *, now: datetime) -> str:
    """Write the day: 12月3日 周四 / Thu 3 Dec, with the year where it is not that of `now`."""
    from babel.dates import format_date

    speech = _speech(language)
    day = wall(moment, zone).date()
    pattern = PATTERNS[speech][day.year != wall(now, zone).year]
    return format_date(day, pattern, locale=speech)


def shown(moment: datetime, zone: str, language: str, *, now: datetime, until: datetime | None = None) -> str:
    """Write a moment, or the time from it until another: 12月3日 周四 09:00–09:30."""
    text = f"{day_shown(moment, zone, language, now=now)} {clock_shown(moment, zone)}"
    if until is None:
        return text
    if wall(until, zone).date() == wall(moment, zone).date():
        return f"{text}–{clock_shown(until, zone)}"
    return f"{text} – {shown(until, zone, language, now=now)}"


def side_by_side(
    moment: datetime,
    zone: str,
    language: str,
    *,
    now: datetime,
    home: str = HOME,
    until: datetime | None = None,
) -> str:
    """Write a moment on the county's clock and on a person's, or once where both show the same.

    12月3日 周四 09:00（北京时间）＝ 12月2日 周三 17:00（洛杉矶）
    """
    clocks = [home] if is_same_clock(zone, home, moment) else [home, zone]
    speech = _speech(language)
    around, equals = ("（{}）", " ＝ ") if speech == "zh" else (" ({})", " = ")
    return equals.join(
        shown(moment, clock, language, now=now, until=until) + around.format(zone_name(clock, language))
        for clock in clocks
    ).replace("） ＝", "）＝")


def clocks_of(country: str) -> tuple[str, ...]:
    """Give the zones to choose from in a country (ISO 3166-1), the commonest first; one where one is meant."""
    from babel.core import get_global

    if country in PRIMARY:
        return (PRIMARY[country],)
    listed = tuple(dict.fromkeys(zone for code, zone, _ in _listed() if code == country))
    return listed or tuple(get_global("territory_zones").get(country, ()))[:1]


def _by_offset(found: re.Match[str]) -> str | Several | None:
    sign, hours, minutes, side, number, _ = found.groups()
    count = int(hours) if hours else to_int(number) if number else 0
    east = sign == "+" or side == "东"
    if minutes and int(minutes):
        return BROKEN.get((count if east else -count, int(minutes)))
    if count > (14 if east else 12):
        return None
    if count == 8 and east:
        return HOME
    return f"Etc/GMT{'-' if east else '+'}{count}" if count else "Etc/UTC"


@cache
def _names() -> tuple[re.Pattern[str], dict[str, tuple[tuple[str, ...], str]]]:
    """Give every name of a zone, normalised, with its zones and country, and one pattern, the longest first."""
    from babel.core import get_global

    names: dict[str, tuple[tuple[str, ...], str]] = {}
    countries = get_global("zone_territories")
    for speech in ("zh", "en"):
        for zone, city in _cities(speech).items():
            country = countries.get(zone, "")
            name = normalise(city)
            if name not in WORDS and country not in {"CN", "HK", "MO", "TW", "AQ", ""} and len(name) > 1:
                names.setdefault(name, ((zone,), country))
    for country, zone, listed in _listed():
        names |= {normalise(name.replace("_", " ")): ((zone,), country) for name in listed.split()}
    names |= {abbreviation: (zones, abbreviation) for abbreviation, zones in OPEN.items()}
    # San Diego and the capital of Chile are one name in Chinese.
    names["圣地亚哥"] = (("America/Los_Angeles", "America/Santiago"), "圣地亚哥")
    edge = {name: rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in names}
    return re.compile("|".join(edge[name] for name in sorted(names, key=len, reverse=True))), names


@cache
def _cities(speech: str) -> dict[str, str]:
    """Give the city of every zone as CLDR names it, under the zone's name of today ("Asia/Kolkata")."""
    from babel import Locale
    from babel.core import get_global

    today = get_global("zone_aliases")
    told = {str(zone): str(names["city"]) for zone, names in Locale(speech).time_zones.items() if "city" in names}
    if speech == "en":
        # CLDR names only the cities that differ from the zone's own name.
        told = {zone: zone.rpartition("/")[2].replace("_", " ") for zone in map(str, Locale("zh").time_zones)} | told
    return {today.get(zone, zone): city for zone, city in told.items() if not zone.startswith("Etc/")} | {
        zone: city for zone, city in told.items() if not zone.startswith("Etc/")
    }


@cache
def _listed() -> tuple[tuple[str, str, str], ...]:
    heads = ((head.rstrip(":").split(" "), names) for head, names in table("zones.txt"))
    return tuple((country, zone, names) for (country, zone), names in heads)


def _speech(language: str) -> str:
    return "en" if language.startswith("en") else "zh"
