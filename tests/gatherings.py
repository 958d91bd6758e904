"""Events and replies to them as they are stored, for tests that need one and not the way it came about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from storage.event_replies import EventReply, ReplyState
from storage.events import Event, EventState


def gathering(code: str, now: datetime, **more: Any) -> Event:
    """Give an open event in sixty days, for two hours, without a quota."""
    values: dict[str, Any] = {
        "title": "恳谈会",
        "title_en": None,
        "starts_at": now + timedelta(days=60),
        "ends_at": now + timedelta(days=60, hours=2),
        "place": "县文化馆",
        "place_en": None,
        "map_link": None,
        "live_link": None,
        "quota": None,
        "taken": 0,
        "deadline": now + timedelta(days=50),
        "groups": (),
        "township": None,
        "state": EventState.OPEN,
        "note": None,
        "was": {},
        "version": 0,
        "created_at": now,
        "changed_at": now,
    }
    return Event(code=code, **values | more)


def coming(number: str, code: str, person: str, now: datetime, **more: Any) -> EventReply:
    """Give the reply of somebody who comes alone, from a chat of their own."""
    values: dict[str, Any] = {
        "channel": "test",
        "chat": f"chat-{person}",
        "language": "zh-Hans",
        "zone": "Asia/Shanghai",
        "state": ReplyState.COMING,
        "seats": 1,
        "nights": None,
        "group": None,
        "township": None,
        "name": "某人",
        "mobile": None,
        "diet": None,
        "has_lodging": False,
        "asked_at": now,
        "changed_at": now,
    }
    return EventReply(number=number, event_code=code, person_id=person, **values | more)
