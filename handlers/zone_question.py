"""The question for a person's time zone: asked once, answered by a place, a UTC offset or a button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import available_timezones

from handlers.questions import Problem, Question, tidy
from handlers.zones import HOME, Several, find_zone, zone_name
from knowledge.words import normalise

COMMON = (
    HOME,
    "America/Los_Angeles",
    "America/New_York",
    "America/Toronto",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Australia/Sydney",
)
LISTED = 8  # as many clocks as one message names
# Where somebody says they are; a place merely mentioned may be where they come from.
HERE = re.compile(
    r"(?:(?:我|人)(?:们|现在|目前|现|常年|长期)*(?:住?在)|\bi(?:'m| am| live| work) in)\s*([^,，。;；]{1,30})"
)


@dataclass(frozen=True)
class ZoneQuestion(Question[str]):
    """The clock somebody lives by, as a name of the tz database; `offered` are its buttons."""

    offered: tuple[str, ...] = COMMON
    language: str = "zh-Hans"
    free_text: ClassVar[bool] = True

    @property
    def choices(self) -> tuple[str, ...]:
        return self.offered

    def label(self, choice: str, language: str) -> str:
        return zone_name(choice, language)

    def read(self, text: str) -> str | Problem:
        words = tidy(text)
        if words in available_timezones():
            return words
        found = find_zone(words)
        if isinstance(found, Several):
            names = (zone_name(zone, self.language) for zone in found.zones[:LISTED])
            return Problem("problem.zone.several", {"given": (", " if self.language == "en" else "、").join(names)})
        return found or Problem("problem.zone.unknown")

    def find(self, text: str) -> str | None:
        here = HERE.search(normalise(text))
        found = find_zone(here[1]) if here else None
        return found if isinstance(found, str) else None
