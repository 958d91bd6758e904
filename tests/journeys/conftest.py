import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.journeys.announcing import Hall
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files


@pytest.fixture(scope="session")
def files() -> Files:
    return Files()


@pytest.fixture
async def town(tmp_path: Path, files: Files) -> AsyncIterator[Town]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    await database.migrate()
    yield Town(database, files)
    await database.close()


@pytest.fixture
def lin(town: Town) -> Person:
    return town.person("lin")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty, migrated database, to be copied for every walk."""
    file = tmp_path_factory.mktemp("walks") / "town.db"

    async def migrate() -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{file}")
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return file


@pytest.fixture
async def hall(tmp_path: Path, files: Files) -> AsyncIterator[Hall]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'hall.db'}")
    await database.migrate()
    yield Hall(database, files)
    await database.close()


@pytest.fixture
async def chen(hall: Hall) -> Person:
    """Who writes."""
    return await hall.hires("chen")


@pytest.fixture
async def zhou(hall: Hall) -> Person:
    """Who approves."""
    return await hall.hires("zhou")
