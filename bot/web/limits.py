"""How often somebody may ask: moving windows per person, per address and for all together, in this process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from bot.web.site import site_of

if TYPE_CHECKING:
    from bot.settings import Settings

KEYS_KEPT = 20_000  # of people and addresses; the longest silent go first


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` in any `seconds`, for each key under a name."""

    name: str
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits a county may set (LAOXIANG_WEB_*), each by the minute.

    Behind one address may be a whole village's telephone network, or another program that speaks for everybody.
    """

    person: Limit
    address: Limit
    new_chats: Limit
    everybody: Limit

    @classmethod
    def of(cls, settings: Settings) -> Rates:
        """Give those of the settings."""
        return cls(
            Limit("person", settings.web_person_rate, 60),
            Limit("address", settings.web_address_rate, 60),
            Limit("new-chats", max(1, settings.web_address_rate // 5), 600),
            Limit("everybody", settings.web_rate, 60),
        )


class Limits:
    """Remembers when each key was used. `seconds` reads a clock that never goes back."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._used: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def take(self, limit: Limit, key: str = "", amount: int = 1) -> int:
        """Use a limit: 0, or the whole seconds to wait if it is used up (then nothing was used)."""
        now = self._seconds()
        used = self._used.setdefault((limit.name, key), deque())
        self._used.move_to_end((limit.name, key))
        while used and used[0] <= now - limit.seconds:
            used.popleft()
        if (over := len(used) + amount - limit.times) > 0:
            return max(1, int(used[over - 1] + limit.seconds - now) + 1)
        used.extend([now] * amount)
        if len(self._used) > KEYS_KEPT:
            self._used.popitem(last=False)
        return 0


class TooMany(HTTPException):
    """Somebody asked too often; `wait_s` is when to try again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(429, "too many requests", {"Retry-After": str(wait_s)})
        self.wait_s = wait_s


def hold_back(request: HTTPConnection, *uses: tuple[Limit, str], amount: int = 1) -> None:
    """Use these limits, each for its key. Raises TooMany, with Retry-After, at the first that is used up."""
    limits = site_of(request).limits
    for limit, key in uses:
        if wait_s := limits.take(limit, key, amount):
            raise TooMany(wait_s)


def address_of(request: HTTPConnection) -> str:
    """Give the address a request came from, as uvicorn tells it (proxies that are believed: LAOXIANG_WEB_PROXIES)."""
    return request.client.host if request.client else ""
