"""What the commands of the registry share: options, running one as a member of staff, and how a person is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
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


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a page."""
    page = click.option("--page", default=1, show_default=True, type=click.IntRange(1), help="Which page. 第几页。")
    size = click.option(
        "--size", default=50, show_default=True, type=click.IntRange(1, 500), help="How many. 每页几条。"
    )
    return page(size(command))


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow a list."""
    for option in (
        click.option("--kind", help="native, expert, need, invest … 登记种类。"),
        click.option("--field", help="Class by field, its code or name. 行业领域。"),
        click.option("--tier", type=click.Choice(["A", "B", "C"]), help="分级。"),
        click.option("--township", help="Code or name. 乡镇。"),
        click.option("--city", help="Where they live: 深圳, US … 现居地。"),
        click.option("--source", type=click.Choice(["self", "referral", "import", "staff"]), help="怎么来的。"),
        click.option("--state", type=click.Choice(["active", "unconfirmed", "wrong"]), help="状态。"),
        click.option(
            "--stale", type=click.IntRange(1), metavar="DAYS", help="Not confirmed for so long. 多少天没核对。"
        ),
        click.option("--name", help="Who is called so, the whole name. 按姓名全名找。"),
        click.option("--contact", help="Who has this number, address or id. 按联系方式找。"),
    ):
        command = option(command)
    return command


def run_as(member: str | None, work: Work) -> None:
    """Do a command's work with the registry open, as a member of staff or as the operator."""
    from bot.app import open_office
    from bot.settings import load_settings
    from handlers import registry_desk as desk

    async def session() -> None:
        async with open_office(load_settings()) as office:
            await work(office, await desk.viewer(office, member))

    asyncio.run(session())


def filter_from(office: Office, narrowed: dict[str, Any]) -> Filter:
    from handlers.bulk import filter_of

    return filter_of(office, **narrowed)


def line_of(office: Office, row: Row) -> str:
    from handlers.spreadsheets import cells_of

    cells = cells_of(row, office.county, tier=True)
    return "  ".join(cell for cell in cells if cell)


def tell(what: Any) -> None:
    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
        return value.isoformat() if isinstance(value, datetime) else str(value)

    click.echo(json.dumps(what, ensure_ascii=False, default=plain))
