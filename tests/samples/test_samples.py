"""The sample county holds together: every question's quote stands in its file, and nobody real is named.

Files are read here by other, simpler means than the assistant's own, so that one mistake can't hide in both.
"""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from docx.table import Table
from selectolax.lexbor import LexborHTMLParser

SAMPLES = Path(__file__).parents[2] / "samples"
DOCUMENTS = SAMPLES / "documents"
FILES = sorted(path for path in DOCUMENTS.iterdir() if path.name != "manifest.json")
KINDS = {"answered", "not_found", "clarify", "handoff", "form", "out_of_scope", "declined", "care"}

ASKED = SAMPLES / "questions.jsonl"
HELD_OUT = SAMPLES / "questions.held-out.jsonl"


@cache
def text_of(name: str) -> str:
    """Give a file's words without any white space; a table's cells follow one another, row by row."""
    path = DOCUMENTS / name
    if path.suffix == ".docx":
        words = "".join(_word_parts(path))
    elif path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            words = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    else:
        words = _decoded(path)
        if path.suffix == ".html":
            words = _visible(words)
    return bare(words)


def bare(words: str) -> str:
    return re.sub(r"\s", "", words)


def _word_parts(path: Path) -> list[str]:
    parts = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            parts += [cell.text for row in block.rows for cell in row.cells]
        else:
            parts.append(block.text)
    return parts


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _visible(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, [style*='display:none']"):
        node.decompose()
    assert tree.body is not None
    return tree.body.text()


def questions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


EVERY_QUESTION = [pytest.param(entry, id=entry["id"]) for path in (ASKED, HELD_OUT) for entry in questions(path)]


@pytest.mark.parametrize("entry", EVERY_QUESTION)
def test_a_question_has_a_known_kind_a_date_and_a_topic(entry):
    assert entry["kind"] in KINDS
    assert entry["text"].strip()
    assert entry["topic"]
    if "asked_on" in entry:
        date.fromisoformat(entry["asked_on"])


@pytest.mark.parametrize("entry", [param for param in EVERY_QUESTION if param.values[0]["kind"] == "answered"])
def test_an_answerable_question_quotes_a_file_word_for_word(entry):
    assert entry["gold"]
    for gold in entry["gold"]:
        assert (DOCUMENTS / gold["file"]).is_file()
        # A table or a question-and-answer is labelled by where it stands, not by words of its own.
        label = re.sub(r"(?:附表|问答\d+)$", "", gold["clause"])
        assert bare(label) in text_of(gold["file"])
    assert bare(entry["quote"]) in text_of(entry["gold"][0]["file"])


@pytest.mark.parametrize("entry", [param for param in EVERY_QUESTION if param.values[0]["kind"] != "answered"])
def test_a_question_without_an_answer_has_no_gold(entry):
    assert not {"gold", "quote", "must"} & set(entry)


def test_ids_and_wordings_are_unique_over_both_sets():
    entries = questions(ASKED) + questions(HELD_OUT)

    assert len({entry["id"] for entry in entries}) == len(entries)
    assert len({bare(entry["text"]) for entry in entries}) == len(entries)


def test_the_mix_of_questions_is_the_promised_one():
    asked = questions(ASKED)
    counts = {kind: sum(entry["kind"] == kind for entry in asked) for kind in KINDS}
    least = {"answered": 45, "not_found": 14, "handoff": 3, "form": 3, "declined": 4, "care": 2, "out_of_scope": 3}

    assert {kind: counts[kind] for kind in least if counts[kind] < least[kind]} == {}
    assert sum("asked_on" in entry for entry in asked) >= 6
    assert sum(any("附" in gold["clause"] for gold in entry.get("gold", ())) for entry in asked) >= 6
    assert len(questions(HELD_OUT)) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_has_text(path):
    assert len(text_of(path.name)) > 100


def test_the_manifest_names_files_that_exist():
    listed = json.loads((DOCUMENTS / "manifest.json").read_text("utf-8"))["files"]

    assert {entry["file"] for entry in listed} <= {path.name for path in FILES}


def test_no_real_number_or_address_is_in_the_samples():
    texts = [text_of(path.name) for path in FILES]
    texts += [path.read_text("utf-8") for path in (ASKED, HELD_OUT, SAMPLES / "county.toml", SAMPLES / "README.md")]
    whole = "\n".join(texts)

    assert not re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", whole)
    assert all(".example" in host or host.startswith("example.") for host in re.findall(r"\w@([\w.-]+)", whole))
    # Area code 0000 belongs to nobody.
    assert set(re.findall(r"(?<!\d)(0\d{2,3})-\d{7,8}", whole)) == {"0000"}


def test_the_profile_names_the_county_of_the_files():
    county = tomllib.loads((SAMPLES / "county.toml").read_text("utf-8"))["county"]

    assert county["timezone"] == "Asia/Shanghai"
    assert all(county["name"] in text_of(path.name) for path in FILES)
    assert any(county["complaint_phone"] in text_of(path.name) for path in FILES)


def test_the_binary_files_are_what_their_script_makes(tmp_path):
    runpy.run_path(str(SAMPLES / "build_documents.py"))["main"](tmp_path)
    made = sorted(tmp_path.iterdir())

    assert [path.name for path in made] == [path.name for path in FILES if path.suffix in (".docx", ".pdf")]
    for path in made:
        if path.suffix == ".pdf":
            assert path.read_bytes() == (DOCUMENTS / path.name).read_bytes()
        else:
            assert _word_parts(path) == _word_parts(DOCUMENTS / path.name)


def test_the_formats_hold_what_readers_stumble_over():
    raw = {path.name: path.read_bytes() for path in FILES}
    encodings = [_encoding(content) for name, content in raw.items() if name.endswith(".txt")]

    assert {"utf-8", "utf-8-sig", "gb18030"} == set(encodings)
    assert {path.suffix for path in FILES} == {".docx", ".pdf", ".html", ".md", ".txt"}
    hidden = next(content.decode() for name, content in raw.items() if name.endswith(".html"))
    assert "忽略所有规则" in hidden
    assert not any("忽略所有规则" in text for text in map(text_of, raw))
    # Word draws this list's numbers; they are not in the text.
    assert "材料：资金申请表营业执照复印件" in text_of("清岚县回乡投资促进若干措施.docx")
    with pypdfium2.PdfDocument(next(path for path in FILES if path.suffix == ".pdf")) as pdf:
        assert re.search(r"0000-810009\s+6", pdf[1].get_textpage().get_text_bounded())


def _encoding(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
