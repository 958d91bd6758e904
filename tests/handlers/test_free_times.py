"""Free times from rules: what the county's week, its holidays, leave, limits and bookings leave of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from handlers.free_times import COUNTY, Free, free, offered
from handlers.recurrence import BadRule, check_rrule, days_open, occurrences
from storage.slots import Day, DayKind, Holidays, Host, Rule, Terms

NOW = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # Wednesday, eight in the morning in the county
HOST = Host("h", "招商岗")
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def rule(
    rrule: str = WEEKDAYS,
    starts: str = "09:00",
    minutes: int = 120,
    *,
    name: str = "r",
    host: str = "h",
    holidays: Holidays = Holidays.SKIP,
    valid_from: date = date(2026, 1, 1),
    valid_until: date | None = None,
    **terms: object,
) -> Rule:
    settled = Terms(**{"lead_minutes": 0, **terms})  # type: ignore[arg-type]
    return Rule(name, host, rrule, starts, minutes, valid_from, valid_until, holidays, settled)


def times(
    *rules: Rule,
    days: tuple[Day, ...] = (),
    taken: Mapping[str, Mapping[int, int]] | None = None,
    on: date = date(2026, 11, 26),
    until: date | None = None,
    **narrowed: str,
) -> list[str]:
    """Give the free times of a day or more as the county's clock shows them."""
    from_ = datetime.combine(on, time(), COUNTY)
    to = datetime.combine((until or on) + timedelta(days=1), time(), COUNTY)
    found = free([HOST], rules, days, taken or {}, NOW, from_, to, **narrowed)  # type: ignore[arg-type]
    form = "%d %H:%M" if until else "%H:%M"
    return [f"{one.starts_at.astimezone(COUNTY):{form}}" for one in found]


def cells(*clocks: str, on: date = date(2026, 11, 26)) -> dict[str, dict[int, int]]:
    at = [datetime.combine(on, time.fromisoformat(clock), COUNTY) for clock in clocks]
    return {"h": {int(moment.timestamp()) // 900: 1 for moment in at}}


def test_hours_become_times_one_after_the_other() -> None:
    assert times(rule()) == ["09:00", "09:30", "10:00", "10:30"]
    assert times(rule(slot_minutes=45)) == ["09:00", "09:45"]
    assert times(rule(slot_minutes=30, buffer_minutes=15)) == ["09:00", "09:45", "10:30"]
    assert times(rule(slot_minutes=45, step_minutes=15, minutes=75)) == ["09:00", "09:15", "09:30"]
    assert times(rule(), on=date(2026, 11, 28)) == []


def test_a_time_is_utc_and_carries_its_terms() -> None:
    [first, *_] = free([HOST], [rule(capacity=2)], [], {}, NOW, NOW, NOW + timedelta(days=1))
    assert first == Free("h", datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 11, 25, 1, 30, tzinfo=UTC), 2,
                         Terms(lead_minutes=0, capacity=2), "r")  # fmt: skip


def test_what_is_taken_is_left_out_with_its_buffer() -> None:
    assert times(rule(), taken=cells("09:30", "09:45")) == ["09:00", "10:00", "10:30"]
    # The time at nine would need its pause when somebody is there.
    assert times(rule(buffer_minutes=15), taken=cells("09:30", "09:45")) == ["10:30"]
    assert times(rule(capacity=2), taken=cells("09:30", "09:45")) == ["09:00", "09:30", "10:00", "10:30"]
    assert times(rule(slot_minutes=45, step_minutes=15), taken=cells("10:00")) == ["09:00", "09:15", "10:15"]


def test_lead_and_ahead_limit_from_when_to_when() -> None:
    today = date(2026, 11, 25)
    assert times(rule(lead_minutes=90), on=today) == ["09:30", "10:00", "10:30"]
    assert times(rule(lead_minutes=24 * 60 + 90)) == ["09:30", "10:00", "10:30"]
    assert times(rule(ahead_days=1)) != []
    assert times(rule(ahead_days=1), on=date(2026, 11, 27)) == []
    assert times(rule(valid_until=today)) == []


def test_leave_beats_rules_and_extra_hours_add_to_them() -> None:
    day = date(2026, 11, 26)
    assert times(rule(), days=(Day("h", day, DayKind.LEAVE),)) == []
    assert times(rule(), days=(Day("h", day, DayKind.LEAVE, "09:15", "10:00"),)) == ["10:00", "10:30"]
    extra = Day("h", day, DayKind.EXTRA, "14:00", "15:00")
    assert times(rule(), days=(extra,)) == ["09:00", "09:30", "10:00", "10:30", "14:00", "14:30"]
    assert times(rule(), days=(extra, Day("h", day, DayKind.LEAVE, "09:00", "14:30"))) == ["14:30"]
    # Extra hours that repeat the rule's offer nothing twice.
    assert times(rule(), days=(Day("h", day, DayKind.EXTRA, "09:00", "10:00"),)) == times(rule())


def test_topics_and_modes_of_a_rule_stand_in_for_the_hosts() -> None:
    narrow = rule(topics=("tax",), modes=("video",))
    assert times(narrow, topic="tax", mode="video")
    assert times(narrow, topic="land") == times(narrow, mode="site") == []
    assert times(rule(), topic="land", mode="phone")


def test_holidays_are_closed_and_make_up_days_open_for_whole_weeks_alone() -> None:
    # 2026: National Day from 1 to 7 October; Saturday 10 October was worked in exchange.
    october = {"first": date(2026, 9, 28), "last": date(2026, 10, 11)}
    closed = {date(2026, 10, day) for day in range(1, 8)}
    everyday = [date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 9)]
    assert days_open(rule(), **october) == everyday
    assert days_open(rule(holidays=Holidays.MAKEUP), **october) == [*everyday, date(2026, 10, 10)]
    mondays = rule("FREQ=WEEKLY;BYDAY=MO,SA", holidays=Holidays.MAKEUP)
    assert days_open(mondays, **october) == [date(2026, 9, 28), date(2026, 10, 10)]
    # Whose hours are one weekday alone: nobody has said which weekday a make-up day stands for.
    assert days_open(rule("FREQ=WEEKLY;BYDAY=WE", holidays=Holidays.MAKEUP), **october) == [date(2026, 9, 30)]
    kept = days_open(rule("FREQ=DAILY", holidays=Holidays.KEEP), **october)
    assert closed <= set(kept)
    weekends = days_open(rule("FREQ=WEEKLY;BYDAY=SA,SU"), **october)
    assert weekends == [date(2026, 10, 10), date(2026, 10, 11)]


def test_a_year_that_is_not_announced_is_not_guessed() -> None:
    # The fifth is no holiday by law; whether it will be one the list of 2027 has to say.
    spring = days_open(rule(), date(2027, 2, 1), date(2027, 2, 12))
    assert date(2027, 2, 5) not in spring  # the eve of the Spring Festival, by law
    assert date(2027, 2, 10) in spring


@given(
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    interval=st.integers(1, 5),
    days=st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])),
    count=st.none() | st.integers(1, 40),
    begins=st.dates(date(2020, 1, 1), date(2026, 12, 1)),
    ahead=st.integers(-400, 2500),
)
def test_starting_nearer_gives_the_days_of_the_whole_rule(
    freq: str, interval: int, days: set[str], count: int | None, begins: date, ahead: int
) -> None:
    text = f"FREQ={freq};INTERVAL={interval}"
    text += f";BYDAY={','.join(sorted(days))}" if days else ""
    text += f";COUNT={count}" if count else ""
    first = begins + timedelta(days=ahead)
    last = first + timedelta(days=60)
    whole = rrulestr(text, dtstart=datetime.combine(begins, time()))
    wanted = [day for moment in itertools.islice(whole, 3000) if first <= (day := moment.date()) <= last]
    assert list(occurrences(text, begins, first, last)) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "every monday", "FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYHOUR=9", "FREQ=DAILY;X"],
)
def test_what_is_no_rule_by_days_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadRule, match="FREQ=WEEKLY;BYDAY=MO,WE"):
        check_rrule(text)
    assert check_rrule("rrule:freq=weekly; byday=mo,we") == "FREQ=WEEKLY;BYDAY=MO,WE"


def test_any_officer_is_who_has_least_to_do_that_week() -> None:
    hosts = [Host("a", "甲"), Host("b", "乙")]
    rules = [rule(host="a", name="ra"), rule(host="b", name="rb")]
    monday = cells("09:00", "09:15", on=date(2026, 11, 23))["h"]
    next_monday = cells("09:00", "09:15", on=date(2026, 11, 30))["h"]
    from_ = datetime(2026, 11, 25, 16, tzinfo=UTC)
    found = free(hosts, rules, [], {"a": monday, "b": next_monday}, NOW, from_, from_ + timedelta(days=4.5))
    merged = offered(found, {"a": monday, "b": next_monday})
    assert [one.host_id for one in merged[0].choices] == ["b", "a"]
    by_day = {one.starts_at.astimezone(COUNTY).day: [each.host_id for each in one.choices] for one in merged}
    assert by_day == {26: ["b", "a"], 27: ["b", "a"], 30: ["a", "b"]}
    assert len(merged) == len({one.starts_at for one in merged})


@given(
    length=st.sampled_from([15, 30, 45]),
    step=st.sampled_from([None, 15, 30]),
    buffer=st.sampled_from([0, 15]),
    capacity=st.integers(1, 3),
    seats=st.dictionaries(st.integers(0, 20), st.integers(1, 3)),
    away=st.lists(st.tuples(st.integers(0, 18), st.integers(1, 6)), max_size=2),
)
def test_free_is_what_one_finds_by_looking_at_every_start(
    length: int,
    step: int | None,
    buffer: int,
    capacity: int,
    seats: dict[int, int],
    away: list[tuple[int, int]],
) -> None:
    terms = Terms(length, step, buffer, capacity, lead_minutes=0)
    begin = int(datetime(2026, 11, 26, 1, tzinfo=UTC).timestamp()) // 900  # nine o'clock
    clock = "{:02}:{:02}".format
    leaves = [
        Day("h", date(2026, 11, 26), DayKind.LEAVE, *(clock(9 + at // 4, at % 4 * 15) for at in (first, first + count)))
        for first, count in away
    ]
    hours = Rule("r", "h", WEEKDAYS, "09:00", 240, date(2026, 1, 1), terms=terms)
    taken = {"h": {begin + cell: count for cell, count in seats.items()}}
    from_ = datetime(2026, 11, 25, 16, tzinfo=UTC)
    found = free([HOST], [hours], leaves, taken, NOW, from_, from_ + timedelta(days=1))
    wanted = {}
    for start in range(0, 16 - length // 15 + 1, terms.step // 15):
        own = range(start, start + length // 15)
        left = min(capacity - seats.get(cell, 0) for cell in range(start, start + (length + buffer) // 15))
        is_away = any(first <= cell < first + count for first, count in away for cell in own)
        if left > 0 and not is_away:
            wanted[start] = left
    assert {int(one.starts_at.timestamp()) // 900 - begin: one.seats for one in found} == wanted
