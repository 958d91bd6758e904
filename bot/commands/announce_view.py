"""Commands that show announcements: the list, one with its rows, its preview, its progress, its report, what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.people_options import as_option, json_option, tell
from bot.failures import Failure

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer

WATCH_S = 2.0
OVER = frozenset({"finished", "stopped", "discarded", "draft", "submitted", "late", "paused"})


def _run(member: str | None, work: Callable[[Office, Viewer], Awaitable[None]]) -> None:
    from bot.commands.announce import run_announce

    run_announce(member, work)


@click.command("list", short_help="List them. 列表")
@as_option
@json_option
def list_(member: str | None, as_json: bool) -> None:
    """List announcements, the newest first. 通知列表。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_words
        from handlers.voice import Voice

        async with office.database.read() as connection:
            found = await desk.listed(connection, who)
        if as_json:
            names = ("number", "title", "topic", "state", "reason", "writer", "approver", "people", "created_at")
            tell({"announcements": [{name: getattr(one, name) for name in names} for one in found]})
            return
        voice = Voice(office, office.language)
        for one in found:
            click.echo(announce_words.state_line(voice, one))
        if not found:
            click.echo(voice.text("announce.list_empty"))

    _run(member, run)


@click.command(short_help="Show one. 查看")
@click.argument("number")
@click.option("--uncertain", is_flag=True, help="List what may or may not have arrived. 列出说不清的。")
@click.option("--failed", is_flag=True, help="List what was refused. 列出失败的。")
@as_option
@json_option
def show(number: str, uncertain: bool, failed: bool, member: str | None, as_json: bool) -> None:
    """Show an announcement as it stands, or its rows without names. 查看一条通知,或它的收件行(不含姓名)。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_reports
        from handlers.voice import Voice
        from storage import recipients
        from storage.announcement_tables import RecipientState

        voice = Voice(office, office.language)
        async with office.database.read() as connection:
            one = await desk.known(connection, who, number)
            states = [RecipientState.UNKNOWN] * uncertain + [RecipientState.FAILED, RecipientState.BLOCKED] * failed
            if states:
                rows = await recipients.with_state(connection, one.number, states, limit=100_000)
                told = [
                    {"row": row.id, "channel": row.channel, "state": row.state, "reason": row.reason} for row in rows
                ]
                if as_json:
                    tell({"rows": told})
                for row in () if as_json else told:
                    click.echo("  ".join(str(value) for value in row.values() if value))
                return
            summary = await announce_reports.summary(connection, voice, one)
        if as_json:
            tell(one)
        else:
            click.echo(voice.reply(summary).text)
            if one.digest:
                click.echo(f"\ndigest {one.digest}")

    _run(member, run)


@click.command(short_help="Preview it. 预览")
@click.argument("number")
@as_option
def preview(number: str, member: str | None) -> None:
    """Print what recipients get in every language, then to whom, when, and what to look at. 预览收到的样子。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_reports
        from handlers.voice import Voice

        voice = Voice(office, office.language)
        async with office.database.read() as connection:
            one = await desk.known(connection, who, number)
            summary = await announce_reports.summary(connection, voice, one)
        for reply in announce_reports.previews(one):
            click.secho(f"── {reply.language} " + "─" * 40, dim=True)
            click.echo(reply.text)
            click.echo("  ".join(f"[{button.label}]" for row in reply.buttons for button in row))
        click.secho("─" * 50, dim=True)
        click.echo(voice.reply(summary).text)
        if one.digest:
            click.echo(f"\nlaoxiang announce approve {one.number} {one.digest[:12]}")

    _run(member, run)


@click.command(short_help="How far it is. 进度")
@click.argument("number")
@click.option("--watch", is_flag=True, help="Until it is over. 一直看到发完。")
@as_option
@json_option
def progress(number: str, watch: bool, member: str | None, as_json: bool) -> None:
    """Show a bar, the rate, when it will be done, failures so far. 进度、速度、还要多久、失败数。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_reports
        from handlers.voice import Voice
        from storage import recipients

        voice = Voice(office, office.language)
        while True:
            async with office.database.read() as connection:
                one = await desk.known(connection, who, number)
                if as_json:
                    tell(await recipients.progress(connection, one.number, office.clock.now()))
                else:
                    click.echo((await announce_reports.progress(connection, voice, one)).text + "\n")
            if not watch or one.state.value in OVER:
                return
            await asyncio.sleep(WATCH_S)

    _run(member, run)


@click.command(short_help="What became of it. 报告")
@click.argument("number")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw it: .png or .svg. 画图。")
@as_option
def report(number: str, picture: Path | None, member: str | None) -> None:
    """Tell what became of every recipient, and draw the pace. 每个人的结果,画出发送的快慢。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_picture, announce_reports
        from handlers.voice import Voice
        from storage import recipients
        from storage.announcement_tables import State

        voice = Voice(office, office.language)
        async with office.database.read() as connection:
            one = await desk.known(connection, who, number)
            if one.started_at is None:
                raise desk.NotPossible("no_report", number=one.number)
            what = "stopped" if one.state is State.STOPPED else "finished"
            told = await announce_reports.report(connection, voice, one, what)
            so_far = await recipients.progress(connection, one.number, office.clock.now())
            minutes = await recipients.pace_of(connection, one.number)
        click.echo(told.text)
        if picture is None:
            return
        kind = picture.suffix.lower().removeprefix(".")
        if kind not in {"png", "svg"}:
            raise Failure(f"{picture.name}: a picture is an .svg or a .png file")
        drawn = announce_picture.draw(voice, one, so_far, minutes, kind)
        if drawn is None:
            raise Failure(
                "pictures need an extra and a Chinese font: pip install 'laoxiang[pictures]'; "
                "on Debian: apt install fonts-noto-cjk"
            )
        picture.write_bytes(drawn)
        click.echo(f"\n{picture}")

    _run(member, run)


@click.command(short_help="What is new about files. 文件变化")
@as_option
def news(member: str | None) -> None:
    """Look what happened to files that people follow; staff are offered drafts in their chats. 查文件变化,拟草稿。"""
    from bot.app import open_app
    from bot.settings import load_settings

    async def session() -> None:
        from handlers import policy_news as news_of_files
        from handlers import registry_desk
        from handlers.voice import Voice
        from storage import policy_news
        from storage.staff import Right

        async with open_app(load_settings()) as app:
            who = await registry_desk.viewer(app.desk, member)
            who.require(Right.ANNOUNCE)
            new = await news_of_files.look(app.desk, app.library)
            async with app.desk.database.read() as connection:
                open_ones = await policy_news.offered(connection, limit=50)
            voice = Voice(app.desk, app.desk.language)
            for one in open_ones:
                mark = "新 / new  " if one in new else ""
                click.echo(f"{mark}{one.since}  {news_of_files.label(voice, one)}")
            if not open_ones:
                click.echo("没有变化 / nothing new")

    asyncio.run(session())
