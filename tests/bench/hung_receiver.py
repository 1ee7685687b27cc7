"""What one hung receiver among fifty costs the others.

Two dispatchers, one of which has the hung receiver, are given warnings in turn, each while the other one rests: what
else the machine does falls on both alike. The load is a small part of what they can do, so that what is measured is
waiting in a lane, not lack of capacity. What is there at the start is kept out of the way of the garbage collector, as
every process that delivers does: one look of its at all of it, 0.1 s, would fall on one of the two by chance.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.runner import Dispatcher
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import to_ns
from pipeline.runners.heap import settle
from tests.bench.alerting import dispatcher_of, queue
from tests.http_sink import http_sink

RECEIVERS: Final = 50
PER_S: Final = 10.0
"""Warnings a second to each of the two."""
WARM_UP: Final = 30
"""Warnings that do not count: connections are opened, statements made."""
THROUGH_MAX_S: Final = 60.0
HUNG: Final = f"target-{RECEIVERS - 1:02}"


class Side:
    """One dispatcher with a store of its own; its last receiver answers as it is told."""

    def __init__(self, folder: Path, address: str, last: str) -> None:
        self.store = Store(f"sqlite:///{folder / last}.db")
        self.names = [f"target-{place:02}" for place in range(RECEIVERS)]
        targets = {name: {"url": f"{address}/{last if name == HUNG else 'count'}"} for name in self.names}
        channel = Webhook("duty", WebhookOptions.model_validate({"targets": targets}))
        self.dispatcher: Dispatcher = dispatcher_of(self.store, channel)

    def tell(self, number: int) -> None:
        """One more warning to all."""
        queue(self.store, self.names, 1, number)
        self.dispatcher.wake()

    def is_through(self) -> bool:
        """Whether nothing waits but for the receiver that may hang."""
        return all(one.target == HUNG for one in self.store.deliveries(10_000_000, state=DeliveryState.QUEUED))

    def late_s(self, warnings: int) -> list[float]:
        """From a warning in the store to its delivery, of all to receivers that do not hang."""
        issued_ns = {entry.warning: to_ns(entry.issued_at) for entry in self.store.ledger()}
        counted = set(sorted(issued_ns, key=lambda one: issued_ns[one])[WARM_UP:])
        found = [
            (to_ns(one.finished_at) - issued_ns[one.warning]) / 1e9
            for one in self.store.deliveries(10_000_000, state=DeliveryState.ACCEPTED)
            if one.target != HUNG and one.finished_at and one.warning in counted
        ]
        if len(found) != (warnings - WARM_UP) * (RECEIVERS - 1):
            raise RuntimeError(f"{len(found)} deliveries of {warnings - WARM_UP} warnings to {RECEIVERS - 1}")
        return found


def p99s_s(seconds: float) -> tuple[float, float]:
    """99th percentile of the others' deliveries, with one of the receivers hung, and with none."""
    with TemporaryDirectory() as folder, http_sink() as address:
        sides = [Side(Path(folder), address, last) for last in ("hang", "count")]
        warnings = WARM_UP + round(seconds * PER_S)
        asyncio.run(_run(sides, warnings))
        hung_s, none_s = (float(np.quantile(side.late_s(warnings), 0.99)) for side in sides)
        for side in sides:
            side.store.close()
    return hung_s, none_s


async def _run(sides: Sequence[Side], warnings: int) -> None:
    settle()
    running = [asyncio.create_task(side.dispatcher.run()) for side in sides]
    await asyncio.to_thread(_feed, sides, warnings)
    for one in running:  # what hangs is not waited for
        one.cancel()
        with suppress(asyncio.CancelledError):
            await one


def _feed(sides: Sequence[Side], warnings: int) -> None:
    gap_s = 1 / PER_S / len(sides)
    began_s = time.perf_counter()
    for step in range(warnings * len(sides)):
        time.sleep(max(began_s + step * gap_s - time.perf_counter(), 0.0))
        sides[step % len(sides)].tell(step // len(sides))
    until_s = time.perf_counter() + THROUGH_MAX_S
    while not all(side.is_through() for side in sides) and time.perf_counter() < until_s:
        time.sleep(0.1)


def hung_ratio(rounds: str, seconds: str) -> float:
    """The median of the rounds' ratios."""
    found = [p99s_s(float(seconds)) for _ in range(int(rounds))]
    return float(np.median([hung_s / none_s for hung_s, none_s in found]))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(hung_ratio(*sys.argv[1:])))
