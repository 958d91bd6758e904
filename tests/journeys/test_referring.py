"""Registering somebody else: words to pass on, the form for whoever got them, and nothing known of either."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.county import County
from handlers.dialogue import Invitation, Reply
from storage import registry_reading
from tests.journeys.filling import SCRIPTS, fill_to_the_end, moved_into, open_form, records_of
from tests.journeys.town import Person, Town, labels

SAID = "我替我哥登记，他叫林强，电话13900001111"


@pytest.fixture(autouse=True)
def _with_townships(town: Town) -> None:
    moved_into(town)


def invitation_in(reply: Reply) -> Invitation:
    return next(part for part in reply.parts if isinstance(part, Invitation))


async def source_of(town: Town, person: Person) -> str:
    async with town.database.read() as connection:
        standing = await registry_reading.standing(connection, str((await person.conversation()).person))
    assert standing is not None
    return standing.source


async def test_who_asks_for_a_brother_gets_words_to_pass_on_and_nothing_is_kept(town: Town, lin: Person) -> None:
    told = await lin.says(SAID)
    assert "本人" in told.text
    invitation = invitation_in(told)
    assert invitation.start == "r-register-native"
    assert invitation.page == "https://wangchuan.example/chat?start=r-register-native"
    assert "林强" not in told.text
    conversation = await lin.conversation()
    assert (conversation.flow, conversation.person, conversation.answers) == (None, None, {})
    assert "林强" not in str(conversation.memory)
    assert "愿" in told.text or "同意" in told.text
    await lin.presses("给我自己登记")
    assert (await lin.conversation()).flow == "register-native"


async def test_whoever_got_it_fills_in_the_form_and_the_other_learns_nothing(town: Town, lin: Person) -> None:
    start = invitation_in(await lin.says("我替我哥登记")).start
    brother = town.person("qiang")
    asked = await brother.says(f"/start {start}")
    assert "转给您的人不会知道" in asked.text
    assert "同意" in labels(asked)
    await fill_to_the_end(brother, SCRIPTS["native"], "text", "zh-Hans")
    assert await records_of(town, brother) == [SCRIPTS["native"].record]
    assert await source_of(town, brother) == "referral"
    assert await town.outbox() == []
    assert "没有保存" in (await lin.says("/mydata")).text


async def test_who_came_by_themself_is_not_counted_as_referred(town: Town, lin: Person) -> None:
    await lin.says("/start r-register-native")
    await lin.says("/cancel")
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    assert await source_of(town, lin) == "self"


async def test_in_english_for_an_event_the_companion_is_mentioned(town: Town) -> None:
    lin = town.person("lin", language="en")
    told = await lin.says("I want to sign up my father for the forum")
    assert "companions" in told.text
    assert "for themselves" in told.text
    assert invitation_in(told).start == "r-event-reply"


async def test_in_the_middle_of_a_form_the_form_goes_on(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await lin.presses("同意")
    await lin.says("我想替我爸登记")
    assert "本人" in lin.seen[0].text
    assert "全名" in lin.seen[-1].text


async def test_after_registering_the_way_in_can_be_passed_on(lin: Person) -> None:
    await open_form(lin, SCRIPTS["expert"])
    await fill_to_the_end(lin, SCRIPTS["expert"], "text", "zh-Hans")
    assert invitation_in(await lin.presses("转给别的老乡")).start == "r-register-native"
    assert invitation_in(await lin.says("/refer register-expert")).start == "r-register-expert"


async def test_a_link_to_no_form_greets(town: Town, lin: Person) -> None:
    town.desk = replace(town.desk, county=County())
    assert "助手" in (await lin.says("/start r-nothing")).text
    assert (await lin.conversation()).flow is None
