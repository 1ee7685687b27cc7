"""One lane of the dispatcher: the deliveries of one channel."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from alerting.base import Channel, FailureReason, Message, Outcome, failed
from alerting.stages.retry import RetryPolicy, Step, expired, next_step
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.errors import StoreError
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry

T = TypeVar("T")
MakeMessage = Callable[[HazardWarning, Delivery], Message]

STORE_RETRY_S: Final = 1.0
LOOK_AGAIN_S: Final = 30.0
"""However far off the next try is: another process may have written, or the clock been set."""
AT_ONCE: Final = 100
"""Deliveries taken from the store by one look, which costs the more the longer the outbox is."""
GRACE_S: Final = 2.0
"""What a channel may take beyond its own `timeout_s` before it is cut off."""

log = logging.getLogger(__name__)


class Lane:
    """Serves up to `max_concurrent` targets at a time, one delivery a target at a time.

    Counts as `channels.NAME`: received (a delivery comes up for the first time), sent and failed (tries), dropped
    (expired, or given up untried).
    """

    def __init__(
        self,
        channel: Channel,
        store: Store,
        make_message: MakeMessage,
        policy: RetryPolicy,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self.name = channel.name
        self._component = f"channels.{channel.name}"
        self._channel = channel
        self._store = store
        self._make_message = make_message
        self._policy = policy
        self._clock = clock
        self._telemetry = telemetry
        self._ready: deque[Delivery] = deque()
        self._busy: set[str] = set()
        self._looked_at = clock.now()
        self._look = True
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
                while self._free and (delivery := await self._next()):
                    self._busy.add(delivery.target)
                    tries.create_task(self._deliver(delivery))
                await self._rest()

    @property
    def _free(self) -> int:
        return self._channel.max_concurrent - len(self._busy)

    async def _next(self) -> Delivery | None:
        """The most urgent due delivery; the store is asked when the last answer is used up or may be out of date."""
        if self._stopping:
            return None
        if self._look or not self._ready:
            self._look = False
            self._looked_at = now = self._clock.now()
            busy = frozenset(self._busy)
            self._ready = deque(await until_stored(lambda: self._store.due(self.name, now, AT_ONCE, busy)))
        return self._ready.popleft() if self._ready else None

    async def _rest(self) -> None:
        """Until a delivery was saved, a try has ended, or something is due that was not when the store was asked."""
        left_s = LOOK_AGAIN_S
        if self._free:
            next_at = await until_stored(lambda: self._store.next_due_at(self.name, self._looked_at))
            if next_at is not None:
                left_s = min(left_s, (next_at - self._clock.now()).total_seconds())
        try:
            async with asyncio.timeout(left_s):
                await self._moved.wait()
        except TimeoutError:
            self._look = True

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            if not delivery.attempts:
                self._telemetry.count(self._component, Event.RECEIVED)
            warning = await until_stored(lambda: self._store.warning(delivery.warning))
            if warning is None:
                await self._give_up(delivery, Step(DeliveryState.FAILED, None, "its warning is not in the store"))
            elif self._clock.now() >= warning.expires_at:
                await self._give_up(delivery, expired(warning.expires_at))
            else:
                await self._settle(delivery, await self._try(delivery, warning), warning.expires_at)
        finally:
            self._busy.discard(delivery.target)
            self._moved.set()

    async def _give_up(self, delivery: Delivery, step: Step) -> None:
        now = self._clock.now()
        await until_stored(lambda: self._store.give_up(delivery.id, step, now))
        self._telemetry.count(self._component, Event.DROPPED, reason=step.state)

    async def _try(self, delivery: Delivery, warning: HazardWarning) -> Outcome:
        """Channels answer with outcomes; one that raises or hangs must not stop the others."""
        try:
            message = self._make_message(warning, delivery)
            async with asyncio.timeout(self._channel.timeout_s + GRACE_S):
                return await self._channel.send(message, delivery.target)
        except TimeoutError:
            return failed(FailureReason.TIMEOUT, f"no answer within {self._channel.timeout_s:g} s")
        except Exception as error:  # noqa: BLE001  # the supervising loop: counted and recorded
            # Its type alone: the text, or a traceback, may hold a secret.
            log.error("channel %s: a defect: %s while sending %s", self.name, type(error).__name__, delivery.id)  # noqa: TRY400
            return failed(FailureReason.INTERNAL, type(error).__name__)

    async def _settle(self, delivery: Delivery, outcome: Outcome, expires_at: datetime) -> None:
        if outcome.references:  # first: a receipt may come before the try is settled
            refer = partial(self._store.refer, self.name, delivery.id, delivery.attempts + 1, outcome.references)
            await until_stored(refer)
        now = self._clock.now()
        step = next_step(delivery, outcome, expires_at, now, self._policy)
        await until_stored(lambda: self._store.settle(delivery.id, outcome, step, now))
        event = Event.SENT if outcome.reason is FailureReason.NONE else Event.FAILED
        self._telemetry.count(self._component, event, reason=outcome.reason)
        if step.state is DeliveryState.EXPIRED:
            self._telemetry.count(self._component, Event.DROPPED, reason=DeliveryState.EXPIRED)


async def until_stored(work: Callable[[], T]) -> T:
    """The result of `work` on the store, in a thread; a store that fails is asked again until it answers.

    What was sent must be recorded before anything else happens to it: there is nothing better to do than wait.
    """
    told = False
    while True:
        try:
            result = await asyncio.to_thread(work)
        except StoreError as error:
            if not told:
                log.error("deliveries wait: %s", error)  # noqa: TRY400  # its text says all
            told = True
            await asyncio.sleep(STORE_RETRY_S)
            continue
        if told:
            log.warning("deliveries go on: the store answers again")
        return result
