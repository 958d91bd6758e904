"""ZIP archives as offices send them: names of every Windows, litter of every desktop, manifests within."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.read.files import read_files
from knowledge.read.folders import find
from tests.knowledge.hostile import SENTENCE, word, zipped


def renamed(data: bytes, placeholder: bytes, name: bytes) -> bytes:
    """Give an archive whose name of one file is in an encoding that it doesn't declare."""
    assert len(placeholder) == len(name)
    return data.replace(placeholder, name)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_are_read_in_the_encoding_they_were_written_in(tmp_path: Path, encoding: str):
    name = "回乡办法.txt".encode(encoding)
    data = renamed(zipped(("x" * len(name), SENTENCE.encode())), b"x" * len(name), name)
    (tmp_path / "资料.zip").write_bytes(data)

    (found,) = find(tmp_path)

    assert found.name == "资料.zip/回乡办法.txt"


def test_every_file_in_an_archive_is_a_file_of_its_own(tmp_path: Path):
    path = tmp_path / "资料.zip"
    path.write_bytes(
        zipped(
            ("办法/甲.txt", SENTENCE.encode()),
            ("办法/乙.docx", word(SENTENCE)),
            ("__MACOSX/._甲.txt", b"x"),
            ("办法/.DS_Store", b"x"),
            ("办法/~$乙.docx", b"x"),
        )
    )

    found = list(find(path))

    assert [one.name for one in found] == ["资料.zip/办法/甲.txt", "资料.zip/办法/乙.docx"]
    readings = read_files([one.source for one in found])
    assert [reading.blocks[0].text for reading in readings] == [SENTENCE, SENTENCE]  # type: ignore[union-attr]


def test_two_files_of_one_name_are_kept_apart(tmp_path: Path):
    path = tmp_path / "资料.zip"
    path.write_bytes(
        zipped(("甲.txt", SENTENCE.encode()), ("乙.txt", SENTENCE.encode())).replace("乙".encode(), "甲".encode())
    )

    assert [one.name for one in find(path)] == ["资料.zip/甲.txt", "资料.zip/甲 (2).txt"]


@pytest.mark.parametrize("folder", ["", "资料/"])
def test_a_manifest_in_an_archive_tells_of_its_files(tmp_path: Path, folder: str):
    manifest = {"files": [{"file": "口径.txt", "metadata": {"visibility": "internal"}}]}
    path = tmp_path / "资料.zip"
    path.write_bytes(
        zipped((f"{folder}口径.txt", SENTENCE.encode()), (f"{folder}manifest.json", json.dumps(manifest).encode()))
    )

    (found,) = find(path)

    assert found.entry == {"visibility": "internal"}
