"""Every form in every way with its process ended after every step, at several moments: does each end in its record?

python -m benchmarks.restarts [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from pathlib import Path

from tests.journeys.restarts import in_the_terminal, on_telegram, straight_ways
from tests.nursery import Nursery

SIGNALS = (signal.SIGKILL, signal.SIGTERM)
# What share of the people have their answer when the process ends; 0 is the first of them.
MOMENTS = (0, 0.25, 0.5, 0.75, 1)


async def main(moments: tuple[float, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, started = Path(folder), time.perf_counter()
        ways = await straight_ways(home)
        ends = 0
        async with Nursery() as nursery:
            for how in SIGNALS:
                for moment in moments:
                    count = await on_telegram(nursery, home / f"{how.name}-{moment}", ways, how, moment)
                    print(
                        f"Telegram {how.name} when {moment:.0%} are answered: {count} ends, {len(ways)} records right"
                    )
                    ends += count
            for how in SIGNALS:
                counts = [
                    await in_the_terminal(nursery, home / f"terminal-{how.name}-{number}", way, (how,))
                    for number, way in enumerate(ways)
                ]
                print(f"terminal {how.name} after every step: {sum(counts)} ends, {len(ways)} records right")
                ends += sum(counts)
        print(f"{ends} ends in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one moment in place of five")
    asyncio.run(main(MOMENTS[:1] if parser.parse_args().quick else MOMENTS))
