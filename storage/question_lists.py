"""The questions people left, as staff see them: page by page, within what their role may see, contacts masked
where they stand and where the words repeat them.

A township's staff see the questions of people whose page names their township; the rest is the county's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, func, select

from storage.database import Connection
from storage.people_lists import masked_contact, masked_name
from storage.questions import LeftQuestion, LeftQuestionRow, QuestionState, found
from storage.registry_tables import Profile
from storage.staff import Right, Role, Viewer


async def count(connection: Connection, viewer: Viewer, state: QuestionState) -> int:
    """Count the questions a list would show."""
    viewer.require(Right.QUESTIONS)
    wanted = select(func.count()).select_from(LeftQuestionRow).where(*_narrowed(viewer, state))
    return int(await connection.scalar(wanted) or 0)


async def page(
    connection: Connection, viewer: Viewer, state: QuestionState, *, number: int = 1, size: int = 20
) -> Sequence[LeftQuestion]:
    """Give one page of questions, masked: open ones by how long they wait, the others the newest first."""
    viewer.require(Right.QUESTIONS)
    row = LeftQuestionRow
    order = row.asked_at if state is QuestionState.OPEN else row.asked_at.desc()
    shown = await found(connection, _narrowed(viewer, state), [order, row.number], size, (number - 1) * size)
    return [_masked(one) for one in shown]


async def one(connection: Connection, viewer: Viewer, number: str, *, reveal: bool = False) -> LeftQuestion | None:
    """Give one question, masked unless revealed; None if there is none, or none this viewer may see."""
    viewer.require(Right.QUESTIONS)
    if reveal:
        viewer.require(Right.REVEAL)
    shown = await found(connection, [LeftQuestionRow.number == number, *_mine(viewer)], [LeftQuestionRow.number], 1, 0)
    if not shown:
        return None
    return shown[0] if reveal else _masked(shown[0])


def _narrowed(viewer: Viewer, state: QuestionState) -> list[ColumnElement[bool]]:
    return [LeftQuestionRow.state == state.value, *_mine(viewer)]


def _mine(viewer: Viewer) -> list[ColumnElement[bool]]:
    if viewer.role is not Role.TOWNSHIP:
        return []
    people = select(Profile.person_id).where(Profile.township == viewer.township)
    return [LeftQuestionRow.person_id.in_(people.scalar_subquery())]


def _masked(question: LeftQuestion) -> LeftQuestion:
    name, contact = masked_name(question.name), masked_contact(question.contact_kind, question.contact)

    def hidden(words: str) -> str:
        for known, shown in ((question.contact, contact), (question.name, name)):
            # A name of one letter stands in half of all words.
            words = words.replace(known, shown) if len(known) > 1 else words
        return words

    return replace(
        question,
        name=name,
        contact=contact,
        text=hidden(question.text),
        answer=None if question.answer is None else hidden(question.answer),
    )
