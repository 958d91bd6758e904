"""Commands that take the registry's people out to a spreadsheet, and bring people in from one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.people_options import as_option, filter_from, filters, run_as

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer


@click.command(short_help="Write a spreadsheet. 导出")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@filters
@click.option("--reason", required=True, help="Why; it is logged. 理由,会记录。")
@click.option("--reveal", is_flag=True, help="Names and contacts in full. 不遮盖。")
@as_option
def export(file: Path, reason: str, reveal: bool, member: str | None, **narrowed: Any) -> None:
    """Write people to FILE (.xlsx or .csv), text cells only. 导出为表格,只有文本单元格。"""

    async def run(office: Office, who: Viewer) -> None:
        from bot.commands.report import progress
        from handlers import bulk

        with progress(shown=sys.stderr.isatty()) as on_progress:

            def step(done: int, total: int) -> None:
                if on_progress is not None:
                    on_progress(done, total, file.name)

            wanted = filter_from(office, narrowed)
            count = await bulk.export(office, who, wanted, file, reason=reason, reveal=reveal, on_progress=step)
        click.echo(f"{file}: {count} 人 / people")

    run_as(member, run)


@click.command("import", short_help="Bring a spreadsheet in. 导入")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen. 只检查,不保存。")
@click.option("--skip-faulty", is_flag=True, help="Take the rows that are right. 跳过有错的行。")
@click.option(
    "--messages", type=click.Path(dir_okay=False, path_type=Path), help="Where to write what to send. 待发消息。"
)
@as_option
def import_(file: Path, dry_run: bool, skip_faulty: bool, messages: Path | None, member: str | None) -> None:
    """Bring people in from FILE; each has to agree before use. 导入表格;每个人同意后才启用。"""

    async def run(office: Office, who: Viewer) -> None:
        from bot.settings import load_settings
        from handlers import bulk

        done = await bulk.bring_in(office, who, file, dry_run=dry_run, skip_faulty=skip_faulty)
        for number, why in done.faulty:
            click.echo(f"第 {number} 行 / row {number}: {why}")
        for number, why in done.known:
            click.echo(f"第 {number} 行已有 / row {number} is known: {why}")
        verb = "已导入 / imported" if done.stored else "可导入 / would be imported"
        click.echo(f"{done.taken} {verb}, {len(done.known)} 已有 / known, {len(done.faulty)} 有错 / faults")
        if done.messages:
            path = messages or load_settings().home / "exports" / f"messages-{office.clock.now():%Y%m%d-%H%M%S}.csv"
            bulk.write_messages(path, done.messages)
            await bulk.note_messages(office, who, path)
            click.echo(f"请把这些消息发给本人 / send these to the people: {path}")
        refused.extend(done.faulty if not done.stored else ())

    refused: list[tuple[int, str]] = []
    run_as(member, run)
    if refused:
        sys.exit(1)
