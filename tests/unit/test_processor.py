"""What the processor does where clocks differ and disks refuse."""

import sqlite3
from pathlib import Path
from threading import Timer

import pytest

from alerting.outlet import Outlet
from alerting.stages.route import RouteOptions
from alerting.store import engine
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.config.plan import Plan
from pipeline.connectors.journal import Journal
from pipeline.errors import JournalError, StoreError
from pipeline.model.batch import ReadingBatch
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.registry import Group, kinds, load
from pipeline.runners import processor as module
from pipeline.runners.live import Live
from pipeline.runners.processor import COMPONENT, Keeping, Outlets, Processor
from pipeline.stages.core import Core
from pipeline.telemetry import Event, Telemetry
from tests.district import BEGIN, batches, inventory

ROUTES = (RouteOptions(name="all", to=("drop/here",)),)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.db")
        self.store = Store(f"sqlite:///{folder / 'store.db'}")
        plan = Plan(inventory(), [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)])
        self.clock, self.telemetry = ManualClock(BEGIN), Telemetry()
        outlet = Outlet(self.store, ROUTES, {"drop": ["here"]})
        self.processor = Processor(
            Core(plan), self.journal, self.store, Live(plan.inventory, self.clock), Outlets(outlet.offer, lambda: None),
            Keeping(snapshot_every_s=1e9, journal_s=0), self.clock, self.telemetry,
        )  # fmt: skip

    def play(self, *given: ReadingBatch) -> None:
        for batch in given:
            self.processor.put(self.journal.append([batch]), batch)
        self.processor.start()
        self.processor.caught_up().result(timeout=60)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 1)
    monkeypatch.setattr(module, "STORE_RETRY_S", 0.01)
    return Rig(tmp_path)


def test_a_warning_is_due_at_once_though_a_device_was_ahead_of_our_clock(rig: Rig) -> None:
    rig.clock.advance(-45)
    rig.play(next(batches(minutes=130, per_batch_min=130)))
    rig.clock.advance(45)
    rig.processor.close()
    sent_at = rig.store.warnings_in_force(rig.clock.now())[0].sent_at
    assert sent_at > rig.clock.now()
    assert rig.store.is_due("drop", rig.clock.now())


def test_a_store_that_is_locked_holds_processing_up_and_loses_nothing(rig: Rig, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    rig.play(next(batches(minutes=130, per_batch_min=130)))
    release.join()
    assert rig.store.findings(9)
    rig.processor.close()
    assert rig.processor.ended.exception(timeout=60) is None


def test_a_process_that_stops_does_not_wait_for_a_locked_store(rig: Rig, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    batch = next(batches(minutes=130, per_batch_min=130))
    rig.processor.put(rig.journal.append([batch]), batch)
    rig.processor.start()
    rig.processor.close()
    assert isinstance(rig.processor.ended.exception(timeout=60), StoreError)
    other.close()
    assert rig.store.load_snapshot() is None


def test_a_snapshot_that_cannot_be_written_is_made_up_for_later(rig: Rig, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    rig.play()
    rig.processor._snapshot()
    other.execute("ROLLBACK")
    assert rig.telemetry.total(COMPONENT, Event.FAILED) == 1
    rig.processor.close()
    assert rig.store.load_snapshot() is not None


def test_a_dead_letter_that_cannot_be_written_stops_nothing_and_is_tried_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = ReadingBatch.of([Reading(Series("nobody", Quantity.RAIN), 1, 1.0)])

    def refuse(_: object) -> None:
        raise JournalError("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(rig.journal, "bury", refuse)
        rig.play(strange)
    assert rig.telemetry.total(COMPONENT, Event.FAILED) == 1
    rig.processor.put(rig.journal.append([strange]), strange)
    rig.processor.close()
    assert [one.excerpt for one in rig.journal.dead_letters()] == [b"nobody/rain"]
