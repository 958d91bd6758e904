"""Commands that hold conversations: in this terminal, or over the channels that are set up."""

from __future__ import annotations

import asyncio

import click

from bot.failures import Failure
from bot.logs import log_at_info


@click.command(short_help="Talk in this terminal. 终端对话")
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), help="Language to begin in. 开始时的语言。")
@click.option("--page", is_flag=True, help="Open the web pages as well. 同时打开网页。")
def chat(language: str | None, page: bool) -> None:
    """Talk to the assistant in this terminal. 在终端里对话。"""
    from bot.settings import load_settings

    settings = load_settings()

    from bot.app import open_app
    from bot.serving import talk

    async def session() -> None:
        async with open_app(settings) as app:
            await talk(app, language, with_page=page)

    asyncio.run(session())


@click.command(short_help="Serve the web pages and Telegram. 启动网页和渠道")
@click.option(
    "--no-jobs", is_flag=True, help="Leave reminders and holds to 'laoxiang work'. 提醒等定时任务交给 laoxiang work。"
)
def serve(no_jobs: bool) -> None:
    """Serve the web pages and the channels that are set up, such as Telegram. 启动网页和已配置的渠道。"""
    from bot.settings import load_settings

    settings = load_settings()

    from bot.app import open_app
    from bot.channels import Channel
    from bot.serving import serve as serve_channels
    from bot.telegram_bot import telegram_channel
    from bot.web.serving import web_channel, web_pages

    log_at_info()

    async def session() -> None:
        async with open_app(settings) as app:
            telegram = telegram_channel(settings, app.desk)
            pages = web_channel(app) if settings.web else None
            channels: dict[str, Channel] = {channel.name: channel for channel in (telegram, pages) if channel}
            if not channels:
                raise Failure(
                    "no channel is set up; set LAOXIANG_TELEGRAM_TOKEN or LAOXIANG_WEB, or use 'laoxiang chat'"
                )
            routes = telegram.routes if telegram else []
            web = web_pages(app, pages, routes) if pages else None
            if pages:
                click.echo(f"http://{settings.host}:{settings.port}/")
            try:
                await serve_channels(app, channels, routes, web=web, with_jobs=not no_jobs)
            finally:
                if telegram is not None:
                    await telegram.close()

    asyncio.run(session())
