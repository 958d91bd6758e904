"""Calendar files: they read back equal, pass strict readers, and change one and the same entry for life."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from handlers.invites import Entry, Status, feed, invite
from handlers.questions import tidy

OFFICE = "望川县迎回建办"
MADE = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
TALK = Entry(
    number="BK7M2X",
    made_at=MADE,
    changed_at=MADE,
    starts_at=datetime(2026, 11, 26, 6, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 26, 7, 0, tzinfo=UTC),
    sequence=0,
    status=Status.CONFIRMED,
    summary="视频咨询：用地",
    description="编号 BK7M2X",
    place="县政务中心 3 楼",
)
# What RFC 5545 §3.6.1 and RFC 5546 §3.2.1, §3.2.5 want of an entry, and how often at most.
ONCE = {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "ORGANIZER", "STATUS"}
AT_MOST_ONCE = {*ONCE, "DTEND", "LOCATION", "DESCRIPTION", "CLASS"}
NAME = re.compile(r"[A-Z][A-Z0-9-]*")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

texts = st.text(max_size=120)
moments = st.integers(0, 5_000_000).map(lambda minutes: MADE + timedelta(minutes=minutes))
entries = st.builds(
    Entry,
    number=st.from_regex(r"B[2-9A-HJKMNP-TV-Z]{5}", fullmatch=True),
    made_at=moments,
    changed_at=moments,
    starts_at=moments,
    ends_at=moments,
    sequence=st.integers(0, 1000),
    status=st.sampled_from(Status),
    summary=texts.filter(tidy),
    description=texts.filter(tidy),
    place=texts,
).map(lambda entry: replace(entry, ends_at=entry.starts_at + timedelta(minutes=45)))


def strictly(file: bytes) -> list[dict[str, str]]:
    """Give the entries of a file that keeps every rule of form; fail for one that does not."""
    assert file.endswith(b"\r\n")
    lines = file[:-2].split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        assert not CONTROL.search(line.decode("utf-8"))  # also: no character is cut by a fold
    unfolded = re.sub(r"\r\n[ \t]", "", file.decode()).split("\r\n")[:-1]
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    head = unfolded[1 : unfolded.index("BEGIN:VEVENT")]
    assert {"VERSION:2.0"} <= set(head)
    assert sum(line.startswith(("METHOD:", "PRODID:")) for line in head) == 2
    found: list[dict[str, str]] = []
    for line in unfolded[len(head) + 1 : -1]:
        name = NAME.match(line)
        assert name is not None
        if line == "BEGIN:VEVENT":
            found.append({})
        elif line != "END:VEVENT":
            assert name[0] in AT_MOST_ONCE
            assert name[0] not in found[-1]
            found[-1][name[0]] = line[name.end() :]
    for event in found:
        assert set(event) >= ONCE
        for time in ("DTSTAMP", "DTSTART", "DTEND"):
            assert re.fullmatch(r":\d{8}T\d{6}Z", event[time])
        for text in ("SUMMARY", "DESCRIPTION", "LOCATION"):
            assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", event.get(text, ""))
    return found


def read_back(file: bytes) -> list[tuple[object, ...]]:
    calendar = Calendar.from_ical(file)
    assert isinstance(calendar, Calendar)
    calendar.validate()
    return [
        (
            str(event["uid"]),
            int(event["sequence"]),
            event.stamp,
            event.start,
            event.end,
            str(event["status"]),
            str(event["summary"]),
            str(event["description"]),
            str(event.get("location", "")),
        )
        for event in calendar.events
        if not event.errors
    ]


def told(entry: Entry) -> tuple[object, ...]:
    return (
        entry.uid,
        entry.sequence,
        entry.changed_at,
        entry.starts_at,
        entry.ends_at,
        entry.status.value,
        tidy(entry.summary),
        tidy(entry.description),
        tidy(entry.place),
    )


@given(entries, texts)
def test_an_invitation_reads_back_equal_and_passes_strict_readers(entry: Entry, office: str) -> None:
    file = invite(entry, office)
    assert len(strictly(file)) == 1
    assert read_back(file) == [told(entry)]
    other = IcsCalendarStream.calendar_from_ics(file.decode())
    assert [(event.uid, event.dtstart, event.dtend, event.sequence) for event in other.events] == [
        (entry.uid, entry.starts_at, entry.ends_at, entry.sequence)
    ]


@given(st.lists(entries, min_size=1, max_size=5), texts)
def test_a_feed_holds_every_booking(several: list[Entry], name: str) -> None:
    file = feed(name, several, OFFICE)
    assert file is not None
    assert len(strictly(file)) == len(several)
    assert read_back(file) == [told(entry) for entry in several]


def test_an_officer_without_bookings_has_no_feed() -> None:
    assert feed("人才办", [], OFFICE) is None


def test_a_booking_is_one_entry_for_life() -> None:
    moved = replace(
        TALK, sequence=1, starts_at=TALK.starts_at + timedelta(days=7), ends_at=TALK.ends_at + timedelta(days=7)
    )
    gone = replace(moved, sequence=2, status=Status.CANCELLED, changed_at=MADE + timedelta(hours=3))
    files = [invite(entry, OFFICE).decode() for entry in (TALK, moved, gone)]
    assert len({strictly(file.encode())[0]["UID"] for file in files}) == 1
    assert [re.search(r"METHOD:(\w+)", file)[1] for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]  # type: ignore[index]
    assert "STATUS:CANCELLED" in files[2]


@pytest.mark.parametrize("changed", [{"number": "BK7M2Y"}, {"made_at": MADE + timedelta(seconds=1)}])
def test_no_two_bookings_share_an_entry(changed: dict[str, object]) -> None:
    assert replace(TALK, **changed).uid != TALK.uid  # type: ignore[arg-type]


def test_the_id_of_an_entry_never_changes_with_a_release() -> None:
    assert TALK.uid == "d0192af8-a083-5652-9a46-518674b9edf0"
