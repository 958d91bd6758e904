"""The staff's side of announcements: written, shown, approved by a second person, stopped; every step logged.

Every function writes on the connection it is given: a conversation's transaction, or a command's. None of them sends
anything; what is approved is worked off by the jobs (`bot.delivery.broadcasts`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from handlers import announce_words, event_words
from handlers.announce_checks import Doubt, doubts_about
from handlers.announce_rules import around
from handlers.desk import Office
from handlers.dialogue import File
from handlers.voice import Voice
from storage import announcements, audiences, documents, events, receiving, staff
from storage.announcement_tables import Promise, Recall, State
from storage.announcements import Announcement, Draft
from storage.audiences import Audience, Counts
from storage.database import Connection
from storage.events import Event
from storage.staff import NotAllowed, Right, Role, Viewer
from storage.subscription_tables import Topic

SHOWN_DIGEST = 8  # characters of a digest that a button or a command hands back, at least
TITLE = 40  # characters of an announcement's name among staff
FARTHEST = timedelta(days=366)
# Each step, and where an announcement must stand for it.
LIVE = frozenset({State.APPROVED, State.SENDING, State.PAUSED, State.LATE})
STEPS_FROM: Mapping[str, frozenset[State]] = {
    "undo": frozenset({State.APPROVED}),
    "discard": frozenset({State.DRAFT, State.SUBMITTED}),
    "pause": frozenset({State.APPROVED, State.SENDING}),
    "resume": frozenset({State.PAUSED}),
    "go-on": frozenset({State.LATE}),
    "stop": LIVE,
    "recall": LIVE | {State.STOPPED, State.FINISHED},
}
Where = tuple[str, str]  # channel and chat a member of staff writes from


class NotPossible(Exception):
    """Nothing was changed; a text under `announce.cannot` says why and what to do."""

    def __init__(self, why: str, **params: object) -> None:
        super().__init__(why)
        self.key, self.params = f"announce.cannot.{why}", params

    def told(self, voice: Voice) -> str:
        return voice.text(self.key, **self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote: words by language, what stands under them, to whom, when. Times aware UTC."""

    topic: Topic
    texts: Mapping[str, str]
    audience: Audience
    doors: Sequence[str] = ()
    event: str | None = None
    files: Sequence[File] = ()
    send_at: datetime | None = None
    not_after: datetime | None = None
    promise: Promise = Promise.AT_LEAST_ONCE
    corrects: str | None = None


async def draft_of(
    connection: Connection, office: Office, who: Viewer, written: Written, *, number: str, where: Where | None = None
) -> Draft:
    """Make a draft of what was written; reads only. Raises NotPossible and NotAllowed."""
    who.require(Right.ANNOUNCE)
    now = office.clock.now()
    if not written.texts or not all(words.strip() for words in written.texts.values()):
        raise NotPossible("no_words")
    event = await events.by_code(connection, written.event) if written.event else None
    if written.event and event is None:
        raise NotPossible("no_event", event=written.event)
    not_after = written.not_after
    if not_after is None and event is not None:
        not_after = last_use_of(event, now)
    _check_times(written.send_at, not_after, now)
    title = next(iter(written.texts.values())).strip().split("\n")[0]
    return Draft(
        number=number,
        title=title if len(title) <= TITLE else f"{title[: TITLE - 1]}…",
        topic=written.topic.value,
        promise=written.promise,
        content=announce_words.content_of(
            office,
            number,
            written.topic,
            written.texts,
            doors=written.doors,
            event=event,
            files=written.files,
            now=now,
        ),
        audience=held_to(who, written.audience).as_json(),
        # Whoever changed it last is who wrote it: they can't approve it.
        writer=who.id,
        writer_channel=where[0] if where else None,
        writer_chat=where[1] if where else None,
        send_at=written.send_at,
        in_daytime=True,
        not_after=not_after,
        corrects=written.corrects,
    )


def held_to(who: Viewer, audience: Audience) -> Audience:
    """Keep an audience to a township's own people where a township's officer writes.

    A county colleague who changes such a draft does not take it beyond the township.
    """
    return replace(audience, within=who.township) if who.township else audience


def last_use_of(event: Event, now: datetime) -> datetime:
    """Give until when its card is of use: an invitation nobody can follow any more helps nobody."""
    return event.deadline if event_words.is_open(event, now) else event.ends_at


async def save(connection: Connection, office: Office, who: Viewer, draft: Draft) -> None:
    """Store a draft, new or in place of one of its number. Raises Conflict if that is no draft any more."""
    who.require(Right.ANNOUNCE)
    before = await announcements.by_number(connection, draft.number)
    if before is not None:
        _may_see(who, before)
    now = office.clock.now()
    await announcements.save_draft(connection, draft, now)
    await staff.audit(connection, who, "announcement-write", now, detail={"announcement": draft.number})


async def known(connection: Connection, who: Viewer, number: str) -> Announcement:
    """Give an announcement this member of staff may see. Raises NotPossible."""
    who.require(Right.ANNOUNCE)
    found = await announcements.by_number(connection, number.strip().upper())
    if found is None:
        raise NotPossible("unknown", number=number)
    _may_see(who, found)
    return found


async def listed(connection: Connection, who: Viewer, states: Sequence[State] | None = None) -> list[Announcement]:
    """Give the announcements this member of staff may see, the newest first."""
    who.require(Right.ANNOUNCE)
    found = await announcements.listed(connection, states)
    return [one for one in found if who.role is not Role.TOWNSHIP or one.writer == who.id]


async def counted(connection: Connection, office: Office, one: Draft) -> tuple[Counts, list[str]]:
    """Count whom a draft would reach now, and give a few of them, masked."""
    return await counted_for(connection, office, Audience.from_json(one.audience), Topic(one.topic))


async def counted_for(
    connection: Connection, office: Office, audience: Audience, topic: Topic
) -> tuple[Counts, list[str]]:
    """Count whom something of a topic would reach now, before a word of it is written."""
    counts = await audiences.count(connection, audience, topic)
    return counts, await audiences.sample(connection, audience, topic, around(office))


async def had_enough(connection: Connection, office: Office, one: Draft) -> int:
    """Count those it would not be sent to because they had three in seven days; nobody for what is not counted."""
    if one.topic == Topic.SERVICE or one.corrects is not None:
        return 0
    return await receiving.full(connection, Audience.from_json(one.audience), Topic(one.topic), office.clock.now())


def doubts(office: Office, one: Draft) -> list[Doubt]:
    """Give what two people should look at before it goes out."""
    return list(doubts_about(announce_words.own_words(one), office.clock.today()))


async def titles(connection: Connection, audience: Audience) -> dict[str, str]:
    """Give the names of what an audience points at by an id: events, files, another announcement."""
    named = {code: event.title for code, event in (await events.titles(connection, audience.events)).items()}
    if audience.asked:
        named |= await documents.titles(connection, audience.asked)
    if audience.reached and (other := await announcements.by_number(connection, audience.reached)):
        named[audience.reached] = f"{other.number} {other.title}"
    return named


async def check_submittable(connection: Connection, office: Office, one: Announcement) -> None:
    """Raise NotPossible for what would reach nobody, or is too late already."""
    if one.state is State.DRAFT and one.reason == announcements.EVENT:
        raise NotPossible("event_changed")
    counts, _ = await counted(connection, office, one)
    if not counts.reachable:
        raise NotPossible("nobody")
    _check_times(one.send_at, one.not_after, office.clock.now())


async def submit(connection: Connection, office: Office, who: Viewer, number: str) -> str:
    """Hand a draft to a second person; give the digest of what they are shown (`announce_reports.ask_approvers`)."""
    one = await known(connection, who, number)
    now = office.clock.now()
    await check_submittable(connection, office, one)
    digest = await announcements.submit(connection, number, now)
    await staff.audit(connection, who, "announcement-submit", now, detail={"announcement": number, "digest": digest})
    return digest


def check_approvable(office: Office, who: Viewer, one: Announcement, digest: str) -> None:
    """Raise NotPossible for its own writer, for what is not what was shown, and for what is not waiting."""
    who.require(Right.APPROVE)
    if one.state is not State.SUBMITTED or one.digest is None:
        raise NotPossible("not_submitted", number=one.number)
    if one.writer == who.id:
        raise NotPossible("own", number=one.number)
    if len(digest) < SHOWN_DIGEST or not one.digest.startswith(digest):
        raise NotPossible("not_shown", number=one.number)
    _check_times(one.send_at, one.not_after, office.clock.now())


async def approve(
    connection: Connection, office: Office, who: Viewer, number: str, digest: str, where: Where | None = None
) -> Announcement:
    """Freeze it and let it go out after the undo window. `digest` may be cut off, at eight characters at least.

    Raises NotPossible for its own writer, for what is not what was shown, and what is not waiting.
    """
    one = await known(connection, who, number)
    check_approvable(office, who, one, digest)
    now = office.clock.now()
    await announcements.approve(
        connection,
        one.number,
        by=who.id,
        digest=str(one.digest),
        at=now,
        channel=where[0] if where else None,
        chat=where[1] if where else None,
    )
    detail = {"announcement": one.number, "digest": one.digest}
    await staff.audit(connection, who, "announcement-approve", now, detail=detail)
    return await known(connection, who, one.number)


async def send_back(connection: Connection, office: Office, who: Viewer, number: str, note: str) -> Announcement:
    """Give it back to its writer with a word why (`announce_reports.tell_writer_back` tells them)."""
    who.require(Right.APPROVE)
    now = office.clock.now()
    await known(connection, who, number)
    await announcements.send_back(connection, number, note, now)
    await staff.audit(connection, who, "announcement-back", now, detail={"announcement": number, "note": note})
    return await known(connection, who, number)


def check_back(who: Viewer, one: Announcement) -> None:
    """Raise NotPossible for what is not waiting for approval."""
    who.require(Right.APPROVE)
    if one.state is not State.SUBMITTED:
        raise NotPossible("not_submitted", number=one.number)


def check_step(who: Viewer, one: Announcement, step: str) -> None:
    """Raise NotAllowed for a step that is for its writer and those who approve; pausing is for everybody."""
    if step != "pause" and one.writer != who.id:
        who.require(Right.APPROVE)


def why_not(office: Office, one: Announcement, step: str) -> NotPossible | None:
    """Tell why a step is not possible as it stands; None where it is."""
    if step == "undo" and one.state is State.APPROVED:
        begins = one.begins_at
        return NotPossible("undo_over") if begins is None or begins <= office.clock.now() else None
    if one.state in STEPS_FROM[step] and not (step == "recall" and one.recall is not None):
        return None
    return NotPossible(step.replace("-", "_"), number=one.number)


async def recall(
    connection: Connection, office: Office, who: Viewer, number: str, *, words: Mapping[str, str] | None = None
) -> None:
    """Take back what was sent: deleted where the channel still can, with `words` by language edited where it can't."""
    who.require(Right.ANNOUNCE)
    one = await known(connection, who, number)
    check_step(who, one, "recall")
    now = office.clock.now()
    content: dict[str, Any] = announce_words.recalled(office, one.number, words)
    # What is too old to be deleted can still be edited: then these words stand in its place.
    how = Recall.EDIT if words else Recall.DELETE
    await announcements.recall(connection, number, now, how=how, content=content)
    await staff.audit(connection, who, "announcement-recall", now, detail={"announcement": number})


def _step(name: str, transition: Callable[[Connection, str, datetime], Awaitable[None]]) -> Step:
    """Make a step of a transition: looked at, taken, logged. Raises Conflict once it is too late for it."""

    async def take(connection: Connection, office: Office, who: Viewer, number: str) -> None:
        one = await known(connection, who, number)
        check_step(who, one, name)
        now = office.clock.now()
        await transition(connection, one.number, now)
        await staff.audit(connection, who, f"announcement-{name}", now, detail={"announcement": one.number})

    return take


def _may_see(who: Viewer, one: Announcement) -> None:
    if who.role is Role.TOWNSHIP and one.writer != who.id:
        raise NotAllowed("a township's staff see the announcements they wrote; ask a county administrator")


def _check_times(send_at: datetime | None, not_after: datetime | None, now: datetime) -> None:
    if send_at is not None and not now <= send_at <= now + FARTHEST:
        raise NotPossible("far" if send_at > now else "past")
    if not_after is not None and not_after <= (send_at or now):
        raise NotPossible("too_late")


Step: TypeAlias = Callable[[Connection, Office, Viewer, str], Awaitable[None]]
STEPS: Mapping[str, Step] = {
    "undo": _step("undo", announcements.undo),  # a draft again, before the first message is out
    "discard": _step("discard", announcements.discard),  # what was never approved
    "pause": _step("pause", announcements.pause),  # whoever sees that something is wrong may
    "resume": _step("resume", announcements.resume),
    "go-on": _step("go_on", announcements.go_on),  # all the same, what had become too late
    "stop": _step("stop", announcements.stop),  # for good
    "recall": recall,
}
