"""A registry of 100,000 people: the first page of everything, duplicates, and a whole spreadsheet; times and memory.

python -m benchmarks.people [COUNT]
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from handlers import bulk, registry_desk, tiers
from handlers.clock import SystemClock
from handlers.county import County, TierRule, Township
from handlers.desk import Office
from handlers.ids import RandomIds
from handlers.registry_desk import OPERATOR
from handlers.texts import Texts
from storage.database import Database
from storage.people import Person
from storage.people_lists import Filter
from storage.registry_tables import CONTACT, NAME, PLACE, RECORD, PersonContact, Profile, ProfileField, Registration
from storage.vault import Vault

START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = ("farming", "making", "digital", "trade", "health")
RULES = (TierRule("A", (("kind", ("native",)), ("field", ("making",)))), TierRule("B", (("township", ("t3",)),)))
CITIES = ("深圳", "苏州", "上海", "杭州", "东莞")


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = await Database.open(f"sqlite+aiosqlite:///{home / 'people.db'}", Vault.load(home))
        await database.migrate()
        county = County(townships=tuple(Township(f"t{n}", f"第{n}镇") for n in range(20)), tiers=RULES)
        texts = Texts.load()
        office = Office(
            database=database,
            clock=SystemClock(county.zone),
            ids=RandomIds(),
            county=county,
            texts=texts,
            tier_rules=tiers.read_rules(county, texts),
        )
        started = time.perf_counter()
        await fill(database, count)
        print(f"{count:,} people stored in {time.perf_counter() - started:.1f} s")
        stale = Filter(stale_before=START + timedelta(days=30))
        page = registry_desk.list_people
        await timed("list", lambda: page(office, OPERATOR, Filter()))
        await timed("list, last page", lambda: page(office, OPERATOR, Filter(), page=count // 50))
        await timed("filter: township, field", lambda: page(office, OPERATOR, Filter(township="t3", field="making")))
        await timed("filter: city, kind", lambda: page(office, OPERATOR, Filter(place_code="CN/深圳", kind="native")))
        await timed("filter: tier", lambda: page(office, OPERATOR, Filter(tier="A")))
        await timed("filter: stale", lambda: page(office, OPERATOR, stale))
        await timed("find by contact", lambda: page(office, OPERATOR, Filter(contact=("phone", "+8613800000042"))))
        await timed("duplicates", lambda: registry_desk.duplicates(office, OPERATOR))
        await timed("tiers by rules, dry run", lambda: tiers.grade_all(office, OPERATOR, dry_run=True))
        for name in ("people.xlsx", "people.csv"):
            out = home / name
            await timed(name, lambda out=out: bulk.export(office, OPERATOR, Filter(), out, reason="bench", reveal=True))
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        await database.close()


async def fill(database: Database, count: int) -> None:
    """Store invented people, one in fifty of them twice."""
    vault = database.vault
    for start in range(0, count, 2000):
        rows: dict[Any, list[dict[str, Any]]] = {Person: [], Profile: [], ProfileField: [], PersonContact: []}
        rows[Registration] = []
        for n in range(start, min(start + 2000, count)):
            person, at = f"{n:032x}", START + timedelta(minutes=n)
            same = n - 1 if n % 50 == 1 else n
            phone, name, township = f"+86138{same:08d}", f"林{same}", f"t{same % 20}"
            city = CITIES[n % 5]
            rows[Person].append({"id": person, "created_at": at})
            rows[Profile].append(
                {
                    "person_id": person,
                    "name": vault.seal(name, NAME),
                    "name_township": vault.blind("name+township", f"{name}|{township}"),
                    "township": township,
                    "place": vault.seal(city, PLACE),
                    "place_code": f"CN/{city}",
                    "tier": "ABC"[n % 3],
                    "preference": "text",
                    "language": "zh-Hans",
                    "source": "self",
                    "state": "active",
                    "confirmed_at": at,
                    "created_at": at,
                    "updated_at": at,
                }
            )
            rows[ProfileField].append({"person_id": person, "field": FIELDS[n % 5]})
            contact = {"person_id": person, "kind": "phone", "value": vault.seal(phone, CONTACT)}
            rows[PersonContact].append(contact | {"lookup": vault.blind("phone", phone)})
            rows[Registration].append(
                {
                    "number": f"{n:012d}",
                    "person_id": person,
                    "kind": "native",
                    "slot": "native",
                    "record": vault.seal('{"name": "林"}', RECORD),
                    "state": "submitted",
                    "consent_version": "1",
                    "created_at": at,
                    "updated_at": at,
                }
            )
        async with database.write() as connection:
            for table, values in rows.items():
                await connection.execute(insert(table), values)


async def timed(what: str, work: Callable[[], Awaitable[Any]]) -> None:
    started, worked = time.perf_counter(), time.process_time()
    await work()
    # The second figure is what a machine would take that does nothing else.
    print(f"{what:28} {time.perf_counter() - started:7.2f} s  {time.process_time() - worked:7.2f} s of processor")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
