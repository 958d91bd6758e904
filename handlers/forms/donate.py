"""State an intent to give (捐赠意向): handed to the receiving body; no money and no account passes through here."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.ask import clause_on
from handlers.choices import Choice
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.fields import Asked, is_one_of
from handlers.figures import Amount
from handlers.flow import conversation
from handlers.names import Name
from handlers.questions import Text, YesNo
from handlers.registering import Kind, fill_in

PURPOSES = {
    "schooling": "助学 教育 学校 奖学金 学生 school education",
    "roads": "修路 架桥 路灯 桥 road bridge",
    "relief": "救灾 扶贫 济困 养老 老人 救助 relief poor",
    "culture": "文化 祠堂 图书 书 体育 culture library",
    "any": "都行 都可以 随便 哪里需要 any wherever",
}
FORMS = {
    "money": "钱 现金 捐款 money",
    "goods": "物资 设备 书籍 电脑 goods",
    "building": "建楼 盖 建筑 building",
    "fund": "基金 fund",
}


class Donation(BaseModel):
    """DOMAIN.md §5.7 (Charity Law: voluntary, to a body that may receive it, with a receipt)."""

    purpose: Annotated[str, Choice(tuple(PURPOSES), PURPOSES, findable=True)]
    form: Annotated[str, Choice(tuple(FORMS), FORMS)]
    anonymous: Annotated[bool, YesNo()]
    name: Annotated[str | None, Name(), Asked(when=is_one_of("anonymous", False))] = None
    contact: Annotated[Contact, ContactPoint()]
    amount: Annotated[int | None, Amount(), Asked(later=True)] = None
    naming: Annotated[bool | None, YesNo(), Asked(later=True)] = None
    receipt: Annotated[str | None, Text(longest=80, statement=True), Asked(later=True)] = None
    abroad: Annotated[bool | None, YesNo(), Asked(later=True)] = None


DONATE = Kind("donate", Donation, Purpose.DONATE, "donate")


@conversation("donate", draft=True)
async def state_donation(chat: Chat) -> Reply:
    if not chat.journal.is_marked("bodies"):
        chat.journal.mark("bodies")
        chat.note([*chat.parts("donate.no_money"), *clause_on(chat, "捐赠由哪些单位接收?")])
    return await fill_in(chat, DONATE)
