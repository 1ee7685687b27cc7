"""The page for public screens, in a real browser: what is released stands on it, and it says when it hears nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from selenium.webdriver import Chrome

from alerting.cap import to_cap
from alerting.console.screen import Screen, Shown, concerns
from alerting.feed import atom_feed
from pipeline.clock import SystemClock
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, WarningStatus
from tests.console.page import Page
from tests.console.served import browser, served
from tests.console.source import MemorySource
from tests.golden.cap.samples import INVENTORY, POLICY, VILLAGE, life

pytestmark = pytest.mark.system


class PublicSource(MemorySource):
    """A source whose public feed lists the reports it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: dict[str, HazardWarning] = {}

    def publish(self, *reports: HazardWarning) -> None:
        self.reports = {one.id: one for one in reports}
        self.version += 1

    async def cap(self, report: str) -> bytes | None:
        return to_cap(self.reports[report], INVENTORY, POLICY)

    async def feed(self) -> bytes:
        return atom_feed(
            self.reports.values(),
            POLICY,
            feed_url="http://127.0.0.1/feed.atom",
            cap_url=lambda one: f"http://127.0.0.1/cap/{one.id}.xml",
            now=SystemClock().now(),
        )


def report(hazard: Hazard = Hazard.FIRE, valid_s: float = 600, **changes: object) -> HazardWarning:
    now = SystemClock().now()
    fresh = {"sent_at": now - timedelta(seconds=1), "expires_at": now + timedelta(seconds=valid_s)}
    return life(hazard)[0].model_copy(update={**fresh, **changes})


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with browser() as one:
        yield one


HEADLINES = "return [...document.querySelectorAll('h1')].map((one) => one.textContent)"


def test_a_screen_shows_what_is_released_large_and_in_both_languages(driver: Chrome) -> None:
    source = PublicSource()
    with served(source) as address:
        page = Page(driver, f"{address}screen")
        driver.get(page.address)
        page.wait("return !document.getElementById('none').hidden")
        source.publish(report(level=Level.RED))
        page.wait("return document.querySelector('article.red h1')")
        texts = page.texts("article [lang]")
        assert "火灾" in texts[0]
        assert any("fire" in text for text in texts)
        assert page.run("return document.getElementById('none').hidden")
        size = page.run("return parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
        assert size >= 40
        assert page.run("const one = document.querySelector('article'); return one.scrollHeight <= one.clientHeight")
        source.publish(report(Hazard.RAINSTORM, level=Level.YELLOW), report(level=Level.RED))
        first = (
            "document.getElementById('count').textContent === '1 / 2' && document.querySelector('article').className"
        )
        assert page.wait(f"return {first}") == "red"
        page.wait("return document.querySelector('article.yellow')")
        source.publish()
        page.wait("return !document.getElementById('none').hidden && !document.querySelector('article')")
        assert [one for one in driver.get_log("browser") if one["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]


def test_exercises_never_stand_on_a_screen_and_what_expires_goes(driver: Chrome) -> None:
    source = PublicSource()
    exercise = report(Hazard.RAINSTORM, status=WarningStatus.EXERCISE)
    source.publish(exercise, report(Hazard.FIRE))
    with served(source) as address:
        page = Page(driver, f"{address}screen")
        driver.get(page.address)
        page.wait("return document.querySelector('article')")
        assert len(page.run(HEADLINES)) == 1
        source.publish(exercise, report(Hazard.FIRE, valid_s=4))
        page.wait("return !document.querySelector('article')")


def test_a_screen_of_another_place_stays_empty_and_one_without_a_stream_says_so(driver: Chrome) -> None:
    source = PublicSource()
    source.publish(report())
    with served(source) as address:
        page = Page(driver, f"{address}screen?area=110000")
        driver.get(page.address)
        page.wait("return !document.getElementById('none').hidden")
        assert page.run("return document.getElementById('lost').hidden")
    page.wait("return !document.getElementById('lost').hidden")


def test_which_warnings_concern_a_place() -> None:
    one = Shown("x", "red", "", "", (VILLAGE,), ())
    assert concerns(one, "")
    assert concerns(one, VILLAGE[:6])
    assert not concerns(one, "110000".rstrip("0"))
    wide = Shown("x", "red", "", "", ("330203000000",), ())
    assert concerns(wide, VILLAGE)


def test_the_stream_says_everything_first() -> None:
    async def first() -> list[bytes]:
        stream = Screen(PublicSource()).stream()
        try:
            return [await anext(stream), await anext(stream)]
        finally:
            await stream.aclose()

    assert asyncio.run(first()) == [b"event: warnings\ndata: []\n\n", b"event: pulse\ndata: {}\n\n"]
