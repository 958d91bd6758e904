"""The chat and the documents as JSON, for another program: the county's mini-program, say (/api/openapi.json)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web import NotServed
from bot.channels.web_open_pages import News
from bot.web.api_models import (
    Accepted,
    Answered,
    ChatMessage,
    ChatMessages,
    Failed,
    ListedDocument,
    ListedDocuments,
    Opened,
    Pressed,
    ReadClause,
    ReadDocument,
    Said,
)
from bot.web.chat_pages import PRESSES
from bot.web.chat_view import button_of
from bot.web.cookies import new_secret
from bot.web.files import take_file
from bot.web.limits import Limit, hold_back
from bot.web.reading_pages import answer_on
from bot.web.site import site_of
from bot.web.streams import held_stream, may_look
from bot.web.visits import Visitor, chat_for, hold_back_address, hold_back_person, open_chat
from handlers import reading_room
from handlers.dialogue import Message, Reply
from handlers.reading_room import Listed
from storage import web_chats
from storage.web_chats import Line


def _failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Failed} for status in statuses}


router = APIRouter(
    prefix="/api/v1",
    tags=["chat"],
    responses=_failures(400, 413, 422, 429),
)
LOOKS = Limit("looks", 120, 60)  # of one chat for news
counted = [Depends(hold_back_address)]
bearer = HTTPBearer(auto_error=False, description="the token that POST /api/v1/chats gave")


async def bearer_of(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Visitor:
    """Tell whose token came along. Raises HTTPException 401."""
    secret = given.credentials if given else ""
    chat = await chat_for(site_of(request), secret) if secret.isascii() and len(secret) <= 64 else ""
    if not chat:
        # Whoever has a chat is counted by it; behind the address of a program may be everybody.
        hold_back_address(request)
        raise HTTPException(401, "unknown token", {"WWW-Authenticate": "Bearer"})
    return Visitor(secret, chat)


Known = Annotated[Visitor, Depends(bearer_of)]
After = Annotated[int, Query(ge=0, le=2**53, description="the last id that is known")]
Day = Annotated[date | None, Query(description="a county day; today without it")]


@router.post("/chats", status_code=201, dependencies=counted)
async def begin(request: Request) -> Opened:
    """Begin a chat. It ends 30 days after its last use."""
    secret = new_secret()
    await open_chat(request, secret)
    return Opened(token=secret)


@router.delete("/chats/mine", status_code=204, responses=_failures(401))
async def end(request: Request, visitor: Known) -> Response:
    """Delete what was said in the chat and end its token; what was submitted to the staff stays with them."""
    await site_of(request).channel.clear(visitor.chat)
    async with site_of(request).desk.database.write() as connection:
        await web_chats.end_visit(connection, visitor.secret)
    site_of(request).channel.hang_up(visitor.chat, visitor.secret)
    return Response(status_code=204)


@router.post("/messages", status_code=202, responses=_failures(401, 503))
async def say(request: Request, visitor: Known, said: Said) -> Accepted:
    """Say something. When this is answered, it is stored; the reply comes among the messages."""
    hold_back_person(request, visitor)
    channel = site_of(request).channel
    with _while_served():
        await channel.say(visitor.chat, said.update, text=said.text, language=said.language)
    return Accepted()


@router.post("/presses", status_code=202, responses=_failures(401, 503))
async def press(request: Request, visitor: Known, pressed: Pressed) -> Accepted:
    """Press a button of a reply. When this is answered, it is stored."""
    hold_back(request, (PRESSES, visitor.secret), (site_of(request).rates.everybody, ""))
    channel = site_of(request).channel
    button = button_of(await channel.lines(visitor.chat), pressed.choice)
    with _while_served():
        await channel.say(
            visitor.chat,
            pressed.update,
            choice=pressed.choice,
            label=button.label if button else "",
            below=str(pressed.below) if pressed.below else "",
            language=pressed.language,
            box=button is not None and button.ticked is not None,
        )
    return Accepted()


@router.post("/files", status_code=202, responses=_failures(401, 409, 503))
async def send_file(
    request: Request,
    visitor: Known,
    file: Annotated[UploadFile, File(description="at most 20 MB")],
) -> Accepted:
    """Send a document or picture that the assistant asks for at the moment; 409 where it does not."""
    hold_back_person(request, visitor)
    channel = site_of(request).channel
    attachment = await take_file(request, visitor.chat, file)
    with _while_served():
        await channel.say(visitor.chat, site_of(request).desk.ids.new(), file=attachment)
    return Accepted()


@router.get("/messages", responses=_failures(401))
async def messages(
    request: Request,
    visitor: Known,
    after: After = 0,
    wait_s: Annotated[float, Query(ge=0, le=20, description="how long to wait until all is answered")] = 0,
) -> ChatMessages:
    """Give what was said after a message, at most the newest 200; with `wait_s` not before all of it is answered."""
    channel, rates = site_of(request).channel, site_of(request).rates
    hold_back(request, (LOOKS, visitor.secret), (rates.everybody, ""))
    if wait_s:
        await channel.answered(visitor.chat, wait_s)
    return ChatMessages(messages=[_told(line) for line in await channel.lines(visitor.chat, after=after)])


async def _held(request: Request, visitor: Known) -> AsyncIterator[None]:
    with held_stream(request, visitor):
        yield


@router.get(
    "/messages/stream", response_class=EventSourceResponse, responses=_failures(401), dependencies=[Depends(_held)]
)
async def stream(request: Request, visitor: Known, after: After = 0) -> AsyncIterator[ServerSentEvent]:
    """Give what happens, as server-sent events: `message` (as above), `gone` (an id), `cleared`, `working`.

    It ends with the chat. At most 4 of a chat are open at once.
    """
    site = site_of(request)
    may = partial(may_look, site, visitor)
    async for event in site.channel.listen(visitor.chat, after, who=visitor.secret, may=may):
        if event.news is News.LINE and event.line is not None:
            yield ServerSentEvent(data=_told(event.line), event="message", id=str(event.number))
        else:
            yield ServerSentEvent(data=event.number, event=event.news.value)


@router.get("/answers", dependencies=counted)
async def answer(
    request: Request,
    question: Annotated[str, Query(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")],
    on: Day = None,
    language: Annotated[str, Query(pattern=r"^(zh-Hans|en)$")] = "zh-Hans",
) -> Answered:
    """Answer one question from the documents as of a day. Nothing is stored."""
    site = site_of(request)
    day = on or site.desk.clock.today()
    reply = answer_on(site, question, day, language)
    return Answered(on=day, reply=reply.model_copy(update={"buttons": ()}))


@router.get("/documents", dependencies=counted)
async def documents(
    request: Request, words: Annotated[str, Query(max_length=500)] = "", on: Day = None
) -> ListedDocuments:
    """List the public documents, those in force on a day first; with words, those that hold them."""
    site = site_of(request)
    day = on or site.desk.clock.today()
    return ListedDocuments(
        on=day, documents=[_listed(one) for one in reading_room.documents_on(site.library, day, words)]
    )


@router.get("/documents/{identity}", dependencies=counted, responses=_failures(404))
async def document(request: Request, identity: Annotated[str, Path(max_length=16)], on: Day = None) -> ReadDocument:
    """Give a public document clause by clause, as it reads on a day."""
    site = site_of(request)
    day = on or site.desk.clock.today()
    reading = reading_room.read(site.library, identity, day)
    if reading is None:
        raise HTTPException(404, "no such document")
    clauses = [
        ReadClause(
            position=passage.position,
            label=passage.label,
            text="\n".join(passage.lines),
            rows=[list(row) for row in passage.rows],
            changed_by=list(passage.changed_by),
            status=passage.status,
        )
        for passage in reading.passages
    ]
    return ReadDocument(on=day, document=_listed(reading.listed), clauses=clauses)


@contextmanager
def _while_served() -> Iterator[None]:
    try:
        yield
    except NotServed as error:
        raise HTTPException(503, "not served") from error


def _told(line: Line) -> ChatMessage:
    if line.mine:
        said = Message.model_validate_json(line.body)
        return ChatMessage(id=line.id, mine=True, at=line.at, text=said.text, file=said.file.name if said.file else "")
    return ChatMessage(id=line.id, mine=False, at=line.at, reply=Reply.model_validate_json(line.body))


def _listed(one: Listed) -> ListedDocument:
    document = one.document
    return ListedDocument(
        id=document.id,
        title=document.title,
        doc_no=document.doc_no,
        issuer=document.issuer,
        published=document.published,
        effective=document.effective,
        last_day=one.last_day,
        status=one.standing.status,
    )
