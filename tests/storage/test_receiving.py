"""Whether somebody may be sent an announcement at this moment: their daytime, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from storage.receiving import LIMITS, by_day

ZONES = sorted(available_timezones())
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(MOMENTS, st.sampled_from(ZONES))
def test_it_is_always_sent_by_day_and_never_put_off_longer_than_a_night(now: datetime, zone: str) -> None:
    later = by_day(zone, now)
    moment = (later or now).astimezone(ZoneInfo(zone))
    assert LIMITS.morning <= moment.time() < LIMITS.night
    if later is not None:
        # A night is eleven hours; a clock put back makes one longer.
        assert timedelta() < later - now <= timedelta(hours=13)
        assert by_day(zone, later) is None


def test_an_unknown_clock_is_the_countys() -> None:
    at = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 22:00 in the county
    assert by_day("Mars/Olympus", at) == by_day("Asia/Shanghai", at) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    assert time(8) == LIMITS.morning
