"""What the document commands print: what was understood, what was refused, how good the answers are."""

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
    from knowledge.evaluate import Evaluation

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


def show_evaluation(evaluation: Evaluation) -> None:
    """Print the figures a release is judged by, then every fault."""
    console = Console()
    table = Table("指标 Measure", "结果 Result", "比例 Share")
    for name, (right, of) in _figures(evaluation).items():
        table.add_row(name, f"{right} / {of}", f"{right / of:.1%}" if of else "–")
    for kind, (right, of) in evaluation.kinds.items():
        table.add_row(f"[dim]kind {kind}[/]", f"{right} / {of}", f"{right / of:.1%}" if of else "–")
    table.add_row("中位耗时 median ms", f"{evaluation.median_ms:.2f}", "")
    console.print(table)
    for verdict in evaluation.faults:
        wrong = [name for name in ("cited", "figures") if getattr(verdict, name) is False]
        wrong += ["stale"] if verdict.stale else []
        wrong += [f"{verdict.kind}, not {verdict.gold.kind}"] if verdict.kind != verdict.gold.kind else []
        said = Text(f"{verdict.gold.id}: {verdict.gold.text} ").append("; ".join(wrong), style="red")
        console.print(said, soft_wrap=True)


def evaluation_as_json(evaluation: Evaluation) -> str:
    """Give the figures and the faults' ids as one JSON object."""
    figures = {name: {"right": right, "of": of} for name, (right, of) in _measures(evaluation).items()}
    kinds = {name: {"right": right, "of": of} for name, (right, of) in evaluation.kinds.items()}
    faults = [verdict.gold.id for verdict in evaluation.faults]
    return json.dumps({**figures, "kinds": kinds, "median_ms": evaluation.median_ms, "faults": faults})


def _measures(evaluation: Evaluation) -> dict[str, tuple[int, int]]:
    return {
        "cited": evaluation.cited,
        "figures": evaluation.figures,
        "stale": evaluation.stale,
        "refused": evaluation.refused,
        "wrongly_refused": evaluation.wrongly_refused,
    }


def _figures(evaluation: Evaluation) -> dict[str, tuple[int, int]]:
    names = {
        "cited": "引用正确 right clause cited",
        "figures": "数字齐全 figures shown",
        "stale": "过时数字当现行 stale figures as current",
        "refused": "无依据未作答 unanswerable not answered",
        "wrongly_refused": "误拒 wrongly refused",
    }
    return {names[name]: figures for name, figures in _measures(evaluation).items()}


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
