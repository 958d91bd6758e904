"""The office's own FAQ: what was answered once answers everybody, after a second person has read it.

Published questions stand in one Markdown file, which the library reads like any other: it ranks as an FAQ, below
the files it cites.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from handlers.desk import Office
from handlers.library import Library
from handlers.questions import tidy
from handlers.registry_desk import NotDone
from knowledge.personal_data import find
from storage import faqs, staff
from storage.console_tables import FaqState
from storage.errors import Conflict
from storage.faqs import Faq
from storage.staff import Right, Role, Viewer

FILE = "迎回建常见问题（人工答复）.md"
LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_SOURCE = 200, 2000, 300


async def propose(
    office: Office, who: Viewer, *, question: str, answer: str, source: str, number: str | None = None
) -> Faq:
    """Propose a question for the FAQ. Raises NotDone for one that is empty, long, sourceless or names somebody."""
    who.require(Right.ANSWER)
    if who.role is Role.TOWNSHIP and number is None:
        raise NotDone("faq.of_a_question")
    question, answer, source = tidy(question), answer.strip(), tidy(source)
    for words, longest, key in (
        (question, LONGEST_QUESTION, "question"),
        (answer, LONGEST_ANSWER, "answer"),
        (source, LONGEST_SOURCE, "source"),
    ):
        if not words:
            raise NotDone(f"faq.no_{key}")
        if len(words) > longest:
            raise NotDone(f"faq.long_{key}")
    if any(find(words) for words in (question, answer, source)):
        raise NotDone("faq.personal")
    at = office.clock.now()
    faq = Faq(office.ids.new(), number, question, answer, source, FaqState.PROPOSED, who.id, at, None, None)
    async with office.database.write() as connection:
        await faqs.propose(connection, faq)
        await staff.audit(connection, who, "proposed for the FAQ", at, detail={"faq": faq.id, "number": number or ""})
    return faq


async def listed(office: Office, who: Viewer, states: Sequence[FaqState]) -> list[Faq]:
    """Give what is in some states; a township's staff see what they proposed."""
    who.require(Right.QUESTIONS)
    async with office.database.read() as connection:
        found = await faqs.listed(connection, states)
    return [one for one in found if who.role is not Role.TOWNSHIP or one.proposed_by == who.id]


async def review(office: Office, library: Library, who: Viewer, identity: str, *, publish: bool, home: Path) -> Faq:
    """Publish what a colleague proposed, or refuse it. Raises NotDone for one's own."""
    who.require(Right.REVIEW)
    at, to = office.clock.now(), FaqState.PUBLISHED if publish else FaqState.REFUSED
    try:
        async with office.database.write() as connection:
            reviewed = await faqs.review(connection, identity, to, who.id, at)
            await staff.audit(
                connection,
                who,
                "published in the FAQ" if publish else "refused for the FAQ",
                at,
                detail={"faq": identity},
            )
    except Conflict as error:
        raise NotDone("faq.not_yours_to_review") from error
    if publish:
        await write_out(office, library, home)
    return reviewed


async def withdraw(office: Office, library: Library, who: Viewer, identity: str, *, home: Path) -> None:
    """Take something out of the FAQ. Raises NotDone for what is not in it."""
    who.require(Right.REVIEW)
    at = office.clock.now()
    try:
        async with office.database.write() as connection:
            await faqs.withdraw(connection, identity, who.id, at)
            await staff.audit(connection, who, "took out of the FAQ", at, detail={"faq": identity})
    except Conflict as error:
        raise NotDone("faq.not_published") from error
    await write_out(office, library, home)


async def write_out(office: Office, library: Library, home: Path) -> None:
    """Write the file anew from what is published, and let it answer."""
    published = await _published(office)
    folder = home / "faq"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    if published:
        today = office.clock.today()
        file.write_text(_written(office, published, today), "utf-8")
        metadata = {
            "title": _title(office),
            "kind": "faq",
            "issuer": office.county.office,
            "published": today.isoformat(),
        }
        manifest = {"files": [{"file": FILE, "metadata": metadata}]}
        (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")
    else:
        file.unlink(missing_ok=True)
    await library.index([folder])
    if published != await _published(office):
        # A colleague published or withdrew something meanwhile, and may have been overwritten.
        await write_out(office, library, home)


async def _published(office: Office) -> list[Faq]:
    async with office.database.read() as connection:
        # All of it: what is left out here would be gone from every answer.
        return await faqs.listed(connection, [FaqState.PUBLISHED], limit=None)


def _title(office: Office) -> str:
    return f"{office.county.name}迎回建常见问题（人工答复）"


def _written(office: Office, published: Sequence[Faq], today: date) -> str:
    lines = [f"# {_title(office)}", "", f"发布单位：{office.county.office}", "", f"发布日期：{today:%Y年%m月%d日}", ""]
    for one in published:
        answer = " ".join(one.answer.split())
        lines += [f"**问：** {one.question}", "", f"**答：** {answer}（依据：{one.source}）", ""]
    return "\n".join(lines)
