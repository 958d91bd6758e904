"""One database, SQLite or PostgreSQL: reading, writing in one transaction, and bringing the schema up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from sqlite3 import Error as DatabaseFault
from typing import Any, TypeAlias

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.backup import copy_sqlite
from storage.errors import Conflict, StorageError
from storage.vault import Vault

Connection: TypeAlias = AsyncConnection

# Any number; all our processes must choose the same one.
_MIGRATION_LOCK = 0x6C616F78
# PostgreSQL's codes for a transaction it ended so that another could go on (deadlock, serialization).
_GIVEN_UP = {"40P01", "40001"}
# From this revision on nothing personal stands in the database in plain words.
SEALED_SINCE = "0003"


class Database:
    """An open database. Reads never wait for writes; a write is one transaction, begun as a writer."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        # Connections carry the vault along, so that what they read can be opened where it is read.
        self._engine = engine.execution_options(laoxiang_vault=vault)
        self.vault = vault
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    async def open(cls, url: str, vault: Vault | None = None) -> Database:
        """Open a database by its SQLAlchemy URL (`sqlite+aiosqlite:///…`, `postgresql+psycopg://…`).

        Without a vault its keys end with this process: what is sealed then is lost with it.
        Raises StorageError if there is no such kind of database or it can't be reached.
        """
        engine = _engine(url)
        database = cls(engine, vault or Vault.of_this_process())
        if database.is_sqlite:
            _prepare_sqlite(engine)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except DatabaseError as error:
            await engine.dispose()
            place = make_url(url).render_as_string(hide_password=True)
            raise StorageError(f"{place}: {error.orig}; check LAOXIANG_DATABASE and that it is running") from error
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Give a connection for reading: one consistent view until the end of the block."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Give a connection in one transaction, committed at the end of the block.

        Raises Conflict where a constraint refuses, or another transaction stood in the way for good; then nothing
        was written.
        """
        # IMMEDIATE: a deferred BEGIN that reads first fails at once when another writer was faster.
        options = {"laoxiang_begin": "BEGIN IMMEDIATE"} if self.is_sqlite else {}
        deleted = False
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(**options)
                async with connection.begin():
                    yield connection
                deleted = connection.info.pop("laoxiang_scrub", False)
        except IntegrityError as error:
            # PostgreSQL's second line tells the values.
            raise Conflict(str(error.orig).partition("\n")[0]) from error
        except OperationalError as error:
            if not _gave_way(error):
                raise
            raise Conflict("others were writing all the time, and this change gave way to theirs") from error
        if deleted:
            await self._cut_log()

    async def migrate(self) -> None:
        """Bring the schema to this release; cheap where it is already there.

        Raises StorageError for a database that a newer release has written.
        """
        newest = _revisions()[-1]
        async with self.read() as connection:
            version = await connection.run_sync(_version)
        if version == newest:
            return
        if version is not None and version not in _revisions():
            raise StorageError(
                f"the database is at version {version}, which this release does not know (it knows up to "
                f"{newest}); use the release that wrote it or a newer one"
            )
        if version is not None:
            self._back_up(version)
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            await connection.run_sync(_upgrade, self.vault)
        if version is not None and version < SEALED_SINCE:
            await self.scrub()
            self._remove_copies()

    async def scrub(self) -> None:
        """Leave nothing of what was deleted in the file or beside it (SQLite; PostgreSQL has its own vacuum)."""
        if not self.is_sqlite:
            return
        async with self._engine.connect() as connection:
            # Outside of a transaction: VACUUM refuses to run within one.
            await connection.execution_options(laoxiang_begin="SELECT 1")
            await connection.exec_driver_sql("VACUUM")
        await self._cut_log()

    async def _cut_log(self) -> None:
        """Write SQLite's log back and cut it off, where no reader still needs it."""
        if not self.is_sqlite:
            return
        async with self._engine.connect() as connection:
            await connection.execution_options(laoxiang_begin="SELECT 1")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self._engine.dispose()

    def _remove_copies(self) -> None:
        """Remove copies made before personal data was sealed: they hold it in plain words."""
        file = self._engine.url.database
        if self.is_sqlite and file:
            for copy in Path(file).parent.glob(f"{Path(file).name}.before-*"):
                if copy.suffix.removeprefix(".before-") < SEALED_SINCE:
                    copy.unlink()

    def _back_up(self, version: str) -> None:
        """Copy an SQLite file aside before its schema changes; PostgreSQL has its own tools."""
        file = self._engine.url.database
        if self.is_sqlite and file and Path(file).is_file():
            copy_sqlite(Path(file), Path(f"{file}.before-{version}"))


def _engine(url: str) -> AsyncEngine:
    advice = "set LAOXIANG_DATABASE to sqlite+aiosqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    try:
        wanted = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"the database's address is no URL; {advice}") from error
    driver = {"sqlite": "aiosqlite", "postgresql": "psycopg"}.get(wanted.get_backend_name())
    if driver is None:
        raise StorageError(f"{wanted.get_backend_name()} is not supported; {advice}")
    file = wanted.database if driver == "aiosqlite" else None
    if file and not Path(file).parent.is_dir():
        # Asked to connect in vain, aiosqlite leaves a thread behind that speaks to a loop long closed.
        raise StorageError(f"{Path(file).parent}: there is no such folder; {advice}")
    try:
        # Parameters are what people wrote; an error that names them would carry it into a log.
        return create_async_engine(
            wanted.set(drivername=f"{wanted.get_backend_name()}+{driver}"),
            pool_pre_ping=driver == "psycopg",
            hide_parameters=True,
        )
    except ModuleNotFoundError as error:
        raise StorageError(f"{error.name} is not installed; run 'pip install laoxiang[postgres]'") from error


def _gave_way(error: OperationalError) -> bool:
    """Tell whether a transaction was ended, or never begun, for the sake of others."""
    if getattr(error.orig, "sqlstate", None) in _GIVEN_UP:
        return True
    # Python's driver waits for the lock by trying again and again, so that one of a crowd may starve.
    return getattr(error.orig, "sqlite_errorcode", None) == SQLITE_BUSY


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def settle(connection: Any, _record: Any) -> None:
        # Python's driver would begin transactions on its own terms; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            for pragma in (
                "journal_mode=WAL",
                "foreign_keys=ON",
                "busy_timeout=10000",
                "synchronous=FULL",
                "secure_delete=ON",
            ):
                cursor.execute(f"PRAGMA {pragma}")
        except DatabaseFault:
            # No database at all, say. The pool knows nothing of this connection yet, and its thread would outlive us.
            connection.close()
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: SyncConnection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("laoxiang_begin", "BEGIN"))


def _revisions() -> list[str]:
    """Give all revisions, oldest first: migration files are named NNNN_what.py and so sorted."""
    folder = resources.files("storage").joinpath("migrations/versions")
    return sorted(file.name[:4] for file in folder.iterdir() if file.name[:4].isdigit())


def _version(connection: SyncConnection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def vault_of(connection: Connection) -> Vault:
    """Give the vault of the database a connection belongs to."""
    sync = connection.sync_connection
    if sync is None:
        raise StorageError("this connection is closed")
    vault: Vault = sync.get_execution_options()["laoxiang_vault"]
    return vault


def _upgrade(connection: SyncConnection, vault: Vault) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # env.py runs on this very connection, inside the transaction that holds the lock.
    config.attributes["connection"] = connection
    config.attributes["vault"] = vault
    command.upgrade(config, "head")
