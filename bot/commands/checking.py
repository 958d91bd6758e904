"""The command that looks everything over: what is wrong, and what to do about it."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.desk import Office
    from storage.database import Database

# No reminder may be later than that.
LATE = timedelta(minutes=5)


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

    rights = [_tell("settings", f"home is {settings.home}"), *_unknown_settings(), *_engines()]
    if not (asyncio.run(look()) and all(rights)):
        sys.exit(1)


async def _findings(settings: Settings) -> AsyncIterator[bool]:
    from bot.app import open_app
    from bot.failures import explained

    try:
        async with open_app(settings) as app:
            yield _tell("database", "open and up to date" + (" (SQLite)" if app.desk.database.is_sqlite else ""))
            yield await _keys(settings, app.desk.database)
            county = app.desk.county
            named = bool(settings.county)
            yield _tell(
                "county",
                f"{county.name}, {county.office}" if named else "no profile; set LAOXIANG_COUNTY to a TOML file",
                right=named,
                wrong="note",
            )
            yield _abroad(settings, county.page)
            count = len(app.library.documents)
            yield _tell(
                "documents",
                f"{count} indexed" if count else "none; run 'laoxiang index PATH'",
                right=count > 0,
            )
            yield await _jobs(app.desk)
            yield await _announcements(app.desk)
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        yield _tell("state", message, right=False)
        return
    yield await _telegram(settings)


def _unknown_settings() -> Iterator[bool]:
    """Note variables of ours that mean nothing: a setting that is misspelt has no effect and says nothing."""
    from bot.settings import known_settings, set_in_environment

    known = known_settings()
    for name in sorted(set_in_environment() - known):
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; is {near[0]} meant?" if near else ", see docs/configuration.md"
        yield _tell("settings", f"{name} is no setting{meant} ", right=False, wrong="note")


def _engines() -> Iterator[bool]:
    """Say which files can be read beyond those that need nothing installed."""
    from knowledge.read.engines import has_ocr, soffice

    found = "scans and photos are read (OCR is installed)"
    missing = "scans and photos are refused; for OCR run 'pip install laoxiang[ocr]'"
    yield _tell("reading", found if has_ocr() else missing, right=has_ocr(), wrong="note")
    office = soffice()
    found = f"old Office files are read ({office})"
    missing = "DOC, WPS, XLS, ET and RTF are refused; install LibreOffice, or save them as DOCX and XLSX"
    yield _tell("reading", found if office else missing, right=office is not None, wrong="note")


async def _keys(settings: Settings, database: Database) -> bool:
    """Say where the keys are, whether they open what is stored, and whether others can read them."""
    from bot.app import told_missing
    from storage.resealing import missing_keys
    from storage.vault import FILE

    async with database.read() as connection:
        missing = await missing_keys(connection, database.vault.keys)
    if missing:
        return _tell("keys", told_missing(missing, settings), right=False)
    if settings.keys is not None:
        return _tell("keys", "from LAOXIANG_KEYS; they open what is stored")
    file = settings.keys_folder / FILE
    if (file.stat().st_mode | file.parent.stat().st_mode) & 0o077:
        told = f"others on this machine may get at {file}; run 'chmod -R go= {file.parent}'"
        return _tell("keys", told, right=False)
    return _tell("keys", f"{file} opens what is stored; keep a copy apart from the backups")


async def _jobs(office: Office) -> bool:
    """Say whether what falls due is worked off: nothing late, nothing paused, somebody looking."""
    from storage import due, jobs, reminders

    now = office.clock.now()
    async with office.database.read() as connection:
        standing = await jobs.standing(connection)
        late, oldest = await due.waiting(connection, now - LATE)
        ahead = await reminders.next_due(connection)
    zone = office.county.zone
    if standing.paused_at is not None:
        told = f"reminders are paused since {standing.paused_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return _tell("jobs", f"{told}; run 'laoxiang jobs resume' when they may go out", right=False)
    if oldest is not None:
        told = f"{late} due and not done, the oldest since {oldest.astimezone(zone):%Y-%m-%d %H:%M}"
        return _tell("jobs", f"{told}; 'laoxiang serve' or 'laoxiang work' has to run, see its log", right=False)
    if ahead is None:
        return _tell("jobs", "nothing falls due")
    told = f"the next falls due at {ahead.astimezone(zone):%Y-%m-%d %H:%M}"
    looked = standing.seen_at is not None and now - standing.seen_at <= LATE
    missing = "; nobody looks for it: 'laoxiang serve' or 'laoxiang work' has to run by then"
    return _tell("jobs", told if looked else told + missing, right=looked, wrong="note")


async def _announcements(office: Office) -> bool:
    """Say whether announcements go their way: none late, none stopped by itself, somebody sending."""
    from storage import announcements
    from storage.announcement_tables import State
    from storage.announcements import LIVE

    now = office.clock.now()
    async with office.database.read() as connection:
        found = await announcements.listed(connection, LIVE, limit=1000)
    stopped = [one.number for one in found if one.state in {State.PAUSED, State.LATE}]
    if stopped:
        told = f"{', '.join(stopped)}: paused, or too late to send without asking"
        return _tell("announce", f"{told}; see 'laoxiang announce show NUMBER'", right=False, wrong="note")
    since = {one.number: one.worked_at or one.begins_at for one in found}
    left = [number for number, at in since.items() if at is not None and at < now - LATE]
    if left:
        told = f"{', '.join(left)}: approved, and nobody sends"
        return _tell(
            "announce", f"{told}; 'laoxiang serve' or 'laoxiang work' has to run, and reach its channels", right=False
        )
    return _tell("announce", f"{len(found)} under way or waiting for their time" if found else "nothing to be sent")


def _abroad(settings: Settings, page: str) -> bool:
    """Say where personal data may be given, and whether a person has any place to give it."""
    from bot.channels import NAMES

    named = {name.strip() for name in settings.channels_abroad.split(",")} - {""}
    if unknown := sorted(named - NAMES):
        told = (
            f"LAOXIANG_CHANNELS_ABROAD: there is no channel {', '.join(unknown)}; there are {', '.join(sorted(NAMES))}"
        )
        return _tell("privacy", told, right=False)
    where = ", ".join(sorted(named)) or "no channel"
    if settings.personal_data == "handover" and named and not page:
        told = (
            f"nothing personal is taken in {where}, and the county's profile names no page to give it on; set its page"
        )
        return _tell("privacy", told, right=False)
    ways = {"allow": "taken", "ask": "taken after asking", "handover": "taken on the county's own page only"}
    return _tell("privacy", f"personal data is {ways[settings.personal_data]} in channels abroad ({where})")


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
