from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
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
