"""The one place identifiers come from, so that tests can foresee them."""

from __future__ import annotations

import secrets
from typing import Protocol
from uuid import uuid4


class Ids(Protocol):
    def new(self) -> str:
        """Give an identifier nobody has to read."""

    def number(self) -> str:
        """Give a reference number of six digits that can be read over the telephone."""


class RandomIds:
    def new(self) -> str:
        return uuid4().hex

    def number(self) -> str:
        # Never a leading zero: spreadsheets and people drop it.
        return str(100_000 + secrets.randbelow(900_000))


def read_aloud(number: str) -> str:
    """Group a reference number as people say it: "284 917"."""
    return f"{number[:3]} {number[3:]}" if len(number) == 6 else number


def as_typed(text: str) -> str:
    """Give the reference number somebody typed in any of its shapes ("Q284 917", "284-917")."""
    return "".join(character for character in text if character.isdigit())
