"""What a person's words say of a time while they choose one: bare hours are of the day they chose before."""

from __future__ import annotations

import re
from datetime import date, datetime

from handlers.booking_buttons import Step
from handlers.contacts import without_contacts
from handlers.conversation import Chat
from handlers.spoken_times import Spoken, Unclear, Why, read_time

NUMBER = re.compile(r"(?<![A-Za-z0-9])[Bb][\s-]?(?:[2-9A-Za-z][\s-]?){5}(?![A-Za-z0-9])")
CHANGED_TO = re.compile(r".*(?:(?:改|换|挪|顺延)(?:到|成|为|在)?|\bto\b)", re.I | re.S)


def told_time(chat: Chat, step: Step, words: str, asked_at: datetime) -> Spoken | Unclear | None:
    """Read a time in words; None where they speak of none."""
    plain = NUMBER.sub(" ", without_contacts(words))
    told = _read(chat, step, plain, asked_at)
    if isinstance(told, Unclear) and told.why is not Why.NOTHING and (said := CHANGED_TO.search(plain)) is not None:
        # "Move my appointment to Friday": what it is now stands before, what it shall be behind.
        wanted = _read(chat, step, plain[said.end() :], asked_at)
        told = wanted if isinstance(wanted, Spoken) else told
    return None if isinstance(told, Unclear) and told.why is Why.NOTHING else told


def _read(chat: Chat, step: Step, words: str, asked_at: datetime) -> Spoken | Unclear:
    chosen = chat.journal.value("day")
    return read_time(
        words,
        asked_at=asked_at,
        zone=step.zone,
        home=chat.desk.county.timezone,
        clock=chat.memory.get("clock"),
        earlier=step.earlier.starts_at if step.earlier else None,
        # "改到四点吧", said once Friday is chosen, is four o'clock on Friday.
        day=date.fromisoformat(chosen["day"]) if chosen else None,
    )
