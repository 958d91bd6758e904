"""Whatever somebody does on the way, a booking ends as on the straight path, and nothing else is ever booked."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from handlers.dialogue import MessageKind
from storage.bookings import LIVE, State
from storage.database import Database
from tests.journeys.booking import booked, opens, opens_booking
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files

THURSDAY_3_PM = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
# What is answered to each question: a button's choice, and words.
ANSWERS = {
    "topic": ("tax", "税务"),
    "mode": ("video", "视频"),
    "consent": ("agree", "同意"),
    "name": ("", "我叫林溪"),
    "contact": ("", "13800138000"),
    "zone": ("Asia/Shanghai", "在北京"),
    "day": ("d.20261126", "11月26日"),
    "time": (f"t.{int(THURSDAY_3_PM.timestamp()) // 60}.30", "下午三点"),
    "question": ("skip", "跳过"),
    "host": ("any", "谁都行"),
}
NONSENSE = st.sampled_from(
    ["哈哈哈哈", "😀😀", "？？？", "%s {name}", "/nosuch", "不知道呀", "d.99999999", "t.1.30", "more.400"]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answers"), st.sampled_from(["buttons", "text"])),
        st.tuples(st.just("answers"), st.sampled_from(["buttons", "text"])),
        st.tuples(st.just("answers"), st.sampled_from(["buttons", "text"])),
        st.tuples(st.just("presses"), st.integers(0, 30)),
        st.tuples(st.just("back"), st.none()),
        st.tuples(st.just("edits"), st.sampled_from(["topic", "mode", "day", "zone", "name", "contact", "question"])),
        st.tuples(st.just("says"), NONSENSE),
        st.tuples(
            st.just("says"), st.sampled_from(["下周三上午", "周末", "明天下午两点半", "11月30日", "后天晚上八点"])
        ),
        st.tuples(st.just("asks"), st.sampled_from(["厂房租金补贴是多少?", "孩子转学要什么材料?"])),
        st.tuples(st.just("restarts"), st.none()),
        st.tuples(st.just("waits"), st.sampled_from([1, 4, 6, 30])),
        st.tuples(st.just("presses an old button"), st.integers(0, 60)),
        st.tuples(st.just("leaves"), st.none()),
        st.tuples(st.just("sends a sticker"), st.none()),
    ),
    max_size=24,
)
# Words are answers there, or end it, or put somebody on the waiting list.
NOT_PRESSED = ("submit", "decline", "cancel", "w.")
TAKES_ANY_WORDS = {"question", "name"}


# LAOXIANG_WALKS=500 walks five hundred times.
@settings(
    max_examples=int(os.environ.get("LAOXIANG_WALKS", "40")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(steps=STEPS)
def test_any_way_ends_in_the_booking_of_the_straight_way(
    files: Files,
    migrated: Path,
    steps: list[tuple[str, Any]],
) -> None:
    asyncio.run(_walk(files, migrated, steps))


async def _walk(files: Files, empty: Path, steps: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / empty.name
        shutil.copy(empty, file)
        town = Town(await Database.open(f"sqlite+aiosqlite:///{file}"), files)
        lin = town.person("lin")
        await opens(town)
        try:
            await opens_booking(lin)
            for doing, what in steps:
                await _take(town, file, lin, doing, what)
                everything = await booked(town, lin)
                assert all(one.state in {State.HELD, State.EXPIRED} for one in everything), (doing, what)
                now = town.clock.now()
                held = [one for one in everything if one.held_until is not None and one.held_until > now]
                assert len(held) <= 1, (doing, what)
            if (await lin.conversation()).flow is None:
                await opens_booking(lin)
            for _ in range(40):
                if (await lin.conversation()).flow is None:
                    break
                await _answer(lin, "buttons", submit=True)
            [one] = [one for one in await booked(town, lin) if one.state in LIVE]
            assert (one.topic, one.mode, one.starts_at, one.state) == ("tax", "video", THURSDAY_3_PM, State.CONFIRMED)
            assert (one.name, one.contact, one.zone) == ("林溪", ("phone", "+8613800138000"), "Asia/Shanghai")
        finally:
            await town.database.close()


async def _answer(lin: Person, way: str, *, submit: bool = False) -> None:
    """Answer whatever is open as on the straight path; put right at the review what is otherwise."""
    conversation = await lin.conversation()
    asked, run = str(conversation.asked), conversation.memory["run"]
    told = {key: entry.get("value") for key, entry in conversation.answers.items()}
    if asked == "review":
        wrong = [key for key in ("topic", "mode", "zone") if told.get(key) not in {None, ANSWERS[key][0]}]
        if datetime.fromisoformat(told["time"]["starts"]) != THURSDAY_3_PM:
            wrong.append("day")
        if told.get("name") not in {None, "林溪"}:
            wrong.append("name")
        if conversation.memory.get("zone") != "Asia/Shanghai":
            wrong.append("zone")
        choice = f"edit.{wrong[0]}" if wrong else "submit"
        if wrong or submit:
            await lin.sends(kind=MessageKind.CHOICE, choice=f"f:book:{run}:review:{choice}")
        return
    if asked == "time" and told["day"]["day"] != "2026-11-26":
        await lin.sends(kind=MessageKind.CHOICE, choice=f"f:book:{run}:time:other")
        return
    press, words = ANSWERS[asked]
    if way == "buttons" and press:
        await lin.sends(kind=MessageKind.CHOICE, choice=f"f:book:{run}:{asked}:{press}")
    else:
        await lin.says(words)


async def _take(town: Town, file: Path, lin: Person, doing: str, what: Any) -> None:
    conversation = await lin.conversation()
    asked, run = conversation.asked, conversation.memory.get("run")
    current = f"f:book:{run}:{asked}:"
    event(doing)
    match doing:
        case "answers" if conversation.flow:
            await _answer(lin, what)
        case "presses":
            shown = [button.data for reply in lin.seen for row in reply.buttons for button in row]
            may = [one for one in shown if one.startswith(current) and not one[len(current) :].startswith(NOT_PRESSED)]
            if may:
                await lin.sends(kind=MessageKind.CHOICE, choice=may[what % len(may)])
        case "back":
            await lin.says("上一步")
        case "edits" if asked == "review":
            await lin.sends(kind=MessageKind.CHOICE, choice=f"{current}edit.{what}")
        case "says" | "asks" if conversation.flow and asked not in TAKES_ANY_WORDS:
            await lin.says(what)
        case "restarts":
            await town.database.close()
            town.database = await Database.open(f"sqlite+aiosqlite:///{file}")
            town.desk = replace(town.desk, database=town.database)
        case "waits":
            town.clock.passes(minutes=what)
        case "presses an old button" if lin.buttons:
            old = lin.buttons[what % len(lin.buttons)]
            # Buttons of the very question that is open, or that leave it, are answers and not old.
            if old.data.startswith("f:") and not old.data.startswith(current):
                await lin.sends(kind=MessageKind.CHOICE, choice=old.data)
        case "leaves" if conversation.flow:
            await lin.says("/cancel")
            await opens_booking(lin)
        case "sends a sticker":
            await lin.sends(kind=MessageKind.UNSUPPORTED, media="sticker")
