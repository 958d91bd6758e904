"""Commands for hours: whom people can book, recurring hours, single days, leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.people_options import as_option, json_option, run_as, tell
from bot.commands.slots_bookings import (
    DAY,
    cancel,
    confirm,
    decline,
    done,
    feed,
    free,
    list_,
    move,
    no_show,
    picture,
    today,
)
from bot.commands.slots_lines import booking_line, host_line, rule_line

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer

WEEKDAYS = "MO,TU,WE,TH,FR"


@click.group(short_help="Consultation hours and bookings. 预约时间与预约")
def slots() -> None:
    """Publish consultation hours and settle bookings. 公布咨询时间,处理预约。"""


for command in (list_, today, confirm, decline, cancel, move, no_show, done, free, picture, feed):
    slots.add_command(command)


@slots.command(short_help="Whom people can book. 可约的人")
@as_option
@json_option
def hosts(member: str | None, as_json: bool) -> None:
    """List whom people can book, with hours, extra days and leave. 列出可以预约的岗位和时间。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk

        found, rules, days = await desk.hosts(office, who)
        if as_json:
            tell([{"host": one, "rules": rules[one.id], "days": days[one.id]} for one in found])
            return
        for one in found:
            click.secho(host_line(one), bold=True)
            for rule in rules[one.id]:
                click.echo(f"    {rule_line(rule)}")
            for day in days[one.id]:
                hours = f"{day.starts}–{day.ends}" if day.starts else "全天 / all day"
                kind = {"extra": "加开 / extra", "leave": "请假 / leave"}[day.kind]
                click.echo(f"    {day.day} {hours} {kind}")
        if not found:
            click.echo("还没有可约的岗位 / nobody can be booked yet: laoxiang slots load samples/slots.toml")

    run_as(member, run)


@slots.command(short_help="Hosts and hours from a file. 从文件载入")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_option
def load(file: Path, member: str | None) -> None:
    """Add the hosts of a TOML file with their hours; known ones stay as they are. 从文件载入岗位和时间。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers.slot_sheet import load as load_file

        loaded = await load_file(office, who, file)
        for one in loaded.stored:
            click.echo(f"{one}: 已载入 / added")
        for one in loaded.known:
            click.echo(f"{one}: 已经有了,没有改动 / known already, left as it is")

    run_as(member, run)


@slots.command(short_help="Add somebody to book. 新增岗位")
@click.argument("host")
@click.option("--name", required=True, help="What people see: the post, or an expert's public name. 显示的名称。")
@click.option("--name-en", help="The same in English. 英文名称。")
@click.option("--expert", "is_expert", is_flag=True, help="An expert, not an officer. 专家。")
@click.option("--township", help="Code or name; its staff look after it. 乡镇。")
@click.option("--staff", "staff_id", help="Whose hours these are: a member of staff's id. 工作人员编号。")
@click.option("--person", "person_id", help="Which registered expert this is: the person's id. 专家的人员编号。")
@click.option("--topic", "topics", multiple=True, help="land, tax, school …; all if none is given. 事项。")
@click.option("--mode", "modes", multiple=True, default=("site", "phone", "video"), help="site, phone, video. 方式。")
@click.option("--place", help="Where to come. 地点。")
@click.option("--place-en", help="The same in English. 英文地点。")
@click.option("--link", help="How a video talk is joined. 视频入会方式。")
@as_option
def host(host: str, is_expert: bool, township: str | None, member: str | None, **told: Any) -> None:
    """Add an officer's post or an expert under the id HOST. 新增一个可以预约的岗位或专家。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk
        from storage.slots import Host

        kind = "expert" if is_expert else "officer"
        new = Host(id=host, kind=kind, township=desk.township_of(office, township), **told)
        await desk.add_host(office, who, new)
        click.echo(f"{host}: 已新增 / added; 公布时间 / publish hours: laoxiang slots add {host} --help")

    run_as(member, run)


@slots.command(short_help="Publish weekly hours. 公布每周时间")
@click.argument("host")
@click.option("--days", default=WEEKDAYS, show_default=True, help="MO,TU,WE,TH,FR,SA,SU. 星期几。")
@click.option("--rrule", help="In place of --days: FREQ=MONTHLY;BYDAY=1SA … (RFC 5545). 其他重复规则。")
@click.option("--from", "from_", required=True, help="09:00")
@click.option("--to", required=True, help="12:00")
@click.option("--minutes", "slot_minutes", default=30, show_default=True, help="Length of a talk. 每次多长。")
@click.option("--step", "step_minutes", type=int, help="From one start to the next. 起点间隔。")
@click.option("--buffer", "buffer_minutes", default=0, show_default=True, help="Pause after each. 每次之后空多久。")
@click.option("--capacity", default=1, show_default=True, help="How many at once. 同时几人。")
@click.option("--lead", "lead_minutes", default=120, show_default=True, help="Bookable until, minutes. 提前多少分钟。")
@click.option("--ahead", "ahead_days", default=30, show_default=True, help="Bookable from, days. 提前多少天。")
@click.option("--cancel", "cancel_minutes", default=120, show_default=True, help="Changed until, minutes. 改约期限。")
@click.option("--per-week", type=click.IntRange(1), help="How often one person a week. 每人每周几次。")
@click.option("--confirm", "needs_confirmation", is_flag=True, help="Staff confirm each. 需要工作人员确认。")
@click.option(
    "--holidays",
    default="skip",
    show_default=True,
    type=click.Choice(["skip", "makeup", "keep"]),
    help="Closed; closed, and open on make-up workdays; open. 节假日:休,休且调休日开,照常。",
)
@click.option("--since", type=DAY, help="From this day on. 从哪天起。")
@click.option("--until", type=DAY, help="To this day. 到哪天止。")
@as_option
def add(
    host: str,
    days: str,
    rrule: str | None,
    from_: str,
    to: str,
    holidays: str,
    since: datetime | None,
    until: datetime | None,
    member: str | None,
    **told: Any,
) -> None:
    """Publish recurring hours of HOST, by the county's clock. 公布固定的咨询时间。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk
        from storage.slots import Holidays, Terms

        rule = desk.new_rule(
            office,
            host,
            rrule or f"FREQ=WEEKLY;BYDAY={days}",
            (from_, to),
            Terms(**told),
            holidays=Holidays(holidays),
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        await desk.add_rule(office, who, rule)
        click.echo(f"{host} {rule_line(rule)}: 已公布 / published")

    run_as(member, run)


@slots.command(short_help="End weekly hours. 停止每周时间")
@click.argument("rule")
@click.option("--until", type=DAY, help="The last day; today if not given. 最后一天。")
@as_option
def end(rule: str, until: datetime | None, member: str | None) -> None:
    """End recurring hours by their id; what is booked stands. 停止一条固定时间,已约的不变。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk

        last = until.date() if until else office.clock.today()
        standing = await desk.end_rule(office, who, rule, last)
        click.echo(f"{rule}: 到 {last} 止 / until {last}")
        _tell_standing(office, standing)

    run_as(member, run)


def of_days(from_help: str, to_help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add what says which days of which host, between which hours, and whether that is taken back."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            as_option,
            click.option("--remove", is_flag=True, help="Take it back. 撤销。"),
            click.option("--to", help=to_help),
            click.option("--from", "from_", help=from_help),
            click.option("--to-day", type=DAY, help="And all days up to this. 到哪天。"),
            click.argument("day", type=DAY),
            click.argument("host"),
        ):
            command = option(command)
        return command

    return with_options


@slots.command(short_help="Open one day more. 单日加开")
@of_days("09:00", "12:00")
def day(**asked: Any) -> None:
    """Open extra hours of HOST on a day. 某一天加开时间。"""
    _set_days("extra", **asked)


@slots.command(short_help="Be away. 请假")
@of_days("Away from; the whole day if not given. 从几点。", "Away until. 到几点。")
def leave(**asked: Any) -> None:
    """Note that HOST is away; what is booked stands until you cancel it. 请假,已约的要另行取消。"""
    _set_days("leave", **asked)


@slots.command(short_help="Take no more bookings. 停约")
@click.argument("host")
@click.option("--reopen", is_flag=True, help="Take them again. 重新开放。")
@as_option
def close(host: str, reopen: bool, member: str | None) -> None:
    """Take HOST off the list of whom people can book; what is booked stands. 不再接受预约。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk

        await desk.set_active(office, who, host, reopen)
        click.echo(f"{host}: {'已开放 / open' if reopen else '已停约 / closed'}")

    run_as(member, run)


def _set_days(
    kind: str,
    host: str,
    day: datetime,
    to_day: datetime | None,
    from_: str | None,
    to: str | None,
    remove: bool,
    member: str | None,
) -> None:
    if (from_ is None) != (to is None):
        raise click.UsageError("--from and --to go together / --from 和 --to 要一起给")
    first: date = day.date()
    last = to_day.date() if to_day else first

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk
        from storage.slots import DayKind

        if remove:
            count = await desk.remove_days(office, who, host, DayKind(kind), first, last)
            click.echo(f"{host}: 撤销 {count} 天 / {count} taken back")
            return
        hours = (from_, to) if from_ and to else None
        standing = await desk.add_days(office, who, host, DayKind(kind), first, last, hours)
        click.echo(f"{host} {first}{f' – {last}' if last != first else ''}: 已记录 / noted")
        _tell_standing(office, standing)

    run_as(member, run)


def _tell_standing(office: Office, standing: list[Any]) -> None:
    if standing:
        click.echo("这些预约还在 / these bookings still stand (laoxiang slots cancel NUMBER):")
    for one in standing:
        click.echo(f"    {booking_line(office, one)}")
