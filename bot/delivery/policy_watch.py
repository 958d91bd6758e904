"""Looks every hour whether something happened to a file people follow, so that staff are offered the draft in time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from handlers import policy_news
from handlers.desk import Office

if TYPE_CHECKING:
    from handlers.library import Library

log = logging.getLogger(__name__)

EVERY_S = 3600.0


async def watch(office: Office, library: Library, every_s: float = EVERY_S) -> None:
    """Look again and again until cancelled; several processes may, each thing is offered once."""
    while True:
        try:
            if new := await policy_news.look(office, library):
                log.info("policy.news", extra={"count": len(new)})
        except Exception:
            # A database that is away comes back; what happened is still there in an hour.
            log.exception("policy.not_watched")
        await asyncio.sleep(every_s)
