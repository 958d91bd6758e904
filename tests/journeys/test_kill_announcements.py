"""kill -9 in the middle of an announcement: nobody is lost, and twice comes only what was promised may come twice.

A normal run kills twice, LAOXIANG_KILLS=20 kills twenty times; `python -m benchmarks.broadcasts` does it with many.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from storage import announcements, recipients
from storage.announcement_tables import Promise, RecipientState, State
from tests.journeys.crowd import Crowd, announce, crowded, opened
from tests.nursery import Nursery

KILLS = int(os.environ.get("LAOXIANG_KILLS", "2"))
PEOPLE = 80
AT_ONCE = 25


async def test_killed_processes_lose_nobody_and_keep_each_promise(tmp_path: Path):
    async with Crowd(PEOPLE, None) as crowd, Nursery() as nursery:
        settings = crowd.settings(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'laoxiang.db'}", 0)
        log = tmp_path / "log"
        await crowded(settings, PEOPLE)
        for promise in Promise:
            await announce(settings, promise, number=promise[:8], words=promise)
        for kill in range(KILLS):
            async with nursery.runs(["work"], settings, log) as process:
                await crowd.is_called("sendMessage", 1 + (kill + 1) * 2 * PEOPLE // (KILLS + 2), patience_s=60)
                process.kill(signal.SIGKILL)
                assert await process.ended() == -signal.SIGKILL
        async with nursery.runs(["work"], settings, log) as process, opened(settings) as office:
            async with asyncio.timeout(60):
                while True:
                    async with office.database.read() as connection:
                        found = await announcements.listed(connection)
                    if {one.state for one in found} == {State.FINISHED}:
                        break
                    await asyncio.sleep(0.1)
            process.kill(signal.SIGTERM)
            assert await process.ended() == 0
            twice = listed_of_both = 0
            for promise in Promise:
                async with office.database.read() as connection:
                    counts = await recipients.counts(connection, promise[:8])
                    unknown = await recipients.with_state(connection, promise[:8], [RecipientState.UNKNOWN])
                copies = crowd.copies(promise)
                listed = {one.chat for one in unknown}
                assert counts[RecipientState.SENT] + len(listed) == PEOPLE
                assert {chat for chat, count in copies.items() if not count} <= listed
                assert max(copies.values()) <= (1 if promise is Promise.NEVER_TWICE else 2)
                twice += sum(count - 1 for count in copies.values() if count > 1)
                listed_of_both += len(listed)
        assert twice + listed_of_both <= KILLS * AT_ONCE
