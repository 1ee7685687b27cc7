"""A processor that stops anywhere, without a word, and one that goes on from what it left."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import text

from alerting.outlet import Outlet
from alerting.stages.route import RouteOptions
from alerting.store.store import Store
from detectors.base import Detector
from pipeline.clock import ManualClock
from pipeline.config.plan import Plan
from pipeline.connectors.journal import Journal
from pipeline.model.entry import Entry
from pipeline.registry import Group, kinds, load
from pipeline.runners.live import Live
from pipeline.runners.processor import Keeping, Outlets, Processor
from pipeline.runners.staged_clock import StagedClock
from pipeline.stages.core import Core
from pipeline.stages.ticks import with_ticks
from pipeline.telemetry import Telemetry
from tests.district import BEGIN, batches, inventory

TABLES = ("findings", "assessments", "warnings", "deliveries", "ledger")
ENTRIES: list[Entry] = list(with_ticks(batches(minutes=600, per_batch_min=30), 600.0))
ROUTES = (RouteOptions(name="all", to=("drop/here",)),)


def detectors() -> list[Detector]:
    return [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)]


class Life:
    """One life of the process: a processor over the files that the lives before it left."""

    def __init__(self, folder: Path, snapshot_every_s: float) -> None:
        self.journal = Journal(folder / "journal.db")
        self.store = Store(f"sqlite:///{folder / 'store.db'}")
        plan = Plan(inventory(), detectors())
        core = Core(plan)
        self.clock = clock = ManualClock(BEGIN)
        time = StagedClock(clock)
        outlet = Outlet(self.store, ROUTES, {"drop": ["here"]})
        self.processor = Processor(
            core, self.journal, self.store, Live(plan.inventory, clock), Outlets(outlet.offer, lambda: None),
            Keeping(snapshot_every_s, journal_s=1e9), time, Telemetry(),
        )  # fmt: skip
        time.recorded_ns = lambda: self.processor.reached_ns
        self.again = self.processor.recover()

    def take(self, entries: list[Entry]) -> None:
        for entry in entries:
            position = self.journal.append([entry])
            self.clock.advance(1)
            self.processor._take(position, entry)


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    store = Store(f"sqlite:///{folder / 'store.db'}")
    with store.read() as connection:
        return {
            table: sorted((tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))), key=repr)  # noqa: S608  # names above
            for table in TABLES
        }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    Life(folder, snapshot_every_s=1e9).take(ENTRIES)
    return rows(folder)


def test_the_day_has_what_a_loss_would_show(undisturbed: dict[str, list[tuple[object, ...]]]) -> None:
    assert all(undisturbed[table] for table in TABLES)
    assert len(undisturbed["warnings"]) >= 5


@pytest.mark.parametrize("snapshot_every_s", [pytest.param(3, id="often saved"), pytest.param(1e9, id="never saved")])
def test_lives_cut_anywhere_come_to_the_same(
    tmp_path: Path, undisturbed: dict[str, list[tuple[object, ...]]], snapshot_every_s: float
) -> None:
    cuts = [0, 3, 19, 20, 41, 60, len(ENTRIES)]
    for first, last in itertools.pairwise(cuts):
        Life(tmp_path, snapshot_every_s).take(ENTRIES[first:last])
    assert rows(tmp_path) == undisturbed


def test_what_is_durable_but_unprocessed_is_taken_in_at_the_next_start(
    tmp_path: Path, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    Journal(tmp_path / "journal.db").append(ENTRIES)
    assert Life(tmp_path, 1e9).again == len(ENTRIES)
    assert rows(tmp_path) == undisturbed


def test_a_repeat_of_everything_changes_nothing(
    tmp_path: Path, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    life = Life(tmp_path, 3)
    life.take(ENTRIES)
    life.take(ENTRIES)
    assert rows(tmp_path) == undisturbed
