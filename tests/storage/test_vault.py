"""Keys: made once, read by their owner alone, changed without losing anything, missed where they are lost."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import conversations, questions, resealing, vault
from storage.conversations import Conversation
from storage.database import Database
from storage.errors import StorageError
from storage.vault import KeysMissing, Vault

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = Vault.load(tmp_path / "keys"), Vault.load(tmp_path / "keys")
    assert (first.created, second.created) == (True, False)
    assert second.open(first.seal("林溪", "x"), "x") == "林溪"
    assert second.blind("phone", "+86138") == first.blind("phone", "+86138") != first.blind("wechat", "+86138")
    assert (tmp_path / "keys" / vault.FILE).stat().st_mode & 0o077 == 0


def test_keys_may_come_from_a_setting(tmp_path: Path) -> None:
    Vault.load(tmp_path)
    given = ",".join((tmp_path / vault.FILE).read_text("ascii").splitlines())
    assert Vault.load(tmp_path / "none", given).blind("a", "b") == Vault.load(tmp_path).blind("a", "b")
    with pytest.raises(StorageError, match="LAOXIANG_KEYS"):
        Vault.load(tmp_path, "seal x notakey")


async def test_a_new_key_seals_everything_again_and_the_old_one_goes(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    old = Vault.load(tmp_path)
    database = await Database.open(url, old)
    await database.migrate()
    before = Conversation("test", "lin")
    async with database.write() as connection:
        await conversations.save(connection, [(before, Conversation("test", "lin", memory={"said": "林溪"}))], NOW)
    await database.close()
    vault.add_key(tmp_path)
    database = await Database.open(url, Vault.load(tmp_path))
    assert await resealing.reseal(database) == 1
    assert await resealing.reseal(database) == 0
    assert vault.drop_old_keys(tmp_path) == 1
    await database.close()
    database = await Database.open(url, Vault.load(tmp_path))
    async with database.read() as connection:
        assert (await conversations.load(connection, "test", "lin")).memory == {"said": "林溪"}
    await database.close()
    database = await Database.open(url, old)
    async with database.read() as connection:
        with pytest.raises(KeysMissing, match="LAOXIANG_KEYS"):
            await conversations.load(connection, "test", "lin")
    await database.close()


async def test_migrating_seals_what_is_there_and_leaves_no_plain_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "laoxiang.db"
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    await _as_before_sealing(database, monkeypatch)
    async with database.write() as connection:
        for statement in (
            "INSERT INTO people (id, created_at) VALUES ('p', '2026-01-01 00:00:00')",
            "INSERT INTO questions (number, person_id, channel, chat, language, text, name, contact_kind, contact, "
            "consent_version, asked_at) VALUES ('284917', 'p', 'test', 'lin', 'zh-Hans', '金丝雀的补贴', '林溪', "
            "'phone', '+8613800138000', '1', '2026-01-01 00:00:00')",
            "INSERT INTO conversations (channel, chat, version, memory, updated_at, flow) VALUES "
            "('test', 'lin', 3, '{\"recent\": \"金丝雀\"}', '2026-01-01 00:00:00', 'ask-person')",
            "INSERT INTO answers (channel, chat, key, position, value, answered_at) VALUES "
            "('test', 'lin', 'name', 0, '{\"value\": \"林溪\"}', '2026-01-01 00:00:00')",
        ):
            await connection.execute(text(statement.replace(":", "\\:")))
    assert "金丝雀".encode() in b"".join(part.read_bytes() for part in tmp_path.glob("laoxiang.db*"))
    await database.migrate()
    content = b"".join(part.read_bytes() for part in tmp_path.glob("laoxiang.db*"))
    assert [word for word in ("金丝雀", "林溪", "13800138000") if word.encode() in content] == []
    async with database.read() as connection:
        question = await questions.by_number(connection, "284917")
        conversation = await conversations.load(connection, "test", "lin")
    assert question is not None
    assert (question.name, question.contact, question.text) == ("林溪", "+8613800138000", "金丝雀的补贴")
    assert conversation.answers == {"name": {"value": "林溪"}}
    assert conversation.memory == {"recent": "金丝雀"}
    await database.close()


async def _as_before_sealing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring a database to the last release that sealed nothing."""
    from alembic import command

    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _: upgrade(config, "0001"))
        await database.migrate()


async def test_new_keys_on_old_data_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.app import open_office
    from bot.settings import Settings

    settings = Settings(home=tmp_path)
    async with open_office(settings) as office, office.database.write() as connection:
        before = Conversation("test", "lin")
        await conversations.save(connection, [(before, Conversation("test", "lin"))], NOW)
    (tmp_path / "keys" / vault.FILE).unlink()
    with pytest.raises(StorageError, match=vault.FILE):
        async with open_office(settings):
            pass
    with sqlite3.connect(tmp_path / "laoxiang.db") as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (1,)
