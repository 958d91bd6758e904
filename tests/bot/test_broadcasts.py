"""Announcements from approval to report: everyone once, stoppable at any time, nothing stuck, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.channels import TryLater, Undeliverable
from storage import announcements, deliveries, forgetting, recipient_plan, recipients
from storage.announcement_tables import Promise, Recall, RecipientState, State
from storage.announcements import OwnWriter
from storage.database import Database
from storage.errors import Conflict
from tests.bot.announced import UNDO, WORDS, Campaign, Decided

PEOPLE = [f"p{number}" for number in range(30)]


@pytest.fixture
async def campaign(database: Database) -> Campaign:
    campaign = Campaign(database)
    await campaign.has_people(*PEOPLE)
    return campaign


async def test_everyone_gets_it_once_and_the_report_says_so(campaign: Campaign):
    await campaign.announces()

    await campaign.engine.round()

    assert campaign.channel.said == {chat: [WORDS] for chat in PEOPLE}
    assert await campaign.counts() == {"sent": 30}
    now = await campaign.now()
    assert (now.state, now.people, now.finished_at) == (State.FINISHED, 30, campaign.clock.now())
    assert campaign.told.staff == [("A1", "finished")]


async def test_nothing_goes_out_in_the_undo_window_and_undone_it_is_a_draft_again(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await campaign.engine.round()
    assert (await campaign.now()).people == 30
    campaign.clock.passes(seconds=59)
    await campaign.engine.round()

    await campaign.does(announcements.undo)
    campaign.clock.passes(hours=1)
    await campaign.engine.round()

    assert not campaign.channel.said
    assert (await campaign.now()).state is State.DRAFT


async def test_it_can_not_be_undone_a_minute_later(campaign: Campaign):
    await campaign.announces()
    with pytest.raises(Conflict):
        await campaign.does(announcements.undo)


async def test_undone_changed_and_approved_again_it_goes_to_who_is_there_then(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await campaign.engine.round()
    await campaign.does(announcements.undo)
    await campaign.has_people("late")

    await campaign.announces(words="新的")
    await campaign.engine.round()

    assert campaign.channel.said == {chat: ["新的"] for chat in [*PEOPLE, "late"]}


async def test_nobody_approves_what_they_wrote(campaign: Campaign):
    await campaign.writes(writer="wang")
    with pytest.raises(OwnWriter):
        await campaign.approves(by="wang")
    assert (await campaign.now()).state is State.DRAFT


async def test_only_what_was_shown_is_approved(campaign: Campaign):
    await campaign.writes()
    shown = await campaign.does(announcements.submit)
    await campaign.does(announcements.send_back, note="日期不对")
    await campaign.writes(words="别的")
    await campaign.does(announcements.submit)
    with pytest.raises(Conflict):
        await campaign.does(announcements.approve, by="li", digest=shown)


async def test_what_was_changed_behind_the_approval_is_not_sent(campaign: Campaign):
    await campaign.announces()
    async with campaign.database.write() as connection:
        await connection.execute(text("UPDATE announcements SET title = 'x'"))

    await campaign.engine.round()

    assert not campaign.channel.said
    now = await campaign.now()
    assert (now.state, now.reason) == (State.PAUSED, "changed")
    assert campaign.told.staff == [("A1", "paused")]


@pytest.mark.parametrize("what", ["content", "audience"])
async def test_what_this_release_can_not_read_holds_up_nobody_else(campaign: Campaign, what: str):
    draft = await campaign.writes("A1")
    async with campaign.database.write() as connection:
        odd = replace(draft, content={"zh-Hans": {"parts": [{"type": "hologram"}]}}) if what == "content" else draft
        await announcements.save_draft(connection, odd, campaign.clock.now())
    if what == "audience":
        campaign.told.unknown.add("A1")
    await campaign.approves("A1")
    await campaign.announces("A2")

    await campaign.engine.round()

    assert ((await campaign.now("A1")).state, await campaign.counts("A2")) == (State.PAUSED, {"sent": 30})
    assert ("A1", "paused") in campaign.told.staff


async def test_a_scheduled_one_waits_for_its_time(campaign: Campaign):
    at = campaign.clock.now() + timedelta(days=200)
    await campaign.announces(send_at=at)
    await campaign.engine.round()
    assert not campaign.channel.said

    campaign.clock.time = at
    await campaign.engine.round()

    assert len(campaign.channel.said) == 30


async def test_in_daytime_each_gets_it_by_their_own_clock(campaign: Campaign):
    campaign.told.zones = {"p0": "America/New_York", "p1": "Europe/London"}
    campaign.clock.time = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # ten in the county, nine in the evening in New York
    await campaign.announces(in_daytime=True)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 28, "pending": 2}
    due = await campaign.due_of()
    assert due["p0"] == datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    assert due["p1"] == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    # Waiting for the morning is no outage, as long as somebody looks.
    while campaign.clock.time < due["p0"]:
        campaign.clock.passes(minutes=30)
        await campaign.engine.round()

    assert await campaign.counts() == {"sent": 30}
    assert (await campaign.now()).state is State.FINISHED


async def test_who_may_not_receive_is_asked_again_later_or_skipped(campaign: Campaign):
    later = campaign.clock.now() + timedelta(hours=10)

    def decides(recipient, now):
        if recipient.chat == "p0" and now < later:
            return Decided(later=later)
        return Decided(skip="opted-out") if recipient.chat == "p1" else Decided()

    campaign.told.decides = decides
    await campaign.announces(stale_after_s=24 * 3600)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 28, "pending": 1, "skipped": 1}

    campaign.clock.time = later
    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 29, "skipped": 1}
    assert [one.reason for one in await campaign.rows(RecipientState.SKIPPED)] == ["opted-out"]


async def test_whoever_blocked_us_or_is_refused_costs_nobody_else_anything(campaign: Campaign):
    campaign.channel.faults["p3"] = [Undeliverable("403: blocked", blocked=True)]
    campaign.channel.faults["p4"] = [Undeliverable("400: chat not found")]
    campaign.channel.faults["p5"] = [ValueError("ours")]
    await campaign.announces()

    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 27, "blocked": 1, "failed": 2}
    assert campaign.told.blocked == [("test", "p3")]
    assert {one.reason for one in await campaign.rows(RecipientState.FAILED)} == {
        "400: chat not found",
        "fault: ValueError",
    }


@pytest.mark.parametrize("fault", [Conflict("busy"), OperationalError("COMMIT", None, Exception("closed"))])
async def test_a_database_that_is_away_for_a_moment_costs_nobody_their_message(campaign: Campaign, fault: Exception):
    campaign.channel.faults["p3"] = [fault]
    await campaign.announces()
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 29, "pending": 1}
    campaign.clock.passes(seconds=3)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 30}


async def test_who_has_to_wait_is_sent_to_no_sooner_than_asked(campaign: Campaign):
    campaign.channel.faults["p3"] = [TryLater("429", after_s=7, asked=True)]
    await campaign.announces()
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 29, "pending": 1}
    campaign.clock.passes(seconds=6)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 29, "pending": 1}

    campaign.clock.passes(seconds=1)
    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 30}


@pytest.mark.parametrize("promise", Promise)
async def test_what_may_have_arrived_is_settled_by_the_promise(campaign: Campaign, promise: Promise):
    for chat in ("p3", "p4"):
        campaign.channel.faults[chat] = [TryLater("cut", after_s=3, uncertain=True)] * 2
    campaign.channel.faults["p4"].pop()
    await campaign.announces(promise=promise)
    for _ in range(3):
        await campaign.engine.round()
        campaign.clock.passes(seconds=3)

    unknown = [one.chat for one in await campaign.rows(RecipientState.UNKNOWN)]
    assert unknown == (["p3", "p4"] if promise is Promise.NEVER_TWICE else ["p3"])
    # Never called more often than there may be copies.
    assert (len(campaign.channel.faults["p3"]), promise) in {(0, Promise.AT_LEAST_ONCE), (1, Promise.NEVER_TWICE)}
    assert (await campaign.now()).state is State.FINISHED


@pytest.mark.parametrize("promise", Promise)
async def test_what_a_killed_process_had_begun_is_settled_by_the_promise(campaign: Campaign, promise: Promise):
    await campaign.announces(promise=promise)
    await campaign.engine._sweep()
    await asyncio.gather(*campaign.engine._tasks.values())
    await campaign.engine._sweep()
    taken = {one.chat for one in await campaign.takes("killed")}
    campaign.clock.passes(seconds=9)
    await campaign.another().round()
    # It may still live.
    assert await campaign.counts() == {"sent": 5, "sending": 25}

    campaign.clock.passes(seconds=2)
    await campaign.another().round()

    if promise is Promise.NEVER_TWICE:
        assert await campaign.counts() == {"sent": 5, "unknown": 25}
        assert {one.chat for one in await campaign.rows(RecipientState.UNKNOWN)} == taken
    else:
        assert await campaign.counts() == {"sent": 30}
    assert all(len(said) == 1 for said in campaign.channel.said.values())
    assert (await campaign.now()).state is State.FINISHED


async def test_paused_it_rests_and_resumed_it_goes_on(campaign: Campaign):
    await campaign.announces()
    await campaign.does(announcements.pause)
    await campaign.engine.round()
    assert not campaign.channel.said
    # However long: whoever resumes it wants it sent.
    campaign.clock.passes(days=3)

    await campaign.does(announcements.resume)
    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 30}


async def test_stopped_it_reaches_nobody_more_and_every_row_is_closed(campaign: Campaign):
    campaign.channel.faults |= {chat: [TryLater("429", after_s=60, asked=True)] for chat in PEOPLE[:5]}
    await campaign.announces()
    await campaign.engine.round()
    await campaign.does(announcements.stop)
    campaign.clock.passes(minutes=5)

    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 25, "skipped": 5}
    now = await campaign.now()
    assert (now.state, now.finished_at) == (State.STOPPED, campaign.clock.now())
    assert campaign.told.staff == [("A1", "stopped")]


async def test_stopped_while_its_people_are_written_down_it_leaves_nobody_open(campaign: Campaign, monkeypatch):
    """The engine has gathered the audience when somebody stops it, and writes the rows after it was closed."""
    await campaign.writes()
    await campaign.approves()
    gathered, other = recipient_plan._due, campaign.another()

    async def stopped_meanwhile(*given, **more):
        await campaign.does(announcements.stop)
        await other.round()
        return await gathered(*given, **more)

    monkeypatch.setattr(recipient_plan, "_due", stopped_meanwhile)
    await campaign.engine.round()

    assert (await campaign.now()).finished_at is not None
    assert await campaign.counts() == {}
    assert campaign.told.staff == [("A1", "stopped")]


async def test_undone_or_discarded_it_keeps_nobody(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await campaign.engine.round()
    assert await campaign.counts() == {"pending": 30}
    await campaign.does(announcements.undo)
    await campaign.engine.round()
    assert await campaign.counts() == {}
    await campaign.does(announcements.discard)
    assert (await campaign.now()).people == 0


async def test_what_was_left_lying_keeps_nobody_for_ever_and_never_goes_out(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await campaign.engine.round()
    await campaign.does(announcements.pause)
    campaign.clock.passes(days=366)
    async with campaign.database.write() as connection:
        await forgetting.retain(connection, campaign.clock.now())
    assert await campaign.counts() == {"skipped": 30}
    assert not [one for one in await campaign.rows(RecipientState.SKIPPED) if one.chat or one.person_id]
    await campaign.does(announcements.resume)
    await campaign.engine.round()
    assert not campaign.channel.said


async def test_where_everybody_has_to_wait_a_turn_puts_off_a_part_of_them(campaign: Campaign):
    more = [f"q{number}" for number in range(1000)]
    await campaign.has_people(*more)
    morning = campaign.clock.now() + timedelta(hours=10)
    campaign.told.decides = lambda recipient, now: Decided(later=morning if now < morning else None)
    await campaign.announces(stale_after_s=24 * 3600)
    await campaign.engine._sweep()
    await asyncio.gather(*campaign.engine._tasks.values())
    await campaign.engine._sweep()

    turn = await campaign.engine._sending.turn()

    assert 200 <= turn.put_off < 800
    await campaign.engine.round()
    assert set((await campaign.due_of()).values()) == {morning}


@pytest.mark.parametrize("state", ["approved", "sending"])
async def test_after_an_outage_nothing_is_sent_without_asking(campaign: Campaign, state: str):
    await campaign.announces(stale_after_s=3600)
    if state == "sending":
        campaign.channel.faults["p3"] = [TryLater("429", after_s=60, asked=True)]
        await campaign.engine.round()
    said = len(campaign.channel.said)
    campaign.clock.passes(hours=2)

    await campaign.another().round()

    assert ((await campaign.now()).state, len(campaign.channel.said)) == (State.LATE, said)
    assert campaign.told.staff == [("A1", "late")]
    await campaign.does(announcements.go_on)
    await campaign.another().round()
    assert await campaign.counts() == {"sent": 30}


async def test_a_night_in_which_nobody_was_due_is_no_outage(campaign: Campaign):
    campaign.channel.faults["p3"] = [TryLater("429", after_s=10 * 3600, asked=True)]
    await campaign.announces(stale_after_s=3600)
    await campaign.engine.round()
    campaign.clock.passes(hours=10.5)

    await campaign.another().round()

    assert await campaign.counts() == {"sent": 30}


async def test_what_makes_no_sense_any_more_is_asked_about_as_well(campaign: Campaign):
    campaign.channel.faults["p3"] = [TryLater("429", after_s=7200, asked=True)]
    await campaign.announces(not_after=campaign.clock.now() + timedelta(hours=1))
    await campaign.engine.round()
    campaign.clock.passes(hours=2.1)

    await campaign.engine.round()

    now = await campaign.now()
    assert (now.state, now.reason) == (State.LATE, "over")
    await campaign.does(announcements.stop)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 29, "skipped": 1}


async def test_when_too_many_of_the_first_fail_it_pauses_itself(campaign: Campaign):
    more = [f"q{number}" for number in range(270)]
    await campaign.has_people(*more)
    for chat in [*PEOPLE, *more][:40]:
        campaign.channel.faults[chat] = [Undeliverable("400: the text is invalid")] * 9
    await campaign.announces()
    await campaign.engine.round()

    now = await campaign.now()
    assert (now.state, now.reason) == (State.PAUSED, "failures")
    assert campaign.told.staff == [("A1", "paused")]
    counts = await campaign.counts()
    assert counts["failed"] > 10
    # Resumed all the same, it does not pause again.
    await campaign.does(announcements.resume)
    await campaign.engine.round()
    assert await campaign.counts() == {"sent": 260, "failed": 40}


async def test_recalled_it_is_deleted_where_it_was_sent(campaign: Campaign):
    await campaign.announces()
    await campaign.engine.round()

    await campaign.does(announcements.recall, how=Recall.DELETE)
    await campaign.engine.round()

    assert not any(campaign.channel.said.values())
    async with campaign.database.read() as connection:
        assert (await recipients.progress(connection, "A1", campaign.clock.now())).recalled == {"deleted": 30}
    assert campaign.told.staff[-1] == ("A1", "recalled")
    with pytest.raises(Conflict):
        await campaign.does(announcements.recall, how=Recall.DELETE)


async def test_recalled_in_the_middle_it_stops_and_what_can_not_be_deleted_is_edited(campaign: Campaign):
    campaign.channel.faults |= {chat: [TryLater("429", after_s=60, asked=True)] for chat in PEOPLE[:5]}
    await campaign.announces()
    await campaign.engine.round()
    campaign.channel.can_retract = False
    campaign.channel.faults["p9"] = [TryLater("away", after_s=0.01)]
    words = {"zh-Hans": {"parts": [{"type": "paragraph", "text": "请忽略上一条"}]}}

    await campaign.does(announcements.recall, how=Recall.DELETE, content=words)
    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 25, "skipped": 5}
    said = [words for words in campaign.channel.said.values() if words]
    assert said == [["请忽略上一条"]] * 25
    assert {what for _, what in campaign.told.staff} == {"stopped", "recalled"}


async def test_a_part_of_what_was_refused_or_stopped_is_taken_back_as_well(campaign: Campaign):
    campaign.channel.faults["p3"] = [Undeliverable("400", ids=["31"])]
    campaign.channel.faults["p4"] = [TryLater("429", after_s=60, asked=True, ids=["41"])]
    campaign.channel.faults["p5"] = [TryLater("429", after_s=60, asked=True)]
    for chat in ("p3", "p4"):
        campaign.channel.said[chat].append("the picture")
    await campaign.announces()
    await campaign.engine.round()

    await campaign.does(announcements.recall, how=Recall.DELETE)
    await campaign.engine.round()

    assert await campaign.counts() == {"sent": 27, "failed": 1, "skipped": 2}
    assert {"31", "41"} <= set(campaign.channel.gone)
    assert not any(campaign.channel.said.values())


async def test_a_database_that_was_away_while_taking_back_is_no_reason_to_stop(campaign: Campaign, monkeypatch):
    await campaign.announces()
    await campaign.engine.round()
    noted, faults = deliveries.recalled, [Conflict("busy")]

    async def busy_once(*given):
        if faults:
            raise faults.pop()
        await noted(*given)

    monkeypatch.setattr(deliveries, "recalled", busy_once)
    await campaign.does(announcements.recall, how=Recall.DELETE)
    await campaign.engine.round()
    await campaign.engine.round()
    assert campaign.told.staff[-1] == ("A1", "recalled")


async def test_two_engines_at_once_send_nothing_twice(campaign: Campaign):
    for number in ("A1", "A2", "A3"):
        await campaign.announces(number)
    await asyncio.gather(*(campaign.another().round() for _ in range(4)))
    campaign.clock.passes(seconds=1)
    await campaign.engine.round()

    assert campaign.channel.said == {chat: [WORDS] * 3 for chat in PEOPLE}
    assert sorted(campaign.told.staff) == [("A1", "finished"), ("A2", "finished"), ("A3", "finished")]


async def test_whoever_is_deleted_gets_nothing_and_leaves_no_trace(campaign: Campaign):
    await campaign.writes()
    await campaign.approves()
    await campaign.engine.round()
    async with campaign.database.write() as connection:
        await forgetting.forget(connection, "test-p3", number="F1", at=campaign.clock.now())
    campaign.clock.passes(seconds=61)

    await campaign.engine.round()
    async with campaign.database.write() as connection:
        await forgetting.forget(connection, "test-p4", number="F2", at=campaign.clock.now())
        await forgetting.retain(connection, campaign.clock.now() + timedelta(days=366))

    assert "p3" not in campaign.channel.said
    assert await campaign.counts() == {"sent": 29, "skipped": 1}
    assert not [one for one in await campaign.rows(RecipientState.SENT) if one.chat or one.person_id]


async def test_what_people_pressed_is_counted_once(campaign: Campaign):
    await campaign.announces()
    await campaign.engine.round()
    async with campaign.database.write() as connection:
        for button in ("yes", "no"):
            await recipients.note_answer(connection, "A1", "test", "p1", button, campaign.clock.now())
        assert not await recipients.note_answer(connection, "A1", "test", "stranger", "yes", campaign.clock.now())
        progress = await recipients.progress(connection, "A1", campaign.clock.now() + timedelta(seconds=10))
        minutes = await recipients.pace_of(connection, "A1")

    assert progress.answered == {"yes": 1}
    assert progress.per_s == pytest.approx(3.0)
    assert [(minute.at, minute.sent) for minute in minutes] == [(campaign.clock.now().replace(second=0), 30)]


async def test_a_restored_copy_sends_nothing_by_itself(campaign: Campaign):
    await campaign.announces()
    async with campaign.database.write() as connection:
        assert await announcements.pause_all(connection, campaign.clock.now()) == 1
    await campaign.engine.round()
    assert not campaign.channel.said
    assert (await campaign.now()).reason == "restored"


def test_the_undo_window_is_a_minute():
    assert UNDO == announcements.UNDO_FOR
