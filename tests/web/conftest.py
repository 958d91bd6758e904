"""A browser and a site to visit with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.browser import browser, chromium
from tests.web.served import Served, prepare_home, serve_site

__all__ = ["browser", "chromium"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the county's files indexed once."""
    home = tmp_path_factory.mktemp("web") / "home"
    asyncio.run(prepare_home(home))
    return home


@pytest.fixture
async def site(prepared: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """A site of its own for each test."""
    async with serve_site(prepared, tmp_path / "home") as served:
        yield served
