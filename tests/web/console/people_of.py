"""Somebody who left a question with the office, from a township or from nowhere known."""

from __future__ import annotations

from storage import outbox, people, questions, registry
from storage.registry_tables import Known
from tests.web.served import Served


async def asks(site: Served, number: str, text: str, *, township: str | None = None, name: str = "林溪") -> str:
    """Leave a question; give the person's id."""
    office, person, at = site.app.desk, f"person-{number}", site.clock.now()
    async with office.database.write() as connection:
        await people.ensure_person(connection, person, "telegram", f"chat-{number}", at)
        await people.give_consent(connection, person, "ask-person", "2026-1", at)
        if township is not None:
            known = Known(name=name, contacts=[("phone", f"+86138{number}00")], township=township, language="zh-Hans")
            await registry.keep_profile(connection, person, known, at, actor="self", source="chat", state="active")
        await questions.leave(
            connection,
            number=number,
            person_id=person,
            channel="telegram",
            chat=f"chat-{number}",
            language="zh-Hans",
            text=text,
            name=name,
            contact_kind="phone",
            contact="+8613800138000",
            consent_version="2026-1",
            asked_at=at,
        )
    return person


async def heard(site: Served, number: str) -> list[str]:
    """Give what is on its way to whoever asked."""
    office = site.app.desk
    async with office.database.write() as connection:
        due = await outbox.take_due(connection, ["telegram"], office.clock.now(), office.clock.now())
    return [one.body or "" for one in due if one.chat == f"chat-{number}"]
