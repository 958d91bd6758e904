"""One message, one transaction: stored, answered in its turn, committed with everything that came of it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from pydantic import ValidationError

from bot.busy import Busy
from bot.channels import Channel
from bot.delivery.outbox import Outbox
from bot.group_commit import GroupCommit
from handlers.clock import Clock
from handlers.dialogue import Message, Reply
from handlers.outcome import Outcome
from storage import conversations, inbox
from storage.conversations import Conversation
from storage.database import Database
from storage.errors import Conflict, TooEarly
from storage.inbox import Arrived, Waiting
from storage.outbox import enqueue

log = logging.getLogger(__name__)

Respond = Callable[[Message, Conversation], Awaitable[Outcome]]
Apology = Callable[[Message, Conversation], Reply]

ATTEMPTS = 8  # reruns of one message on changed facts before an apology
AT_ONCE = 16  # chats dealt with at the same time; of all two hundred none would be answered before the last
CHATS_KEPT = 10_000  # conversations kept in memory; their version guards them
SLOW_S = 0.3  # from here on the person sees that an answer is being prepared


class Reception:
    """Takes messages from channels, has them answered in the order of their chat, and sends the replies."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        respond: Respond,
        apology: Apology,
        clock: Clock,
        *,
        poll_s: float = 1.0,
    ) -> None:
        self._database = database
        self._channels = channels
        self._respond = respond
        self._apology = apology
        self._clock = clock
        self._poll_s = poll_s
        self._ledger = GroupCommit(database, clock)
        self._outbox = Outbox(database, channels, self._ledger, clock)
        self._queues: dict[tuple[str, str], deque[tuple[Waiting, Message]]] = {}
        self._known: OrderedDict[tuple[str, str], Conversation] = OrderedDict()
        self._in_hand: set[int] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._busy = Busy()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what an earlier run left undone, then keep an eye on what others leave for us."""
        self._ledger.start()
        if self._database.is_sqlite:
            # One process serves a channel here: whatever is leased belonged to a run that is gone.
            await self._outbox.take_over()
        await self._sweep()
        self._sweeper = asyncio.create_task(self._keep_sweeping(), name="sweeper")

    async def stop(self) -> None:
        """Finish what is in hand; what is only stored waits for the next start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        await self._outbox.stop()
        await self._ledger.stop()

    async def receive(self, messages: Sequence[Message]) -> None:
        """Store messages; when this returns they are durable and may be acknowledged. Repeats are dropped."""
        now = self._clock.now()
        new = await self._ledger.store(
            [Arrived(m.channel, m.update, m.chat, now, m.model_dump_json()) for m in messages]
        )
        by_key = {(m.channel, m.update): m for m in messages}
        for waiting in new:
            self._queue(waiting, by_key[waiting.channel, waiting.update])

    async def idle(self) -> None:
        """Wait until every message in hand is answered and every reply is sent."""
        while self._busy or self._outbox.busy:
            await self._busy.idle()
            await self._outbox.busy.idle()

    async def sweep(self) -> None:
        """Take up now what would be taken up at the next round."""
        await self._sweep()

    def _queue(self, waiting: Waiting, message: Message) -> None:
        self._in_hand.add(waiting.seq)
        self._busy.begin()
        chat = (waiting.channel, waiting.chat)
        queue = self._queues.get(chat)
        if queue is not None:
            queue.append((waiting, message))
            return
        self._queues[chat] = deque([(waiting, message)])
        task = asyncio.create_task(self._serve(chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, chat: tuple[str, str]) -> None:
        """Answer one chat's messages in order."""
        queue = self._queues[chat]
        async with self._slots:
            while queue:
                waiting, message = queue.popleft()
                try:
                    await self._answer(waiting, message)
                except TooEarly:
                    # An earlier one is in another process's hands: whoever sweeps first goes on after it.
                    log.info("reception.too_early", extra={"channel": waiting.channel, "seq": waiting.seq})
                    self._let_go(queue)
                except Exception:
                    # The message stays stored and undone; the next sweep takes it up again.
                    log.exception("reception.failed", extra={"channel": waiting.channel, "seq": waiting.seq})
                finally:
                    self._in_hand.discard(waiting.seq)
                    self._busy.end()
        del self._queues[chat]

    def _let_go(self, queue: deque[tuple[Waiting, Message]]) -> None:
        """Leave a chat's messages in the inbox for the next sweep."""
        for waiting, _ in queue:
            self._in_hand.discard(waiting.seq)
            self._busy.end()
        queue.clear()

    async def _answer(self, waiting: Waiting, message: Message) -> None:
        """Answer one message. Raises TooEarly if an earlier one of its chat is still not done after a while."""
        loop = asyncio.get_running_loop()
        working = loop.call_later(SLOW_S, self._show_working, waiting)
        chat = (waiting.channel, waiting.chat)
        try:
            for attempt in range(ATTEMPTS):
                conversation = self._known.get(chat) or await self._load(chat)
                try:
                    outcome = await self._respond(message, conversation)
                except Exception:
                    log.exception("handler.failed", extra={"channel": waiting.channel, "seq": waiting.seq})
                    break
                try:
                    replies = await self._ledger.complete(waiting, conversation, outcome)
                except Conflict as conflict:
                    self._known.pop(chat, None)
                    log.info("reception.again", extra={"seq": waiting.seq, "reason": str(conflict)})
                    if await self._is_done(waiting):
                        return
                    if isinstance(conflict, TooEarly) and attempt == ATTEMPTS - 1:
                        raise
                    await asyncio.sleep(0.01 * attempt)
                    continue
                self._remember(chat, conversation, outcome.conversation)
                self._outbox.post(replies)
                return
            await self._apologise(waiting, message)
        finally:
            working.cancel()

    async def _apologise(self, waiting: Waiting, message: Message) -> None:
        """Say sorry and set the message aside for an operator; the conversation stays as it was."""
        chat = (waiting.channel, waiting.chat)
        self._known.pop(chat, None)
        reply = self._apology(message, await self._load(chat))
        if await self._set_aside(waiting, reply):
            await self._outbox.poll()

    async def _set_aside(self, waiting: Waiting, *replies: Reply) -> bool:
        """Give a message up and say something instead; False if another process had better luck with it."""
        now = self._clock.now()
        try:
            async with self._database.write() as connection:
                await inbox.give_up(connection, waiting.seq, now)
                await enqueue(connection, waiting.channel, waiting.chat, replies, now)
        except Conflict:
            return False
        return True

    async def _load(self, chat: tuple[str, str]) -> Conversation:
        async with self._database.read() as connection:
            return await conversations.load(connection, *chat)

    async def _is_done(self, waiting: Waiting) -> bool:
        async with self._database.read() as connection:
            return await inbox.is_done(connection, waiting.seq)

    def _remember(self, chat: tuple[str, str], before: Conversation, after: Conversation) -> None:
        self._known[chat] = conversations.stored(before, after)
        self._known.move_to_end(chat)
        if len(self._known) > CHATS_KEPT:
            self._known.popitem(last=False)

    def _show_working(self, waiting: Waiting) -> None:
        task = asyncio.create_task(self._channels[waiting.channel].working(waiting.chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                await self._sweep()
            except Exception:
                # A database that is away for a moment must not end the sweeping.
                log.exception("sweep.failed")

    async def _sweep(self) -> None:
        """Take up replies nobody is sending, then undone messages that are in nobody's hands here."""
        # In this order: what is still to be said stands before what comes of the messages.
        await self._outbox.poll()
        async with self._database.read() as connection:
            undone = await inbox.undone(connection, list(self._channels))
        for waiting in undone:
            if waiting.seq in self._in_hand:
                continue
            try:
                message = Message.model_validate_json(waiting.body or "")
            except ValidationError:
                # Another release stored it, say. Its words are kept, and the others go on.
                log.error("reception.unreadable", extra={"channel": waiting.channel, "seq": waiting.seq})  # noqa: TRY400
                await self._set_aside(waiting)
                continue
            self._queue(waiting, message)
