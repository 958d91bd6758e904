"""Answer a question on a day by quotation: what the person gets, before anyone puts it into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of an answer; told apart in words, in code and in statistics."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    NOT_FOUND = "not_found"
    HANDOFF = "handoff"
    FORM = "form"
    OUT_OF_SCOPE = "out_of_scope"
    DECLINED = "declined"
    CARE = "care"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause quoted verbatim, with what a reader needs to find and date it.

    `status` is in_force, not_yet, lapsed or repealed on the answer's day. `notes` are facts about
    the quotation as (code, value) pairs for the text catalogue: ("corrected_by", "《…更正通知》"),
    ("replaced_by", …), ("supplemented_by", …), ("lower_rank", …).
    """

    clause_id: str
    file: str
    document: str
    doc_no: str | None
    clause: str
    quote: str
    rows: tuple[tuple[str, ...], ...]
    effective: date | None
    expires: date | None
    status: str
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for one question on one day.

    `citations` are in the order that helps; a channel shows the first three and offers the rest.
    `office` names the office in charge where the files name one. `topic` is a code for the
    catalogue (e.g. which form to open, why it was declined, what to ask back).
    """

    kind: Kind
    on: date
    citations: tuple[Citation, ...] = ()
    office: str | None = None
    topic: str = ""
