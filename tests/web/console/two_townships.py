"""Two townships with one of everything each, told apart by words nobody else uses; and the county's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from handlers import announce_desk, event_desk, faq_desk, slot_desk
from handlers.booking_desk import begins
from handlers.event_desk import Draft
from handlers.offering import Wanted, look
from handlers.registry_desk import OPERATOR
from storage import bookings, event_replies, registry
from storage.audiences import Audience
from storage.bookings import NewBooking
from storage.slots import Host, Terms
from storage.staff import Role, Viewer
from storage.subscription_tables import Topic
from storage.tables import Table
from tests.gatherings import coming
from tests.web.console.people_of import asks
from tests.web.served import Served

# Who came in and what was looked at may change; everything else is an effect.
OF_NO_CONSEQUENCE = frozenset({"console_sessions", "console_failures", "console_accounts", "audit", "staff"})


@dataclass(frozen=True, slots=True)
class Things:
    """What there is of one township, by what addresses call it; `canaries` are words of its people alone."""

    names: dict[str, str]
    canaries: tuple[str, ...]

    def shown_in(self, answer: httpx.Response) -> list[str]:
        """Give the words of its people that stand in an answer; what was asked for by name is no secret."""
        return [word for word in self.canaries if word in answer.text and word not in answer.request.url.path]


async def things_of(site: Served, township: str, tag: str) -> Things:
    """Let there be one of everything of a township. `tag` is three digits."""
    office, now = site.app.desk, site.clock.now()
    number, name, question = f"284{tag}", f"甲{tag}氏", f"问题{tag}问的是什么"
    person = await asks(site, number, question, township=township, name=name)
    host = f"host-{tag}"
    await slot_desk.add_host(office, OPERATOR, Host(host, f"窗口{tag}", township=township))
    rule = slot_desk.new_rule(office, host, "FREQ=DAILY", ("09:00", "17:00"), Terms(needs_confirmation=True))
    await slot_desk.add_rule(office, OPERATOR, rule)
    first = begins(office.clock.today() + timedelta(days=2))
    async with office.database.read() as connection:
        seen = await look(connection, Wanted(host_id=host), now=now, from_=first, to=first + timedelta(days=1))
    free, booking = seen.times[0].choices[0], f"B{tag}KQ"
    async with office.database.write() as connection:
        await registry.register(
            connection,
            number=f"3{number[1:]}",
            person=person,
            kind="native",
            record={"name": name},
            consent_version="2026-1",
            at=now,
            once=True,
        )
        new = NewBooking(
            number=booking,
            host_id=host,
            person_id=person,
            channel="telegram",
            chat=f"chat-{number}",
            topic="land",
            mode="site",
            starts_at=free.starts_at,
            ends_at=free.ends_at,
            zone="Asia/Shanghai",
            language="zh-Hans",
            at=now,
            terms=free.terms,
            rule_id=free.rule_id,
        )
        await bookings.hold(connection, new, now + timedelta(minutes=5))
        await bookings.confirm(
            connection, booking, by="self", at=now, name=name, contact=("phone", f"+86139{number}99"), question=question
        )
    starts = now + timedelta(days=30)
    event = await event_desk.create(
        office,
        OPERATOR,
        Draft(
            f"座谈{tag}",
            starts,
            starts + timedelta(hours=2),
            f"会场{tag}",
            starts - timedelta(days=3),
            township=township,
        ),
    )
    reply = f"50{number[:4]}"[:6]
    async with office.database.write() as connection:
        mobile = f"+86138{person[-6:]}00"
        guest = coming(reply, event.code, person, now, channel="telegram", township=township, name=name, mobile=mobile)
        await event_replies.sign_up(connection, guest, now)
    return Things(
        {
            "number": number,
            "person": person,
            "host": host,
            "rule": rule.id,
            "booking": booking,
            "code": event.code,
            "reply": reply,
            "township": township,
        },
        (
            name,
            question,
            f"+86138{number}00",
            f"139{number}99",
            f"座谈{tag}",
            f"会场{tag}",
            f"窗口{tag}",
            person,
            booking,
        ),
    )


async def announced_by(site: Served, things: Things, who: Viewer) -> None:
    """Let somebody have written an announcement, with words of their township."""
    office, number = site.app.desk, f"A{things.names['number'][2:]}"
    async with office.database.write() as connection:
        written = announce_desk.Written(
            topic=Topic.NEWS, texts={"zh-Hans": f"{things.canaries[1]}请看"}, audience=Audience()
        )
        draft = await announce_desk.draft_of(connection, office, who, written, number=number)
        await announce_desk.save(connection, office, who, draft)
    things.names["announcement"] = number


async def of_the_county(site: Served, known: Things) -> dict[str, str]:
    """Give what belongs to no township: a proposal for the FAQ, by a colleague."""
    office = site.app.desk
    faq = await faq_desk.propose(
        office,
        Viewer("somebody", Role.BUREAU),
        question="厂房租金补多少？",
        answer="每平方米每月三元。",
        source="《办法》第七条",
        number=None,
    )
    return {"faq": faq.id, **known.names}


async def everything(site: Served) -> str:
    """Give a digest of all that a post may have changed."""
    digest = hashlib.sha256()
    async with site.app.desk.database.read() as connection:
        for table in sorted(Table.metadata.tables.values(), key=lambda one: one.name):
            if table.name not in OF_NO_CONSEQUENCE:
                rows = await connection.execute(select(table))
                digest.update(repr((table.name, sorted(map(repr, rows)))).encode())
    return digest.hexdigest()
