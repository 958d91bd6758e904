"""A browser without scripts, by HTTP alone, and what is told with it."""

from __future__ import annotations

import re

import httpx


class Caller:
    """A browser without scripts, by HTTP alone."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def looks(self) -> str:
        shown = (await self.client.get("/")).text
        self.token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', shown)[0]
        return shown

    async def presses(self, label: str) -> None:
        shown = await self.looks()
        below = re.findall(r'name="below" value="(\d+)"', shown)[-1]
        data = {"csrf": self.token, "choice": _button(shown, label), "below": below}
        assert (await self.client.post("/chat/press", data=data)).status_code == 303

    async def says(self, words: str, **files: tuple[str, bytes]) -> httpx.Response:
        data = {"csrf": self.token, "text": words}
        return await self.client.post("/chat/say", data=data, files=files or None)


async def complains(lin: Caller, name: str, content: bytes = b"%PDF-1.4 evidence") -> httpx.Response:
    """Fill in a complaint up to its review, with a file."""
    for words in ("我要投诉", "窗口来回跑了三趟没有人办", "匿名"):
        await lin.says(words)
    await lin.presses("补充")
    await lin.presses("证据")
    return await lin.says("", file=(name, content))


def _button(shown: str, label: str) -> str:
    """Find what the newest button with a label stands for."""
    found = re.findall(rf'name="choice" value="([^"]+)"[^>]*>{label}', shown)
    assert found, f"no button {label!r} in: {re.sub('<[^>]+>', ' ', shown)}"
    return found[-1]
