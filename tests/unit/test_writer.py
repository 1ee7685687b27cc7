from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event as Flag

import pytest

from pipeline.connectors.journal import Journal
from pipeline.errors import BackPressureError, JournalError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import NS_PER_S, from_ns
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.runners.writer import COMPONENT, JournalWriter
from pipeline.stages.ticks import EventTicks
from pipeline.telemetry import Event, Telemetry

RAIN = Series("r", Quantity.RAIN)


def batch(*seconds: int) -> ReadingBatch:
    return ReadingBatch.of(Reading(RAIN, at * NS_PER_S, 0.0) for at in seconds)


class Rig:
    """A writer over a real journal that can be held and broken."""

    def __init__(self, folder: Path, pending_max: int = 100) -> None:
        self.journal = Journal(folder / "journal.db")
        self.durable: list[tuple[int, Entry]] = []
        self.telemetry = Telemetry()
        self.writer = JournalWriter(self.journal, lambda *pair: self.durable.append(pair), self.telemetry, pending_max)
        self.go = Flag()
        self.refuse = False
        self._append = self.journal.append
        self.journal.append = self._held  # type: ignore[method-assign]  # the real one, after a pause or a refusal

    def _held(self, entries: Sequence[Entry]) -> int:
        self.go.wait()
        if self.refuse:
            raise JournalError("the disk is full")
        return self._append(entries)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**options: int) -> Rig:
        made.append(Rig(tmp_path, **options))
        made[-1].writer.start()
        return made[-1]

    yield make
    for one in made:
        one.go.set()
        one.writer.close()


def test_a_future_is_done_only_when_its_entry_is_durable(rig: Callable[..., Rig]) -> None:
    one = rig()
    future = one.writer.offer(batch(1, 2))
    assert not future.done()
    one.go.set()
    future.result(timeout=60)
    assert [entry for _, entry in one.journal.after(0)] == [entry for _, entry in one.durable]
    assert one.telemetry.total(COMPONENT, Event.SENT) == 2


def test_what_waits_is_bounded_and_a_device_is_told_to_come_again(rig: Callable[..., Rig]) -> None:
    one = rig(pending_max=3)
    one.writer.offer(batch(1, 2))
    with pytest.raises(BackPressureError, match="2 readings wait to be written, at most 3 may; try again in 2 s"):
        one.writer.offer(batch(3, 4))
    one.writer.offer(batch(3))


def test_a_single_batch_larger_than_the_bound_is_taken_when_nothing_waits(rig: Callable[..., Rig]) -> None:
    one = rig(pending_max=1)
    one.go.set()
    one.writer.offer(batch(1, 2, 3)).result(timeout=60)


def test_a_disk_that_refuses_is_back_pressure_and_counted(rig: Callable[..., Rig]) -> None:
    one = rig()
    one.refuse = True
    one.go.set()
    with pytest.raises(BackPressureError, match="the disk is full"):
        one.writer.offer(batch(1)).result(timeout=60)
    assert one.telemetry.total(COMPONENT, Event.FAILED) == 1
    one.refuse = False
    one.writer.offer(batch(1)).result(timeout=60)
    assert len(one.durable) == 1


def test_a_tick_that_was_not_written_is_written_with_the_repeat(rig: Callable[..., Rig]) -> None:
    one = rig()
    one.writer.ticks = EventTicks(60)
    one.refuse = True
    one.go.set()
    with pytest.raises(BackPressureError):
        one.writer.offer(batch(61)).result(timeout=60)
    one.refuse = False
    one.writer.offer(batch(61)).result(timeout=60)
    assert [entry for _, entry in one.durable] == [Tick(from_ns(60 * NS_PER_S)), batch(61)]


def test_a_waiter_that_went_away_stops_nobody(rig: Callable[..., Rig]) -> None:
    one = rig()
    first = one.writer.offer(batch(1))
    gone = one.writer.offer(batch(2))
    assert gone.cancel()
    one.go.set()
    first.result(timeout=60)
    one.writer.offer(batch(3)).result(timeout=60)
    assert len(one.durable) == 3


def test_after_close_nothing_is_taken_and_all_that_waited_is_written(tmp_path: Path) -> None:
    one = Rig(tmp_path)
    one.go.set()
    futures = [one.writer.offer(batch(at)) for at in range(5)]
    one.writer.start()
    one.writer.close()
    assert all(future.done() for future in futures)
    assert [position for position, _ in one.durable] == [1, 2, 3, 4, 5]
    with pytest.raises(BackPressureError, match="the process is stopping"):
        one.writer.offer(batch(9))
