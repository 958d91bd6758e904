"""The command line in a home of its own, and papers to read."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.shell import Laoxiang, Ran
from tests.knowledge.county import FILES


@pytest.fixture
def laoxiang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Laoxiang]:
    """Run a command in a home of its own, as `laoxiang …` would with this input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "home"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["laoxiang", *arguments])
        (tmp_path / "typed").write_text(typed, "utf-8")
        monkeypatch.setattr(sys, "stdin", (tmp_path / "typed").open(encoding="utf-8"))
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Ran(status, *capsys.readouterr())

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{Path(name).stem}.txt").write_text(text, "utf-8")
    (folder / "空文件.txt").write_text("")
    return folder
