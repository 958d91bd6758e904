"""Complain, or report a promise not kept (投诉、兑现反馈); without a name, too, but then nobody hears how it went."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.abroad import clear_channel
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Attachment, Reply
from handlers.fields import Asked, is_one_of
from handlers.flow import conversation
from handlers.names import Name
from handlers.questions import Text, YesNo
from handlers.registering import FIRST_VERSION, Kind, submit
from handlers.uploads import Upload
from handlers.when import Day, When

NAMELESS = frozenset({"匿名", "不留名", "不写名字", "不用名字", "anonymous", "anonymously", "without a name"})
WITH_NAME = frozenset({"实名", "留名", "不匿名", "with my name", "with name"})
NAMED = is_one_of("anonymous", False)


class Complaint(BaseModel):
    """DOMAIN.md §5.10."""

    matter: Annotated[str, Text(longest=1000, shortest=4)]
    anonymous: Annotated[bool, YesNo(NAMELESS, WITH_NAME)]
    name: Annotated[str | None, Name(), Asked(when=NAMED)] = None
    contact: Annotated[Contact | None, ContactPoint(), Asked(when=NAMED)] = None
    office: Annotated[str | None, Text(longest=60, statement=True), Asked(later=True)] = None
    since: Annotated[When | None, Day(past=True), Asked(later=True)] = None
    evidence: Annotated[Attachment | None, Upload(), Asked(later=True)] = None


COMPLAIN = Kind("complain", Complaint, Purpose.COMPLAIN, "complain")


@conversation("complain", draft=True)
async def complain(chat: Chat) -> Reply:
    await clear_channel(chat)
    form = await chat.fill(Complaint)
    # Without a name there is nothing to agree to: nothing is kept that leads to a person.
    consent = None if form.anonymous else await chat.consent(Purpose.COMPLAIN, FIRST_VERSION)
    await chat.confirm(form)
    return await submit(chat, COMPLAIN, form, consent)
