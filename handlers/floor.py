"""The form that has the floor: opening it, going back, leaving it, and returning to its open question."""

from __future__ import annotations

from handlers import leaving, referring
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Reply
from handlers.flow import Flow, proceed
from handlers.forms import conversations
from handlers.handover import take_over
from handlers.journal import CHANNEL, CONSENT, REVIEW

ASK_PERSON = "ask-person"
NOT_ASKED = frozenset({CHANNEL, CONSENT, REVIEW})  # answers that are no field of a form


async def start(chat: Chat, name: str) -> list[Reply]:
    """Open a conversation; with another one half filled, ask which of the two shall go on."""
    flow = conversations().get(name)
    if flow is None:
        return await then_open_question(chat, passed(chat))
    origin = (chat.memory.get("last") or {}).get("token", "")
    if chat.flow == name and chat.memory.get("origin", "") == origin:
        return await ask_open_question(chat)
    if (current := open_flow(chat)) is not None:
        here, there = chat.text(f"{current.name}.title"), chat.text(f"{name}.title")
        drop = Action("drop", name).data
        choices = [
            [leaving.going_on(chat, current)],
            [Button(label=chat.text("front.drop", title=there), data=drop)],
        ]
        return [chat.asks_instead(chat.say("front.half_filled", choices, here=here, there=there))]
    chat.start(name)
    chat.memory["origin"] = origin
    await leaving.take_up_draft(chat, flow)
    referring.note_arrival(chat, name)
    if wish := chat.memory.pop("wish", ""):
        chat.overhear(wish)
    return await ask_open_question(chat)


async def begin_anew(chat: Chat) -> list[Reply]:
    """Begin the open form again with nothing filled in."""
    if chat.flow:
        chat.start(chat.flow)
    return await ask_open_question(chat)


async def go_on_from_link(chat: Chat, token: str) -> list[Reply]:
    """Go on with the form a link came from, at the same step."""
    if not await take_over(chat, token):
        return await then_open_question(chat, chat.say("abroad.token_gone", unless_in_a_form(chat)))
    chat.note(chat.parts("abroad.taken_over"))
    return await ask_open_question(chat)


def cancel(chat: Chat, *, discard: bool = False) -> Reply:
    """Leave the half-filled form: a draft may be kept, after asking once; else say what was dropped."""
    flow = open_flow(chat)
    if flow is not None and flow.draft and not discard and chat.journal.answered():
        return leaving.ask_before_leaving(chat, flow) or leaving.keep_draft(chat, flow)
    leaving.stays(chat)
    if flow is None:
        chat.leave()
        return chat.say("front.nothing_to_cancel", chat.doors("ask", f"start:{ASK_PERSON}"))
    if flow.dropped is not None:
        flow.dropped(chat)
    labels = [chat.label(key) for key in chat.journal.answered() if key not in NOT_ASKED and chat.has_label(key)]
    chat.leave()
    key = "front.cancelled" if labels else "front.cancelled_empty"
    dropped = chat.text("front.join").join(labels)
    doors = chat.doors("ask", f"start:{ASK_PERSON}")
    return chat.say(key, doors, title=chat.text(f"{flow.name}.title"), dropped=dropped)


async def step_back(chat: Chat) -> list[Reply]:
    """Drop the last answer and ask for it again."""
    if open_flow(chat) is None:
        return [chat.say("front.nothing_to_go_back_to", chat.doors("ask", "help"))]
    if not chat.step_back():
        return await then_open_question(chat, chat.say("front.first_step"))
    return await ask_open_question(chat)


def offer_changes(chat: Chat) -> Reply:
    """List the answers so far, each with a button that asks for it again; at the review that is what "edit" does."""
    answered = [key for key in chat.journal.answered() if key not in NOT_ASKED and chat.has_label(key)]
    flow = open_flow(chat)
    if flow is None or not answered:
        return chat.say("front.nothing_to_change", unless_in_a_form(chat))
    rows = [[Button(label=chat.label(key), data=Action("change", key).data)] for key in answered]
    return chat.asks_instead(chat.say("review.which", [*rows, [leaving.going_on(chat, flow)]]))


async def change(chat: Chat, key: str) -> list[Reply]:
    """Ask again for one answer, then go on where the form stood."""
    if not chat.journal.has(key) or key in NOT_ASKED:
        return await then_open_question(chat, passed(chat))
    chat.take_back(key)
    return await ask_open_question(chat)


async def ask_open_question(chat: Chat) -> list[Reply]:
    """Run the open conversation to its open question and ask it again."""
    flow = open_flow(chat)
    if flow is None:
        return []
    step = await proceed(flow, chat)
    return [step.reply] if step.reply else []


async def then_open_question(chat: Chat, reply: Reply, *, buttons: bool = False) -> list[Reply]:
    """Say something, then return to the form; mostly its buttons are the ones that count."""
    if open_flow(chat) is None:
        return [reply]
    said = reply if buttons else reply.model_copy(update={"buttons": ()})
    return [said, *await ask_open_question(chat)]


def open_flow(chat: Chat) -> Flow | None:
    """Give the conversation that has the floor; None if there is none."""
    return conversations().get(chat.flow) if chat.flow else None


def passed(chat: Chat, doors: list[str] | None = None) -> Reply:
    """Say that a button's time has passed."""
    return chat.say("front.passed", chat.doors(*(["ask", "help"] if doors is None else doors)))


def unless_in_a_form(chat: Chat) -> list[list[Button]]:
    """Give the usual next steps, where no open question has its own."""
    return [] if chat.flow else [list(row) for row in chat.doors("ask", f"start:{ASK_PERSON}", "help")]
