"""Whom an announcement goes to, on both databases: filters, agreement, stops, one chat a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage import audiences, event_replies, events, people, people_lists, registry, subscriptions
from storage.audiences import Audience, Surroundings
from storage.database import Connection, Database
from storage.registry_tables import Known
from storage.staff import Role, Viewer
from storage.subscription_tables import EVERYTHING, Topic
from tests.gatherings import coming, gathering

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
AROUND = Surroundings("Asia/Shanghai", "zh-Hans", {"US": "America/Los_Angeles"})
ADMIN = Viewer("a", Role.COUNTY_ADMIN)


async def enter(connection: Connection, person: str, known: Known, *, kind: str = "native") -> None:
    """Register somebody with a chat and the registry's consent."""
    await people.ensure_person(connection, person, "test", f"chat-{person}", NOW)
    await registry.keep_profile(connection, person, known, NOW)
    await people.give_consent(connection, person, "registry", "1", NOW - timedelta(days=int(person[1:])))
    await registry.register(
        connection,
        number=f"1{person[1:]:0>5}",
        person=person,
        kind=kind,
        record={},
        consent_version="1",
        at=NOW,
        once=True,
    )


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as connection:
        await enter(connection, "p1", Known("林溪", (), "liuhe", "深圳", "CN/深圳", ["making"], "text", "zh-Hans"))
        await enter(connection, "p2", Known("王芳", (), "qingshi", "美国", "US", ["health"], None, "en"), kind="expert")
        await enter(connection, "p3", Known("赵山", (), "liuhe", "深圳", "CN/深圳", ["making"], "stop"))
        # Somebody who only ticked a topic, and somebody who only once asked a question.
        for person in ("p4", "p5"):
            await people.ensure_person(connection, person, "test", f"chat-{person}", NOW)
        await subscriptions.agree(connection, "p4", Topic.POLICY, "1", NOW)
    return database


async def reached(database: Database, audience: Audience, topic: Topic = Topic.NEWS) -> set[str]:
    async with database.read() as connection:
        rows = (await connection.execute(audiences.chosen(audience, topic, AROUND))).all()
        counts = await audiences.count(connection, audience, topic)
    assert counts.reachable == len(rows) == len({row.person_id for row in rows})
    assert counts.reachable <= counts.fitting
    return {row.person_id for row in rows}


async def test_filters_narrow_and_only_who_agreed_is_in(filled: Database) -> None:
    assert await reached(filled, Audience()) == {"p1", "p2"}
    assert await reached(filled, Audience(), Topic.POLICY) == {"p4"}
    assert await reached(filled, Audience(townships=("liuhe",))) == {"p1"}
    assert await reached(filled, Audience(places=("CN",), fields=("making", "health"))) == {"p1"}
    assert await reached(filled, Audience(places=("US", "CN/深圳"))) == {"p1", "p2"}
    assert await reached(filled, Audience(kinds=("expert",), languages=("en",))) == {"p2"}
    assert await reached(filled, Audience(within="qingshi")) == {"p2"}
    assert await reached(filled, Audience(fields=("farming",))) == set()


async def test_everybody_has_their_language_and_their_clock(filled: Database) -> None:
    async with filled.read() as connection:
        rows = (await connection.execute(audiences.chosen(Audience(), Topic.NEWS, AROUND))).all()
        names = await audiences.sample(connection, Audience(), Topic.NEWS, AROUND)
    told = {row.person_id: (row.channel, row.chat, row.language, row.zone) for row in rows}
    assert told == {
        "p1": ("test", "chat-p1", "zh-Hans", "Asia/Shanghai"),
        "p2": ("test", "chat-p2", "en", "America/Los_Angeles"),
    }
    assert names == ["林＊", "王＊"]


async def test_a_stop_stops_one_topic_or_all_and_agreeing_again_is_one_topic(filled: Database) -> None:
    async with filled.write() as connection:
        await subscriptions.stop(connection, "p1", "news", "1", NOW)
    assert await reached(filled, Audience()) == {"p2"}
    assert await reached(filled, Audience(), Topic.NEEDS) == {"p1", "p2"}
    async with filled.write() as connection:
        await subscriptions.stop(connection, "p2", EVERYTHING, "1", NOW)
    assert await reached(filled, Audience(), Topic.NEEDS) == {"p1"}
    async with filled.write() as connection:
        await subscriptions.agree(connection, "p2", Topic.NEWS, "1", NOW)
        await subscriptions.agree(connection, "p3", Topic.NEWS, "1", NOW)  # had said "no messages"
    assert await reached(filled, Audience()) == {"p2", "p3"}
    assert await reached(filled, Audience(), Topic.NEEDS) == {"p1"}


async def test_consent_taken_back_or_an_entry_nobody_confirmed_is_not_written_to(filled: Database) -> None:
    async with filled.write() as connection:
        await people.withdraw_consent(connection, "p1", "registry", NOW)
        await registry.keep_profile(
            connection, "p4", Known("某人"), NOW, actor="x", source="import", state="unconfirmed"
        )
    assert await reached(filled, Audience()) == {"p2"}
    assert await reached(filled, Audience(), Topic.POLICY) == set()


async def test_two_chats_are_one_recipient_and_a_closed_one_makes_room_for_the_other(filled: Database) -> None:
    async with filled.write() as connection:
        await people.ensure_person(connection, "p1", "web", "w1", NOW)
        await people.ensure_person(connection, "p2", "telegram", "t2", NOW)

    async def chats() -> set[tuple[str, str]]:
        async with filled.read() as connection:
            rows = await connection.execute(audiences.chosen(Audience(), Topic.NEWS, AROUND))
            return {(row.channel, row.chat) for row in rows}

    assert await chats() == {("test", "chat-p1"), ("telegram", "t2")}
    async with filled.write() as connection:
        await subscriptions.note_blocked(connection, [("test", "chat-p1"), ("telegram", "t2")], NOW)
        await subscriptions.note_blocked(connection, [("test", "chat-p2")], NOW)
    assert await chats() == {("web", "w1")}


async def test_who_follows_a_file_is_told_and_a_stop_of_policy_forgets_the_files(filled: Database) -> None:
    async with filled.write() as connection:
        await subscriptions.follow(connection, "p4", "d1", NOW)
        await subscriptions.follow(connection, "p2", "d1", NOW)  # follows, and never agreed
    assert await reached(filled, Audience(asked=("d1",)), Topic.POLICY) == {"p4"}
    async with filled.write() as connection:
        assert await subscriptions.followed(connection) == {"d1"}
        await subscriptions.stop(connection, "p4", "policy", "1", NOW)
        assert (await subscriptions.export(connection, "p4"))["interests"] == []
    assert await reached(filled, Audience(asked=("d1",)), Topic.POLICY) == set()


async def test_merging_two_entries_keeps_the_stop_of_either(filled: Database) -> None:
    async with filled.write() as connection:
        await subscriptions.stop(connection, "p2", "news", "1", NOW)
        await subscriptions.agree(connection, "p1", Topic.NEWS, "1", NOW + timedelta(days=1))
        await people_lists.merge(connection, ADMIN, "p1", "p2", NOW + timedelta(days=2))
    assert await reached(filled, Audience()) == set()


def test_an_audience_is_read_back_as_it_was_and_one_from_the_future_is_refused() -> None:
    audience = Audience(kinds=("native", "expert"), within="liuhe")
    assert audience.as_json() == {"kinds": ["expert", "native"], "within": "liuhe"}
    assert Audience.from_json(audience.as_json()).as_json() == audience.as_json()
    assert Audience().is_everybody
    with pytest.raises(ValueError, match="moods"):
        Audience.from_json({"moods": ["good"]})


async def test_who_comes_to_an_event_is_told_of_it_by_their_own_clock(filled: Database) -> None:
    async with filled.write() as connection:
        await events.create(connection, ADMIN, gathering("E2345", NOW))
        for number, person in (("500001", "p1"), ("500002", "p5")):
            reply = coming(number, "E2345", person, NOW, zone="Europe/Berlin")
            await event_replies.sign_up(connection, reply, NOW)
    # p5 never registered: coming to the event is agreeing to hear of it, and of nothing else.
    assert await reached(filled, Audience(events=("E2345",)), Topic.SERVICE) == {"p1", "p5"}
    assert await reached(filled, Audience(events=("E2345",)), Topic.NEWS) == {"p1"}
    assert await reached(filled, Audience(), Topic.SERVICE) == {"p1", "p2"}
    async with filled.read() as connection:
        rows = await connection.execute(audiences.chosen(Audience(events=("E2345",)), Topic.SERVICE, AROUND))
        assert {row.zone for row in rows} == {"Europe/Berlin"}
    async with filled.write() as connection:
        await event_replies.withdraw(connection, "500002", NOW)
    assert await reached(filled, Audience(events=("E2345",)), Topic.SERVICE) == {"p1"}
