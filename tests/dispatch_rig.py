"""A dispatcher over a real store, and a channel that does what a test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.due import Due
from alerting.lane_desk import MakeMessage
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy
from alerting.store.store import Store
from pipeline.clock import Clock, ManualClock
from pipeline.model.delivery import FINAL_STATES, DeliveryState
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Telemetry
from tests.reports import NOON, delivery, message, put

POLICY = RetryPolicy(first_s=1, factor=2, max_s=60, attempts=3, jitter=0)
ACCEPTED = Outcome(DeliveryState.ACCEPTED)
BUSY = failed(FailureReason.THROTTLED, "later", retry_after_s=30)


class Told(Channel):
    """A channel that answers as it was told, and keeps what it was given."""

    kind = "told"

    def __init__(self, answer: Callable[[str], Awaitable[Outcome]] | None = None, **options: Any) -> None:
        super().__init__("duty", ChannelOptions(**options))
        self._answer = answer
        self.sent: list[tuple[str, str]] = []

    @property
    def targets(self) -> Sequence[str]:
        return ("chat", "sms")

    async def send(self, message: Message, target: str) -> Outcome:
        self.sent.append((message.warning.id, target))
        return await self._answer(target) if self._answer else ACCEPTED


def make(report: HazardWarning, to: Due) -> Message:
    return message(report, to)


def queue(store: Store, *reports: HazardWarning, to: str = "chat", channel: str = "duty") -> None:
    rows = tuple(delivery(report, channel, to) for report in reports)
    put(store, reports, rows)


@asynccontextmanager
async def dispatching(
    store: Store,
    *channels: Channel,
    clock: Clock | None = None,
    telemetry: Telemetry | None = None,
    make_message: MakeMessage = make,
) -> AsyncIterator[Dispatcher]:
    named = {one.name: one for one in channels}
    one = Dispatcher(store, named, make_message, POLICY, clock or ManualClock(NOON), telemetry or Telemetry())
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        async with asyncio.timeout(60):
            await running


async def until(condition: Callable[[], bool], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # what is waited for is in the database
            await asyncio.sleep(0.01)


def states(store: Store) -> dict[DeliveryState, int]:
    return dict(Counter(one.state for one in store.deliveries(9999)))


def settled(store: Store) -> bool:
    return set(states(store)) <= FINAL_STATES
