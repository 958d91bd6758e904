"""The registry's queries on both databases: filters, duplicates, merging, refreshing, retention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage import claims, drafts, forgetting, people, people_lists, registry, registry_reading, staff
from storage.database import Connection, Database
from storage.errors import Conflict
from storage.people_lists import Filter
from storage.registry_tables import Known
from storage.staff import NotAllowed, Role, Viewer

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ADMIN, OFFICER = Viewer("a", Role.COUNTY_ADMIN), Viewer("o", Role.TOWNSHIP, "liuhe")
READER = Viewer("r", Role.READER)


async def enter(connection: Connection, person: str, known: Known, at: datetime = NOW, **how: str) -> None:
    await people.ensure_person(connection, person, "test", f"chat-{person}", at)
    await registry.keep_profile(connection, person, known, at, **how)


async def register(connection: Connection, person: str, number: str, at: datetime = NOW) -> str:
    return await registry.register(
        connection,
        number=number,
        person=person,
        kind="native",
        record={"number": number},
        consent_version="1",
        at=at,
        once=True,
    )


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as connection:
        phone = [("phone", "+8613800000001")]
        await enter(connection, "p1", Known("林溪", phone, "liuhe", "深圳", "CN/深圳", ["making"], "text"))
        await register(connection, "p1", "100001")
        await enter(connection, "p2", Known("林 溪", [("wechat", "13800000001")], "liuhe"), actor="x", source="staff")
        await register(connection, "p2", "100002")
        await enter(connection, "p3", Known("王芳", [("email", "Wang@example.com")], "qingshi", fields=["health"]))
    return database


async def test_lists_are_narrowed_and_kept_to_the_viewers_township(filled: Database) -> None:
    async with filled.read() as connection:

        async def found(viewer: Viewer, wanted: Filter) -> set[str]:
            rows = await people_lists.page(connection, viewer, wanted)
            assert len(rows) == await people_lists.count(connection, viewer, wanted)
            return {row.person_id for row in rows}

        assert await found(ADMIN, Filter()) == {"p1", "p2", "p3"}
        assert await found(OFFICER, Filter()) == {"p1", "p2"}
        assert await found(OFFICER, Filter(township="qingshi")) == set()
        assert await found(ADMIN, Filter(field="making", kind="native", place_code="CN/深圳")) == {"p1"}
        assert await found(ADMIN, Filter(contact=("email", "wang@example.com"))) == {"p3"}
        assert await found(ADMIN, Filter(contact=("phone", "+8613800000001"))) == {"p1", "p2"}
        assert await found(ADMIN, Filter(stale_before=NOW + timedelta(days=1))) == {"p1", "p2", "p3"}
        assert await people_lists.one(connection, OFFICER, "p3") is None
        with pytest.raises(NotAllowed):
            await people_lists.page(connection, READER, Filter(), reveal=True)
        with pytest.raises(NotAllowed):
            await people_lists.page(connection, READER, Filter(tier="A"))
        chunks = [row.name async for rows in people_lists.everybody(connection, OFFICER, Filter()) for row in rows]
        assert sorted(chunks) == ["林＊", "林＊＊"]


async def test_duplicates_are_found_once_and_merged_with_their_history(filled: Database) -> None:
    async with filled.write() as connection:
        [(_, rows)] = await people_lists.duplicates(connection, ADMIN)
        assert {row.person_id for row in rows} == {"p1", "p2"}
        await people_lists.merge(connection, ADMIN, "p1", "p2", NOW)
    async with filled.read() as connection:
        assert await people_lists.duplicates(connection, ADMIN) == []
        assert await people.person_of(connection, "test", "chat-p2") == "p1"
        [one] = await registry_reading.registrations(connection, "p1")
        assert one.number == "100001"
        merged = (await registry_reading.history(connection, "p1"))[-1]
    assert merged["before"]["registrations"][0]["record"] == {"number": "100002"}
    with pytest.raises(Conflict):
        async with filled.write() as connection:
            await people_lists.merge(connection, ADMIN, "p1", "p2", NOW)


async def test_a_second_registration_of_a_kind_keeps_the_number_and_the_history(filled: Database) -> None:
    async with filled.write() as connection:
        assert await register(connection, "p1", "100009") == "100001"
        changed = (await registry_reading.history(connection, "p1"))[-1]
    assert (changed["action"], changed["before"]) == ("native.changed", {"number": "100001"})
    with pytest.raises(Conflict):
        async with filled.write() as connection:
            await register(connection, "p3", "100001")


async def test_whoever_is_due_is_asked_once(filled: Database) -> None:
    later = NOW + timedelta(days=200)
    async with filled.write() as connection:
        await people.ensure_person(connection, "p1", "other", "chat-p1", NOW)
        due = await registry_reading.due_for_refresh(connection, later - timedelta(days=182), 10)
        assert {person for person, _, _ in due} == {"p1", "p3"}  # of p2 nobody knows that it was ever right
        assert len(due) == 2
        await registry.note_asked(connection, [person for person, _, _ in due], later)
        assert await registry_reading.due_for_refresh(connection, later - timedelta(days=182), 10) == []


async def test_what_was_kept_long_enough_goes(filled: Database) -> None:
    later = NOW + timedelta(days=100)
    async with filled.write() as connection:
        await drafts.keep(connection, "test", "x", "native", {"name": {"value": "林溪"}}, NOW)
        await enter(connection, "p4", Known("李四"), actor="x", source="import", state="unconfirmed")
        await claims.make(connection, "p4", NOW)
        await staff.audit(connection, ADMIN, "saw", NOW, subject="p1", detail={"reason": "林溪"})
        gone = await forgetting.retain(connection, later)
        assert (gone["drafts"], gone["unconfirmed"], gone["audit"]) == (1, 1, 0)
        assert await registry_reading.standing(connection, "p4") is None
        assert await registry_reading.standing(connection, "p1") is not None


async def test_deleting_somebody_empties_what_was_said_about_them_in_the_log(filled: Database) -> None:
    async with filled.write() as connection:
        await staff.audit(connection, ADMIN, "revealed", NOW, subject="p1", detail={"reason": "林溪"})
        counts = await forgetting.forget(connection, "p1", number="500001", at=NOW)
    assert (counts["registrations"], counts["contacts"]) == (1, 1)
    async with filled.read() as connection:
        [entry] = await staff.audit_log(connection, ADMIN)
        assert entry["detail"] == {}
        assert await registry_reading.standing(connection, "p1") is None


async def test_an_invitation_is_used_once_and_the_newest_role_counts(database: Database) -> None:
    async with database.write() as connection:
        first = await staff.invite(connection, "m1", Role.READER, None, NOW)
        second = await staff.invite(connection, "m2", Role.TOWNSHIP, "liuhe", NOW)
        await staff.bind(connection, first.lower(), "test", "42", NOW)
        await staff.bind(connection, second, "test", "42", NOW)
        viewer = await staff.viewer_of(connection, "test", "42")
        assert viewer == Viewer("m2", Role.TOWNSHIP, "liuhe")
        assert await staff.invited(connection, first, NOW) is None
        late = await staff.invite(connection, "m3", Role.READER, None, NOW - timedelta(days=8))
        assert await staff.invited(connection, late, NOW) is None
        await staff.revoke(connection, "m2", NOW)
        assert await staff.viewer_of(connection, "test", "42") is None
    with pytest.raises(ValueError, match="township"):
        async with database.write() as connection:
            await staff.invite(connection, "m4", Role.TOWNSHIP, None, NOW)
