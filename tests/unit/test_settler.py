"""Group commit: what is enough for a transaction is not kept waiting for more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from alerting import settler
from alerting.base import Outcome
from alerting.settler import Settler
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from tests.reports import NOON, delivery, put, warning

TARGETS = ("a", "b", "c", "d")


class Slow(Store):
    """Writes the first group when it may, an hour later by the clock of the loop."""

    may: Event
    groups: list[int]
    passed_s: float = 0.0

    def settle(self, results: Sequence[Settled]) -> None:
        self.groups.append(len(results))
        assert self.may.wait(60)
        super().settle(results)
        self.passed_s = 3600.0


def test_enough_for_a_transaction_does_not_wait_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settler, "ENOUGH", 3)
    monkeypatch.setattr(settler, "GATHER_MAX_S", 3600.0)
    store = Slow(f"sqlite:///{tmp_path / 'store.db'}")
    store.may, store.groups = Event(), []
    report = warning()
    rows = [delivery(report, target=target) for target in TARGETS]
    put(store, [report], rows)
    outcome = Outcome(DeliveryState.ACCEPTED)
    results = [Settled(row.id, Step(DeliveryState.ACCEPTED), NOON, outcome) for row in rows]

    async def play() -> None:
        loop = asyncio.get_running_loop()
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + store.passed_s)
        one = Settler(store)
        running = asyncio.create_task(one.run())
        writing = [asyncio.create_task(one.record([result])) for result in results[:1]]
        while not store.groups:  # noqa: ASYNC110  # what is waited for happens in a thread
            await asyncio.sleep(0.01)
        writing += [asyncio.create_task(one.record([result])) for result in results[1:]]
        await asyncio.sleep(0)
        store.may.set()
        await asyncio.wait(writing, timeout=3660)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(play())
    counts = store.delivery_counts()
    store.close()
    assert (store.groups, counts) == ([1, 3], {("duty", DeliveryState.ACCEPTED): 4})
