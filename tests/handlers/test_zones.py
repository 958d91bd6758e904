"""Time zones: read from what people say, and no wall time shown that could be another or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions import Problem
from handlers.zone_question import ZoneQuestion
from handlers.zones import (
    HOME,
    Several,
    after_gap,
    clock_shown,
    find_zone,
    is_twice,
    moments_at,
    offset,
    shown,
    side_by_side,
    wall,
    zone_name,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def local(*parts: int) -> datetime:
    """What a clock on the wall shows: no zone in it."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("洛杉矶", "America/Los_Angeles"),
        ("我这边是洛杉矶时间", "America/Los_Angeles"),
        ("我在德国", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("I'm in London", "Europe/London"),
        ("美国 休斯敦", "America/Chicago"),
        ("苏州", HOME),
        ("台北", HOME),
        ("乌鲁木齐", HOME),
        ("北京时间", HOME),
        ("東八區", HOME),
        ("西五区", "Etc/GMT+5"),
        ("UTC-8", "Etc/GMT+8"),
        ("ＧＭＴ＋１", "Etc/GMT-1"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("美西", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("Bali", "Asia/Makassar"),
        ("新西兰", "Pacific/Auckland"),
    ],
)
def test_a_zone_is_read_from_places_words_and_offsets(words: str, zone: str) -> None:
    assert find_zone(words) == zone


@pytest.mark.parametrize("words", ["美国", "I live in Canada", "俄罗斯", "CST", "圣地亚哥", "澳洲", "纽约和洛杉矶"])
def test_several_clocks_are_asked_about(words: str) -> None:
    found = find_zone(words)
    assert isinstance(found, Several)
    assert len(found.zones) > 1
    assert set(found.zones) <= set(ZONES)


@pytest.mark.parametrize("words", ["", "随便", "romeo", "Christmas", "下午三点", "UTC+27"])
def test_words_without_a_place_name_no_zone(words: str) -> None:
    assert find_zone(words) is None


def test_names_people_can_read() -> None:
    assert zone_name("America/Los_Angeles", "zh-Hans") == "洛杉矶"
    assert zone_name("America/Argentina/Buenos_Aires", "en") == "Buenos Aires"
    assert [zone_name(HOME, language) for language in ("zh-Hans", "en")] == ["北京时间", "Beijing time"]
    assert zone_name("Etc/GMT+8", "en") == "UTC−8"


def test_both_clocks_side_by_side() -> None:
    moment = datetime(2026, 12, 3, 1, tzinfo=UTC)
    assert (
        side_by_side(moment, "America/Los_Angeles", "zh-Hans", now=NOW)
        == "12月3日 周四 09:00（北京时间）＝ 12月2日 周三 17:00（洛杉矶）"
    )
    assert (
        side_by_side(moment, "America/Los_Angeles", "en", now=NOW, until=moment + 2 * QUARTER)
        == "Thu 3 Dec 09:00–09:30 (Beijing time) = Wed 2 Dec 17:00–17:30 (Los Angeles)"
    )
    assert side_by_side(moment, "Asia/Singapore", "zh-Hans", now=NOW) == "12月3日 周四 09:00（北京时间）"


def test_another_year_and_another_day_are_said() -> None:
    moment = datetime(2027, 1, 3, 15, 45, tzinfo=UTC)
    assert shown(moment, HOME, "zh-Hans", now=NOW, until=moment + 2 * QUARTER) == (
        "2027年1月3日 周日 23:45 – 2027年1月4日 周一 00:15"
    )


def test_the_hour_that_comes_twice_carries_its_offset() -> None:
    first, second = moments_at(local(2026, 11, 1, 1, 30), "America/New_York")
    assert [clock_shown(moment, "America/New_York") for moment in (first, second)] == ["01:30 UTC−4", "01:30 UTC−5"]


def test_the_hour_that_is_left_out_has_no_moment() -> None:
    missing = local(2027, 3, 14, 2, 30)
    assert moments_at(missing, "America/New_York") == ()
    assert after_gap(missing, "America/New_York") == datetime(2027, 3, 14, 7, tzinfo=UTC)


def changes(zone: str, year: int) -> Iterator[datetime]:
    """Every moment of a year at which a zone's offset changes."""
    at, end, step = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC), timedelta(hours=12)
    clock = ZoneInfo(zone)
    while at < end:
        low, high = at, at + step
        if low.astimezone(clock).utcoffset() != high.astimezone(clock).utcoffset():
            before = low.astimezone(clock).utcoffset()
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(clock).utcoffset() == before else (low, middle)
            yield high.replace(second=0, microsecond=0)
        at += step


def test_every_change_of_offset_in_2027_three_hours_around() -> None:
    """No time is shown in a gap, none in a fold without its offset, and what is shown is read back as that moment."""
    seen = 0
    for zone in ZONES:
        for change in changes(zone, 2027):
            seen += 1
            around = [change + number * QUARTER for number in range(-12, 13)]
            texts = set()
            for moment in around:
                clock = wall(moment, zone).replace(tzinfo=None, fold=0)
                candidates = moments_at(clock, zone)
                assert moment in candidates, (zone, moment)
                assert is_twice(moment, zone) == (len(candidates) == 2)
                assert ("UTC" in clock_shown(moment, zone)) == (len(candidates) == 2), (zone, moment)
                assert [m for m in candidates if offset(m, zone) == offset(moment, zone)] == [moment]
                texts.add((clock.date(), clock_shown(moment, zone)))
            assert len(texts) == len(around), zone  # no two moments look the same
            first, last = (wall(moment, zone).replace(tzinfo=None, fold=0) for moment in (around[0], around[-1]))
            shift = (wall(change, zone).utcoffset() or timedelta()) - (
                wall(change - QUARTER, zone).utcoffset() or timedelta()
            )
            gaps = []
            while first <= last:
                if not moments_at(first, zone):
                    gaps.append(first)
                    assert after_gap(first, zone) == change, (zone, first)
                first += QUARTER
            assert len(gaps) * QUARTER == max(shift, timedelta()), (zone, gaps)
    assert seen > 300


@given(st.datetimes(local(2000, 1, 1), local(2037, 12, 31)), st.sampled_from(ZONES))
def test_a_moment_is_found_again_from_its_wall_time_and_offset(naive: datetime, zone: str) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=0)
    candidates = moments_at(wall(moment, zone).replace(tzinfo=None, fold=0), zone)
    assert [m for m in candidates if wall(m, zone).utcoffset() == wall(moment, zone).utcoffset()] == [moment]


def test_the_question_takes_a_button_a_place_or_an_offset() -> None:
    question = ZoneQuestion()
    assert question.read("America/New_York") == "America/New_York"
    assert question.read("我在慕尼黑") == "Europe/Berlin"
    assert question.read("UTC-8") == "Etc/GMT+8"
    assert question.label("Asia/Tokyo", "zh-Hans") == "东京"


def test_the_question_says_what_it_could_not_take() -> None:
    several, unknown = ZoneQuestion(language="en").read("USA"), ZoneQuestion().read("随便")
    assert isinstance(several, Problem)
    assert "Chicago" in str(several.params["given"])
    assert unknown == Problem("problem.zone.unknown")
    assert ZoneQuestion().find("明天下午，我在洛杉矶") == "America/Los_Angeles"
    assert ZoneQuestion().find("想约老家办公室的人") is None
