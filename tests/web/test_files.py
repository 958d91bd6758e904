"""Files that people send: where nobody asked for one, too large, too many; by page and by program."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from bot.web import files
from bot.web.limits import Limit
from tests.web.calling import Caller, complains
from tests.web.served import Served

PAPER = b"%PDF-1.4 a paper"


async def _files(site: Served) -> int:
    async with site.app.desk.database.read() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM web_files"))).scalar() or 0)


def _typed(shown: str) -> str:
    return html.unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)[0])


async def test_a_file_nobody_asked_for_is_not_taken_and_the_words_come_back(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        lin = Caller(client)
        await lin.looks()
        for words in ("我家的厂房 <要>租", "厂房租金"):
            shown = await lin.says(words, file=("厂房.pdf", PAPER))
            assert (shown.status_code, _typed(shown.text)) == (409, words)
            assert "现在没有哪一步要收文件" in shown.text
            await lin.looks()
            assert (await lin.says("你好")).status_code == 303
        by_script = await client.post(
            "/chat/say",
            data={"csrf": lin.token},
            files={"file": ("a.pdf", PAPER)},
            headers={"accept": "application/json"},
        )
        assert (by_script.status_code, "文件没有收下" in by_script.json()["error"]["message"]) == (409, True)
    assert await _files(site) == 0


async def test_a_program_sends_a_file_only_where_one_is_asked_for(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        token = (await client.post("/api/v1/chats")).json()["token"]
        mine = {"Authorization": f"Bearer {token}"}
        refused = await client.post("/api/v1/files", files={"file": ("a.pdf", PAPER)}, headers=mine)
        assert refused.status_code == 409
    assert await _files(site) == 0


async def test_a_chat_and_an_address_send_only_so_much(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "OF_A_CHAT_BYTES", 1_000)
    monkeypatch.setattr(files, "OF_AN_ADDRESS", Limit("file-megabytes", 2, 3_600))
    for number in (1, 2):
        async with httpx.AsyncClient(base_url=site.url) as client:
            lin = Caller(client)
            await lin.looks()
            large = await complains(lin, "0.pdf", b"0" * 20_000_001)
            assert (large.status_code, "20 MB" in large.text) == (413, True)
            full = await lin.says("看看这个", file=("1.pdf", b"0" * 1_001))
            assert (full.status_code, _typed(full.text), "文件已经太多" in full.text) == (413, "看看这个", True)
            assert (await lin.says("", file=("2.pdf", b"0" * 500))).status_code == 303
            assert await _files(site) == number
    async with httpx.AsyncClient(base_url=site.url) as client:
        li = Caller(client)
        await li.looks()
        waits = await complains(li, "1.pdf")
    assert (waits.status_code, int(waits.headers["retry-after"]) > 3_000) == (429, True)
    assert await _files(site) == 2


async def test_what_is_larger_than_any_request_is_refused_in_the_persons_language(site: Served) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"0" * 1_000_000

    async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
        for body in (b"0" * 24_500_000, pieces()):
            answer = await client.post(
                "/api/v1/messages",
                content=body,
                headers={"accept-language": "en", "content-type": "application/json", "authorization": "Bearer x"},
            )
            assert (answer.status_code, "At most 20 MB" in answer.json()["error"]["message"]) == (413, True)
            assert "default-src 'none'" in answer.headers["content-security-policy"]
