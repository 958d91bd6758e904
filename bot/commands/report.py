"""What the document commands print: what was understood, what was refused, how good the answers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

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
    table = Table("文件 File", "文件名称 Title", "文号 No.", "施行 In force", "条款 Clauses", "结果 Result")
    for entry in report.entries:
        document = entry.document
        table.add_row(
            entry.file,
            document.title if document else "",
            (document.doc_no or "") if document else "",
            _days(entry),
            str(entry.clauses) if entry.clauses else "",
            STATUS.get(entry.status, entry.status),
        )
    console.print(table)
    for entry in report.entries:
        if entry.status == "refused":
            console.print(f"[red]{entry.file}[/]: {entry.message} [dim]({entry.reason})[/]", soft_wrap=True)
        for warning in entry.warnings:
            console.print(f"[yellow]{entry.file}[/]: {warning}", soft_wrap=True)
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
        console.print(f"{verdict.gold.id}: {verdict.gold.text} [red]{'; '.join(wrong)}[/]", soft_wrap=True)


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


def _days(entry: IndexEntry) -> str:
    document = entry.document
    if document is None or document.effective is None:
        return ""
    return f"{document.effective}" + (f" – {document.expires}" if document.expires else "")
