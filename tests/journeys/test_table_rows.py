"""A table shown whole has a button for each row, which gives that row alone with its header."""

from __future__ import annotations

import pytest

from handlers.dialogue import MessageKind, Quote, Reply
from tests.journeys.town import Person, Town, labels
from tests.knowledge.county import County as Files

RATES = "\n".join(f"|{letter}类|{(6 - place) * 1000}|" for place, letter in enumerate("ABCDE"))
BY_CLASS = f"望川县人才津贴目录\n一、标准\n|类别|津贴(元/月)|\n{RATES}"
NUMBERED = f"望川县人才津贴目录\n一、标准\n|序号|类别|津贴(元/月)|\n{RATES}".replace("|A", "|1|A").replace("|B", "|2|B")
NUMBERED = NUMBERED.replace("|C", "|3|C").replace("|D", "|4|D").replace("|E", "|5|E")
ALIKE = BY_CLASS.replace("|B类", "|A类")


def asker(town: Town, table: str) -> Person:
    town.shelf.files = Files({"津贴.md": table})
    return town.person("lin")


def table_in(reply: Reply) -> tuple[tuple[str, ...], ...]:
    [table] = [part.table for part in reply.parts if isinstance(part, Quote) and part.table]
    return (table.header, *table.rows)


@pytest.mark.parametrize("table", [BY_CLASS, NUMBERED], ids=["by class", "numbered"])
async def test_a_row_of_a_table_is_one_tap_away(town: Town, table: str) -> None:
    lin = asker(town, table)
    whole = await lin.says("人才津贴目录的标准是什么")
    assert len(table_in(whole)) == 6
    assert [one for one in labels(whole) if one.startswith("只看")] == [f"只看“{letter}类”" for letter in "ABCDE"]
    only = await lin.presses("只看“D类”")
    assert [row[-2:] for row in table_in(only)] == [("类别", "津贴"), ("D类", "3000元/月")]
    assert "《望川县人才津贴目录》" in only.text
    assert "以主管部门书面审核为准" in only.text
    # The row may be the wrong one: the others stay one tap away, also where pressed buttons vanish.
    assert [one for one in labels(only) if one.startswith("只看")] == [f"只看“{letter}类”" for letter in "ABCE"]
    assert len(table_in(await lin.presses("只看“A类”"))) == 2


async def test_a_row_of_an_earlier_question_or_one_there_is_not_has_passed(town: Town) -> None:
    lin = asker(town, BY_CLASS)
    await lin.says("人才津贴目录的标准是什么")
    row = next(button for button in lin.buttons if button.label == "只看“B类”")
    nowhere = row.data.rpartition(".")[0] + ".9"
    assert "已经过了" in (await lin.sends(kind=MessageKind.CHOICE, choice=nowhere)).text
    await lin.says("孩子转学要什么材料")
    assert "已经过了" in (await lin.sends(kind=MessageKind.CHOICE, choice=row.data)).text


async def test_rows_that_no_name_tells_apart_have_no_buttons(town: Town) -> None:
    lin = asker(town, ALIKE)
    whole = await lin.says("人才津贴目录的标准是什么")
    assert len(table_in(whole)) == 6
    assert not [one for one in labels(whole) if one.startswith("只看")]


async def test_where_the_question_names_its_row_nothing_is_left_to_choose(town: Town) -> None:
    lin = asker(town, BY_CLASS)
    only = await lin.says("D类人才津贴一个月多少")
    assert len(table_in(only)) == 2
    assert not [one for one in labels(only) if one.startswith("只看")]
