"""What is taken up again is not always what was left: another inventory, other detectors, another journal."""

from pathlib import Path

import pytest

from alerting.store.store import Store
from detectors.base import Detector
from pipeline.clock import ManualClock
from pipeline.config.plan import Plan
from pipeline.connectors.journal import Journal
from pipeline.errors import StoreError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.model.finding import FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S, from_ns
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Reading
from pipeline.model.warning import Report
from pipeline.registry import Group, kinds, load
from pipeline.runners.live import Live
from pipeline.runners.processor import Keeping, Outlets, Processor
from pipeline.stages.core import Core
from pipeline.telemetry import Telemetry
from tests.district import BEGIN, MINUTE_NS, batches, inventory

LEAK_MIN = 130
"""By then gas-1 leaks; rain-1 and rain-2 are dry."""


def detectors() -> list[Detector]:
    return [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)]


def without(sensor: str) -> Inventory:
    whole = inventory()
    return Inventory(whole.areas, whole.sites, tuple(one for one in whole.sensors if one.id != sensor))


class Life:
    """One life of the process over a folder."""

    def __init__(self, folder: Path, plan: Plan, journal: str = "journal.db") -> None:
        self.journal = Journal(folder / journal)
        self.store = Store(f"sqlite:///{folder / 'store.db'}")
        self.clock = ManualClock(BEGIN)
        self.live = Live(plan.inventory, self.clock)
        self.core = Core(plan)
        self.processor = Processor(
            self.core, self.journal, self.store, self.live, Outlets(lambda _, __, ___: None, lambda: None),
            Keeping(snapshot_every_s=30, journal_s=600), self.clock, Telemetry(),
        )  # fmt: skip
        self.processor.recover()

    def tick(self, minute: float) -> None:
        self.take(Tick(from_ns(self._ns(minute))))

    def take(self, entry: object) -> None:
        position = self.journal.append([entry])  # type: ignore[list-item]  # an Entry
        self.processor._take(position, entry)  # type: ignore[arg-type]

    def end(self) -> None:
        self.processor.start()
        self.processor.close()

    @staticmethod
    def _ns(minute: float) -> int:
        return int(BEGIN.timestamp()) * NS_PER_S + round(minute * MINUTE_NS)


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    life = Life(tmp_path, Plan(inventory(), detectors()))
    for batch in batches(minutes=LEAK_MIN):
        life.take(batch)
    assert [one.hazard for one in life.store.warnings_in_force(life.clock.now())] == [Hazard.GAS_LEAK]
    life.end()
    return tmp_path


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(without("gas-1"), detectors()), id="the sensor is gone"),
        pytest.param(Plan(inventory(), [one for one in detectors() if one.hazard is not Hazard.GAS_LEAK]),
                     id="the detectors are gone"),
    ],
)  # fmt: skip
def test_a_warning_ends_when_nobody_watches_its_evidence_any_more(leaking: Path, plan: Plan) -> None:
    life = Life(leaking, plan)
    for minute in range(LEAK_MIN, LEAK_MIN + 8):
        life.tick(minute)
    gas = [one for one in life.store.recent_warnings(9) if one.hazard is Hazard.GAS_LEAK]
    assert gas[0].report is Report.FINAL
    assert Hazard.GAS_LEAK not in {one.hazard for one in life.live.open_findings("gas-1")}
    assert Hazard.GAS_LEAK not in {one.hazard for one in life.core.open_findings()}
    assert life.store.findings(1, hazard=Hazard.GAS_LEAK)[0].state is FindingState.CLOSED


def test_a_fault_ends_when_its_sensor_is_listed_no_more(tmp_path: Path) -> None:
    life = Life(tmp_path, Plan(inventory(), detectors()))
    life.take(next(batches(minutes=10)))
    for minute in (10, 20):
        life.tick(minute)
    assert len(life.core.open_findings()) == 3
    life.end()
    life = Life(tmp_path, Plan(without("gas-1"), detectors()))
    life.tick(21)
    assert {one.subject for one in life.core.open_findings()} == {"rain-1", "rain-2"}


def test_a_value_near_the_bound_of_numbers_leaves_a_state_that_can_be_taken_up(tmp_path: Path) -> None:
    whole = inventory()
    narrow = whole.sensor_by_id["gas-1"].model_copy(update={"range_high": 1.0})
    plan = Plan(Inventory(whole.areas, whole.sites, (narrow,)), detectors())
    life = Life(tmp_path, plan)
    life.take(ReadingBatch.of(Reading(narrow.series, life._ns(minute), -1e308) for minute in range(5)))
    life.end()
    found = Life(tmp_path, plan).store.findings(9)
    assert [(one.criterion, one.value) for one in found] == [("gross_range", -1e308)]


def test_an_unchanged_restart_closes_nothing(leaking: Path) -> None:
    life = Life(leaking, Plan(inventory(), detectors()))
    before = {one.id for one in life.core.open_findings()}
    life.tick(LEAK_MIN)
    assert {one.id for one in life.core.open_findings()} == before != set()


def test_readings_in_a_new_journal_are_not_taken_for_processed_ones(leaking: Path) -> None:
    """The journal's file is lost, the store's is not: positions go on after those that the snapshot includes."""
    life = Life(leaking, Plan(inventory(), detectors()), "new.db")
    tick = Tick(from_ns(life._ns(LEAK_MIN)))
    assert life.journal.append([tick]) > life.store.load_snapshot().position  # type: ignore[union-attr]
    again = Life(leaking, Plan(inventory(), detectors()), "new.db")
    assert again.core.watermark_ns == life._ns(LEAK_MIN)


def test_ticks_alone_are_saved_and_let_go(tmp_path: Path) -> None:
    life = Life(tmp_path, Plan(inventory(), detectors()))
    for minute in range(60):
        life.clock.advance(60)
        life.tick(minute)
    assert len(list(life.journal.after(0))) <= 600 / 60 + 2
    assert len(list(life.journal.after(life.store.load_snapshot().position))) == 0  # type: ignore[union-attr]


def test_a_snapshot_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'store.db'}").save_snapshot(0, b"\x00")
    with pytest.raises(StoreError, match="snapshot"):
        Life(tmp_path, Plan(inventory(), detectors()))
