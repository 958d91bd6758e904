"""The command line: `laoxiang COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper

import click

from bot.commands.announce import announce
from bot.commands.backup import backup, restore
from bot.commands.chatting import chat, serve
from bot.commands.checking import check
from bot.commands.documents import ask, index, search
from bot.commands.evaluating import evaluate
from bot.commands.events import events
from bot.commands.people import people
from bot.commands.register import documents
from bot.commands.slots import slots
from bot.commands.staff import staff
from bot.commands.working import jobs, work
from bot.failures import Failure, explained
from bot.logs import log_to_stderr


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="laoxiang", prog_name="laoxiang")
@click.option("-v", "--verbose", count=True, help="Log more to standard error. 输出更多日志。")
def cli(verbose: int) -> None:
    """The hometown assistant of a county: policy answers with their sources. 县里的老乡助手,查政策有出处。"""
    log_to_stderr(logging.WARNING - 10 * min(verbose, 2))


for command in (
    index,
    documents,
    ask,
    search,
    chat,
    serve,
    work,
    jobs,
    check,
    evaluate,
    staff,
    people,
    slots,
    events,
    announce,
    backup,
    restore,
):
    cli.add_command(command)


def main() -> None:
    """Run a command; an operator reads what went wrong in one sentence, and the traceback with -v."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that can't show a sign shows another one.
            stream.reconfigure(errors="replace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("", err=True)
        sys.exit(1)
    except Failure as error:
        click.echo(f"laoxiang: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        logging.getLogger(__name__).debug("command.failed", exc_info=True)
        click.echo(f"laoxiang: {message}", err=True)
        sys.exit(1)
