"""What `laoxiang index` prints: what was understood, what was refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from handlers.library import IndexEntry, IndexReport

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


def show_report(report: IndexReport) -> None:
    """Print a row for every file, then every refusal with its reason."""
    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("结果\nResult", no_wrap=True)
    table.add_column("文件\nFile", overflow="fold", ratio=3)
    table.add_column("名称与文号\nTitle and number", overflow="fold", ratio=5)
    table.add_column("施行\nIn force", no_wrap=True)
    table.add_column("条款\nClauses", justify="right", no_wrap=True)
    for entry in report.entries:
        table.add_row(
            STATUS.get(entry.status, entry.status),
            Text(entry.file),
            Text(_title(entry)),
            _days(entry),
            str(entry.clauses) if entry.clauses else "",
        )
    console.print(table)
    for entry in report.entries:
        if entry.status == "refused":
            console.print(Text.assemble((entry.file, "red"), f": {entry.message}"), soft_wrap=True)
        for warning in entry.warnings:
            console.print(Text.assemble((entry.file, "yellow"), f": {warning}"), soft_wrap=True)
    counted = {status: sum(e.status == status for e in report.entries) for status in STATUS}
    console.print(", ".join(f"{count} {status}" for status, count in counted.items() if count) or "0")


def report_as_json(report: IndexReport) -> str:
    """Give the report as one JSON array."""
    rows = [
        {
            "file": entry.file,
            "status": entry.status,
            "title": entry.document.title if entry.document else None,
            "doc_no": entry.document.doc_no if entry.document else None,
            "clauses": entry.clauses,
            "reason": entry.reason or None,
            "message": entry.message or None,
            "warnings": list(entry.warnings),
        }
        for entry in report.entries
    ]
    return json.dumps(rows, ensure_ascii=False)


def _title(entry: IndexEntry) -> str:
    document = entry.document
    if document is None:
        return ""
    return f"{document.title}\n{document.doc_no}" if document.doc_no else document.title


def _days(entry: IndexEntry) -> str:
    document = entry.document
    if document is None or document.effective is None:
        return ""
    return f"{document.effective}" + (f"\n{document.expires}" if document.expires else "")
