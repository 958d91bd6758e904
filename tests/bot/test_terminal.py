"""The terminal: what is shown, what a typed line means, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.channels import TryLater
from bot.channels.terminal import Terminal
from bot.channels.terminal_view import fold, plain, show
from handlers.dialogue import (
    Button,
    Heading,
    Items,
    Message,
    MessageKind,
    Paragraph,
    Quote,
    Reply,
    Source,
    Table,
)
from handlers.texts import Texts

TEXTS = Texts.load()
SOURCE = Source(
    document="回乡投资促进措施",
    file="措施.docx",
    clause="第三条",
    doc_no="望政办发〔2025〕12号",
    effective=date(2025, 4, 1),
    expires=date(2030, 3, 31),
    note="已更正",
)
REPLY = Reply(
    parts=(
        Heading(text="标题"),
        Paragraph(text="每月每平方米2元的标准给予租金补贴" * 8),
        Items(items=("甲", "乙")),
        Quote(text="", table=Table(header=("档次", "标准"), rows=(("一", "[bold]100[/bold]"),)), source=SOURCE),
    ),
    buttons=((Button(label="再看 2 条", data="go:more:1"),), (Button(label="帮助", data="go:help"),)),
)


def test_a_pipe_gets_plain_lines_with_sources_and_numbered_buttons() -> None:
    shown = plain(REPLY, TEXTS)
    assert "\x1b" not in shown
    assert "> 一 | [bold]100[/bold]" in shown
    assert "第三条 · 2025-04-01起施行 · 有效期至 2030-03-31 · 已更正 · 措施.docx" in shown
    assert "[1] 再看 2 条  [2] 帮助" in shown


def test_where_any_words_may_be_the_answer_buttons_have_no_numbers() -> None:
    assert "[再看 2 条]  [帮助]" in plain(REPLY.model_copy(update={"free_text": True}), TEXTS)


@pytest.mark.parametrize("columns", [20, 46, 80, 200])
def test_a_screen_shows_everything_within_its_width(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    show(REPLY, TEXTS)
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= min(columns, 100)
    assert "再看 2 条" in "".join(lines)


pieces = st.sampled_from(["乡", "乡，", "“家", "家”。", "ab ", "12.5 ", "2025-04-01 ", "（一）"])


@given(text=st.lists(pieces, max_size=40).map("".join), width=st.integers(12, 40))
def test_folding_loses_nothing_and_leaves_closing_signs_with_their_words(text: str, width: int) -> None:
    lines = fold(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)
    assert not any(line.startswith(("，", "”", "。", "）", " ")) for line in lines)
    assert not any(line.endswith(("“", "（")) for line in lines)


async def test_lines_of_a_pipe_become_messages_and_numbers_press_buttons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "typed").write_text("你好\n\n  1 \n3\nexit\nafter\n", "utf-8")
    monkeypatch.setattr("sys.stdin", (tmp_path / "typed").open())
    terminal = Terminal(tmp_path, TEXTS, "zh-Hans")
    heard: list[Message] = []

    async def receive(messages: Sequence[Message]) -> None:
        heard.extend(messages)
        await terminal.send(terminal.chat, REPLY)

    await terminal.run(receive)
    assert [(message.kind, message.text or message.choice) for message in heard] == [
        (MessageKind.TEXT, "/start"),
        (MessageKind.TEXT, "你好"),
        (MessageKind.CHOICE, "go:more:1"),
        (MessageKind.TEXT, "3"),
    ]
    assert len({message.update for message in heard}) == 4
    assert "\x1b" not in capsys.readouterr().out


async def test_a_number_answers_a_question_that_takes_any_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "typed").write_text("你好\n2\n", "utf-8")
    monkeypatch.setattr("sys.stdin", (tmp_path / "typed").open())
    terminal = Terminal(tmp_path, TEXTS, "zh-Hans")
    heard: list[Message] = []

    async def receive(messages: Sequence[Message]) -> None:
        heard.extend(messages)
        await terminal.send(terminal.chat, REPLY.model_copy(update={"free_text": True}))

    await terminal.run(receive)
    assert [(message.kind, message.text) for message in heard[-1:]] == [(MessageKind.TEXT, "2")]


async def test_a_pipe_in_an_older_encoding_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typed").write_bytes("厂房租金\n".encode("gb18030") + "补贴\n".encode())
    monkeypatch.setattr("sys.stdin", (tmp_path / "typed").open())
    terminal = Terminal(tmp_path, TEXTS, "zh-Hans")
    heard: list[str] = []

    async def receive(messages: Sequence[Message]) -> None:
        heard.extend(message.text for message in messages)

    await terminal.run(receive)
    assert heard == ["/start", "厂房租金", "补贴"]


async def test_a_reply_for_somebody_else_waits(tmp_path: Path) -> None:
    with pytest.raises(TryLater):
        await Terminal(tmp_path, TEXTS, "en").send("somebody else", REPLY)
