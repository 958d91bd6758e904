"""Which form somebody asks for in their own words: "我想登记", "厂里缺个懂数控的", "捐点钱修路"."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

from handlers.conversation import Chat
from knowledge.answer import Kind
from knowledge.intents import intent_of
from knowledge.words import normalise

COMPLAIN = "complain"
BOOK, MY_BOOKINGS = "book", "my-bookings"
ABOUT_BOOKINGS = ("move-booking", "cancel-booking", MY_BOOKINGS)
WHO = "register"  # somebody wants to register, but not said as what
# What the library's own words for a form (knowledge/lexicon/intents.toml) come to here.
KNOWN = {
    "register_native": WHO,
    "register_expert": "register-expert",
    "firm_need": "need",
    "invest": "invest",
    "give": "donate",
    "nominate": "nominate",
    "event_reply": "event-reply",
    "complaint": COMPLAIN,
    "book": BOOK,
}
BEFORE_FORMS = frozenset({Kind.CARE, Kind.DECLINED, Kind.HANDOFF, Kind.OUT_OF_SCOPE})


def wish_in(text: str) -> str | None:
    """Give the form a message asks for: its name, "register" where it is open which, None for anything else.

    Care, refusals and questions come first: "登记要什么材料" wants an answer.
    """
    intent = intent_of(text)
    if intent is not None and intent.kind in BEFORE_FORMS and not intent.is_doubtful:
        return None
    plain = normalise(text)
    asking, wishes = _patterns()
    if intent is not None and intent.kind == Kind.FORM and KNOWN.get(intent.topic) == BOOK:
        # "能改到周五吗" asks for a change, not for a rule.
        return next((form for form, pattern in wishes if form in ABOUT_BOOKINGS and pattern.search(plain)), BOOK)
    for form, pattern in wishes:
        # A complaint names what was asked for and not given; that is no question about it.
        if pattern.search(plain) and (form == COMPLAIN or not asking.search(plain)):
            return form
    return KNOWN.get(intent.topic) if intent is not None and intent.kind == Kind.FORM else None


def says_something(text: str) -> bool:
    """Tell whether a wish also tells who somebody is, so that asking "as what?" would ask twice."""
    return bool(re.search(r"我叫|my name is|我是.{2,}人|老家|祖籍", normalise(text)))


def remember_wish(chat: Chat, text: str) -> None:
    """Keep the words of a wish until it is clear which form they are for."""
    chat.memory["wish"] = text[:500]


@functools.cache
def _patterns() -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    source = tomllib.loads(resources.files("handlers").joinpath("wishes.toml").read_text("utf-8"))
    asking = re.compile("|".join(source["asking"]))
    return asking, tuple((form, re.compile("|".join(patterns))) for form, patterns in source["wish"].items())
