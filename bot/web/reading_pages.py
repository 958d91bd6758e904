"""Pages to read: policies by their standing, a document with its clauses anchored, an answer to pass on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.web.chat_view import Turn
from bot.web.pages import page, view_for
from bot.web.site import Site, site_of
from bot.web.visits import hold_back_address
from handlers import reading_room
from handlers.ask import answer_question
from handlers.clock import Clock
from handlers.conversation import Chat
from handlers.dialogue import Message, Reply
from storage.conversations import Conversation

router = APIRouter(include_in_schema=False, dependencies=[Depends(hold_back_address)])

LONGEST_QUESTION = 500  # characters; longer ones belong into a conversation


class OnDay:
    """A clock that stands on one county day; for answers as of that day."""

    def __init__(self, clock: Clock, day: date) -> None:
        self._clock = clock
        self._day = day

    def now(self) -> datetime:
        return self._clock.now()

    def today(self) -> date:
        return self._day


@router.get("/policies")
async def policies(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST_QUESTION)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """List the county's documents, those in force on a day first; with words, those that hold them."""
    site = site_of(request)
    day = _day(on) or site.desk.clock.today()
    listed = reading_room.documents_on(site.library, day, q)
    in_force = [one for one in listed if one.in_force]
    others = [one for one in listed if not one.in_force]
    return page(
        request, "policies.html", q=q.strip(), on=day, today=site.desk.clock.today(), in_force=in_force, others=others
    )


@router.get("/documents/{identity}")
async def document(request: Request, identity: str, on: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Show a document clause by clause as it reads on a day."""
    site = site_of(request)
    day = _day(on) or site.desk.clock.today()
    reading = reading_room.read(site.library, identity, day)
    if reading is None:
        raise HTTPException(404, "no such document")
    return page(request, "document.html", reading=reading, on=day, today=site.desk.clock.today())


@router.get("/answer")
async def answer(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST_QUESTION)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Answer a question anew for a day, from the documents alone: what a shared link leads to. Nothing is stored."""
    site = site_of(request)
    day = _day(on) or site.desk.clock.today()
    if not q.strip():
        raise HTTPException(404, "no question")
    reply = answer_on(site, q.strip(), day, view_for(request).language)
    shown = Turn(0, False, site.desk.clock.now(), reply=reply.model_copy(update={"buttons": ()}))
    return page(request, "answer.html", question=q.strip(), on=day, turn=shown, number=0, link="")


def answer_on(site: Site, question: str, day: date, language: str) -> Reply:
    """Answer a question for a day without any conversation."""
    desk = site.desk
    asked = Message(
        channel="web",
        update="",
        chat="",
        sender="",
        at=desk.clock.now(),
        text=question,
        language=language,
        private=False,
    )
    on_day = replace(desk, clock=OnDay(desk.clock, day))
    return answer_question(Chat(asked, Conversation("web", "", language=language), on_day), question)


def _day(written: str) -> date | None:
    """Read a day of an address; None for anything else."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
