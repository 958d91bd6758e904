"""Post a firm's technical need (企业需求), for the office to check before any expert sees it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.choices import Choice, FieldClasses
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.fields import Asked
from handlers.figures import Amount, CreditCode
from handlers.flow import conversation
from handlers.names import FirmName, Name
from handlers.questions import Text
from handlers.registering import Kind, fill_in
from handlers.townships import HomeTownship, NativeTownship

SECRECY = {"public": "公开 public", "masked": "隐去 匿名 不写厂名 masked", "agreement": "签协议 保密协议 agreement"}


class Need(BaseModel):
    """DOMAIN.md §5.3."""

    firm: Annotated[str, FirmName()]
    problem: Annotated[str, Text(longest=500, shortest=4)]
    field: Annotated[list[str], FieldClasses(most=1)]
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    secrecy: Annotated[str | None, Choice(tuple(SECRECY), SECRECY), Asked(skip=True)] = None
    code: Annotated[str | None, CreditCode(), Asked(later=True)] = None
    township: Annotated[HomeTownship | None, NativeTownship(other=False), Asked(later=True)] = None
    dates: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    budget: Annotated[int | None, Amount(), Asked(later=True)] = None


NEED = Kind("need", Need, Purpose.NEED, "need")


@conversation("need", draft=True)
async def post_need(chat: Chat) -> Reply:
    return await fill_in(chat, NEED)
