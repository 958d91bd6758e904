"""Calendar files (RFC 5545, 5546): an entry for each booking, the same for life, and an officer's feed of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from icalendar import Calendar, Event, vCalAddress, vText

from handlers.questions import tidy

MEDIA_TYPE = "text/calendar"
PRODID = "-//Laoxiang//Bookings//ZH"
# What the ids of our calendar entries are made within; changing it would double everybody's entries.
OURS = UUID("2b0a9a9e-6c1f-5f0e-9a52-6f1d3c8f7e11")


class Status(StrEnum):
    """How far an entry can be relied on (RFC 5545 §3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar shows of one booking; all times aware UTC, to the second.

    `number` and `made_at` never change and make the entry's id; `sequence` grows with every change a calendar must
    take over; `changed_at` is when the booking became as it is here.
    """

    number: str
    made_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    sequence: int
    status: Status
    summary: str
    description: str
    place: str = ""

    @property
    def uid(self) -> str:
        """Give the id by which a calendar knows this entry again, whatever happens to it (RFC 7986 §5.3)."""
        return str(uuid5(OURS, f"{self.number}/{self.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"))


def invite(entry: Entry, organizer: str) -> bytes:
    """Give the file that puts one booking into a calendar, changes it there, or takes it out again.

    `organizer` is the office's name.
    """
    # A cancellation is a method of its own: a published entry that is merely marked would stay in many calendars.
    calendar = _calendar("CANCEL" if entry.status is Status.CANCELLED else "PUBLISH")
    calendar.add_component(_event(entry, organizer))
    return bytes(calendar.to_ical())


def feed(name: str, entries: Iterable[Entry], organizer: str) -> bytes | None:
    """Give an officer's bookings as one calendar by a name; None where there are none.

    A calendar can't be empty (RFC 5545 §3.6). Those called off are in it and say so, so that a calendar that read the
    feed before takes them out.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("name", _in_one_line(name))
    # Older calendars know a calendar's name only by this.
    calendar.add("x-wr-calname", _in_one_line(name))
    events = [_event(entry, organizer) for entry in entries]
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical()) if events else None


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, organizer: str) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    # UTC, so that no file depends on the rules a calendar holds for a zone.
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("status", entry.status.value)
    # Control characters have no place in a calendar file (RFC 5545 §3.1).
    event.add("summary", tidy(entry.summary))
    event.add("description", tidy(entry.description))
    if place := tidy(entry.place):
        event.add("location", place)
    event.add("class", "PRIVATE")
    event.add("organizer", _office(organizer))
    return event


def _office(name: str) -> vCalAddress:
    # RFC 5546 wants an organizer even of what is only published. The office has no mail address to name, and a
    # made-up one would get replies.
    address = vCalAddress(uuid5(OURS, name).urn)
    # A parameter's value can't hold a double quote (RFC 5545 §3.2).
    address.params["cn"] = vText(_in_one_line(name).replace('"', "'"))
    return address


def _in_one_line(words: str) -> str:
    return " ".join(tidy(words).split())
