"""How fast one bot may speak, over all its processes: never more than its rate, and not too much in one chat.

Whoever wants to send takes a moment first. Replies go first: they may take moments ahead, announcements only what is
free right now. Times are seconds of the machines' clocks, which have to agree to a fraction of a second.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update

from storage.announcement_tables import PaceChatRow, PaceRow
from storage.database import Connection
from storage.tables import insert_unless_known

# Bot API FAQ, "My bot is hitting limits": 30 messages a second, one a second in a chat, 20 a minute in a group.
CHAT_GAP_S, GROUP_GAP_S = 1.0, 3.0
BURST = 4  # so many messages of a conversation may come early: short bursts are allowed
HORIZON_S = 0.15  # how far ahead an announcement takes moments: so long a reply may wait for it
SLACK = 1.03  # messages arrive less evenly than they leave
MOST = 30  # moments remembered
STEPPED_S = 300.0  # moments further ahead than that were taken by a clock that was put right since
LONGEST_HELD_S = 3600.0  # and so is a longer patience than any platform asks for
KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of messages a second, as at most `most` in any `window_s`."""

    per_s: float

    @property
    def most(self) -> int:
        return min(MOST, max(1, int(self.per_s)))

    @property
    def window_s(self) -> float:
        return self.most / self.per_s * SLACK

    @property
    def gap_s(self) -> float:
        return self.window_s / self.most


@dataclass(frozen=True, slots=True)
class Moment:
    """When to send; or, not `granted`, when to ask again. `chat` tells that it is the chat which has to wait."""

    at: float
    granted: bool = True
    chat: bool = False


async def room(connection: Connection, bot: str, rate: Rate, now: float) -> tuple[int, float]:
    """Tell how many moments an announcement may take now, and when to ask again if there is none.

    Locks the bot's row: nobody else takes a moment before this transaction ends.
    """
    recent, held_until = await _recent(connection, bot, now)
    first = _first(recent, rate, max(now, held_until))
    last = now + HORIZON_S
    return (0, first - HORIZON_S) if first > last else (1 + int((last - first) / rate.gap_s), first)


async def take(
    connection: Connection, bot: str, rate: Rate, chats: Sequence[str], now: float, *, hurry: bool
) -> list[Moment]:
    """Take a moment for a message in each of some chats, in their order.

    With `hurry` all are granted, but where it is the chat that has to wait.
    """
    recent, held_until = await _recent(connection, bot, now)
    chats = [_place(chat) for chat in chats]
    rows = await connection.execute(
        select(PaceChatRow.chat, PaceChatRow.free_at, PaceChatRow.held_until).where(
            PaceChatRow.bot == bot, PaceChatRow.chat.in_(sorted(set(chats)))
        )
    )
    free = {
        row.chat: (_believed(row.free_at, now, STEPPED_S), _believed(row.held_until, now, LONGEST_HELD_S))
        for row in rows
    }
    moments: list[Moment] = []
    taken: dict[str, float] = {}
    for chat in chats:
        gap = GROUP_GAP_S if chat.startswith("-") else CHAT_GAP_S
        free_at, chat_held = free.get(chat, (0.0, 0.0))
        ready = max(chat_held, free_at - (BURST * gap if hurry else 0))
        if ready > now + HORIZON_S:
            # It takes no moment yet: those of all others would have to come after.
            moments.append(Moment(ready, granted=False, chat=True))
            continue
        first = max(now, ready, held_until)
        at = _first(recent, rate, first, spread=not hurry)
        if not hurry and at > now + HORIZON_S:
            moments.append(Moment(at - HORIZON_S, granted=False))
            continue
        recent.append(at)
        taken[chat] = max(free_at, at) + gap
        free[chat] = (taken[chat], chat_held)
        moments.append(Moment(at))
    if taken:
        await connection.execute(update(PaceRow).where(PaceRow.bot == bot).values(recent=recent[-MOST:]))
        await _note_chats(connection, bot, {chat: {"free_at": until} for chat, until in taken.items()})
    return moments


async def hold_chat(connection: Connection, bot: str, chat: str, until: float) -> None:
    """Send nothing in a chat until then: the platform asked for it."""
    await _note_chats(connection, bot, {_place(chat): {"held_until": until}})


async def hold(connection: Connection, bot: str, until: float) -> None:
    """Send nothing at all until then."""
    await _recent(connection, bot, time.time())
    await connection.execute(update(PaceRow).where(PaceRow.bot == bot).values(held_until=until))


async def tidy(connection: Connection, now: float) -> None:
    """Forget the chats that have been quiet for a while, and what a wrong clock wrote."""
    await connection.execute(
        delete(PaceChatRow).where(
            or_(PaceChatRow.free_at < now - KEPT_S, PaceChatRow.free_at > now + STEPPED_S),
            or_(PaceChatRow.held_until < now, PaceChatRow.held_until > now + LONGEST_HELD_S),
        )
    )


def _believed(until: float, now: float, at_most_s: float) -> float:
    """Give a time to wait for; one too far ahead comes of a clock that was put back since, and is over."""
    return until if until <= now + at_most_s else 0.0


def _place(chat: str) -> str:
    """Give the chat without the thread in it: they share one limit."""
    return chat.partition("/")[0]


def _first(recent: Sequence[float], rate: Rate, first: float, *, spread: bool = True) -> float:
    """Give the first moment that is free: after all that are taken, and never too many in a window."""
    if len(recent) >= rate.most:
        first = max(first, recent[-rate.most] + rate.window_s)
    if recent:
        first = max(first, recent[-1] + (rate.gap_s if spread else 0))
    return first


async def _recent(connection: Connection, bot: str, now: float) -> tuple[list[float], float]:
    mine = select(PaceRow.recent, PaceRow.held_until).where(PaceRow.bot == bot).with_for_update()
    row = (await connection.execute(mine)).first()
    if row is None:
        new = insert_unless_known(connection, PaceRow, ["bot"]).values(bot=bot, recent=[], held_until=0.0)
        await connection.execute(new)
        row = (await connection.execute(mine)).one()
    recent = list(row.recent)
    held_until = _believed(row.held_until, now, LONGEST_HELD_S)
    return ([] if recent and recent[-1] > now + STEPPED_S else recent), held_until


async def _note_chats(connection: Connection, bot: str, told: dict[str, dict[str, float]]) -> None:
    for chat, values in told.items():
        row = {"bot": bot, "chat": chat, "free_at": 0.0, "held_until": 0.0} | values
        new = insert_unless_known(connection, PaceChatRow, ["bot", "chat"]).values(**row)
        if not (await connection.execute(new)).rowcount:
            await connection.execute(
                update(PaceChatRow).where(PaceChatRow.bot == bot, PaceChatRow.chat == chat).values(**values)
            )
