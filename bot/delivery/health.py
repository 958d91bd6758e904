"""How a channel is doing: when its platform is away, one message now and then asks whether it is back."""

from __future__ import annotations

import asyncio

TROUBLE = 6  # failures in a row
LONGEST_REST_S = 30.0


class Health:
    """One channel's luck, by the loop's clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._rests_until = 0.0

    def worked(self) -> None:
        """Note that the platform answered."""
        self._failures = 0

    def failed(self, after_s: float = 0.0) -> None:
        """Note a call without success; `after_s` is how long the platform wants to be left alone."""
        now = asyncio.get_running_loop().time()
        if now < self._rests_until:
            # Begun before the rest was.
            return
        self._failures += 1
        if self._failures >= TROUBLE:
            self._rests_until = now + max(after_s, min(2.0 ** (self._failures - TROUBLE), LONGEST_REST_S))

    def allows(self, most: int, under_way: int) -> int:
        """Give how many more messages may be begun, of `most` at once."""
        if self._failures < TROUBLE:
            return max(0, most - under_way)
        if asyncio.get_running_loop().time() < self._rests_until:
            return 0
        return max(0, 1 - under_way)
