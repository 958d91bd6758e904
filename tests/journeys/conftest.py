import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.database import Database
from tests.journeys.announcing import Hall
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files


@pytest.fixture(scope="session")
def files() -> Files:
    return Files()


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    """Give an empty database in a file."""
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def town(tmp_path: Path, files: Files) -> AsyncIterator[Town]:
    async with opened(tmp_path / "town.db") as database:
        yield Town(database, files)


@pytest.fixture
def lin(town: Town) -> Person:
    return town.person("lin")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty, migrated database, to be copied for every walk."""
    file = tmp_path_factory.mktemp("walks") / "town.db"

    async def migrate() -> None:
        async with opened(file):
            pass

    asyncio.run(migrate())
    return file


@pytest.fixture
async def hall(tmp_path: Path, files: Files) -> AsyncIterator[Hall]:
    async with opened(tmp_path / "hall.db") as database:
        yield Hall(database, files)


@pytest.fixture
async def chen(hall: Hall) -> Person:
    """Who writes."""
    return await hall.hires("chen")


@pytest.fixture
async def zhou(hall: Hall) -> Person:
    """Who approves."""
    return await hall.hires("zhou")
