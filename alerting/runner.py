"""The dispatcher: takes due deliveries from the store, has them sent, records one outcome a try.

At least once: a crash between a send and its record sends again after the restart, with the same delivery id; a
receiver that keeps ids sees one message. Everything starts from the record, so nothing is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping

from alerting.base import Channel
from alerting.lane import Lane
from alerting.lane_desk import Desk, MakeMessage
from alerting.lease import Lease
from alerting.listening import Listening
from alerting.overlook import Overlook
from alerting.patience import until_stored
from alerting.reports import Reports
from alerting.settler import Settler
from alerting.stages.retry import RetryPolicy, Step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.model.delivery import DeliveryState
from pipeline.telemetry import Telemetry


class Dispatcher:
    """One lane a channel, side by side: a hung receiver holds up its own target and nobody else.

    `run` until `stop` (what is in flight ends within its time limit) or until cancelled (what is in flight stays
    queued, and is sent again at the next start).

    Args:
        drill_channels: those by which reports that are not actual may leave.
        is_guest: whether other processes serve channels of this store that are not among these.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        make_message: MakeMessage,
        policy: RetryPolicy,
        clock: Clock,
        telemetry: Telemetry,
        drill_channels: Collection[str] = (),
        *,
        is_guest: bool = False,
    ) -> None:
        self._is_guest = is_guest
        self._store = store
        self._clock = clock
        self._channels = dict(channels)
        self._settler, self._lease = Settler(store), Lease(store)
        reports = Reports(store)
        drills = frozenset(drill_channels)
        self.overlook = Overlook(store, channels, clock, telemetry)
        desk = Desk(
            store, make_message, policy, clock, telemetry, self._settler, self._lease, reports, self.overlook, drills
        )
        self._lanes = [Lane(one, desk) for one in channels.values()]
        self._listening = [Listening(one, store, clock, telemetry) for one in channels.values()]
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Send what is due and what becomes due."""
        self._loop = asyncio.get_running_loop()
        await self._lease.beat()
        await until_stored(self._fail_orphans)
        for channel in self._channels.values():
            channel.open()
        try:
            await self._work()
        finally:
            for channel in self._channels.values():
                await channel.close()
        await self._lease.leave()

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as beside:
            helpers = [beside.create_task(self._settler.run(), name="outcomes")]
            helpers.append(beside.create_task(self._lease.keep(), name="lease"))
            helpers.append(beside.create_task(self.overlook.run(), name="overlook"))
            helpers += [beside.create_task(each.run(), name="receipts") for each in self._listening]
            async with asyncio.TaskGroup() as lanes:
                for lane in self._lanes:
                    lanes.create_task(lane.run(), name=f"lane {lane.name}")
            for each in helpers:
                each.cancel()

    def wake(self) -> None:
        """Look for new deliveries now. Any thread may call it, before and while `run` runs."""
        self._tell(Lane.wake)

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is in flight has ended. Any thread may call it."""
        self._tell(Lane.stop)

    def _tell(self, what: Callable[[Lane], None]) -> None:
        loop = self._loop
        for lane in self._lanes:
            if loop is None or loop.is_closed():
                what(lane)
            else:
                loop.call_soon_threadsafe(what, lane)

    def _fail_orphans(self) -> None:
        """A delivery whose channel is no longer configured can never be sent: say so, do not keep it queued."""
        now = self._clock.now()
        for channel in sorted(set(self._store.queued_channels()) - self._channels.keys()):
            step = Step(DeliveryState.FAILED, None, f"channel {channel!r} is not configured any more")
            while orphans := self._store.deliveries(500, channel=channel, state=DeliveryState.QUEUED):
                self._store.settle([Settled(one.id, step, now, sent_note=bool(one.note)) for one in orphans])
