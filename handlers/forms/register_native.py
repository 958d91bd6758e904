"""Register as a native (在外人才登记): who somebody is, how to reach them, where they come from, live, what they do."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from handlers.choices import Choice, Choices, FieldClasses
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.county import STUDENT
from handlers.dialogue import Reply
from handlers.fields import Asked, is_one_of
from handlers.flow import Ended, conversation
from handlers.names import Name
from handlers.places import Place, Residence
from handlers.questions import Text
from handlers.registering import Kind, fill_in
from handlers.townships import OTHER, HomeTownship, NativeTownship
from handlers.when import Day, When

UNDER_14, MINOR, ADULT = "under14", "minor", "adult"
INTENTS = {
    "invest": "投资 办厂 创业 开店 invest",
    "skills": "技术 传授 讲课 指导 skills",
    "give": "捐 公益 donate",
    "recruit": "招工 招人 招聘 recruit",
    "visit": "回去看看 看看 走走 聚会 visit",
    "none": "暂无 没有 没想好 还没想 none not_yet",
}
PREFERENCES = {
    "text": "发消息 文字 短信 微信联系 别打电话 text_only",
    "phone": "可以打电话 打电话 电话可以 call",
    "stop": "不要联系 别联系 不用联系 do_not_contact",
}
PREFERENCE = Choice(("text", "phone", "stop"), PREFERENCES)
ALSO = Choices((Purpose.SHARE_WITH_FIRMS.value, Purpose.PUBLISH.value), most=2)


def no_township(answers: Any) -> bool:
    township = answers.get("township")
    return isinstance(township, HomeTownship) and township.code == OTHER


class Native(BaseModel):
    """DOMAIN.md §5.1. Nothing here is proof of anything, and nothing of PIPL art. 28 is asked."""

    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    township: Annotated[HomeTownship, NativeTownship()]
    relation: Annotated[
        list[str] | None,
        Choices(
            ("birth", "school", "work", "spouse", "other"),
            most=5,
            words={
                "birth": "祖籍 出生 祖辈 爷爷 父母 born ancestors",
                "school": "上学 读过书 求学 school",
                "work": "工作过 插队 下乡 worked",
                "spouse": "爱人 老婆 老公 媳妇 配偶 spouse wife husband",
                "other": "其他 other",
            },
        ),
        Asked(when=no_township),
    ] = None
    place: Annotated[Place, Residence()]
    field: Annotated[list[str], FieldClasses()]
    age: Annotated[
        str | None,
        Choice((UNDER_14, MINOR, ADULT), {ADULT: "成年 满18 18岁以上 大学 adult", UNDER_14: "不满14", MINOR: "高中"}),
        Asked(when=is_one_of("field", STUDENT)),
    ] = None
    guardian: Annotated[str | None, Name(others=True), Asked(when=is_one_of("age", MINOR))] = None
    guardian_contact: Annotated[Contact | None, ContactPoint(others=True), Asked(when=is_one_of("age", MINOR))] = None
    preference: Annotated[str | None, PREFERENCE, Asked(skip=True)] = None
    intent: Annotated[
        list[str] | None, Choices(tuple(INTENTS), most=5, words=INTENTS, alone=frozenset({"none"})), Asked(later=True)
    ] = None
    speciality: Annotated[str | None, Text(longest=200, statement=True), Asked(later=True)] = None
    employer: Annotated[str | None, Text(longest=100, statement=True), Asked(later=True)] = None
    visit: Annotated[When | None, Day(), Asked(later=True)] = None
    also: Annotated[list[str] | None, ALSO, Asked(later=True)] = None


NATIVE = Kind("native", Native, Purpose.REGISTRY, "register-native", once=True)


@conversation("register-native", draft=True)
async def register_native(chat: Chat) -> Reply:
    def watch(name: str, value: Any) -> None:
        if name == "age" and value == UNDER_14:
            raise Ended(chat.say("register-native.too_young", chat.doors("ask", "start:ask-person")))

    return await fill_in(chat, NATIVE, watch)
