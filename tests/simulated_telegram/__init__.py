"""Telegram, simulated: a Bot API server on a loopback port, stricter than the real one, and people to write to it.

Run `python -m tests.simulated_telegram --port 8081` for one in a process of its own.
"""

from tests.simulated_telegram.bot_api import TOKEN, Shown
from tests.simulated_telegram.people import Group, User
from tests.simulated_telegram.refusal import Refusal
from tests.simulated_telegram.server import (
    BAD_GATEWAY,
    BROKEN,
    CUT_AFTER,
    CUT_BEFORE,
    SILENT,
    TOO_MANY,
    Fault,
    SimulatedTelegram,
)

__all__ = [
    "BAD_GATEWAY",
    "BROKEN",
    "CUT_AFTER",
    "CUT_BEFORE",
    "SILENT",
    "TOKEN",
    "TOO_MANY",
    "Fault",
    "Group",
    "Refusal",
    "Shown",
    "SimulatedTelegram",
    "User",
]
