"""Channels that are away, switched off or not served: what waits is asked about, goes another way, or is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.channels import TryLater
from bot.delivery.broadcasts import Broadcasts
from storage import announcements, audiences, recipients, served, switches
from storage.announcement_tables import Recall, RecipientState, State
from storage.audiences import Audience, Surroundings
from storage.database import Database
from storage.people import Identity
from storage.subscription_tables import Topic
from storage.subscriptions import agree
from tests.bot.announced import WORDS, Campaign, Shouts

AWAY = TryLater("no connection", after_s=3)


@pytest.fixture
async def campaign(database: Database) -> Campaign:
    campaign = Campaign(database)
    await campaign.has_people("p0", "p1")
    await campaign.has_people("t0", "t1", channel="far")
    return campaign


def server(campaign: Campaign, *channels: Shouts, serving: bool = True) -> Broadcasts:
    """Another process, with these channels."""
    return Broadcasts(
        campaign.office, {channel.name: channel for channel in channels}, campaign.told.rules, serving=serving
    )


def far(*away: str) -> Shouts:
    """A second channel, away for some chats."""
    channel = Shouts()
    channel.name = "far"
    channel.faults |= {chat: [AWAY] * 10_000 for chat in away}
    return channel


async def passes(campaign: Campaign, engines: list[Broadcasts], hours: float) -> None:
    """Let time pass, looking every half hour as a process that runs does many times."""
    for _ in range(int(hours * 2)):
        campaign.clock.passes(minutes=30)
        for engine in engines:
            await engine.round()


async def test_a_platform_away_for_six_hours_is_asked_about_however_busy_the_process(campaign: Campaign):
    platform = far("t0", "t1")
    engine = server(campaign, campaign.channel, platform)
    await campaign.announces()
    await engine.round()
    await passes(campaign, [engine], 5.5)
    assert (await campaign.now()).state is State.SENDING

    await passes(campaign, [engine], 1)

    now = await campaign.now()
    assert (now.state, now.reason) == (State.LATE, "outage")
    assert campaign.told.staff == [("A1", "late")]
    # It comes back: nothing is sent unasked.
    platform.faults.clear()
    await server(campaign, campaign.channel, platform).round()
    assert not platform.said
    await campaign.does(announcements.go_on)
    await server(campaign, campaign.channel, platform).round()
    assert platform.said == {"t0": [WORDS], "t1": [WORDS]}


async def test_a_platform_that_was_away_for_an_hour_gets_what_waited(campaign: Campaign):
    platform = far("t0", "t1")
    engine = server(campaign, campaign.channel, platform)
    await campaign.announces()
    await engine.round()
    await passes(campaign, [engine], 1)
    platform.faults.clear()
    await server(campaign, campaign.channel, platform).round()
    assert await campaign.counts() == {"sent": 4}


async def test_an_open_terminal_does_not_hide_that_nobody_serves_the_others(campaign: Campaign):
    both = server(campaign, campaign.channel, far())
    await campaign.announces()
    await both._show_up()
    terminal = server(campaign, campaign.channel, serving=False)
    await passes(campaign, [terminal], 7)

    assert campaign.channel.said == {"p0": [WORDS], "p1": [WORDS]}
    assert (await campaign.now()).state is State.LATE
    assert await campaign.counts() == {"sent": 2, "pending": 2}


async def test_a_channel_taken_out_of_the_settings_is_closed_and_the_report_says_so(campaign: Campaign):
    await server(campaign, campaign.channel, far()).round()
    await campaign.announces()
    # Somebody started it anew without the token.
    engine = server(campaign, campaign.channel)
    await engine.round()
    await passes(campaign, [engine], 5.5)
    assert await campaign.counts() == {"sent": 2, "pending": 2}

    await passes(campaign, [engine], 1)

    assert await campaign.counts() == {"sent": 2, "skipped": 2}
    assert {one.reason for one in await campaign.rows(RecipientState.SKIPPED)} == {"no-channel"}
    assert campaign.told.staff == [("A1", "finished")]


async def test_after_an_outage_of_everything_a_channel_that_comes_back_later_is_asked_about(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await server(campaign, campaign.channel, far()).round()
    campaign.clock.passes(seconds=61)
    async with campaign.database.write() as connection:
        assert await announcements.start(connection, "A1", campaign.clock.now())
    campaign.clock.passes(hours=10)
    await server(campaign, campaign.channel).round()
    assert (await campaign.now()).state is State.LATE


async def test_what_was_sent_there_is_given_up_when_it_is_taken_back(campaign: Campaign):
    await campaign.announces()
    await server(campaign, campaign.channel, far()).round()
    await campaign.does(announcements.recall, how=Recall.DELETE)
    engine = server(campaign, campaign.channel)
    await engine.round()
    assert ("A1", "recalled") not in campaign.told.staff

    await passes(campaign, [engine], 7)

    async with campaign.database.read() as connection:
        progress = await recipients.progress(connection, "A1", campaign.clock.now())
    assert progress.recalled == {"deleted": 2, "failed": 2}
    assert campaign.told.staff[-1] == ("A1", "recalled")


async def test_nothing_goes_out_on_a_channel_that_is_switched_off(campaign: Campaign):
    engine = server(campaign, campaign.channel, far())
    async with campaign.database.write() as connection:
        await switches.switch(connection, "far", on=False, by="li", at=campaign.clock.now())
    await campaign.announces()
    await engine.round()
    assert await campaign.counts() == {"sent": 2, "pending": 2}
    campaign.clock.passes(hours=1)
    async with campaign.database.write() as connection:
        await switches.switch(connection, "far", on=True, by="li", at=campaign.clock.now())
    await engine.round()
    assert await campaign.counts() == {"sent": 4}


@pytest.mark.parametrize("how", ["off", "not served"])
async def test_whoever_has_another_chat_is_written_to_there(campaign: Campaign, how: str):
    now = campaign.clock.now()
    async with campaign.database.write() as connection:
        await connection.execute(insert(Identity).values(channel="web", sender="w0", person_id="far-t0"))
        for person in ("far-t0", "far-t1"):
            await agree(connection, person, Topic.POLICY, "1", now)
        if how == "off":
            await switches.switch(connection, "far", on=False, by="li", at=now)
        else:
            earlier = now - timedelta(hours=2)
            await served.see(connection, ["far"], earlier, since=earlier)
            await served.see(connection, ["web"], now, since=earlier)
        around = Surroundings("Asia/Shanghai", "zh-Hans", {})
        chosen = audiences.chosen(Audience(), Topic.POLICY, around).subquery()
        chats = set(await connection.scalars(select(chosen.c.chat)))
    # Whoever has none is not forgotten: the report will say so.
    assert chats == {"w0", "t1"}
