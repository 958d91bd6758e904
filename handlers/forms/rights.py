"""Request a right over one's data (查询、更正、删除、撤回) from the staff, where this chat can't prove whose it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.choices import Choice
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.fields import Asked
from handlers.flow import conversation
from handlers.names import Name
from handlers.questions import Text
from handlers.registering import Kind, fill_in

RIGHTS = {
    "see": "查询 查看 看看 see copy access",
    "correct": "更正 改 写错 correct",
    "delete": "删除 注销 删掉 delete erase",
    "withdraw": "撤回 不同意了 withdraw",
    "explain": "解释 说明 为什么 explain",
}


class RightsRequest(BaseModel):
    """DOMAIN.md §5.9 (PIPL art. 44–48). The office checks by the contact that it is this person."""

    kind: Annotated[str, Choice(tuple(RIGHTS), RIGHTS)]
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    scope: Annotated[str | None, Text(longest=300), Asked(skip=True)] = None


REQUEST = Kind("rights", RightsRequest, Purpose.RIGHTS, "rights")


@conversation("rights", draft=True)
async def request_right(chat: Chat) -> Reply:
    return await fill_in(chat, REQUEST)
