"""Nobody is woken: a moment is moved to somebody's day, whatever their clock does, and to a day that several share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from handlers import announce_rules
from storage.daytime import EVENING, MORNING, by_day

ZONES = sorted(available_timezones())
ABROAD = sorted(set(announce_rules.clocks_abroad().values()))
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(MOMENTS, st.sampled_from(ZONES))
def test_it_is_always_sent_by_day_and_never_put_off_longer_than_a_night(now: datetime, zone: str) -> None:
    moment = by_day(zone, now)
    assert MORNING <= moment.astimezone(ZoneInfo(zone)).time() < EVENING
    # A night is eleven hours; a clock put back makes one longer.
    assert timedelta() <= moment - now <= timedelta(hours=13)
    assert by_day(zone, moment) == moment


@given(MOMENTS, st.sampled_from(ABROAD))
def test_in_a_country_of_several_clocks_it_is_day_in_all_of_it(now: datetime, zones: str) -> None:
    moment = by_day(zones, now)
    assert all(MORNING <= moment.astimezone(ZoneInfo(zone)).time() < EVENING for zone in zones.split())
    assert timedelta() <= moment - now <= timedelta(days=1)


def test_an_unknown_clock_is_the_countys() -> None:
    at = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 22:00 in the county
    assert by_day("Mars/Olympus", at) == by_day("Asia/Shanghai", at) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
