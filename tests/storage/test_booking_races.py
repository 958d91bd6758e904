"""Several processes that want the same times at once, in small; `benchmarks.booking` runs a thousand rounds."""

from __future__ import annotations

import asyncio

import pytest

from storage.database import Database
from tests.storage import racing

ROUNDS = 3


@pytest.mark.parametrize("name", racing.RACES)
def test_nobody_is_booked_twice_and_nobody_is_turned_away_without_another_time(name: str, database_url: str) -> None:
    async def prepare() -> None:
        database = await Database.open(database_url, racing.VAULT)
        await database.migrate()
        await racing.prepare(database, ROUNDS)
        await database.close()

    asyncio.run(prepare())
    count = min(6, racing.RACES[name].contenders)
    result = racing.race(database_url, name, ROUNDS, processes=2, contenders=count)
    assert result.errors == []
    assert (result.overlaps, result.wrong) == (0, [])
    assert sum(result.outcomes.values()) == ROUNDS * count
    assert not {outcome for outcome in result.outcomes if outcome in {"gave up", "refused with nothing"}}
