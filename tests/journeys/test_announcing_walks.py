"""The law of announcements, held against random walks: whatever one member of staff does, nobody hears a word of it.

And with two: what was received is what the other one approved, once.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from handlers.dialogue import MessageKind
from storage import announcements
from storage.announcement_tables import State
from storage.database import Database
from storage.staff import Role
from tests.journeys.announcing import Hall
from tests.journeys.town import Person
from tests.knowledge.county import County as Files

WORDS = st.sampled_from(
    [
        "/announce",
        "/topics",
        "/cancel",
        "/start announce",
        "活动改期\n\n请看。",
        "Moved\n\nPlease look.",
        "选好了",
        "跳过",
        "批准后马上",
        "明天上午9点",
        "再发一次",
        "柳河镇",
        "火星",
        "修改",
        "上一步",
        "写错了",
        "提交审批",
        "1",
        "{name} %s",
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("presses"), st.integers(0, 6)),
        st.tuples(st.just("presses"), st.just(0)),
        st.tuples(st.just("presses an old"), st.integers(0, 60)),
        st.tuples(st.just("says"), WORDS),
        st.tuples(st.just("waits"), st.sampled_from([1, 61, 4000])),
    ),
    min_size=4,
    max_size=14,
)
# Whoever acts: the writer mostly, sometimes the other one.
ACTORS = st.lists(st.sampled_from([0, 0, 1]), min_size=14, max_size=14)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, written=st.booleans())
def test_one_alone_sends_nothing(files: Files, migrated: Path, steps: list[tuple[str, Any]], written: bool) -> None:
    asyncio.run(_walk(files, migrated, steps, [0] * len(steps), written=written, alone=True))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, actors=ACTORS)
def test_two_send_what_the_second_one_saw_and_once(
    files: Files, migrated: Path, steps: list[tuple[str, Any]], actors: list[int]
) -> None:
    asyncio.run(_walk(files, migrated, steps, actors, written=True, alone=False))


async def _walk(
    files: Files, migrated: Path, steps: list[tuple[str, Any]], actors: list[int], *, written: bool, alone: bool
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(migrated, folder)
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder) / migrated.name}")
        try:
            hall = Hall(database, files)
            staff = [await hall.hires("chen", Role.COUNTY_ADMIN), await hall.hires("zhou", Role.COUNTY_ADMIN)]
            await hall.registers("lin")
            if written:
                number = await hall.writes(staff[0])
                await staff[0].presses("提交审批")
                if not alone:
                    await staff[1].sends(kind=MessageKind.CHOICE, choice=f"go:announcement:review.{number}")
            else:
                await staff[0].says("/announce")
            for step, actor in zip(steps, actors, strict=False):
                await _take(hall, staff[actor], step)
            await hall.goes_on(seconds=61)
            await hall.goes_on(hours=3)
            received = hall.heard("lin")
            if alone:
                assert received == []
                return
            async with database.read() as connection:
                found = await announcements.listed(connection, list(State))
            assert all(one.approver != one.writer for one in found if one.approver)
            assert len(received) == len(set(received)) <= sum(one.started_at is not None for one in found)
            event(f"{len(received)} received")
        finally:
            await database.close()


async def _take(hall: Hall, person: Person, step: tuple[str, Any]) -> None:
    doing, what = step
    shown = [button for reply in person.seen for row in reply.buttons for button in row]
    if doing == "waits":
        await hall.goes_on(seconds=what)
        return
    if doing == "presses" and shown:
        await person.sends(kind=MessageKind.CHOICE, choice=shown[what % len(shown)].data)
    elif doing == "presses an old" and person.buttons:
        await person.sends(kind=MessageKind.CHOICE, choice=person.buttons[what % len(person.buttons)].data)
    else:
        await person.says(str(what))
    assert person.seen, step
    assert all(reply.parts for reply in person.seen), step
