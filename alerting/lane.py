"""One lane of the dispatcher: the deliveries of one channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from alerting.base import Channel
from alerting.due import Due
from alerting.lane_desk import Desk
from alerting.patience import until_stored
from alerting.queue import Queue
from alerting.rate import Bucket
from alerting.slots import Slots
from alerting.store.outcomes import Settled
from alerting.trying import Patience, Trying

LOOK_AGAIN_S: Final = 30.0
"""However far off the next try is: the clock may have been set."""
LOOK_AGAIN_SHARED_S: Final = 1.0
"""The same where another process may have written, or died."""
AT_ONCE: Final = (50, 4000)
"""Deliveries taken from the store by one look, at least and at most: in between, 16 times what can be in flight."""
LOW: Final = 0.5
"""The part of these that is left when more are fetched, while the rest goes on."""
LOOK_GAP_S: Final = 0.1
"""Between two looks at what became due by itself, and from an outcome to a look at what waited for it."""
IN_DOUBT_MAX: Final = 4000
"""Deliveries under way or waiting to be written before nothing more is sent: what a crash leaves in doubt."""
SHORTEST_S: Final = 0.001


class Lane:
    """Serves up to `max_concurrent` targets at a time, one delivery a target at a time, within the provider's rate.

    Each call of the channel is made by a worker, which goes on with what is next until nothing may go. Counts as
    `channels.NAME`: received (a delivery comes up for the first time), sent and failed (tries), dropped (expired, or
    given up untried).
    """

    def __init__(self, channel: Channel, desk: Desk) -> None:
        self.name = channel.name
        self._channel = channel
        self._desk = desk
        self._trying = Trying(channel, desk)
        self._queue = Queue()
        self._bucket = Bucket(channel.rate_per_s, channel.burst)
        self._held: dict[str, float] = {}
        self._slots = Slots(channel)
        self._at_work: set[str] = set()
        least, most = AT_ONCE
        self._at_once = min(max(16 * channel.max_concurrent * channel.batch_max, least), most)
        self._look = True
        self._looked_s = self._look_by_s = desk.clock.monotonic_s()
        self._next_at: datetime | None = None
        self._followed: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look for due deliveries at once: something urgent may have come."""
        self._look = True
        self._moved.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self._moved.set()

    async def run(self) -> None:
        """Send until stopped; returns when the last try has been recorded."""
        async with asyncio.TaskGroup() as workers:
            while not self._stopping:
                self._moved.clear()
                await self._look_around()
                while batch := self._take():
                    workers.create_task(self._work(batch))
                await self._rest()
        while self._at_work:
            self._moved.clear()
            await self._moved.wait()

    async def _work(self, batch: list[Due]) -> None:
        while batch:
            await self._deliver(batch)
            batch = self._take()
        self._moved.set()

    async def _look_around(self) -> None:
        """Ask the store, where it may know of more, or of something more urgent."""
        now_s = self._desk.clock.monotonic_s()
        if not self._desk.lease.holds():
            self._queue.clear()
        elif self._look or self._overdue(now_s):
            if self._may_send() and not self._bucket.wait_s(now_s):
                self._queue.clear()
                await self._refill()
        elif self._runs_low():
            await self._refill()

    def _take(self) -> list[Due]:
        """The most urgent due deliveries that may go now; as many as the channel takes at once."""
        now_s = self._desk.clock.monotonic_s()
        if self._stopping or not self._may_send() or self._bucket.wait_s(now_s) or not self._desk.lease.holds():
            return []
        if self._look or self._overdue(now_s):
            return []
        self._release(now_s)
        batch: list[Due] = []
        while len(batch) < self._channel.batch_max and (one := self._queue.pop(now_s)):
            batch.append(one)
        if batch:
            self._slots.begin(batch[0].id, [one.target for one in batch], now_s)
            self._bucket.take(len(batch))
            self._at_work.update([one.id for one in batch])
        if self._runs_low():
            self._moved.set()
        return batch

    def _may_send(self) -> bool:
        return len(self._at_work) < IN_DOUBT_MAX and self._slots.free(self._desk.clock.monotonic_s())

    def _overdue(self, now_s: float) -> bool:
        """Whether it is time for a look, even though nobody said that something came."""
        if now_s >= self._look_by_s:
            return True
        due_again = self._next_at is not None and self._desk.clock.now() >= self._next_at
        return due_again and now_s >= self._looked_s + LOOK_GAP_S

    def _runs_low(self) -> bool:
        return self._queue.incomplete and len(self._queue) <= LOW * self._at_once

    async def _refill(self) -> None:
        """Ask the store what is due, besides what is at hand, under way or being written."""
        desk = self._desk
        self._look = False
        if self._followed:
            self._followed.cancel()
            self._followed = None
        self._looked_s = desk.clock.monotonic_s()
        self._look_by_s = self._looked_s + (LOOK_AGAIN_SHARED_S if desk.store.shared else LOOK_AGAIN_S)
        now, without = desk.clock.now(), self._queue.asking(self._looked_s)
        known = self._at_work | self._queue.ids()

        def look() -> tuple[Sequence[Due], datetime | None]:
            holder = desk.lease.holder
            found = desk.store.claim(self.name, now, self._at_once, busy=without, known=known, holder=holder)
            desk.reports.load({one.warning for one in found})
            return found, desk.store.next_due_at(self.name, now)

        self._next_at = None
        found, next_at = await until_stored(look)
        self._expect(next_at)
        self._queue.refill(found, full=len(found) == self._at_once)

    def _expect(self, at: datetime | None) -> None:
        """Something will be due then."""
        if at is not None and (self._next_at is None or at < self._next_at):
            self._next_at = at

    def _release(self, now_s: float) -> None:
        for target in [target for target, until_s in self._held.items() if until_s <= now_s]:
            del self._held[target]
            self._queue.free(target, now_s)

    async def _rest(self) -> None:
        """Until a delivery was saved, a worker has ended, or there is something to do that was not before."""
        clock = self._desk.clock
        now_s = clock.monotonic_s()
        waits_s = [self._look_by_s - now_s]
        if self._may_send():
            waits_s += [until_s - now_s for until_s in self._held.values()]
            wait_s = self._bucket.wait_s(now_s)
            waits_s += [wait_s] if wait_s else []
            due_s = (self._next_at - clock.now()).total_seconds() if self._next_at else LOOK_AGAIN_S
            waits_s.append(max(due_s, self._looked_s + LOOK_GAP_S - now_s))
        elif (hangs_s := self._slots.hangs_in_s(now_s)) is not None:
            waits_s.append(hangs_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(min(waits_s), SHORTEST_S)):
                await self._moved.wait()

    async def _deliver(self, batch: list[Due]) -> None:
        """One call of the channel. Where a receiver can tell a repeat, the next goes before this one is durable."""
        results, patience = await self._trying.call(batch)
        self._bucket.answered(self._desk.clock.monotonic_s(), len(batch))
        if self._channel.tells_repeats:
            self._free(batch, patience)
            self._desk.settler.put(results, partial(self._recorded, results))
        else:
            await self._desk.settler.record(results)
            self._recorded(results)
            self._free(batch, patience)

    def _recorded(self, results: Sequence[Settled]) -> None:
        """Results are durable. What waited in the store for its forerunner in the same chain may be due now.

        The next look finds it: one after each outcome would be in the way of a warning that comes meanwhile.
        """
        self._at_work.difference_update([one.delivery for one in results])
        self._trying.counted()
        self._desk.overlook.settled(self.name, len(results))
        for one in results:
            self._expect(one.step.next_attempt_at)
        if self._followed is None:
            self._followed = asyncio.get_running_loop().call_later(LOOK_GAP_S, self._follow)
        self._moved.set()

    def _follow(self) -> None:
        self._queue.incomplete = True
        self._moved.set()

    def _free(self, batch: Sequence[Due], patience: Patience) -> None:
        """Serve targets again; one that asked for patience later. A provider with a rate speaks for all of them."""
        now_s = self._desk.clock.monotonic_s()
        self._slots.end(batch[0].id, [one.target for one in batch], now_s)
        for target in [one.target for one in batch]:
            until_s = now_s + patience[target] if target in patience else None
            if until_s is not None and self._channel.rate_per_s is None:
                self._held[target] = until_s
                self._moved.set()
                continue
            if until_s is not None:
                self._bucket.close(until_s)
            self._queue.free(target, now_s)
