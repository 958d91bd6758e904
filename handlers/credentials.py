"""Passwords and codes of the console: what is good enough, hashing within bounds, the time step a code is of.

Passwords are hashed with Argon2id (RFC 9106); codes are time-based (TOTP, RFC 6238), of this step or the one before or
after.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# Argon2id takes 64 MB each time: a crowd at the door must not take all there is, nor the threads others work in.
MOST_WAITING, BUSY_S = 40, 10
_hashing = ThreadPoolExecutor(2, "hashing")
_waiting: set[object] = set()
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
STEP_S = 30
T = TypeVar("T")


class Refused(Exception):
    """Nobody was signed in and nothing stored; `key` names the words that say why (`console.refused.*`)."""

    def __init__(self, key: str, retry_after: int = 0) -> None:
        super().__init__(key)
        self.key = key
        self.retry_after = retry_after  # seconds


def check_password(password: str, login: str) -> None:
    """Raise Refused for a password that is short, made of little, or the login (NIST SP 800-63B, 5.1.1.2)."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused("password_length")
    if len(set(password.lower())) < 6 or login in password.lower() or password.lower() in _WELL_KNOWN:
        raise Refused("password_weak")


_WELL_KNOWN = frozenset(
    ("password1234", "123456789012", "1234567890ab", "qwertyuiop12", "admin1234567", "woaini123456", "qwerty123456")
)


def step_of(secret: str, digits: str, at: datetime) -> int | None:
    """Give the time step a code is of, with a step's grace either way for clocks that differ."""
    import pyotp

    digits = "".join(digits.split())
    if not (digits.isascii() and digits.isdecimal()):
        return None
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    return next(
        (step for step in (now, now - 1, now + 1) if secrets.compare_digest(totp.generate_otp(step), digits)), None
    )


@functools.cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


async def hashed(password: str) -> str:
    """Hash a password. Raises Refused where too many wait for that already."""
    return await _in_turn(lambda: _hasher().hash(password))


async def verified(against: str, password: str) -> bool:
    """Tell whether a password is the one of a hash. Raises Refused where too many wait for that already."""
    from argon2.exceptions import VerificationError

    def fits() -> bool:
        try:
            return _hasher().verify(against, password[:LONGEST_PASSWORD])
        except VerificationError:
            return False

    return await _in_turn(fits)


async def _in_turn(hash_: Callable[[], T]) -> T:
    """Hash in threads of its own. Raises Refused where too many wait already: they would wait in vain."""
    if len(_waiting) >= MOST_WAITING:
        raise Refused("wait", retry_after=BUSY_S)
    turn = object()
    _waiting.add(turn)
    try:
        return await asyncio.get_running_loop().run_in_executor(_hashing, hash_)
    finally:
        _waiting.discard(turn)


_nobodys_hash: list[str] = []


async def nobodys() -> str:
    """Give a hash that no password fits, to take the time a real one takes."""
    if not _nobodys_hash:
        _nobodys_hash.append(await hashed(secrets.token_hex(16)))
    return _nobodys_hash[0]
