"""What a test sees of a command it ran."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Laoxiang = Callable[..., Ran]
