"""The register over two processes and on both databases: what one person corrects, everybody answers by."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from handlers import register
from handlers.library import Library
from knowledge.answer import Kind
from knowledge.corrections import Action, Correction, correct, outdated
from knowledge.documents import Document, Relation, RelationKind
from storage.database import Database
from tests.knowledge.county import FILES

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
MERGER = """望川县人民政府关于撤并乡镇的通知
望政发〔2024〕8号
一、将东山乡和西河镇合并为东河镇。
二、本通知自2024年7月1日起施行。
望川县人民政府
2024年6月1日"""


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in {**FILES, "撤并.txt": MERGER}.items():
        (folder / f"{Path(name).stem}.txt").write_text(text, "utf-8")
    return folder


async def test_every_process_answers_by_a_correction(database: Database, papers: Path, tmp_path: Path):
    one = await Library.open(database, tmp_path / "one")
    await one.index([papers])
    other = await Library.open(database, tmp_path / "other")
    number = next(e.number for e in register.entries(one, TODAY) if e.document.file == "首次创业补助.txt")
    question = "首次创业补助是多少"
    assert other.answer(question, on=TODAY).kind is not Kind.ANSWERED

    await register.set_value(one, number, "expires", "2027-12-31", "林科长", NOW)
    assert await other.refresh()

    assert one.answer(question, on=TODAY).kind is Kind.ANSWERED
    assert other.answer(question, on=TODAY).kind is Kind.ANSWERED
    await register.withdraw(other, number, "王科员", NOW)
    await one.refresh()
    assert one.answer(question, on=TODAY).kind is not Kind.ANSWERED
    steps = register.history(register.entry_of(one, number, TODAY))
    assert [(step.action, step.by, step.at) for step in steps] == [
        (Action.SET, "林科长", NOW),
        (Action.WITHDRAW, "王科员", NOW),
    ]
    await one.close()
    await other.close()


async def test_old_names_of_townships_are_known(database: Database, papers: Path, tmp_path: Path):
    library = await Library.open(database, tmp_path)
    await library.index([papers])

    assert library.township_names(TODAY) == {"东山乡": "东河镇", "西河镇": "东河镇"}
    assert library.township_names(date(2024, 6, 30)) == {}
    await library.close()


def step(
    action: Action, field: str = "", value: str | None = None, relation: Relation | None = None, was: str = ""
) -> Correction:
    return Correction(action, "林", NOW, field, value, was, relation)


def test_the_last_word_counts():
    read = Document("d", "d", "甲", expires=date(2026, 1, 1), relations=(Relation(RelationKind.REPEALS, "乙"),))
    struck = step(Action.REMOVE_RELATION, relation=read.relations[0])

    assert correct(read, []).document == read
    found = correct(read, [step(Action.SET, "expires", "2027-01-01"), step(Action.SET, "expires", None), struck])
    assert (found.document.expires, found.document.relations) == (None, ())
    back = step(Action.ADD_RELATION, relation=read.relations[0])
    assert correct(read, [struck, back, step(Action.SET, "title", "丙"), step(Action.RESET, "title")]).document == read


def test_a_correction_is_outdated_only_if_the_file_says_a_third_thing():
    fields = {"expires": step(Action.SET, "expires", "2027-01-01", was="2026-01-01")}

    for said, number in ((date(2026, 1, 1), 0), (date(2027, 1, 1), 0), (date(2028, 1, 1), 1)):
        assert len(outdated(Document("d", "d", "甲", expires=said), fields)) == number
