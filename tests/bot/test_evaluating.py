"""`laoxiang evaluate`: figures, bars, an earlier run beside this one, and a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli

RULES = (
    "关于租金补贴的办法\n第一条 厂房租金每月每平方米补贴2元。\n第二条 购买设备的，按发票金额的8%给予奖励，最高100万元。"
)
QUESTIONS = [
    {"id": "rent", "text": "厂房租金每平方米补贴多少", "type": "plain", "must": ["2元"],
     "gold": [{"file": "rent.txt", "quote": "每月每平方米补贴2元"}]},
    {"id": "sum", "text": "购买设备花了500万元，奖励多少", "type": "formula", "must": ["400,000元"],
     "gold": [{"file": "rent.txt", "clause": "第二条"}]},
    {"id": "kiwi", "text": "猕猴桃苗木有没有补贴", "kind": "not_found", "type": "unanswerable"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "home"))
    (tmp_path / "rent.txt").write_text(RULES, "utf-8")
    ask(tmp_path, QUESTIONS)
    return tmp_path


def ask(folder: Path, questions: list[dict[str, object]]) -> None:
    lines = (json.dumps(question, ensure_ascii=False) for question in questions)
    (folder / "questions.jsonl").write_text("\n".join(lines), "utf-8")


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["evaluate", str(folder / "questions.jsonl"), "--on", "2026-11-24", *options])


@pytest.fixture
def indexed(folder: Path) -> Path:
    assert CliRunner().invoke(cli, ["index", str(folder / "rent.txt")]).exit_code == 0
    return folder


def test_every_measure_is_counted_over_what_it_applies_to(indexed: Path):
    result = run(indexed, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["measures"]["cited"] == {"count": 2, "of": 2}
    assert told["measures"]["figures"] == {"count": 2, "of": 2}
    assert told["measures"]["refused"] == {"count": 1, "of": 1}
    assert told["by_type"] == {name: {"count": 1, "of": 1} for name in ("formula", "plain", "unanswerable")}
    assert told["faults"] == []


def test_a_bar_that_is_not_reached_ends_with_one_and_is_named(indexed: Path):
    (indexed / "bars.toml").write_text("cited = 1.0\nstale = 0", "utf-8")
    assert run(indexed).exit_code == 0
    ask(indexed, [{**QUESTIONS[0], "gold": [{"file": "rent.txt", "clause": "第二条"}]}])

    result = run(indexed, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["below_bar"] == ["cited"]


def test_two_runs_are_compared_by_question(indexed: Path):
    run(indexed, "--save", str(indexed / "before.json"))
    ask(indexed, [{**QUESTIONS[0], "must": ["7元"]}, *QUESTIONS[1:]])

    result = run(indexed, "--against", str(indexed / "before.json"))

    assert "worse: rent" in result.stdout
    assert "better: –" in result.stdout


@pytest.mark.parametrize("name", ["answers.svg", "answers.png"])
def test_the_result_is_drawn_by_type_of_question(indexed: Path, name: str):
    picture = indexed / name

    assert run(indexed, "--picture", str(picture)).exit_code == 0

    drawn = picture.read_bytes()
    assert drawn.startswith(b"\x89PNG") if name.endswith("png") else b"unanswerable" in drawn


@pytest.mark.parametrize(
    ("file", "content", "option", "told"),
    [
        ("bars.toml", "brilliance = 1.0", "--bars", "unknown brilliance; known are cited"),
        ("bars.toml", "cited", "--bars", "a measure and a share from 0 to 1"),
        ("run.json", "{}", "--against", "not a run kept with --save"),
        ("picture.gif", "", "--picture", "an .svg or a .png"),
    ],
)
def test_files_that_make_no_sense_are_named_with_what_to_do(
    indexed: Path, file: str, content: str, option: str, told: str
):
    (indexed / file).write_text(content, "utf-8")

    result = run(indexed, option, str(indexed / file))

    assert told in str(result.exception)


def test_an_empty_library_is_not_measured(folder: Path):
    assert "nothing is indexed" in str(run(folder).exception)
