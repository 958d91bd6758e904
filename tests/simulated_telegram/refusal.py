"""How the simulated Bot API says no."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is not "ok"."""

    def __init__(self, code: int, description: str, *, retry_after: int = 0) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        told = {"ok": False, "error_code": self.code, "description": self.description}
        return {**told, "parameters": {"retry_after": self.retry_after}} if self.retry_after else told
