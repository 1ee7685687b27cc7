"""The duty desk in a real Chromium: release, calls, silences, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome

from alerting.api.app import routes
from alerting.coverage.reach import Contact, Reach, ReachTable
from alerting.coverage.reckon import reckon
from alerting.overlook import Overlook
from alerting.projection import Projection
from alerting.store.store import Store
from pipeline.model.area import Area
from pipeline.model.audience import Audience
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.release import ReleaseState
from pipeline.model.warning import Report
from pipeline.telemetry import Telemetry
from tests.alerting_rig import Rig
from tests.console.page import CHINESE, WORDS, Page
from tests.console.served import served
from tests.console.source import MemorySource
from tests.merge_rig import ASK, storm, towns
from tests.reports import NOON, VILLAGE, later, warning

pytestmark = pytest.mark.system
RED = warning(level=Level.RED)
DUTY: dict[str, Any] = {
    "rosters": [{"name": "gas", "people": ["li"], "begins_at": NOON}],
    "chains": [{"name": "ack", "max_level": "orange", "steps": [{"who": ["person:wang"], "wait_s": 60}]}],
}


@pytest.fixture
def rig(store: Store) -> Rig:
    return Rig(store, rules=[{"name": "red by hand", "mode": "approval", "min_level": "red"}], duty=DUTY)


@pytest.fixture
def desk(chromium: Chrome, rig: Rig, source: MemorySource) -> Iterator[Page]:
    with served(source, more=routes(rig.desk)) as address:
        page = Page(chromium, address)
        page.open()
        page.wait("return document.querySelector('#open-duty')")
        yield page
        page.assert_quiet()
        page.run("sessionStorage.clear()")
        chromium.get("about:blank")


def sign_in(page: Page, rig: Rig, who: str) -> None:
    page.one("#open-duty").click()
    page.one("#duty-token").send_keys(rig.desk.make_token(who, "test")[1])
    page.one("#duty-enter").click()
    page.wait("return document.querySelector('#duty-leave')")


def test_what_waits_is_seen_before_anybody_signs_in(desk: Page, rig: Rig) -> None:
    assert desk.one("#open-duty").text == "Duty desk"
    rig.tell(RED)
    desk.wait("return document.querySelector('#open-duty.urgent .badge')?.textContent === '1'")
    assert desk.one("#open-duty").get_attribute("aria-label") == "Duty desk · 1 wait for release"


def test_a_report_is_released_with_one_press(desk: Page, rig: Rig) -> None:
    rig.tell(RED)
    sign_in(desk, rig, "li")
    row = " ".join(desk.one("#duty .releases li").text.split())
    assert "Red Fire · public" in row
    assert desk.one("#duty .releases .said").text == RED.texts[0].description, "where it is, and what is known"
    assert "red by hand: 0 of 1 approvals" in row
    assert "Li" not in row
    assert "On duty · gas: li" in desk.one("#duty .who").text
    desk.one("#duty .do-approve").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing waits.')")
    assert rig.queued(RED) == ["siren/village"]
    assert rig.store.requests(RED.chain)[0].approvals == ("li",)


def test_all_clears_of_one_warning_are_approved_with_one_press(desk: Page, rig: Rig) -> None:
    merged = Rig(rig.store, rules=[ASK], routing={"merge": {"hazards": ["rainstorm"]}}, inventory=towns(3))
    rig.outlet = rig.desk.outlet = merged.outlet
    rig.tell(*(storm(number, at_s=number) for number in (1, 2, 3)))
    rig.tell(storm(1, 2, 600, Level.NONE))
    sign_in(desk, rig, "li")
    assert len(desk.texts("#duty .releases li")) == 1
    assert desk.texts("#duty .all-clears") == [], "one is pressed as ever"
    rig.tell(storm(2, 2, 601, Level.NONE))
    desk.wait("return document.querySelector('#duty .all-clears')")
    assert desk.texts("#duty .all-clears span") == ["Rainstorm: 2 all-clears of one warning wait"]
    desk.one("#duty .do-approve-all").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing waits.')")
    assert rig.store.pending() == ()


def sign_in_mistyped(page: Page, says: str) -> None:
    page.one("#duty-token").send_keys("mistyped")
    page.one("#duty-enter").click()
    page.wait(
        "return document.querySelector('#duty-token')?.value === ''"
        f" && document.querySelector('#duty .refused')?.textContent.startsWith('{says}')"
    )


def test_a_mistyped_token_counts_once_and_is_told_in_the_language_of_the_page(desk: Page, rig: Rig) -> None:
    desk.one("#open-duty").click()
    for _ in range(3):
        sign_in_mistyped(desk, WORDS["en"]["refusal.401"])
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()
    desk.one("#open-duty").click()
    sign_in_mistyped(desk, WORDS["zh"]["refusal.401"])
    said = [entry["message"] for entry in desk.logged("browser")]
    assert [one.split()[0].rpartition("/")[2] for one in said] == ["me"] * 4, "one is asked for, not twelve"
    desk.one("#duty-token").send_keys(rig.desk.make_token("li", "test")[1])
    desk.one("#duty-enter").click()
    desk.wait("return document.querySelector('#duty-leave')")
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()


def test_a_refusal_needs_a_reason_and_says_so(desk: Page, rig: Rig) -> None:
    rig.tell(RED)
    sign_in(desk, rig, "wang")
    desk.one(f"#reason-{RED.id}-public").send_keys("welding")
    desk.one("#duty .do-refuse").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing waits.')")
    found = rig.store.request(RED.id, Audience.PUBLIC)
    assert found is not None
    assert (found.state, found.reason) == (ReleaseState.REFUSED, "welding")


HOLD = """
const ask = window.fetch;
window.held = [];
window.answered = 0;
window.is_open = false;
window.fetch = async (path, ...more) => {
  if (path.includes("/summary")) return ask(path, ...more);
  if (!window.is_open) await new Promise((go) => window.held.push(go));
  const answer = await ask(path, ...more);
  window.answered += 1;
  return answer;
};
window.let_go = () => { window.is_open = true; window.held.forEach((go) => go()); };
"""


def test_words_that_are_being_typed_are_not_drawn_away_by_news(desk: Page, rig: Rig) -> None:
    rig.tell(RED)
    sign_in(desk, rig, "li")
    desk.run(HOLD)
    rig.tell(warning("b", level=Level.RED))
    desk.wait("return window.held.length === 1")
    field = desk.one(f"#reason-{RED.id}-public")
    field.send_keys("welding")
    desk.run("window.let_go()")
    desk.wait("return window.answered >= 12")
    assert field.get_attribute("value") == "welding"
    assert len(desk.texts("#duty .releases li")) == 1
    desk.run("document.activeElement.blur()")
    desk.wait("return document.querySelectorAll('#duty .releases li').length === 2")


def test_a_call_is_taken_on(desk: Page, rig: Rig) -> None:
    rig.tell(warning())
    rig.after(0)
    sign_in(desk, rig, "li")
    assert "no answer from wang" in desk.one("#duty .calls li").text
    desk.one("#duty .do-answer").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nobody is being called.')")
    assert rig.store.calls()[0].answered_by == "li"


def test_a_silence_is_set_and_shows_what_it_hides(desk: Page, rig: Rig, source: MemorySource) -> None:
    rig.outlet._rules = ()
    rig.clock.advance((source.now() - rig.now).total_seconds())
    sign_in(desk, rig, "li")
    desk.one("#silence-reason").send_keys("welding")
    desk.one("#silence-red").click()
    desk.one("#duty .do-silence").click()
    desk.wait("return document.querySelector('#duty .silences li')")
    assert "welding · li · until" in desk.one("#duty .silences li").text
    rig.tell(warning(level=Level.RED, expires_at=rig.in_s(3600)))
    desk.one("#duty-leave").click()
    desk.wait("return document.querySelector('#duty-token')")
    desk.one("#duty-token").send_keys(rig.desk.make_token("li", "test")[1])
    desk.one("#duty-enter").click()
    desk.wait("return document.querySelector('#duty .silences li.hides-red')")
    assert "hid 1, red: 1" in desk.one("#duty .silences li").text
    rig.clock.advance(1)
    desk.one("#duty .do-end").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing is silenced.')")


def test_it_speaks_chinese(desk: Page, rig: Rig) -> None:
    rig.tell(RED)
    sign_in(desk, rig, "li")
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()
    desk.one("#open-duty").click()
    desk.wait("return document.querySelector('#duty .releases')")
    shown = desk.one("#duty").text
    for key in ("duty.releases", "duty.approve", "duty.refuse", "duty.called", "duty.silences", "duty.silence_set"):
        assert WORDS["zh"][key] in shown
    assert "审批人" in shown
    words = [line for line in shown.splitlines() if not CHINESE.search(line)]
    assert set(words) <= {"Fire", "Fire.", ""} | {line for line in words if "gas" in line}
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()


def test_where_there_is_no_desk_there_is_no_button(page: Page) -> None:
    assert page.texts("#open-duty") == []


def test_the_worst_in_force_stands_first(desk: Page, rig: Rig) -> None:
    for name, level in (("a", Level.BLUE), ("b", Level.ORANGE), ("c", Level.YELLOW)):
        rig.tell(warning(name, level=level))
    sign_in(desk, rig, "li")
    assert [line.split()[0] for line in desk.texts("#duty .in-force li")] == ["Orange", "Yellow", "Blue"]


def test_a_clock_is_met(desk: Page, rig: Rig) -> None:
    rig.tell(warning())
    sign_in(desk, rig, "li")
    shown = desk.one("#duty .in-force li").text
    assert "telephone: running, due" in shown
    assert "Nothing waits to be sent." in desk.one("#duty").text
    desk.one("#duty .do-meet").click()
    desk.wait("return document.querySelector('#duty .in-force li').textContent.includes('telephone: met')")


def test_a_warning_is_withdrawn_by_hand(desk: Page, rig: Rig) -> None:
    rig.tell(warning())
    sign_in(desk, rig, "li")
    desk.one(f"#why-{warning().chain}").send_keys("a test gas was used")
    desk.one("#duty .do-amend").click()
    desk.wait("return !document.querySelector('#duty .amend')")
    final = rig.store.chain(warning().chain)[-1]
    assert final.report is Report.FINAL
    assert "a test gas was used" in final.texts[1].description
    (order,) = rig.store.open_orders()
    assert (order.kind, order.why) == (OrderKind.WITHDRAW, "a test gas was used")


def test_villages_not_reached_are_shown_with_whom_to_call(desk: Page, rig: Rig) -> None:
    rig.tell(warning())
    village = Area(code=VILLAGE, name_zh="东村", name_en="East Village", population=400)
    contact = Contact(area=VILLAGE, name="Chen", telephone="0571-1234")
    row = Reach(area=VILLAGE, channel="siren", target="village", part=0.8)
    table = ReachTable((row,), (contact,))
    rig.desk.coverage = lambda chain: reckon((VILLAGE,), rig.store.told(chain), Inventory((village,), (), ()), table)
    sign_in(desk, rig, "li")
    desk.one("#duty .do-reached").click()
    desk.wait("return document.querySelector('#duty .not-reached li')")
    assert desk.one("#duty .not-reached li").text == "East Village · 400 residents · 0% · call Chen 0571-1234"
    assert "of 400 people: confirmed 0%" in desk.one("#duty .reached-people").text


def test_a_channel_that_will_be_too_late_is_seen_by_everybody(desk: Page, rig: Rig) -> None:
    rig.desk.overlook = Overlook(rig.store, ["siren"], rig.clock, Telemetry())
    late = Projection("siren", NOON, 9, 0.001, later(9000), later(3600))
    rig.desk.overlook.latest = {"siren": late}
    desk.wait("return document.querySelector('#open-duty.urgent')")
    assert "channels that will be too late: siren" in (desk.one("#open-duty").get_attribute("aria-label") or "")
    sign_in(desk, rig, "li")
    assert "too late" in desk.one("#duty .projections li.refused").text
