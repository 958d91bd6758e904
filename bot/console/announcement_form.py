"""The form an announcement is composed in: what it shows of a draft, and what it makes of what comes back.

An edited draft is what was stored, with only that replaced which the form showed: what it does not know, it can't lose.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from starlette.datastructures import FormData, UploadFile

from bot.console.access import Member
from handlers import announce_audience, announce_words, policy_news
from handlers import announce_desk as desk
from handlers.announce_audience import DIMENSIONS
from handlers.announce_desk import NotPossible, Written
from handlers.dialogue import File
from handlers.event_desk import read_moment
from handlers.forms.announce import LARGEST_BYTES, LONGEST
from handlers.voice import Voice
from storage import events
from storage import policy_news as stored_news
from storage.announcement_tables import Promise, State
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Connection
from storage.subscription_tables import Topic

SHOWN = "shown"  # the field that names the filters a form had boxes for, ticked or not
LONGEST_NAME = 100  # characters of an attachment's name


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of the form: what may be ticked and what it is called, and how much room it takes."""

    name: str
    values: Mapping[str, str]

    @property
    def is_long(self) -> bool:
        return len(self.values) > 24


async def written(connection: Connection, staff: Member, form: FormData, *, only_look: bool = False) -> Written:
    """Read what was typed, over the draft it changes. Raises NotPossible, NotAllowed and NoTime.

    While it is only looked at, a file's name stands for the file.
    """
    kept = await _kept(connection, staff, form)
    languages = staff.site.desk.texts.languages
    texts = {language: told(form, f"text-{language}")[:LONGEST] for language in languages}
    topic = told(form, "topic")
    return replace(
        kept,
        topic=Topic(topic) if topic in set(Topic) else kept.topic,
        texts={language: words for language, words in texts.items() if words},
        audience=desk.held_to(staff.viewer, _audience(form, kept.audience)),
        doors=[door for door in announce_words.DOORS if door in form.getlist("doors")][:3],
        event=told(form, "event") or None,
        files=await _files(form, kept, only_look=only_look),
        send_at=_moment(staff, form, "send_at"),
        not_after=_moment(staff, form, "not_after") if "not_after" in form else kept.not_after,
        promise=Promise.NEVER_TWICE if told(form, "never_twice") else Promise.AT_LEAST_ONCE,
    )


async def as_form(connection: Connection, staff: Member, one: Announcement) -> FormData:
    """Give a draft as the form that wrote it."""
    items: list[tuple[str, str]] = [("number", one.number), ("topic", one.topic)]
    items += [(f"text-{language}", words) for language, words in announce_words.own_words(one).items()]
    for name, values in one.audience.items():
        items += [(name, value) for value in values] if name in DIMENSIONS else []
    items += [("kept_file", file.name) for file in announce_words.files_of(one)]
    event = announce_words.event_of(one, await events.listed(connection, staff.viewer))
    # What an event set by itself goes with the event.
    by_itself = event is not None and one.not_after in (event.deadline, event.ends_at)
    zone = staff.site.desk.county.zone
    for name, moment in (("send_at", one.send_at), ("not_after", None if by_itself else one.not_after)):
        items += [(name, f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}")] if moment else []
    if one.promise is Promise.NEVER_TWICE:
        items.append(("never_twice", "yes"))
    items += [("doors", door) for door in announce_words.doors_of(one)]
    return FormData([*items, ("event", event.code if event else "")])


async def begun(connection: Connection, staff: Member, *, corrects: str, news: str) -> FormData:
    """Give the form of a new one: empty, correcting another, or about what happened to a file people follow."""
    if corrects:
        wrong = await _corrected(connection, staff, corrects)
        return FormData([("corrects", wrong.number), ("topic", wrong.topic)])
    happened = await stored_news.by_token(connection, news) if news else None
    if happened is None:
        return FormData()
    answers = policy_news.answers(staff.site.desk, happened)
    items = [("news", news), ("topic", answers["topic"]), ("text-zh-Hans", answers["text"])]
    items += [("text-en", answers["english"]), *(("asked", one) for one in answers["audience"]["asked"])]
    return FormData([*items, *(("doors", door.replace(".", ":", 1)) for door in answers["doors"])])


async def choices(connection: Connection, voice: Voice, staff: Member, form: FormData) -> list[Choice]:
    """Give the filters with all that may be ticked, and what is ticked though it could not be any more."""
    options = await announce_audience.options_of(connection, voice, staff.viewer)
    ticked = Audience(events=many(form, "events"), asked=many(form, "asked"))
    titles = await desk.titles(connection, ticked)
    found = []
    for name in DIMENSIONS:
        own = {value: titles.get(value) or announce_words.value_name(voice, name, value) for value in many(form, name)}
        found.append(
            Choice(name, {**options[name], **{value: own[value] for value in own if value not in options[name]}})
        )
    return [one for one in found if one.values or one.name == "places"]


async def held(connection: Connection, staff: Member, form: FormData) -> tuple[Audience, tuple[File, ...]]:
    """Give what the form keeps without boxes for it: whom it is held to anyway, and the file that goes along."""
    kept = await _kept(connection, staff, form)
    narrowed = desk.held_to(staff.viewer, kept.audience)
    return Audience(reached=narrowed.reached, asked_at=narrowed.asked_at, within=narrowed.within), tuple(kept.files)


def told(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def many(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str) and value)


async def _kept(connection: Connection, staff: Member, form: FormData) -> Written:
    """Give what a form changes: a draft, the beginning of a correction, or nothing yet."""
    if number := told(form, "number"):
        before = await desk.known(connection, staff.viewer, number)
        return Written(
            topic=Topic(before.topic),
            texts={},
            audience=Audience.from_json(before.audience),
            files=announce_words.files_of(before),
            not_after=before.not_after,
            corrects=before.corrects,
        )
    if corrects := told(form, "corrects"):
        wrong = await _corrected(connection, staff, corrects)
        audience = Audience(reached=wrong.number)
        return Written(topic=Topic(wrong.topic), texts={}, audience=audience, corrects=wrong.number)
    return Written(topic=Topic.NEWS, texts={}, audience=Audience())


async def _corrected(connection: Connection, staff: Member, number: str) -> Announcement:
    """Give what a correction is about. Raises NotPossible for what never went out."""
    one = await desk.known(connection, staff.viewer, number)
    if one.state in {State.DRAFT, State.SUBMITTED, State.DISCARDED}:
        raise NotPossible("recall", number=one.number)
    return one


def _audience(form: FormData, kept: Audience) -> Audience:
    """Give the filters as they stand in the form. Raises NotPossible for a place nobody knows."""
    shown = {*form.getlist(SHOWN), *(name for name in DIMENSIONS if form.getlist(name))}
    chosen: dict[str, Any] = {name: many(form, name) for name in DIMENSIONS if name in shown}
    typed = [words for part in re.split(r"[,，、;；\n]+", told(form, "place")) if (words := part.strip())]
    found = {words: announce_audience.read_place(words) for words in typed}
    if unknown := [words for words, code in found.items() if code is None]:
        raise NotPossible("place", place="、".join(unknown))
    audience = replace(kept, **chosen)
    places = dict.fromkeys([*audience.places, *(code for code in found.values() if code)])
    return replace(audience, places=tuple(places))


async def _files(form: FormData, kept: Written, *, only_look: bool) -> tuple[File, ...]:
    """Give what goes along: a new file in place of the old one. Raises NotPossible for one that is too large."""
    upload = form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        await upload.seek(0)  # read once already where what was typed is shown again
        if (content := await upload.read(LARGEST_BYTES + 1)) and len(content) <= LARGEST_BYTES:
            return (_file(upload.filename, content),)
        raise NotPossible("file", largest=LARGEST_BYTES // 1_000_000)
    if only_look and (name := told(form, "file-name")):
        return (_file(name, b""),)
    if "files" not in form.getlist(SHOWN):
        return tuple(kept.files)
    return tuple(file for file in kept.files if file.name in form.getlist("kept_file"))


def _file(name: str, content: bytes) -> File:
    # Some browsers send a path; a name on its way to thousands holds no sign that steers a terminal or a header.
    path = PurePath(name.replace("\\", "/"))
    plain = re.sub(r"[\x00-\x1f\x7f\"]", "", path.stem)[:LONGEST_NAME] or "file"
    suffix = path.suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", path.suffix) else ""
    return File.of(plain + suffix, mimetypes.guess_type(plain + suffix)[0] or "application/octet-stream", content)


def _moment(staff: Member, form: FormData, name: str) -> datetime | None:
    typed = told(form, name)
    return read_moment(staff.site.desk, typed.replace("T", " ")) if typed else None
