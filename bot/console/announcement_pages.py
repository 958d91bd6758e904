"""Announcements: composed beside a live preview and count, approved by a second person, followed while they go out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.console import announcement_form as form_of
from bot.console.access import ConsoleRoute, Member, Staff, back_to, console_page
from bot.web.files import as_attachment
from bot.web.pages import view_for
from handlers import announce_desk as desk
from handlers import announce_reports, announce_words
from handlers import policy_news as news_of_files
from handlers.announce_desk import NotPossible
from handlers.dialogue import File, Reply
from handlers.event_desk import NotPossible as NoTime
from handlers.forms.announce import LARGEST_BYTES, LONGEST
from handlers.registry_desk import NotDone
from handlers.voice import Voice
from storage import events, policy_news, recipients
from storage.announcement_tables import RecipientState, State
from storage.announcements import Announcement, Draft
from storage.audiences import Audience, Counts
from storage.database import Connection
from storage.errors import Conflict
from storage.events import Event
from storage.staff import Right
from storage.subscription_tables import Topic

router = APIRouter(route_class=ConsoleRoute)

LIVE = frozenset({State.APPROVED, State.SENDING, State.PAUSED, State.LATE})
STEPS = ("undo", "pause", "resume", "go-on", "stop", "recall", "discard")
NUMBER = re.compile(r"A[0-9A-Z]{4,7}")
LOOK_S, WATCH_S = 1.0, 900
Text = Annotated[str, Form()]


@router.get("/announcements")
async def announcements(request: Request, staff: Staff) -> Response:
    """List announcements, the newest first."""
    voice = _voice(request, staff)
    async with staff.site.desk.database.read() as connection:
        found = await desk.listed(connection, staff.viewer)
        news = await policy_news.offered(connection)
    return console_page(
        request,
        "console_announcements.html",
        announcements=[(one, announce_words.state_name(voice, one)) for one in found],
        news=[(one.token, news_of_files.label(voice, one)) for one in news],
    )


@router.get("/announcements/new")
async def compose(request: Request, staff: Staff, corrects: str = "", news: str = "") -> Response:
    """Begin one, maybe as a correction of another or with what is new about a file people follow."""
    try:
        async with staff.site.desk.database.read() as connection:
            form = await form_of.begun(connection, staff, corrects=corrects, news=news)
    except NotPossible as error:
        raise NotDone("announcements.none") from error
    return await _form(request, staff, form)


@router.post("/announcements/preview")
async def preview(request: Request, staff: Staff) -> Response:
    """Show what recipients will get and how many they are, while it is being written; stores nothing."""
    return await _form(request, staff, await request.form(), only_preview=request.headers.get("x-part") == "preview")


@router.post("/announcements")
async def save(request: Request, staff: Staff) -> Response:
    """Keep a draft, new or in place of one."""
    office, form = staff.site.desk, await request.form()
    number = form_of.told(form, "number").upper() or f"A{office.ids.code(4)}"
    if not NUMBER.fullmatch(number):
        raise NotDone("announcements.none")
    try:
        async with office.database.write() as connection:
            written = await form_of.written(connection, staff, form)
            draft = await desk.draft_of(connection, office, staff.viewer, written, number=number)
            await desk.save(connection, office, staff.viewer, draft)
            if news := await policy_news.by_token(connection, form_of.told(form, "news")):
                await policy_news.settle(connection, news, "taken")
    except (NotPossible, NoTime, Conflict) as error:
        return await _form(request, staff, form, problem=_why(request, staff, error))
    return back_to(f"/announcements/{number}", "draft_kept")


@router.get("/announcements/{number}")
async def announcement(request: Request, staff: Staff, number: str) -> Response:
    """Show one with all that a second person has to know, and how far it is."""
    return await _announcement(request, staff, number)


@router.get("/announcements/{number}/edit")
async def edit(request: Request, staff: Staff, number: str) -> Response:
    """Change a draft."""
    async with staff.site.desk.database.read() as connection:
        form = await form_of.as_form(connection, staff, await _known(connection, staff, number))
    return await _form(request, staff, form)


@router.get("/announcements/{number}/files/{place}")
async def file(staff: Staff, number: str, place: int) -> Response:
    """Give the picture or file that goes along, only to be taken away: it may hold scripts."""
    async with staff.site.desk.database.read() as connection:
        files = announce_words.files_of(await _known(connection, staff, number))
    if not 0 <= place < len(files):
        raise NotDone("announcements.none")
    one = files[place]
    return Response(one.content, media_type=one.media_type, headers=as_attachment(one.name))


@router.post("/announcements/{number}/submit")
async def submit(request: Request, staff: Staff, number: str) -> Response:
    """Hand a draft to a second person."""
    office = staff.site.desk

    async def hand_on(connection: Connection) -> None:
        await desk.submit(connection, office, staff.viewer, number)
        await announce_reports.ask_approvers(connection, office, await desk.known(connection, staff.viewer, number))

    return await _carried_out(request, staff, number, hand_on, "submitted")


@router.post("/announcements/{number}/approve")
async def approve(request: Request, staff: Staff, number: str, digest: Text = "") -> Response:
    """Let another's go out, exactly as it was shown."""

    async def let_go(connection: Connection) -> None:
        await desk.approve(connection, staff.site.desk, staff.viewer, number, digest)

    return await _carried_out(request, staff, number, let_go, "approved")


@router.post("/announcements/{number}/back")
async def send_back(request: Request, staff: Staff, number: str, note: Text = "") -> Response:
    """Give it back to its writer with a word why."""
    office = staff.site.desk

    async def give_back(connection: Connection) -> None:
        one = await desk.known(connection, staff.viewer, number)
        desk.check_back(staff.viewer, one)
        returned = await desk.send_back(connection, office, staff.viewer, one.number, note.strip()[:300] or "–")
        await announce_reports.tell_writer_back(connection, office, returned)

    return await _carried_out(request, staff, number, give_back, "sent_back", note=note)


@router.post("/announcements/{number}/step")
async def step(request: Request, staff: Staff, number: str, step: Text = "") -> Response:
    """Undo, pause, resume, stop, discard or take back."""
    office = staff.site.desk

    async def take(connection: Connection) -> None:
        one = await desk.known(connection, staff.viewer, number)
        if step not in STEPS:
            raise NotPossible("unknown", number=number)
        desk.check_step(staff.viewer, one, step)
        if (refused := desk.why_not(office, one, step)) is not None:
            raise refused
        await desk.STEPS[step](connection, office, staff.viewer, one.number)

    return await _carried_out(request, staff, number, take, f"step_{step.replace('-', '_')}")


@router.get("/announcements/{number}/progress")
async def progress(staff: Staff, number: str) -> Response:
    """Tell how far it is while it goes out (server-sent events)."""
    office, viewer = staff.site.desk, staff.viewer
    async with office.database.read() as connection:
        await _known(connection, staff, number)

    async def told() -> AsyncIterator[str]:
        for _ in range(int(WATCH_S / LOOK_S)):
            async with office.database.read() as connection:
                one = await desk.known(connection, viewer, number)
                so_far = await recipients.progress(connection, one.number, office.clock.now())
            counts = {state.value: so_far.counts.get(state, 0) for state in RecipientState}
            facts = {"state": one.state.value, "people": so_far.people, "left": so_far.left, "eta_s": so_far.eta_s}
            yield f"event: progress\ndata: {json.dumps({**facts, **counts})}\n\n"
            if one.state not in LIVE and not so_far.left:
                return
            await asyncio.sleep(LOOK_S)

    return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _carried_out(
    request: Request,
    staff: Member,
    number: str,
    act: Callable[[Connection], Awaitable[None]],
    done: str,
    *,
    note: str = "",
) -> Response:
    """Do something to one in a transaction, then show it with a word that it is done, or why it can't be."""
    try:
        async with staff.site.desk.database.write() as connection:
            await act(connection)
    except (NotPossible, Conflict) as error:
        return await _announcement(request, staff, number, problem=_why(request, staff, error), note=note)
    return back_to(f"/announcements/{number}", done)


async def _announcement(request: Request, staff: Member, number: str, problem: str = "", note: str = "") -> Response:
    office, voice = staff.site.desk, _voice(request, staff)
    async with office.database.read() as connection:
        one = await _known(connection, staff, number)
        counts, names = await desk.counted(connection, office, one)
        audience = Audience.from_json(one.audience)
        lines = announce_words.audience_lines(voice, audience, await desk.titles(connection, audience))
        begun = one.planned_at is not None or one.state in LIVE
        so_far = await recipients.progress(connection, one.number, office.clock.now()) if begun else None
    mine = one.writer == staff.viewer.id
    may_step = mine or staff.may(Right.APPROVE)
    steps = [name for name in STEPS if (may_step or name == "pause") and desk.why_not(office, one, name) is None]
    return console_page(
        request,
        "console_announcement.html",
        status=422 if problem else 200,
        one=one,
        state=announce_words.state_name(voice, one),
        shown=announce_reports.previews(one),
        lines=lines,
        counts=counts,
        names=names,
        doubts=_doubts(voice, staff, one),
        so_far=so_far,
        tally=announce_words.tally(voice, so_far.counts) if so_far else [],
        pressed=list(announce_words.button_names(voice, so_far.answered)) if so_far else [],
        begins=one.begins_at,
        steps=steps,
        files=announce_words.files_of(one),
        may_correct=one.state in desk.STEPS_FROM["recall"],
        mine=mine,
        may_approve=staff.may(Right.APPROVE) and not mine,
        watching=one.state in LIVE,
        problem=problem,
        note=note,
    )


async def _form(
    request: Request, staff: Member, form: FormData, *, problem: str = "", only_preview: bool = False
) -> Response:
    staff.viewer.require(Right.ANNOUNCE)
    office, voice = staff.site.desk, _voice(request, staff)
    draft: Draft | None = None
    counts: Counts | None = None
    names: list[str] = []
    filters: list[form_of.Choice] = []
    coming: list[Event] = []
    files: tuple[File, ...] = ()
    held: list[str] = []
    async with office.database.read() as connection:
        try:
            written = await form_of.written(connection, staff, form, only_look=True)
            # While only words change, how many they reach does not.
            if request.headers.get("x-count") != "no":
                counts, names = await desk.counted_for(connection, office, written.audience, written.topic)
            if written.texts:
                draft = await desk.draft_of(connection, office, staff.viewer, written, number="A0000")
        except (NotPossible, NoTime) as error:
            problem = problem or _why(request, staff, error)
        if not only_preview:
            coming = await events.listed(connection, staff.viewer, office.clock.now())
            filters = await form_of.choices(connection, voice, staff, form)
            with contextlib.suppress(NotPossible):
                audience, files = await form_of.held(connection, staff, form)
                if not audience.is_everybody:
                    held = announce_words.audience_lines(voice, audience, await desk.titles(connection, audience))
    return console_page(
        request,
        "console_preview.html" if only_preview else "console_compose.html",
        status=422 if problem and not only_preview else 200,
        told=lambda name: form_of.told(form, name),
        ticked=lambda name, value: value in form.getlist(name),
        problem=problem,
        shown=[Reply.model_validate(content) for content in draft.content.values()] if draft else [],
        counts=counts,
        names=names,
        doubts=_doubts(voice, staff, draft) if draft else [],
        topics=[topic.value for topic in Topic],
        doors=[(door, announce_words.door_name(voice, door)) for door in announce_words.DOORS],
        events=coming,
        filters=filters,
        held=held,
        files=files,
        # A browser never fills in a file again by itself.
        choose_again=bool(getattr(form.get("file"), "filename", "")),
        longest=LONGEST,
        largest=LARGEST_BYTES // 1_000_000,
    )


def _doubts(voice: Voice, staff: Member, one: Draft) -> Sequence[str]:
    found = desk.doubts(staff.site.desk, one)
    return list(dict.fromkeys(voice.text(f"announce.doubt.{doubt.key}", **doubt.params) for doubt in found))


async def _known(connection: Connection, staff: Member, number: str) -> Announcement:
    """Give one this viewer may see. Raises NotDone for none; whose it is, is nobody else's to know."""
    try:
        return await desk.known(connection, staff.viewer, number)
    except NotPossible as error:
        raise NotDone("announcements.none") from error


def _why(request: Request, staff: Member, error: Exception) -> str:
    voice = _voice(request, staff)
    if isinstance(error, NotPossible):
        return error.told(voice)
    return voice.text("announce.cannot.time" if isinstance(error, NoTime) else "console.refused.other")


def _voice(request: Request, staff: Member) -> Voice:
    return Voice(staff.site.desk, view_for(request).language)
