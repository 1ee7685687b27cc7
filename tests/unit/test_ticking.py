"""What people order is told to the log at once, however rarely time moves on."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest

from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.errors import BackPressureError
from pipeline.model.entry import Entry, Tick
from pipeline.model.order import Order, OrderKind
from pipeline.runners import ticking
from pipeline.runners.ticking import Ticking
from tests.reports import NOON

RARELY_S = 3600.0
ORDER = Order(id="1", chain="c", kind=OrderKind.WITHDRAW, why="A test gas was used.")


class Log:
    """Takes entries, or refuses the first of them."""

    def __init__(self, refuse: int = 0) -> None:
        self.entries: list[Entry] = []
        self._refuse = refuse

    def offer(self, entry: Entry) -> Future[None]:
        done: Future[None] = Future()
        if self._refuse:
            self._refuse -= 1
            raise BackPressureError("the journal is full", 1.0)
        self.entries.append(entry)
        done.set_result(None)
        return done

    @property
    def orders(self) -> list[Order]:
        return [order for entry in self.entries if isinstance(entry, Tick) for order in entry.orders]


async def told(store: Store, log: Any, *, ring: bool, by_clock: bool = True, order: Order = ORDER) -> None:
    one = Ticking(log, store, SystemClock(), RARELY_S, by_clock=by_clock)
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0.05)
    await asyncio.to_thread(store.place, order, NOON, "person:wang")
    if ring:
        thread = Thread(target=one.ordered.ring)
        thread.start()
        thread.join()
    async with asyncio.timeout(60):
        while store.open_orders():  # noqa: ASYNC110  # what is waited for is in the database
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_an_order_of_this_process_is_told_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "LOOK_S", RARELY_S)
    by_clock, by_readings = Log(), Log()
    asyncio.run(told(store, by_clock, ring=True))
    assert (by_clock.orders, len(by_clock.entries)) == ([ORDER], 1)
    asyncio.run(told(store, by_readings, ring=True, by_clock=False, order=ORDER.model_copy(update={"id": "2"})))
    assert len(by_readings.orders) == len(by_readings.entries) == 1


def test_an_order_of_another_process_is_told_before_the_next_tick(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "LOOK_S", 0.02)
    log = Log()
    asyncio.run(told(store, log, ring=False))
    assert (log.orders, len(log.entries)) == ([ORDER], 1)


def test_an_order_that_the_log_refuses_is_told_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "LOOK_S", 0.02)
    log = Log(refuse=2)
    asyncio.run(told(store, log, ring=True))
    assert log.orders == [ORDER]


def test_time_moves_on_by_the_clock_where_it_does_not_by_what_is_read(tmp_path: Path) -> None:
    store, by_clock, by_readings = Store(f"sqlite:///{tmp_path / 'store.db'}"), Log(), Log()

    async def run() -> None:
        logs = ((by_clock, True), (by_readings, False))
        running = [
            asyncio.create_task(Ticking(cast("Any", log), store, SystemClock(), 0.01, by_clock=is_clock).run())
            for log, is_clock in logs
        ]
        async with asyncio.timeout(60):
            while len(by_clock.entries) < 3:  # noqa: ASYNC110  # the log is a list
                await asyncio.sleep(0.01)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(run())
    store.close()
    assert not by_readings.entries
