"""Old Office files: read through LibreOffice where it is, refused with advice where it isn't."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from knowledge.read import Unreadable
from knowledge.read.engines import soffice
from knowledge.read.files import read_file
from knowledge.read.formats import read_bytes
from tests.knowledge.hostile import excel, word

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
RTF = rb"{\rtf1\ansi\ansicpg936 {\v hidden}\u31532?\u19968?\u26465? \u27599?\u26376?3\u20803?\u12290?\par}"


@pytest.mark.parametrize(("name", "data"), [("a.doc", OLD), ("a.wps", OLD), ("a.et", OLD), ("a.rtf", RTF)])
def test_without_libreoffice_the_refusal_says_what_to_do(name, data, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Unreadable, match="LibreOffice") as refusal:
        read_bytes(data, name)

    assert refusal.value.reason == "unsupported"


@pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("made", "wanted"), [("docx", "doc"), ("docx", "wps"), ("xlsx", "xls"), ("docx", "rtf")])
def test_with_libreoffice_old_files_are_read(tmp_path: Path, made: str, wanted: str):
    source = tmp_path / f"办法.{made}"
    source.write_bytes(word("第一条 每月3元。") if made == "docx" else excel(("类别", "元"), ("A类", 3)))
    known_as = "doc" if wanted == "wps" else wanted
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [str(soffice()), profile, "--headless", "--convert-to", known_as, "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
    )
    old = (tmp_path / f"办法.{known_as}").rename(tmp_path / f"旧.{wanted}")

    reading = read_file(old)

    assert reading.format == wanted
    block = reading.blocks[0]
    assert (block.text, block.rows) in [("第一条 每月3元。", ()), ("", (("类别", "元"), ("A类", "3")))]
