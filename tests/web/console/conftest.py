"""A site whose county has townships, and colleagues at its desks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from handlers import credentials
from storage.staff import Role
from tests.journeys.town import WANGCHUAN
from tests.web.console.colleagues import Colleague, colleague, with_townships
from tests.web.served import Served, serve_site


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as cheaply as there is: what a hash costs is no part of these stories."""
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    monkeypatch.setattr(credentials, "_hasher", lambda: hasher)


@pytest.fixture
async def site(prepared: Path, tmp_path: Path) -> AsyncIterator[Served]:
    async with serve_site(prepared, tmp_path / "home", county=with_townships(WANGCHUAN)) as served:
        yield served


@pytest.fixture
async def admin(site: Served) -> Colleague:
    return await colleague(site, "wang.fang", Role.COUNTY_ADMIN)
