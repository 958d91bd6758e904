"""Every form goes on after its process was ended at every step, orderly and by force, and ends in the same record.

`python -m benchmarks.restarts` ends it at more moments.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.journeys.filling import SCRIPTS
from tests.journeys.restarts import in_the_terminal, on_telegram, straight_ways
from tests.nursery import Nursery

BOTH = (signal.SIGKILL, signal.SIGTERM)


@pytest.mark.parametrize("how", BOTH, ids=["KILL", "TERM"])
async def test_every_form_goes_on_in_telegram(tmp_path: Path, how: signal.Signals) -> None:
    ways = await straight_ways(tmp_path)
    assert len(ways) == 4 * len(SCRIPTS)
    async with Nursery() as nursery:
        assert await on_telegram(nursery, tmp_path / "home", ways, how, 0) == max(len(way.steps) for way in ways)


async def test_every_form_goes_on_in_the_terminal(tmp_path: Path) -> None:
    # One form by buttons, the next by words; ended after every third step, each form beginning at another one.
    ways = await straight_ways(tmp_path, languages=("zh-Hans",))
    async with Nursery() as nursery:
        for number, way in enumerate(ways[n * 2 + n % 2] for n in range(len(SCRIPTS))):
            signals = BOTH if number % 2 else BOTH[::-1]
            assert await in_the_terminal(nursery, tmp_path / way.script.kind, way, signals, 3, number % 3) >= 3
