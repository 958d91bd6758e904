"""Opening, migrating and writing, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import storage.announcement_tables
import storage.booking_tables
import storage.claims
import storage.console_tables
import storage.conversations
import storage.documents
import storage.drafts
import storage.event_tables
import storage.forgetting
import storage.inbox
import storage.jobs
import storage.outbox
import storage.people
import storage.questions
import storage.register
import storage.registry_tables
import storage.slot_tables
import storage.staff
import storage.subscription_tables
from storage.database import Database, _revisions
from storage.errors import Conflict, StorageError
from storage.tables import Table


async def test_the_migrations_make_what_the_models_say(database: Database):
    async with database.read() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), Table.metadata)
        )

    assert differences == []


async def test_two_processes_starting_at_once_migrate_once(database_url: str):
    first, second = await Database.open(database_url), await Database.open(database_url)

    await asyncio.gather(first.migrate(), second.migrate())

    async with first.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM alembic_version"))).scalar() == 1
    await first.close()
    await second.close()


async def test_a_database_of_a_newer_release_is_refused(database: Database):
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match=r"9999.*newer"):
        await database.migrate()


async def test_what_a_constraint_refuses_is_a_conflict_and_nothing_is_written(database: Database):
    insert = text("INSERT INTO people (id, created_at) VALUES ('p', '2026-01-01 00:00:00')")
    with pytest.raises(Conflict):
        async with database.write() as connection:
            await connection.execute(insert)
            await connection.execute(insert)

    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM people"))).scalar() == 0


async def test_who_never_gets_to_write_is_told_so_as_of_any_other_conflict(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    first, second = await Database.open(url), await Database.open(url)
    async with first.write():
        async with second.read() as connection:
            await connection.exec_driver_sql("PRAGMA busy_timeout=0")
        with pytest.raises(Conflict, match="others"):
            async with second.write():
                pass
    await first.close()
    await second.close()


async def test_eight_writers_that_read_first_all_succeed(database: Database):
    async with database.write() as connection:
        await connection.execute(text("UPDATE documents_revision SET revision = 0"))

    async def count() -> None:
        async with database.write() as connection:
            lock = "" if database.is_sqlite else " FOR UPDATE"
            seen = (await connection.execute(text(f"SELECT revision FROM documents_revision{lock}"))).scalar()
            await connection.execute(text("UPDATE documents_revision SET revision = :n"), {"n": seen + 1})

    await asyncio.gather(*(count() for _ in range(8)))

    async with database.read() as connection:
        assert (await connection.execute(text("SELECT revision FROM documents_revision"))).scalar() == 8


async def test_a_database_that_cannot_be_reached_says_which_and_hides_its_password():
    with pytest.raises(StorageError, match="LAOXIANG_DATABASE") as refusal:
        await Database.open("postgresql+psycopg://laoxiang:secret@127.0.0.1:1/none")

    assert "secret" not in str(refusal.value)


async def test_an_sqlite_file_is_copied_aside_before_it_is_migrated(tmp_path: Path, monkeypatch):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'laoxiang.db'}")
    await database.migrate()
    async with database.write() as connection:
        await connection.execute(text("UPDATE documents_revision SET revision = 7"))
    newest = _revisions()[-1]
    monkeypatch.setattr("storage.database._revisions", lambda: [newest, "9998"])
    monkeypatch.setattr("storage.database._upgrade", lambda connection, vault: None)

    await database.migrate()

    await database.close()
    with sqlite3.connect(tmp_path / f"laoxiang.db.before-{newest}") as copy:
        assert copy.execute("SELECT revision FROM documents_revision").fetchone() == (7,)


async def test_a_database_of_the_first_release_is_brought_up_to_date_and_its_documents_numbered(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    from alembic import command

    database = await Database.open(database_url)
    upgrade = command.upgrade
    with monkeypatch.context() as first:
        first.setattr("alembic.command.upgrade", lambda config, _: upgrade(config, "0001"))
        await database.migrate()
    async with database.write() as connection:
        for identity, file in (("x", "乙.txt"), ("y", "甲.txt")):
            await connection.execute(
                text(
                    "INSERT INTO documents (id, file, folder, digest, title, kind, visibility, relations, format,"
                    " warnings, indexed_at) VALUES"
                    " (:id, :file, '', '', 't', 'other', 'public', '[]', 'text', '[]', :at)"
                ),
                {"id": identity, "file": file, "at": datetime(2026, 1, 1)},  # noqa: DTZ001
            )

    await database.migrate()

    async with database.read() as connection:
        numbered = await storage.register.numbers(connection)
        assert await storage.register.corrections(connection) == []
        assert [row.file for row in await storage.documents.all_documents(connection)] == ["乙.txt", "甲.txt"]
    assert sorted(numbered.values()) == [1, 2]
    await database.close()
