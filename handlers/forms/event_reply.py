"""Reply to an invitation (回执): who comes to an event, with whom, and what they need there."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.choices import FieldClasses
from handlers.contacts import Email, Phone
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.fields import Asked, is_one_of
from handlers.figures import Number
from handlers.flow import conversation
from handlers.names import Name
from handlers.places import Place, Residence
from handlers.questions import Text, YesNo
from handlers.registering import Kind, fill_in
from handlers.townships import HomeTownship, NativeTownship


class EventReply(BaseModel):
    """DOMAIN.md §5.6."""

    name: Annotated[str, Name()]
    mobile: Annotated[str, Phone()]
    township: Annotated[HomeTownship, NativeTownship()]
    place: Annotated[Place, Residence()]
    field: Annotated[list[str], FieldClasses()]
    companion: Annotated[bool, YesNo()]
    companions: Annotated[
        int | None, Number(1, 9, unit="个人|人|位|people"), Asked(when=is_one_of("companion", True))
    ] = None
    lodging: Annotated[bool, YesNo()]
    nights: Annotated[int | None, Number(1, 9, unit="晚|夜|nights?"), Asked(when=is_one_of("lodging", True))] = None
    event: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    group: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    diet: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    topic: Annotated[str | None, Text(longest=200), Asked(later=True)] = None
    transport: Annotated[str | None, Text(longest=100, statement=True), Asked(later=True)] = None
    live_email: Annotated[str | None, Email(), Asked(later=True)] = None


EVENT = Kind("event", EventReply, Purpose.EVENT, "event-reply")


@conversation("event-reply", draft=True)
async def reply_to_invitation(chat: Chat) -> Reply:
    return await fill_in(chat, EVENT)
