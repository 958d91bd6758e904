"""Commands for the registry: look people up, take lists out and in, merge, tier, confirm; masked without a reason."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.people_lists import Filter, Row
    from storage.staff import Viewer

Work = Callable[["Office", "Viewer"], Awaitable[None]]

as_option = click.option("--as", "member", metavar="STAFF", help="Act as this member of staff. 以这位工作人员的身份。")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON alone. 只输出 JSON。")
reason_option = click.option(
    "--reason", default="", help="Show in full, and why; it is logged. 显示全文的理由,会记录。"
)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow a list."""
    for option in (
        click.option("--kind", help="native, expert, need, invest … 登记种类。"),
        click.option("--field", help="Class by field, its code or name. 行业领域。"),
        click.option("--tier", type=click.Choice(["A", "B", "C"]), help="分级。"),
        click.option("--township", help="Code or name. 乡镇。"),
        click.option("--city", help="Where they live: 深圳, US … 现居地。"),
        click.option("--state", type=click.Choice(["active", "unconfirmed", "wrong"]), help="状态。"),
        click.option(
            "--stale", type=click.IntRange(1), metavar="DAYS", help="Not confirmed for so long. 多少天没核对。"
        ),
        click.option("--contact", help="Who has this number, address or id. 按联系方式找。"),
    ):
        command = option(command)
    return command


@click.group(short_help="The registry. 在外人才信息库")
def people() -> None:
    """Look after the registry of natives and experts. 管理在外人才信息库。"""


@people.command("list", short_help="List people. 名单")
@filters
@click.option("--page", default=1, show_default=True, type=click.IntRange(1), help="Which page. 第几页。")
@click.option("--size", default=50, show_default=True, type=click.IntRange(1, 500), help="How many. 每页几人。")
@reason_option
@as_option
@json_option
def list_(page: int, size: int, reason: str, member: str | None, as_json: bool, **narrowed: Any) -> None:
    """List people, the newest first, masked. 列出人员,默认遮盖姓名和联系方式。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        listed = await desk.list_people(office, who, _filter(office, narrowed), page=page, size=size, reason=reason)
        if as_json:
            _tell({"total": listed.total, "page": page, "people": listed.rows})
            return
        for row in listed.rows:
            click.echo(_line(office, row))
        click.echo(f"\n共 {listed.total} 人,第 {page} 页 / {listed.total} people, page {page}")

    _run(member, run)


@people.command(short_help="Show one person. 查看")
@click.argument("person")
@reason_option
@as_option
@json_option
def show(person: str, reason: str, member: str | None, as_json: bool) -> None:
    """Show one person by id or registration number. 按编号查看一个人。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        is_number = re.fullmatch(r"[\d\s-]+", person)
        found = await desk.find_by_number(office, who, person) if is_number else person
        shown = await desk.show_person(office, who, found, reason=reason)
        if as_json:
            _tell(shown)
            return
        click.echo(_line(office, shown["person"]))
        for one in shown.get("registrations", ()):
            click.echo(f"  {one.number} {one.kind} {one.state} {json.dumps(one.record, ensure_ascii=False)}")
        for change in shown.get("history", ()):
            click.echo(f"  {change['at']:%Y-%m-%d %H:%M} {change['actor']}: {change['action']}")

    _run(member, run)


@people.command(short_help="Write a spreadsheet. 导出")
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

            wanted = _filter(office, narrowed)
            count = await bulk.export(office, who, wanted, file, reason=reason, reveal=reveal, on_progress=step)
        click.echo(f"{file}: {count} 人 / people")

    _run(member, run)


@people.command("import", short_help="Bring a spreadsheet in. 导入")
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
    _run(member, run)
    if refused:
        sys.exit(1)


@people.command(short_help="Who may be one person. 查重")
@as_option
@json_option
def duplicates(member: str | None, as_json: bool) -> None:
    """List entries that may be one person. 列出可能重复的人。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        groups = await desk.duplicates(office, who)
        if as_json:
            _tell([{"why": why, "people": rows} for why, rows in groups])
            return
        for why, rows in groups:
            click.echo(f"{why}:")
            for row in rows:
                click.echo(f"  {_line(office, row)}")
        click.echo(f"{len(groups)} 组 / groups")

    _run(member, run)


@people.command(short_help="Make one of two. 合并")
@click.argument("kept")
@click.argument("other")
@as_option
def merge(kept: str, other: str, member: str | None) -> None:
    """Merge OTHER into KEPT; what OTHER had stays in the history. 合并,历史保留。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        await desk.merge(office, who, kept, other)
        click.echo(f"{other} → {kept}")

    _run(member, run)


@people.command(short_help="Set a tier. 分级")
@click.argument("person")
@click.argument("tier", type=click.Choice(["A", "B", "C", "none"]))
@as_option
def tier(person: str, tier: str, member: str | None) -> None:
    """Put a person into a tier, which only staff see. 设定分级,只有工作人员可见。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        await desk.set_tier(office, who, person, None if tier == "none" else tier)
        click.echo(f"{person}: {tier}")

    _run(member, run)


@people.command(short_help="Note that an entry is right. 核对")
@click.argument("person")
@click.option("--wrong", is_flag=True, help="It reached the wrong person. 找错人了。")
@as_option
def confirm(person: str, wrong: bool, member: str | None) -> None:
    """Note that an entry was found right, or about somebody else. 记录已核对,或者找错了人。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        await desk.confirm(office, who, person, wrong=wrong)
        click.echo(f"{person}: {'停用 / out of use' if wrong else '已核对 / confirmed'}")

    _run(member, run)


@people.command(short_help='Ask "still right?". 半年核对')
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1), help="At most so many. 最多几人。")
@as_option
def refresh(limit: int, member: str | None) -> None:
    """Ask everybody whose half year is over whether the entry is right. 请到期的人核对。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        click.echo(f"{await desk.refresh(office, who, limit)} 人已排队 / queued")

    _run(member, run)


@people.command(short_help="Delete what is old. 到期清理")
@as_option
def retain(member: str | None) -> None:
    """Delete what has been kept long enough. 删除保存期满的内容。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        for name, count in (await desk.retain(office, who)).items():
            click.echo(f"{name}: {count}")

    _run(member, run)


@people.command(short_help="Who saw and changed what. 操作记录")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many. 条数。")
@as_option
@json_option
def audit(limit: int, member: str | None, as_json: bool) -> None:
    """Show who saw, took out and changed what. 查看操作记录。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        entries = await desk.audit_log(office, who, limit)
        if as_json:
            _tell(entries)
            return
        for entry in entries:
            told = json.dumps(entry["detail"], ensure_ascii=False)
            line = (entry["actor"], entry["role"], entry["action"], entry["subject"] or "", told)
            click.echo(f"{entry['at'].astimezone(office.county.zone):%Y-%m-%d %H:%M} {' '.join(line)}")

    _run(member, run)


@people.command(short_help="Change the key. 更换密钥")
def rekey() -> None:
    """Seal all personal data with a new key, and drop the old one. 用新密钥重新加密全部个人信息。"""

    async def session() -> int:
        from bot.app import open_office
        from bot.failures import Failure
        from bot.settings import load_settings
        from storage import resealing, vault

        settings = load_settings()
        if settings.keys is not None:
            raise Failure("the keys come from LAOXIANG_KEYS: add a new one as its last line, then run this again")
        async with open_office(settings):
            vault.add_key(settings.home / "keys")
        async with open_office(settings) as office:
            count = await resealing.reseal(office.database)
        vault.drop_old_keys(settings.home / "keys")
        return count

    click.echo(f"{asyncio.run(session())} 处已重新加密 / sealed again")


def _run(member: str | None, work: Work) -> None:
    from bot.app import open_office
    from bot.settings import load_settings
    from handlers import registry_desk as desk

    async def session() -> None:
        async with open_office(load_settings()) as office:
            await work(office, await desk.viewer(office, member))

    asyncio.run(session())


def _filter(office: Office, narrowed: dict[str, Any]) -> Filter:
    from handlers.bulk import filter_of

    return filter_of(office, **narrowed)


def _line(office: Office, row: Row) -> str:
    from handlers.spreadsheets import cells_of

    cells = cells_of(row, office.county, tier=True)
    return "  ".join(cell for cell in cells if cell)


def _tell(what: Any) -> None:
    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
        return value.isoformat() if isinstance(value, datetime) else str(value)

    click.echo(json.dumps(what, ensure_ascii=False, default=plain))
