"""How this county reads an audience, for planning and counting: its clock and language, the clocks of places abroad."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from handlers import zones
from handlers.desk import Office
from handlers.places import OURS
from storage import audiences
from storage.announcements import Announcement
from storage.audiences import Audience, Chosen, Surroundings
from storage.subscription_tables import Topic


def chosen(office: Office, announcement: Announcement, now: datetime) -> Chosen:
    """Give the recipients of an announcement as a SELECT of channel, chat, person_id, language and zone."""
    audience = Audience.from_json(announcement.audience)
    return audiences.chosen(audience, Topic(announcement.topic), around(office))


def around(office: Office) -> Surroundings:
    return Surroundings(office.county.timezone, office.language, _clocks())


@cache
def _clocks() -> dict[str, str]:
    """Give the clock of every country abroad by its code; of several the commonest."""
    from babel import Locale

    named = map(str, Locale("zh").territories)
    codes = [code for code in named if len(code) == 2 and code.isalpha() and code not in OURS]
    return {code: clocks[0] for code in codes if (clocks := zones.clocks_of(code))}
