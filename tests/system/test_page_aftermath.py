"""What warnings leave behind, at the duty desk in a real Chromium: items, onsets, the report of a month, drills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alerting.drill.evaluation import Evaluation, Mode
from alerting.drill.start import Begun
from alerting.report.verified import Verified
from alerting.store.record import Record
from alerting.tasks.item import Item, State, given
from pipeline.model.area import Area
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.warning import Report, WarningStatus
from tests.alerting_rig import Rig
from tests.console.page import CHINESE, WORDS, Page
from tests.reports import NOON, VILLAGE, later, warning
from tests.system.test_page_duty import desk, pytestmark, rig, sign_in  # noqa: F401  # fixtures and the mark

TEXT = "return document.querySelector('{}').textContent"


class Held:
    """Takes one drill, which goes on."""

    scenarios = ("洪水",)

    def __init__(self) -> None:
        self._begun: list[Begun] = []

    def begun(self) -> list[Begun]:
        return self._begun

    def look(self, _at: datetime) -> bool:
        return False

    def start(self, begun: Begun, note: Callable[[], object]) -> None:
        note()
        self._begun.append(begun)


def give(rig: Rig) -> None:  # noqa: F811  # the fixture
    item = Item(id="i1", title="Look at the pump", assignee="li", due_at=later(3600))
    rig.store.add_item(given(item, "zhao", NOON), "person:zhao", NOON)


def test_an_item_is_answered_and_verified_by_another(desk: Page, rig: Rig) -> None:  # noqa: F811  # the fixtures
    give(rig)
    sign_in(desk, rig, "li")
    assert "Look at the pump · open · li · due" in desk.one("#duty .items li").text
    desk.one("#words-i1").send_keys("a seal was changed")
    desk.one("#duty .do-item-answer").click()
    desk.wait("return document.querySelector('#duty .items li')?.textContent.includes('li: a seal was changed')")
    desk.one("#duty-leave").click()
    desk.wait("return document.querySelector('#duty-token')")
    desk.one("#duty-token").send_keys(rig.desk.make_token("wang", "test")[1])
    desk.one("#duty-enter").click()
    desk.wait("return document.querySelector('#duty .do-item-verify')")
    desk.one("#duty .do-item-verify").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing is to be done.')")
    assert rig.store.items()[0].state is State.VERIFIED


def test_what_set_in_is_entered_and_the_month_tells_of_it(desk: Page, rig: Rig) -> None:  # noqa: F811  # the fixtures
    village = Area(code=VILLAGE, name_zh="东村", name_en="East Village", population=400)
    rig.desk.verified = Verified(rig.store, Inventory((village,), (), ()), "UTC", WarningStatus.ACTUAL)
    rig.tell(warning())
    rig.store.save(Record(warnings=(warning(number=2, report=Report.FINAL),)), later(7200))
    rig.clock.advance(4000)
    sign_in(desk, rig, "li")
    desk.run("document.querySelector('#onset-hazard').value = 'fire'")
    desk.one("#onset-area").send_keys(VILLAGE)
    desk.one("#duty .do-onset").click()
    desk.wait(f"return document.querySelector('#duty .onsets li')?.textContent.includes('Fire · {VILLAGE}')")
    desk.run(
        "const month = document.querySelector('#report-month'); month.value = '2026-05';"
        "month.dispatchEvent(new Event('change')); document.querySelector('#duty .do-report').click()"
    )
    desk.wait("return document.querySelector('#duty .month-figures')?.textContent.includes('hits 1, late 0, missed 0')")
    assert "near 0, false alarms 0 · POD 100%" in desk.run(TEXT.format("#duty .month-figures"))
    desk.run("window.kept = []; HTMLAnchorElement.prototype.click = function () { kept.push(this.download) }")
    for kind in ("html", "csv"):
        desk.one(f"#duty .do-report-{kind}").click()
    desk.wait("return kept.length === 2")
    assert set(desk.run("return kept")) == {"2026-05.html", "2026-05.csv"}
    desk.one("#duty .do-take-back").click()
    desk.wait("return document.querySelector('#duty').textContent.includes('Nothing was entered.')")
    assert rig.store.onsets() == ()


def test_drills_are_listed_and_all_of_it_speaks_chinese(desk: Page, rig: Rig) -> None:  # noqa: F811  # the fixtures
    give(rig)
    rig.store.observe_onset(Hazard.FIRE, VILLAGE, NOON, "test", NOON)
    drill = Evaluation(
        id="d",
        scenario="storm",
        mode=Mode.TABLETOP,
        begun_at=NOON,
        ended_at=later(60),
        readings=9,
        chains=(),
        missed=(),
    )
    rig.store.put_drill(drill)
    drills = rig.desk.drills = Held()
    sign_in(desk, rig, "li")
    assert "storm · tabletop" in desk.one("#duty .drills li").text
    desk.run("document.querySelector('#drill-mode').value = 'live'")
    desk.one("#duty .do-drill").click()
    desk.wait("return document.querySelector('#duty .begun li')?.textContent === '洪水 · live · li · running'")
    assert [(one.scenario, one.mode, one.by) for one in drills.begun()] == [("洪水", Mode.LIVE, "li")]
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()
    desk.one("#open-duty").click()
    desk.wait("return document.querySelector('#duty .items')")
    shown = desk.one("#duty").text
    for key in (
        "duty.drill_start",
        "duty.items",
        "duty.onsets",
        "duty.months",
        "duty.drills",
        "item.do_answer",
        "drill.tabletop",
    ):
        assert WORDS["zh"][key] in shown
    assert [line for line in shown.splitlines() if line and not CHINESE.search(line) and "POD" not in line] == []
    desk.run("document.querySelector('#duty').close()")
    desk.one("#language").click()
