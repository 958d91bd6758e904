from collections.abc import AsyncIterator

import pytest

from tests.simulated_telegram import SimulatedTelegram


@pytest.fixture
async def telegram() -> AsyncIterator[SimulatedTelegram]:
    async with SimulatedTelegram() as telegram:
        yield telegram
