"""Running a command as an operator would."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cli import main


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Laoxiang = Callable[..., Ran]


@pytest.fixture
def laoxiang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Laoxiang]:
    """Run a command in a home of its own, as `laoxiang …` would with this input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAOXIANG_HOME", str(tmp_path / "home"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["laoxiang", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
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
