"""Debian's chromium, headless: one process for all tests of a worker, a fresh context for each person in a story."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",  # tests run as root in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
PHONE = {"width": 360, "height": 740}
# Errors of scripts, and what the content security policy refused, in the test that runs.
faults: list[str] = []
DESK = {"width": 1280, "height": 860}


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running chromium; gives the address its driver connects to."""
    program = shutil.which("chromium")
    if program is None:
        missing = "chromium is not installed; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            raise FileNotFoundError(missing)
        pytest.skip(missing)
    profile = tmp_path_factory.mktemp("chromium")
    log = (profile / "log").open("wb")
    process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{_port(profile / 'DevToolsActivePort', process)}"
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    """Wait for the file in which chromium tells its port."""
    for _ in range(300):
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        if process.poll() is not None:
            raise RuntimeError(f"chromium ended with {process.returncode}")
        time.sleep(0.1)
    raise TimeoutError("chromium did not start")


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A connection to chromium: `await browser.new_context(…)` is a person with cookies of their own."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium)
        faults.clear()
        yield connected
        for context in connected.contexts:
            # The first one is the browser's own.
            if context is not connected.contexts[0]:
                await context.close()
    assert faults == []


async def someone(
    browser: Browser,
    url: str,
    *,
    phone: bool = False,
    scripts: bool = True,
    language: str = "zh-CN",
    dark: bool = False,
) -> Page:
    """Give a page in a fresh context, with `url` as its base, failing on errors of its scripts and policy."""
    context: BrowserContext = await browser.new_context(
        base_url=url,
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
        has_touch=phone,
        is_mobile=phone,
        java_script_enabled=scripts,
        locale=language,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    context.on("weberror", lambda error: faults.append(f"{error.page and error.page.url}: {error.error}"))
    context.on("console", _note)
    return await context.new_page()


def _note(said: ConsoleMessage) -> None:
    """Keep what a page complains of, but for requests that were refused: that they are is what some tests are about."""
    if said.type == "error" and not said.text.startswith("Failed to load resource"):
        faults.append(f"{said.page and said.page.url}: {said.text}")


async def violations(page: Page) -> list[str]:
    """Give what axe finds serious or critical on a page: "rule: target", empty if all is well."""
    await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target'][0]} ({node['failureSummary']})"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
