"""How this county reads an audience, for planning and counting: its clock and language, the clocks of places abroad."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

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
    return Surroundings(office.county.timezone, office.language, clocks_abroad())


@cache
def clocks_abroad() -> dict[str, str]:
    """Give the clock of every country abroad by its code; of several the earliest and the latest."""
    from babel import Locale

    named = map(str, Locale("zh").territories)
    codes = [code for code in named if len(code) == 2 and code.isalpha() and code not in OURS]
    return {code: _ends(clocks) for code in codes if (clocks := zones.clocks_of(code))}


def _ends(clocks: tuple[str, ...]) -> str:
    """Give the clocks that are farthest apart, parted by a space."""
    in_order = sorted(clocks, key=lambda zone: datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta())
    return " ".join(dict.fromkeys((in_order[0], in_order[-1])))
