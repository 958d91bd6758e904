"""A folder full of broken and hostile files: each refused by its reason or read within limits, the good ones read."""

from __future__ import annotations

import os
from pathlib import Path

from knowledge.read import Reading, Unreadable
from knowledge.read.files import read_files
from knowledge.read.folders import find
from knowledge.read.limits import Limits
from tests.knowledge.hostile import FILES, ODD, READ, SENTENCE, zipped

LIMITS = Limits(seconds=20)
EXPECTED = {name: reasons for name, (_, reasons) in {**FILES, **ODD}.items()}


def read_all(folder: Path) -> dict[str, Reading | Unreadable]:
    found = list(find(folder, LIMITS))
    readable = [one for one in found if one.refusal is None]
    readings = read_files([one.source for one in readable], LIMITS)
    refused = {one.name: one.refusal for one in found if one.refusal is not None}
    return {**refused, **{one.name: reading for one, reading in zip(readable, readings, strict=True)}}


def test_hostile_files_are_refused_by_their_reasons_or_read(tmp_path: Path):
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_bytes(content() if callable(content) else content)
    for name, (make, _) in ODD.items():
        make(tmp_path / name)

    results = read_all(tmp_path)

    became: dict[str, set[str]] = {name: set() for name in EXPECTED}
    for file, result in results.items():
        name = next(n for n in EXPECTED if file.split("/")[0] == n.replace("\u202e", "\ufffd").replace("\n", "\ufffd"))
        became[name].add(result.reason if isinstance(result, Unreadable) else READ)
        assert len(str(result)) > 20
    assert len(EXPECTED) > 50
    assert {name: told for name, told in became.items() if not told or not told <= set(EXPECTED[name])} == {}


def test_the_rest_is_read(tmp_path: Path):
    (tmp_path / "名为文件夹.pdf").mkdir()
    (tmp_path / "名为文件夹.pdf" / "内.txt").write_text(SENTENCE)
    (tmp_path / os.fsdecode("国标名.txt".encode("gb18030"))).write_text(SENTENCE)
    (tmp_path / "半好.zip").write_bytes(zipped(("好.txt", SENTENCE.encode()), ("../外.txt", b"x"), ("坏.docx", b"PK")))
    (tmp_path / "崩.html").write_bytes(b"<html><body>" + b"<div>" * 100_000)
    (tmp_path / "好.txt").write_text(SENTENCE)

    results = read_all(tmp_path)

    assert {name: result.reason for name, result in results.items() if isinstance(result, Unreadable)} == {
        "半好.zip/外.txt": "unsafe",
        "半好.zip/坏.docx": "mislabelled",
        "崩.html": "broken",
    }
    read = {name: result for name, result in results.items() if isinstance(result, Reading)}
    assert set(read) == {"名为文件夹.pdf/内.txt", "国标名.txt", "半好.zip/好.txt", "好.txt"}
    assert all([block.text for block in reading.blocks] == [SENTENCE] for reading in read.values())
