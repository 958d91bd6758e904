"""Personal data in a channel whose servers stand abroad: the county decides whether it may, is asked first, or moves.

Sending abroad needs a consent of its own (PIPL art. 39); a hand-over keeps everything in the country instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from handlers.choices import Choice
from handlers.flow import Ended, Pause
from handlers.journal import CHANNEL

if TYPE_CHECKING:
    from handlers.conversation import Chat

HERE, PAGE, STOP = "here", "page", "stop"
VERSION = "2026-1"


class Abroad(StrEnum):
    """What the county lets happen with personal data in a channel abroad (LAOXIANG_PERSONAL_DATA)."""

    ALLOW = "allow"
    ASK = "ask"  # say so plainly, and offer the county's own page
    HANDOVER = "handover"  # only on the county's own page


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The county's choice, and which channels it is about."""

    abroad: Abroad = Abroad.ASK
    channels: frozenset[str] = frozenset({"telegram"})

    def rule_for(self, channel: str) -> Abroad:
        return self.abroad if channel in self.channels else Abroad.ALLOW


def may_name(chat: Chat) -> bool:
    """Tell whether others' names may be shown to staff here: they agreed to no platform abroad but their own chat's."""
    return chat.desk.personal_data.rule_for(chat.message.channel) is Abroad.ALLOW


async def clear_channel(chat: Chat) -> None:
    """Go on only where this channel may take personal data, or the person says it shall."""
    from handlers.handover import offer_link

    rule = chat.desk.personal_data.rule_for(chat.message.channel)
    if rule is Abroad.ALLOW or chat.journal.value(CHANNEL) == HERE:
        return
    if rule is Abroad.HANDOVER:
        raise Pause(CHANNEL, offer_link(chat, "abroad.handover"))
    choice = await chat.ask(CHANNEL, Choice((HERE, PAGE, STOP), {HERE: "继续 同意", PAGE: "网页", STOP: "不填"}))
    if choice == STOP:
        raise Ended(chat.say("abroad.stopped", chat.doors("ask", "start:ask-person")))
    if choice == PAGE:
        # Asked again in the other channel, which is not abroad and so needs no answer.
        chat.journal.forget(CHANNEL)
        raise Pause(CHANNEL, offer_link(chat, "abroad.page"))
