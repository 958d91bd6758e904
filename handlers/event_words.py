"""Words about an event for all who speak of one (conversations, notices, staff): card, link, calendar file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

from handlers import invites, zones
from handlers.buttons import Action
from handlers.dialogue import Button, File, Heading, Items, Part, Reply
from handlers.ids import read_aloud
from handlers.voice import Rows, Voice
from storage.event_replies import EventReply, ReplyState
from storage.events import Event, EventState

PAYLOAD = "event_"  # of a deep link, before the event's code
TIMES = frozenset({"starts_at", "ends_at"})


def title(voice: Voice, event: Event) -> str:
    return (event.title_en or event.title) if voice.language == "en" else event.title


def place(voice: Voice, event: Event) -> str:
    return (event.place_en or event.place) if voice.language == "en" else event.place


def when(voice: Voice, event: Event, zone: str, now: datetime) -> str:
    """Write when it is, by the county's clock and by the person's where they differ."""
    home = voice.office.county.timezone
    return zones.side_by_side(event.starts_at, zone, voice.language, now=now, home=home, until=event.ends_at)


def is_open(event: Event, now: datetime) -> bool:
    """Tell whether replies are taken."""
    return event.state is EventState.OPEN and now < event.deadline


def card(voice: Voice, event: Event, zone: str, now: datetime, mine: EventReply | None = None) -> Reply:
    """Give the card of an event as it stands, with what the person can do about it."""
    return voice.reply(card_parts(voice, event, zone, now, mine), doors(voice, event, now, mine))


def card_parts(voice: Voice, event: Event, zone: str, now: datetime, mine: EventReply | None = None) -> list[Part]:
    parts: list[Part] = [Heading(text=title(voice, event))]
    if event.state is EventState.CANCELLED:
        parts += voice.parts("event.is_cancelled")
    parts.append(Items(items=tuple(_lines(voice, event, zone, now))))
    if event.note:
        parts += voice.parts("event.note", note=event.note)
    if mine is not None and mine.state is not ReplyState.WITHDRAWN:
        parts += voice.parts(f"event.mine.{mine.state.value}", number=read_aloud(mine.number), seats=mine.seats)
    return parts


def doors(voice: Voice, event: Event, now: datetime, mine: EventReply | None = None) -> Rows:
    """Give the buttons under a card: sign up, or take back what was sent."""
    if event.state is EventState.CANCELLED:
        return []
    if mine is None or mine.state is ReplyState.WITHDRAWN:
        return [[_button(voice, "event.door.sign_up", "event", event.code)]] if is_open(event, now) else []
    if mine.state is ReplyState.ATTENDED or event.starts_at <= now:
        return []
    return [[_button(voice, "event.door.leave", "leave-event", mine.number)]]


def facts(voice: Voice, event: Event, reply: EventReply, now: datetime) -> list[str]:
    """Give what somebody who has signed up has to know, line by line."""
    lines = [_line(voice, "number", read_aloud(reply.number))]
    lines += list(_lines(voice, event, reply.zone, now, public=False))
    if reply.state is ReplyState.ONLINE and event.live_link:
        lines.append(_line(voice, "live", event.live_link))
    elif reply.seats > 1:
        lines.append(_line(voice, "seats", str(reply.seats)))
    if reply.group:
        lines.append(_line(voice, "group", reply.group))
    return lines


def changes(voice: Voice, event: Event, zone: str, now: datetime) -> list[str]:
    """Say what the last change replaced: "时间：…（原定 …）"."""
    lines = []
    if TIMES & set(event.was):
        starts = datetime.fromisoformat(event.was.get("starts_at", event.starts_at.isoformat()))
        ends = datetime.fromisoformat(event.was.get("ends_at", event.ends_at.isoformat()))
        home = voice.office.county.timezone
        was = zones.side_by_side(
            starts.astimezone(UTC), zone, voice.language, now=now, home=home, until=ends.astimezone(UTC)
        )
        lines.append(voice.text("event.was", label=voice.text("event.time"), was=was))
    if "place" in event.was:
        lines.append(voice.text("event.was", label=voice.text("event.place"), was=event.was["place"]))
    return lines


def link(voice: Voice, code: str) -> str | None:
    """Give the link that opens the sign-up for an event; None while the county's bot is not named."""
    bot = voice.office.county.bot.lstrip("@")
    return f"https://t.me/{bot}?start={PAYLOAD}{code}" if bot else None


def qr_code(content: str) -> bytes:
    """Give a QR code as PNG: eight dots a module, the quiet zone of four (ISO/IEC 18004)."""
    import segno

    picture = io.BytesIO()
    segno.make_qr(content, error="m").save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


def qr_file(voice: Voice, event: Event) -> File | None:
    """Give the QR code of an event's link as a file."""
    address = link(voice, event.code)
    return File.of(f"{event.code}.png", "image/png", qr_code(address)) if address else None


def calendar_file(voice: Voice, event: Event, reply: EventReply) -> File:
    """Give the calendar file of a reply as it stands: opening it adds, changes or removes the one entry."""
    gone = event.state is EventState.CANCELLED or reply.state is ReplyState.WITHDRAWN
    waits = reply.state is ReplyState.WAITING
    status = invites.Status.CANCELLED if gone else invites.Status.TENTATIVE if waits else invites.Status.CONFIRMED
    live = [event.live_link] if reply.state is ReplyState.ONLINE and event.live_link else []
    map_link = [event.map_link] if event.map_link and reply.state is not ReplyState.ONLINE else []
    entry = invites.Entry(
        number=reply.number,
        made_at=reply.asked_at,
        changed_at=max(event.changed_at, reply.changed_at),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        # Every change of the event, and the person's own taking back, is a later one for a calendar.
        sequence=2 * event.version + (reply.state is ReplyState.WITHDRAWN),
        status=status,
        summary=title(voice, event),
        description="\n".join([*live, *map_link, _line(voice, "number", read_aloud(reply.number))]),
        place="" if live else place(voice, event),
    )
    office = voice.office.county.words(voice.language)["office"]
    return File.of(f"{event.code}.ics", invites.MEDIA_TYPE, invites.invite(entry, office))


def _lines(voice: Voice, event: Event, zone: str, now: datetime, *, public: bool = True) -> Iterator[str]:
    yield _line(voice, "time", when(voice, event, zone, now))
    if event.state is EventState.OPEN:
        yield from (f"　{line}" for line in changes(voice, event, zone, now))
    yield _line(voice, "place", place(voice, event))
    if event.map_link:
        yield _line(voice, "map", event.map_link)
    if event.groups:
        yield _line(voice, "groups", voice.text("front.join").join(event.groups))
    if not public or event.state is not EventState.OPEN:
        return
    if event.left is not None:
        key = "event.seats_left" if event.left else "event.full"
        yield _line(voice, "quota", voice.text(key, quota=event.quota, left=event.left))
    home = voice.office.county.timezone
    deadline = zones.side_by_side(event.deadline, zone, voice.language, now=now, home=home)
    yield _line(voice, "deadline", deadline if now < event.deadline else voice.text("event.closed", deadline=deadline))
    if event.live_link:
        yield _line(voice, "live", voice.text("event.live_for_all"))
    if (address := link(voice, event.code)) is not None:
        yield _line(voice, "link", address)


def _line(voice: Voice, name: str, value: str) -> str:
    return voice.text("review.line", label=voice.text(f"event.{name}"), value=value)


def _button(voice: Voice, text: str, action: str, argument: str) -> Button:
    return Button(label=voice.text(text), data=Action(action, argument).data)
