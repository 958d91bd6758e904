"""Uploads that go wrong: each file is told about by name, and nobody waits for a page that never comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.web.csrf import csrf_token
from handlers.library import Library, Understood
from tests.web.console.colleagues import Colleague
from tests.web.console.test_documents import uploads
from tests.web.served import Served


async def test_of_several_files_each_is_taken_or_told_why_not(site: Served, admin: Colleague) -> None:
    sent = [("好的办法.txt", "第一条 说明。".encode()), ("表.exe", b"MZ"), ("空的.txt", b""), ("又一个.txt", b"x")]
    async with admin.http() as client:
        answer = await client.post(
            "/console/documents/uploads",
            data={"csrf": csrf_token(admin.token)},
            files=[("files", one) for one in sent],
        )
    assert answer.status_code == 422
    told = answer.text[answer.text.index('<div class="notice" role') :].split("</div>")[0]
    assert [name for name, _ in sent if name in told] == ["表.exe", "空的.txt"]
    assert "2 个文件已上传" in told
    listed = (await admin.gets("/console/documents")).text
    assert [name for name, _ in sent if name in listed] == ["好的办法.txt", "又一个.txt"]


async def test_a_reading_that_breaks_is_a_refusal(
    site: Served, admin: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(self: Library, path: Path) -> Understood:
        raise RuntimeError("no space left on the device")

    monkeypatch.setattr(Library, "read", breaks)
    identity = await uploads(admin, "办法.txt", "第一条 说明。".encode())
    page = await admin.gets(f"/console/documents/uploads/{identity}")
    assert "办法.txt" in page.text
    assert "data-watch" not in page.text, "nothing is waited for"
    assert "RuntimeError" in page.text
    assert "no space" not in page.text
