"""A policy question: what the documents say about it today, and a next step for every kind of answer."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

from handlers import table_rows
from handlers.buttons import Action
from handlers.conversation import Chat
from handlers.dialogue import Button, Part, Quote, Reply, Source, Table
from handlers.questions import tidy
from handlers.topics import topic_of
from knowledge.answer import Answer, Kind
from knowledge.citing import Citation, with_units
from knowledge.errors import KnowledgeError
from knowledge.intents import intent_of
from storage import asked
from storage.database import Connection

log = logging.getLogger(__name__)

LONGEST = 500  # characters of a policy question; longer ones tell a story a person should read
KEPT = 2000  # characters of any question kept for handing it to a person
LONGEST_ID = 16  # characters of a document's id
AT_ONCE = 3  # clauses shown before "more"
REMEMBERED = 3  # earlier questions that a follow-up may lean on
FOLLOW_UP = timedelta(hours=1)
# Questions back that are asked by showing clauses, as an answer shows them.
BY_CLAUSES = frozenset({"is_it_this", "which_row"})
# What the library calls a form, and the door that opens it; other forms are still on paper.
DOORS = {
    "ask_person": "start:ask-person",
    "delete_data": "mydata",
    "register_native": "register",
    "register_expert": "start:register-expert",
    "give": "start:donate",
    "firm_need": "start:need",
    "invest": "start:invest",
    "nominate": "start:nominate",
    "event_reply": "start:event-reply",
    "complaint": "start:complain",
    "book": "start:book",
}


# What is left after these can be talked over with somebody.
BY_TALKING = frozenset({Kind.ANSWERED, Kind.NOT_FOUND, Kind.HANDOFF})


def answer_question(chat: Chat, text: str) -> Reply:
    """Answer from the documents, and remember the question for "more", follow-ups and handing over."""
    question = tidy(text)
    if len(question) > LONGEST:
        if in_distress(question):
            return care(chat)
        _remember(chat, question[:KEPT], ())
        return chat.say("ask.too_long", _doors(chat), longest=LONGEST, length=len(question), kept=KEPT)
    history = _recent(chat)
    on = chat.desk.clock.today()
    answer = _answer(chat, question, on, history)
    _count(chat, question, answer)
    _remember(chat, question[:KEPT], history, for_a_person=_may_be_left(answer))
    return present(chat, answer)


def answer_in_passing(chat: Chat, text: str) -> Reply:
    """Answer a question asked in the middle of a form; the form's own buttons follow it."""
    question = tidy(text)[:LONGEST]
    answer = _answer(chat, question, chat.desk.clock.today(), ())
    _count(chat, question, answer)
    asked_back = answer.kind is Kind.CLARIFY and answer.topic not in BY_CLAUSES
    if asked_back or answer.kind in {Kind.NOT_FOUND, Kind.OUT_OF_SCOPE}:
        # Only where a question for the staff is being written can this one go along.
        return chat.say("ask.not_found_in_passing" if chat.flow == "ask-person" else "ask.not_found_in_form")
    return present(chat, answer).model_copy(update={"buttons": ()})


def in_distress(text: str) -> bool:
    """Tell whether somebody needs care before anything else, whatever they were asked."""
    intent = intent_of(text)
    return intent is not None and intent.kind == Kind.CARE and not intent.is_doubtful


def care(chat: Chat) -> Reply:
    return present(chat, Answer(Kind.CARE, chat.desk.clock.today(), topic="distress"))


def show_more(chat: Chat, argument: str) -> Reply | None:
    """Show the next clauses for a "more" button; None when another question was asked since."""
    token, _, offset = argument.partition(".")
    last = chat.memory.get("last") or {}
    if last.get("token") != token or not offset.isdecimal():
        return None
    on = date.fromisoformat(last["on"])
    return present(chat, _answer(chat, last["question"], on, tuple(last["history"])), int(offset))


def show_row(chat: Chat, argument: str) -> Reply | None:
    """Show the one row of a table that a button names; None when another question was asked since."""
    token, _, index = argument.partition(".")
    last = chat.memory.get("last") or {}
    if last.get("token") != token or not index.isdecimal():
        return None
    on = date.fromisoformat(last["on"])
    answer = _answer(chat, last["question"], on, tuple(last["history"]))
    shown = answer.citations[:AT_ONCE]
    found = table_rows.only_row(shown, int(index))
    if found is None:
        return None
    row, citation = found
    parts = [*chat.parts("ask.row_alone", row=row), _quote(chat, citation)]
    # It may be the wrong one, and of a row of buttons some channels leave only the pressed one.
    others = table_rows.choices(chat, shown, token, but=int(index))
    closing = chat.parts("ask.closing", basis=_basis(chat, citation, 1))
    return chat.reply([*parts, *closing], [*others, *_doors(chat, answer)])


def last_question(chat: Chat) -> str:
    """Give the last question of this chat that a person could answer and has not been asked yet."""
    last = chat.memory.get("last") or {}
    return str(last.get("question", "")) if last.get("for_a_person") else ""


def mark_left(chat: Chat) -> None:
    """Note that the last question went to a person, so that it is not offered again."""
    if last := chat.memory.get("last"):
        chat.memory["last"] = {**last, "for_a_person": False}


def _answer(chat: Chat, question: str, on: date, history: tuple[str, ...]) -> Answer:
    try:
        return chat.desk.library.answer(question, on=on, history=history)
    except KnowledgeError:
        log.exception("ask.failed")
        return Answer(kind=Kind.ERROR, on=on)


def present(chat: Chat, answer: Answer, offset: int = 0) -> Reply:
    """Put an answer into words: each kind, or its topic, has its own, and its own next steps."""
    kind = answer.kind
    if kind is Kind.ANSWERED or answer.topic in BY_CLAUSES:
        return _show_clauses(chat, answer, offset)
    parts: list[Part] = chat.parts(_key(chat, answer))
    if kind in {Kind.NOT_FOUND, Kind.HANDOFF} and answer.office:
        parts += chat.parts("ask.office", in_charge=answer.office)
    if kind in {Kind.NOT_FOUND, Kind.CLARIFY, Kind.HANDOFF, Kind.FORM} and answer.citations:
        told = {"only_history", "only_coming", "which_file"}
        nearest = [] if answer.topic in told else chat.parts("ask.nearest")
        parts += [*nearest, *_quotes(chat, answer.citations[:AT_ONCE])]
    return chat.reply(parts, _doors(chat, answer), kind=kind)


def _show_clauses(chat: Chat, answer: Answer, offset: int) -> Reply:
    shown = answer.citations[offset : offset + AT_ONCE]
    if not shown:
        return chat.reply(chat.parts("ask.no_more"), _doors(chat, answer), kind=answer.kind)
    days = {"on": answer.on.isoformat(), "day": (answer.day or answer.on).isoformat()}
    intro = chat.parts("ask.more_intro" if offset else _key(chat, answer), **days)
    closing = chat.parts("ask.closing", basis=_basis(chat, shown[0], len(answer.citations)))
    left = len(answer.citations) - offset - len(shown)
    rows = _doors(chat, answer)
    if left > 0:
        last = chat.memory.get("last") or {}
        more = Action("more", f"{last.get('token', '')}.{offset + AT_ONCE}")
        rows = [[Button(label=chat.text("door.more", count=left), data=more.data)], *rows]
    if chat.message.private and not offset and not answer.estimates and (last := chat.memory.get("last")):
        rows = [*table_rows.choices(chat, shown, last["token"]), *rows]
    if chat.message.private and not offset and (document := _followed(answer)):
        rows = [*rows, [Button(label=chat.text("topics.follow"), data=Action("follow", document).data)]]
    sums = [] if offset else _sums(chat, answer)
    return chat.reply([*intro, *_quotes(chat, shown), *sums, *closing], rows, kind=answer.kind)


def _followed(answer: Answer) -> str | None:
    """Give the file somebody may want to hear of when it changes: the one that an answer stands on first."""
    first = answer.citations[0]
    document = first.clause_id.partition("#")[0]
    # An id that a button can't carry is of a collection of passages, which has no standing of its own.
    carried = document.isascii() and len(document) <= LONGEST_ID
    return document if answer.kind is Kind.ANSWERED and first.status == "in_force" and carried else None


def clause_on(chat: Chat, question: str) -> list[Part]:
    """Quote the clause that decides something in a form; nothing if the documents hold none."""
    answer = _answer(chat, question, chat.desk.clock.today(), ())
    return [*_quotes(chat, answer.citations[:1])] if answer.kind is Kind.ANSWERED else []


def _sums(chat: Chat, answer: Answer) -> list[Part]:
    """Show the sums a rule makes of the person's own figures, step by step."""
    worked = [
        "\n".join(chat.text(f"sum.{step.code}", **dict(step.values)) for step in estimate.steps)
        for estimate in answer.estimates
    ]
    return chat.parts("sum.intro", sums="\n\n".join(worked)) if worked else []


def _quotes(chat: Chat, citations: tuple[Citation, ...]) -> list[Quote]:
    return [_quote(chat, citation) for citation in citations]


def _quote(chat: Chat, citation: Citation) -> Quote:
    notes = [
        chat.text(f"note.{code}", value=value) for code, value in citation.notes if chat.desk.texts.has(f"note.{code}")
    ]
    if citation.status != "in_force" and chat.desk.texts.has(f"status.{citation.status}"):
        notes.insert(0, chat.text(f"status.{citation.status}"))
    shown = with_units(citation.rows) if citation.rows else ()
    table = Table(header=shown[0], rows=shown[1:]) if shown else None
    return Quote(
        text=citation.quote,
        table=table,
        source=Source(
            document=citation.document,
            file=citation.file,
            clause=citation.clause,
            doc_no=citation.doc_no,
            effective=citation.effective,
            expires=citation.expires,
            note=chat.text("note.join").join(notes),
        ),
    )


def _basis(chat: Chat, first: Citation, count: int) -> str:
    key = "ask.basis_several" if count > 1 else "ask.basis"
    document = first.document if first.document.startswith("《") else f"《{first.document}》"
    return chat.text(key, document=document, clause=first.clause)


def _doors(chat: Chat, answer: Answer | None = None) -> list[list[Button]]:
    if not chat.message.private:
        return []
    kind = answer.kind if answer else None
    doors = ["start:ask-person"]
    if answer and kind is Kind.FORM:
        doors = list(dict.fromkeys([DOORS.get(answer.topic, doors[0]), *doors]))
    elif kind in {Kind.OUT_OF_SCOPE, Kind.DECLINED, Kind.ERROR}:
        doors = ["help", *doors]
    elif chat.takes_bookings and kind in BY_TALKING:
        doors.append("start:book")
    return [list(row) for row in chat.doors(*doors)]


def _key(chat: Chat, answer: Answer) -> str:
    """Give the text for an answer: its topic's own where the catalogue has one, else its kind's."""
    own = f"ask.{answer.kind}.{answer.topic}"
    return own if answer.topic and chat.desk.texts.has(own) else f"ask.{answer.kind}"


def _recent(chat: Chat) -> tuple[str, ...]:
    """Give the questions a follow-up may mean; after an hour people start afresh."""
    since = (chat.message.at - FOLLOW_UP).isoformat()
    recent: list[dict[str, Any]] = chat.memory.get("recent", [])
    return tuple(asked["text"] for asked in recent if asked["at"] >= since)


def _may_be_left(answer: Answer) -> bool:
    """Tell a question from a remark: "I want a person" is not what the person shall be asked."""
    if answer.kind is Kind.HANDOFF:
        return answer.topic != "person"
    return answer.kind not in {Kind.FORM, Kind.OUT_OF_SCOPE, Kind.DECLINED}


def _count(chat: Chat, question: str, answer: Answer) -> None:
    """Count the question for the staff's dashboard, without its words."""
    day, kind, topic, message = answer.on, answer.kind.value, topic_of(question), chat.message

    async def note(connection: Connection) -> None:
        await asked.note(connection, day=day, kind=kind, topic=topic, channel=message.channel, sender=message.sender)

    chat.keep_after(note)


def _remember(chat: Chat, question: str, history: tuple[str, ...], *, for_a_person: bool = True) -> None:
    on = chat.desk.clock.today().isoformat()
    token = chat.desk.ids.new()[:6]
    chat.memory["last"] = {
        "token": token,
        "question": question,
        "on": on,
        "history": list(history),
        "for_a_person": for_a_person,
    }
    if chat.message.private:
        asked = {"text": question[:LONGEST], "at": chat.message.at.isoformat()}
        chat.memory["recent"] = [*chat.memory.get("recent", []), asked][-REMEMBERED:]
