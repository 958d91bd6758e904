"""The form an announcement is composed in: what it shows of a draft, and what it makes of what comes back.

An edited draft is what was stored, with only that replaced which the form showed: what it does not know, it can't lose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from bot.console.access import Member
from handlers import announce_words
from handlers.announce_desk import Written
from handlers.event_desk import read_moment
from storage.announcement_tables import Promise
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.subscription_tables import Topic

LONGEST = 3000  # characters in one language
FILTERS = ("kinds", "fields", "townships", "tiers", "languages")
SHOWN = "shown"  # the field that names the filters a form had boxes for, ticked or not


def written(staff: Member, form: FormData, before: Announcement | None) -> Written:
    """Read what was typed, over the draft it changes. Raises NotPossible and NoTime for what can't be."""
    office = staff.site.desk
    texts = {language: told(form, f"text-{language}")[:LONGEST] for language in office.texts.languages}
    send_at = told(form, "send_at")
    topic = told(form, "topic")
    kept = _kept(before) if before else Written(topic=Topic.NEWS, texts={}, audience=Audience())
    return replace(
        kept,
        topic=Topic(topic) if topic in set(Topic) else kept.topic,
        texts={language: words for language, words in texts.items() if words},
        audience=_audience(form, kept.audience),
        doors=[door for door in announce_words.DOORS if door in form.getlist("doors")][:3],
        event=told(form, "event") or None,
        send_at=_moment(staff, send_at),
        promise=Promise.NEVER_TWICE if told(form, "never_twice") else Promise.AT_LEAST_ONCE,
    )


def as_form(staff: Member, one: Announcement) -> FormData:
    """Give a draft as the form that wrote it."""
    zone = staff.site.desk.county.zone
    items: list[tuple[str, str]] = [("number", one.number), ("topic", one.topic)]
    items += [(f"text-{language}", words) for language, words in announce_words.own_words(one).items()]
    for name, values in one.audience.items():
        items += [(name, value) for value in (values if isinstance(values, list) else [values])]
    if one.send_at is not None:
        items.append(("send_at", f"{one.send_at.astimezone(zone):%Y-%m-%dT%H:%M}"))
    if one.promise is Promise.NEVER_TWICE:
        items.append(("never_twice", "yes"))
    items += [("doors", door) for door in announce_words.doors_of(one)]
    return FormData([*items, ("event", announce_words.event_of(one) or "")])


def told(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def many(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str) and value)


def _kept(before: Announcement) -> Written:
    return Written(
        topic=Topic(before.topic),
        texts={},
        audience=Audience.from_json(before.audience),
        files=announce_words.files_of(before),
        not_after=before.not_after,
        corrects=before.corrects,
    )


def _audience(form: FormData, kept: Audience) -> Audience:
    shown = {*form.getlist(SHOWN), *(name for name in FILTERS if form.getlist(name))}
    chosen: dict[str, Any] = {name: many(form, name) for name in FILTERS if name in shown}
    return replace(kept, **chosen)


def _moment(staff: Member, typed: str) -> datetime | None:
    return read_moment(staff.site.desk, typed.replace("T", " ")) if typed else None
