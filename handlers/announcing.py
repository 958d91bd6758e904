"""Announcements in the staff's own chat: the list, what each can do next, and every press that changes one.

Nothing goes out here: a press moves an announcement on, in the transaction of the message, and says what that means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from handlers import announce_desk, announce_reports, announce_words, floor
from handlers import policy_news as news_of_files
from handlers.abroad import may_name
from handlers.announce_desk import NotPossible
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Items, Reply
from storage import announcements, policy_news, recipients, staff
from storage.announcement_tables import State
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Connection
from storage.staff import NotAllowed, Right, Viewer

FLOW, BACK_FLOW = "announce", "announce-back"
SHOWN = 8  # announcements in the list, the newest first
# These end something for many people: asked once more.
ASKED_ONCE_MORE = frozenset({"approve", "stop", "recall", "discard"})

Handler = Callable[[Chat, Viewer, Announcement, str], Awaitable[list[Reply]]]


async def show_list(chat: Chat) -> Reply:
    """Show the newest announcements, what waits for approval, and the way to write one."""
    who = await _viewer(chat)
    if who is None:
        return chat.say("announce.not_staff", chat.doors("help"))
    async with chat.desk.database.read() as connection:
        found = (await announce_desk.listed(connection, who))[:SHOWN]
        news = await policy_news.offered(connection)
    lines = [announce_words.state_line(chat, one) for one in found]
    rows = [
        [_button(chat, f"{one.number} {announce_words.state_name(chat, one)}", f"show.{one.number}")] for one in found
    ]
    told = [_button(chat, news_of_files.label(chat, one), f"news.{one.token}") for one in news]
    write = Button(label=chat.text("announce.button.write"), data=Action("announcement", "write").data)
    parts = chat.parts("announce.list" if lines else "announce.list_empty")
    return chat.reply(
        [*parts, *([Items(items=tuple(lines))] if lines else [])], [[write], *([one] for one in told), *rows]
    )


async def pressed(chat: Chat, argument: str) -> list[Reply] | None:
    """Do what a button about an announcement says; None for one nobody knows."""
    name, _, rest = argument.partition(".")
    number, _, extra = rest.partition(".")
    who = await _viewer(chat)
    if who is None:
        return [chat.say("announce.not_staff", chat.doors("help"))]
    if name == "write":
        return await _write_anew(chat)
    if name == "news":
        return await _from_news(chat, number)
    handler = HANDLERS.get(name)
    if handler is None:
        return None
    try:
        async with chat.desk.database.read() as connection:
            one = await announce_desk.known(connection, who, number)
        return await handler(chat, who, one, extra)
    except NotPossible as refusal:
        return [chat.say("announce.refused", _to_list(chat), why=refusal.told(chat))]
    except NotAllowed:
        return [chat.say("announce.not_allowed", _to_list(chat))]


async def answer_under(chat: Chat, argument: str) -> str:
    """Note which button somebody pressed under an announcement, and give what the button does."""
    number, _, door = argument.partition(".")
    message, at = chat.message, chat.desk.clock.now()

    async def note(connection: Connection) -> None:
        await recipients.note_answer(connection, number, message.channel, message.chat, door, at)

    chat.keep_after(note)
    return door


async def _show(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    async with chat.desk.database.read() as connection:
        reply = await announce_reports.progress(connection, chat, one)
    return [reply]


async def _progress(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    [reply] = await _show(chat, who, one, extra)
    # Pressed again it changes where it stands.
    return [reply.model_copy(update={"replaces": chat.message.below})]


async def _report(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    what = "stopped" if one.state is State.STOPPED else "finished"
    async with chat.desk.database.read() as connection:
        report = await announce_reports.report(connection, chat, one, what)
        picture = await announce_reports.picture(connection, chat, one)
    return [report.model_copy(update={"parts": (*report.parts, picture)}) if picture else report]


async def _preview(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    """Show exactly what recipients get, through the channel they get it through; only then can it be handed on."""
    async with chat.desk.database.read() as connection:
        summary = await announce_reports.summary(connection, chat, one, named=may_name(chat))
    rows = (
        [[_button(chat, chat.text("announce.button.submit"), f"submit.{one.number}")]]
        if one.state is State.DRAFT
        else []
    )
    edit = [
        _button(chat, chat.text("announce.button.edit"), f"edit.{one.number}"),
        _button(chat, chat.text("announce.button.discard"), f"discard.{one.number}"),
    ]
    return [
        *announce_reports.previews(one),
        chat.reply(summary, [*rows, edit] if rows else announce_reports.buttons(chat, one)),
    ]


async def _submit(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    if one.state is not State.DRAFT:
        return await _show(chat, who, one, extra)
    async with chat.desk.database.read() as connection:
        await announce_desk.check_submittable(connection, chat.desk, one)
        others = [viewer for viewer, _, _ in await staff.who_may(connection, Right.APPROVE) if viewer.id != who.id]
    chat.keep_after(partial(_submit_now, chat, who, one.number))
    key = "announce.submitted" if others else "announce.submitted_to_nobody"
    return [chat.say(key, _to_list(chat), number=one.number, approvers=len(others))]


async def _submit_now(chat: Chat, who: Viewer, number: str, connection: Connection) -> None:
    await announce_desk.submit(connection, chat.desk, who, number)
    await announce_reports.ask_approvers(connection, chat.desk, await announce_desk.known(connection, who, number))


async def _review(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    if one.state is not State.SUBMITTED:
        return await _show(chat, who, one, extra)
    async with chat.desk.database.read() as connection:
        return [*announce_reports.previews(one), await announce_reports.to_approve(connection, chat, one)]


async def _approve(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    """Ask once more with the number of people in the button, then freeze it."""
    digest, _, sure = extra.partition(".")
    async with chat.desk.database.read() as connection:
        announce_desk.check_approvable(chat.desk, who, one, digest)
        counts, names = await announce_desk.counted(connection, chat.desk, one)
    if sure != "sure":
        yes = chat.text("announce.button.approve_now", people=counts.reachable)
        rows = [
            [_button(chat, yes, f"approve.{one.number}.{digest}.sure")],
            [_button(chat, chat.text("announce.button.not_yet"), f"review.{one.number}")],
        ]
        told = announce_words.counted(chat, counts, names if may_name(chat) else ())
        return [chat.say("announce.sure.approve", rows, number=one.number, title=one.title, counted=told)]
    where = (chat.message.channel, chat.message.chat)

    async def approve(connection: Connection) -> None:
        await announce_desk.approve(connection, chat.desk, who, one.number, digest, where)

    chat.keep_after(approve)
    now = chat.desk.clock.now()
    begins = one.send_at if one.send_at and one.send_at > now + announcements.UNDO_FOR else None
    key = "announce.approved_later" if begins else "announce.approved"
    told = announce_words.moment(chat, begins, now) if begins else ""
    rows = [
        [_button(chat, chat.text("announce.button.undo"), f"undo.{one.number}")],
        [_button(chat, chat.text("announce.button.progress"), f"progress.{one.number}")],
    ]
    seconds = int(announcements.UNDO_FOR.total_seconds())
    return [chat.say(key, rows, number=one.number, people=counts.reachable, seconds=seconds, time=told)]


async def _step(chat: Chat, who: Viewer, one: Announcement, extra: str, *, name: str) -> list[Reply]:
    """Take one step; what ends something is asked once more."""
    announce_desk.check_step(who, one, name)
    if name in ASKED_ONCE_MORE and extra != "sure":
        rows = [
            [_button(chat, chat.text(f"announce.button.{name}_now"), f"{name}.{one.number}.sure")],
            [_button(chat, chat.text("announce.button.not_yet"), f"show.{one.number}")],
        ]
        return [chat.say(f"announce.sure.{name}", rows, number=one.number, title=one.title)]
    if (refused := announce_desk.why_not(chat.desk, one, name)) is not None:
        return [
            chat.say("announce.refused", announce_reports.buttons(chat, one) or _to_list(chat), why=refused.told(chat))
        ]
    take = announce_desk.STEPS[name]

    async def step(connection: Connection) -> None:
        await take(connection, chat.desk, who, one.number)

    chat.keep_after(step)
    rows = [[_button(chat, chat.text("announce.button.progress"), f"progress.{one.number}")]]
    if name in {"undo", "discard"}:
        rows = [[_button(chat, chat.text("announce.button.edit"), f"edit.{one.number}")]] if name == "undo" else []
    if name == "recall":
        rows.append([_button(chat, chat.text("announce.button.correct"), f"correct.{one.number}")])
    return [chat.say(f"announce.done.{name.replace('-', '_')}", [*rows, *_to_list(chat)], number=one.number)]


async def _back(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    announce_desk.check_back(who, one)
    chat.memory["sent_back"] = one.number
    return await floor.start(chat, BACK_FLOW)


async def _edit(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    """Open it again with the answers it was made of."""
    if one.state is not State.DRAFT:
        return await _show(chat, who, one, extra)
    kept = chat.memory.get("announcing") or {}
    elsewhere = kept.get("number") != one.number or "answers" not in kept
    # Changed in the console since: these answers would bring back what was taken out there.
    if elsewhere or kept.get("stood", announcements.digest_of(one)) != announcements.digest_of(one):
        return [chat.say("announce.refused", _to_list(chat), why=chat.text("announce.cannot.edit_here"))]
    if chat.flow:
        return await floor.start(chat, FLOW)
    chat.start(FLOW)
    chat.memory["announcing"] = {**kept, "run": chat.memory["run"]}
    chat.take_up(dict(kept["answers"]))
    chat.memory["audience"] = one.audience
    return [floor.offer_changes(chat)]


async def _correct(chat: Chat, who: Viewer, one: Announcement, extra: str) -> list[Reply]:
    """Write a correction to those it reached."""
    if chat.flow:
        return await floor.start(chat, FLOW)
    chat.start(FLOW)
    chat.journal.record("topic", one.topic)
    chat.journal.record("audience", Audience(reached=one.number).as_json())
    chat.note(chat.parts("announce.correcting", number=one.number, title=one.title))
    return await floor.ask_open_question(chat)


async def _write_anew(chat: Chat) -> list[Reply]:
    if chat.flow != FLOW:
        chat.memory.pop("audience", None)
    return await floor.start(chat, FLOW)


async def _from_news(chat: Chat, token: str) -> list[Reply]:
    """Open the draft that something new about a file suggests."""
    if chat.flow:
        return await floor.start(chat, FLOW)
    async with chat.desk.database.read() as connection:
        news = await policy_news.by_token(connection, token)
    if news is None:
        return [floor.passed(chat)]
    chat.start(FLOW)
    for key, value in news_of_files.answers(chat.desk, news).items():
        chat.journal.record(key, value)
    chat.keep_after(partial(policy_news.settle, news=news, state="taken"))
    chat.note(chat.parts("announce.from_news", title=news.title))
    return await floor.ask_open_question(chat)


async def _viewer(chat: Chat) -> Viewer | None:
    async with chat.desk.database.read() as connection:
        viewer = await staff.viewer_of(connection, chat.message.channel, chat.message.sender)
    return viewer if viewer is not None and Right.ANNOUNCE in staff.RIGHTS[viewer.role] else None


def _button(chat: Chat, label: str, argument: str) -> Button:
    return Button(label=label, data=Action("announcement", argument).data)


def _to_list(chat: Chat) -> list[list[Button]]:
    return [[Button(label=chat.text("door.announce"), data=Action("announce").data)]]


HANDLERS: dict[str, Handler] = {
    "show": _show,
    "progress": _progress,
    "report": _report,
    "preview": _preview,
    "submit": _submit,
    "review": _review,
    "approve": _approve,
    "back": _back,
    "edit": _edit,
    "correct": _correct,
    **{name: partial(_step, name=name) for name in announce_desk.STEPS},
}
