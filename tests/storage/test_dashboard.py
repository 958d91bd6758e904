"""What the console's first page counts, on both databases: the county's, and a township's alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from storage import asked, dashboard, editions, people, questions, registry
from storage.console_tables import EditionState
from storage.database import Connection, Database
from storage.documents import ClauseRow, DocumentRow, all_documents, clauses_of
from storage.errors import Conflict
from storage.registry_tables import Known
from storage.staff import Role, Viewer

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
COUNTY, LIUHE = Viewer("a", Role.COUNTY_ADMIN), Viewer("b", Role.TOWNSHIP, "liuhe")


async def person(connection: Connection, name: str, township: str | None, state: str = "active") -> None:
    await people.ensure_person(connection, name, "web", name, NOW)
    known = Known(name="林溪", contacts=[("wechat", name)], township=township, fields=["making"], language="zh-Hans")
    await registry.keep_profile(
        connection, name, known, NOW, actor="self" if state == "active" else "staff", source="chat", state=state
    )
    await registry.register(
        connection, number=name, person=name, kind="native", record={}, consent_version="1", at=NOW, once=True
    )
    await asked.note(connection, day=TODAY, kind="not_found", topic="land", channel="web", sender=name)


async def test_a_township_counts_its_own_and_the_county_all(database: Database) -> None:
    async with database.write() as connection:
        await person(connection, "p1", "liuhe")
        await person(connection, "p2", "liuhe", "unconfirmed")
        await person(connection, "p3", "qingshi")
        await person(connection, "p4", None)
        await asked.note(connection, day=TODAY, kind="answered", topic="tax", channel="telegram", sender="nobody")
        for number, name in (("100001", "p1"), ("100002", "p3")):
            await questions.leave(
                connection,
                number=number,
                person_id=name,
                channel="web",
                chat=name,
                language="zh-Hans",
                text="?",
                name="?",
                contact_kind="wechat",
                contact="?",
                consent_version="1",
                asked_at=NOW - timedelta(days=3),
            )
        await questions.answer(connection, "100002", "!", NOW)
    span = (TODAY - timedelta(days=6), TODAY, NOW - timedelta(days=7), NOW + timedelta(days=1))
    async with database.read() as connection:
        all_, ours = [await dashboard.counted(connection, who, *span) for who in (COUNTY, LIUHE)]
    assert (all_.people, all_.unconfirmed, all_.registered) == (4, 1, 4)
    assert all_.people_by_township == {"liuhe": 2, "qingshi": 1, "": 1}
    assert (all_.asked_by_kind, all_.missing_by_topic) == ({"not_found": 4, "answered": 1}, {"land": 4})
    assert (all_.open_questions, all_.answered) == (1, 1)
    assert (ours.people, ours.unconfirmed, ours.registered) == (2, 1, 2)
    assert (ours.people_by_township, ours.people_by_field) == ({"liuhe": 2}, {"making": 2})
    assert (sum(ours.asked_by_day.values()), ours.open_questions, ours.answered) == (2, 1, 0)
    assert ours.oldest_open == NOW - timedelta(days=3)


def document(title: str) -> DocumentRow:
    return DocumentRow(
        *("d1", "a.txt", "", title, title, "notice", None, None, None, TODAY, None, None, "public", [], "txt", []), NOW
    )


async def test_an_edition_takes_the_place_of_another_and_gives_it_back(database: Database) -> None:
    async with database.write() as connection:
        for name in ("e1", "e2"):
            await editions.add(connection, identity=name, file="a.txt", size=1, by="wang", at=NOW)
            clause = ClauseRow(f"d1#{name}", "d1", 0, [], "第一条", name, [])
            await editions.keep_read(connection, name, document(name), [clause], NOW)
            await editions.activate(connection, name, NOW, spare=f"spare-{name}")
    assert await answering(database) == ("e2", "e2")
    async with database.write() as connection:
        await editions.activate(connection, "e1", NOW, spare="spare")
    assert await answering(database) == ("e1", "e1")
    async with database.read() as connection:
        states = {one.id: one.state for one in await editions.of_document(connection, "d1")}
    assert states == {"e1": EditionState.ACTIVE, "e2": EditionState.REPLACED}
    with pytest.raises(Conflict):
        async with database.write() as connection:
            await editions.activate(connection, "e1", NOW, spare="spare")


async def answering(database: Database) -> tuple[str, str]:
    async with database.read() as connection:
        [row] = await all_documents(connection)
        [clause] = await clauses_of(connection, [row.id])
    return row.title, clause.text
