"""`laoxiang` as a process of its own, many times over: one process has everything imported and forks a warm child for
each start, which takes a third of a second in place of three.

Run by `Nursery` as `python -m tests.nursery`: an order a line on standard input, what became of it on standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# Libraries of numpy start threads of their own unless told not to; pages nobody looks at would fight for one port.
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {"LAOXIANG_WEB": "false"}


@dataclass(frozen=True)
class Born:
    """A running child; `ended` gives its exit code, or minus the signal that ended it."""

    pid: int
    _nursery: Nursery

    def kill(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)

    async def ended(self) -> int:
        return int(await self._nursery._hears())


class Nursery:
    """`async with Nursery() as nursery, nursery.runs(["serve"], settings, log) as process: …`, one at a time."""

    async def __aenter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAOXIANG_")} | ALONE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parent.parent,
        )
        assert await self._hears() == "ready"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    @asynccontextmanager
    async def runs(
        self, arguments: Sequence[str], settings: Mapping[str, str], log: Path, *, stdin: Path = Path("/dev/null")
    ) -> AsyncIterator[Born]:
        """Run one command; killed at the end if it still runs."""
        order = {"arguments": arguments, "settings": settings, "log": str(log), "stdin": str(stdin)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        born = Born(int(await self._hears()), self)
        ended = asyncio.ensure_future(born.ended())
        object.__setattr__(born, "ended", lambda: asyncio.shield(ended))
        try:
            yield born
        finally:
            if not ended.done():
                born.kill(signal.SIGKILL)
            await ended

    async def _hears(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


def main() -> None:
    # What `laoxiang serve` and `laoxiang chat` import by and by.
    import bot.app
    import bot.channels.gateways.aiogram_gateway
    import bot.channels.gateways.ptb_gateway
    import bot.channels.terminal
    import bot.cli
    import bot.serving
    import bot.telegram_bot
    import handlers.forms
    import handlers.library

    handlers.forms.conversations()
    # A fork takes the forking thread along and no other; one that held a lock would never give it back.
    assert threading.active_count() == 1
    print("ready", flush=True)
    # A child that ends, and the end of our orders while one still runs: both wake us.
    awake, wakes = os.pipe()
    os.set_blocking(wakes, False)
    for line in iter(sys.stdin.buffer.raw.readline, b""):  # type: ignore[attr-defined]
        order = json.loads(line)
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        pid = os.fork()
        if pid == 0:
            _run(order, bot.cli.main)
        print(pid, flush=True)
        while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
            ready, _, _ = select.select([awake, 0], [], [])
            if 0 in ready:
                # Whoever gave the orders is gone.
                os.kill(pid, signal.SIGKILL)
            if awake in ready:
                os.read(awake, 1)
        print(os.waitstatus_to_exitcode(ended[1]), flush=True)


def _run(order, command) -> None:  # type: ignore[no-untyped-def]
    """Be the command that was ordered, and end with it."""
    status = 1
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(order["stdin"], os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        # New ones: the old remember whether what they wrote to could be sought.
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
        os.environ.update(order["settings"])
        sys.argv = ["laoxiang", *order["arguments"]]
        command()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except Exception:  # noqa: BLE001 - it ends here, and is told
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
