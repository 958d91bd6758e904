"""Keys and what is sealed with them: which are missing, and sealing everything anew, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Text, column, inspect, select, table, update

from storage.database import Connection, Database
from storage.vault import PREFIX

# Every sealed column with its table's key; a test holds this against what the tables say.
SEALED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("conversations", ("channel", "chat"), ("memory",)),
    ("answers", ("channel", "chat", "key"), ("value",)),
    ("inbox", ("seq",), ("body",)),
    ("outbox", ("id",), ("body",)),
    ("questions", ("number",), ("text", "name", "contact", "answer")),
    ("profiles", ("person_id",), ("name", "place")),
    ("contacts", ("id",), ("value",)),
    ("registrations", ("number",), ("record",)),
    ("history", ("id",), ("changes",)),
    ("audit", ("id",), ("detail",)),
    ("drafts", ("channel", "chat", "flow"), ("answers",)),
    ("bookings", ("number",), ("name", "contact", "question")),
    ("event_replies", ("number",), ("name", "mobile", "diet")),
    ("booking_waits", ("id",), ("name", "contact", "question")),
    ("console_accounts", ("member_id",), ("totp",)),
    ("web_lines", ("id",), ("body",)),
    ("web_files", ("id",), ("name", "content")),
)
AT_ONCE = 500
ONE_BY_ONE = {"web_files"}  # a row is a file of up to 20 MB


async def missing_keys(connection: Connection, at_hand: Iterable[str]) -> list[str]:
    """Give the ids of keys that something is sealed with and that are not among those at hand.

    Works on a database of any release: what it does not have yet is passed over.
    """
    there = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    known, missing = set(at_hand), set[str]()
    for name, _, columns in SEALED:
        for sealed in columns if name in there else ():
            content = table(name, column(sealed, Text)).c[sealed]
            while True:
                opened = [content.startswith(f"{PREFIX}.{key}.", autoescape=True) for key in known | missing]
                other = select(content).where(content.startswith(f"{PREFIX}."), *(~one for one in opened)).limit(1)
                found = await connection.scalar(other)
                if found is None:
                    break
                missing.add(str(found).split(".")[1])
    return sorted(missing)


async def reseal(database: Database) -> int:
    """Seal everything with the newest key; give how many texts were. May be interrupted and run again."""
    count = 0
    for name, key, columns in SEALED:
        for sealed in columns:
            while done := await _some(database, name, key, sealed):
                count += done
    await database.scrub()
    return count


async def _some(database: Database, name: str, key: tuple[str, ...], sealed: str) -> int:
    rows = table(name, *(column(one) for one in key), column(sealed, Text))
    vault = database.vault
    content = rows.c[sealed]
    old = content.is_not(None) & content.not_like(f"{PREFIX}.{vault.newest}.%")
    async with database.write() as connection:
        some = select(rows).where(old).limit(1 if name in ONE_BY_ONE else AT_ONCE)
        found = (await connection.execute(some)).mappings().all()
        for row in found:
            about = f"{name}.{sealed}"
            again = vault.seal(vault.open(row[sealed], about), about)
            # What was changed or deleted meanwhile is left alone.
            which = [rows.c[one] == row[one] for one in key]
            await connection.execute(update(rows).where(*which, content == row[sealed]).values({sealed: again}))
    return len(found)
