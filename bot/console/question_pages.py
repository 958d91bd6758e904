"""Questions people left: the list of those that wait, answering one, and what of it becomes the FAQ."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import ConsoleRoute, Staff, back_to, console_page, reveal_with, why_in_words
from bot.console.bounds import Page
from handlers import faq_desk, question_desk
from handlers.registry_desk import NotDone
from handlers.staff import LONGEST, NotAnswerable
from storage.console_tables import FaqState
from storage.questions import QuestionState
from storage.staff import Right

router = APIRouter(route_class=ConsoleRoute)

SIZE = 20
Text = Annotated[str, Form()]


@router.get("/questions")
async def questions(request: Request, staff: Staff, state: str = "open", page: Page = 1) -> Response:
    """List the questions in a state: open ones by how long they wait."""
    wanted = QuestionState(state) if state in set(QuestionState) else QuestionState.OPEN
    office = staff.site.desk
    shown = await question_desk.listed(office, staff.viewer, wanted, page=page, size=SIZE)
    now = office.clock.now()
    return console_page(
        request,
        "console_questions.html",
        state=wanted.value,
        states=[one.value for one in QuestionState],
        shown=shown.questions,
        total=shown.total,
        number=page,
        pages=max(1, -(-shown.total // SIZE)),
        waited={one.number: (now - one.asked_at).days for one in shown.questions},
    )


@router.get("/questions/{number}")
async def question(request: Request, staff: Staff, number: str) -> Response:
    """Show one question beside the clauses nearest to it."""
    return await _question(request, staff, number)


@router.post("/questions/{number}/reveal")
async def reveal(request: Request, staff: Staff, number: str, reason: Text = "") -> Response:
    """Show whose question it is, for a reason that is logged."""
    return await reveal_with(request, reason, partial(_question, request, staff, number))


@router.post("/questions/{number}/answer")
async def answer(request: Request, staff: Staff, number: str, words: Text = "", then: Text = "") -> Response:
    """Answer a question; the person hears it in their own chat."""
    try:
        answered = await question_desk.answer(staff.site.desk, staff.viewer, number, words)
    except NotAnswerable:
        key = "empty_answer" if not words.strip() else "long_answer" if len(words) > LONGEST else "not_open"
        return await _question(request, staff, number, typed=words, problem=why_in_words(request, NotDone(key)))
    if then == "faq":
        return back_to(f"/questions/{answered.number}", "answered_faq")
    return back_to("/questions", "answered")


@router.post("/questions/{number}/faq")
async def propose(
    request: Request, staff: Staff, number: str, question: Text = "", answer: Text = "", source: Text = ""
) -> Response:
    """Propose what was answered for the FAQ."""
    found, _ = await question_desk.show(staff.site.desk, staff.viewer, number)
    try:
        await faq_desk.propose(
            staff.site.desk, staff.viewer, question=question, answer=answer, source=source, number=found.number
        )
    except NotDone as error:
        typed = {"question": question, "answer": answer, "source": source}
        return await _question(request, staff, number, faq=typed, faq_problem=why_in_words(request, error))
    return back_to(f"/questions/{found.number}", "proposed")


@router.get("/faq")
async def faq(request: Request, staff: Staff) -> Response:
    """List what waits for a second reader, and what is published."""
    office = staff.site.desk
    return console_page(
        request,
        "console_faq.html",
        proposed=await faq_desk.listed(office, staff.viewer, [FaqState.PROPOSED]),
        published=await faq_desk.listed(office, staff.viewer, [FaqState.PUBLISHED]),
        may_review=staff.may(Right.REVIEW),
    )


@router.post("/faq/{identity}/review")
async def review(request: Request, staff: Staff, identity: str, publish: Text = "") -> Response:
    """Publish what a colleague proposed, or refuse it."""
    site = staff.site
    await faq_desk.review(
        site.desk, site.library, staff.viewer, identity, publish=publish == "yes", home=site.settings.home
    )
    return back_to("/faq", "published" if publish == "yes" else "not_published")


@router.post("/faq/{identity}/withdraw")
async def withdraw(request: Request, staff: Staff, identity: str) -> Response:
    """Take something out of the FAQ."""
    site = staff.site
    await faq_desk.withdraw(site.desk, site.library, staff.viewer, identity, home=site.settings.home)
    return back_to("/faq", "withdrawn")


async def _question(
    request: Request,
    staff: Staff,
    number: str,
    *,
    reason: str = "",
    typed: str = "",
    problem: str = "",
    faq: dict[str, str] | None = None,
    faq_problem: str = "",
) -> Response:
    site = staff.site
    found, made = await question_desk.show(site.desk, staff.viewer, number, reason=reason)
    near = question_desk.nearest(site.library, site.desk, found.text) if found.text else []
    filled = faq or {
        "question": found.text[: faq_desk.LONGEST_QUESTION],
        "answer": found.answer or "",
        "source": near[0].source if near else "",
    }
    return console_page(
        request,
        "console_question.html",
        status=422 if problem or faq_problem else 200,
        question=found,
        near=near,
        made=made,
        revealed=bool(reason),
        typed=typed,
        problem=problem,
        faq=filled,
        faq_problem=faq_problem,
        faq_open=bool(faq_problem) or request.query_params.get("done") == "answered_faq",
        may_answer=staff.may(Right.ANSWER),
        may_reveal=staff.may(Right.REVEAL),
        longest=LONGEST,
    )
