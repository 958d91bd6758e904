"""Commands for the staff: see the questions people left, and answer them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from handlers.desk import Office


@click.group(short_help="Answer questions, invite colleagues. 答复留言、邀请同事")
def staff() -> None:
    """Answer questions people left, and say who works here. 答复群众留下的问题,管理工作人员。"""


@staff.command(short_help="List open questions. 未答复的问题")
@click.option("--json", "as_json", is_flag=True, help="Print JSON alone. 只输出 JSON。")
def questions(as_json: bool) -> None:
    """List open questions, oldest first. 列出未答复的问题。"""
    from handlers.contacts import Contact, ContactKind, show_contact
    from handlers.ids import read_aloud
    from handlers.staff import open_questions

    async def run(office: Office) -> None:
        left = await open_questions(office)
        zone = office.county.zone
        rows = [
            {
                "number": question.number,
                "asked_at": f"{question.asked_at.astimezone(zone):%Y-%m-%d %H:%M}",
                "name": question.name,
                "contact": show_contact(Contact(ContactKind(question.contact_kind), question.contact)),
                "channel": question.channel,
                "language": question.language,
                "text": question.text,
            }
            for question in left
        ]
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False))
            return
        if not rows:
            click.echo("没有未答复的问题。No open questions.")
        for row in rows:
            heading = f"{read_aloud(row['number'])}  {row['asked_at']}  {row['name']}  {row['contact']}"
            click.secho(heading, bold=True)
            click.echo("\n".join(f"    {line}" for line in row["text"].splitlines()))
        if rows:
            click.echo("\n答复 / to answer: laoxiang staff answer NUMBER [TEXT]")

    _with_office(run)


@staff.command(short_help="Answer one. 答复一个问题")
@click.argument("number")
@click.argument("text", required=False)
def answer(number: str, text: str | None) -> None:
    """Answer a question; TEXT may come from standard input. 答复一个问题,发到对方的对话里。"""
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    if text is None:
        text = click.prompt("答复 / answer")

    from handlers.ids import read_aloud
    from handlers.staff import answer as answer_question

    async def run(office: Office) -> None:
        question = await answer_question(office, number, str(text))
        click.echo(f"{read_aloud(question.number)}: 已排队发往 / queued for {question.channel}")

    _with_office(run)


@staff.command(short_help="Invite a colleague. 邀请同事")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["county-admin", "bureau", "township", "reader"]),
    help="What they may do. 角色。",
)
@click.option("--township", help="Code or name, for the role township. 乡镇。")
def invite(role: str, township: str | None) -> None:
    """Print a one-use code for a role, in chat or in the console. 生成一次性邀请码。"""
    from bot.settings import load_settings
    from handlers.registry_desk import invite as invite_member
    from storage.staff import Role

    async def run(office: Office) -> None:
        member, code = await invite_member(office, Role(role), township)
        settings = load_settings()
        page = f"{settings.web_address or f'http://{settings.host}:{settings.port}'}/console/invitation#{code}"
        click.echo(f"{member}: 请对方在聊天中发送 / let them send in their chat: /staff {code}")
        click.echo(f"或打开工作台开通账号 / or make an account of the console: {page}")

    _with_office(run)


@staff.command("list", short_help="Who has a role. 工作人员名单")
def list_() -> None:
    """List who has a role or an invitation. 列出工作人员和邀请。"""
    from storage.staff import members

    async def run(office: Office) -> None:
        async with office.database.read() as connection:
            for member in await members(connection):
                account = f"{member['channel']}:{member['account']}" if member["account"] else "未绑定 / not bound"
                ended = " 已停用 / ended" if member["revoked_at"] else ""
                click.echo(f"{member['id']} {member['role']} {member['township'] or ''} {account}{ended}")

    _with_office(run)


@staff.command(short_help="End a role. 停用")
@click.argument("member")
def revoke(member: str) -> None:
    """End somebody's role or invitation. 停用工作人员或邀请。"""
    from storage.staff import revoke as end

    async def run(office: Office) -> None:
        async with office.database.write() as connection:
            await end(connection, member, office.clock.now())
        click.echo(f"{member}: 已停用 / ended")

    _with_office(run)


def _with_office(run: Callable[[Office], Awaitable[None]]) -> None:
    from bot.app import open_office
    from bot.settings import load_settings

    async def session() -> None:
        async with open_office(load_settings()) as office:
            await run(office)

    asyncio.run(session())
