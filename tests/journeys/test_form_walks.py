"""Whatever somebody does on the way (backs, edits, nonsense, questions, restarts), a form ends in the same record."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from handlers.dialogue import MessageKind
from storage.database import Database
from tests.journeys.filling import SCRIPTS, Script, answers_open_question, fill_to_the_end, moved_into, open_form
from tests.journeys.filling import records_of as records
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files

# What is no answer to any question: nothing of it may end up in the record.
NONSENSE = st.sampled_from(["哈哈哈哈", "😀😀", "？？？", "%s {name}", "……", "/nosuch", "不知道呀"])
QUESTIONS = st.sampled_from(["厂房租金补贴是多少?", "孩子转学要什么材料?", "这个要给单位看吗?"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answers"), st.sampled_from(["buttons", "text"])),
        st.tuples(st.just("answers"), st.sampled_from(["buttons", "text"])),
        st.tuples(st.just("back"), st.none()),
        st.tuples(st.just("edits"), st.integers(0, 9)),
        st.tuples(st.just("says"), NONSENSE),
        st.tuples(st.just("asks"), QUESTIONS),
        st.tuples(st.just("restarts"), st.none()),
        st.tuples(st.just("presses an old button"), st.integers(0, 60)),
        st.tuples(st.just("leaves"), st.none()),
        st.tuples(st.just("sends a sticker"), st.none()),
    ),
    max_size=24,
)
# A free text takes any words for its answer: nonsense said there is an answer.
TAKES_ANY_WORDS = {"problem", "matter", "scope", "post", "firm"}


# LAOXIANG_WALKS=200 walks each form two hundred times.
@settings(
    max_examples=int(os.environ.get("LAOXIANG_WALKS", "15")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(steps=STEPS)
@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_any_way_through_a_form_ends_in_the_record_of_the_straight_way(
    files: Files,
    migrated: Path,
    kind: str,
    steps: list[tuple[str, Any]],
) -> None:
    asyncio.run(_walk(files, migrated, SCRIPTS[kind], steps))


async def _walk(files: Files, empty: Path, script: Script, steps: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / empty.name
        shutil.copy(empty, file)
        town = Town(await Database.open(f"sqlite+aiosqlite:///{file}"), files)
        moved_into(town)
        lin = town.person("lin")
        try:
            await open_form(lin, script)
            for doing, what in steps:
                if await records(town, lin):
                    break
                await _take(town, file, lin, script, doing, what)
            if (await lin.conversation()).flow is None and not await records(town, lin):
                await open_form(lin, script)
            await fill_to_the_end(lin, script, "text", "zh-Hans", most=60)
            assert await records(town, lin) == [script.record], steps
        finally:
            await town.database.close()


async def _take(town: Town, file: Path, lin: Person, script: Script, doing: str, what: Any) -> None:
    conversation = await lin.conversation()
    asked, run = conversation.asked, conversation.memory.get("run")
    event(doing)
    match doing:
        case "answers":
            await answers_open_question(lin, script, what, "zh-Hans")
        case "back":
            await lin.says("上一步")
        case "edits" if asked == "review":
            given = [key for key in conversation.answers if key in script.answers]
            key = given[what % len(given)]
            await lin.sends(kind=MessageKind.CHOICE, choice=f"f:{script.flow}:{run}:review:edit.{key}")
        case "edits" if given := [
            key for key, entry in conversation.answers.items() if key in script.answers and "value" in entry
        ]:
            listed = await lin.says("修改")
            assert f"go:change:{given[what % len(given)]}" in [button.data for row in listed.buttons for button in row]
            await lin.sends(kind=MessageKind.CHOICE, choice=f"go:change:{given[what % len(given)]}")
        case "says" | "asks" if asked not in TAKES_ANY_WORDS:
            await lin.says(what)
        case "restarts":
            await town.database.close()
            town.database = await Database.open(f"sqlite+aiosqlite:///{file}")
            town.desk = town.desk.__class__(
                **{name: getattr(town.desk, name) for name in town.desk.__dataclass_fields__}
                | {"database": town.database}
            )
        case "presses an old button" if lin.buttons:
            old = lin.buttons[what % len(lin.buttons)]
            # Buttons of the very question that is open, or that leave it, are answers and not old.
            current = f"f:{script.flow}:{run}:{asked}:"
            if old.data.startswith("f:") and not old.data.startswith(current):
                await lin.sends(kind=MessageKind.CHOICE, choice=old.data)
        case "leaves":
            await lin.says("/cancel")
            await lin.says("/cancel")
            await open_form(lin, script)
        case "sends a sticker":
            await lin.sends(kind=MessageKind.UNSUPPORTED, media="sticker")
