"""Ask a person: leave a question for the staff of the office, with one way to be reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from handlers.abroad import clear_channel
from handlers.ask import last_question, mark_left
from handlers.contacts import Contact, ContactPoint
from handlers.conversation import Chat, Purpose
from handlers.dialogue import Reply
from handlers.flow import conversation
from handlers.ids import read_aloud
from handlers.names import Name
from handlers.questions import Text
from storage import people, questions
from storage.database import Connection

QUESTION = Text(longest=2000, shortest=2)
CONSENT_VERSION = "2026-1"


class LeftQuestion(BaseModel):
    """What the staff need to answer somebody (DOMAIN.md §4: nothing more may be asked)."""

    question: Annotated[str, QUESTION]
    name: Annotated[str, Name()]
    contact: Annotated[Contact, ContactPoint()]


@conversation("ask-person")
async def ask_person(chat: Chat) -> Reply:
    await clear_channel(chat)
    if asked := last_question(chat):
        chat.offer("question", QUESTION, asked, note="ask-person.offered")
    form = await chat.fill(LeftQuestion)
    consent = await chat.consent(Purpose.ASK_PERSON, CONSENT_VERSION)
    await chat.confirm(form)

    person = await chat.identify()
    number, at, message = chat.desk.ids.number(), chat.desk.clock.now(), chat.message
    language = chat.language

    async def leave_question(connection: Connection) -> None:
        await people.ensure_person(connection, person, message.channel, message.sender, at)
        await people.give_consent(connection, person, consent.purpose.value, consent.version, consent.given_at)
        await questions.leave(
            connection,
            number=number,
            person_id=person,
            channel=message.channel,
            chat=message.chat,
            language=language,
            text=form.question,
            name=form.name,
            contact_kind=form.contact.kind.value,
            contact=form.contact.value,
            consent_version=consent.version,
            asked_at=at,
        )

    chat.do(leave_question)
    mark_left(chat)
    return chat.say("ask-person.done", chat.doors("ask", "mydata"), number=read_aloud(number))
