"""Register as a holiday engineer or seasonal expert (假日工程师、候鸟型专家); who may not be paid hears it first."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from handlers.ask import clause_on
from handlers.choices import Choice, Choices, FieldClasses
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Attachment, Reply
from handlers.fields import Asked, is_one_of
from handlers.figures import Number
from handlers.flow import Ended, conversation
from handlers.forms.register_native import ALSO, PREFERENCE
from handlers.names import Name
from handlers.places import Place, Residence
from handlers.questions import Text, YesNo
from handlers.registering import Kind, fill_in
from handlers.townships import HomeTownship, NativeTownship
from handlers.uploads import Upload
from handlers.when import Day, When

STATES = {
    "official": "公务员 参公 机关 政府部门 在编干部 civil_servant government",
    "institution": "事业单位 国企 国有企业 研究所 研究院 大学老师 医院 高校 央企 state-owned institute university",
    "private": "民企 私企 民营 公司上班 外企 打工 private company",
    "retired": "退休 离休 retired",
    "freelance": "自由职业 个体 自己干 创业 freelance self-employed",
}
RANKS = {
    "senior": "正高 教授 研究员 正高级 full_professor",
    "deputy": "副高 副教授 高级工程师 高工 副高级 主任医师 associate_professor senior_engineer",
    "intermediate": "中级 讲师 intermediate",
    "worker": "技师 高级工 高级技师 技工 technician",
    "degree": "博士 硕士 本科 phd master bachelor",
    "none": "没有职称 没职称 无职称 none",
}
AVAILABLE = {
    "weekends": "周末 双休 星期六 星期天 weekend weekends",
    "holidays": "节假日 假期 春节 国庆 长假 holidays",
    "summer": "暑假 寒假 暑期 summer",
    "online": "线上 远程 视频 online remote",
    "month": "一个月 常住 长住 三十天 seasonal",
}
MODES = {"site": "现场 到厂 on_site", "online": "线上 远程 online", "training": "培训 讲课 training"}


class Expert(BaseModel):
    """DOMAIN.md §5.2: the identity block of a native, and what an expert can do when."""

    state: Annotated[str, Choice(tuple(STATES), STATES, findable=True)]
    promise: Annotated[bool | None, YesNo(), Asked(when=is_one_of("state", "private"))] = None
    public_office: Annotated[bool | None, YesNo(), Asked(when=is_one_of("state", "retired"))] = None
    retired_on: Annotated[When | None, Day(past=True), Asked(when=is_one_of("public_office", True))] = None
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    place: Annotated[Place, Residence()]
    rank: Annotated[str, Choice(tuple(RANKS), RANKS, {"intermediate": "工程师", "none": "没有 没"}, findable=True)]
    years: Annotated[int | None, Number(0, 70, unit="年"), Asked(when=is_one_of("rank", "none"))] = None
    field: Annotated[list[str], FieldClasses(most=3)]
    available: Annotated[list[str], Choices(tuple(AVAILABLE), most=5, words=AVAILABLE, findable=True)]
    employer_consent: Annotated[Attachment | None, Upload(), Asked(later=True)] = None
    township: Annotated[HomeTownship | None, NativeTownship(), Asked(later=True)] = None
    keywords: Annotated[str | None, Text(longest=200, statement=True), Asked(later=True)] = None
    days: Annotated[int | None, Number(1, 366, unit="天|days"), Asked(later=True)] = None
    mode: Annotated[list[str] | None, Choices(tuple(MODES), most=3, words=MODES), Asked(later=True)] = None
    pay: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    limits: Annotated[str | None, Text(longest=300, statement=True), Asked(later=True)] = None
    certificate: Annotated[Attachment | None, Upload(), Asked(later=True)] = None
    preference: Annotated[str | None, PREFERENCE, Asked(later=True)] = None
    also: Annotated[list[str] | None, ALSO, Asked(later=True)] = None


EXPERT = Kind("expert", Expert, Purpose.REGISTRY, "register-expert", once=True)
# What is looked up in the county's own files for each note; the law behind it: Civil Servants Law art. 59, 107.
CLAUSES = {
    "official": "公务员能不能作为假日工程师领取报酬?",
    "institution": "事业单位人员登记假日工程师要单位书面同意吗?",
    "private": "民营企业人员登记假日工程师要承诺竞业限制吗?",
    "office": "公务员退休后当假日工程师有什么从业限制?",
}


@conversation("register-expert", draft=True)
async def register_expert(chat: Chat) -> Reply:
    def watch(name: str, value: Any) -> None:
        if name == "state" and value == "official":
            parts = [*chat.parts("register-expert.official"), *clause_on(chat, CLAUSES["official"])]
            raise Ended(chat.reply(parts, chat.doors("start:register-native", "start:nominate", "ask")))
        if name == "promise" and value is False:
            parts = [*chat.parts("register-expert.no_promise"), *clause_on(chat, CLAUSES["private"])]
            raise Ended(chat.reply(parts, chat.doors("start:register-native", "start:ask-person")))
        if name == "state" and value == "institution":
            _tell_once(chat, "institution")
        if name == "public_office" and value is True:
            _tell_once(chat, "office")

    return await fill_in(chat, EXPERT, watch)


def _tell_once(chat: Chat, what: str) -> None:
    """Say what holds for somebody as soon as it is known, with the clause; once in a conversation."""
    if not chat.journal.is_marked(what):
        chat.journal.mark(what)
        chat.note([*chat.parts(f"register-expert.{what}"), *clause_on(chat, CLAUSES[what])])
