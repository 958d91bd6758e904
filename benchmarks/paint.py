"""How soon pages are seen, and what they weigh: `python -m benchmarks.paint`.

Chromium, slowed down to a quarter, opens pages of the sample county, each in a fresh window that has kept nothing. The
first paint is the browser's own word for it, the weight all that came over the wire. Needs the extra `dev`.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from benchmarks.console import signed_in
from bot.app import App, open_app
from bot.channels.web import WebChannel
from bot.settings import Settings
from bot.web.app import create_app
from storage.staff import Role
from tests.web.served import listening

SLOWER = 4
ROUNDS = 7
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}
PAINT = """() => new Promise(seen => new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint')
    .forEach(entry => seen(entry.startTime))).observe({type: 'paint', buffered: true}))"""


async def opened(browser: Browser, url: str, path: str, token: str = "") -> tuple[float, int]:
    """Open a page; give its first paint in ms and its bytes on the wire."""
    context = await browser.new_context(base_url=url, viewport=DESK if token else PHONE, locale="zh-CN")  # type: ignore[arg-type]
    if token:
        await context.add_cookies([{"name": "desk", "value": token, "url": url}])
    page = await context.new_page()
    tools = await context.new_cdp_session(page)
    weights: list[float] = []
    tools.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    await tools.send("Network.enable")
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(path, wait_until="load")
    paint = await page.evaluate(PAINT)
    await asyncio.sleep(0.5)  # what scripts fetch once the page is there weighs too
    await context.close()
    return float(paint), int(sum(weights))


async def pages(app: App) -> list[tuple[str, str]]:
    """Give the paths to open, each with the cookie of a member of staff or none."""
    [document, *_] = app.library.documents
    token = await signed_in(app, "admin", Role.COUNTY_ADMIN, None)
    people = [
        "/",
        "/policies",
        f"/documents/{document.id}",
        "/answer?q=租房补贴怎么申请",
        "/events",
        "/privacy",
        "/status",
    ]
    staff = ["", "/questions", "/people", "/documents", "/slots", "/announcements"]
    return [(path, "") for path in people] + [("/console/sign-in", "")] + [(f"/console{path}", token) for path in staff]


async def measure() -> None:
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is not installed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_app(Settings(home=Path(folder), county=Path("samples/county.toml"))) as app,
            async_playwright() as playwright,
        ):
            await app.library.index([Path("samples/documents")])
            web = create_app(app, WebChannel(app.desk.database, app.desk.clock, app.desk.ids))
            listener = socket.create_server(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            async with listening(web, listener):
                for path, token in await pages(app):
                    taken = [await opened(browser, url, path, token) for _ in range(ROUNDS)]
                    paints = sorted(paint for paint, _ in taken)
                    weight = statistics.median(weight for _, weight in taken)
                    span = f"{statistics.median(paints):4.0f} ms ({paints[0]:.0f} to {paints[-1]:.0f})"
                    print(f"{path:40} first paint {span}, {weight / 1000:.0f} kB", flush=True)
            await browser.close()


def main() -> None:
    asyncio.run(measure())


if __name__ == "__main__":
    main()
