"""Whoever follows a file is offered news of it: found in the register, drafted for staff, sent once approved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from handlers import policy_news
from handlers.dialogue import MessageKind
from handlers.library import Library
from storage import subscriptions
from storage.database import Database
from storage.staff import Role
from tests.handlers.wall_clock import at
from tests.journeys.announcing import Hall
from tests.journeys.town import Person, labels
from tests.knowledge.county import MEASURES
from tests.knowledge.county import County as Files

REPEAL = """望川县人民政府办公室关于废止《望川县回乡投资促进措施》的通知
望政办发〔2027〕3号
一、《望川县回乡投资促进措施》(望政办发〔2025〕12号)自2027年3月1日起废止。
二、本通知自2027年3月1日起施行。
望川县人民政府办公室
2027年2月20日"""
CORRECTION = """关于更正《望川县回乡投资促进措施》有关内容的通知
望政办发〔2026〕50号
《望川县回乡投资促进措施》(望政办发〔2025〕12号)印发后,经核对,部分内容有误,现更正如下:
一、第三条中“每月每平方米3元”更正为“每月每平方米2元”。
二、本更正自发布之日起生效。
望川县人民政府办公室
2026年12月1日"""


class Archive(Hall):
    """The hall with a library of real files."""

    library: Library
    papers: Path

    async def publishes(self, name: str, text: str) -> None:
        (self.papers / name).write_text(text, "utf-8")
        await self.library.index([self.papers])

    async def looks(self) -> list[str]:
        return [news.what for news in await policy_news.look(self.town.desk, self.library)]


@pytest.fixture
async def hall(tmp_path: Path, files: Files) -> AsyncIterator[Archive]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'hall.db'}")
    await database.migrate()
    hall = Archive(database, files)
    hall.papers = tmp_path / "papers"
    hall.papers.mkdir()
    hall.library = await Library.open(database, tmp_path)
    hall.town.desk = replace(hall.town.desk, library=hall.library)
    await hall.publishes("促进措施.txt", MEASURES)
    yield hall
    await hall.library.close()
    await database.close()


async def follows(hall: Archive, name: str = "lin") -> Person:
    """Ask something, and press the button that follows the file of the answer."""
    lin = hall.town.person(name)
    answer = await lin.says("厂房租金补贴是多少")
    assert labels(answer)[-1] == "有变化告诉我"
    told = await lin.presses("有变化告诉我")
    assert "会由工作人员发消息告诉您" in told.text
    return lin


async def test_a_repeal_is_drafted_once_for_those_who_follow_the_file(hall: Archive) -> None:
    chen, zhou = await hall.hires("chen"), await hall.hires("zhou")
    await follows(hall)
    await hall.registers("wang")  # agreed to events, asked about nothing
    assert await hall.looks() == []
    await hall.publishes("废止通知.txt", REPEAL)
    assert await hall.looks() == []  # not in force yet
    hall.at(at("2027-03-02 10:00"))
    assert await hall.looks() == ["repealed"]
    assert await hall.looks() == []
    [offered] = await hall.told("chen")
    opened = await chen.sends(kind=MessageKind.CHOICE, choice=offered.buttons[0][0].data)
    assert "机器" in opened.text
    await chen.presses("跳过")  # no picture
    await chen.presses("批准后马上")
    saved = await chen.presses("再发一次")
    number = next(word for word in saved.text.replace("，", " ").split() if word.startswith("A"))
    await chen.presses("看看收到的样子")
    chinese, english, summary = chen.seen
    assert "《望川县回乡投资促进措施》已经废止" in chinese.text
    assert "2027-03-01" in english.text
    assert "能发到 1 人" in summary.text
    await chen.presses("提交审批")
    await hall.approves(zhou, number)
    await hall.goes_on(seconds=61)
    assert set(hall.channel.said) == {"lin"}


async def test_a_correction_and_an_open_window_are_news_too(hall: Archive) -> None:
    await hall.hires("chen")
    await follows(hall)
    hall.at(at("2026-12-02 10:00"))
    await hall.publishes("更正.txt", CORRECTION)
    assert await hall.looks() == ["corrected"]
    hall.at(at("2027-09-01 10:00"))
    assert await hall.looks() == ["opened"]
    texts = [label for reply in await hall.told("chen") for label in labels(reply)]
    assert any("开始申报" in label for label in texts)


async def test_what_happened_before_somebody_followed_the_file_is_no_news(hall: Archive) -> None:
    await hall.publishes("更正.txt", CORRECTION)
    hall.at(at("2026-12-10 10:00"))
    await follows(hall)
    assert await hall.looks() == []


async def test_no_need_to_tell_me_forgets_the_file(hall: Archive) -> None:
    lin = await follows(hall)
    assert "不再给您发" in (await lin.presses("不用告诉我了")).text
    async with hall.town.database.read() as connection:
        assert await subscriptions.followed(connection) == set()


async def test_the_draft_is_for_staff_alone_and_a_township_is_not_offered_it(hall: Archive) -> None:
    await hall.hires("liu", Role.TOWNSHIP, "liuhe")
    await hall.hires("chen")
    lin = await follows(hall)
    await hall.publishes("更正.txt", CORRECTION)
    hall.at(at("2026-12-02 10:00"))
    await hall.looks()
    assert await hall.told("liu") == []
    [offered] = await hall.told("chen")
    refused = await lin.sends(kind=MessageKind.CHOICE, choice=offered.buttons[0][0].data)
    assert "工作人员的事" in refused.text
