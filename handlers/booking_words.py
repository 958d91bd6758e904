"""Words about a booking for all who speak of one (conversations, reminders, staff), and its calendar file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time

from handlers import invites, zones
from handlers.buttons import Action
from handlers.contacts import Contact, ContactKind, show_contact
from handlers.dialogue import Button, File
from handlers.voice import Rows, Voice
from storage.bookings import SELF, Booking, State, why_not_moved
from storage.slots import Host, Mode

STATUS = {State.PENDING: invites.Status.TENTATIVE, State.CONFIRMED: invites.Status.CONFIRMED}
# An officer's calendar keeps what was held there.
WAS_HELD = frozenset({State.DONE, State.NO_SHOW})


def topic_name(voice: Voice, topic: str) -> str:
    return voice.text(f"booking.topic.{topic}")


def mode_name(voice: Voice, mode: str) -> str:
    return voice.text(f"booking.mode.{mode}")


def host_name(voice: Voice, one: Booking | Host) -> str:
    """Give whom one meets, in English where there is a name for it."""
    name, name_en = (one.host_name, one.host_name_en) if isinstance(one, Booking) else (one.name, one.name_en)
    return (name_en or name) if voice.language == "en" else name


def time_of(voice: Voice, booking: Booking, now: datetime) -> str:
    """Write when it is, by Beijing's clock and by the person's where they differ."""
    return time_between(voice, booking.starts_at, booking.ends_at, booking.zone, now)


def time_between(voice: Voice, starts_at: datetime, ends_at: datetime, zone: str, now: datetime) -> str:
    home = voice.office.county.timezone
    return zones.side_by_side(starts_at, zone, voice.language, now=now, home=home, until=ends_at)


def moment(voice: Voice, at: datetime, zone: str, now: datetime) -> str:
    """Write one moment, by Beijing's clock and by the person's where they differ."""
    return zones.side_by_side(at, zone, voice.language, now=now, home=voice.office.county.timezone)


def day_shown(voice: Voice, day: date) -> str:
    """Write a day of the county's: 11月25日 周三."""
    county = voice.office.county
    noon = datetime.combine(day, time(12), county.zone)
    return zones.day_shown(noon, county.timezone, voice.language, now=voice.office.clock.now())


def facts(voice: Voice, booking: Booking, now: datetime) -> list[str]:
    """Give what somebody has to know of their booking, line by line."""
    return [
        voice.text("review.line", label=voice.text(f"booking.{name}"), value=value)
        for name, value in _facts(voice, booking, now)
    ]


def line_for_staff(voice: Voice, one: Booking) -> str:
    """Write a booking in one line as staff read it, by the county's clock."""
    zone = voice.office.county.zone
    starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
    contact = ""
    if one.contact:
        kind, value = one.contact
        contact = value if "*" in value else show_contact(Contact(ContactKind(kind), value))
    told = (
        one.number,
        f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}",
        host_name(voice, one),
        topic_name(voice, one.topic),
        mode_name(voice, one.mode),
        voice.text(f"booking.state.{one.state.value}"),
        one.name or "",
        contact,
        one.question or "",
    )
    return "  ".join(part for part in told if part)


def without_person(booking: Booking) -> Booking:
    """Give a booking without anything about whose it is."""
    return replace(booking, name=None, contact=None, question=None)


def doors(voice: Voice, booking: Booking, now: datetime) -> Rows:
    """Give the buttons that move or cancel a booking, while the person may, and the one that lists them all."""
    changes = []
    if why_not_moved(booking, by=SELF, at=now) is None:
        changes = [
            Button(label=voice.text(f"booking.door.{what}"), data=Action(f"{what}-booking", booking.number).data)
            for what in ("move", "cancel")
        ]
    return [
        row for row in (changes, [Button(label=voice.text("booking.door.mine"), data=Action("bookings").data)]) if row
    ]


def calendar_file(voice: Voice, booking: Booking) -> File:
    """Give the calendar file of a booking as it stands: opening it adds, changes or removes the one entry."""
    return File.of(
        f"{booking.number}.ics", invites.MEDIA_TYPE, invites.invite(_for_the_person(voice, booking), _office(voice))
    )


def feed_of(voice: Voice, host: str, bookings: Iterable[Booking]) -> bytes | None:
    """Give an officer's or expert's bookings as one calendar; None if there are none.

    Calendars are synchronised to telephones and clouds: nobody's name, contact or question is in it.
    """
    entries = [
        _entry(
            booking,
            summary=voice.text(
                "booking.calendar.officer",
                topic=topic_name(voice, booking.topic),
                mode=mode_name(voice, booking.mode),
                number=booking.number,
            ),
            description=voice.text("booking.calendar.look_up", number=booking.number),
            place=booking.place if booking.mode == Mode.SITE else None,
        )
        for booking in bookings
        if booking.state is not State.HELD
    ]
    return invites.feed(host, entries, _office(voice))


def _facts(voice: Voice, booking: Booking, now: datetime) -> Iterator[tuple[str, str]]:
    yield "number", booking.number
    yield "time", time_of(voice, booking, now)
    yield (
        "about",
        voice.text("booking.about_by", topic=topic_name(voice, booking.topic), mode=mode_name(voice, booking.mode)),
    )
    yield "with", host_name(voice, booking)
    if place := _place(voice, booking):
        yield "place", place
    # How a talk is joined is for those who have one.
    if booking.mode == Mode.VIDEO and booking.link and booking.state is State.CONFIRMED:
        yield "link", booking.link


def _place(voice: Voice, booking: Booking) -> str:
    if booking.mode != Mode.SITE:
        return ""
    place = (booking.place_en or booking.place) if voice.language == "en" else booking.place
    return place or voice.office.county.words(voice.language)["address"]


def _for_the_person(voice: Voice, booking: Booking) -> invites.Entry:
    lines = [
        voice.text("booking.calendar.with", host=host_name(voice, booking), number=booking.number),
        *([link] if booking.mode == Mode.VIDEO and (link := booking.link) and booking.state is State.CONFIRMED else []),
        voice.text("booking.calendar.changes"),
    ]
    topic, mode = topic_name(voice, booking.topic), mode_name(voice, booking.mode)
    return _entry(
        booking,
        summary=voice.text("booking.calendar.summary", topic=topic, mode=mode),
        description="\n".join(lines),
        place=_place(voice, booking),
    )


def _entry(booking: Booking, *, summary: str, description: str, place: str | None) -> invites.Entry:
    kept = invites.Status.CONFIRMED if booking.state in WAS_HELD else invites.Status.CANCELLED
    return invites.Entry(
        number=booking.number,
        made_at=booking.created_at,
        changed_at=booking.changed_at,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        sequence=booking.sequence,
        status=STATUS.get(booking.state, kept),
        summary=summary,
        description=description,
        place=place or "",
    )


def _office(voice: Voice) -> str:
    return voice.office.county.words(voice.language)["office"]
