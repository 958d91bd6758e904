"""News about a file somebody follows: found in the register, offered to staff as a ready draft to those people.

Nothing is sent by itself: a person reads the draft, another one approves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from handlers.buttons import Action
from handlers.desk import Office
from handlers.dialogue import Button, Reply
from handlers.library import Library
from handlers.voice import Voice
from knowledge.documents import Document, RelationKind, Visibility
from knowledge.validity import Register, Status
from knowledge.windows import window_state
from storage import conversations, outbox, policy_news, staff
from storage.audiences import Audience
from storage.policy_news import News
from storage.staff import Right, Role
from storage.subscription_tables import Topic

# How far back something that happened is still news.
RECENT = timedelta(days=60)
CHANGED = {RelationKind.CORRECTS: "corrected", RelationKind.SUPPLEMENTS: "supplemented"}
ENDED = frozenset({Status.REPEALED, Status.LAPSED})


async def look(office: Office, library: Library) -> list[News]:
    """Find what happened to files people follow, tell the staff of what is new, once; give that."""
    now, today = office.clock.now(), office.clock.today()
    async with office.database.read() as connection:
        followed = await policy_news.followed_since(connection)
    if not followed:
        return []
    zone = office.county.zone
    found = [
        news
        for document in library.documents
        if document.id in followed
        for news in happened(library, document, followed[document.id].astimezone(zone).date(), today)
    ]
    async with office.database.write() as connection:
        new = await policy_news.offer(connection, found, now)
        for viewer, channel, chat in await staff.who_may(connection, Right.ANNOUNCE):
            if new and viewer.role is not Role.TOWNSHIP:
                language = await conversations.language_of(connection, channel, chat)
                reply = _offered(Voice(office, language or office.language), new)
                await outbox.enqueue(connection, channel, chat, [reply], now)
    return new


def happened(library: Library, document: Document, since: date, today: date) -> Iterator[News]:
    """Give what happened to a file from a day (when somebody began to follow it) until today."""
    index = library.shelf.index
    register, first, title = index.register, max(since, today - RECENT), document.title
    standing = register.standing(document, today)
    if standing.status in ENDED:
        if (ended := _ended_on(register, document, first, today)) is not None:
            by = standing.by if standing.by and standing.by.visibility is Visibility.PUBLIC else None
            yield News(document.id, standing.status.value, ended, title, by.title if by else "")
        return
    for source, relation in register.sources(document):
        if source.visibility is not Visibility.PUBLIC:
            continue
        # A correction may work back to the file's first day: what counts is when it came out.
        what, day = CHANGED.get(relation.kind), source.published or relation.since or source.effective
        if what is not None and day is not None and first <= day <= today:
            yield News(document.id, what, day, title, source.title)
    for clause in index.clauses_of(document.id):
        state = window_state(clause.text, today)
        if state is not None and state.open is not None and first <= state.open.first:
            yield News(document.id, "opened", state.open.first, title, until=state.open.last)
            return


def label(voice: Voice, news: News) -> str:
    """Name a piece of news for a button."""
    title = news.title if len(news.title) <= 20 else f"{news.title[:19]}…"
    return voice.text(f"announce.news.{news.what}", title=title)


def answers(office: Office, news: News) -> Mapping[str, Any]:
    """Give the answers of the form that the draft begins with: topic, words in both languages, button, audience."""
    values = {
        "title": news.title,
        "by": news.by_title,
        "since": news.since.isoformat(),
        "until": news.until.isoformat() if news.until else "",
    }
    key = f"announce.news_text.{news.what}"
    plain = f"{key}_alone" if not news.by_title and office.texts.has(f"{key}_alone") else key
    return {
        "topic": Topic.POLICY.value,
        "text": Voice(office, "zh-Hans").text(plain, **values),
        "english": Voice(office, "en").text(plain, **values),
        "doors": ["ask", "start.ask-person"],
        "audience": Audience(asked=(news.document_id,)).as_json(),
    }


def _offered(voice: Voice, new: list[News]) -> Reply:
    rows = [[Button(label=label(voice, one), data=Action("announcement", f"news.{one.token}").data)] for one in new]
    return voice.say("announce.news.offered", rows, count=len(new))


def _ended_on(register: Register, document: Document, first: date, today: date) -> date | None:
    """Give the first day on which a file did not apply any more, if that is not before `first`."""
    day = today
    while day >= first:
        before = day - timedelta(days=1)
        if register.standing(document, before).status not in ENDED:
            return day
        day = before
    return None
