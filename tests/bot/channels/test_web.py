"""The county's own pages as a channel: written once, told to every open page, also by another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels import Announcing, Channel, TryLater, Undeliverable
from bot.channels.web import NotServed, WebChannel
from bot.channels.web_open_pages import Event, News
from handlers.dialogue import Button, Message, Paragraph, Reply
from handlers.ids import RandomIds
from storage import web_chats
from storage.database import Database
from storage.vault import Vault
from tests.journeys.town import SetClock

HELLO = Reply(parts=(Paragraph(text="您好"),))
BOX = Reply(parts=(Paragraph(text="选"),), buttons=((Button(label="甲", data="f:1", ticked=False),),))


class Heard:
    """What the channel handed over."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, messages: Sequence[Message]) -> None:
        self.messages += messages


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def channel(database: Database, heard: Heard) -> AsyncIterator[WebChannel]:
    channel = WebChannel(database, SetClock(), RandomIds())
    running = asyncio.create_task(channel.run(heard))
    await asyncio.sleep(0)
    yield channel
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _next(page: AsyncIterator[Event], count: int = 1) -> list[Event]:
    async with asyncio.timeout(10):
        return [await anext(page) for _ in range(count)]


async def test_what_is_said_is_written_handed_over_and_recognised_again(channel: WebChannel, heard: Heard) -> None:
    for _ in range(2):
        await channel.say("lin", "update-1", text="厂房租金", language="zh-Hans")
    # Reception drops the repeat by its update; the page shows it once.
    assert {message.update for message in heard.messages} == {"lin:update-1"}
    assert [line.mine for line in await channel.lines("lin")] == [True]
    await channel.say("li", "update-1", text="厂房租金")
    assert heard.messages[-1].update == "li:update-1"


async def test_lines_of_many_chats_keep_the_order_of_each(channel: WebChannel) -> None:
    await asyncio.gather(
        *(channel.say(chat, f"update-{number}", text=f"{number}") for number in range(5) for chat in ("a", "b", "c"))
    )
    for chat in ("a", "b", "c"):
        lines = await channel.lines(chat)
        assert [Message.model_validate_json(line.body).text for line in lines] == ["0", "1", "2", "3", "4"]


async def test_every_open_page_hears_of_a_reply_and_a_late_one_catches_up(channel: WebChannel) -> None:
    await channel.say("lin", "update-1", text="厂房租金")
    [said] = await channel.lines("lin")
    waiting = [asyncio.create_task(_next(channel.listen("lin", said.id))) for _ in range(2)]
    await asyncio.sleep(0.1)
    await channel.send("lin", HELLO)
    for told in await asyncio.gather(*waiting):
        assert told[0].line is not None
        assert Reply.model_validate_json(told[0].line.body) == HELLO
    await channel.send("lin", HELLO)
    late = await _next(channel.listen("lin", 0), 3)
    assert [event.number for event in late] == sorted(event.number for event in late)


async def test_a_box_changes_where_it_stands(channel: WebChannel) -> None:
    await channel.send("lin", BOX)
    [shown] = await channel.lines("lin")
    await channel.say("lin", "press-01", choice="f:1", label="甲", below=str(shown.id), box=True)
    ticked = BOX.model_copy(update={"replaces": str(shown.id), "parts": (Paragraph(text="选：甲"),)})
    await channel.send("lin", ticked)
    [after] = await channel.lines("lin")
    assert (after.id, Reply.model_validate_json(after.body).text) == (shown.id, "选：甲")


async def test_a_reply_that_should_replace_what_is_gone_is_said_anew(channel: WebChannel) -> None:
    await channel.send("lin", HELLO.model_copy(update={"replaces": "77"}))
    assert len(await channel.lines("lin")) == 1


async def test_another_process_is_heard_as_well(database_url: str, heard: Heard) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("one process serves a channel there")
    vault = Vault.of_this_process()
    here, there = await Database.open(database_url, vault), await Database.open(database_url, vault)
    await here.migrate()
    mine = WebChannel(here, SetClock(), RandomIds(), poll_s=0.02)
    other = WebChannel(there, SetClock(), RandomIds())
    running = asyncio.create_task(mine.run(heard))
    page = mine.listen("lin", 0)
    for _ in range(2):
        waiting = asyncio.create_task(_next(page))
        await other.send("lin", HELLO)
        [event] = await waiting
        assert event.news is News.LINE
    # What changes in place: a box that was ticked, an announcement taken back, everything cleared.
    await other.send("lin", BOX)
    [shown] = await _next(page)
    ticked = BOX.model_copy(update={"replaces": str(shown.number), "parts": (Paragraph(text="选：甲"),)})
    await other.send("lin", ticked)
    [again] = await _next(page)
    assert (again.news, again.number) == (News.LINE, shown.number)
    assert again.line is not None
    assert "选：甲" in again.line.body
    await other.retract("lin", [str(shown.number)])
    assert await _next(page) == [Event(News.GONE, shown.number)]
    # Our own words are told once, whoever else looks.
    await mine.send("lin", HELLO)
    [own] = await _next(page)
    await other.clear("lin")
    assert await _next(page) == [Event(News.CLEARED)]
    await other.send("lin", HELLO)
    [after] = await _next(page)
    assert (after.news, after.number > own.number) == (News.LINE, True)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await page.aclose()  # type: ignore[attr-defined]
    await here.close()
    await there.close()


async def test_an_announcement_is_written_amended_and_taken_away(channel: WebChannel, database: Database) -> None:
    assert isinstance(channel, Announcing)
    one: Channel = channel
    assert one.name == "web"
    with pytest.raises(Undeliverable) as nobody:
        await channel.announce("lin", HELLO)
    assert nobody.value.blocked
    async with database.write() as connection:
        await web_chats.begin_visit(connection, "s" * 43, "lin", SetClock().now())
    ids = await channel.announce("lin", HELLO)
    assert await channel.announce("lin", HELLO, after=1) == []
    assert await channel.amend("lin", ids, BOX)
    assert [Reply.model_validate_json(line.body) for line in await channel.lines("lin")] == [BOX]
    assert await channel.retract("lin", ids)
    assert await channel.lines("lin") == []
    assert not await channel.amend("lin", ids, BOX)


@pytest.mark.parametrize(("fault", "uncertain"), [("has_readers", False), ("write", True)])
async def test_a_database_that_is_away_is_no_end_of_an_announcement(
    channel: WebChannel, monkeypatch: pytest.MonkeyPatch, fault: str, uncertain: bool
) -> None:
    async def there(*_: object) -> bool:
        return True

    async def away(*_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("the connection is closed"))

    monkeypatch.setattr(web_chats, "has_readers", there)
    monkeypatch.setattr(web_chats, fault, away)
    with pytest.raises(TryLater) as wait:
        await channel.announce("lin", HELLO)
    assert wait.value.uncertain is uncertain


async def test_a_number_is_never_given_again(channel: WebChannel) -> None:
    await channel.send("lin", HELLO)
    [first] = await channel.lines("lin")
    page = channel.listen("lin", first.id)
    waiting = asyncio.create_task(_next(page, 2))
    await asyncio.sleep(0.1)
    await channel.clear("lin")
    await channel.send("lin", HELLO)
    # Whoever comes back and has seen all that is gone must see what is new.
    [again] = await channel.lines("lin", after=first.id)
    assert again.id > first.id
    assert [event.news for event in await waiting] == [News.CLEARED, News.CLEARED]


async def test_nothing_is_taken_while_nobody_serves(database: Database) -> None:
    channel = WebChannel(database, SetClock(), RandomIds())
    with pytest.raises(NotServed):
        await channel.say("lin", "update-1", text="厂房租金")
    assert await channel.lines("lin") == []


async def test_open_pages_end_when_the_assistant_stops(database: Database, heard: Heard) -> None:
    channel = WebChannel(database, SetClock(), RandomIds())
    running = asyncio.create_task(channel.run(heard))
    page = asyncio.create_task(_all(channel.listen("lin", 0)))
    await asyncio.sleep(0.1)
    running.cancel()
    assert await asyncio.wait_for(page, 5) == []
    await asyncio.gather(running, return_exceptions=True)


async def test_a_page_ends_when_whoever_opened_it_may_look_no_more(database: Database, heard: Heard) -> None:
    channel = WebChannel(database, SetClock(), RandomIds(), check_s=0.01)
    may = [True, True, False]

    async def still() -> bool:
        return may.pop(0)

    assert await asyncio.wait_for(_all(channel.listen("lin", 0, who="a", may=still)), 5) == []
    assert may == []
    await channel.send("lin", HELLO)
    one, other = channel.listen("lin", 0, who="a"), channel.listen("lin", 0, who="b")
    for page in (one, other):
        assert [event.news for event in await _next(page)] == [News.LINE]
    channel.hang_up("lin", "a")
    assert await asyncio.wait_for(_all(one), 5) == []
    await channel.send("lin", HELLO)
    channel.hang_up("lin", "b")
    assert [event.news for event in await asyncio.wait_for(_all(other), 5)] == [News.LINE]


async def _all(page: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in page]


async def test_visits_links_and_lines_end_in_time(database: Database) -> None:
    clock = SetClock()
    channel = WebChannel(database, clock, RandomIds())
    start = clock.now()
    async with database.write() as connection:
        await web_chats.begin_visit(connection, "s" * 43, "lin", start)
        await web_chats.new_link(connection, "t" * 43, "lin", start)
    await channel.send("lin", HELLO)
    async with database.read() as connection:
        assert await web_chats.chat_of(connection, "s" * 43, start + timedelta(days=29)) == ("lin", True)
        assert await web_chats.chat_of(connection, "s" * 43, start + timedelta(days=31)) is None
        assert await web_chats.chat_of_link(connection, "t" * 43, start + timedelta(days=31)) is None
        assert await web_chats.chat_of(connection, "x" * 43, start) is None
    async with database.write() as connection:
        assert await web_chats.retain(connection, start + timedelta(days=31)) == 1
    assert await channel.lines("lin") == []
