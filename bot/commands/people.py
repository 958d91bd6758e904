"""Commands for the registry: look people up, and what they sent in; masked without a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.people_care import confirm, grade, merge, refresh, rekey, retain, tier
from bot.commands.people_options import (
    as_option,
    filter_from,
    filters,
    json_option,
    line_of,
    page_options,
    reason_option,
    run_as,
    tell,
)
from bot.commands.people_sheets import export, import_

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer


@click.group(short_help="The registry. 在外人才信息库")
def people() -> None:
    """Look after the registry of natives and experts. 管理在外人才信息库。"""


for command in (export, import_, merge, tier, grade, confirm, refresh, retain, rekey):
    people.add_command(command)


@people.command("list", short_help="List people. 名单")
@filters
@page_options
@reason_option
@as_option
@json_option
def list_(page: int, size: int, reason: str, member: str | None, as_json: bool, **narrowed: Any) -> None:
    """List people, the newest first, masked. 列出人员,默认遮盖姓名和联系方式。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        listed = await desk.list_people(office, who, filter_from(office, narrowed), page=page, size=size, reason=reason)
        if as_json:
            tell({"total": listed.total, "page": page, "people": listed.rows})
            return
        for row in listed.rows:
            click.echo(line_of(office, row))
        click.echo(f"\n共 {listed.total} 人,第 {page} 页 / {listed.total} people, page {page}")
        if narrowed["kind"]:
            from handlers import registry_forms

            wanted = registry_forms.wanted(number=None, kind=narrowed["kind"], nameless=True)
            if (await registry_forms.list_forms(office, who, wanted, size=1))[1]:
                told = f"laoxiang people forms --kind {narrowed['kind']} --nameless"
                click.echo(f"另有匿名的 / more came without a name: {told}")

    run_as(member, run)


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
            tell(shown)
            return
        click.echo(line_of(office, shown["person"]))
        for one in shown.get("registrations", ()):
            click.echo(f"  {one.number} {one.kind} {one.state} {json.dumps(one.record, ensure_ascii=False)}")
        for change in shown.get("history", ()):
            click.echo(f"  {change['at']:%Y-%m-%d %H:%M} {change['actor']}: {change['action']}")

    run_as(member, run)


@people.command(short_help="What was sent in. 收到的表单")
@click.argument("number", required=False)
@click.option("--kind", help="native, expert, need, invest, event, complain … 表单种类。")
@click.option("--nameless", is_flag=True, help="Only what came without a name. 只看匿名的。")
@page_options
@reason_option
@as_option
@json_option
def forms(
    number: str | None,
    kind: str | None,
    nameless: bool,
    page: int,
    size: int,
    reason: str,
    member: str | None,
    as_json: bool,
) -> None:
    """List the forms people sent in, the newest first; their words with a reason. 列出收到的表单,匿名的也在内。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_forms as desk

        wanted = desk.wanted(number=number, kind=kind, nameless=nameless)
        found, total = await desk.list_forms(office, who, wanted, page=page, size=size, reason=reason)
        if as_json:
            tell({"total": total, "page": page, "forms": found})
            return
        for one in found:
            when = f"{one.created_at.astimezone(office.county.zone):%Y-%m-%d %H:%M}"
            click.echo("  ".join(part for part in (one.number, one.kind, when, one.name or "匿名 / no name") if part))
            for name, value in (one.record or {}).items():
                click.echo(f"    {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
        click.echo(f"\n共 {total} 份,第 {page} 页 / {total} forms, page {page}")

    run_as(member, run)


@people.command(short_help="Fetch a file that was sent. 取回附件")
@click.argument("number")
@click.option("--reason", required=True, help="Why; it is logged. 理由,会记录。")
@click.option(
    "--to",
    "folder",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder to put it in. 存到哪个文件夹。",
)
@as_option
def fetch(number: str, reason: str, folder: Path, member: str | None) -> None:
    """Fetch the files sent in with a form, by its number. 按编号取回表单里的附件。"""

    async def run(office: Office, who: Viewer) -> None:
        from bot.fetching import fetch as fetch_from
        from bot.settings import load_settings
        from handlers import registry_forms as desk

        for file in await desk.files_of(office, who, number, reason=reason):
            path = folder / file.kept_as
            content = await fetch_from(load_settings(), file.attachment, office.database)
            await desk.keep_file(office, who, file, path, content)
            click.echo(f"{path}: {len(content) / 1e6:.2f} MB")

    run_as(member, run)


@people.command(short_help="Who may be one person. 查重")
@as_option
@json_option
def duplicates(member: str | None, as_json: bool) -> None:
    """List entries that may be one person. 列出可能重复的人。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        groups = await desk.duplicates(office, who)
        if as_json:
            tell([{"why": why, "people": rows} for why, rows in groups])
            return
        for why, rows in groups:
            click.echo(f"{why}:")
            for row in rows:
                click.echo(f"  {line_of(office, row)}")
        click.echo(f"{len(groups)} 组 / groups")

    run_as(member, run)


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
            tell(entries)
            return
        for entry in entries:
            told = json.dumps(entry["detail"], ensure_ascii=False)
            line = (entry["actor"], entry["role"], entry["action"], entry["subject"] or "", told)
            click.echo(f"{entry['at'].astimezone(office.county.zone):%Y-%m-%d %H:%M} {' '.join(line)}")

    run_as(member, run)
