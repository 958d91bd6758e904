"""The one place identifiers come from, so that tests can foresee them."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Protocol
from uuid import uuid4

# Without 0 and O, 1, I and L, and U: what is read out or copied by hand comes back the same.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_BOOKING = re.compile(rf"(?<![A-Z0-9])B[ -]?((?:[{ALPHABET}][ -]?){{4}}[{ALPHABET}])(?![A-Z0-9])")


class Ids(Protocol):
    def new(self) -> str:
        """Give an identifier nobody has to read."""

    def number(self) -> str:
        """Give a reference number of six digits that can be read over the telephone."""

    def code(self, length: int) -> str:
        """Give so many letters and digits of which no two look alike (`ALPHABET`)."""


class RandomIds:
    def new(self) -> str:
        return uuid4().hex

    def number(self) -> str:
        # Never a leading zero: spreadsheets and people drop it.
        return str(100_000 + secrets.randbelow(900_000))

    def code(self, length: int) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(length))


def booking_number(ids: Ids) -> str:
    """Give a new booking number: "B" and five signs, "B7KQ4M"."""
    return "B" + ids.code(5)


def booking_number_in(text: str) -> str | None:
    """Give the booking number somebody typed, in any of its shapes ("b7kq 4m", "Ｂ-7KQ4M"); None if there is none."""
    found = _BOOKING.search(unicodedata.normalize("NFKC", text).upper())
    return "B" + "".join(found.group(1).split()).replace("-", "") if found else None


def read_aloud(number: str) -> str:
    """Group a reference number as people say it: "284 917"."""
    return f"{number[:3]} {number[3:]}" if len(number) == 6 else number


def as_typed(text: str) -> str:
    """Give the reference number somebody typed in any of its shapes ("Q284 917", "284-917")."""
    return "".join(character for character in text if character.isdigit())
