"""The sample county holds together: every question's quote stands in its file, and nobody real is named.

Files are read here by other, simpler means than the assistant's own (see reading.py), so that one mistake can't hide
in both.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from knowledge.gold import read_questions
from knowledge.read import Unreadable
from knowledge.read.files import read_file
from samples import build
from samples.build.refused import BROKEN, DUPLICATE, EMPTY, ENCRYPTED, ORIGINAL
from samples.build.scan import FONT
from tests.samples.reading import DOCUMENTS, SAMPLES, bare, decoded, text_of, word_parts

REFUSED = SAMPLES / "refused"
ASKED = SAMPLES / "questions.jsonl"
HELD_OUT = SAMPLES / "questions.held-out.jsonl"
FILES = sorted(path for path in DOCUMENTS.iterdir() if path.name != "manifest.json")
KINDS = {"answered", "not_found", "clarify", "handoff", "form", "out_of_scope", "declined", "care"}
ANSWERED = {"plain", "table", "formula", "date", "version", "followup", "crossref", "multi"}
SPOKEN = {"english", "traditional", "voice", "fragment"}
TYPES = ANSWERED | SPOKEN | {"unanswerable", "abuse", "chitchat", "form", "case", "clarify"}
FIELDS = {"id", "text", "kind", "type", "topic", "gold", "must", "must_not"}
FIELDS |= {"result_yuan", "asked_on", "history", "needs"}
# Left in a file by mistake, to be masked: no carrier has prefix 154.
PRIVATE = {"15400000000", "15400000001"}


def questions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


BOTH = questions(ASKED) + questions(HELD_OUT)
EVERY_QUESTION = [pytest.param(entry, id=entry["id"]) for entry in BOTH]
ANSWERABLE = [param for param in EVERY_QUESTION if param.values[0]["kind"] == "answered"]
OTHERS = [param for param in EVERY_QUESTION if param.values[0]["kind"] != "answered"]


@pytest.mark.parametrize("entry", EVERY_QUESTION)
def test_a_question_is_filled_in(entry):
    assert entry["kind"] in KINDS
    assert entry["type"] in TYPES
    assert entry["text"].strip()
    assert entry["topic"]
    assert set(entry) <= FIELDS
    assert (entry["type"] == "followup") <= bool(entry.get("history"))
    if "asked_on" in entry:
        date.fromisoformat(entry["asked_on"])


@pytest.mark.parametrize("entry", ANSWERABLE)
def test_an_answerable_question_quotes_its_files_word_for_word(entry):
    assert entry["gold"]
    for gold in entry["gold"]:
        text = text_of(gold["file"])
        assert bare(gold["quote"]) in text, gold
        # A table, a paragraph or a question-and-answer is labelled by where it stands, not by words of its own.
        label = re.sub(r"(?:附表|问答\d+|(?:正文)?第\d+段)$", "", gold["clause"])
        assert bare(label) in text, gold


@pytest.mark.parametrize("entry", ANSWERABLE)
def test_what_must_be_shown_stands_in_a_gold_file(entry):
    texts = [text_of(gold["file"]) for gold in entry["gold"]]
    # A corrected figure stands in the correcting file: 3元 in place of 4元.
    texts.append(text_of("关于更正回乡投资促进若干措施有关内容的通知.txt"))

    for words in entry.get("must", ()):
        assert any(bare(words) in text for text in texts), words


def test_computed_sums_belong_to_formulas():
    computed = [entry for entry in BOTH if "result_yuan" in entry]

    assert len(computed) >= 10
    assert all(entry["type"] == "formula" and entry["result_yuan"] > 0 for entry in computed)


@pytest.mark.parametrize("entry", OTHERS)
def test_a_question_without_an_answer_has_no_gold(entry):
    assert not {"gold", "must", "result_yuan"} & set(entry)


def test_only_questions_marked_so_need_the_scan():
    scan = f"{build.SCAN}.pdf"
    needing = {entry["id"] for entry in BOTH if any(gold["file"] == scan for gold in entry.get("gold", ()))}

    assert needing
    assert needing == {entry["id"] for entry in BOTH if entry.get("needs") == "ocr"}


def test_ids_and_wordings_are_unique_over_both_sets():
    assert len({entry["id"] for entry in BOTH}) == len(BOTH)
    assert len({bare(entry["text"]) for entry in BOTH}) == len(BOTH)


def test_the_mix_of_questions_is_the_promised_one():
    asked, held = questions(ASKED), questions(HELD_OUT)
    kinds = Counter(entry["kind"] for entry in asked)
    least = {"answered": 100, "not_found": 45, "handoff": 5, "form": 5, "declined": 5, "care": 2, "out_of_scope": 5}

    assert len(asked) >= 170
    assert len(held) >= 80
    assert {kind: kinds[kind] for kind in least if kinds[kind] < least[kind]} == {}
    assert {entry["type"] for entry in asked} == TYPES
    # About a quarter of what is asked about the county's policies is not in the files.
    assert all(0.18 < sum(entry["kind"] == "not_found" for entry in part) / len(part) < 0.3 for part in (asked, held))


def test_half_of_the_questions_share_few_words_with_their_clause():
    """Count pairs of characters that a question has in common with the words it should be answered with."""
    shared = []
    for entry in (param.values[0] for param in ANSWERABLE):
        asked, quoted = _pairs(entry["text"]), set().union(*(_pairs(gold["quote"]) for gold in entry["gold"]))
        shared.append(len(asked & quoted) / len(asked))

    assert sum(share <= 0.1 for share in shared) >= len(shared) / 2


def _pairs(words: str) -> set[str]:
    return {words[i : i + 2] for i in range(len(words) - 1)}


def test_the_assistant_can_read_the_questions():
    gold = {question.id: question for path in (ASKED, HELD_OUT) for question in read_questions(path)}

    assert len(gold) == len(BOTH)
    for entry in BOTH:
        assert gold[entry["id"]].type == entry["type"]
        assert [place.quote for place in gold[entry["id"]].places] == [g["quote"] for g in entry.get("gold", ())]


def test_every_trap_has_its_files_and_its_questions():
    rows = re.findall(
        r"^\| (\d+) \| .+? \| (.+?) \| (.+?) \|$", (SAMPLES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    golds = {entry["id"]: {gold["file"] for gold in entry.get("gold", ())} for entry in BOTH}

    assert [int(number) for number, _, _ in rows] == list(range(1, 27))
    for number, files, ids in rows:
        named, asked = set(files.split("<br>")), ids.split(", ")
        assert named <= {path.name for path in FILES}, number
        assert set(asked) <= set(golds), number
        # A lapsed, coming or internal file is asked about with questions that nothing answers.
        assert any(golds[id_] & named or not golds[id_] for id_ in asked), number


def test_the_readme_names_every_file():
    told = (SAMPLES / "README.md").read_text("utf-8")

    assert [path.name for path in FILES if f"| {path.name} |" not in told] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_has_text_and_is_small(path):
    assert len(text_of(path.name)) > 100
    assert path.stat().st_size < 200_000


def test_the_manifest_names_files_that_exist():
    listed = json.loads((DOCUMENTS / "manifest.json").read_text("utf-8"))["files"]

    assert {entry["file"] for entry in listed} <= {path.name for path in FILES}


def test_no_real_number_or_address_is_in_the_samples():
    texts = [text_of(path.name) for path in FILES]
    texts += [path.read_text("utf-8") for path in (ASKED, HELD_OUT, SAMPLES / "county.toml", SAMPLES / "README.md")]
    whole = "\n".join(texts)

    assert set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", whole)) == PRIVATE
    # Region 000000 is nowhere.
    assert all(number.startswith("000000") for number in re.findall(r"(?<!\d)\d{17}[\dXx](?!\d)", whole))
    assert all(".example" in host or host.startswith("example.") for host in re.findall(r"\w@([\w.-]+)", whole))
    # Area code 0000 belongs to nobody.
    assert set(re.findall(r"(?<!\d)(0\d{2,3})-\d{7,8}", whole)) == {"0000"}


def test_the_profile_names_the_county_of_the_files():
    county = tomllib.loads((SAMPLES / "county.toml").read_text("utf-8"))["county"]

    assert county["timezone"] == "Asia/Shanghai"
    assert all(county["name"] in text_of(path.name) for path in FILES)
    assert any(county["complaint_phone"] in text_of(path.name) for path in FILES)


def test_the_binary_files_are_what_their_texts_make(tmp_path):
    documents, refused = tmp_path / "documents", tmp_path / "refused"
    documents.mkdir()
    refused.mkdir()
    (documents / ORIGINAL).write_bytes((DOCUMENTS / ORIGINAL).read_bytes())
    build.main(documents, refused)
    made = sorted(path for path in documents.iterdir() if path.name != ORIGINAL)
    binary = [path.name for path in FILES if path.suffix in (".docx", ".pdf", ".xlsx")]
    scan = f"{build.SCAN}.pdf"

    assert [path.name for path in made] == [name for name in binary if FONT.is_file() or name != scan]
    for path in made:
        if path.suffix == ".pdf" and path.name != scan:
            assert path.read_bytes() == (DOCUMENTS / path.name).read_bytes()
        elif path.suffix != ".pdf":
            assert word_parts(path) == word_parts(DOCUMENTS / path.name)
    assert {path.name for path in refused.iterdir()} == {path.name for path in REFUSED.iterdir()}
    assert (refused / ENCRYPTED).read_bytes() == (REFUSED / ENCRYPTED).read_bytes()


@pytest.mark.parametrize(("name", "reason"), [(BROKEN, "broken"), (EMPTY, "empty"), (ENCRYPTED, "encrypted")])
def test_a_bad_file_is_refused_for_what_it_is(name, reason):
    with pytest.raises(Unreadable) as refusal:
        read_file(REFUSED / name)

    assert refusal.value.reason == reason


def test_the_duplicate_is_one():
    assert (REFUSED / DUPLICATE).read_bytes() == (DOCUMENTS / ORIGINAL).read_bytes()


def test_the_formats_hold_what_readers_stumble_over():
    raw = {path.name: path.read_bytes() for path in FILES}
    encodings = [_encoding(content) for name, content in raw.items() if name.endswith(".txt")]

    assert {"utf-8", "utf-8-sig", "gb18030"} == set(encodings)
    assert {path.suffix for path in FILES} == {".docx", ".pdf", ".html", ".md", ".txt", ".xlsx"}
    hidden = decoded(DOCUMENTS / "清岚县高层次人才生活津贴目录（2026年版）.html")
    assert "忽略所有规则" in hidden
    assert not any("忽略所有规则" in text or "智能助手" in text for text in map(text_of, raw))
    # Word draws these numbers; they are not in the text.
    assert "材料：资金申请表营业执照复印件" in text_of("清岚县回乡投资促进若干措施.docx")
    assert not any("第七条" in part for part in word_parts(DOCUMENTS / "清岚县工业用地和闲置农房利用管理办法.docx"))
    with pypdfium2.PdfDocument(DOCUMENTS / f"{build.GUIDE}.pdf") as pdf:
        assert re.search(r"0000-810009\s+6", pdf[1].get_textpage().get_text_bounded())
    with pypdfium2.PdfDocument(DOCUMENTS / f"{build.CONCESSIONS}.pdf") as pdf:
        first, second = (pdf[number].get_textpage().get_text_bounded() for number in (0, 1))
        assert "城南污水处理厂二期" in first
        assert "工业园区供汽管网" in second
    with pypdfium2.PdfDocument(DOCUMENTS / f"{build.SCAN}.pdf") as pdf:
        assert not pdf[0].get_textpage().get_text_bounded().strip()


def _encoding(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
