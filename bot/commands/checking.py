"""The command that looks everything over: what is wrong, and what to do about it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings


@click.command(short_help="Look everything over. 检查")
def check() -> None:
    """Check configuration, database, documents and channels. 检查配置、数据库、文件和渠道。"""
    from bot.settings import BadSettings, load_settings

    try:
        settings = load_settings()
    except BadSettings as error:
        for line in str(error).splitlines():
            _tell("settings", line, right=False)
        sys.exit(1)

    async def look() -> bool:
        found = [right async for right in _findings(settings)]
        return all(found)

    _tell("settings", f"home is {settings.home}")
    if not asyncio.run(look()):
        sys.exit(1)


async def _findings(settings: Settings) -> AsyncIterator[bool]:
    from bot.app import open_app
    from bot.failures import explained

    try:
        async with open_app(settings) as app:
            yield _tell("database", "open and up to date" + (" (SQLite)" if app.desk.database.is_sqlite else ""))
            county = app.desk.county
            named = bool(settings.county)
            yield _tell(
                "county",
                f"{county.name}, {county.office}" if named else "no profile; set LAOXIANG_COUNTY to a TOML file",
                right=named,
                wrong="note",
            )
            count = len(app.library.documents)
            yield _tell(
                "documents",
                f"{count} indexed" if count else "none; run 'laoxiang index PATH'",
                right=count > 0,
            )
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        yield _tell("state", message, right=False)
        return
    yield await _telegram(settings)


async def _telegram(settings: Settings) -> bool:
    from bot.channels import ChannelError

    if settings.telegram_token is None:
        return _tell("telegram", "off; set LAOXIANG_TELEGRAM_TOKEN to switch it on")
    from bot.channels.gateways import gateway_for
    from bot.channels.telegram_webhook import Webhook

    token = settings.telegram_token.get_secret_value()
    way = "by long polling"
    try:
        if settings.telegram_webhook:
            secret = settings.telegram_secret.get_secret_value() if settings.telegram_secret else ""
            way = f"delivers to {Webhook(settings.telegram_webhook, secret).address}"
    except ChannelError as error:
        return _tell("telegram", str(error), right=False)
    try:
        gateway = gateway_for(settings.telegram_gateway, token, settings.telegram_api)
        try:
            bot = await gateway.call("getMe", {})
        finally:
            await gateway.close()
    except ChannelError as error:
        return _tell("telegram", f"{error}; check LAOXIANG_TELEGRAM_TOKEN and the network", right=False)
    return _tell("telegram", f"@{bot.get('username', '')} answers, {way}")


def _tell(what: str, message: str, *, right: bool = True, wrong: str = "wrong") -> bool:
    """Print one finding; a note is not a fault."""
    mark = "ok" if right else wrong
    click.echo(f"{mark:5} {what}: {message}")
    return right or wrong == "note"
