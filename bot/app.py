"""Composition: the whole assistant put together once, with plain constructors."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from storage.database import Database
from storage.errors import StorageError
from storage.resealing import missing_keys
from storage.vault import FILE, Vault

if TYPE_CHECKING:
    from handlers.dialogue import Attachment
    from handlers.library import Library
    from handlers.tiers import Rule

from bot.settings import BadSettings, Settings
from handlers.abroad import Abroad, PersonalData
from handlers.clock import SystemClock
from handlers.county import County
from handlers.desk import Desk, NotFetched, Office
from handlers.ids import RandomIds
from handlers.texts import Texts

log = logging.getLogger(__name__)

# What vectors of a real model weigh where no setting says otherwise; the offline ones earned nothing (decision 5).
MODEL_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class App:
    """Everything a command may use."""

    settings: Settings
    desk: Desk
    library: Library


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Open what the staff's commands need: the database, without the documents and their index."""
    county, texts = County.load(settings.county) if settings.county else County(), Texts.load()
    rules = _tier_rules(county, texts)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"LAOXIANG_HOME: {settings.home} can't be a folder of ours ({error.strerror})") from error
    given = settings.keys.get_secret_value() if settings.keys else ""
    vault = Vault.load(settings.keys_folder, given)
    database = await Database.open(settings.database_url, vault)
    try:
        await database.migrate()
        if vault.created:
            await _is_new(database, settings)
        yield Office(
            database=database,
            clock=SystemClock(county.zone),
            ids=RandomIds(),
            county=county,
            texts=texts,
            language=settings.language,
            personal_data=PersonalData(
                Abroad(settings.personal_data), frozenset(name.strip() for name in settings.channels_abroad.split(","))
            ),
            tier_rules=rules,
        )
    finally:
        await database.close()


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """Open the database and the library, and close both at the end."""
    # Readers, index and dictionary take most of the time to start; the staff's commands need none of them.
    from handlers.library import Library
    from handlers.shelf import Embedding

    async with open_office(settings) as office:
        key = settings.embedding_key.get_secret_value() if settings.embedding_key else ""
        weight = settings.embedding_weight
        if weight is None:
            weight = MODEL_WEIGHT if settings.embedding else 0.0
        embedding = Embedding(settings.embedding, settings.embedding_api, key, weight)
        library = await Library.open(office.database, settings.home, embedding)
        try:
            desk = Desk(
                database=office.database,
                clock=office.clock,
                ids=office.ids,
                county=office.county,
                texts=office.texts,
                language=office.language,
                personal_data=office.personal_data,
                tier_rules=office.tier_rules,
                library=library,
                fetch=partial(_fetch, settings, office.database),
            )
            yield App(settings, desk, library)
        finally:
            await library.close()


async def _fetch(settings: Settings, database: Database, file: Attachment) -> bytes:
    """Fetch what somebody sent, for a handler. Raises NotFetched."""
    from bot.channels import ChannelError
    from bot.failures import Failure
    from bot.fetching import fetch

    try:
        return await fetch(settings, file, database)
    except (Failure, ChannelError) as error:
        log.warning("fetch.failed", extra={"channel": file.channel, "reason": str(error)})
        raise NotFetched(str(error)) from error


def _tier_rules(county: County, texts: Texts) -> Sequence[Rule]:
    if not county.tiers:
        return ()
    # Forms take a while to import; a profile without rules needs none of them here.
    from handlers.tiers import read_rules

    return read_rules(county, texts)


async def _is_new(database: Database, settings: Settings) -> None:
    """Refuse to work with new keys on old data: what the lost ones sealed could never be read again."""
    async with database.read() as connection:
        missing = await missing_keys(connection, database.vault.keys)
    if missing:
        # The file that was just made would stand where the right one has to be put back.
        (settings.keys_folder / FILE).unlink()
        raise StorageError(told_missing(missing, settings))


def told_missing(missing: Sequence[str], settings: Settings) -> str:
    """Say that what is in the database can't be read, and what to do."""
    return (
        f"the database was sealed with a key that is not here ({', '.join(missing)}): put its key file back as "
        f"{settings.keys_folder / FILE}, or set LAOXIANG_KEYS; without it nothing personal can be read"
    )
