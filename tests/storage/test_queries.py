"""What is stored comes back; what is done is erased; what is forgotten is gone. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import conversations, documents, forgetting, inbox, outbox, people, questions
from storage.conversations import Conversation
from storage.database import Database
from storage.documents import ClauseRow, DocumentRow
from storage.errors import Conflict
from storage.inbox import Arrived

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
JOURNAL = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), max_size=6)


def arrived(update: str, chat: str = "lin") -> Arrived:
    return Arrived("test", update, chat, NOW, f'{{"text":"{update}"}}')


async def test_a_message_is_stored_once_however_often_it_comes(database: Database):
    async with database.write() as connection:
        first = await inbox.store(connection, [arrived("1"), arrived("2"), arrived("1")])
        again = await inbox.store(connection, [arrived("2")])

    assert [waiting.update for waiting in first] == ["1", "2"]
    assert again == []


async def test_a_message_is_done_once_and_its_words_are_erased(database: Database):
    async with database.write() as connection:
        [waiting] = await inbox.store(connection, [arrived("1")])
        await inbox.finish(connection, [waiting.seq], NOW)
        assert await inbox.undone(connection, ["test"]) == []

    with pytest.raises(Conflict):
        async with database.write() as connection:
            await inbox.finish(connection, [waiting.seq], NOW)
    async with database.read() as connection:
        assert await connection.scalar(inbox.select(inbox.InboxMessage.body)) is None


async def test_a_message_waits_for_the_earlier_ones_of_its_chat_only(database: Database):
    async with database.write() as connection:
        first, other, second = await inbox.store(connection, [arrived("1"), arrived("2", "wang"), arrived("3")])
        assert await inbox.is_first(connection, first)
        assert await inbox.is_first(connection, other)
        assert not await inbox.is_first(connection, second)


async def test_a_conversation_that_moved_on_is_a_conflict(database: Database):
    fresh = Conversation("test", "lin")
    async with database.write() as connection:
        await conversations.save(connection, [(fresh, fresh)], NOW)

    for stale in (fresh, replace(fresh, version=5)):
        with pytest.raises(Conflict):
            async with database.write() as connection:
                await conversations.save(connection, [(stale, stale)], NOW)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(journals=st.lists(JOURNAL, min_size=1, max_size=4))
async def test_a_journal_comes_back_as_it_was_saved_in_its_order(database: Database, journals):
    chat = f"chat-{hash(str(journals))}"
    async with database.write() as connection:
        before = await conversations.load(connection, "test", chat)
        for journal in journals:
            after = replace(before, flow="form", answers=journal)
            await conversations.save(connection, [(before, after)], NOW)
            before = await conversations.load(connection, "test", chat)
            assert list(before.answers.items()) == list(journal.items())


class Said:
    def __init__(self, words: str) -> None:
        self.words = words

    def model_dump_json(self) -> str:
        return f'"{self.words}"'


async def test_a_reply_is_sent_by_one_process_until_its_lease_ends(database: Database):
    async with database.write() as connection:
        await outbox.enqueue(connection, "test", "lin", [Said("a"), Said("b")], NOW)
    lease = NOW + timedelta(seconds=15)

    async with database.write() as connection:
        taken = await outbox.take_due(connection, ["test"], NOW, lease)
        assert [reply.body for reply in taken] == ['"a"', '"b"']
        assert await outbox.take_due(connection, ["test"], NOW, lease) == []
        assert len(await outbox.take_due(connection, ["test"], lease + timedelta(seconds=1), lease)) == 2
        await outbox.mark_sent(connection, [reply.id for reply in taken], NOW)
        assert not await outbox.has_due(connection, ["test"], lease + timedelta(days=1))


async def leave(connection, number: str = "284917", person: str = "p1") -> None:
    await people.ensure_person(connection, person, "test", "lin", NOW)
    await people.give_consent(connection, person, "ask-person", "2026-1", NOW)
    await questions.leave(
        connection,
        number=number,
        person_id=person,
        channel="test",
        chat="lin",
        language="zh-Hans",
        text="租金补贴怎么申请",
        name="林溪",
        contact_kind="email",
        contact="lin@example.org",
        consent_version="2026-1",
        asked_at=NOW,
    )


async def test_a_question_is_answered_once(database: Database):
    async with database.write() as connection:
        await leave(connection)
        await questions.answer(connection, "284917", "请到窗口办理", NOW)

    with pytest.raises(Conflict):
        async with database.write() as connection:
            await questions.answer(connection, "284917", "另一个答复", NOW)
    async with database.read() as connection:
        found = await questions.by_number(connection, "284917")
        assert await questions.open_questions(connection) == []
    assert found is not None
    assert (found.state, found.answer) == ("answered", "请到窗口办理")


async def test_a_number_given_out_already_is_a_conflict(database: Database):
    with pytest.raises(Conflict):
        async with database.write() as connection:
            await leave(connection)
            await leave(connection)


async def test_who_is_forgotten_leaves_nothing_behind(database: Database):
    async with database.write() as connection:
        await leave(connection)
        await conversations.save(
            connection, [(Conversation("test", "lin"), Conversation("test", "lin", person="p1"))], NOW
        )
        assert set(await people.export(connection, "p1")) == {"person", "identities", "consents", "questions"}

        await forgetting.forget(connection, "p1", number="100001", at=NOW)

        assert await people.export(connection, "p1") == {}
        assert await people.person_of(connection, "test", "lin") is None
        assert await questions.by_number(connection, "284917") is None
        assert (await conversations.load(connection, "test", "lin")).person is None


async def test_a_document_replaces_its_earlier_edition_and_others_notice(database: Database):
    row = DocumentRow(
        "d1",
        "甲.docx",
        "",
        "digest",
        "甲办法",
        "measures",
        None,
        None,
        None,
        None,
        None,
        None,
        "public",
        [{"kind": "repeals"}],
        "docx",
        [],
        NOW,
    )
    clauses = [ClauseRow("d1#0", "d1", 0, ["第一章"], "第一条", "第一条 甲。", [["表头"], ["1"]])]
    async with database.write() as connection:
        await documents.save_document(connection, row, [*clauses, replace(clauses[0], id="d1#1", position=1)])
        once = await documents.revision(connection)
        await documents.save_document(connection, replace(row, digest="new"), clauses)

        assert await documents.all_documents(connection) == [replace(row, digest="new")]
        assert await documents.clauses_of(connection, ["d1"]) == clauses
        assert await documents.digests(connection) == {"甲.docx": "new"}
        assert await documents.revision(connection) > once
        await documents.remove_document(connection, "d1")
        assert await documents.clauses_of(connection, ["d1"]) == []
