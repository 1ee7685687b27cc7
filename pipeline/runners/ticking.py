"""Tells the log that time moves on, and what people ordered: here at once, in other processes within a second."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.errors import BackPressureError, StoreError
from pipeline.model.entry import Tick
from pipeline.runners.bell import Bell
from pipeline.runners.writer import JournalWriter

LOOK_S: Final = 1.0
"""Between looks for orders of other processes, where time moves on more rarely."""


class Ticking:
    """`run` until cancelled. `ordered`: rung when a person of this process orders something.

    Args:
        by_clock: whether time moves on by the clock; otherwise by what is read, and only orders are told.
    """

    def __init__(self, writer: JournalWriter, store: Store, clock: Clock, tick_s: float, *, by_clock: bool) -> None:
        self._writer = writer
        self._store = store
        self._clock = clock
        self._tick_s = tick_s
        self._by_clock = by_clock
        self.ordered = Bell()

    async def run(self) -> None:
        """What a tick fails to do, the next makes up for."""
        time_s = asyncio.get_running_loop().time
        due_s = time_s() + self._tick_s
        while True:
            await self.ordered.wait(max(min(LOOK_S, due_s - time_s()), 0.0))
            is_due = time_s() >= due_s
            with suppress(BackPressureError):
                await self.tick(moves_on=is_due and self._by_clock)
            if is_due:
                due_s = time_s() + self._tick_s

    async def tick(self, *, moves_on: bool) -> None:
        """Orders of people go into the log with the tick; a crash before they count as taken has them obeyed once."""
        try:
            orders = await asyncio.to_thread(self._store.open_orders)
        except StoreError:  # whoever writes to it says so; time moves on all the same
            orders = ()
        if moves_on or orders:
            await asyncio.wrap_future(self._writer.offer(Tick(self._clock.now(), orders)))
        if orders:
            with suppress(StoreError):
                await asyncio.to_thread(self._store.orders_taken, [one.id for one in orders], self._clock.now())
