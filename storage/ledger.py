"""The ledger (台账): each form, question and booking of a township as a row, within what a viewer's role may see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from storage import slots
from storage.booking_tables import BookingRow, State
from storage.database import Connection, vault_of
from storage.people_lists import masked_contact, masked_name, within
from storage.questions import LeftQuestionRow, QuestionState
from storage.registry_tables import NAME, RECORD, Profile, Registration
from storage.slot_tables import HostRow
from storage.staff import RIGHTS, Right, Viewer

QUESTION, BOOKING = "question", "booking"
# What is over for the office; what expired or is only held was never one.
OVER = frozenset({State.DONE.value, State.NO_SHOW.value, State.CANCELLED.value, State.DECLINED.value})
SHOWN = (State.PENDING.value, State.CONFIRMED.value, *sorted(OVER))


@dataclass(frozen=True, slots=True)
class Matter:
    """One row. `kind` is of a form, or "question", "booking"; `topic` of a booking; names and words as was asked for.

    Times are aware UTC: when it came in, when it is due, when it was closed; None where nothing says so.
    """

    number: str
    kind: str
    state: str
    source: str
    received_at: datetime
    topic: str = ""
    office: str = ""
    name: str = ""
    contact: str = ""
    words: str = ""
    due_at: datetime | None = None
    closed_at: datetime | None = None


async def townships(connection: Connection, viewer: Viewer) -> set[str | None]:
    """Give the townships that people and hosts are of; None is among them where some have none."""
    viewer.require(Right.EXPORT)
    of_people = await connection.scalars(select(Profile.township).where(within(viewer)).distinct())
    of_hosts = await connection.scalars(select(HostRow.township).where(slots.within(viewer)).distinct())
    found = {*of_people, *of_hosts}
    # What came in without a page has no township, and is the county's.
    return found if viewer.township else found | {None}


async def matters(
    connection: Connection,
    viewer: Viewer,
    township: str | None,
    from_: datetime,
    to: datetime,
    *,
    reveal: bool = False,
) -> list[Matter]:
    """Give what came in of a township from a moment to another, the oldest first; masked unless revealed."""
    viewer.require(Right.EXPORT)
    if reveal:
        viewer.require(Right.REVEAL)
    opener = _Opener(connection, reveal)
    found = [
        *await _forms(connection, viewer, township, from_, to, opener),
        *await _questions(connection, viewer, township, from_, to, opener),
    ]
    if Right.BOOKINGS in RIGHTS[viewer.role]:
        found += await _bookings(connection, viewer, township, from_, to, opener)
    return sorted(found, key=lambda one: (one.received_at, one.number))


class _Opener:
    """Opens what is sealed, as far as it was asked for."""

    def __init__(self, connection: Connection, reveal: bool) -> None:
        self._vault, self._reveal = vault_of(connection), reveal

    def name(self, sealed: str | None, column: str) -> str:
        name = self._vault.open(sealed, column) if sealed else ""
        return name if self._reveal else masked_name(name)

    def contact(self, kind: str | None, sealed: str | None, column: str) -> str:
        contact = self._vault.open(sealed, column) if sealed else ""
        return contact if self._reveal or not contact else masked_contact(kind or "", contact)

    def words(self, sealed: str | None, column: str) -> str:
        """People write of themselves: nothing of it is shown without a reason."""
        return self._vault.open(sealed, column) if sealed and self._reveal else ""


async def _forms(
    connection: Connection, viewer: Viewer, township: str | None, from_: datetime, to: datetime, opener: _Opener
) -> list[Matter]:
    rows = await connection.execute(
        select(Registration, Profile.name, Profile.source)
        .outerjoin(Profile, Profile.person_id == Registration.person_id)
        .where(Registration.created_at >= from_, Registration.created_at < to, within(viewer), _of(township))
    )
    return [
        Matter(
            row.number,
            row.kind,
            row.state,
            row.source or "",
            row.created_at,
            name=opener.name(row.name, NAME),
            # Of a firm's need it is the need; the rest of a form stands on its person's page.
            words=_problem(opener.words(row.record, RECORD)) if row.kind == "need" else "",
            closed_at=row.updated_at if row.state == "withdrawn" else None,
        )
        for row in rows
    ]


async def _questions(
    connection: Connection, viewer: Viewer, township: str | None, from_: datetime, to: datetime, opener: _Opener
) -> list[Matter]:
    left = LeftQuestionRow
    rows = await connection.execute(
        select(left)
        .outerjoin(Profile, Profile.person_id == left.person_id)
        .where(left.asked_at >= from_, left.asked_at < to, within(viewer), _of(township))
    )
    return [
        Matter(
            row.number,
            QUESTION,
            row.state,
            row.channel,
            row.asked_at,
            name=opener.name(row.name, "questions.name"),
            contact=opener.contact(row.contact_kind, row.contact, "questions.contact"),
            words=opener.words(row.text, "questions.text"),
            closed_at=row.answered_at if row.state == QuestionState.ANSWERED.value else None,
        )
        for row in rows
    ]


async def _bookings(
    connection: Connection, viewer: Viewer, township: str | None, from_: datetime, to: datetime, opener: _Opener
) -> list[Matter]:
    booked = BookingRow
    same = HostRow.township.is_(None) if township is None else HostRow.township == township
    rows = await connection.execute(
        select(booked, HostRow.name.label("host"))
        .join(HostRow, HostRow.id == booked.host_id)
        .where(booked.created_at >= from_, booked.created_at < to, booked.state.in_(SHOWN), slots.within(viewer), same)
    )
    return [
        Matter(
            row.number,
            BOOKING,
            row.state,
            row.channel,
            row.created_at,
            topic=row.topic,
            office=row.host,
            name=opener.name(row.name, "bookings.name"),
            contact=opener.contact(row.contact_kind, row.contact, "bookings.contact"),
            words=opener.words(row.question, "bookings.question"),
            due_at=row.starts_at,
            closed_at=row.changed_at if row.state in OVER else None,
        )
        for row in rows
    ]


def _problem(record: str) -> str:
    told: dict[str, Any] = json.loads(record) if record else {}
    return str(told.get("problem") or "")


def _of(township: str | None) -> ColumnElement[bool]:
    return Profile.township.is_(None) if township is None else Profile.township == township
