"""What `laoxiang index` prints: what was understood, what was refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.commands.register_view import Words, summary

if TYPE_CHECKING:
    from handlers.desk import Office
    from handlers.library import IndexEntry, IndexReport
    from handlers.register import Entry

STATUS = {
    "added": "[green]added 新增[/]",
    "updated": "[green]updated 更新[/]",
    "unchanged": "[dim]unchanged 未变[/]",
    "removed": "[yellow]removed 移除[/]",
    "duplicate": "[yellow]duplicate 重复[/]",
    "refused": "[red]refused 拒收[/]",
}


@contextmanager
def progress(*, shown: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """Give a callback that draws a progress bar on standard error, or None."""
    if not shown:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def show_report(report: IndexReport, register: Sequence[Entry], office: Office) -> None:
    """Print a row for every file, then what was found in the new ones, and every refusal with its reason."""
    console, words = Console(), Words(office)
    entries = {entry.document.file: entry for entry in register}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("结果\nResult", no_wrap=True)
    table.add_column("编号\nNo.", justify="right", no_wrap=True)
    table.add_column("文件、名称、文号、机构、种类\nFile, title, number, issuer, kind", overflow="fold", ratio=1)
    table.add_column("发布、施行、到期\nDays", no_wrap=True)
    table.add_column("条款/表\nClauses", justify="right", no_wrap=True)
    for item in report.entries:
        entry = entries.get(item.file)
        table.add_row(
            STATUS.get(item.status, item.status),
            str(entry.number) if entry else "",
            Text.assemble((item.file, "bold"), *(f"\n{line}" for line in _names(entry, words))),
            _days(entry),
            f"{len(entry.kept.clauses)}/{entry.tables}" if entry else "",
        )
    console.print(table)
    for item in report.entries:
        _show_findings(console, item, entries.get(item.file), words)
    counted = {status: sum(e.status == status for e in report.entries) for status in STATUS}
    console.print(", ".join(f"{count} {status}" for status, count in counted.items() if count) or "0")
    if any(entry.warnings for entry in register):
        console.print("核对 / to check: laoxiang documents, laoxiang documents show N", style="dim")


def report_as_json(report: IndexReport, register: Sequence[Entry], office: Office) -> str:
    """Give the report as one JSON array; what was understood of a file has the keys of `documents --json`."""
    words = Words(office)
    entries = {entry.document.file: entry for entry in register}
    nothing: dict[str, Any] = {"title": None, "doc_no": None, "clauses": 0, "warnings": []}
    rows = [
        {
            **(summary(entries[item.file], words) if item.file in entries else nothing),
            "file": item.file,
            "status": item.status,
            "reason": item.reason or None,
            "message": item.message or None,
        }
        for item in report.entries
    ]
    return json.dumps(rows, ensure_ascii=False)


def _show_findings(console: Console, item: IndexEntry, entry: Entry | None, words: Words) -> None:
    """Print under a file's name what it does to others and what to look at; of unchanged files nothing new is said."""
    if item.status == "refused":
        console.print(Text.assemble((item.file, "red"), f": {item.message}"), soft_wrap=True)
    if item.status == "duplicate":
        told = words("warning.duplicate", file=item.message)
        console.print(Text.assemble((item.file, "yellow"), f": {told}"), soft_wrap=True)
    if item.status not in ("added", "updated") or entry is None:
        return
    lines = [("", words.relation(relation)) for relation in entry.document.relations]
    lines += [("", f"{words.relation(relation)}  {words('register.implied')}") for relation in entry.implied]
    lines += [("yellow", words.warning(warning)) for warning in entry.warnings]
    if entry.standing != "in_force":
        lines.insert(0, ("", words.standing(entry)))
    if lines:
        console.print(Text(f"{entry.number} {item.file}", "bold"), soft_wrap=True)
    for style, line in lines:
        console.print(Text(f"  - {line}", style), soft_wrap=True)


def _names(entry: Entry | None, words: Words) -> list[str]:
    if entry is None:
        return []
    document = entry.document
    named = " · ".join(part for part in (document.doc_no, document.issuer, words.kind(document.kind)) if part)
    return [document.title, named]


def _days(entry: Entry | None) -> str:
    if entry is None:
        return ""
    days = (entry.document.published, entry.document.effective, entry.last_day)
    return "\n".join(day.isoformat() if day else "–" for day in days)
