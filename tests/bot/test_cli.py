"""The command line as an operator and a script meet it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from fcntl import ioctl
from functools import partial
from pathlib import Path
from termios import FIONREAD

import pytest

from bot.settings import BadSettings, load_settings
from knowledge.read import engines
from tests.bot.shell import Laoxiang


def test_help_is_in_two_languages_and_loads_nothing_heavy() -> None:
    code = "import sys, bot.cli; sys.exit(bool({'sqlalchemy', 'numpy', 'jieba', 'rich'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        "index",
        "documents",
        "documents set",
        "ask",
        "search",
        "chat",
        "serve",
        "check",
        "evaluate",
        "staff",
        "staff answer",
        "backup",
        "restore",
    ],
)
def test_every_command_explains_itself_in_two_languages(laoxiang: Laoxiang, command: str) -> None:
    ran = laoxiang(*command.split(), "--help")
    assert ran.status == 0
    assert any("\u4e00" <= character <= "\u9fff" for character in ran.out)


@pytest.mark.parametrize("arguments", [["nosuch"], ["ask"], ["index"], ["ask", "x", "--on", "tomorrow"]])
def test_wrong_usage_ends_with_two(laoxiang: Laoxiang, arguments: list[str]) -> None:
    assert laoxiang(*arguments).status == 2


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("LAOXIANG_PORT", "99999", "LAOXIANG_PORT"),
        ("LAOXIANG_TELEGRAM_TOKEN", "abc", "@BotFather"),
        ("LAOXIANG_TELEGRAM_WEBHOOK", "https://example.com/hook", "LAOXIANG_TELEGRAM_SECRET"),
        ("LAOXIANG_TELEGRAM_API", "localhost:8081", "https://"),
        ("LAOXIANG_TELEGRAM_GATEWAY", "other", "aiogram"),
        ("LAOXIANG_LANGUAGE", "fr", "LAOXIANG_LANGUAGE"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    laoxiang: Laoxiang, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings, match=told):
        load_settings()
    ran = laoxiang("chat")
    assert ran.status == 1
    assert told in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "LAOXIANG_DATABASE"),
        ("mysql://county.example/laoxiang", "mysql is not supported"),
        ("sqlite:///{folder}/nosuch/x.db", "LAOXIANG_DATABASE"),
        ("sqlite:///{folder}/county.docx", "not a database"),
        ("postgresql://laoxiang:sekret@127.0.0.1:9/laoxiang", "LAOXIANG_DATABASE"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_with_what_to_set(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    (tmp_path / "county.docx").write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("LAOXIANG_DATABASE", url.format(folder=tmp_path))
    ran = laoxiang("staff", "questions")
    assert ran.status == 1
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert "sekret" not in ran.err


def test_a_database_needs_no_driver_in_its_address(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAOXIANG_DATABASE", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert laoxiang("staff", "questions").status == 0
    assert (tmp_path / "elsewhere.db").is_file()


def test_a_home_that_cannot_be_made_is_told(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "file"))
    ran = laoxiang("staff", "questions")
    assert ran.status == 1
    assert "LAOXIANG_HOME" in ran.err


def test_no_setting_is_needed_and_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAOXIANG_TELEGRAM_TOKEN", "123456:secret-part")
    assert "secret-part" not in repr(load_settings())


def test_a_county_profile_that_is_wrong_is_named(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "county.toml"
    profile.write_text('[county]\nname = "望川县"\ntimezone = "Mars/Olympus"\n', "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(profile))
    ran = laoxiang("staff", "questions")
    assert ran.status == 1
    assert "county.toml" in ran.err
    assert "timezone" in ran.err


def test_from_files_to_a_cited_answer(laoxiang: Laoxiang, papers: Path, tmp_path: Path) -> None:
    ran = laoxiang("index", str(papers), "--json")
    assert ran.status == 0
    status = {entry["file"]: entry["status"] for entry in json.loads(ran.out)}
    assert status["空文件.txt"] == "refused"
    assert status["回乡投资促进措施.txt"] == "added"
    assert "unchanged" in laoxiang("index", str(papers)).out

    question = "厂房租金补贴是多少"
    answer = json.loads(laoxiang("ask", question, "--on", "2026-11-24", "--json").out)
    assert answer["kind"] == "answered"
    assert answer["on"] == "2026-11-24"
    assert answer["citations"][0]["clause"] == "第三条"
    assert "每月每平方米2元" in answer["citations"][0]["quote"]
    assert answer["citations"][0]["status"] == "in_force"

    asked = tmp_path / "asked.jsonl"
    lines = [
        {"id": "a", "text": question, "asked_on": "2024-01-01"},
        {"id": "b", "text": "那最长几年呢", "history": [question]},
    ]
    asked.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    out = tmp_path / "answers.jsonl"
    assert laoxiang("ask", "--batch", str(asked), "--out", str(out), "--on", "2026-11-24").status == 0
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert (first["id"], first["on"]) == ("a", "2024-01-01")
    assert "5元" in first["citations"][0]["quote"]
    assert "36个月" in second["text"]

    ranked = json.loads(laoxiang("search", question, "--json", "-k", "3").out)
    assert len(ranked) == 3
    batch = laoxiang("search", "--batch", str(asked)).out.splitlines()
    assert [set(json.loads(line)) for line in batch] == [{"id", "ids"}] * 2


def test_a_batch_line_that_is_wrong_is_named(laoxiang: Laoxiang, tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"id": "a", "text": "x"}\n{"text": 3}\n', "utf-8")
    ran = laoxiang("search", "--batch", str(asked))
    assert ran.status == 1
    assert "line 2" in ran.err


def test_a_question_left_in_the_terminal_is_answered_there(laoxiang: Laoxiang, papers: Path) -> None:
    laoxiang("index", str(papers))
    told = laoxiang(
        "chat", typed="种猕猴桃的补贴标准是多少\n1\n我叫林溪,电话13800138000\n同意\n提交\n厂房租金补贴是多少\n"
    )
    assert told.status == 0
    assert "已经提交" in told.out
    assert "每月每平方米2元" in told.out
    assert "\x1b" not in told.out
    [question] = json.loads(laoxiang("staff", "questions", "--json").out)
    assert question["name"] == "林溪"
    assert laoxiang("staff", "answer", question["number"], typed="目前没有\n").status == 0
    assert laoxiang("staff", "answer", question["number"], "again").status == 1
    assert "没有未答复" in laoxiang("staff", "questions").out
    assert "目前没有" in laoxiang("chat").out


def test_ctrl_c_ends_a_conversation_whose_input_stays_open(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "chat"]
    settings = {**os.environ, "LAOXIANG_HOME": str(tmp_path / "home")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # What a shell runs in its background is deaf to Ctrl-C, and its children inherit that; here somebody sits there.
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, env=settings, preexec_fn=hears, text=True, encoding="utf-8", **pipes) as process:
        # Half a line: once it is out of the pipe, the rest is being waited for.
        process.stdin.write("厂房")
        process.stdin.flush()
        while any(ioctl(process.stdin, FIONREAD, bytes(4))):
            pass
        process.send_signal(signal.SIGINT)
        # Patience for a busy machine: what the first start makes (the dictionary) is finished first.
        assert process.wait(120) == 1
        assert "Traceback" not in process.stderr.read()


def test_check_says_what_is_missing(laoxiang: Laoxiang) -> None:
    ran = laoxiang("check")
    assert ran.status == 1
    assert "laoxiang index" in ran.out


def test_check_tells_which_engines_are_here_and_where_the_keys_are(
    laoxiang: Laoxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = laoxiang("check").out
    assert str(Path("home/keys/personal.keys")) in told
    assert "OCR is installed" in told
    monkeypatch.setattr(engines, "has_ocr", lambda: False)
    monkeypatch.setattr(engines, "soffice", lambda: None)
    told = laoxiang("check").out
    assert "laoxiang[ocr]" in told
    assert "install LibreOffice" in told
    (tmp_path / "home/keys/personal.keys").chmod(0o644)
    (tmp_path / "home/keys").chmod(0o755)
    assert "chmod" in laoxiang("check").out


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("LAOXIANG_PERSONEL_DATA", "ask", "is LAOXIANG_PERSONAL_DATA meant?"),
        ("LAOXIANG_CHANNELS_ABROAD", "telegramm", "there is no channel telegramm"),
        ("LAOXIANG_PERSONAL_DATA", "handover", "names no page"),
        ("LAOXIANG_PERSONAL_DATA", "allow", "personal data is taken in channels abroad (telegram)"),
    ],
)
def test_check_says_what_settings_come_to(
    laoxiang: Laoxiang, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert told in laoxiang("check").out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"id": 1, "text": "厂房"}'.encode("gb18030"), "save it as UTF-8"),
        (b'{"id": 1, "text": null}', "line 1: text must be"),
        (b'{"id": 1, "text": "x", "history": "x"}', "line 1: history is a list"),
        (b'{"id": 1, "text": "x", "history": [null]}', "line 1: history is a list"),
        (b'{"id": 1, "text": "x"}\n{"id": 2, "text": "x", "asked_on": "soon"}', "line 2: asked_on"),
        (b'{"text": "x"}', "with id and text"),
        (b"[]", "with id and text"),
        (b"nonsense", "not a JSON object"),
    ],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_batch_that_is_wrong_is_told_once_and_nothing_is_written(
    laoxiang: Laoxiang, tmp_path: Path, command: str, content: bytes, told: str
) -> None:
    (tmp_path / "asked.jsonl").write_bytes(content)
    ran = laoxiang(command, "--batch", str(tmp_path / "asked.jsonl"), "--out", str(tmp_path / "out.jsonl"))
    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_a_batch_of_searches_leans_on_what_was_asked_before(laoxiang: Laoxiang, papers: Path, tmp_path: Path) -> None:
    laoxiang("index", str(papers))
    asked = [
        {"id": "alone", "text": "那标准是多少"},
        {"id": "after", "text": "那标准是多少", "history": [{"role": "user", "content": "购置新设备有补助吗"}]},
    ]
    file = tmp_path / "asked.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in asked))
    ran = laoxiang("search", "--batch", str(file), "-k", "1")
    alone, after = (json.loads(line)["ids"] for line in ran.out.splitlines())
    [devices] = json.loads(laoxiang("search", "购置新设备有补助吗", "-k", "1", "--json").out)
    assert after == [devices["id"]] != alone


def test_check_finds_a_webhook_secret_telegram_would_refuse(
    laoxiang: Laoxiang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAOXIANG_TELEGRAM_TOKEN", "123456:simulated")
    monkeypatch.setenv("LAOXIANG_TELEGRAM_WEBHOOK", "https://county.example")
    monkeypatch.setenv("LAOXIANG_TELEGRAM_SECRET", "with a blank")
    assert "LAOXIANG_TELEGRAM_SECRET" in laoxiang("check").out


def test_a_place_that_cannot_be_written_to_is_told(laoxiang: Laoxiang, tmp_path: Path) -> None:
    (tmp_path / "asked.jsonl").write_text('{"id": 1, "text": "厂房"}\n', "utf-8")
    ran = laoxiang("ask", "--batch", str(tmp_path / "asked.jsonl"), "--out", str(tmp_path / "nosuch/answers.jsonl"))
    assert ran.status == 1
    assert "nosuch/answers.jsonl: No such file" in ran.err
    assert "Traceback" not in ran.err


def test_serving_without_a_channel_says_what_to_set(laoxiang: Laoxiang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAOXIANG_WEB", "false")
    ran = laoxiang("serve")
    assert ran.status == 1
    assert "LAOXIANG_TELEGRAM_TOKEN" in ran.err
