"""Nominate a development adviser (发展顾问), oneself or somebody else; of somebody else only the name is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.choices import Choice, FieldClasses
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Attachment, Reply
from handlers.fields import Asked, is_one_of
from handlers.flow import conversation
from handlers.names import Name
from handlers.questions import Text, YesNo
from handlers.registering import Kind, fill_in
from handlers.uploads import Upload

TIES = {
    "birth": "祖籍 出生 老家 born ancestors",
    "school": "上学 读书 school",
    "work": "工作过 插队 worked",
    "spouse": "爱人 配偶 spouse",
    "other": "其他 没有 other none",
}
ONESELF, ANOTHER = is_one_of("myself", True), is_one_of("myself", False)


class Nomination(BaseModel):
    """DOMAIN.md §5.8. Who is recommended is asked by the office itself before anything about them is stored."""

    myself: Annotated[bool, YesNo()]
    nominee: Annotated[str | None, Name(others=True), Asked(when=ANOTHER)] = None
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]
    post: Annotated[str | None, Text(longest=100, shortest=2, statement=True), Asked(when=ONESELF)] = None
    tie: Annotated[str | None, Choice(tuple(TIES), TIES), Asked(when=ONESELF)] = None
    field: Annotated[list[str], FieldClasses()]
    opinion: Annotated[Attachment | None, Upload(), Asked(later=True, when=ONESELF)] = None
    achievements: Annotated[str | None, Text(longest=500, statement=True), Asked(later=True, when=ONESELF)] = None


NOMINATE = Kind("nominate", Nomination, Purpose.NOMINATE, "nominate")


@conversation("nominate", draft=True)
async def nominate(chat: Chat) -> Reply:
    return await fill_in(chat, NOMINATE)
