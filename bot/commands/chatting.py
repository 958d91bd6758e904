"""Commands that hold conversations: in this terminal, or over the channels that are set up."""

from __future__ import annotations

import asyncio

import click

from bot.failures import Failure
from bot.logs import log_at_info


@click.command(short_help="Talk in this terminal. 终端对话")
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), help="Language to begin in. 开始时的语言。")
def chat(language: str | None) -> None:
    """Talk to the assistant in this terminal. 在终端里对话。"""
    from bot.settings import load_settings

    settings = load_settings()

    from bot.app import open_app
    from bot.serving import talk

    async def session() -> None:
        async with open_app(settings) as app:
            await talk(app, language)

    asyncio.run(session())


@click.command(short_help="Serve Telegram. 启动渠道")
@click.option(
    "--no-jobs", is_flag=True, help="Leave reminders and holds to 'laoxiang work'. 提醒等定时任务交给 laoxiang work。"
)
def serve(no_jobs: bool) -> None:
    """Serve the channels that are set up, such as Telegram. 启动已配置的渠道。"""
    from bot.settings import load_settings

    settings = load_settings()

    from bot.app import open_app
    from bot.serving import serve as serve_channels
    from bot.telegram_bot import telegram_channel

    log_at_info()

    async def session() -> None:
        async with open_app(settings) as app:
            telegram = telegram_channel(settings, app.desk)
            if telegram is None:
                raise Failure("no channel is set up; set LAOXIANG_TELEGRAM_TOKEN, or use 'laoxiang chat'")
            try:
                await serve_channels(app, {telegram.name: telegram}, telegram.routes, with_jobs=not no_jobs)
            finally:
                await telegram.close()

    asyncio.run(session())
