"""State an intent to invest (投资意向), or that the county's agents shall handle the matters (代办委托)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.choices import Choice, Choices, FieldClasses
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.fields import Asked
from handlers.figures import Amount, CreditCode, Number
from handlers.flow import conversation
from handlers.names import FirmName, Name
from handlers.questions import Text
from handlers.registering import Kind, fill_in
from handlers.townships import HomeTownship, NativeTownship
from handlers.when import Day, When

ROLES = {"self": "自己 本人 我们公司 我 myself", "agent": "替 代表 受托 中介 agent behalf"}
WAYS = {
    "new": "新建 建厂 拿地 new",
    "lease": "租 租赁 lease rent",
    "purchase": "买厂房 购买 purchase",
    "equity": "入股 参股 合作 equity",
}
MATTERS = {
    "founding": "注册 开公司 执照 register_a_company",
    "land": "用地 拿地 land",
    "approval": "环评 立项 审批 approval",
    "finance": "贷款 融资 loan",
    "hiring": "招工 用工 hiring",
}


class Investment(BaseModel):
    """DOMAIN.md §5.5. An intent binds nobody; a mandate is signed on paper."""

    role: Annotated[str, Choice(tuple(ROLES), ROLES)]
    sector: Annotated[list[str], FieldClasses(most=2)]
    amount: Annotated[int, Amount()]
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    matters: Annotated[list[str] | None, Choices(tuple(MATTERS), most=5, words=MATTERS), Asked(skip=True)] = None
    way: Annotated[str | None, Choice(tuple(WAYS), WAYS), Asked(later=True)] = None
    land_mu: Annotated[int | None, Number(1, 100_000, unit="亩|mu"), Asked(later=True)] = None
    plant_m2: Annotated[int | None, Number(1, 10_000_000, unit="平方米|平米|平方|平|m2"), Asked(later=True)] = None
    jobs: Annotated[int | None, Number(1, 100_000, unit="个岗位|个人|人|jobs"), Asked(later=True)] = None
    power: Annotated[str | None, Text(longest=100, statement=True), Asked(later=True)] = None
    township: Annotated[HomeTownship | None, NativeTownship(other=False), Asked(later=True)] = None
    start: Annotated[When | None, Day(), Asked(later=True)] = None
    firm: Annotated[str | None, FirmName(), Asked(later=True)] = None
    code: Annotated[str | None, CreditCode(), Asked(later=True)] = None


INVEST = Kind("invest", Investment, Purpose.INVEST, "invest")


@conversation("invest", draft=True)
async def state_investment(chat: Chat) -> Reply:
    return await fill_in(chat, INVEST)
