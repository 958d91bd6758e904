"""Commands for announcements: staff write one, hand it on, let another's go out, hold it, take it back."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.announce_view import list_, news, preview, progress, report, show
from bot.commands.people_options import as_option, json_option, run_as, tell
from bot.failures import Failure

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.audiences import Audience
    from storage.staff import Viewer

TOPICS = ("news", "policy", "needs", "service")
PLACE_CODE = re.compile(r"[A-Z]{2}(?:/\S+)?")  # "US", "CN/深圳"; anything else is a name
FILTERS = ("kind", "field", "tier", "township", "city", "state", "source", "stale", "contact")


@click.group(short_help="Announcements. 通知")
def announce() -> None:
    """Write announcements, approve others', and see what became of them. 写通知、审批、查看结果。

    Nothing goes out before a second person has approved it; then there is a minute to undo it.
    """


for command in (list_, show, preview, progress, report, news):
    announce.add_command(command)


def _audience_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow an audience: within one any of its values, across them all."""
    for option in (
        click.option("--kind", "kinds", multiple=True, help="native, expert, need, invest … 登记种类。"),
        click.option("--field", "fields", multiple=True, help="Class, its code or name. 行业领域。"),
        click.option("--tier", "tiers", multiple=True, type=click.Choice(["A", "B", "C"]), help="分级。"),
        click.option("--township", "townships", multiple=True, help="Code or name. 乡镇。"),
        click.option("--place", "places", multiple=True, help="Where they live: 深圳, US … 现居地。"),
        click.option("--language", "languages", multiple=True, type=click.Choice(["zh-Hans", "en"]), help="语言。"),
        click.option(
            "--attends", "events", multiple=True, metavar="CODE", help="Who comes to an event. 报名了活动的人。"
        ),
        click.option("--follows", "asked", multiple=True, metavar="N", help="Who follows a document. 关注了文件的人。"),
    ):
        command = option(command)
    return command


@announce.command(short_help="Write one. 写通知")
@click.argument("text", required=False)
@click.option(
    "--topic", type=click.Choice(TOPICS), default="news", show_default=True, help="Only who agreed gets it. 类别。"
)
@click.option("--text-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="中文内容的文件。")
@click.option("--english", help="English words. 英文内容。")
@click.option("--english-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="英文内容的文件。")
@click.option(
    "--file", "files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A picture or file to go along. 图片或文件。",
)  # fmt: skip
@click.option("--button", "doors", multiple=True, help="What a button below does: start:need, events … 按钮。")
@click.option("--event", metavar="CODE", help="The event whose card goes along. 活动名片。")
@click.option(
    "--at", "send_at", metavar="TIME", help="2027-02-10 09:30 by the county's clock; else at once. 发送时间。"
)
@click.option("--until", "not_after", metavar="TIME", help="What is left then waits for your word. 过时先问。")
@click.option("--never-twice", is_flag=True, help="In doubt don't send again, list it. 说不清的不再发,列出来。")
@click.option("--correct", "corrects", metavar="NUMBER", help="To those this one reached. 给收到过它的人。")
@click.option("--edit", "number", metavar="NUMBER", help="In place of this draft. 改这份草稿。")
@_audience_options
@as_option
@json_option
def write(
    text: str | None,
    topic: str,
    text_file: Path | None,
    english: str | None,
    english_file: Path | None,
    files: tuple[Path, ...],
    doors: tuple[str, ...],
    event: str | None,
    send_at: str | None,
    not_after: str | None,
    never_twice: bool,
    corrects: str | None,
    number: str | None,
    member: str | None,
    as_json: bool,
    **narrowed: tuple[str, ...],
) -> None:
    """Keep a draft; its first line is the title. Nobody receives anything yet. 存为草稿,还不发给任何人。"""
    words = text_file.read_text("utf-8") if text_file else text
    told = english_file.read_text("utf-8") if english_file else english

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_words
        from handlers.dialogue import File
        from handlers.event_desk import read_moment
        from storage.announcement_tables import Promise
        from storage.audiences import Audience
        from storage.subscription_tables import Topic

        if unknown := set(doors) - set(announce_words.DOORS):
            raise Failure(f"no button does {', '.join(sorted(unknown))}; there are {', '.join(announce_words.DOORS)}")
        texts = {"zh-Hans": words, "en": told}
        written = desk.Written(
            topic=Topic(topic),
            texts={language: said for language, said in texts.items() if said},
            audience=Audience(reached=corrects.upper()) if corrects else await _audience(office, narrowed),
            doors=doors,
            event=event.upper() if event else None,
            files=[
                File.of(path.name, mimetypes.guess_type(path)[0] or "application/octet-stream", path.read_bytes())
                for path in files
            ],
            send_at=read_moment(office, send_at) if send_at else None,
            not_after=read_moment(office, not_after) if not_after else None,
            promise=Promise.NEVER_TWICE if never_twice else Promise.AT_LEAST_ONCE,
            corrects=corrects.upper() if corrects else None,
        )
        code = number.upper() if number else f"A{office.ids.code(4)}"
        async with office.database.write() as connection:
            draft = await desk.draft_of(connection, office, who, written, number=code)
            await desk.save(connection, office, who, draft)
            counts, names = await desk.counted(connection, office, draft)
        if as_json:
            tell({"number": code, "reachable": counts.reachable, "fitting": counts.fitting, "sample": names})
            return
        click.echo(f"{code}: 草稿,还没有发给任何人 / a draft, nobody has received anything")
        click.echo(f"能发到 / reaches {counts.reachable},符合条件 / fit {counts.fitting}  {'、'.join(names)}")
        click.echo(f"laoxiang announce preview {code}\nlaoxiang announce submit {code}")

    run_announce(member, run)


@announce.command(short_help="Count an audience. 数人数")
@click.option("--topic", type=click.Choice(TOPICS), default="news", show_default=True, help="类别。")
@_audience_options
@as_option
@json_option
def audience(topic: str, member: str | None, as_json: bool, **narrowed: tuple[str, ...]) -> None:
    """Count whom an announcement would reach, with a few masked names. 能发到多少人,附几个打码的名字。"""

    async def run(office: Office, who: Viewer) -> None:
        from dataclasses import replace

        from handlers.announce_rules import around
        from storage import audiences
        from storage.staff import Right
        from storage.subscription_tables import Topic

        who.require(Right.ANNOUNCE)
        wanted = replace(await _audience(office, narrowed), within=who.township)
        async with office.database.read() as connection:
            counts = await audiences.count(connection, wanted, Topic(topic))
            names = await audiences.sample(connection, wanted, Topic(topic), around(office))
        if as_json:
            tell({"reachable": counts.reachable, "fitting": counts.fitting, "sample": names})
        else:
            click.echo(f"{counts.reachable} / {counts.fitting}  {'、'.join(names)}")

    run_announce(member, run)


@announce.command(short_help="Hand it on. 提交审批")
@click.argument("number")
@as_option
def submit(number: str, member: str | None) -> None:
    """Hand a draft to a second person; they are shown it in their chats. 交给第二个人审批。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_reports

        async with office.database.write() as connection:
            digest = await desk.submit(connection, office, who, number.upper())
            await announce_reports.ask_approvers(connection, office, await desk.known(connection, who, number))
        click.echo(
            f"{number.upper()}: 等待批准 / waits for approval\nlaoxiang announce approve {number.upper()} {digest[:12]}"
        )

    run_announce(member, run)


@announce.command(short_help="Approve another's. 批准")
@click.argument("number")
@click.argument("digest")
@as_option
def approve(number: str, digest: str, member: str | None) -> None:
    """Freeze another's announcement and let it go out; DIGEST stands below its preview. 批准别人写的通知。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk

        async with office.database.write() as connection:
            one = await desk.approve(connection, office, who, number.upper(), digest)
        click.echo(f"{one.number}: 60 秒内可以撤回 / can be undone for 60 seconds: laoxiang announce undo {one.number}")

    run_announce(member, run)


@announce.command(short_help="Give it back. 退回")
@click.argument("number")
@click.argument("note")
@as_option
def back(number: str, note: str, member: str | None) -> None:
    """Give it back to its writer with a NOTE why. 退回,写明理由。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk
        from handlers import announce_reports

        async with office.database.write() as connection:
            desk.check_back(who, await desk.known(connection, who, number))
            one = await desk.send_back(connection, office, who, number.upper(), note)
            await announce_reports.tell_writer_back(connection, office, one)
        click.echo(f"{one.number}: 已退回 / given back")

    run_announce(member, run)


def _step(name: str, short: str, told: str, *, sure: bool = False) -> None:
    """Add a command that takes one step; with `sure` it asks first."""

    @announce.command(name, short_help=short, help=told)
    @click.argument("number")
    @as_option
    @click.option("--yes", is_flag=True, hidden=not sure, help="Don't ask. 不再问。")
    def command(number: str, member: str | None, yes: bool) -> None:
        if sure and not yes:
            click.confirm(f"{name} {number.upper()}?", abort=True)

        async def run(office: Office, who: Viewer) -> None:
            from handlers import announce_desk as desk

            async with office.database.write() as connection:
                one = await desk.known(connection, who, number)
                if (refused := desk.why_not(office, one, name)) is not None:
                    raise refused
                await desk.STEPS[name](connection, office, who, one.number)
            click.echo(f"{one.number}: {name}")

        run_announce(member, run)


_step("undo", "Undo it. 撤回", "Make it a draft again before it begins. 发送开始之前撤回。")
_step("pause", "Hold it. 暂停", "Hold it for now; anybody of the staff may. 先停一停。")
_step("resume", "Go on. 继续", "Let it go on. 继续发。")
_step("go-on", "Send all the same. 照发", "Send all the same what had become too late. 误了时间的照发。")
_step("stop", "End it. 停止", "End it for good; what is left is not sent. 停止,没发的不再发。", sure=True)
_step("discard", "Discard it. 作废", "Give up what was never approved. 作废没批准的。", sure=True)


@announce.command(short_help="Take it back. 收回")
@click.argument("number")
@click.option("--text", help="Words to stand in its place; else it is deleted where that is possible. 改成这些话。")
@click.option("--english", help="The same in English. 英文。")
@click.option("--yes", is_flag=True, help="Don't ask. 不再问。")
@as_option
def recall(number: str, text: str | None, english: str | None, yes: bool, member: str | None) -> None:
    """Take back what was sent: deleted, or edited where it can't be. 收回已发的:能删的删,删不掉的改成说明。"""
    if not yes:
        click.confirm(f"recall {number.upper()}?", abort=True)

    async def run(office: Office, who: Viewer) -> None:
        from handlers import announce_desk as desk

        words = {language: said for language, said in {"zh-Hans": text, "en": english}.items() if said}
        async with office.database.write() as connection:
            one = await desk.known(connection, who, number)
            if (refused := desk.why_not(office, one, "recall")) is not None:
                raise refused
            await desk.recall(connection, office, who, number.upper(), words=words or None)
        click.echo(
            f"{number.upper()}: 正在收回 / being taken back\nlaoxiang announce write --correct {number.upper()} …"
        )

    run_announce(member, run)


def run_announce(member: str | None, work: Callable[[Office, Viewer], Awaitable[None]]) -> None:
    """Do a command's work as a member of staff; what is not possible is told in the office's language."""
    from handlers.announce_desk import NotPossible
    from handlers.event_desk import NotPossible as NoTime
    from handlers.voice import Voice

    async def told(office: Office, who: Viewer) -> None:
        try:
            await work(office, who)
        except NotPossible as refusal:
            raise Failure(refusal.told(Voice(office, office.language))) from refusal

    try:
        run_as(member, told)
    except NoTime as refusal:
        raise Failure(str(refusal)) from refusal


async def _audience(office: Office, narrowed: dict[str, tuple[str, ...]]) -> Audience:
    """Read the options of an audience: townships, classes and places by their names, too."""
    from handlers.bulk import filter_of
    from storage import register
    from storage.audiences import Audience

    told = dict(narrowed)
    for option, name, stored in (
        ("townships", "township", "township"),
        ("fields", "field", "field"),
        ("places", "city", "place_code"),
        ("kinds", "kind", "kind"),
    ):
        read = []
        for value in told[option]:
            one: dict[str, Any] = {**dict.fromkeys(FILTERS), name: value}
            is_code = option == "places" and PLACE_CODE.fullmatch(value)
            read.append(value if is_code else str(getattr(filter_of(office, **one), stored)))
        told[option] = tuple(read)
    told["events"] = tuple(one.upper() for one in told["events"])
    if told["asked"]:
        async with office.database.read() as connection:
            numbers = {number: document for document, number in (await register.numbers(connection)).items()}
        if unknown := [one for one in told["asked"] if not one.isdecimal() or int(one) not in numbers]:
            raise Failure(f"there is no document {', '.join(unknown)}; see 'laoxiang documents'")
        told["asked"] = tuple(numbers[int(one)] for one in told["asked"])
    filters: dict[str, Any] = told
    return Audience(**filters)
