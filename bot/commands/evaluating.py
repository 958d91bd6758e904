"""`laoxiang evaluate`: how good the answers are, by type of question, against bars and against an earlier run."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.documents import json_option, on_option, with_app
from bot.failures import Failure

if TYPE_CHECKING:
    from bot.app import App
    from knowledge.answer import Answer
    from knowledge.evaluate import Evaluation
    from knowledge.gold import Gold

NAMES = {
    "cited": "引用正确 right clause among the three shown",
    "cited_first": "首条即正确 right clause first",
    "figures": "数字齐全 figures shown",
    "stale": "过时数字当现行 stale figures as current",
    "refused": "无依据未作答 unanswerable not answered",
    "wrongly_refused": "误拒 wrongly refused",
    "kinds_right": "类别判断正确 kind of answer right",
    "obeyed": "被指令带偏 instructions obeyed",
}
BARS = "bars.toml"

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Measure answers. 评测")
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_option
@json_option
@click.option(
    "--bars",
    "bars_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"What must hold; {BARS} beside the questions if absent. 达标线文件。",
)
@click.option("--save", type=_file, help="Keep this run, to compare a later one with. 保存本次结果。")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A run kept with --save: what got better, what worse. 与以前的结果比较。",
)
@click.option("--picture", type=_file, help="Draw the result by type of question, as SVG or PNG. 画成图。")
def evaluate(
    questions: Path,
    on: datetime | None,
    as_json: bool,
    bars_file: Path | None,
    save: Path | None,
    against: Path | None,
    picture: Path | None,
) -> None:
    """Measure answers against questions with known clauses; exit code 1 below a bar. 用标准问题集评测。"""
    if bars_file is None and (beside := questions.parent / BARS).is_file():
        bars_file = beside

    async def run(app: App) -> int:
        from knowledge.evaluate import evaluate as measure

        today = on.date() if on else app.desk.clock.today()

        def answer(gold: Gold) -> Answer:
            return app.library.answer(gold.text, on=gold.asked_on or today, history=gold.history)

        if not app.library.documents:
            raise Failure("nothing is indexed, so there is nothing to measure; run 'laoxiang index PATH' first")
        bars = _bars(bars_file) if bars_file else {}
        earlier = _run(against) if against else None
        evaluation = measure(questions, answer, {document.file for document in app.library.documents})
        missed = [name for name in bars if not _holds(name, bars[name], evaluation)]
        record = _record(evaluation, missed)
        if as_json:
            click.echo(json.dumps(record, ensure_ascii=False))
        else:
            _show(evaluation, bars, earlier)
        if save is not None:
            save.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
        if picture is not None:
            from bot.commands.picture_of_answers import draw

            draw(evaluation.by_type, picture)
        return 1 if missed else 0

    with_app(run)


def _bars(path: Path) -> Mapping[str, float]:
    """Read what must hold: a share from 0 to 1 for each measure named. Raises Failure."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        bars = {name: float(value) for name, value in told.items()}
    except (ValueError, TypeError) as error:
        raise Failure(f"{path.name}: each line is a measure and a share from 0 to 1, as in cited = 0.95") from error
    if unknown := bars.keys() - NAMES.keys():
        raise Failure(f"{path.name}: unknown {', '.join(sorted(unknown))}; known are {', '.join(NAMES)}")
    return bars


def _holds(name: str, bar: float, evaluation: Evaluation) -> bool:
    from knowledge.evaluate import MEASURES

    count, of = evaluation.measures[name]
    share = count / of if of else (1.0 if MEASURES[name] else 0.0)
    return share >= bar if MEASURES[name] else share <= bar


def _run(path: Path) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return {"measures": dict(told["measures"]), "faults": list(told["faults"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{path.name}: not a run kept with --save") from error


def _record(evaluation: Evaluation, missed: list[str]) -> dict[str, Any]:
    def counted(groups: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
        return {name: {"count": count, "of": of} for name, (count, of) in groups.items()}

    return {
        "measures": counted(evaluation.measures),
        "by_kind": counted(evaluation.by_kind),
        "by_type": counted(evaluation.by_type),
        "median_ms": round(evaluation.median_ms, 3),
        "below_bar": missed,
        "faults": [verdict.gold.id for verdict in evaluation.faults],
    }


def _show(evaluation: Evaluation, bars: Mapping[str, float], earlier: Mapping[str, Any] | None) -> None:
    """Print the figures beside their bars and an earlier run, then every fault."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table("指标 Measure", "结果 Result", "比例 Share", "达标线 Bar", *(["以前 Before"] if earlier else []))
    for name, (count, of) in evaluation.measures.items():
        bar = bars.get(name)
        style = "" if bar is None else "green" if _holds(name, bar, evaluation) else "red"
        row: list[str | Text] = [
            NAMES[name],
            f"{count} / {of}",
            Text(_share(count, of), style),
            "" if bar is None else f"{bar:.0%}",
        ]
        if earlier:
            before = earlier["measures"].get(name) or {"count": 0, "of": 0}
            row.append(_share(before["count"], before["of"]))
        table.add_row(*row)
    for title, groups in (("kind", evaluation.by_kind), ("type", evaluation.by_type)):
        table.add_section()
        for name, (count, of) in groups.items():
            table.add_row(Text(f"{title} {name}", "dim"), f"{count} / {of}", _share(count, of))
    table.add_section()
    table.add_row("中位耗时 median ms", f"{evaluation.median_ms:.2f}")
    console.print(table)
    for verdict in evaluation.faults:
        wrong = [name for name in ("cited", "figures") if getattr(verdict, name) is False]
        wrong += [name for name in ("stale", "obeyed") if getattr(verdict, name)]
        wrong += [] if verdict.kinds_right else [f"{verdict.kind}, not {verdict.gold.kind}"]
        said = Text(f"{verdict.gold.id}: {verdict.gold.text} ").append("; ".join(wrong), style="red")
        console.print(said, soft_wrap=True)
    if earlier is not None:
        now, before = {verdict.gold.id for verdict in evaluation.faults}, set(earlier["faults"])
        console.print(f"变好 better: {' '.join(sorted(before - now)) or '–'}", soft_wrap=True)
        console.print(f"变差 worse: {' '.join(sorted(now - before)) or '–'}", soft_wrap=True)


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "–"
