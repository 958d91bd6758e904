"""What a handler finds on its desk: everything it may use beyond the message and the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from handlers.abroad import PersonalData
from handlers.clock import Clock
from handlers.county import County
from handlers.ids import Ids
from handlers.openings import Openings
from handlers.switches import Switches
from handlers.texts import DEFAULT_LANGUAGE, Texts
from storage.database import Database

if TYPE_CHECKING:
    from handlers.dialogue import Attachment
    from handlers.tiers import Rule
    from knowledge.answer import Answer


class NotFetched(Exception):
    """A file somebody sent can't be had; the message says why, to operators."""


class Fetching(Protocol):
    """Fetch a file somebody sent from the channel that keeps it."""

    async def __call__(self, file: Attachment) -> bytes:
        """Give what is in the file. Raises NotFetched."""


class Answering(Protocol):
    """What conversations need of the library (`handlers.library.Library`)."""

    def answer(self, question: str, *, on: date, history: Sequence[str] = ()) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the staff's side needs: everything but the documents. `language` is the one before a choice."""

    database: Database
    clock: Clock
    ids: Ids
    county: County
    texts: Texts
    language: str = DEFAULT_LANGUAGE
    personal_data: PersonalData = field(default_factory=PersonalData)
    tier_rules: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Office):
    """What a conversation needs."""

    library: Answering
    openings: Openings = field(default_factory=Openings)
    fetch: Fetching | None = None
    switches: Switches = field(default_factory=Switches)
