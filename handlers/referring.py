"""Registering somebody else: everybody does it themself, so whoever asks gets words and a link to pass on.

Nothing is kept of who is meant or who passed it on: the link names a form and nobody. What comes of it is told to
no one; that an entry came this way is counted (docs/decisions/0013).
"""

from __future__ import annotations

from handlers.ask import clause_on
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Invitation, Part, Reply
from handlers.forms import kinds
from handlers.wishes import BEFORE_FORMS, patterns_of
from knowledge.intents import intent_of
from knowledge.words import normalise

PAYLOAD = "r-"  # "/start r-FORM" is what a link that was passed on comes to
NATIVE = "register-native"
CLAUSE = "可以替他人登记吗?"  # looked up in the county's own files
PASSED_ON = "referral"  # in a journal, and the source of an entry that came this way


def form_for_another(text: str) -> str | None:
    """Give the form that somebody wants to fill in for another person; None for anything else.

    Distress, refusals and questions for the documents come first.
    """
    intent = intent_of(text)
    if intent is not None and intent.kind in BEFORE_FORMS and not intent.is_doubtful:
        return None
    plain = normalise(text)
    patterns = patterns_of("another")
    if not patterns["wants"].search(plain) or patterns["not"].search(plain):
        return None
    return next((form for form, pattern in patterns.items() if form in _flows() and pattern.search(plain)), NATIVE)


def offer(chat: Chat, form: str) -> Reply | None:
    """Give what to pass on so that somebody else finds a form; None where there is none of that name."""
    if form not in _flows():
        return None
    start, page = f"{PAYLOAD}{form}", chat.desk.county.page
    title = chat.text(f"{form}.title")
    link = f"{page}{'&' if '?' in page else '?'}start={start}" if page else ""
    parts: list[Part] = [*chat.parts("refer.why"), *clause_on(chat, CLAUSE), *chat.parts("refer.how", title=title)]
    if form == "event-reply":
        parts += chat.parts("refer.companion")
    if chat.desk.county.phone:
        parts += chat.parts("refer.by_phone")
    parts.append(Invitation(text=chat.text("refer.invitation", title=title), start=start, page=link))
    own = Button(label=chat.text("refer.myself"), data=Action("start", form).data)
    return chat.reply(parts, [[own], *chat.doors("ask")] if not chat.flow else ())


def passed_on(chat: Chat, payload: str) -> str | None:
    """Give the form that a link opens which somebody passed on, and remember that it came this way."""
    form = payload.removeprefix(PAYLOAD)
    if not payload.startswith(PAYLOAD) or form not in _flows():
        return None
    chat.memory[PASSED_ON] = form
    return form


def note_arrival(chat: Chat, form: str) -> None:
    """Mark a form that was just opened from such a link, and say that nobody is told."""
    if chat.memory.pop(PASSED_ON, "") == form:
        chat.journal.mark(PASSED_ON)
        chat.note(chat.parts("refer.arrived"))


def source_of(chat: Chat) -> str:
    """Give how an entry made in this form came about."""
    return PASSED_ON if chat.journal.is_marked(PASSED_ON) else "self"


def _flows() -> frozenset[str]:
    return frozenset(kind.flow for kind in kinds().values())
