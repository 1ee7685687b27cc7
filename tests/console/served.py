"""The page served on loopback for as long as a test needs it, and a browser to look at it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from starlette.routing import Route

from alerting.console.app import create_app
from alerting.console.options import ConsoleOptions
from alerting.console.server import serve
from alerting.console.source import ConsoleSource

CHROMIUM = "/usr/bin/chromium"
CHROMEDRIVER = "/usr/bin/chromedriver"
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--accept-lang=en-US",
    "--force-prefers-reduced-motion",
    "--window-size=1440,900",
)


@contextmanager
def served(source: ConsoleSource, port: int = 0, more: Sequence[Route] = ()) -> Iterator[str]:
    """The address of a running page."""
    ready = threading.Event()
    addresses: list[str] = []

    def answers(address: str) -> None:
        addresses.append(address)
        ready.set()

    loop = asyncio.new_event_loop()
    options = ConsoleOptions(port=port)
    task = loop.create_task(serve(create_app(source, options, more=more), options, answers))

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60), "the page does not answer"
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(60)
        assert not thread.is_alive(), "the server does not stop"


@contextmanager
def browser() -> Iterator[Chrome]:
    """A Chromium of its own, which can reach nothing but loopback and keeps a log of all it asked for."""
    if not (Path(CHROMIUM).exists() and Path(CHROMEDRIVER).exists()):
        pytest.fail("the page is tested in Chromium: apt-get install -y chromium chromium-driver fonts-noto-cjk")
    profile = tempfile.mkdtemp()
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(CHROMEDRIVER))
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
