"""Group commit of outcomes: while one transaction is on its way to the disk, the next group gathers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from alerting.patience import until_stored
from alerting.store.outcomes import Settled
from alerting.store.store import Store

GROUP_MAX: Final = 2000
"""Outcomes in one transaction: bounds for how long it keeps other writers waiting."""
ENOUGH: Final = 1000
"""Outcomes that are worth a transaction: with more in it, each costs hardly less."""
GATHER_MAX_S: Final = 0.05
"""The longest that fewer are gathered."""

Then = Callable[[], None]


class Settler:
    """Writes what all lanes have to record. `run` until cancelled; the lanes must have ended before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Sequence[Settled], Then]] = []
        self._size = 0
        self._some = asyncio.Event()
        self._enough = asyncio.Event()

    def put(self, results: Sequence[Settled], then: Then) -> None:
        """Write them with the next group; `then` is called when they are durable."""
        self._waiting.append((results, then))
        self._size += len(results)
        self._some.set()
        if self._size >= ENOUGH:
            self._enough.set()

    async def record(self, results: Sequence[Settled]) -> None:
        """Returns when they are durable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell() -> None:
            if not done.done():
                done.set_result(None)

        self.put(results, tell)
        await done

    async def run(self) -> None:
        """Write what waits, for ever. Where some came during a write, as long again is given to enough to come."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._some.wait()
            began_s = clock()
            group = self._gather()
            results = [one for part, _ in group for one in part]
            await until_stored(lambda results=results: self._store.settle(results))  # type: ignore[misc]  # bound now
            for _, then in group:
                then()
            if self._waiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(clock() - began_s, GATHER_MAX_S)):
                        await self._enough.wait()

    def _gather(self) -> list[tuple[Sequence[Settled], Then]]:
        size, end = 0, 0
        while end < len(self._waiting) and size < GROUP_MAX:
            size += len(self._waiting[end][0])
            end += 1
        group, self._waiting = self._waiting[:end], self._waiting[end:]
        self._size -= size
        if not self._waiting:
            self._some.clear()
        if self._size < ENOUGH:
            self._enough.clear()
        return group
