"""Commands that put the whole state into one file, and a new machine where the old one stood."""

from __future__ import annotations

import asyncio
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from bot.failures import Failure

if TYPE_CHECKING:
    from bot.settings import Settings

FORMAT = 1
# Under the home: caches, and a stamp of make's. All else there goes along.
REBUILT = frozenset({"words", "tokens", "vectors", "vectors.lock", "samples.indexed"})
# Whoever has the keys and the database can read everything: they are kept apart.
KEYS = "keys"
MANIFEST, DATABASE, HOME = "backup.json", "database", "home/"


@click.command(short_help="Save the whole state. 备份")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Put the database and all that can't be rebuilt into FILE, while it runs. 把全部数据备份到一个文件。"""
    from bot.settings import load_settings
    from storage.backup import dump

    settings = load_settings()
    if file.resolve().is_relative_to(settings.home.resolve()):
        raise Failure(f"{file}: a backup inside {settings.home} would be lost with it; choose another place")
    if not file.resolve().parent.is_dir():
        raise Failure(f"{file.parent}: there is no such folder")
    with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as folder:
        database, unfinished = Path(folder) / DATABASE, Path(folder) / "archive"
        dump(settings.database_url, database)
        with (
            os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as stream,
            tarfile.open(fileobj=stream, mode="w:gz") as archive,
        ):
            manifest = Path(folder) / MANIFEST
            manifest.write_text(json.dumps({"format": FORMAT, "database": _engine(settings)}), "utf-8")
            archive.add(manifest, MANIFEST)
            archive.add(database, DATABASE)
            kept = list(_kept(settings, Path(folder)))
            for path, name in kept:
                archive.add(path, HOME + name)
        # Whole or not at all: until here an earlier backup of that name stands.
        unfinished.replace(file)
    told = f"{file}: database ({_engine(settings)}), {len(kept)} other files, {file.stat().st_size / 1e6:.1f} MB"
    click.echo(
        f"{told}\n里面有群众的个人信息（已加密），密钥文件夹 {KEYS} 不在其中，请另外妥善保管。"
        f" It holds sealed personal data; the folder {KEYS} is not in it, keep a copy of that apart."
    )


@click.command(short_help="Take a saved state back. 恢复")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty home and database from FILE. 从备份文件恢复到空的目录和数据库。"""
    from bot.settings import load_settings
    from storage.backup import load

    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="laoxiang-") as folder:
        unpacked = Path(folder)
        manifest = _unpack(file, unpacked)
        if manifest["database"] != _engine(settings):
            raise Failure(
                f"{file}: a backup of {manifest['database']}, but LAOXIANG_DATABASE is {_engine(settings)}; "
                "set it to an empty database of the same kind"
            )
        home = unpacked / HOME
        files = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file())
        if there := [name for name in files if (settings.home / name).exists()]:
            raise Failure(f"{settings.home / there[0]} is there already; move it away, or set another LAOXIANG_HOME")
        load(settings.database_url, unpacked / DATABASE)
        for name in files:
            target = settings.home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((home / name).read_bytes())
            target.chmod((home / name).stat().st_mode & 0o777)
    click.echo(f"{settings.home}: database ({_engine(settings)}) and {len(files)} other files are back")
    if missing := asyncio.run(_missing_keys(settings)):
        from bot.app import told_missing

        click.echo(f"数据已恢复，但缺少密钥，群众信息读不出来。{told_missing(missing, settings)}", err=True)
    paused = asyncio.run(_pause_jobs(settings))
    click.echo(
        "提醒已暂停：先确认原来的系统不再发送，再运行 laoxiang jobs resume。Reminders are paused: "
        "make sure that the old system sends nothing any more, then run 'laoxiang jobs resume'."
    )
    if paused:
        click.echo(
            f"{paused} 条通知已暂停：原来的系统在备份之后可能已发出一部分，恢复发送前请核对。Announcements paused: "
            f"{paused}; the old system may have sent some of their messages since the backup; look before you go on."
        )
    click.echo("请运行 laoxiang check。Run 'laoxiang check' next.")


async def _missing_keys(settings: Settings) -> list[str]:
    """Give the ids of keys the restored data needs and this machine lacks; makes no key file."""
    from storage.database import Database
    from storage.resealing import missing_keys
    from storage.vault import FILE, Vault

    given = settings.keys.get_secret_value() if settings.keys else ""
    there = bool(given) or (settings.keys_folder / FILE).is_file()
    at_hand = Vault.load(settings.keys_folder, given).keys if there else ()
    database = await Database.open(settings.database_url)
    try:
        async with database.read() as connection:
            return await missing_keys(connection, at_hand)
    finally:
        await database.close()


async def _pause_jobs(settings: Settings) -> int:
    """Let nothing go out of a copy by itself: where it came from may still run, and has told what the copy has not.

    Gives how many announcements that stopped.
    """
    from datetime import UTC, datetime

    from storage import announcements, jobs
    from storage.database import Database

    database = await Database.open(settings.database_url)
    now = datetime.now(UTC)
    try:
        async with database.write() as connection:
            # A backup of an older release has nothing that falls due.
            if await jobs.are_there(connection):
                await jobs.pause(connection, now)
            if await announcements.are_there(connection):
                return await announcements.pause_all(connection, now)
            return 0
    finally:
        await database.close()


def _kept(settings: Settings, folder: Path) -> Iterator[tuple[Path, str]]:
    """Give what stands under the home and goes along, each with its name there; databases as copies."""
    from storage.backup import copy_sqlite

    for number, path in enumerate(sorted(settings.home.rglob("*"))):
        name = path.relative_to(settings.home)
        ours = name.name.startswith("laoxiang.db") and len(name.parts) == 1
        beside = name.name.endswith(("-wal", "-shm", "-journal"))
        if not path.is_file() or name.parts[0] in {*REBUILT, KEYS} or ours or beside:
            continue
        with path.open("rb") as file:
            if file.read(16) == b"SQLite format 3\0":
                copy_sqlite(path, copy := folder / str(number))
                path = copy
        yield path, name.as_posix()


def _extract(archive: tarfile.TarFile, into: Path) -> None:
    """Unpack plain files and folders that stay inside; anything else is none of ours. Raises ValueError."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(into, filter="data")
        return
    # Python 3.11.2 (Debian 12) has no filters yet.
    for member in archive.getmembers():
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
            raise ValueError(f"{member.name} leads out of the archive")
    archive.extractall(into)  # noqa: S202 - looked at above


def _unpack(file: Path, into: Path) -> dict[str, Any]:
    """Unpack an archive and give its manifest. Raises Failure if it is no backup of ours, or a newer release's."""
    try:
        with tarfile.open(file) as archive:
            _extract(archive, into)
        manifest: dict[str, Any] = json.loads((into / MANIFEST).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise Failure(f"{file}: a backup of format {manifest['format']}; restore it with the release that made it")
        (into / HOME).mkdir(exist_ok=True)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"{file}: not a backup made by 'laoxiang backup', or damaged ({error})") from error
    return manifest


def _engine(settings: Settings) -> str:
    return "PostgreSQL" if settings.database_url.startswith("postgresql") else "SQLite"
