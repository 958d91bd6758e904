"""Updates per second and reply times, ours beside bare echo bots: `python -m benchmarks.updates`.

Fifty users write, each the next message when the last one is answered. Every bot runs in a process of its own
against a simulated Telegram of its own; rounds are interleaved, so that a noisy minute hits all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

PYTHON = sys.executable
LOOPBACK = build_opener(ProxyHandler({}))
TOKEN = "123456:simulated-token"


@dataclass
class Contender:
    """A bot to measure: its command, what its users write, and whom it is compared with."""

    name: str
    command: list[str]
    against: str
    text: str = "你好"
    settings: Mapping[str, str] = field(default_factory=dict)
    telegram: str = ""
    log: Path = Path(os.devnull)
    rates: list[float] = field(default_factory=list)
    p50s: list[float] = field(default_factory=list)
    p95s: list[float] = field(default_factory=list)

    def measure(self, users: int, messages: int) -> None:
        told = call(f"{self.telegram}/control/load", users=users, messages=messages, text=self.text)
        times = sorted(told["latencies_ms"])
        self.rates.append(messages / told["seconds"])
        self.p50s.append(statistics.median(times))
        self.p95s.append(times[int(0.95 * len(times))])

    def warm_up(self, users: int) -> None:
        """Wait until the bot answers, and let it answer everybody twice. Raises RuntimeError with its log."""
        try:
            call(f"{self.telegram}/control/load", users=users, messages=2 * users, text=self.text)
        except HTTPError as error:
            raise RuntimeError(f"{self.name} does not answer:\n{self.log.read_text()[-2000:]}") from error

    @property
    def medians(self) -> tuple[float, float, float]:
        return statistics.median(self.rates), statistics.median(self.p50s), statistics.median(self.p95s)


def contenders() -> list[Contender]:
    bots = "benchmarks.bare_bots"
    found = []
    for library in ("aiogram", "ptb"):
        bare = f"bare {library}"
        chosen = {"LAOXIANG_TELEGRAM_GATEWAY": library}
        serve = [PYTHON, "-c", "from bot.cli import main; main()", "serve"]
        found += [
            Contender(bare, [PYTHON, "-m", f"{bots}.{library}_echo"], bare),
            Contender(f"our echo on {library}", [PYTHON, "-m", f"{bots}.our_echo"], bare, settings=chosen),
            Contender(f"serve on {library}", serve, bare, text="/privacy", settings=chosen),
        ]
    return found


def call(url: str, **body: Any) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with LOOPBACK.open(request, timeout=300) as response:
        return json.load(response)


def open_up(contender: Contender, stack: ExitStack) -> None:
    """Start a bot and its Telegram; both end with the stack."""
    simulator = subprocess.Popen(
        [PYTHON, "-m", "tests.simulated_telegram", "--token", TOKEN], stdout=subprocess.PIPE, text=True
    )
    stack.callback(end, simulator)
    assert simulator.stdout is not None
    contender.telegram = simulator.stdout.readline().strip()
    home = stack.enter_context(tempfile.TemporaryDirectory())
    settings = {
        **os.environ,
        "LAOXIANG_HOME": home,
        "LAOXIANG_TELEGRAM_TOKEN": TOKEN,
        "LAOXIANG_TELEGRAM_API": contender.telegram,
        "LAOXIANG_TELEGRAM_RATE": "0",
        "LAOXIANG_WEB": "false",
        **contender.settings,
    }
    contender.log = Path(home) / "log"
    log = stack.enter_context(contender.log.open("w"))
    bot = subprocess.Popen(contender.command, env=settings, stdout=log, stderr=log)
    stack.callback(end, bot)


def end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Updates per second and reply times beside bare echo bots.")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--messages", type=int, default=1000, help="per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="names that contain this")
    asked = parser.parse_args()
    running = [contender for contender in contenders() if asked.only in contender.name]
    begun = perf_counter()
    with ExitStack() as stack:
        for contender in running:
            open_up(contender, stack)
        for contender in running:
            contender.warm_up(asked.users)
        for _ in range(asked.rounds):
            for contender in running:
                contender.measure(asked.users, asked.messages)
    report(running)
    print(f"{asked.users} users, {asked.rounds} rounds of {asked.messages}, {perf_counter() - begun:.0f} s in all")


def report(measured: list[Contender]) -> None:
    bare = {contender.name: contender for contender in measured}
    print(f"{'':<22}{'updates/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p50 ×':>8}{'p95 ×':>8}")
    for contender in measured:
        rate, p50, p95 = contender.medians
        line = f"{contender.name:<22}{rate:>10.0f}{p50:>9.1f}{p95:>9.1f}"
        if contender.against in bare:
            _, bare_p50, bare_p95 = bare[contender.against].medians
            line += f"{p50 / bare_p50:>8.2f}{p95 / bare_p95:>8.2f}"
        print(line)


if __name__ == "__main__":
    main()
