"""Commands for bookings: the list, today's, settling them, what is free, pictures, an officer's calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.people_options import as_option, json_option, reason_option, run_as, tell
from bot.commands.slots_lines import booking_line

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer

STATES = ("held", "pending", "confirmed", "cancelled", "declined", "expired", "no_show", "done")
DAY = click.DateTime(["%Y-%m-%d"])
host_option = click.option("--host", "host_id", help="One host's alone. 只看一个岗位。")
words_option = click.option("--words", default="", help="What the person hears besides. 附给对方的话。")


@click.command("list", short_help="List bookings. 预约名单")
@click.option("--from", "first", type=DAY, help="From this day on; today if not given. 从哪天。")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 400), help="How many days. 几天。")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="状态。")
@host_option
@reason_option
@as_option
@json_option
def list_(
    first: datetime | None,
    days: int,
    states: tuple[str, ...],
    host_id: str | None,
    reason: str,
    member: str | None,
    as_json: bool,
) -> None:
    """List bookings, masked without a reason; your own in full. 列出预约,默认遮盖姓名和联系方式。"""
    _list(first.date() if first else None, days, states, host_id, reason, member, as_json)


@click.command(short_help="Today's bookings. 今天的预约")
@host_option
@reason_option
@as_option
@json_option
def today(host_id: str | None, reason: str, member: str | None, as_json: bool) -> None:
    """List what is booked for today. 列出今天的预约。"""
    _list(None, 1, ("pending", "confirmed", "no_show", "done"), host_id, reason, member, as_json)


def _list(
    first: date | None,
    days: int,
    states: tuple[str, ...],
    host_id: str | None,
    reason: str,
    member: str | None,
    as_json: bool,
) -> None:
    async def run(office: Office, who: Viewer) -> None:
        from handlers import booking_desk as desk
        from storage.bookings import State

        begin = first or office.clock.today()
        last = begin + timedelta(days=days - 1)
        wanted = [State(one) for one in states] or None
        seen = await desk.agenda(office, who, begin, last, host_id=host_id, states=wanted, reason=reason)
        if as_json:
            tell([{name: getattr(one, name) for name in _TOLD} for one in seen.bookings])
            return
        for one in seen.bookings:
            click.echo(booking_line(office, one))
        click.echo(f"\n{begin} – {last}: {len(seen.bookings)} 个预约 / bookings")
        if waiting := {str(day): count for day, count in seen.waiting.items() if count}:
            click.echo("候补 / waiting: " + ", ".join(f"{day} {count}" for day, count in waiting.items()))

    run_as(member, run)


# People's chats and internal ids stay inside.
_TOLD = (
    "number", "host_id", "host_name", "topic", "mode", "starts_at", "ends_at", "zone", "state", "name", "contact",
    "question", "language", "needs_confirmation", "cancel_until", "created_at", "changed_at",
)  # fmt: skip


def _settling(name: str, state: str, short: str, help_: str, *, speaks: bool) -> click.Command:
    """Make the command that moves a booking to a state."""

    def command(number: str, member: str | None, words: str = "") -> None:
        async def run(office: Office, who: Viewer) -> None:
            from handlers import booking_desk as desk
            from storage.bookings import State

            moved = await desk.settle(office, who, number, State(state), words=words)
            click.echo(booking_line(office, moved))
            if speaks:
                click.echo(f"已通知本人 / the person is told by {moved.channel}")

        run_as(member, run)

    options: list[Callable[..., Any]] = [click.argument("number"), *([words_option] if speaks else []), as_option]
    wrapped: Callable[..., Any] = command
    for option in reversed(options):
        wrapped = option(wrapped)
    return click.command(name, short_help=short, help=help_)(wrapped)


confirm = _settling(
    "confirm", "confirmed", "Confirm a request. 确认", "Confirm what waits for you. 确认一个预约申请。", speaks=True
)
decline = _settling(
    "decline", "declined", "Decline a request. 不接受", "Decline what waits for you. 不接受一个预约申请。", speaks=True
)
cancel = _settling(
    "cancel", "cancelled", "Cancel a booking. 取消", "Cancel a booking; its time is free again. 取消预约。", speaks=True
)
no_show = _settling(
    "no-show", "no_show", "Nobody came. 没来", "Note that the person did not come. 记录没有来。", speaks=False
)
done = _settling("done", "done", "It took place. 已完成", "Note that it took place. 记录已完成。", speaks=False)


@click.command(short_help="Move a booking. 改约")
@click.argument("number")
@click.option("--to", required=True, type=click.DateTime(["%Y-%m-%d %H:%M"]), help='"2026-12-08 14:30"')
@click.option("--host", "host_id", help="To another host. 改到另一个岗位。")
@words_option
@as_option
def move(number: str, to: datetime, host_id: str | None, words: str, member: str | None) -> None:
    """Move a booking to a free time, county's clock; its number stays. 改到另一个空闲时间,编号不变。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import booking_desk as desk

        starts_at = to.replace(tzinfo=office.county.zone)
        moved = await desk.move(office, who, number, starts_at, host_id=host_id, words=words)
        click.echo(booking_line(office, moved))
        click.echo(f"已通知本人 / the person is told by {moved.channel}")

    run_as(member, run)


@click.command(short_help="What can be booked. 空闲时间")
@click.option("--topic", help="land, tax, school … 事项。")
@click.option("--mode", type=click.Choice(["site", "phone", "video"]), help="方式。")
@click.option("--from", "first", type=DAY, help="From this day on; today if not given. 从哪天。")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 60), help="How many days. 几天。")
@host_option
@as_option
def free(
    topic: str | None, mode: str | None, first: datetime | None, days: int, host_id: str | None, member: str | None
) -> None:
    """List what people can book now. 列出现在可以约的时间。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import slot_desk as desk
        from handlers.offering import Wanted

        begin = first.date() if first else office.clock.today()
        last = begin + timedelta(days=days - 1)
        seen = await desk.free(office, who, Wanted(topic, mode, host_id), begin, last)
        zone = office.county.zone
        for one in seen.times:
            starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
            names = ", ".join(seen.hosts[choice.host_id].name for choice in one.choices)
            click.echo(f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}  {names}")
        click.echo(f"\n{begin} – {last}: {len(seen.times)} 个时间 / times")

    run_as(member, run)


@click.command(short_help="A day or a week as a picture. 排班图")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--day", type=DAY, help="One day; today if neither is given. 哪一天。")
@click.option("--week", type=DAY, help="The week of this day. 哪一天所在的周。")
@host_option
@as_option
def picture(file: Path, day: datetime | None, week: datetime | None, host_id: str | None, member: str | None) -> None:
    """Draw booked, free and waiting times into FILE (.png or .svg). 画出已约、空闲、候补。"""
    if day and week:
        raise click.UsageError("--day or --week / 二选一")
    kind = file.suffix.lower().removeprefix(".")
    if kind not in {"svg", "png"}:
        raise click.UsageError(f"{file.name}: a picture is an .svg or a .png file / 图片是 .svg 或 .png")

    async def run(office: Office, who: Viewer) -> None:
        from handlers import booking_desk, slot_desk
        from handlers.offering import Wanted
        from handlers.slot_picture import draw
        from handlers.voice import Voice
        from storage.bookings import State

        first = day.date() if day else office.clock.today()
        if week:
            first = week.date() - timedelta(days=week.weekday())
        last = first + timedelta(days=6) if week else first
        shown = (State.HELD, State.PENDING, State.CONFIRMED, State.NO_SHOW, State.DONE)
        seen = await booking_desk.agenda(office, who, first, last, host_id=host_id, states=shown)
        open_times = await slot_desk.free(office, who, Wanted(host_id=host_id), first, last)
        file.write_bytes(draw(Voice(office, office.language), seen, open_times, kind))
        click.echo(f"{file}: {len(seen.bookings)} 个预约 / bookings, {len(open_times.times)} 个空闲 / free")

    run_as(member, run)


@click.command(short_help="A host's calendar. 日历订阅文件")
@click.argument("host")
@as_option
def feed(host: str, member: str | None) -> None:
    """Print HOST's bookings as a calendar (ICS), without names: feed HOST > file.ics. 输出日历文件,不含姓名。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import booking_desk as desk

        click.echo(await desk.feed(office, who, host), nl=False)

    run_as(member, run)
