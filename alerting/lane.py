"""One lane of the dispatcher: the deliveries of one channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from alerting.base import Channel, FailureReason, Message, Outcome, failed
from alerting.drill.gate import may_leave, refusal
from alerting.lease import Lease
from alerting.overlook import Overlook
from alerting.patience import until_stored
from alerting.queue import Queue
from alerting.rate import Bucket
from alerting.reports import Reports
from alerting.settler import Settler
from alerting.stages.retry import RetryPolicy, Step, expired, next_step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry

MakeMessage = Callable[[HazardWarning, Delivery], Message]

LOOK_AGAIN_S: Final = 30.0
"""However far off the next try is: the clock may have been set."""
LOOK_AGAIN_SHARED_S: Final = 1.0
"""The same where another process may have written, or died."""
AT_ONCE: Final = (50, 2000)
"""Deliveries taken from the store by one look, at least and at most: in between, four times what can be in flight."""
LOOK_GAP_S: Final = 0.1
"""Between two looks at what became due by itself."""
UNSETTLED_MAX: Final = 2000
"""Outcomes that may wait to be written before nothing more is sent: a crash leaves no more than these in doubt."""
SHORTEST_S: Final = 0.001
GRACE_S: Final = 2.0
"""What a channel may take beyond its own `timeout_s` before it is cut off."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all lanes of a dispatcher share."""

    store: Store
    make_message: MakeMessage
    policy: RetryPolicy
    clock: Clock
    telemetry: Telemetry
    settler: Settler
    lease: Lease
    reports: Reports
    overlook: Overlook
    drill_channels: frozenset[str] = frozenset()


class Lane:
    """Serves up to `max_concurrent` targets at a time, one delivery a target at a time, within the provider's rate.

    Counts as `channels.NAME`: received (a delivery comes up for the first time), sent and failed (tries), dropped
    (expired, or given up untried).
    """

    def __init__(self, channel: Channel, desk: Desk) -> None:
        self.name = channel.name
        self._component = f"channels.{channel.name}"
        self._channel = channel
        self._desk = desk
        self._queue = Queue()
        self._bucket = Bucket(channel.rate_per_s, channel.burst)
        self._held: dict[str, float] = {}
        self._calls = 0
        self._unsettled: set[str] = set()
        least, most = AT_ONCE
        self._at_once = min(max(4 * channel.max_concurrent * channel.batch_max, least), most)
        self._look = True
        self._looked_s = self._look_by_s = desk.clock.monotonic_s()
        self._next_at: datetime | None = None
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
        async with asyncio.TaskGroup() as tries:
            while not self._stopping:
                self._moved.clear()
                while batch := await self._next():
                    self._calls += 1
                    tries.create_task(self._deliver(batch))
                await self._rest()

    async def _next(self) -> list[Delivery]:
        """The most urgent due deliveries that may go now; as many as the channel takes at once."""
        desk, now_s = self._desk, self._desk.clock.monotonic_s()
        if self._stopping or not self._may_send() or self._bucket.wait_s(now_s):
            return []
        if not desk.lease.holds():
            self._queue.clear()
            return []
        self._release(now_s)
        if self._look or now_s >= self._look_by_s or (self._due_again() and now_s >= self._looked_s + LOOK_GAP_S):
            self._queue.clear()
            await self._refill()
        batch: list[Delivery] = []
        while len(batch) < self._channel.batch_max and (one := await self._pop(may_look=not batch)):
            batch.append(one)
        self._bucket.take(len(batch))
        return batch

    def _may_send(self) -> bool:
        return self._calls < self._channel.max_concurrent and len(self._unsettled) < UNSETTLED_MAX

    def _due_again(self) -> bool:
        return self._next_at is not None and self._desk.clock.now() >= self._next_at

    async def _pop(self, *, may_look: bool) -> Delivery | None:
        one = self._queue.pop()
        if one is None and may_look and self._queue.incomplete:
            await self._refill()
            one = self._queue.pop()
        return one

    async def _refill(self) -> None:
        """Ask the store what is due, for targets that are free."""
        desk = self._desk
        self._look = False
        shared = desk.store.shared
        self._looked_s = desk.clock.monotonic_s()
        self._look_by_s = self._looked_s + (LOOK_AGAIN_SHARED_S if shared else LOOK_AGAIN_S)
        now, busy, known = desk.clock.now(), frozenset(self._queue.busy), frozenset(self._unsettled)

        limit = self._at_once + len(known)

        def look() -> tuple[Sequence[Delivery], datetime | None]:
            found = desk.store.claim(self.name, now, limit, busy=busy, holder=desk.lease.holder)
            desk.reports.load({one.warning for one in found})
            return found, desk.store.next_due_at(self.name, now)

        self._queue.asking()
        self._next_at = None
        found, next_at = await until_stored(look)
        self._expect(next_at)
        # What was sent while it stood queued, and is being written, is not sent again.
        self._queue.refill([one for one in found if one.id not in known], full=len(found) == limit)

    def _expect(self, at: datetime | None) -> None:
        """Something will be due then."""
        if at is not None and (self._next_at is None or at < self._next_at):
            self._next_at = at

    def _release(self, now_s: float) -> None:
        for target in [target for target, until_s in self._held.items() if until_s <= now_s]:
            del self._held[target]
            self._queue.free(target)

    async def _rest(self) -> None:
        """Until a delivery was saved, a try has ended, or there is something to do that was not before."""
        clock = self._desk.clock
        now_s = clock.monotonic_s()
        waits_s = [self._look_by_s - now_s]
        if self._may_send():
            waits_s += [until_s - now_s for until_s in self._held.values()]
            wait_s = self._bucket.wait_s(now_s)
            waits_s += [wait_s] if wait_s else []
            due_s = (self._next_at - clock.now()).total_seconds() if self._next_at else LOOK_AGAIN_S
            waits_s.append(max(due_s, self._looked_s + LOOK_GAP_S - now_s))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(min(waits_s), SHORTEST_S)):
                await self._moved.wait()

    async def _deliver(self, batch: list[Delivery]) -> None:
        """One call of the channel. Where a receiver can tell a repeat, the next goes before this one is durable."""
        held: dict[str, float] = {}
        serving = True
        try:
            results, to_send = self._sorted(batch)
            if to_send:
                outcomes = await self._try(to_send)
                for (delivery, report), outcome in zip(to_send, outcomes, strict=True):
                    results.append(await self._result(delivery, report, outcome))
                    if outcome.reason is FailureReason.THROTTLED and outcome.retry_after_s:
                        held[delivery.target] = self._desk.clock.monotonic_s() + outcome.retry_after_s
            self._bucket.answered(self._desk.clock.monotonic_s(), len(batch))
            self._unsettled.update(one.id for one in batch)
            if self._channel.tells_repeats:
                serving = False
                self._free(batch, held)
            await self._desk.settler.record(results)
            self._desk.overlook.settled(self.name, len(results))
            for one in results:
                self._expect(one.step.next_attempt_at)
        finally:
            self._unsettled.difference_update(one.id for one in batch)
            if serving:
                self._free(batch, held)
            self._moved.set()

    def _free(self, batch: list[Delivery], held: dict[str, float]) -> None:
        """Serve targets again; one that asked for patience later. A provider with a rate speaks for all of them."""
        self._calls -= 1
        for target in (one.target for one in batch):
            until_s = held.get(target)
            if until_s is not None and self._channel.rate_per_s is None:
                self._held[target] = until_s
                continue
            if until_s is not None:
                self._bucket.close(until_s)
            self._queue.free(target)
        self._moved.set()

    def _sorted(self, batch: list[Delivery]) -> tuple[list[Settled], list[tuple[Delivery, HazardWarning]]]:
        """What is given up untried, and what is to be sent with its report."""
        now, given_up, to_send = self._desk.clock.now(), [], []
        for delivery in batch:
            if not delivery.attempts:
                self._desk.telemetry.count(self._component, Event.RECEIVED)
            cleared = self._cleared(self._desk.reports.get(delivery.warning), now)
            if isinstance(cleared, HazardWarning):
                to_send.append((delivery, cleared))
                continue
            given_up.append(Settled(delivery.id, cleared, now))
            self._desk.telemetry.count(self._component, Event.DROPPED, reason=cleared.state)
        return given_up, to_send

    def _cleared(self, report: HazardWarning | None, now: datetime) -> HazardWarning | Step:
        """The report, if it may go; else why it is not sent at all."""
        if report is None:
            return Step(DeliveryState.FAILED, None, "its warning is not in the store")
        if not may_leave(report, self.name, self._desk.drill_channels):
            return Step(DeliveryState.FAILED, None, refusal(report, self.name))
        return expired(report.expires_at) if now >= report.expires_at else report

    async def _try(self, batch: Sequence[tuple[Delivery, HazardWarning]]) -> Sequence[Outcome]:
        """Channels answer with outcomes; one that raises or hangs must not stop the others. Expiry ends a try."""
        left_s = min((report.expires_at - self._desk.clock.now()).total_seconds() for _, report in batch)
        limit_s = min(self._channel.timeout_s + GRACE_S, left_s)
        try:
            messages = [(self._desk.make_message(report, one), one.target) for one, report in batch]
            async with asyncio.timeout(limit_s):
                if len(messages) == 1:
                    return [await self._channel.send(*messages[0])]
                return await self._channel.send_batch(messages)
        except TimeoutError:
            said = f"no answer within {min(self._channel.timeout_s, left_s):g} s"
            return [failed(FailureReason.TIMEOUT, said)] * len(batch)
        except Exception as error:  # noqa: BLE001  # the supervising loop: counted and recorded
            # Its type alone: the text, or a traceback, may hold a secret.
            what = f"{type(error).__name__} while sending {batch[0][0].id}"
            log.error("channel %s: a defect: %s", self.name, what)  # noqa: TRY400
            return [failed(FailureReason.INTERNAL, type(error).__name__)] * len(batch)

    async def _result(self, delivery: Delivery, report: HazardWarning, outcome: Outcome) -> Settled:
        desk = self._desk
        if outcome.references:  # first: a receipt may come before the try is settled
            refer = partial(desk.store.refer, self.name, delivery.id, delivery.attempts + 1, outcome.references)
            await until_stored(refer)
        now = desk.clock.now()
        step = next_step(delivery, outcome, report.expires_at, now, desk.policy)
        event = Event.SENT if outcome.reason is FailureReason.NONE else Event.FAILED
        desk.telemetry.count(self._component, event, reason=outcome.reason)
        if step.state is DeliveryState.EXPIRED:
            desk.telemetry.count(self._component, Event.DROPPED, reason=DeliveryState.EXPIRED)
        return Settled(delivery.id, step, now, outcome, report.number)
