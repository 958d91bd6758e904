"""What people hear of: ticked, unticked, stopped with one tap, shown and deleted with their data."""

from __future__ import annotations

import pytest

from handlers.dialogue import MessageKind
from storage import people, registry, subscriptions
from storage.registry_tables import Known
from tests.journeys.town import Person, Town, labels


async def heard(town: Town, name: str = "lin") -> dict[str, bool]:
    async with town.database.read() as connection:
        person = await people.person_of(connection, "test", name)
        return dict(await subscriptions.standing(connection, person)) if person else {}


@pytest.fixture
async def registered(town: Town, lin: Person) -> Person:
    """Somebody in the registry, who agreed to be told of events."""
    now = town.clock.now()
    async with town.database.write() as connection:
        await people.ensure_person(connection, "p1", "test", "lin", now)
        await registry.keep_profile(connection, "p1", Known("林溪", (), "liuhe"), now)
        await people.give_consent(connection, "p1", "registry", "1", now)
    return lin


@pytest.mark.parametrize("words", ["/topics", "订阅", "退订", "我的订阅", "TD", "unsubscribe"])
async def test_any_word_for_it_shows_the_boxes(lin: Person, words: str) -> None:
    shown = await lin.says(words)
    boxes = [button.ticked for row in shown.buttons for button in row if button.ticked is not None]
    assert boxes == [False, False, False]


async def test_a_stranger_ticks_one_topic_and_only_that_is_stored(town: Town, lin: Person) -> None:
    shown = await lin.says("/topics")
    assert "七天内最多三条" in shown.text
    ticked = await lin.presses("政策变化")
    assert [button.ticked for row in ticked.buttons for button in row][:3] == [False, True, False]
    assert await heard(town) == {"news": False, "policy": True, "needs": False, "all": False}
    await lin.presses("政策变化")
    assert (await heard(town))["policy"] is False


async def test_the_registry_covers_what_its_consent_says_and_no_more(town: Town, registered: Person) -> None:
    assert await heard(town) == {"news": True, "policy": False, "needs": True, "all": False}
    await registered.says("/topics")
    await registered.presses("全都不收")
    assert await heard(town) == {"news": False, "policy": False, "needs": False, "all": True}
    shown = await registered.says("/topics")
    assert "不收任何通知" in shown.text
    await registered.presses("用人")
    assert await heard(town) == {"news": False, "policy": False, "needs": True, "all": False}


async def test_consent_taken_back_stops_what_stood_on_it(town: Town, registered: Person) -> None:
    await registered.sends(kind=MessageKind.CHOICE, choice="go:withdraw:registry")
    assert not any((await heard(town)).values())


async def test_one_tap_in_the_middle_of_a_form_stops_it_and_the_form_goes_on(town: Town, registered: Person) -> None:
    await registered.says("/start register-expert")
    before = (await registered.conversation()).asked
    await registered.sends(kind=MessageKind.CHOICE, choice="go:stop:news.A2345")
    assert "不再给您发" in registered.seen[0].text
    assert (await registered.conversation()).asked == before
    assert (await heard(town))["news"] is False


async def test_somebody_whose_data_is_gone_is_not_written_to_and_the_button_says_so(town: Town, lin: Person) -> None:
    told = await lin.sends(kind=MessageKind.CHOICE, choice="go:stop:news.A2345")
    assert "不再给您发" in told.text
    assert await heard(town) == {}


@pytest.mark.parametrize("data", ["go:topic:nonsense", "go:topic:service", "go:stop:nonsense.A1", "go:stop"])
async def test_presses_of_another_release_do_no_harm(town: Town, registered: Person, data: str) -> None:
    told = await registered.sends(kind=MessageKind.CHOICE, choice=data)
    assert told.text
    # In doubt what somebody meant by a stop is a stop.
    assert (await heard(town))["all"] is data.startswith("go:stop")


async def test_my_data_shows_it_and_deleting_leaves_nothing(town: Town, lin: Person) -> None:
    await lin.says("/topics")
    await lin.presses("政策变化")
    mine = await lin.says("/mydata")
    assert "我的订阅" in labels(mine)
    shown = await lin.presses("查看全部内容")
    assert "政策变化和申报" in shown.text
    assert "接收" in shown.text
    await lin.presses("删除我的资料")
    await lin.says("是")
    assert await heard(town) == {}
