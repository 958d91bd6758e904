"""The JSON chat as another program uses it, and its OpenAPI held against what it does."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import count
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from bot.web.limits import Limits
from tests.web.served import Served

RENT = "租厂房有没有补贴?"


async def _opens(client: httpx.AsyncClient) -> dict[str, str]:
    token = (await client.post("/api/v1/chats")).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def test_a_program_asks_presses_and_leaves(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        mine = await _opens(client)
        said = {"update": "first-0001", "text": RENT}
        # Sent twice, as programs do that did not hear the answer.
        for _ in range(2):
            assert (await client.post("/api/v1/messages", json=said, headers=mine)).status_code == 202
        told = (await client.get("/api/v1/messages?wait_s=10", headers=mine)).json()["messages"]
        assert [message["mine"] for message in told] == [True, False]
        quote = next(part for part in told[1]["reply"]["parts"] if part["type"] == "quote")
        assert (quote["source"]["clause"], "每月每平方米2元" in quote["text"]) == ("第三条", True)

        button = told[1]["reply"]["buttons"][0][0]
        press = {"update": "press-0001", "choice": button["data"], "below": told[1]["id"]}
        await client.post("/api/v1/presses", json=press, headers=mine)
        more = (await client.get(f"/api/v1/messages?wait_s=10&after={told[1]['id']}", headers=mine)).json()["messages"]
        assert more[0]["text"] == button["label"]

        assert (await client.delete("/api/v1/chats/mine", headers=mine)).status_code == 204
        assert (await client.get("/api/v1/messages", headers=mine)).status_code == 401


async def test_messages_stream_as_they_come(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        mine = await _opens(client)
        async with client.stream("GET", "/api/v1/messages/stream", headers=mine) as events:
            await client.post("/api/v1/messages", json={"update": "first-0001", "text": RENT}, headers=mine)
            told: list[dict[str, Any]] = []
            async with asyncio.timeout(10):
                async for line in events.aiter_lines():
                    if line.startswith("data: {"):
                        told.append(json.loads(line.removeprefix("data: ")))
                    if len(told) == 2:
                        break
    assert (told[0]["text"], told[1]["reply"]["kind"]) == (RENT, "answered")


async def test_one_question_and_the_documents_need_no_chat(site: Served) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = (await client.get("/api/v1/answers", params={"question": RENT, "on": "2026-11-24"})).json()
        assert "每月每平方米2元" in json.dumps(answer, ensure_ascii=False)
        listed = (await client.get("/api/v1/documents")).json()["documents"]
        first = next(one for one in listed if one["title"] == "望川县回乡投资促进措施")
        read = (await client.get(f"/api/v1/documents/{first['id']}")).json()
        assert any(clause["changed_by"] for clause in read["clauses"])
        past = (await client.get("/api/v1/documents?on=2021-01-01")).json()["documents"]
        assert [one["status"] for one in past if one["id"] == first["id"]] == ["not_yet"]


@pytest.mark.parametrize("token", ["", "x" * 43, "Bearer"])
async def test_nobody_reads_without_the_token(site: Served, token: str) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        refused = await client.get("/api/v1/messages", headers=headers)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


async def test_the_interface_does_what_its_description_says(site: Served) -> None:
    """Cases made from the OpenAPI: every answer is one that is described, and none is a failure of ours."""
    leaps = count()
    # A clock that leaps: limits, tested elsewhere, would hide the rest.
    site.web.state.site = replace(site.web.state.site, limits=Limits(lambda: next(leaps) * 3600.0))
    async with httpx.AsyncClient(base_url=site.url) as client:
        mine = await _opens(client)
    await asyncio.to_thread(_holds_against_its_description, site.url, mine)


def _holds_against_its_description(url: str, headers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) == 10
    for operation in operations:
        # A stream does not end by itself; ending the chat would end all cases after it.
        if operation.path.endswith("/stream") or operation.method == "delete":
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def every_case(case: Any) -> None:
            if "wait_s" in (case.query or {}):
                case.query["wait_s"] = 0
            case.call_and_validate(headers=headers)

        every_case()
