"""The simulator refuses what Telegram refuses: a test that passes here must not fail there."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
import pytest

from tests.simulated_telegram import TOKEN, Refusal, SimulatedTelegram
from tests.simulated_telegram.entities import parse_html, units
from tests.simulated_telegram.methods import method_named, parameters_of
from tests.simulated_telegram.rules import check_commands, check_language, check_markup, check_text


@pytest.mark.parametrize(
    ("html", "text", "kinds"),
    [
        ("甲 &lt; 乙 &amp; 丙 & 丁 &#39;", "甲 < 乙 & 丙 & 丁 '", []),
        ("<b>粗<i>斜</i></b>", "粗斜", ["bold", "italic"]),
        ("<blockquote>引<b>文</b></blockquote>", "引文", ["blockquote", "bold"]),
        ("<blockquote expandable>引</blockquote>", "引", ["blockquote"]),
        ('<a href="https://county.example/?a=1&amp;b=2">这里</a>', "这里", ["text_link"]),
        ('<pre><code class="language-python">x</code></pre>', "x", ["pre", "code"]),
        ("<b></b>空", "空", []),
    ],
)
def test_html_is_read_as_telegram_reads_it(html: str, text: str, kinds: list[str]) -> None:
    plain, entities = parse_html(html)
    assert plain == text
    assert sorted(entity["type"] for entity in entities) == sorted(kinds)


def test_entities_are_counted_in_utf_16_units() -> None:
    assert units("👍甲") == 3
    assert parse_html("👍<b>甲</b>")[1] == [{"type": "bold", "offset": 2, "length": 1}]


@pytest.mark.parametrize(
    "html",
    [
        "<b>没有结束",
        "甲 < 乙",
        "a<5>b",
        "<table>",
        "</b>",
        "<b><i>交错</b></i>",
        '<b class="x">属性</b>',
        "<blockquote><blockquote>套</blockquote></blockquote>",
        "<pre><b>粗</b></pre>",
        "<blockquote><pre>表</pre></blockquote>",
    ],
)
def test_bad_html_is_refused(html: str) -> None:
    with pytest.raises(Refusal, match="can't parse entities"):
        parse_html(html)


@pytest.mark.parametrize("text", [" \n", "字" * 4097, "👍" * 2049])
def test_texts_have_a_length(text: str) -> None:
    with pytest.raises(Refusal):
        check_text({"text": text})
    assert check_text({"text": "<b>" + "字" * 4096 + "</b>", "parse_mode": "HTML"})


@pytest.mark.parametrize(
    "markup",
    [
        {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]},
        {"inline_keyboard": [[{"text": "a", "callback_data": ""}]]},
        {"inline_keyboard": [[{"text": "a", "callback_data": "字" * 22}]]},
        {"inline_keyboard": [[{"text": "a"}]]},
        {"inline_keyboard": [[{"text": "a", "callback_data": "x"}] * 9]},
        {"inline_keyboard": [[{"text": "a", "callback_data": "x"}]] * 101},
        {"inline_keyboard": [[{"text": "a", "callback_data": "x"}]], "keyboard": []},
        {"keyboard": [[{"text": " "}]]},
        {"remove_keyboard": False},
    ],
)
def test_bad_keyboards_are_refused(markup: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        check_markup(markup)


def test_bad_commands_and_languages_are_refused() -> None:
    for command, description in (("Start", "x"), ("我", "x"), ("a" * 33, "x"), ("start", ""), ("start", "x" * 257)):
        with pytest.raises(Refusal):
            check_commands([{"command": command, "description": description}])
    with pytest.raises(Refusal):
        check_language("zh-hans")


def test_parameters_are_read_from_forms_and_from_json() -> None:
    wanted = {"chat_id": 5, "text": "5", "disable_notification": True, "reply_markup": {"remove_keyboard": True}}
    form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in wanted.items()}
    assert parameters_of("sendMessage", form) == parameters_of("sendMessage", wanted) == wanted
    assert method_named("sendmessage") == "sendMessage"
    for bad in ({"chat_id": 5}, {"chat_id": "x", "text": "y"}, {"chat_id": 5, "text": 5}):
        with pytest.raises(Refusal):
            parameters_of("sendMessage", bad)


@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
async def test_all_three_encodings_arrive(encoding: str) -> None:
    async with SimulatedTelegram() as telegram, aiohttp.ClientSession() as session:
        user = telegram.user()
        params: dict[str, Any] = {"chat_id": str(user.id), "text": "您好"}
        sent: dict[str, Any] = {"json": params} if encoding == "json" else {"data": params}
        if encoding == "multipart":
            sent["data"] = aiohttp.FormData(params, default_to_multipart=True)
        async with session.post(f"{telegram.url}/bot{TOKEN}/sendMessage", **sent) as response:
            assert (await response.json())["ok"]
        async with session.get(f"{telegram.url}/bot1:wrong/getMe") as response:
            assert response.status == 401
        assert [message.text for message in user.messages] == ["您好"]


async def test_a_process_of_its_own_is_steered_over_http() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.simulated_telegram", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    try:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{url}/control/says", json={"user": 7, "text": "在吗"})
            async with session.post(f"{url}/bot{TOKEN}/getUpdates", json={"timeout": 5}) as response:
                assert (await response.json())["result"][0]["message"]["text"] == "在吗"
            await session.post(f"{url}/control/fails", json={"method": "sendMessage", "faults": [{"code": 500}]})
            for _ in range(2):
                await session.post(f"{url}/bot{TOKEN}/sendMessage", json={"chat_id": 7, "text": "在"})
            async with session.get(f"{url}/control/chat", params={"user": 7, "wait": 1}) as response:
                assert (await response.json())["messages"] == [{"text": "在", "buttons": []}]
            async with session.get(f"{url}/control/state") as response:
                assert (await response.json())["calls"] == {"getUpdates": 1, "sendMessage": 2}
    finally:
        process.terminate()
        await process.wait()
