"""What staff are told about an announcement: what waits for their approval, how far it is, what became of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handlers import announce_desk, announce_picture, announce_words
from handlers.announce_words import moment
from handlers.buttons import Action
from handlers.desk import Office
from handlers.dialogue import Button, File, Heading, Items, Part, Reply
from handlers.event_words import PAYLOAD
from handlers.voice import Rows, Voice
from storage import announcements, conversations, outbox, receiving, recipients, staff
from storage.announcement_tables import Promise, State
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Connection
from storage.recipients import Progress
from storage.staff import Right

LISTED = 10  # recipients that are listed one by one
LOOKED_THROUGH = 1000  # announcements that are not over, when an event changes
MINUTE_S = 60


async def summary(connection: Connection, voice: Voice, one: Announcement, *, named: bool = True) -> list[Part]:
    """Say all that a second person has to know: about what, to whom, when, and what to look at.

    Without `named` no names are among it, masked or not: it goes through a platform abroad, or to a chat unseen.
    """
    office, now = voice.office, voice.office.clock.now()
    counts, names = await announce_desk.counted(connection, office, one)
    had_enough = await announce_desk.had_enough(connection, office, one)
    titles = await announce_desk.titles(connection, Audience.from_json(one.audience))
    lines = [
        *announce_words.audience_lines(voice, Audience.from_json(one.audience), titles),
        announce_words.counted(voice, counts, names if named else ()),
        *([voice.text("announce.corrects", number=one.corrects)] if one.corrects else []),
        *([voice.text("announce.full", count=had_enough)] if had_enough else []),
        _when(voice, one, now),
        voice.text(f"announce.promise.{one.promise.value}"),
    ]
    parts: list[Part] = [
        Heading(text=announce_words.state_line(voice, one)),
        *voice.parts("announce.about", topic=voice.text(f"topics.name.{one.topic}")),
        Items(items=tuple(lines)),
    ]
    if one.state is State.DRAFT and one.reason:
        parts += voice.parts("announce.sent_back", note=_came_back_for(voice, one))
    found = [voice.text(f"announce.doubt.{doubt.key}", **doubt.params) for doubt in announce_desk.doubts(office, one)]
    if found:
        parts += [*voice.parts("announce.doubts"), Items(items=tuple(dict.fromkeys(found)))]
    return parts


async def ask_approvers(connection: Connection, office: Office, one: Announcement) -> None:
    """Show what was submitted to everybody who may approve it, but to its writer."""
    for viewer, channel, chat in await staff.who_may(connection, Right.APPROVE):
        if viewer.id != one.writer:
            voice = await _voice(connection, office, channel, chat)
            shown = [*previews(one), await to_approve(connection, voice, one)]
            await outbox.enqueue(connection, channel, chat, shown, office.clock.now())


def previews(one: Announcement) -> list[Reply]:
    """Give what recipients see, in every language there is."""
    return [announce_words.seen_as(one, language) for language in one.content]


async def to_approve(connection: Connection, voice: Voice, one: Announcement) -> Reply:
    """Ask somebody to approve what they have been shown."""
    parts = [*voice.parts("announce.please_approve"), *await summary(connection, voice, one, named=False)]
    approve = _button(voice, "approve", f"approve.{one.number}.{(one.digest or '')[:8]}")
    return voice.reply(parts, [[approve], [_button(voice, "back", f"back.{one.number}")]])


async def tell_writer_back(connection: Connection, office: Office, one: Announcement) -> None:
    """Tell the writer that it came back, and why."""
    if one.writer_channel and one.writer_chat:
        voice = await _voice(connection, office, one.writer_channel, one.writer_chat)
        note = _came_back_for(voice, one)
        parts = voice.parts("announce.came_back", number=one.number, title=one.title, note=note)
        reply = voice.reply(parts, [[_button(voice, "edit", f"edit.{one.number}")]])
        await outbox.enqueue(connection, one.writer_channel, one.writer_chat, [reply], office.clock.now())


async def tell_staff(connection: Connection, office: Office, number: str, what: str) -> None:
    """Tell writer and approver that an announcement finished, paused itself, is too late, stopped or is taken back.

    Called by the engine in the transaction in which it became so.
    """
    one = await announcements.by_number(connection, number)
    if one is None:
        return
    for channel, chat in await _told(connection, one):
        voice = await _voice(connection, office, channel, chat)
        # Without the picture: it takes a moment to draw, and everybody who writes would wait.
        reply = await report(connection, voice, one, what)
        await outbox.enqueue(connection, channel, chat, [reply], office.clock.now())


async def hold_about(connection: Connection, office: Office, event: str) -> int:
    """Hold whatever has the card of an event that was changed or called off; give how many that were.

    What goes out pauses, what waits for approval goes back to its writer, what is a draft is to be written anew.
    """
    held = 0
    standing = [State.DRAFT, State.SUBMITTED, *announcements.LIVE]
    for one in await announcements.listed(connection, standing, limit=LOOKED_THROUGH):
        told = json.dumps(one.content, ensure_ascii=False)
        if f"event:{event}" not in told and f"{PAYLOAD}{event}" not in told:
            continue
        if await announcements.outdate(connection, one.number, office.clock.now()):
            if one.state is State.SUBMITTED:
                await tell_writer_back(connection, office, replace(one, reason=announcements.EVENT))
            elif one.state is not State.DRAFT:
                await tell_staff(connection, office, one.number, "paused")
            held += 1
    return held


async def report(connection: Connection, voice: Voice, one: Announcement, what: str = "finished") -> Reply:
    """Give what became of it: how many in each state, who can't be told for certain, buttons pressed, the picture."""
    now = voice.office.clock.now()
    progress = await recipients.progress(connection, one.number, now)
    reason = _reason(voice, one)
    parts: list[Part] = [
        *voice.parts(f"announce.told.{what}", number=one.number, title=one.title, reason=reason),
        Items(items=(*announce_words.tally(voice, progress.counts), *_answers(voice, progress))),
    ]
    skipped = await receiving.skipped(connection, one.number)
    if skipped:
        told = [_why(voice, reason, count) for reason, count in sorted(skipped.items(), key=lambda item: -item[1])]
        parts += [*voice.parts("announce.skipped"), Items(items=tuple(told))]
    if progress.recalled:
        told = [voice.text(f"announce.recalled.{how}", count=count) for how, count in sorted(progress.recalled.items())]
        parts += [*voice.parts("announce.recall_head"), Items(items=tuple(told))]
    if one.promise is Promise.NEVER_TWICE:
        parts += await _uncertain(connection, voice, one)
    return voice.reply(parts, buttons(voice, one))


async def picture(connection: Connection, voice: Voice, one: Announcement) -> File | None:
    """Give the picture of an announcement as a file; None where it can't be drawn here."""
    so_far = await recipients.progress(connection, one.number, voice.office.clock.now())
    minutes = await recipients.pace_of(connection, one.number)
    # Drawing takes a second or so, which no other chat shall wait for.
    drawn = await asyncio.to_thread(announce_picture.draw, voice, one, so_far, minutes)
    return File.of(f"{one.number}.png", "image/png", drawn) if drawn else None


async def progress(connection: Connection, voice: Voice, one: Announcement) -> Reply:
    """Give how far it is: a bar, the rate, when it will be done, what failed so far."""
    now = voice.office.clock.now()
    parts: list[Part] = [Heading(text=announce_words.state_line(voice, one))]
    if one.state in {State.DRAFT, State.SUBMITTED, State.DISCARDED}:
        return voice.reply(await summary(connection, voice, one, named=False), buttons(voice, one))
    if one.started_at is None and one.state is State.APPROVED:
        begins = one.begins_at or now
        left = max(0, round((begins - now).total_seconds()))
        key = "announce.begins_in" if left <= MINUTE_S else "announce.begins_at"
        parts += voice.parts(key, seconds=left, time=moment(voice, begins, now), people=one.people)
        return voice.reply(parts, buttons(voice, one))
    so_far = await recipients.progress(connection, one.number, now)
    done = so_far.people - so_far.left
    lines = [announce_words.bar(done, so_far.people), voice.text("announce.done_of", done=done, people=so_far.people)]
    if one.state is State.SENDING:
        lines.append(voice.text("announce.rate", per_s=f"{so_far.per_s:.1f}", eta=_span(voice, so_far.eta_s)))
    if one.state in {State.PAUSED, State.LATE} and (reason := _reason(voice, one)):
        lines.append(reason)
    parts += [Items(items=(*lines, *announce_words.tally(voice, so_far.counts), *_answers(voice, so_far)))]
    return voice.reply(parts, buttons(voice, one))


def buttons(voice: Voice, one: Announcement) -> Rows:
    """Give what can be done with an announcement as it stands."""
    now = voice.office.clock.now()
    n = one.number
    match one.state:
        case State.DRAFT:
            return [
                [_button(voice, "preview", f"preview.{n}")],
                [_button(voice, "edit", f"edit.{n}"), _button(voice, "discard", f"discard.{n}")],
            ]
        case State.SUBMITTED:
            return [[_button(voice, "review", f"review.{n}")], [_button(voice, "discard", f"discard.{n}")]]
        case State.APPROVED:
            undo = [[_button(voice, "undo", f"undo.{n}")]] if one.begins_at and now < one.begins_at else []
            return [*undo, [_button(voice, "progress", f"progress.{n}"), _button(voice, "pause", f"pause.{n}")]]
        case State.SENDING:
            return [
                [_button(voice, "pause", f"pause.{n}"), _button(voice, "stop", f"stop.{n}")],
                [_button(voice, "progress", f"progress.{n}")],
            ]
        case State.PAUSED:
            return [
                [_button(voice, "resume", f"resume.{n}"), _button(voice, "stop", f"stop.{n}")],
                [_button(voice, "recall", f"recall.{n}")],
            ]
        case State.LATE:
            return [[_button(voice, "go_on", f"go-on.{n}"), _button(voice, "stop", f"stop.{n}")]]
        case State.STOPPED | State.FINISHED:
            again = [_button(voice, "report", f"report.{n}")]
            if one.recall is None:
                return [again, [_button(voice, "recall", f"recall.{n}")]]
            return [again, [_button(voice, "correct", f"correct.{n}")]]
    return []


def _button(voice: Voice, label: str, argument: str) -> Button:
    return Button(label=voice.text(f"announce.button.{label}"), data=Action("announcement", argument).data)


def _when(voice: Voice, one: Announcement, now: datetime) -> str:
    told = voice.text("announce.at_once") if one.send_at is None else moment(voice, one.send_at, now)
    lines = voice.text("announce.goes_out", time=told)
    return (
        lines
        if one.not_after is None
        else f"{lines}\n{voice.text('announce.until', time=moment(voice, one.not_after, now))}"
    )


def _answers(voice: Voice, so_far: Progress) -> list[str]:
    if not so_far.answered:
        return []
    told = voice.text("announce.answered", count=sum(so_far.answered.values()))
    return [told, *announce_words.button_names(voice, so_far.answered)]


def _came_back_for(voice: Voice, one: Announcement) -> str:
    """Say why it is a draft again: a colleague's own words, or that its event has changed."""
    is_event = one.reason == announcements.EVENT
    return voice.text("announce.reason.event_changed") if is_event else one.reason or ""


def _reason(voice: Voice, one: Announcement) -> str:
    """Say why it is paused or late."""
    key = f"announce.reason.{one.reason}"
    return voice.text(key) if voice.office.texts.has(key) else ""


def _why(voice: Voice, reason: str, count: int) -> str:
    key = f"announce.skip.{reason}"
    return voice.text(key if voice.office.texts.has(key) else "announce.skip.other", count=count, reason=reason)


async def _uncertain(connection: Connection, voice: Voice, one: Announcement) -> list[Part]:
    from storage.announcement_tables import RecipientState

    found = await recipients.with_state(connection, one.number, [RecipientState.UNKNOWN], limit=LISTED)
    if not found:
        return []
    told = [voice.text("announce.uncertain_one", id=row.id, channel=row.channel) for row in found]
    return [*voice.parts("announce.uncertain", number=one.number), Items(items=tuple(told))]


def _span(voice: Voice, seconds: float | None) -> str:
    if seconds is None:
        return voice.text("announce.eta_unknown")
    minutes, rest = divmod(round(seconds), MINUTE_S)
    return voice.text("announce.eta", minutes=minutes, seconds=f"{rest:02}")


async def _told(connection: Connection, one: Announcement) -> Sequence[tuple[str, str]]:
    """Give the chats of writer and approver, if they still have a role; else of all who might decide about it."""
    both = ((one.writer_channel, one.writer_chat), (one.approver_channel, one.approver_chat))
    chats = dict.fromkeys((channel, chat) for channel, chat in both if channel and chat)
    theirs = [chat for chat in chats if await staff.viewer_of(connection, *chat) is not None]
    return theirs or [(channel, chat) for _, channel, chat in await staff.who_may(connection, Right.APPROVE)]


async def _voice(connection: Connection, office: Office, channel: str, chat: str) -> Voice:
    """Speak to a member of staff in the language of their chat."""
    language = await conversations.language_of(connection, channel, chat)
    return Voice(office, language or office.language)
