"""Questions about an event that has a row: answered from it, whatever older notices say; and what is coming up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers import event_words, zones
from handlers.conversation import Chat
from handlers.dialogue import Button, Part, Reply
from knowledge.words import normalise
from storage import event_replies, events
from storage.event_replies import EventReply, ReplyState
from storage.events import Event

AT_ONCE = 3
# What an event is called for short; each word stands for those events whose title has it.
KINDS = re.compile(
    r"恳谈会|座谈会|老乡会|故乡行|联谊会?|茶话会|推介会|招聘会|签约|庙会|年会|forum|gathering|reunion|fair|visit"
)
ANY = re.compile(r"活动(?!室|中心|板房|范围|能力)|\bevents?\b")
ASKS = re.compile(
    r"几号|哪天|哪一天|什么时候|啥时候|几时|几点|多久开始|时间|日期|改(?:到|期|了|在)|延期|推迟|提前|取消|还办|还开|照常"
    r"|在哪|哪里|哪儿|地点|地址|地方|怎么[去走]|名额|满了|满没|还能报|截止|直播|线上|网上看"
    r"|\b(?:when|where|what (?:day|date|time)|date|moved|postponed|put off|cancel(?:l?ed)?|still on|place|address"
    r"|full|seats?|deadline|live|online|stream)\b"
)
COMMON = 4  # Chinese characters of a title in a row that name it


async def answer(chat: Chat, text: str) -> Reply | None:
    """Answer a question about when, where or whether of an event from its row; None for anything else."""
    said = normalise(text)
    if not ASKS.search(said) or not (KINDS.search(said) or ANY.search(said) or len(said) > COMMON):
        return None
    now = chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        coming = await events.upcoming(connection, now)
    meant = [event for event in coming if _is_named(event, said)]
    if not meant and ANY.search(said) and len(coming) == 1:
        meant = coming
    return await _cards(chat, meant[:AT_ONCE]) if meant else None


async def show_events(chat: Chat) -> Reply:
    """List what is coming up, each with its card and a button to sign up."""
    now = chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        coming = await events.upcoming(connection, now)
    if not coming:
        return chat.say("event.none", chat.doors("ask", "start:ask-person"))
    return await _cards(chat, coming[:AT_ONCE])


async def is_known(chat: Chat, code: str) -> bool:
    async with chat.desk.database.read() as connection:
        return await events.by_code(connection, code) is not None


async def own_reply(chat: Chat, code: str) -> EventReply | None:
    """Give this person's reply to an event, if it stands."""
    person = await chat.known_person()
    if person is None:
        return None
    async with chat.desk.database.read() as connection:
        found = await event_replies.of_person_at(connection, person, code)
    return found if found is not None and found.state is not ReplyState.WITHDRAWN else None


def zone_of(chat: Chat, place: str = "") -> str:
    """Give the clock of this person as far as it is known, else the county's."""
    found = zones.find_zone(place) if place else None
    kept = chat.memory.get("zone")
    return found if isinstance(found, str) else str(kept or chat.desk.county.timezone)


async def _cards(chat: Chat, meant: list[Event]) -> Reply:
    now = chat.desk.clock.now()
    parts: list[Part] = []
    rows: list[Sequence[Button]] = []
    for event in meant:
        # A group is no place for what one person has sent.
        mine = await own_reply(chat, event.code) if chat.message.private else None
        zone = mine.zone if mine else zone_of(chat)
        parts += event_words.card_parts(chat, event, zone, now, mine)
        rows += event_words.doors(chat, event, now, mine) if chat.message.private else []
    if len(meant) == 1 and (picture := event_words.qr_file(chat, meant[0])) is not None:
        parts.append(picture)
    return chat.reply(parts, [*rows, *(chat.doors("ask") if chat.message.private else ())], kind="answered")


def _is_named(event: Event, said: str) -> bool:
    titles = [re.sub(r"\d+年?|.{1,4}[县市]", " ", normalise(title)) for title in (event.title, event.title_en) if title]
    kinds = {found[0] for found in KINDS.finditer(said)}
    if any(kind in title for kind in kinds for title in titles):
        return True
    runs = [run for title in titles for run in re.findall(r"[\u4e00-\u9fff]+", title)]
    return any(run[start : start + COMMON] in said for run in runs for start in range(len(run) - COMMON + 1))
