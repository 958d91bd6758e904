"""Times as people say them: an own test set with the moment of asking, and what is echoed is read again the same.

The sets were written from the language's side; "ask" stands where there is no one honest reading. All but the first
were written before the reader was run on them, and read once before anything was mended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.spoken_times import Exact, Spoken, Unclear, Why, echo, read_time
from handlers.texts import Texts
from handlers.zones import HOME, wall
from tests.handlers.wall_clock import at

OWN = "spoken_times.jsonl"
SETS = {path.name: path for path in sorted(Path(__file__).parent.glob("spoken_times*.jsonl"))}
DAY = timedelta(days=1)
NOW = at("2026-11-25 10:00")
LOS_ANGELES = "America/Los_Angeles"


@dataclass(frozen=True)
class Case:
    words: str
    asked: datetime
    zone: str
    earlier: datetime | None
    means: Spoken | None  # None: to be asked back


def case(row: dict[str, str]) -> Case:
    zone, clock = row["zone"], row.get("clock", row["zone"])
    earlier = at(row["earlier"], zone) if "earlier" in row else None
    return Case(row["words"], at(row["asked"], zone), zone, earlier, meaning(row["means"], clock))


def meaning(means: str, clock: str) -> Spoken | None:
    """Read the gold: a day, a moment, a day with hours from/until, or days from/until (both included)."""
    if means == "ask":
        return None
    first, _, last = means.partition("/")
    if " " in first:
        until = at(f"{first[:10]} {last}", clock) if last else at(first, clock)
        return Spoken(at(first, clock), until, Exact.PART if last else Exact.MINUTE, clock)
    after = date.fromisoformat(last or first) + DAY
    return Spoken(at(first, clock), at(after.isoformat(), clock), Exact.DAYS if last else Exact.DAY, clock)


def cases(name: str) -> list[Case]:
    return [case(json.loads(line)) for line in SETS[name].read_text("utf-8").splitlines()]


def read(one: Case) -> Spoken | Unclear:
    return read_time(one.words, asked_at=one.asked, zone=one.zone, earlier=one.earlier)


def is_right(got: Spoken | Unclear, one: Case) -> bool:
    if one.means is None or isinstance(got, Unclear):
        return isinstance(got, Unclear) and one.means is None
    return (got.starts, got.ends, got.exact) == (one.means.starts, one.means.ends, one.means.exact)


@pytest.mark.parametrize("name", SETS)
def test_spoken_times_are_read_right_or_asked_back(name: str) -> None:
    told = [(one, read(one)) for one in cases(name)]
    wrong = [(one.words, got) for one, got in told if isinstance(got, Spoken) and not is_right(got, one)]
    assert wrong == []  # none silently wrong
    assert sum(is_right(got, one) for one, got in told) >= 0.97 * len(told)


def test_the_own_set_is_large_and_in_both_languages() -> None:
    words = [one.words for one in cases(OWN)]
    assert len(words) >= 200
    assert sum(text.isascii() for text in words) >= 60


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_what_is_echoed_is_read_again_the_same(name: str, language: str) -> None:
    for one in cases(name):
        got = read(one)
        for spoken in [got] if isinstance(got, Spoken) else got.candidates:
            words = echo(spoken, language, now=one.asked)
            again = read_time(words, asked_at=one.asked, zone=one.zone)
            assert again == spoken, (one.words, words)


@pytest.mark.parametrize("name", SETS)
def test_what_is_asked_back_lies_ahead(name: str) -> None:
    for one in cases(name):
        got = read(one)
        for spoken in got.candidates if isinstance(got, Unclear) else ():
            assert max(spoken.starts, spoken.ends - timedelta(seconds=1)) > one.asked, (one.words, spoken)


ZONES = [HOME, LOS_ANGELES, "America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "Etc/GMT+8"]


@given(
    st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2035-12-31")),
    st.integers(2, 330 * 24 * 4),
    st.sampled_from(ZONES),
    st.sampled_from(["zh-Hans", "en"]),
)
def test_any_moment_is_read_back_from_its_echo(now: datetime, quarters: int, zone: str, language: str) -> None:
    asked_at = now.replace(tzinfo=UTC, minute=0, second=0, microsecond=0)
    moment = asked_at + quarters * timedelta(minutes=15)
    spoken = Spoken(moment, moment, Exact.MINUTE, zone)
    assert read_time(echo(spoken, language, now=asked_at), asked_at=asked_at, zone=zone) == spoken


@given(st.text(max_size=40))
def test_any_words_are_read_or_asked_back(words: str) -> None:
    assert isinstance(read_time(words, asked_at=NOW, zone=LOS_ANGELES), (Spoken, Unclear))


CHINESE = """下周 这周 周三 星期五 明天 后天 今晚 5号 12月 初六 正月 月底 上午 下午 凌晨 三点 十点半 8点 一刻 到 以后 前
    我这边 北京时间 洛杉矶时间 UTC-5 的 吧 3 9 24:00 15:30 国庆假期 第二天 同一时间 推迟 一天 半小时后 （纽约）
    ，不对， 说错了， 补班那个周六 最后一天 大雪那天 国庆后第一个工作日 下周今天 俩礼拜后 多 左右 9.30"""
ENGLISH = """next this Friday tomorrow at pm half past the 5th of December my time in two weeks 3/4 noon sorry
    third first week fortnight today 9.30 14h30 tomorow morning"""
PIECES = [*CHINESE.split(), *(f"{word} " for word in ENGLISH.split())]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.sampled_from(ZONES), st.integers(0, 400 * 24))
def test_words_thrown_together_never_give_the_past(pieces: list[str], zone: str, hours: int) -> None:
    asked_at = at("2026-11-01 00:30") + timedelta(hours=hours)
    got = read_time("".join(pieces), asked_at=asked_at, zone=zone, earlier=asked_at + DAY)
    for spoken in [got] if isinstance(got, Spoken) else got.candidates:
        assert max(spoken.starts, spoken.ends - timedelta(seconds=1)) >= asked_at
        assert spoken.starts <= spoken.ends


def test_a_wall_time_that_comes_twice_is_asked_with_both_offsets() -> None:
    asked = at("2026-10-31 10:00", "America/New_York")
    got = read_time("tomorrow at 1:30 am my time", asked_at=asked, zone="America/New_York")
    assert isinstance(got, Unclear)
    assert got.why is Why.FOLD
    assert [echo(each, "en", now=asked) for each in got.candidates] == [
        "Sun 1 Nov 01:30 UTC−4 (New York)",
        "Sun 1 Nov 01:30 UTC−5 (New York)",
    ]


def test_a_wall_time_that_is_left_out_is_refused_with_the_one_after() -> None:
    asked = at("2027-03-13 10:00", "America/New_York")
    got = read_time("tomorrow at 2:30am my time", asked_at=asked, zone="America/New_York")
    assert isinstance(got, Unclear)
    assert got.why is Why.GAP
    assert [echo(each, "zh-Hans", now=asked) for each in got.candidates] == ["3月14日 周日 03:30（纽约）"]


def test_the_past_is_refused_with_the_next_such_time() -> None:
    got = read_time("今天上午九点", asked_at=NOW)
    assert isinstance(got, Unclear)
    assert (got.why, [echo(each, "zh-Hans", now=NOW) for each in got.candidates]) == (
        Why.PAST,
        ["11月26日 周四 09:00（北京时间）"],
    )


def test_a_bare_time_of_somebody_abroad_asks_whose_clock_until_they_have_said() -> None:
    asked = at("2026-11-24 18:00", LOS_ANGELES)
    got = read_time("明天下午三点", asked_at=asked, zone=LOS_ANGELES)
    assert isinstance(got, Unclear)
    assert (got.why, [each.zone for each in got.candidates]) == (Why.CLOCK, [LOS_ANGELES, HOME])
    mine = read_time("明天下午三点", asked_at=asked, zone=LOS_ANGELES, clock="mine")
    assert isinstance(mine, Spoken)
    assert wall(mine.starts, LOS_ANGELES).hour == 15


def test_bare_hours_are_of_the_day_settled_before() -> None:
    told = read_time("改到四点吧", asked_at=NOW, day=date(2026, 12, 4))
    assert isinstance(told, Spoken)
    assert echo(told, "zh-Hans", now=NOW) == "12月4日 周五 16:00（北京时间）"


def test_bare_hours_for_what_is_moved_ask_which_day() -> None:
    told = read_time("改到下午三点", asked_at=NOW, earlier=at("2026-12-04 10:00"))
    assert isinstance(told, Unclear)
    assert (told.why, [echo(each, "zh-Hans", now=NOW) for each in told.candidates]) == (
        Why.WHICH_DAY,
        ["12月4日 周五 15:00（北京时间）", "11月25日 周三 15:00（北京时间）"],
    )


def test_a_morning_gone_by_in_china_is_not_silently_the_own_one() -> None:
    told = read_time("明天上午", asked_at=at("2027-01-15 21:30", LOS_ANGELES), zone=LOS_ANGELES)
    assert isinstance(told, Unclear)
    assert told.why is Why.CLOCK


ODD = ["明夭下午三点", "明天下午三点多", "明天下午三点办", "nex Friday at 3pm", "Friday 3pmish"]


@pytest.mark.parametrize("words", ODD)
def test_what_stands_beside_a_time_unread_is_asked_about(words: str) -> None:
    assert isinstance(read_time(words, asked_at=NOW), Unclear)


def test_the_own_clock_of_somebody_whose_zone_is_not_known_is_asked_for() -> None:
    assert read_time("我这边晚上八点", asked_at=NOW, zone=None) == Unclear(Why.WHERE)
    assert read_time("我在美国，明天下午三点", asked_at=NOW, zone=None) == Unclear(Why.WHERE)


def test_every_reason_has_its_words() -> None:
    texts = Texts.load()
    assert [why for why in Why if not texts.has(f"spoken.{why}")] == []
