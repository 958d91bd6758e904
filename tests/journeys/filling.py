"""People who fill in forms: what they answer in each language, by buttons, by text, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.county import Township
from handlers.desk import Desk
from handlers.dialogue import MessageKind, Reply
from handlers.forms import kinds
from storage import registry_reading, registry_tables
from storage.database import Connection
from tests.journeys.town import WANGCHUAN, Person, Town

COUNTY = replace(
    WANGCHUAN,
    page="https://wangchuan.example/chat",
    townships=(
        Township("liuhe", "柳河镇", "Liuhe", formerly=("三岔乡",), villages=("柳树湾村",)),
        Township("qingshi", "青石镇", "Qingshi"),
        Township("yunling", "云岭乡", "Yunling"),
    ),
)


@dataclass(frozen=True)
class Answer:
    """What is said to one question: a button's choice, words in each language, and what is recorded."""

    value: Any
    zh: str
    en: str
    press: str = ""  # the choice id pressed instead; several parted by "+"

    def words(self, language: str) -> str:
        return self.en if language == "en" else self.zh


PHONE = Answer({"kind": "phone", "value": "+8613800138000"}, "138 0013 8000", "+86 138 0013 8000")
LIN = Answer("林溪", "我叫林溪", "My name is 林溪")
LIUHE = Answer({"code": "liuhe", "name": "柳河镇"}, "老家三岔乡", "Liuhe", "liuhe")
SHENZHEN = Answer({"name": "深圳", "code": "CN/深圳"}, "在深圳", "I live in Shenzhen")
MAKING = Answer(["making"], "做模具", "Manufacturing", "making")
NO = Answer("no", "不", "no", "no")
YES = Answer("yes", "是", "yes", "yes")


@dataclass(frozen=True)
class Script:
    """A form, how it is opened, what is answered, and one sentence that says as much as fits."""

    kind: str
    answers: Mapping[str, Answer]
    zh: str
    en: str

    @property
    def flow(self) -> str:
        return kinds()[self.kind].flow

    @property
    def record(self) -> dict[str, Any]:
        return {name: answer.value for name, answer in self.answers.items() if answer.value is not None}

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.zh


def skip() -> Answer:
    return Answer(None, "跳过", "skip", "skip")


SCRIPTS = {
    script.kind: script
    for script in (
        Script(
            "native",
            {
                "name": LIN,
                "contact": PHONE,
                "township": LIUHE,
                "place": SHENZHEN,
                "field": MAKING,
                "preference": Answer("text", "别打电话", "Text messages only", "text"),
            },
            "我叫林溪，在深圳做模具，老家柳河镇，电话13800138000",
            "My name is 林溪, I live in Shenzhen and work in manufacturing, from Liuhe, +8613800138000",
        ),
        Script(
            "expert",
            {
                "state": Answer("retired", "退休了", "retired", "retired"),
                "public_office": NO,
                "name": LIN,
                "contact": PHONE,
                "place": SHENZHEN,
                "rank": Answer("deputy", "副教授", "associate professor", "deputy"),
                "field": MAKING,
                "available": Answer(["weekends", "online"], "周末和线上", "weekends and online", "weekends+online"),
            },
            "我叫林溪，在深圳做模具，副教授，退休了，周末和线上都行，13800138000",
            "My name is 林溪, retired associate professor, I live in Shenzhen, work in manufacturing, "
            "weekends, online, +8613800138000",
        ),
        Script(
            "need",
            {
                "firm": Answer("望川模具厂", "望川模具厂", "望川模具厂"),
                "problem": Answer("注塑件老是缩水", "注塑件老是缩水", "注塑件老是缩水"),
                "field": MAKING,
                "name": LIN,
                "contact": PHONE,
                "secrecy": Answer("masked", "不写厂名", "masked", "masked"),
            },
            "我是望川模具厂的，我叫林溪，电话13800138000，做模具",
            "望川模具厂, my name is 林溪, +8613800138000, I work in manufacturing",
        ),
        Script(
            "invest",
            {
                "role": Answer("self", "我自己", "myself", "self"),
                "sector": MAKING,
                "amount": Answer(3_000_000, "三百万元", "3 million yuan"),
                "name": LIN,
                "contact": PHONE,
                "matters": Answer(["founding", "land"], "注册公司、用地", "Founding the firm, Land", "founding+land"),
            },
            "我叫林溪，想投300万元，电话13800138000，做模具",
            "My name is 林溪, 3 million yuan, +8613800138000, I work in manufacturing",
        ),
        Script(
            "event",
            {
                "name": LIN,
                "mobile": Answer("+8613800138000", "13800138000", "+86 13800138000"),
                "township": LIUHE,
                "place": SHENZHEN,
                "field": MAKING,
                "companion": YES,
                "companions": Answer(2, "两个人", "2"),
                "lodging": NO,
            },
            "我叫林溪，在深圳做模具，老家柳河镇，电话13800138000",
            "My name is 林溪, I live in Shenzhen and work in manufacturing, from Liuhe, +8613800138000",
        ),
        Script(
            "donate",
            {
                "purpose": Answer("roads", "修路", "roads", "roads"),
                "form": Answer("money", "捐款", "money", "money"),
                "anonymous": NO,
                "name": LIN,
                "contact": PHONE,
            },
            "我叫林溪，给村里修路，电话13800138000",
            "My name is 林溪, for the road, +8613800138000",
        ),
        Script(
            "nominate",
            {
                "myself": YES,
                "name": LIN,
                "contact": PHONE,
                "post": Answer("某大学教授", "某大学教授", "某大学教授"),
                "tie": Answer("birth", "祖籍", "Ancestry or birth", "birth"),
                "field": MAKING,
            },
            "我叫林溪，电话13800138000，做模具",
            "My name is 林溪, +8613800138000, I work in manufacturing",
        ),
        Script(
            "rights",
            {
                "kind": Answer("delete", "删除", "delete", "delete"),
                "name": LIN,
                "contact": PHONE,
                "scope": skip(),
            },
            "我叫林溪，电话13800138000",
            "My name is 林溪, +8613800138000",
        ),
        Script(
            "complain",
            {
                "matter": Answer("去年的奖励一直没有到账", "去年的奖励一直没有到账", "去年的奖励一直没有到账"),
                "anonymous": NO,
                "name": LIN,
                "contact": PHONE,
            },
            "去年的奖励一直没有到账",
            "去年的奖励一直没有到账",
        ),
    )
}


def moved_into(town: Town) -> Desk:
    """Give the town's desk with a county that has townships."""
    town.desk = replace(town.desk, county=COUNTY)
    return town.desk


async def open_form(person: Person, script: Script) -> Reply:
    return await person.sends(kind=MessageKind.CHOICE, choice=f"go:start:{script.flow}")


async def answers_open_question(person: Person, script: Script, way: str, language: str) -> bool:
    """Answer whatever is open; False when nothing is."""
    conversation = await person.conversation()
    if conversation.flow != script.flow:
        return False
    key = str(conversation.asked)
    run = conversation.memory["run"]

    async def press(choice: str) -> None:
        await person.sends(kind=MessageKind.CHOICE, choice=f"f:{script.flow}:{run}:{key}:{choice}")

    if key in {"consent", "review"}:
        choice = "agree" if key == "consent" else "submit"
        typed = {"agree": ("同意", "Agree"), "submit": ("提交", "Submit")}[choice][language == "en"]
        await (press(choice) if way == "buttons" else person.says(typed))
        return True
    answer = script.answers.get(key) or skip()
    if way == "buttons" and answer.press:
        for choice in answer.press.split("+"):
            await press(choice)
        if key in {"field", "sector", "available", "matters"} and key == (await person.conversation()).asked:
            await press("done")
    else:
        await person.says(answer.words(language))
    return True


async def fill_to_the_end(person: Person, script: Script, way: str, language: str, *, most: int = 40) -> None:
    for _ in range(most):
        if not await answers_open_question(person, script, way, language):
            return
    asked = (await person.conversation()).asked
    raise AssertionError(f"{script.kind} does not end: {asked} after {person.seen[-1].text!r}")


async def stored(connection: Connection, person: str) -> list[registry_tables.Registered]:
    return await registry_reading.registrations(connection, person)


async def records_of(town: Town, person: Person) -> list[dict[str, Any]]:
    """Give the records of everything a person registered for."""
    conversation = await person.conversation()
    if conversation.person is None:
        return []
    async with town.database.read() as connection:
        return [dict(one.record) for one in await stored(connection, conversation.person)]
