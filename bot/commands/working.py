"""Commands for what falls due by itself: a process that does nothing else, how it stands, pausing and going on."""

from __future__ import annotations

import asyncio
from datetime import datetime, tzinfo

import click

from bot.logs import log_at_info


@click.command(short_help="Work off what falls due. 定时任务")
def work() -> None:
    """Send reminders and announcements, end holds, offer freed slots. 只运行定时任务：提醒、通知、释放、候补。

    For `serve --no-jobs`. On PostgreSQL as many as wanted, each thing is still done once.
    """
    from bot.settings import load_settings

    settings = load_settings()

    from bot.app import open_office
    from bot.channels import Announcing
    from bot.channels.web import WebChannel
    from bot.serving import work as work_off
    from bot.telegram_bot import telegram_channel

    log_at_info()

    async def session() -> None:
        async with open_office(settings) as office:
            telegram = telegram_channel(settings, office)
            pages = WebChannel(office.database, office.clock, office.ids) if settings.web else None
            try:
                channels: dict[str, Announcing] = {channel.name: channel for channel in (telegram, pages) if channel}
                await work_off(office, channels)
            finally:
                if telegram is not None:
                    await telegram.close()

    asyncio.run(session())


@click.group(invoke_without_command=True, short_help="What falls due. 任务状态")
@click.pass_context
def jobs(context: click.Context) -> None:
    """Tell what falls due and what is late; pause it, let it go on. 查看、暂停、恢复定时任务。"""
    if context.invoked_subcommand is None:
        asyncio.run(_show())


@jobs.command(short_help="Stop for now. 暂停")
def pause() -> None:
    """Let no reminder go out and no hold end, in no process, until `resume`. 所有进程暂停。"""

    async def run() -> None:
        from bot.app import open_office
        from bot.settings import load_settings
        from storage import jobs

        async with open_office(load_settings()) as office, office.database.write() as connection:
            await jobs.pause(connection, office.clock.now())

    asyncio.run(run())
    asyncio.run(_show())


@jobs.command(short_help="Go on. 恢复")
@click.option(
    "--skip",
    is_flag=True,
    help="Drop the reminders that fell due meanwhile; another system told them. 跳过暂停期间到期的提醒。",
)
def resume(skip: bool) -> None:
    """Go on; what fell due meanwhile and still helps is told now. 恢复,期间到期且仍有用的提醒现在发出。"""

    async def run() -> int:
        from bot.app import open_office
        from bot.settings import load_settings
        from storage import due, jobs

        async with open_office(load_settings()) as office, office.database.write() as connection:
            skipped = await due.drop_told(connection, office.clock.now()) if skip else 0
            await jobs.resume(connection)
        return skipped

    skipped = asyncio.run(run())
    if skip:
        click.echo(f"已跳过提醒 {skipped} 条。Reminders skipped: {skipped}.")
    asyncio.run(_show())


async def _show() -> None:
    from bot.app import open_office
    from bot.settings import load_settings
    from storage import due, jobs, reminders

    async with open_office(load_settings()) as office, office.database.read() as connection:
        now = office.clock.now()
        standing = await jobs.standing(connection)
        count, oldest = await due.waiting(connection, now)
        ahead = await reminders.next_due(connection)
    zone = office.county.zone
    if standing.paused_at is not None:
        click.echo(f"已暂停，自 {_told(standing.paused_at, zone)}。Paused since {_told(standing.paused_at, zone)}.")
    seen = _told(standing.seen_at, zone) if standing.seen_at else "–"
    click.echo(f"最近运行 {seen}。Last looked for work: {seen}.")
    since = f" ({_told(oldest, zone)})" if oldest else ""
    click.echo(f"已到期 {count}{since}。Due now: {count}{since}.")
    if ahead is not None and ahead > now:
        click.echo(f"下一项 {_told(ahead, zone)}。Next: {_told(ahead, zone)}.")


def _told(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
