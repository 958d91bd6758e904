"""Laws of every conversation, held against random walks through it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from handlers.dialogue import MessageKind
from storage.database import Database
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files

WORDS = st.sampled_from(
    [
        "厂房租金补贴是多少?",
        "种猕猴桃的补贴标准是多少",
        "我叫林溪",
        "王总",
        "13800138000",
        "lin@example.com",
        "微信:abc123",
        "同意",
        "不同意",
        "提交",
        "修改",
        "上一步",
        "取消",
        "/start",
        "/help",
        "/mydata",
        "/person",
        "/language en",
        "/language zh",
        "/privacy",
        "1",
        "2",
        "yes",
        "😀",
        "{name} {0} %s",
        "我" * 2001,
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), WORDS),
        st.tuples(st.just("says"), st.text(max_size=60)),
        st.tuples(st.just("presses"), st.integers(0, 4)),
        st.tuples(st.just("presses"), st.just(0)),
        st.tuples(st.just("presses an old"), st.integers(0, 30)),
        st.tuples(st.just("sends"), st.sampled_from([MessageKind.UNSUPPORTED, MessageKind.EDITED])),
    ),
    max_size=25,
)
# A beginning that leads to the review, so that many walks go on from there.
BEGINNING: list[tuple[str, Any]] = [
    ("says", "种猕猴桃的补贴标准是多少"),
    ("presses", 0),
    ("says", "我叫林溪,13800138000"),
    ("presses", 0),
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.one_of(STEPS, STEPS.map(BEGINNING.__add__)))
def test_a_walk_always_gets_a_reply_and_stores_nothing_without_consent(
    files: Files, migrated: Path, steps: list[tuple[str, Any]]
) -> None:
    asyncio.run(_walk(files, migrated, steps))


async def _walk(files: Files, migrated: Path, steps: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(migrated, folder)
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder) / migrated.name}")
        try:
            town = Town(database, files)
            lin = town.person("lin")
            agreed = False
            for step in steps:
                submitted = len(await town.open_questions())
                agreed = await _take(lin, step) or agreed
                assert lin.seen, step
                assert all(reply.parts for reply in lin.seen)
                if len(await town.open_questions()) > submitted:
                    assert agreed
                    event("a question was left")
                if not (await lin.conversation()).flow:
                    agreed = False
        finally:
            await database.close()


async def _take(person: Person, step: tuple[str, Any]) -> bool:
    """Do one thing; tell whether it left the person's consent in the journal."""
    doing, what = step
    shown = [button for reply in person.seen for row in reply.buttons for button in row]
    if doing == "presses" and shown:
        await person.sends(kind=MessageKind.CHOICE, choice=shown[what % len(shown)].data)
    elif doing == "presses an old" and person.buttons:
        await person.sends(kind=MessageKind.CHOICE, choice=person.buttons[what % len(person.buttons)].data)
    elif doing == "sends":
        await person.sends(kind=what, text="改过的话")
    else:
        await person.says(str(what))
    return "value" in (await person.conversation()).answers.get("consent", {})
