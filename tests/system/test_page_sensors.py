"""The page in a real Chromium: sensors, figures, readers, lost connections."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from selenium.webdriver import Chrome, Keys

from alerting.console.sensor_views import Condition
from pipeline.model.level import Level
from tests.console.afternoon import situation
from tests.console.page import Page
from tests.console.sample import raised_fire
from tests.console.served import served
from tests.console.source import MemorySource
from tests.servers import free_port

pytestmark = pytest.mark.system


class TestSensors:
    def test_draw_a_sparkline_with_threshold_and_a_plot(self, page: Page) -> None:
        page.wait("return document.querySelector('.row .spark .trace')?.getAttribute('d').length > 30")
        assert page.run("return document.querySelectorAll('.row .spark .threshold').length") > 0
        page.one(".row.sensor.alarm").click()
        page.wait("return document.querySelector('#inspector .plot .trace')?.getAttribute('d').length > 50")
        looked_at = page.run("return document.querySelector('#inspector').textContent")
        assert "Fixed temperature 57" in looked_at
        assert "TMP-2102" in looked_at

    def test_change_in_place(self, page: Page, source: MemorySource) -> None:
        source.hear("TMP-2101", 64.5, Condition.ALARM, Level.ORANGE)
        page.wait("return document.querySelector('#sensor-TMP-2101.alarm')?.textContent.includes('64.5')")
        assert page.one("#condition-alarm b").text == "11"

    def test_are_found_by_either_name_id_kind_and_condition(self, page: Page) -> None:
        def shown() -> list[str]:
            return page.texts(".row.sensor .name")

        search = page.one("#sensor-search")
        search.send_keys("溪口")
        page.wait("return document.querySelectorAll('.row.sensor').length === 1")
        assert shown() == ["RAIN-301"]
        search.send_keys(Keys.CONTROL + "a", Keys.DELETE)
        search.send_keys("GAS-010 shiqiao")
        page.wait("return document.querySelectorAll('.row.sensor').length === 8")
        page.one("#condition-fault").click()
        page.wait("return document.querySelectorAll('.row.sensor').length === 1")
        assert shown() == ["GAS-0108"]

    def test_keyboard_walks_the_tree(self, page: Page) -> None:
        page.run("document.querySelector('.tree').focus()")
        page.press(Keys.HOME, Keys.ARROW_LEFT)
        page.wait("return document.querySelectorAll('.row').length === 1")
        page.press(Keys.ARROW_RIGHT)
        page.wait("return document.querySelectorAll('.row').length > 4")
        page.press(Keys.ARROW_DOWN)
        active = page.run(
            "const active = document.querySelector('.tree').getAttribute('aria-activedescendant');"
            "return document.getElementById(active).textContent"
        )
        assert active.startswith("Donghu Subdistrict")
        assert page.run("return document.querySelector('.row[aria-selected=true]').getAttribute('aria-level')") == "2"


def test_thousands_of_sensors_stay_fluid(chromium: Chrome) -> None:
    with served(MemorySource(more=8_000)) as address:
        page = Page(chromium, address)
        page.open()
        page.one("#sensor-search").send_keys("NB-")
        page.wait("return document.querySelector('#sensors .aside').textContent.startsWith('8,000 of 8,025')")
        assert page.run("return document.querySelectorAll('.row').length") < 60
        took_ms = page.run(
            "const tree = document.querySelector('.tree'), took = [];"
            "for (let turn = 0; turn < 20; turn += 1) {"
            "  const begun = performance.now();"
            "  tree.scrollTop = (tree.scrollHeight * turn) / 20;"
            "  tree.dispatchEvent(new Event('scroll'));"
            "  tree.clientHeight;"
            "  took.push(performance.now() - begun);"
            "} return Math.min(...took.slice(1));"
        )
        assert took_ms < 150, "a jump through the tree must not be felt; the quickest is one the machine left alone"
        page.assert_quiet()
        chromium.get("about:blank")


class TestReaders:
    def test_skip_links_come_first_and_lead_where_they_say(self, page: Page) -> None:
        page.press(Keys.TAB)
        assert page.run("return document.activeElement.textContent") == "Skip to warnings"
        page.press(Keys.TAB, Keys.ENTER)
        assert page.run("return document.activeElement.id") == "sensor-search"

    def test_keyboard_opens_a_card_and_the_focus_stays_when_it_changes(self, page: Page, source: MemorySource) -> None:
        page.run("document.querySelector('.card .toggle').focus()")
        page.press(Keys.ENTER)
        assert page.one(".card .toggle").get_attribute("aria-expanded") == "true"
        focused = page.run("return document.activeElement.id")
        fire = source.state.warnings[1]
        source.put(msgspec.structs.replace(fire, confidence=0.99))
        page.wait("return document.querySelector('.card').textContent.includes('99%')")
        assert page.run("return document.activeElement.id") == focused

    def test_landmarks_headings_and_names_are_there(self, page: Page) -> None:
        assert page.run("return ['header', 'nav', 'main'].every((name) => document.querySelector(name))")
        assert page.run("return document.querySelectorAll('h1').length") == 1
        unnamed = page.run(
            "return [...document.querySelectorAll('button, a, input, select, section, [role=img]')]"
            ".filter((one) => !one.textContent.trim() && !one.ariaLabel && !one.getAttribute('aria-labelledby'))"
            ".map((one) => one.outerHTML)"
        )
        assert unnamed == []
        dangling = page.run(
            "return [...document.querySelectorAll('[aria-labelledby]')]"
            ".map((one) => one.getAttribute('aria-labelledby'))"
            ".filter((id) => !document.getElementById(id)"
            " && !['about-title', 'duty-title', 'finding-title'].includes(id))"  # of dialogs that were never opened
        )
        assert dangling == []

    def test_nothing_moves_for_those_who_ask_for_it(self, page: Page) -> None:
        moving = "return document.getAnimations().filter((one) => one.animationName).length"
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "no-preference"}])
        page.open()
        assert page.run(moving) > 0
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        page.open()
        assert page.run(moving) == 0
        page.cdp("Emulation.setEmulatedMedia", features=[])

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_theme_follows_the_system_until_it_is_chosen(self, page: Page, scheme: str) -> None:
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.open()
        assert page.run("return document.documentElement.dataset.scheme") == scheme
        page.one("#theme").click()
        page.open()
        assert page.run("return document.documentElement.dataset.scheme") == "light"
        page.run("localStorage.clear()")
        page.cdp("Emulation.setEmulatedMedia", features=[])

    @pytest.mark.parametrize("width", [360, 800, 1180, 1440, 1920])
    def test_nothing_sticks_out_sideways(self, page: Page, width: int) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page.cdp("Emulation.setDeviceMetricsOverride", **metrics)
        page.open()
        assert page.run("return document.scrollingElement.scrollWidth") <= width
        page.cdp("Emulation.clearDeviceMetricsOverride")


class TestFigures:
    def test_throughput_drops_and_latency(self, page: Page) -> None:
        text = page.one("#throughput").text
        for words in ("18.4k", "readings/s", "61 ms", "184", "unknown sensor", "10,412"):
            assert words in text

    def test_ledger_tells_lead_times_and_misses(self, page: Page) -> None:
        assert page.one("#ledger .aside").text == "median 49 min · 50% reach 60 min · 1 missed"
        assert "0 · missed" in page.one("#ledger tr.missed").text

    def test_notices_and_licences_are_shown(self, page: Page) -> None:
        assert page.one("#notices").text == situation().process.notices[0].en
        page.one("#open-about").click()
        about = page.one("#about").text
        for words in (
            "METEC controlled releases 2022",
            "US public domain",
            "Class I, especially serious",
            "CAP feed (Atom)",
        ):
            assert words in about


def test_a_lost_connection_is_said_and_mended(chromium: Chrome) -> None:
    source = MemorySource()
    port = free_port()
    with served(source, port) as address:
        page = Page(chromium, address)
        page.open()
    page.wait("return document.querySelector('.link').textContent.includes('Connection lost')")
    source.put(raised_fire("320690102205"))
    with served(source, port):
        page.wait("return document.querySelectorAll('.card').length === 7")
        page.wait("return document.querySelector('.link').textContent === 'Live'")
        page.logged("browser")  # the refused tries stand there, rightly
        chromium.get("about:blank")


def test_a_process_that_falls_silent_is_said_to_be_silent(chromium: Chrome) -> None:
    source = MemorySource()
    with served(source) as address:
        page = Page(chromium, address)
        page.open()

        async def stuck() -> Any:
            raise OSError("the core does not answer")

        source.pulse = stuck  # type: ignore[method-assign]  # the process is alive, its core is not
        page.wait("return document.querySelector('.link').textContent.startsWith('No news for')")
        chromium.get("about:blank")
