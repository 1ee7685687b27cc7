"""The page in a real Chromium: what a duty officer sees, hears and does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from alerting.console.app import STATIC
from alerting.console.sensor_views import Condition
from pipeline.model.level import Level
from tests.console.afternoon import situation
from tests.console.sample import raised_fire
from tests.console.served import browser, served
from tests.console.source import MemorySource

pytestmark = pytest.mark.system

WORDS = {name: json.loads((STATIC / "i18n" / f"{name}.json").read_text()) for name in ("zh", "en")}
ITSELF = ("http://127.0.0.1:", "about:", "chrome:", "data:")
"""The page, and what the browser has inside it."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


ALL_WORDS = """
const words = [];
for (const element of document.querySelectorAll("body *")) {
  if (element.closest("script, noscript, [hidden]") || element.checkVisibility?.() === false) continue;
  for (const name of ["aria-label", "placeholder", "title"]) words.push(element.getAttribute(name));
  for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) words.push(child.textContent.trim());
}
return words.filter(Boolean);
"""


class Page:
    """What the tests do with the browser."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self) -> None:
        self.driver.get(self.address)
        self.wait("return document.querySelectorAll('.card').length && document.querySelector('.row.sensor')")

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def wait(self, script: str, seconds: float = 6) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: self.run(script))

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def words(self) -> set[str]:
        """Every text that is shown, spoken or offered as a hint."""
        return set(self.run(ALL_WORDS))

    def cdp(self, command: str, **values: Any) -> None:
        self.driver.execute_cdp_cmd(command, values)

    def logged(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since the last call."""
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # selenium has no type here
        return entries

    def assert_quiet(self) -> None:
        """Nothing in the console, nothing asked of anybody else."""
        said = [entry["message"] for entry in self.logged("browser")]
        assert said == []
        log = [json.loads(entry["message"])["message"] for entry in self.logged("performance")]
        asked = {one["params"]["request"]["url"] for one in log if one["method"] == "Network.requestWillBeSent"}
        assert {url for url in asked if not url.startswith(ITSELF)} == set()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with browser() as driver:
        yield driver


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
def page(chromium: Chrome, source: MemorySource) -> Iterator[Page]:
    with served(source) as address:
        opened = Page(chromium, address)
        opened.open()
        yield opened
        opened.assert_quiet()
        chromium.get("about:blank")


class TestWarnings:
    def test_are_shown_worst_first_with_hazard_level_place_and_clock(self, page: Page) -> None:
        levels = page.run(
            "return [...document.querySelectorAll('.card')].map((card) => card.className.match(/level-(.)/)[1])"
        )
        assert levels == ["4", "3", "3", "2", "1", "1"]
        card = page.one(".card")
        for words in (
            "Red",
            "Fire",
            "Jiangwan District",
            "Cangqian Community",
            "8,420 residents",
            "Since first evidence",
        ):
            assert words in card.text
        assert re.fullmatch(r"0\d:\d\d", card.find_element(By.CSS_SELECTOR, ".digits").text)
        assert page.texts(".tally-one b") == ["1", "2", "1", "1"]
        assert page.driver.title == "(5) Red · Forewarn"

    def test_say_level_by_shape_and_word_not_by_colour_alone(self, page: Page) -> None:
        shapes = page.run(
            "return [...document.querySelectorAll('.card .plate use')]"
            ".map((use) => use.getAttribute('href').split('#')[1])"
        )
        assert shapes == ["level-4", "level-3", "level-3", "level-2", "level-1", "level-1"]
        assert page.texts(".card .plate")[:2] == ["Red", "Orange"]

    def test_count_down_to_the_expected_onset_and_tell_what_was_gained(self, page: Page) -> None:
        clock = page.driver.find_elements(By.CSS_SELECTOR, ".card .clock")[1]
        assert "To expected onset" in clock.text
        assert "lead time 27 min" in clock.text
        before = clock.find_element(By.CSS_SELECTOR, ".digits").text
        time.sleep(1.6)
        assert clock.find_element(By.CSS_SELECTOR, ".digits").text < before

    def test_show_text_reports_evidence_and_deliveries_on_request(self, page: Page) -> None:
        page.one(".card .toggle").click()
        more = page.one(".card .more").text
        for words in (
            "What to do",
            "Leave the building now",
            "First report",
            "Follow-up",
            "Temperature reached",
            "threshold 57",
        ):
            assert words in more
        assert "1,840 delivered" in more
        page.one(".card .each button").click()
        page.wait("return document.querySelectorAll('.card .delivery').length === 7")
        assert "unreachable: no route to the speaker" in page.one(".card .each").text

    def test_arrive_without_a_reload_and_are_announced(self, page: Page, source: MemorySource) -> None:
        page.run("window.notReloaded = true")
        page.one(".card .toggle").click()
        source.put(raised_fire("320690102205"))
        page.wait("return document.querySelectorAll('.card').length === 7", seconds=3)
        assert page.run("return window.notReloaded")
        spoken = page.one("#said-now").get_attribute("textContent")
        assert spoken == "New Red warning: Red fire warning for Cangqian Community: fire in warehouse hall 1"
        assert page.one(".toggle[aria-expanded=true]").is_displayed(), "what was open stays open"

    def test_that_end_move_below_and_leave_the_count(self, page: Page, source: MemorySource) -> None:
        gone, *kept = source.state.warnings
        over = msgspec.structs.replace(gone, ended_at=source.now())
        source.change(warnings=tuple(kept), ended=(over, *source.state.ended))
        page.wait("return document.querySelectorAll('.card').length === 5", seconds=3)
        assert len(page.texts(".ended li")) == 3
        assert page.texts(".tally-one b") == ["1", "1", "1", "1"]

    def test_for_maintenance_stand_apart(self, page: Page) -> None:
        assert page.texts(".divider")[0] == "For maintenance"
        assert "RAIN-304" in page.one(".card.upkeep").text

    def test_of_an_exercise_say_so(self, page: Page) -> None:
        assert page.texts(".ended .ribbon") == ["Exercise"]

    def test_none_is_said_in_words(self, page: Page, source: MemorySource) -> None:
        source.change(warnings=(), ended=())
        page.wait("return document.querySelectorAll('.card').length === 0", seconds=3)
        assert "No warning is in force." in page.one("#warnings").text

    def test_are_text_never_markup(self, page: Page, source: MemorySource) -> None:
        card = source.state.warnings[0]
        attack = "<img src=x onerror=document.title='owned'><script>1</script>"
        texts = tuple(msgspec.structs.replace(text, headline=attack) for text in card.reports[-1].texts)
        reports = (*card.reports[:-1], msgspec.structs.replace(card.reports[-1], texts=texts))
        source.put(msgspec.structs.replace(card, reports=reports))
        page.wait(
            "return [...document.querySelectorAll('.card h3')].some((title) => title.textContent.includes('onerror'))"
        )
        assert page.run("return document.querySelectorAll('.card img, .card script').length") == 0

    def test_open_the_readings_behind_a_finding(self, page: Page) -> None:
        page.one(".card .toggle").click()
        page.one(".card .finding").click()
        page.wait("return document.querySelector('#finding[open] .plot .trace')?.getAttribute('d').length > 50")
        assert "GB 4716-2005" in page.one("#finding").text
        page.press(Keys.ESCAPE)
        assert page.run("return document.querySelector('#finding').open") is False


class TestLanguages:
    def test_switch_changes_every_word_and_is_remembered(self, page: Page) -> None:
        page.one(".card .toggle").click()
        page.one("#sensors .row.sensor").click()
        english = page.words()
        assert {words for words in english if CHINESE.search(words)} == {
            "中文",
            "切换到中文",
            "中国气象局令第16号",
        } & english
        page.one("#language").click()
        chinese = page.words()
        only_english = set(WORDS["en"].values()) - set(WORDS["zh"].values()) - {"EN", "Switch to English"}
        assert chinese & only_english == set()
        assert not any("{" in words for words in english | chinese)
        assert "仓前社区发布火灾红色预警：物流仓库一号楼起火" in chinese
        assert page.run("return document.documentElement.lang") == "zh"
        page.open()
        assert page.run("return document.documentElement.lang") == "zh"
        assert page.driver.title == "(5) 红色 · 先知预警"
        page.run("localStorage.clear()")

    @pytest.mark.parametrize(
        ("accepted", "expected"), [("zh-CN,en", "zh"), ("en-GB", "en"), ("fr,zh-TW", "zh"), ("fr", "en")]
    )
    def test_default_comes_from_the_browser(self, page: Page, accepted: str, expected: str) -> None:
        agent = page.run("return navigator.userAgent")
        page.cdp("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=accepted)
        page.open()
        assert page.run("return document.documentElement.lang") == expected
        page.cdp("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="en-US")


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
        page.wait("return document.querySelector('#sensor-TMP-2101.alarm')?.textContent.includes('64.5')", seconds=4)
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
        page.wait(
            "return document.querySelector('#sensors .aside').textContent.startsWith('8,000 of 8,025')", seconds=3
        )
        assert page.run("return document.querySelectorAll('.row').length") < 60
        took_ms = page.run(
            "const tree = document.querySelector('.tree'), begun = performance.now();"
            "for (let turn = 0; turn < 20; turn += 1) {"
            "  tree.scrollTop = (tree.scrollHeight * turn) / 20;"
            "  tree.dispatchEvent(new Event('scroll'));"
            "  tree.clientHeight;"
            "} return (performance.now() - begun) / 20;"
        )
        assert took_ms < 150, "a jump through the tree must not be felt, even on a busy machine"
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
        page.wait("return document.querySelector('.card').textContent.includes('99%')", seconds=3)
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
            ".filter((id) => !document.getElementById(id) && !['about-title', 'finding-title'].includes(id))"
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
    with served(source) as address:
        page = Page(chromium, address)
        page.open()
    page.wait("return document.querySelector('.link').textContent.includes('Connection lost')")
    source.put(raised_fire("320690102205"))
    with served(source, port=int(address.rstrip("/").rsplit(":", 1)[1])):
        page.wait("return document.querySelectorAll('.card').length === 7", seconds=12)
        assert page.one(".link").text == "Live"
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
        page.wait("return document.querySelector('.link').textContent.startsWith('No news for')", seconds=9)
        chromium.get("about:blank")
