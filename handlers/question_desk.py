"""The staff's side of questions people left, for the console: within their township, masked without a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers import staff as answering
from handlers.desk import Office
from handlers.ids import as_typed
from handlers.library import Library
from handlers.registry_desk import NotDone
from knowledge.personal_data import mask
from storage import faqs, question_lists, staff
from storage.faqs import Faq
from storage.questions import LeftQuestion, QuestionState
from storage.staff import Right, Viewer

NEAREST = 5  # clauses offered beside a question


@dataclass(frozen=True, slots=True)
class Page:
    """One page of questions, and how many there are in all."""

    questions: Sequence[LeftQuestion]
    total: int


@dataclass(frozen=True, slots=True)
class Near:
    """A clause in force that may help with an answer, quoted; `source` is how it is cited."""

    document: str
    label: str
    text: str
    source: str


async def listed(office: Office, who: Viewer, state: QuestionState, *, page: int = 1, size: int = 20) -> Page:
    """Give one page of questions, masked."""
    async with office.database.read() as connection:
        total = await question_lists.count(connection, who, state)
        found = await question_lists.page(connection, who, state, number=page, size=size)
    return Page([_masked(one) for one in found], total)


async def show(office: Office, who: Viewer, number: str, *, reason: str = "") -> tuple[LeftQuestion, Sequence[Faq]]:
    """Give one question and what it became in the FAQ; in full with a reason, which is logged.

    Without one, names, contacts and numbers are masked in its words too: people write theirs into a question.
    Raises NotDone for none this viewer may see.
    """
    async with office.database.read() as connection:
        found = await question_lists.one(connection, who, as_typed(number), reveal=bool(reason))
        if found is None:
            raise NotDone(f"there is no question {number} for you")
        made = await faqs.of_question(connection, found.number)
    if reason:
        at = office.clock.now()
        async with office.database.write() as connection:
            detail = {"reason": reason, "number": found.number}
            await staff.audit(connection, who, "revealed a question", at, subject=found.person_id, detail=detail)
    return found if reason else _masked(found), made


async def answer(office: Office, who: Viewer, number: str, words: str) -> LeftQuestion:
    """Answer a question into the person's own chat. Raises NotDone and `handlers.staff.NotAnswerable`."""
    who.require(Right.ANSWER)
    found, _ = await show(office, who, number)
    answered = await answering.answer(office, found.number, words)
    at = office.clock.now()
    async with office.database.write() as connection:
        await staff.audit(
            connection, who, "answered a question", at, subject=found.person_id, detail={"number": found.number}
        )
    return answered


def _masked(question: LeftQuestion) -> LeftQuestion:
    answer = question.answer
    return replace(question, text=mask(question.text), answer=None if answer is None else mask(answer))


def nearest(library: Library, office: Office, question: str) -> list[Near]:
    """Give the clauses in force nearest to a question, to write an answer from."""
    hits = library.search(question, on=office.clock.today(), k=NEAREST)
    found = []
    for hit in hits:
        document = hit.document
        number = f"({document.doc_no})" if document.doc_no else ""
        text = hit.clause.text or "\n".join(" | ".join(row) for row in hit.clause.rows[:8])
        source = f"《{document.title}》{number} {hit.clause.label}".strip()
        found.append(Near(document.title, hit.clause.label, mask(text), source))
    return found
