"""A member of staff's hours in chat: weekly hours, one day more, leave; said in words, shown, published with a tap.

What is about to be published waits in the conversation; the button names it, so that one from an earlier message
can't publish what came later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handlers import booking_words, slot_desk
from handlers.booking_words import host_name
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Reply
from handlers.registry_desk import NotDone
from handlers.spoken_hours import find_hours
from handlers.spoken_prepared import prepare
from handlers.spoken_times import Exact, Spoken, read_time
from storage import slots
from storage.database import Connection
from storage.slots import DayKind, Host, Rule, Terms
from storage.staff import Right, Viewer

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NAMES = {
    **{name: number for number, name in enumerate("一二三四五六日")},
    "天": 6,
    **{code.casefold(): number for number, code in enumerate(CODES)},
}
CHINESE = r"(?:周|星期|礼拜)[一二三四五六日天]"
WEEKDAY = re.compile(
    rf"{CHINESE}(?:[、,，和]?(?:周|星期|礼拜)?[一二三四五六日天](?![点时半]))*(?:\s*[到至-]\s*(?:周|星期|礼拜)?[一二三四五六日天])?"
    r"|\b(?:mo|tu|we|th|fr|sa|su)\b(?:\s*[,-]\s*(?:mo|tu|we|th|fr|sa|su)\b)*"
)
WORKDAYS = re.compile(r"工作日|weekdays", re.I)
LENGTH = re.compile(r"(?:每[次个人场])?\s*(\d{2,3})\s*(?:分钟|min(?:ute)?s?)")
KEPT = "hours"  # in the conversation's memory


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is about to be published for a host: weekly hours, or extra hours or leave of some days."""

    token: str
    host: str
    kind: str  # "weekly", or of DayKind
    first: str = ""
    last: str = ""
    hours: tuple[str, str] | None = None
    weekdays: str = ""
    minutes: int = 30


async def propose(chat: Chat, who: Viewer, what: str, words: str) -> Reply:
    """Read hours from words ("周二周四 14:30-17:00", "12月5日 9点到12点", "下周三到周五") and show what was read."""
    who.require(Right.SLOTS)
    found = await _host(chat, who, words)
    if isinstance(found, Reply):
        return found
    host, rest = found
    if not rest:
        return chat.say(f"desk.how.{what}")
    read = _weekly(chat, host, rest) if what == "weekly" else _days(chat, host, what, rest)
    if read is None:
        return chat.say(f"desk.how.{what}")
    chat.memory[KEPT] = {name: getattr(read, name) for name in Proposal.__dataclass_fields__}
    told = [await _told(chat, who, host, read)]
    rows = [[Button(label=chat.text("desk.publish"), data=Action("publish", read.token).data)]]
    return chat.reply(chat.parts("desk.propose", what="\n".join(told)), [*rows, *chat.doors("day")])


async def publish(chat: Chat, who: Viewer, token: str) -> Reply:
    """Publish what was proposed, once."""
    kept: dict[str, Any] = chat.memory.get(KEPT) or {}
    if kept.get("token") != token:
        return chat.say("desk.not_proposed")
    what, at = Proposal(**{**kept, "hours": tuple(kept["hours"]) if kept["hours"] else None}), chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        host = await slots.host(connection, what.host, who)
    if host is None:
        return chat.say("desk.no_host", hosts=what.host)
    rule = _rule(chat, what) if what.kind == "weekly" else None

    async def store(connection: Connection) -> None:
        if rule is not None:
            await slot_desk.keep_rule(connection, who, rule, at)
        else:
            days = slot_desk.days_between(date.fromisoformat(what.first), date.fromisoformat(what.last))
            await slot_desk.keep_days(connection, who, what.host, DayKind(what.kind), days, what.hours, at)

    chat.keep_after(store)
    chat.memory.pop(KEPT, None)
    return chat.say("desk.published", chat.doors("day"), what=await _told(chat, who, host, what))


async def _host(chat: Chat, who: Viewer, words: str) -> tuple[Host, str] | Reply:
    """Find whose hours are meant: named first by id or name, else the member's own, else the only one there is."""
    async with chat.desk.database.read() as connection:
        hosts = await slots.hosts(connection, viewer=who)
    for one in hosts:
        for name in (one.id, one.name):
            if words == name or words.startswith(f"{name} "):
                return one, words.removeprefix(name).strip()
    own = [one for one in hosts if one.staff_id == who.id]
    if len(own or hosts) == 1:
        return (own or hosts)[0], words
    return chat.say("desk.no_host", hosts="、".join(f"{one.id} {host_name(chat, one)}" for one in own or hosts))


def _weekly(chat: Chat, host: Host, words: str) -> Proposal | None:
    plain = WORKDAYS.sub("周一到周五", words)
    text = prepare(plain)
    length = LENGTH.search(text)
    text = LENGTH.sub(" ", text)
    days = _weekdays(text)
    hours, _ = find_hours(WEEKDAY.sub(" ", text), "", of_24=True)
    if not days or hours is None or len(hours.spans) != 1:
        return None
    window, minutes = _window(*hours.spans[0]), int(length[1]) if length else 30
    try:
        if not 0 < minutes <= slot_desk.check_hours(*window) or minutes % 15:
            return None
    except NotDone:
        return None
    return Proposal(_token(chat), host.id, "weekly", hours=window, weekdays=days, minutes=minutes)


def _days(chat: Chat, host: Host, what: str, words: str) -> Proposal | None:
    zone = chat.desk.county.zone
    home = chat.desk.county.timezone
    spoken = read_time(words, asked_at=chat.desk.clock.now(), zone=home, home=home)
    if not isinstance(spoken, Spoken) or spoken.starts == spoken.ends:
        return None
    starts, ends = spoken.starts.astimezone(zone), spoken.ends.astimezone(zone)
    last = (ends - timedelta(minutes=1)).date()
    hours = None
    if spoken.exact is Exact.PART:
        minutes = [moment.hour * 60 + moment.minute for moment in (starts, ends)]
        hours = _window(minutes[0], minutes[1] or 24 * 60)
    if what == DayKind.EXTRA and hours is None:
        return None
    try:
        if hours is not None:
            slot_desk.check_hours(*hours)
        slot_desk.days_between(starts.date(), last)
    except NotDone:
        return None
    return Proposal(_token(chat), host.id, what, starts.date().isoformat(), last.isoformat(), hours)


def _weekdays(text: str) -> str:
    """Give the weekdays named, as a rule writes them: "周一到周三和周五" is "MO,TU,WE,FR"."""
    days: set[int] = set()
    for found in WEEKDAY.finditer(text):
        spelled = re.sub(r"周|星期|礼拜", "", found[0])
        names = re.findall(r"[一二三四五六日天]|[a-z]{2}|[到至-]", spelled)
        for place, name in enumerate(names):
            if name in "到至-":
                first, last = NAMES[names[place - 1]], NAMES[names[place + 1]]
                days |= {number % 7 for number in range(first, last + (7 if last < first else 0) + 1)}
            else:
                days.add(NAMES[name])
    return ",".join(CODES[number] for number in sorted(days))


def _rule(chat: Chat, what: Proposal) -> Rule:
    hours = what.hours or ("", "")
    terms = Terms(slot_minutes=what.minutes)
    return slot_desk.new_rule(chat.desk, what.host, f"FREQ=WEEKLY;BYDAY={what.weekdays}", hours, terms)


async def _told(chat: Chat, who: Viewer, host: Host, what: Proposal) -> str:
    """Say what is to be published, and what is booked in the way of a leave."""
    hours = "–".join(what.hours) if what.hours else chat.text("desk.all_day")
    if what.kind == "weekly":
        days = chat.text("front.join").join(
            chat.text(f"slots.weekday.{CODES.index(day) + 1}") for day in what.weekdays.split(",")
        )
        return chat.text("desk.told.weekly", host=host_name(chat, host), days=days, hours=hours, minutes=what.minutes)
    first, last = (date.fromisoformat(day) for day in (what.first, what.last))
    shown = [booking_words.day_shown(chat, day) for day in dict.fromkeys((first, last))]
    days = " – ".join(shown)
    told = chat.text(f"desk.told.{what.kind}", host=host_name(chat, host), days=days, hours=hours)
    if what.kind == DayKind.LEAVE:
        standing = await slot_desk.standing_in(chat.desk, who, host.id, slot_desk.days_between(first, last), what.hours)
        if standing:
            numbers = chat.text("front.join").join(one.number for one in standing)
            told += chat.text("desk.told.standing", numbers=numbers)
    return told


def _window(first: int, last: int) -> tuple[str, str]:
    return f"{first // 60:02}:{first % 60:02}", f"{last // 60:02}:{last % 60:02}"


def _token(chat: Chat) -> str:
    return chat.desk.ids.new()[:8]
