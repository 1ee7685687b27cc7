"""Hears, channel by channel, what becomes of messages after they were sent, and writes it down."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from alerting.base import Channel, Receipt
from alerting.patience import until_stored
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.model.delivery import DeliveryState
from pipeline.telemetry import Event, Telemetry

AGAIN_S: Final = (1.0, 5.0, 15.0, 60.0)
"""After a channel's `listen` has raised, for the first time, the second, ...; the last for ever."""

log = logging.getLogger(__name__)


class Listening:
    """Keeps `listen` of one channel going.

    Counts as `receipts.NAME`: received, failed (what was sent and did not arrive), dropped (of nothing that we know).
    """

    def __init__(self, channel: Channel, store: Store, clock: Clock, telemetry: Telemetry) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._component = f"receipts.{channel.name}"
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled, or the channel has nothing to hear."""
        while True:
            try:
                return await self._channel.listen(self._keep)
            except Exception as error:  # noqa: BLE001  # the supervising loop: counted and told
                if not self._failures:
                    log.warning("channel %s: receipts cannot be heard: %s", self._channel.name, type(error).__name__)
                self._telemetry.count(self._component, Event.FAILED, reason=type(error).__name__)
                wait_s = AGAIN_S[min(self._failures, len(AGAIN_S) - 1)]
                self._failures += 1
            await asyncio.sleep(wait_s)

    async def _keep(self, receipt: Receipt) -> None:
        if self._failures:
            log.info("channel %s: receipts are heard again", self._channel.name)
        self._failures = 0
        now = self._clock.now()
        known = await until_stored(lambda: self._store.receive(self._channel.name, receipt, now))
        self._telemetry.count(self._component, Event.RECEIVED)
        if receipt.state is DeliveryState.FAILED:
            self._telemetry.count(self._component, Event.FAILED, reason=receipt.word)
        if not known:
            self._telemetry.count(self._component, Event.DROPPED, reason="unknown")
