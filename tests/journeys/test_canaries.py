"""No personal word stands in plain in database, log, WAL or copy; and after deletion not even sealed."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from handlers.dialogue import Attachment, MessageKind
from handlers.registry_desk import OPERATOR
from storage import drafts, inbox, outbox, people_lists, resealing
from storage.database import Database, vault_of
from storage.errors import StorageError
from storage.tables import Table
from storage.vault import PREFIX
from tests.journeys.filling import SCRIPTS, fill_to_the_end, moved_into, open_form
from tests.journeys.test_asking_a_person import up_to_the_review
from tests.journeys.town import Person, Town

# Words that stand in nothing but what this person said.
CANARIES = ("林溪", "13800138000", "0013 8000", "望川模具厂", "注塑件老是缩水", "去年的奖励一直没有到账", "金丝雀")


async def says_everything(town: Town, lin: Person) -> None:
    """Fill in every form, leave a question, leave a form half filled, and leave messages waiting."""
    moved_into(town)
    for script in SCRIPTS.values():
        await open_form(lin, script)
        await fill_to_the_end(lin, script, "text", "zh-Hans")
    await up_to_the_review(lin, "金丝雀的补贴是多少")
    await lin.presses("提交")
    await open_form(lin, SCRIPTS["complain"])
    await lin.says("金丝雀,还没写完")
    await lin.says("/cancel")
    await lin.says("/cancel")
    await open_form(lin, SCRIPTS["rights"])
    await lin.says("金丝雀,说到一半")
    at = town.clock.now()
    async with town.database.write() as connection:
        waiting = await inbox.store(connection, [inbox.Arrived("test", "u1", "lin", at, '{"text": "金丝雀"}')])
        await inbox.give_up(connection, waiting[0].seq, at)
        await outbox.enqueue(connection, "test", "lin", [lin.seen[-1]], at)


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def found_in(content: bytes) -> set[str]:
    return {word for word in CANARIES if word.encode() in content or word.encode("utf-16-le") in content}


async def test_nothing_personal_stands_in_plain_anywhere(
    town: Town, lin: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await says_everything(town, lin)
    with sqlite3.connect(tmp_path / "town.db") as live, sqlite3.connect(tmp_path / "copy.db") as copy:
        live.backup(copy)
    assert (tmp_path / "town.db-wal").exists()
    assert found_in(bytes_of(tmp_path)) == set()
    assert found_in(caplog.text.encode()) == set()


async def opened(database: Database) -> str:
    """Give everything in the database as whoever has the keys could read it."""
    told = []
    async with database.read() as connection:
        vault = vault_of(connection)
        for table in Table.metadata.sorted_tables:
            for row in await connection.execute(text(f'SELECT * FROM "{table.name}"')):
                for column, value in row._mapping.items():
                    sealed = isinstance(value, str) and value.startswith(f"{PREFIX}.")
                    told.append(vault.open(value, f"{table.name}.{column}") if sealed else str(value))
    return "\n".join(told)


async def sealed_texts(database: Database) -> list[str]:
    async with database.read() as connection:
        return [
            value
            for table in Table.metadata.sorted_tables
            for row in await connection.execute(text(f'SELECT * FROM "{table.name}"'))
            for value in row
            if isinstance(value, str) and value.startswith(f"{PREFIX}.")
        ]


async def test_after_deletion_nothing_is_left_for_anybody(town: Town, lin: Person, tmp_path: Path) -> None:
    await says_everything(town, lin)
    assert found_in((await opened(town.database)).encode()) >= {"林溪", "金丝雀", "望川模具厂"}
    sealed = [row for row in (await opened(town.database)).splitlines() if "金丝雀" in row]
    assert len(sealed) >= 5  # question, memory, journal, draft, inbox
    sealed_then = await sealed_texts(town.database)
    await lin.says("/cancel")
    await lin.sends(kind=MessageKind.CHOICE, choice="go:discard")
    await lin.sends(kind=MessageKind.CHOICE, choice="go:start:forget-me")
    receipt = await lin.presses("确定删除")
    assert "回执编号" in receipt.text
    assert found_in((await opened(town.database)).encode()) == set()
    async with town.database.read() as connection:
        assert await people_lists.count(connection, OPERATOR, people_lists.Filter()) == 0
        assert await drafts.draft(connection, "test", "lin", "complain") is None
    # What was overwritten is gone from the file, too.
    left = bytes_of(tmp_path)
    assert [one for one in sealed_then if one.encode() in left] == []


async def test_every_sealed_column_is_sealed_again_with_a_new_key(town: Town, lin: Person) -> None:
    await says_everything(town, lin)
    columns = set()
    async with town.database.read() as connection:
        for table in Table.metadata.sorted_tables:
            for row in await connection.execute(text(f'SELECT * FROM "{table.name}"')):
                columns |= {
                    (table.name, name)
                    for name, value in row._mapping.items()
                    if isinstance(value, str) and value.startswith(f"{PREFIX}.")
                }
    known = {(table, column) for table, _, sealed in resealing.SEALED for column in sealed}
    assert columns <= known
    assert len(columns) >= 11


async def test_a_sealed_text_opens_neither_elsewhere_nor_changed(town: Town) -> None:
    vault = town.database.vault
    sealed = vault.seal("林溪", "profiles.name")
    assert vault.open(sealed, "profiles.name") == "林溪"
    assert vault.seal("林溪", "profiles.name") != sealed
    with pytest.raises(StorageError, match="changed"):
        vault.open(sealed, "contacts.value")
    with pytest.raises(StorageError, match="changed"):
        vault.open(sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:], "profiles.name")
    with pytest.raises(StorageError, match="LAOXIANG_KEYS"):
        vault.open(sealed.replace(vault.newest, "000000"), "profiles.name")


async def test_a_file_sent_by_somebody_is_known_by_its_channel_alone(town: Town, lin: Person) -> None:
    moved_into(town)
    file = Attachment(name="金丝雀.pdf", channel="test", id="f1")
    reply = await lin.sends(kind=MessageKind.FILE, media="document", file=file)
    assert "只会读文字" in reply.text
    assert "金丝雀" not in await opened(town.database)
