"""Commands for events: staff make, change and call them off, see who comes, and let people in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.people_options import as_option, json_option, reason_option, run_as, tell
from bot.failures import Failure

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.events import Event
    from storage.staff import Viewer

TIME = "2027-02-10 09:30"


@click.group(short_help="Events. 活动")
def events() -> None:
    """Look after events and who comes. 管理活动和报名。"""


def _details(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that describe an event."""
    for option in (
        click.option("--title-en", help="English title. 英文名称。"),
        click.option("--place-en", help="English place. 英文地点。"),
        click.option("--map", "map_link", help="Link to a map. 地图链接。"),
        click.option("--live", "live_link", help="Link to the live stream. 直播链接。"),
        click.option("--quota", type=click.IntRange(1), help="Seats, companions counted. 名额,含同行人。"),
        click.option("--group", "groups", multiple=True, help="A session; repeat for more. 分组,可多次。"),
    ):
        command = option(command)
    return command


@events.command(short_help="Make an event. 新建")
@click.argument("title")
@click.option("--starts", required=True, metavar="TIME", help=f"{TIME}, county time. 开始时间。")
@click.option("--ends", required=True, metavar="TIME", help="结束时间。")
@click.option("--place", required=True, help="地点。")
@click.option("--deadline", metavar="TIME", help="Replies until; the start if left out. 报名截止。")
@click.option("--township", help="A township's own event, by its code. 乡镇活动。")
@_details
@as_option
@json_option
def create(
    title: str, starts: str, ends: str, deadline: str | None, member: str | None, as_json: bool, **given: Any
) -> None:
    """Make an event; it can be signed up for at once. 新建活动,马上可以报名。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        begins = desk.read_moment(office, starts)
        draft = desk.Draft(
            title=title,
            starts_at=begins,
            ends_at=desk.read_moment(office, ends),
            deadline=desk.read_moment(office, deadline) if deadline else begins,
            **given,
        )
        _show(office, await desk.create(office, who, draft), as_json)

    _run(member, run)


@events.command(short_help="Change an event. 变更")
@click.argument("code")
@click.option("--title", help="名称。")
@click.option("--starts", metavar="TIME", help=f"{TIME}, county time. 开始时间。")
@click.option("--ends", metavar="TIME", help="结束时间。")
@click.option("--place", help="地点。")
@click.option("--deadline", metavar="TIME", help="报名截止。")
@click.option("--note", help="Words for everybody who signed up. 给报名者的说明。")
@_details
@as_option
@json_option
def change(code: str, member: str | None, as_json: bool, **given: Any) -> None:
    """Change an event; everybody who signed up is told. 变更活动,通知所有报名者。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        times = {"starts": "starts_at", "ends": "ends_at", "deadline": "deadline"}
        changes: dict[str, Any] = {}
        for name, value in given.items():
            if value in (None, ()):
                continue
            if name in times:
                changes[times[name]] = desk.read_moment(office, value)
            else:
                changes[name] = list(value) if name == "groups" else value
        event, told = await desk.change(office, who, code, changes)
        _show(office, event, as_json)
        if not as_json:
            click.echo(f"将通知 {told} 人 / {told} people will be told")

    _run(member, run)


@events.command(short_help="Call an event off. 取消")
@click.argument("code")
@click.option("--note", help="Why, for everybody who signed up. 给报名者的说明。")
@as_option
def cancel(code: str, note: str | None, member: str | None) -> None:
    """Call an event off; everybody who signed up is told. 取消活动,通知所有报名者。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        event, told = await desk.call_off(office, who, code, note)
        click.echo(f"{event.code} 已取消,将通知 {told} 人 / called off, {told} people will be told")

    _run(member, run)


@events.command("list", short_help="List events. 列表")
@click.option("--all", "everything", is_flag=True, help="Also those that are over. 含已结束的。")
@as_option
@json_option
def list_(everything: bool, member: str | None, as_json: bool) -> None:
    """List the events that are coming up. 列出近期活动。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        found = await desk.listed(office, who, everything=everything)
        if as_json:
            tell({"events": found})
            return
        for event in found:
            click.echo(_line_of(office, event))

    _run(member, run)


@events.command(short_help="Who comes. 名单")
@click.argument("code")
@reason_option
@as_option
@json_option
def attendees(code: str, reason: str, member: str | None, as_json: bool) -> None:
    """List who comes, masked without a reason, with the totals. 报名名单和合计。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        found = await desk.attendees(office, who, code, reason=reason)
        totals = desk.totals(found)
        if as_json:
            hidden = ("person_id", "chat", "channel")
            rows = [
                {name: getattr(one, name) for name in one.__dataclass_fields__ if name not in hidden} for one in found
            ]
            tell({"attendees": rows, "totals": totals})
            return
        for one in found:
            cells = (one.number, one.state, f"{one.seats}人", one.name, one.mobile, one.group, one.diet)
            nights = f"住{one.nights or 1}晚" if one.has_lodging else ""
            click.echo("  ".join(str(cell) for cell in (*cells, nights) if cell))
        click.echo("\n" + "  ".join(f"{name} {count}" for name, count in totals.items()))

    _run(member, run)


@events.command("check-in", short_help="Let somebody in. 签到")
@click.argument("code")
@click.argument("number")
@as_option
def check_in(code: str, number: str, member: str | None) -> None:
    """Let somebody in by the code they show. 凭报名号签到。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import event_desk as desk

        done = await desk.check_in(office, who, code, number)
        words = "签到成功 / let in" if done.is_new else "已签过到 / let in already"
        click.echo(f"{words}: {done.reply.number}, {done.reply.seats} 人 / people")

    _run(member, run)


@events.command(short_help="The card of an event. 名片")
@click.argument("code")
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), default="zh-Hans", show_default=True)
@click.option("--bot", default="", help="The bot's user name, unless the county's profile has it. 机器人用户名。")
@click.option("--qr", type=click.Path(path_type=Path, dir_okay=False), help="Write the QR code as PNG. 二维码。")
@as_option
def card(code: str, language: str, bot: str, qr: Path | None, member: str | None) -> None:
    """Print the card of an event to announce it with, and write its QR code. 打印活动名片,生成二维码。"""

    async def run(office: Office, who: Viewer) -> None:
        from dataclasses import replace

        from handlers import event_desk as desk
        from handlers import event_words
        from handlers.voice import Voice
        from storage.staff import Right

        who.require(Right.ATTENDEES)
        event = await desk.show(office, code)
        named = replace(office, county=replace(office.county, bot=bot or office.county.bot))
        voice = Voice(named, language)
        click.echo(event_words.card(voice, event, office.county.timezone, office.clock.now()).text)
        if qr is not None:
            address = event_words.link(voice, event.code)
            if address is None:
                raise Failure("the QR code needs the bot's user name: --bot NAME, or `bot` in the county's profile")
            qr.write_bytes(event_words.qr_code(address))
            click.echo(f"\n{qr}")

    _run(member, run)


def _run(member: str | None, work: Callable[[Office, Viewer], Awaitable[None]]) -> None:
    from handlers.event_desk import NotPossible

    try:
        run_as(member, work)
    except NotPossible as error:
        raise Failure(str(error)) from error


def _show(office: Office, event: Event, as_json: bool) -> None:
    if as_json:
        tell(event)
    else:
        click.echo(_line_of(office, event))


def _line_of(office: Office, event: Event) -> str:
    from handlers import zones

    now = office.clock.now()
    when = zones.shown(event.starts_at, office.county.timezone, "zh-Hans", now=now, until=event.ends_at)
    seats = f"{event.taken}/{event.quota}" if event.quota else str(event.taken)
    return "  ".join(part for part in (event.code, when, event.title, event.place, seats, event.state.value) if part)
