"""The page in a real Chromium: warnings and languages, as a duty officer sees them."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from selenium.webdriver import Keys

from alerting.console.views import CoverageView, Name
from tests.console.page import CHINESE, WORDS, Page
from tests.console.sample import raised_fire
from tests.console.source import MemorySource

pytestmark = pytest.mark.system


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
        assert re.fullmatch(r"0\d:\d\d", card.one(".digits").text)
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
        clock = page.texts(".card .clock")[1]
        assert "To expected onset" in clock
        assert "lead time 27 min" in clock
        before = page.texts(".card .clock .digits")[1]
        page.wait(
            f"return document.querySelectorAll('.card .clock')[1].querySelector('.digits').textContent < '{before}'"
        )

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
        page.wait("return document.querySelectorAll('.card').length === 7")
        assert page.run("return window.notReloaded")
        spoken = page.one("#said-now").get_attribute("textContent")
        assert spoken == "New Red warning: Red fire warning for Cangqian Community: fire in warehouse hall 1"
        assert page.one(".toggle[aria-expanded=true]").is_displayed(), "what was open stays open"

    def test_that_end_move_below_and_leave_the_count(self, page: Page, source: MemorySource) -> None:
        gone, *kept = source.state.warnings
        over = msgspec.structs.replace(gone, ended_at=source.now())
        source.change(warnings=tuple(kept), ended=(over, *source.state.ended))
        page.wait("return document.querySelectorAll('.card').length === 5")
        assert len(page.texts(".ended li")) == 3
        assert page.texts(".tally-one b") == ["1", "1", "1", "1"]

    def test_of_several_areas_tell_them_and_what_part_of_the_people_was_reached(
        self, page: Page, source: MemorySource
    ) -> None:
        coverage = CoverageView(
            population=900, confirmed=0.2, expected=0.6, expected_low=0.5, expected_high=0.7, villages=9,
            not_reached=3, unknown=1,
        )  # fmt: skip
        areas = (Name("东镇", "East Town"), Name("西镇", "West Town"))
        source.put(msgspec.structs.replace(source.state.warnings[0], areas=areas, coverage=coverage))
        page.wait("return document.querySelector('.card .coverage')")
        assert page.one(".card .several").text == "East Town, West Town"
        shown = page.one(".card .coverage").text
        assert "confirmed 20%, expected 60% (50%–70%) of the people" in shown
        assert "3 of 9 villages not reached" in shown

        sure = msgspec.structs.replace(coverage, expected_low=0.6, expected_high=0.6)
        source.put(msgspec.structs.replace(source.state.warnings[0], areas=areas, coverage=sure))
        page.wait("return document.querySelector('.card .coverage').textContent.includes('expected 60% of the people')")

    def test_of_what_was_seen_to_set_in_tell_since_when(self, page: Page, source: MemorySource) -> None:
        card = source.state.warnings[0]
        seen = source.now() - timedelta(minutes=5)
        ahead = source.now() + timedelta(hours=1)
        lead = msgspec.structs.replace(card.lead, expected_onset_at=ahead, onset_observed_at=seen)
        source.put(msgspec.structs.replace(card, lead=lead))
        clock = f".card[data-chain='{card.chain}'] .clock"
        page.wait(f'return document.querySelector("{clock} .label").textContent === "Since the onset"')
        assert page.one(f"{clock} .under").text.startswith("observed ")

    def test_for_maintenance_stand_apart(self, page: Page) -> None:
        assert page.texts(".divider")[0] == "For maintenance"
        assert "RAIN-304" in page.one(".card.upkeep").text

    def test_of_an_exercise_say_so(self, page: Page) -> None:
        assert page.texts(".ended .ribbon") == ["Exercise"]

    def test_none_is_said_in_words(self, page: Page, source: MemorySource) -> None:
        source.change(warnings=(), ended=())
        page.wait("return document.querySelectorAll('.card').length === 0")
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
