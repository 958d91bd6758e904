"""A conversation is a function, its answers are its journal.

`await chat.ask(…)` gives the recorded answer, or stops the function with the question as the reply;
the next message is read by that question and the function runs again from the top. A conversation
must therefore do nothing but ask and collect effects with `chat.do`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.dialogue import Reply
from handlers.questions import Problem

if TYPE_CHECKING:
    from handlers.conversation import Chat


@dataclass(frozen=True, slots=True)
class Flow:
    """A named conversation. The name is stored with every half-filled form: never reuse or rename one.

    `dropped` lets go what it took on the way, when somebody cancels it.
    """

    name: str
    steps: Callable[[Chat], Awaitable[Reply | None]]
    draft: bool = False
    dropped: Callable[[Chat], None] | None = None


def conversation(
    name: str, *, draft: bool = False, dropped: Callable[[Chat], None] | None = None
) -> Callable[[Callable[[Chat], Awaitable[Reply | None]]], Flow]:
    """Name a conversation. One with a `draft` is kept for later when somebody leaves it half filled."""
    return lambda steps: Flow(name, steps, draft, dropped)


class Pause(BaseException):
    """Stops a conversation at its open question. Only `proceed` catches it."""

    def __init__(self, key: str, reply: Reply, *, free_text: bool = False, problem: Problem | None = None) -> None:
        super().__init__(key)
        self.key, self.reply, self.free_text, self.problem = key, reply, free_text, problem


class Again(BaseException):
    """Runs a conversation again from the top after its journal was changed."""


class Ended(BaseException):
    """Ends a conversation early, with nothing done."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("ended")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Step:
    """Where a conversation stands after a message. `problem`: the words did not answer the open question."""

    reply: Reply | None
    problem: Problem | None = None


async def proceed(flow: Flow, chat: Chat, words: str | None = None) -> Step:
    """Run a conversation as far as its answers and these words carry it."""
    chat.hear(words)
    while True:
        chat.effects.clear()
        chat.lasting.clear()
        try:
            reply = await flow.steps(chat)
        except Pause as pause:
            chat.open_key = pause.key
            chat.memory["free_text"] = pause.free_text
            chat.effects.clear()
            return Step(pause.reply.model_copy(update={"free_text": pause.free_text}), pause.problem)
        except Again:
            continue
        except Ended as ended:
            chat.effects.clear()
            chat.leave()
            return Step(ended.reply)
        chat.leave()
        return Step(reply)
