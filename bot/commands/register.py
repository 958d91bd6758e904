"""Commands about the register of documents: list, show, confirm, correct, withdraw."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bot.commands.documents import json_option, on_option, with_app

if TYPE_CHECKING:
    from datetime import date

    from bot.app import App


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user
        return "unknown"


number_argument = click.argument("number", type=click.IntRange(1))
by_option = click.option(
    "--by", default=_login, show_default="the login name", help="Who does it, for the record. 经办人。"
)


@click.group(invoke_without_command=True, short_help="List, check, correct files. 文件登记")
@on_option
@json_option
@click.pass_context
def documents(context: click.Context, on: datetime | None, as_json: bool) -> None:
    """List the documents with their standing on a day; see and correct what was understood. 文件清单,核对与更正。"""
    if context.invoked_subcommand is not None:
        return

    async def run(app: App) -> int:
        from bot.commands.register_view import listed_as_json, show_list
        from handlers.register import entries

        found = entries(app.library, _day(app, on))
        if as_json:
            click.echo(listed_as_json(found, app.desk))
        else:
            show_list(found, app.desk)
        return 0

    with_app(run)


@documents.command(short_help="All about one. 一份文件的全部")
@number_argument
@on_option
@json_option
def show(number: int, on: datetime | None, as_json: bool) -> None:
    """Show all of a document: what it is, relations both ways, warnings, corrections, clauses. 显示一份文件的全部。"""

    async def run(app: App) -> int:
        from bot.commands.register_view import entry_as_json, show_entry
        from handlers.register import entry_of

        entry = entry_of(app.library, number, _day(app, on))
        if as_json:
            click.echo(entry_as_json(entry, app.desk))
        else:
            show_entry(entry, app.desk)
        return 0

    with_app(run)


@documents.command(short_help="You have checked it. 核对无误")
@number_argument
@by_option
def confirm(number: int, by: str) -> None:
    """Record that a person has checked what was understood of a document. 记录文件已由人核对。"""

    async def run(app: App) -> str:
        from handlers.register import confirm as confirm_document

        await confirm_document(app.library, number, by, app.desk.clock.now())
        return _said(app, "register.done_confirm", number=number)

    _changing(run)


@documents.command(name="set", short_help="Correct a value. 更正一项")
@number_argument
@click.argument("field", metavar="FIELD")
@click.argument("value", nargs=-1, required=True)
@by_option
def set_(number: int, field: str, value: tuple[str, ...], by: str) -> None:
    """Correct a value: title, doc-no, issuer, kind, published, effective, expires, visibility. 更正标题、文号、日期等。

    "none" empties a value, e.g. "set 3 expires none". A correction outlives reading the file again.
    """

    async def run(app: App) -> str:
        from handlers.register import set_value

        name = field.replace("-", "_")
        await set_value(app.library, number, name, " ".join(value), by, app.desk.clock.now())
        return _value_said(app, "register.set", number, name)

    _changing(run)


@documents.command(short_help="Undo a correction. 取消更正")
@number_argument
@click.argument("field", metavar="FIELD")
@by_option
def reset(number: int, field: str, by: str) -> None:
    """Let a value be what the file says again. 恢复为文件所载。"""

    async def run(app: App) -> str:
        from handlers.register import reset_value

        name = field.replace("-", "_")
        await reset_value(app.library, number, name, by, app.desk.clock.now())
        return _value_said(app, "register.reset", number, name)

    _changing(run)


@documents.command(short_help="Take out of answers. 撤下")
@number_argument
@by_option
def withdraw(number: int, by: str) -> None:
    """Take a document out of every answer, at once and until restored. 撤下文件,回答中不再使用。"""
    _withdraw(number, by, restore=False)


@documents.command(short_help="Bring back. 恢复")
@number_argument
@by_option
def restore(number: int, by: str) -> None:
    """Bring a withdrawn document back. 恢复已撤下的文件。"""
    _withdraw(number, by, restore=True)


@documents.command(short_help="Add a relation. 添加关系")
@number_argument
@click.argument("kind", metavar="KIND")
@click.argument("target")
@click.option("--clause", help='Only this part, e.g. "第三条". 只涉及某条。')
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="From this day; an extension's last day. 起始日或延长到。"
)
@by_option
def relate(number: int, kind: str, target: str, clause: str | None, day: datetime | None, by: str) -> None:
    """Say that a document repeals, lapses, revises, prevails over, extends, keeps, corrects, supplements, implements
    or interprets another; TARGET is its number here, its title or its document number. 添加废止、更正、补充等关系。
    """

    async def run(app: App) -> str:
        from handlers.register import relate as add
        from handlers.register import relation_in_words
        from knowledge.warnings import name

        at = app.desk.clock.now()
        relation, reached = await add(
            app.library, number, kind, target, by, at, clause=clause, day=day.date() if day else None
        )
        told = _said(
            app,
            "register.related",
            number=number,
            relation=relation_in_words(relation, app.desk.texts, app.desk.language),
        )
        if not reached:
            return f"{told}\n{_said(app, 'register.reaches_none')}"
        return f"{told}\n{_said(app, 'register.reaches', documents='、'.join(map(name, reached)))}"

    _changing(run)


@documents.command(short_help="Strike a relation. 删除关系")
@number_argument
@click.argument("place", type=click.IntRange(1))
@by_option
def unrelate(number: int, place: int, by: str) -> None:
    """Strike the relation that 'documents show NUMBER' lists at PLACE. 删除一条读错的关系。"""

    async def run(app: App) -> str:
        from handlers.register import relation_in_words
        from handlers.register import unrelate as strike

        relation = await strike(app.library, number, place, by, app.desk.clock.now())
        words = relation_in_words(relation, app.desk.texts, app.desk.language)
        return _said(app, "register.unrelated", number=number, relation=words)

    _changing(run)


def _withdraw(number: int, by: str, *, restore: bool) -> None:
    async def run(app: App) -> str:
        from handlers.register import withdraw as take_out

        await take_out(app.library, number, by, app.desk.clock.now(), restore=restore)
        return _said(app, "register.done_restore" if restore else "register.done_withdraw", number=number)

    _changing(run)


def _changing(run: Callable[[App], Awaitable[str]]) -> None:
    async def session(app: App) -> int:
        click.echo(await run(app))
        return 0

    with_app(session)


def _value_said(app: App, key: str, number: int, field: str) -> str:
    from handlers.register import entry_of
    from knowledge.corrections import shown

    document = entry_of(app.library, number, app.desk.clock.today()).document
    value = shown(document, field) or _said(app, "register.none")
    return _said(app, key, number=number, field=_said(app, f"document_field.{field}"), value=value)


def _said(app: App, key: str, **params: Any) -> str:
    return app.desk.texts(key, app.desk.language, **params)


def _day(app: App, on: datetime | None) -> date:
    return on.date() if on else app.desk.clock.today()
