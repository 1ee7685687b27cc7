"""Which time counts while a process takes up, plays, and stops."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.config.load import load_config
from pipeline.connectors.journal import Journal
from pipeline.errors import JournalError
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import to_ns
from pipeline.model.order import Order, OrderKind
from pipeline.model.warning import Report
from pipeline.runners import embedded
from pipeline.runners.embedded import JOURNAL_FILE, STORE_FILE, Embedded
from pipeline.stages.ticks import with_ticks
from pipeline.telemetry import Telemetry
from tests.district import BEGIN, batches, inventory
from tests.process import write_site

YEARS_S = 3e8
RECORDED: list[Entry] = list(with_ticks(batches(minutes=300), 600.0))


def live(entry: Entry, received_at_ns: int) -> Entry:
    return entry if isinstance(entry, Tick) else replace(entry, received_at_ns=received_at_ns)


class Site:
    """A data folder, and the process over it, years after what was recorded."""

    def __init__(self, folder: Path, time: str) -> None:
        path = write_site(folder, inventory(), 0, time=time)
        self.config = load_config(path)
        self.clock = ManualClock(BEGIN)
        self.clock.advance(YEARS_S)

    def left(self, entries: list[Entry]) -> None:
        """What a crash left unprocessed."""
        journal = Journal(self.config.process.data / JOURNAL_FILE)
        journal.append(entries)
        journal.close()

    def runner(self) -> Embedded:
        return Embedded(self.config, self.clock, Telemetry())

    def issued(self) -> set[str]:
        years = timedelta(seconds=YEARS_S / 2)
        entries = Store(f"sqlite:///{self.config.process.data / STORE_FILE}").ledger()
        return {"now" if one.issued_at - one.decided_at > years else "then" for one in entries}


def close_files(runner: Embedded) -> None:
    for each in (runner.journal, runner.store, runner.lock):
        each.close()


async def started_and_closed(runner: Embedded) -> None:
    await runner.start()
    await runner.close()


@pytest.mark.parametrize(
    ("time", "source", "issued"),
    [
        pytest.param("event", "recording", "then", id="recorded, in event time"),
        pytest.param("event", "network", "then", id="a drill over the network, in event time"),
        pytest.param("wall", "recording", "then", id="recorded, before what is live"),
        pytest.param("wall", "network", "now", id="live: it was issued only now"),
    ],
)
def test_what_is_taken_in_again_is_issued_in_its_own_time(tmp_path: Path, time: str, source: str, issued: str) -> None:
    site = Site(tmp_path, time)
    received_ns = to_ns(site.clock.now())
    site.left([live(entry, received_ns) if source == "network" else entry for entry in RECORDED[1:]])
    asyncio.run(started_and_closed(site.runner()))
    assert site.issued() == {issued}


def test_without_recordings_the_clock_counts_from_the_start(tmp_path: Path) -> None:
    """Else what expired while the process was away would be sent as if it still held."""
    site = Site(tmp_path, "wall")
    site.left(RECORDED)

    async def run() -> bool:
        runner = site.runner()
        await runner.start()
        runner.processor.caught_up = Future  # type: ignore[method-assign]  # nothing is ever done
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(0.2)
        by_recordings = runner.time.recorded_ns is not None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await runner.close()
        return by_recordings

    assert not asyncio.run(run())


def test_a_process_that_stops_does_not_wait_for_deliveries_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path, "event")
    waited: list[float] = []
    monkeypatch.setattr(embedded, "sleep", waited.append)

    async def run() -> None:
        runner = site.runner()
        await runner.start()
        runner.processor.after_save = runner._deliver_now
        for entry in RECORDED:
            runner.writer.offer(entry)
        await runner.close()

    asyncio.run(run())
    assert Store(f"sqlite:///{site.config.process.data / STORE_FILE}").delivery_counts()
    assert waited == []


def test_an_entry_that_cannot_be_appended_for_a_defect_ends_the_process(tmp_path: Path) -> None:
    """Devices would wait for ever, and nobody would know."""
    site = Site(tmp_path, "wall")

    def broken(_: Sequence[Entry]) -> int:
        raise RuntimeError("a defect")

    async def run() -> None:
        runner = site.runner()
        await runner.start()
        runner.journal.append = broken  # type: ignore[assignment,method-assign]  # the writer's thread meets it
        running = asyncio.create_task(runner.run())
        await runner.taking_live.wait()
        runner.writer.offer(RECORDED[0])
        async with asyncio.timeout(60):
            await running

    with pytest.raises(ExceptionGroup, match="unhandled errors") as caught:
        asyncio.run(run())
    assert "a defect" in str(caught.value.exceptions[0])


def test_two_processes_are_not_at_work_in_one_data_folder(tmp_path: Path) -> None:
    site = Site(tmp_path, "wall")
    first = site.runner()
    assert first.desk.ordered == first.ticking.ordered.ring
    with pytest.raises(JournalError, match=r"another `forewarn run` is at work .* name another with --data"):
        site.runner()
    close_files(first)
    second = site.runner()
    assert second.lock.node == first.lock.node
    close_files(second)


def test_after_the_end_of_a_recording_time_goes_on_so_that_what_failed_is_tried_again(tmp_path: Path) -> None:
    site = Site(tmp_path, "event")
    runner = site.runner()
    runner._go_on_after(to_ns(BEGIN), runner.clock.monotonic_s())
    site.clock.advance(90)
    assert runner.time.now() == BEGIN + timedelta(seconds=90)
    close_files(runner)


def test_what_a_person_orders_is_obeyed_with_the_next_tick_and_once(tmp_path: Path) -> None:
    site = Site(tmp_path, "wall")

    async def run() -> list[str]:
        runner = site.runner()
        await runner.start()
        for entry in RECORDED:
            await asyncio.wrap_future(runner.writer.offer(entry))
        await asyncio.wrap_future(runner.processor.caught_up())
        chains = {one.chain: one for one in reversed(runner.store.recent_warnings(999))}
        (chain, *_) = [key for key, last in chains.items() if last.report is not Report.FINAL]
        order = Order(id="1", chain=chain, kind=OrderKind.WITHDRAW, why="A test gas was used.")
        runner.store.place(order, site.clock.now(), "person:wang")
        await runner.ticking.tick(moves_on=False)
        await asyncio.wrap_future(runner.writer.offer(Tick(site.clock.now(), (order,))))  # as after a crash in between
        await asyncio.wrap_future(runner.processor.caught_up())
        said = [one.texts[1].headline for one in runner.store.chain(chain) if one.report is Report.FINAL]
        assert runner.store.open_orders() == ()
        await runner.close()
        return said

    (final,) = asyncio.run(run())
    assert "CORRECTION" in final
