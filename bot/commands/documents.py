"""Commands about documents: index them, ask them, search them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.failures import Failure

if TYPE_CHECKING:
    from bot.app import App
    from handlers.conversation import Chat
    from handlers.dialogue import Reply
    from knowledge.answer import Answer
    from knowledge.citing import Citation
    from knowledge.search import Hit

SHOWN = 3  # clauses an answer shows at once, in chat and here

on_option = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to answer for; today if absent. 按哪一天回答。"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON alone. 只输出 JSON。")
batch_option = click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of questions, one JSON object a line. 批量问题文件。",
)
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; standard output if absent.",
)


@click.command(short_help="Read files or folders. 读入文件")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def index(paths: tuple[Path, ...], as_json: bool) -> None:
    """Read files or folders; a second run only does what changed. 读入文件或文件夹。"""
    from bot.commands.report import progress, report_as_json, show_report
    from handlers.register import entries

    async def run(app: App) -> int:
        with progress(shown=sys.stderr.isatty() and not as_json) as on_progress:
            report = await app.library.index(paths, on_progress)
        register = entries(app.library, app.desk.clock.today())
        if as_json:
            click.echo(report_as_json(report, register, app.desk))
        else:
            show_report(report, register, app.desk)
        return 1 if report.entries and len(report.refused) == len(report.entries) else 0

    with_app(run)


@click.command(short_help="Answer questions. 回答问题")
@click.argument("question", required=False)
@on_option
@json_option
@batch_option
@out_option
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), help="Language of the words around quotations.")
def ask(
    question: str | None,
    on: datetime | None,
    as_json: bool,
    batch: Path | None,
    out: Path | None,
    language: str | None,
) -> None:
    """Answer one question, or a file of them. 回答一个问题,或一批问题。"""
    _one_of(question, batch)

    async def run(app: App) -> int:
        today = on.date() if on else app.desk.clock.today()
        if batch is not None:
            _write(out, (_answer(app, entry, today, language)[1] for entry in _read(batch)))
            return 0
        answer, record = _answer(app, {"text": question}, today, language)
        if as_json:
            click.echo(json.dumps(record, ensure_ascii=False))
        else:
            from bot.channels.terminal_view import plain, show
            from handlers import event_answers

            # As in the chat: an event's own row goes before whatever a notice once said of it.
            told = None if on else await event_answers.answer(_chat(app, str(question), language), str(question))
            reply = (told or _presented(app, answer, str(question), language)).model_copy(update={"buttons": ()})
            if sys.stdout.isatty():
                show(reply, app.desk.texts)
            else:
                click.echo(plain(reply, app.desk.texts))
        return 0

    with_app(run)


@click.command(short_help="Rank clauses. 检索条款")
@click.argument("question", required=False)
@on_option
@json_option
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 100), help="How many. 条数。")
@batch_option
@out_option
def search(
    question: str | None, on: datetime | None, as_json: bool, k: int, batch: Path | None, out: Path | None
) -> None:
    """Rank clauses for a question, to judge retrieval. 检索条款,用于评判检索质量。"""
    _one_of(question, batch)

    async def run(app: App) -> int:
        today = on.date() if on else app.desk.clock.today()

        def found(entry: dict[str, Any]) -> dict[str, Any]:
            hits = app.library.search(entry["text"], on=entry["day"] or today, k=k, history=entry["history"])
            return {"id": entry["id"], "ids": [hit.id for hit in hits]}

        if batch is not None:
            _write(out, (found(entry) for entry in _read(batch)))
            return 0
        hits = app.library.search(str(question), on=today, k=k)
        if as_json:
            rows = [{"id": hit.id, "score": round(hit.score, 4), **_found(hit)} for hit in hits]
            click.echo(json.dumps(rows, ensure_ascii=False))
            return 0
        for rank, hit in enumerate(hits, 1):
            click.echo(f"{rank:2}. {hit.score:.3f} {hit.document.title} {hit.clause.label} [{hit.id}]")
            click.echo(f"      {' '.join(_found(hit)['quote'].split())[:100]}")
        return 0

    with_app(run)


def with_app(run: Callable[[App], Any]) -> None:
    """Run a command's work with the assistant put together; what it gives is the exit code."""
    from bot.app import open_app
    from bot.settings import load_settings

    async def session() -> int:
        async with open_app(load_settings()) as app:
            return int(await run(app))

    if status := asyncio.run(session()):
        sys.exit(status)


def _one_of(question: str | None, batch: Path | None) -> None:
    if (question is None) == (batch is None):
        raise click.UsageError("give either a QUESTION or --batch FILE")


def _read(batch: Path) -> list[dict[str, Any]]:
    """Read a whole batch, so that a line that is wrong is told before anything is answered. Raises Failure."""
    from knowledge.gold import turns_of

    try:
        lines = batch.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Failure(f"{batch.name} is not UTF-8 text; save it as UTF-8 and try again") from error
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{batch.name}, line {number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise Failure(f"{where}: not a JSON object; each line is one, with id and text") from error
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str | int):
            raise Failure(f"{where}: each line is a JSON object with id and text")
        if not isinstance(entry.get("text"), str):
            raise Failure(f"{where}: text must be the words of a question, not {json.dumps(entry.get('text'))}")
        asked_on, turns = entry.get("asked_on"), entry.get("history") or []
        try:
            day = date.fromisoformat(asked_on) if asked_on else None
        except (TypeError, ValueError) as error:
            raise Failure(f"{where}: asked_on must be a day such as 2026-03-01") from error
        shape = f"{where}: history is a list of texts, or of objects with role and content"
        if not isinstance(turns, list):
            raise Failure(shape)
        try:
            history = turns_of(turns)
        except (TypeError, AttributeError) as error:
            raise Failure(shape) from error
        entries.append({"id": entry["id"], "text": entry["text"], "day": day, "history": history})
    return entries


def _write(out: Path | None, records: Iterator[dict[str, Any]]) -> None:
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    if out is None:
        for line in lines:
            click.echo(line)
        return
    with out.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _answer(app: App, entry: dict[str, Any], today: date, language: str | None) -> tuple[Answer, dict[str, Any]]:
    on = entry.get("day") or today
    start = time.perf_counter()
    answer = app.library.answer(entry["text"], on=on, history=entry.get("history", ()))
    ms = (time.perf_counter() - start) * 1000
    record = {
        "kind": answer.kind.value,
        "text": _presented(app, answer, entry["text"], language).text,
        "citations": [_cited(citation) for citation in answer.citations[:SHOWN]],
        "on": on.isoformat(),
        "ms": round(ms, 2),
    }
    return answer, {"id": entry["id"], **record} if "id" in entry else record


def _presented(app: App, answer: Answer, question: str, language: str | None) -> Reply:
    from handlers.ask import present

    return present(_chat(app, question, language), answer)


def _chat(app: App, question: str, language: str | None) -> Chat:
    from handlers.conversation import Chat
    from handlers.dialogue import Message
    from storage.conversations import Conversation

    message = Message(
        channel="cli",
        update="",
        chat="",
        sender="",
        at=app.desk.clock.now(),
        text=question,
        language=language,
    )
    return Chat(message, Conversation("cli", "", language=language), app.desk)


def _found(hit: Hit) -> dict[str, Any]:
    from knowledge.personal_data import mask, mask_rows

    document, clause = hit.document, hit.clause
    return {
        "file": document.file,
        "document": document.title,
        "doc_no": document.doc_no,
        "clause": clause.label,
        "quote": _quote(mask(clause.text), mask_rows(clause.rows)),
        "effective": _iso(document.effective),
        "expires": _iso(document.expires),
        "status": hit.standing.status.value,
    }


def _cited(citation: Citation) -> dict[str, Any]:
    return {
        "file": citation.file,
        "document": citation.document,
        "doc_no": citation.doc_no,
        "clause": citation.clause,
        "quote": _quote(citation.quote, citation.rows),
        "effective": _iso(citation.effective),
        "expires": _iso(citation.expires),
        "status": citation.status,
    }


def _quote(text: str, rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(part for part in (text, *(" | ".join(row) for row in rows)) if part)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
