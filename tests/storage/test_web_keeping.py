"""Visits that begin anew, files that forms name, and the day's turn to delete: on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.dialogue import Attachment
from handlers.retaining import EVERY
from storage import conversations, drafts, forgetting, jobs, people, registry, web_chats, web_files
from storage.conversations import Conversation
from storage.database import Database
from tests.journeys.town import START

SECRET = "s" * 43


async def _begins(database: Database, chat: str, days: int) -> str:
    async with database.write() as connection:
        return await web_chats.begin_visit(connection, SECRET, chat, START + timedelta(days=days))


async def test_a_visit_that_ended_begins_anew_and_one_that_lasts_is_entered(database: Database) -> None:
    assert len(set(await asyncio.gather(*(_begins(database, f"c{number}", 0) for number in range(4))))) == 1
    first = await _begins(database, "other", 29)
    assert first.startswith("c")
    assert await _begins(database, "later", 31) == "later"
    async with database.read() as connection:
        assert await web_chats.chat_of(connection, SECRET, START + timedelta(days=32)) == ("later", True)


async def test_one_process_takes_the_days_turn(database: Database) -> None:
    async def takes(days: float) -> bool:
        at = START + timedelta(days=days)
        async with database.write() as connection:
            return await jobs.take_turn(connection, at, at - EVERY, jobs.RETENTION)

    assert sorted(await asyncio.gather(*(takes(0) for _ in range(4)))) == [False, False, False, True]
    assert [await takes(0.9), await takes(1), await takes(1)] == [False, True, False]


async def test_files_stay_that_a_form_names_sent_or_half_filled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_files, "AT_ONCE", 1)
    files = {name: Attachment(name=name, channel="web", id=f"f-{name}").model_dump() for name in "abcdef"}
    async with database.write() as connection:
        for name in files:
            await web_files.keep(connection, f"f-{name}", "lin", web_files.seal(database.vault, name, "AA=="), START)
        for channel, chat, name in (("telegram", "1", "a"), ("telegram", "2", "b"), ("web", "lin", "c")):
            answers = {"matter": "x", "evidence": {"value": files[name]}}
            before = Conversation(channel, chat)
            after = replace(before, flow="complain", answers=answers)
            await conversations.save(connection, [(before, after)], START)
        for chat, name in (("1", "d"), ("2", "e")):
            await drafts.keep(connection, "telegram", chat, "complain", {"evidence": {"value": files[name]}}, START)
        await people.ensure_person(connection, "p1", "test", "chat-p1", START)
        await registry.register(
            connection,
            number="100001",
            person="p1",
            kind="complaint",
            record={"evidence": files["f"]},
            consent_version="1",
            at=START,
            once=False,
        )
    # The chat's own half-filled form goes with its words; what went elsewhere, or was submitted, stays.
    assert await web_files.unneeded(database, "lin") == ["f-c"]
    assert await web_files.retain(database, START + timedelta(days=31)) == 0
    async with database.write() as connection:
        await forgetting.clear_web_chat(connection, "lin", ["f-c"])
        await drafts.drop(connection, "telegram", "2")
    assert await web_files.retain(database, START + timedelta(days=30)) == 0
    assert await web_files.retain(database, START + timedelta(days=31)) == 1
    async with database.read() as connection:
        left = [name for name in files if await web_files.content(connection, f"f-{name}") is not None]
    assert left == ["a", "b", "d", "f"]
