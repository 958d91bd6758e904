"""Commands that look after the registry: one entry for two, tiers, what was confirmed, what is due, the key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.commands.people_options import as_option, json_option, run_as, tell

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.staff import Viewer


SHOWN = 50  # changes of tier that are listed one by one


@click.command(short_help="Make one of two. 合并")
@click.argument("kept")
@click.argument("other")
@as_option
def merge(kept: str, other: str, member: str | None) -> None:
    """Merge OTHER into KEPT; what OTHER had stays in the history. 合并,历史保留。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        await desk.merge(office, who, kept, other)
        click.echo(f"{other} → {kept}")

    run_as(member, run)


@click.command(short_help="Set a tier. 分级")
@click.argument("person")
@click.argument("tier", type=click.Choice(["A", "B", "C", "none", "rules"]))
@as_option
def tier(person: str, tier: str, member: str | None) -> None:
    """Put a person into a tier by hand, or leave it to the rules again. 手工设定分级,或交还规则;只有工作人员可见。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        if tier == "rules":
            await desk.leave_tier_to_rules(office, who, person)
        else:
            await desk.set_tier(office, who, person, None if tier == "none" else tier)
        click.echo(f"{person}: {tier}")

    run_as(member, run)


@click.command(short_help="Tiers by the rules. 按规则分级")
@click.option("--dry-run", is_flag=True, help="Only say who would change. 只看会有哪些变化。")
@as_option
@json_option
def grade(dry_run: bool, member: str | None, as_json: bool) -> None:
    """Put everybody into the tier that the profile's rules give; what was set by hand stays. 按县里的规则重新分级。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import tiers

        done = await tiers.grade_all(office, who, dry_run=dry_run)
        if as_json:
            tell(done)
            return
        for number, one in enumerate(office.tier_rules, 1):
            click.echo(f"{number}. {one.tier}: {one.told}")
        if not office.tier_rules:
            click.echo("县里的配置还没有分级规则 / the county's profile has no rules: [[tiers]]")
        for person, before, after, rule in done.changes[:SHOWN]:
            click.echo(f"  {person}: {before or '-'} → {after or '-'}  {rule}")
        if len(done.changes) > SHOWN:
            click.echo(f"  … {len(done.changes) - SHOWN}")
        told = "  ".join(f"{tier or '-'} {count}" for tier, count in sorted(done.counts.items()))
        verb = "会变 / would change" if dry_run else "已变 / changed"
        click.echo(f"{told}\n{len(done.changes)} 人{verb}, {done.by_hand} 人手工设定 / set by hand")

    run_as(member, run)


@click.command(short_help="Note that an entry is right. 核对")
@click.argument("person")
@click.option("--wrong", is_flag=True, help="It reached the wrong person. 找错人了。")
@as_option
def confirm(person: str, wrong: bool, member: str | None) -> None:
    """Note that an entry was found right, or about somebody else. 记录已核对,或者找错了人。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        await desk.confirm(office, who, person, wrong=wrong)
        click.echo(f"{person}: {'停用 / out of use' if wrong else '已核对 / confirmed'}")

    run_as(member, run)


@click.command(short_help='Ask "still right?". 半年核对')
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1), help="At most so many. 最多几人。")
@as_option
def refresh(limit: int, member: str | None) -> None:
    """Ask everybody whose half year is over whether the entry is right. 请到期的人核对。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        click.echo(f"{await desk.refresh(office, who, limit)} 人已排队 / queued")

    run_as(member, run)


@click.command(short_help="Delete what is old. 到期清理")
@as_option
def retain(member: str | None) -> None:
    """Delete what has been kept long enough. 删除保存期满的内容。"""

    async def run(office: Office, who: Viewer) -> None:
        from handlers import registry_desk as desk

        for name, count in (await desk.retain(office, who)).items():
            click.echo(f"{name}: {count}")

    run_as(member, run)


@click.command(short_help="Change the key. 更换密钥")
def rekey() -> None:
    """Seal all personal data with a new key, and drop the old one. 用新密钥重新加密全部个人信息。"""

    async def session() -> int:
        from bot.app import open_office
        from bot.failures import Failure
        from bot.settings import load_settings
        from storage import resealing, vault

        settings = load_settings()
        if settings.keys is not None:
            raise Failure("the keys come from LAOXIANG_KEYS: add a new one as its last line, then run this again")
        async with open_office(settings):
            vault.add_key(settings.home / "keys")
        async with open_office(settings) as office:
            count = await resealing.reseal(office.database)
        vault.drop_old_keys(settings.home / "keys")
        return count

    click.echo(f"{asyncio.run(session())} 处已重新加密 / sealed again")
