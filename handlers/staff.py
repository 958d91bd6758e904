"""The staff's side of "ask a person": see what is open, and answer it into the person's own chat."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.desk import Office
from handlers.dialogue import Paragraph, Reply
from handlers.ids import as_typed, read_aloud
from handlers.questions import tidy
from handlers.voice import Voice
from storage import outbox, questions
from storage.errors import Conflict

LONGEST = 4000  # characters of an answer


class NotAnswerable(Exception):
    """The answer was not stored; the message says why and what to do."""


async def open_questions(office: Office) -> Sequence[questions.LeftQuestion]:
    """List the questions nobody has answered yet, oldest first."""
    async with office.database.read() as connection:
        return await questions.open_questions(connection)


async def answer(office: Office, number: str, text: str) -> questions.LeftQuestion:
    """Answer a question and queue the answer for the person's own chat, in one transaction.

    `number` may be written in any shape ("284 917"). Raises `NotAnswerable`.
    """
    words = tidy(text)
    if not words:
        raise NotAnswerable("the answer is empty; give it as an argument or on standard input")
    if len(words) > LONGEST:
        raise NotAnswerable(f"the answer has {len(words)} characters; at most {LONGEST} are possible")
    at = office.clock.now()
    async with office.database.read() as connection:
        question = await questions.by_number(connection, as_typed(number))
    if question is None:
        raise NotAnswerable(f"there is no question {number}; see 'laoxiang staff questions'")
    try:
        async with office.database.write() as connection:
            await questions.answer(connection, question.number, words, at)
            await outbox.enqueue(
                connection, question.channel, question.chat, [_to_the_person(office, question, words)], at
            )
    except Conflict as error:
        raise NotAnswerable(f"question {read_aloud(question.number)} is already {question.state}") from error
    return question


def _to_the_person(office: Office, question: questions.LeftQuestion, words: str) -> Reply:
    """Recall the question, then give the answer in the person's language frame."""
    voice = Voice(office, question.language)
    day = f"{question.asked_at.astimezone(office.county.zone):%Y-%m-%d}"
    paragraphs = [
        voice.text("staff.answered", day=day, number=read_aloud(question.number)),
        question.text,
        voice.text("staff.answer"),
        words,
        voice.text("staff.answer_closing"),
    ]
    parts = [Paragraph(text=paragraph) for paragraph in paragraphs]
    return voice.reply(parts, voice.doors("ask", "start:ask-person"))
