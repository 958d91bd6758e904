"""The last look before a booking stands: what it is, what can still be changed, and until when the time is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from handlers import zones
from handlers.conversation import Chat
from handlers.dialogue import Items, Part
from handlers.flow import Again
from handlers.journal import REVIEW
from handlers.questions import NO, YES, Problem, bare, word_set

AGREED = word_set("submit 提交 确认 确认预约 就这个 就这样 约吧 confirm book_it") | {"book it", "确认改", "确认修改"}
CHANGE = word_set("edit 修改 改 change")
# What goes with what: another topic may have other people, another day has other times.
ALONG: Mapping[str, tuple[str, ...]] = {"topic": ("host",), "day": ("time",)}

Reads = Callable[[str], bool]


async def confirm(
    chat: Chat,
    intro: Sequence[Part],
    facts: Sequence[str],
    *,
    editable: Sequence[str],
    until: datetime | None,
    zone: str,
    reads: Reads,
) -> None:
    """Show a booking and wait until it is confirmed; anything named in `editable` can be changed from here.

    `reads` tells whether words are about another time or way: then they are taken at that step ("改到四点吧").
    """
    words = chat.heard(REVIEW)
    said = bare(words or "")
    if chat.journal.has(REVIEW):
        return
    if words is not None and (said in AGREED or said in YES):
        chat.journal.record(REVIEW, "submit")
        return
    if said.startswith("edit.") and (name := said.removeprefix("edit.")) in editable:
        change(chat, name)
        raise Again
    if said in CHANGE or (said in NO and words is not None):
        rows = [[(f"edit.{name}", chat.text(f"booking.edit.{name}"))] for name in editable]
        raise chat.pause_at(REVIEW, chat.parts("review.which"), rows)
    if words is not None and reads(words):
        raise Again
    problem = None if words is None else Problem("problem.choice")
    parts = [*intro, Items(items=tuple(facts))]
    if until is not None:
        kept = zones.clock_shown(until, zone)
        parts += chat.parts("booking.kept_until", until=kept)
    rows = [[("submit", chat.text(f"{chat.flow}.submit")), ("edit", chat.text("choice.edit"))]]
    if "question" in editable and not chat.journal.has("question"):
        rows.append([("edit.question", chat.text("booking.add_question"))])
    raise chat.pause_at(REVIEW, parts, rows, problem)


def change(chat: Chat, name: str) -> None:
    """Take an answer back, and what hangs on it, so that it is asked again."""
    for key in (name, *ALONG.get(name, ())):
        chat.journal.settle(key)
        if key == name or chat.journal.has(key):
            chat.journal.drop(key)
    chat.journal.forget(REVIEW)
