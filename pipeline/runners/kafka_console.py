"""The console of a cluster: what the workers said goes into the store and to the people; the page shows it.

Kafka -> results (thread) -> store -> dispatcher -> channels
      -> readings (thread) -> page
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from threading import Event as Flag
from typing import Final

from alerting.base import Channel
from alerting.runner import Dispatcher
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.options import TimeSource
from pipeline.connectors.data_lock import DataLock
from pipeline.connectors.kafka.admin import require
from pipeline.connectors.kafka.producer import Producer
from pipeline.errors import BrokerAwayError
from pipeline.model.finding import FindingState
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning
from pipeline.runners import kafka_live
from pipeline.runners.desk import make_desk
from pipeline.runners.embedded import STORE_FILE
from pipeline.runners.heap import settle
from pipeline.runners.kafka_live import LiveReadings
from pipeline.runners.kafka_orders import Orders
from pipeline.runners.kafka_results import Results
from pipeline.runners.live import Live
from pipeline.runners.messages import Messages
from pipeline.runners.page.running import Counted
from pipeline.runners.service import FINE, Gauge, Service
from pipeline.runners.sink_jobs import follow_store
from pipeline.runners.staged_clock import StagedClock
from pipeline.telemetry import Telemetry

OPEN_MAX: Final = 100_000
"""Findings that are looked through at the start for those that are still open."""

log = logging.getLogger(__name__)


class Console:
    """Everything of the process but the page: `run` until cancelled, then `close`.

    Attributes:
        processor: what takes in the workers' results.
    """

    counted: Final = Counted(kafka_live.COMPONENT, kafka_live.COMPONENT)

    def __init__(self, config: Config, clock: Clock, telemetry: Telemetry) -> None:
        self.config = config
        self.time = StagedClock(clock)
        self.telemetry = telemetry
        self.lock = DataLock(config.process.data)
        self.store = Store(config.alerting.url(config.process.data / STORE_FILE))
        self.store.node = self.lock.node
        self.live = Live(config.inventory, clock)
        self.channels: dict[str, Channel] = {name: one.type(name, one.options) for name, one in config.channels.items()}
        message = Messages(config.inventory, config.warnings)
        drills = config.drill.channels
        self.dispatcher = Dispatcher(self.store, self.channels, message, config.retry, self.time, telemetry, drills)
        targets = {name: channel.targets for name, channel in self.channels.items()}
        self.desk = make_desk(config, self.store, targets, self.time, self.dispatcher.wake, self.dispatcher.overlook)
        self._producer = Producer(config.kafka)
        offer = self.desk.outlet.offer
        self.processor = Results(config.kafka, self.store, self._producer, offer, self._stored, self.time, telemetry)
        self._readings = LiveReadings(config, self.live, clock, telemetry)
        self._orders = Orders(config, self.store, self._producer, self.time)
        self.desk.ordered = self._orders.ordered.ring
        self._ahead_ns: int | None = None
        self._clock = clock
        if config.process.time is TimeSource.EVENT:
            self.time.recorded_ns = self._recorded_ns
        self._stop = Flag()

    def watch(self, service: Service) -> None:
        """Have the service tell of it."""
        service.checks["results"] = lambda: "it stops" if self._stop.is_set() else FINE
        service.gauges.append(Gauge("results_backlog", "Messages to be stored.", lambda: self.processor.backlog))

    async def run(self) -> None:
        """Store what the workers say, and send what is due, until cancelled.

        Raises:
            BrokerError: Kafka's topics do not fit; one that is away is waited for.
            ExceptionGroup: what ended it.
        """
        try:
            await asyncio.to_thread(require, self.config.kafka)
        except BrokerAwayError as error:
            log.warning("%s; what is in the store is delivered all the same", error)
        await asyncio.to_thread(self._resume)
        settle()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.dispatcher.run(), name="dispatcher")
            tasks.create_task(self.desk.run(), name="duty desk")
            tasks.create_task(self._orders.run(), name="orders")
            following = follow_store(self.config, self.store, self._clock, self.telemetry)
            tasks.create_task(following, name="follow")
            threads = [self.processor.run, *([self._readings.run] if self.config.kafka.page_readings == "all" else [])]
            taking_in = [asyncio.create_task(asyncio.to_thread(one, self._stop)) for one in threads]
            try:
                await asyncio.gather(*map(asyncio.shield, taking_in))
            finally:
                self._stop.set()
                await asyncio.wait(taking_in)

    def _resume(self) -> None:
        """Show what was open when the last process ended, and know when that was."""
        latest = {one.id: one for one in reversed(self.store.findings(OPEN_MAX))}
        self.live.resume(one for one in latest.values() if one.state is not FindingState.CLOSED)
        self._keep_up(self.store.recent_warnings(1))

    def _stored(self, record: Record) -> None:
        self.live.resume(record.findings)
        if record.warnings:
            self._keep_up(record.warnings)
            self.dispatcher.wake()

    def _keep_up(self, warnings: Sequence[HazardWarning]) -> None:
        for one in warnings:
            ahead_ns = to_ns(one.sent_at) - self._clock.now_ns()
            self._ahead_ns = ahead_ns if self._ahead_ns is None else max(ahead_ns, self._ahead_ns)

    def _recorded_ns(self) -> int:
        """Where time comes from the readings: the latest report was sent just now, and time goes on from there."""
        return self._clock.now_ns() + (self._ahead_ns or 0)

    def close(self) -> None:
        """Let go of the files. `run` must have ended."""
        self._producer.close()
        self.store.close()
        self.lock.close()
