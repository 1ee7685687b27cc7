"""The gateway: adapters on one side, the topic `readings` on the other.

A device is acknowledged when Kafka has its readings, or, while Kafka is away, the spool on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from device_adapters.base import Adapter, AdapterContext, Reject
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.kafka import KafkaOptions
from pipeline.config.options import TimeSource
from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.admin import require
from pipeline.connectors.kafka.message import Message, buried
from pipeline.connectors.kafka.producer import RETRY_AFTER_S, Producer
from pipeline.connectors.kafka.spool import Spool
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.errors import BackPressureError, BrokerAwayError, BrokerError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import from_ns
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.heap import settle
from pipeline.runners.kafka_forward import Forwarder
from pipeline.runners.kafka_groups import Groups
from pipeline.runners.service import FINE, Gauge, Service
from pipeline.stages.merge import merged
from pipeline.stages.shards import Shards
from pipeline.stages.ticks import EventTicks
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "gateway"
SPOOL_FILE: Final = "spool.db"
MESSAGE_MAX_BYTES: Final = 900_000
"""Below the megabyte that a broker takes by default."""

log = logging.getLogger(__name__)


class KafkaSink:
    """Implements `device_adapters.base.Sink`; used from one event loop.

    Attributes:
        ticks: cuts the stream by event time; None where the clock tells the time.
    """

    def __init__(self, config: Config, forwarder: Forwarder, clock: Clock, telemetry: Telemetry) -> None:
        options = config.kafka
        self._forwarder = forwarder
        self._clock = clock
        self._telemetry = telemetry
        self.ticks: EventTicks | None = EventTicks(EVENT_TICK_S)
        self._last_ns = 0
        self._shards = Shards(config.plan(), options.partitions)
        self._groups = Groups(self._send, options.batch_readings, options.linger_s)
        self._pending_max = config.process.pending_max
        self._pending = 0

    async def submit(self, batch: ReadingBatch) -> None:
        """Return when Kafka has every reading of `batch` on all replicas that must have it, or the spool has it.

        Raises:
            BackPressureError: too much waits already; readings that became durable all the same are repeats when they
                come again.
            BrokerError: the producer is broken; the process has to end.
        """
        size = len(batch)
        if self._pending and self._pending + size > self._pending_max:
            why = f"{self._pending} readings wait for Kafka, at most {self._pending_max} may"
            raise BackPressureError(why, RETRY_AFTER_S)
        self._pending += size
        self._telemetry.count(COMPONENT, Event.RECEIVED, size)
        ticks = self.ticks
        reached_ns = ticks.reached_ns if ticks else None
        try:
            await _all([durable for entry in self._cut(batch) for durable in self._hand_in(entry)])
        except (BackPressureError, BrokerError):
            if ticks:
                ticks.reached_ns = reached_ns  # what is offered again brings its ticks again
            self._telemetry.count(COMPONENT, Event.FAILED, size, "kafka")
            raise
        finally:
            self._pending -= size
        self._telemetry.count(COMPONENT, Event.SENT, size)

    async def tick(self, tick: Tick) -> None:
        """Tell every partition that time moves on.

        Raises:
            BackPressureError: it is not taken; the next tick makes up for it.
        """
        await _all(self._broadcast(tick))

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        """Send to the dead letters what could not be read.

        Raises:
            BackPressureError: not all of it was taken.
        """
        now_ns = self._clock.now_ns()
        letters = [DeadLetter(now_ns, source, one.reason.value, one.detail, one.excerpt) for one in rejects]
        await _all([self._forwarder.send(buried(letter)) for letter in letters])

    async def close_recording(self) -> None:
        """Tell that time has reached the last reading of what was played: what was due by then is due.

        Raises:
            BackPressureError: it is not taken.
        """
        if self._last_ns:
            await self.tick(Tick(from_ns(self._last_ns)))

    def _cut(self, batch: ReadingBatch) -> Iterator[Entry]:
        if self.ticks is None:
            return iter([batch])
        self._last_ns = max(self._last_ns, int(batch.observed_at_ns.max(initial=0)))
        return self.ticks.cut(batch)

    def _hand_in(self, entry: Entry) -> Sequence[asyncio.Future[None]]:
        if isinstance(entry, Tick):
            return self._broadcast(entry)
        return [
            durable for partition, piece in self._shards.split(entry) for durable in self._groups.add(partition, piece)
        ]

    def _broadcast(self, tick: Tick) -> list[asyncio.Future[None]]:
        """What came before the tick goes before it."""
        self._groups.flush()
        return [self._send(number, tick) for number in range(self._shards.partitions)]

    def _send(self, partition: int, entry: Entry) -> asyncio.Future[None]:
        value = encode(entry)
        if isinstance(entry, Tick):
            return self._forwarder.send(Message(Topic.READINGS, value, partition))
        if len(value) > MESSAGE_MAX_BYTES and len(entry) > 1:
            middle = len(entry) // 2
            halves = (entry.take(slice(0, middle)), entry.take(slice(middle, None)))
            return asyncio.ensure_future(_all([self._send(partition, merged([one])) for one in halves]))
        return self._forwarder.send(Message(Topic.READINGS, value, partition, readings=len(entry)))


async def _all(durable: Sequence[asyncio.Future[None]]) -> None:
    """Wait for every one of them, also after one has failed, so that no failure goes unheard; then raise the first.

    They are shielded: a device that hangs up must not take back what others have in the same message.
    """
    for result in await asyncio.gather(*map(asyncio.shield, durable), return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def run(config: Config, clock: Clock, telemetry: Telemetry, service: Service) -> None:
    """Play what is recorded to its end, then take in what is live; until cancelled, or done where nothing is live.

    Raises:
        BrokerError: Kafka refuses, or its topics do not fit; one that is away does not keep it from starting.
        JournalError: the spool cannot be opened.
        ExceptionGroup: what ended an adapter, or the producer.
    """
    options = config.kafka
    away = await _is_away(options)
    spool = Spool(config.process.data / SPOOL_FILE)
    producer = Producer(options, timeout_s=0)
    forwarder = Forwarder(producer, spool, options.send_timeout_s, options.spool_bytes, clock, telemetry)
    forwarder.away |= away and options.spool_bytes > 0
    _watch(service, forwarder, spool)
    sink = KafkaSink(config, forwarder, clock, telemetry)
    context = AdapterContext(config.inventory, sink, clock, telemetry)
    adapters = [one.type(name, one.options, context) for name, one in config.adapters.items()]
    settle()
    try:
        async with asyncio.TaskGroup() as tasks:
            going_on = tasks.create_task(forwarder.run(), name="forwarder")
            await _work(config, sink, forwarder, adapters, clock)
            going_on.cancel()
    finally:
        await asyncio.to_thread(producer.close)
        spool.close()


async def _is_away(options: KafkaOptions) -> bool:
    try:
        await asyncio.to_thread(require, options)
    except BrokerAwayError as error:
        log.warning("%s; readings are kept on disk until it is there", error)
        return True
    return False


def _watch(service: Service, forwarder: Forwarder, spool: Spool) -> None:
    service.checks["spool"] = lambda: "it is full, and Kafka is away" if forwarder.is_full else FINE
    service.gauges += [
        Gauge("kafka_away", "1 while what comes in is kept on disk.", lambda: float(forwarder.away)),
        Gauge("spool_readings", "Readings on disk that Kafka is still to get.", lambda: spool.readings),
        Gauge("spool_bytes", "What the spool holds.", lambda: spool.bytes),
    ]


async def _work(config: Config, sink: KafkaSink, forwarder: Forwarder, adapters: list[Adapter], clock: Clock) -> None:
    await _play(sink, [one for one in adapters if one.finite])
    if config.process.time is TimeSource.WALL:
        sink.ticks = None
    await _serve(sink, forwarder, [one for one in adapters if not one.finite], config.process.tick_s, clock)
    await forwarder.emptied()


async def _play(sink: KafkaSink, recordings: list[Adapter]) -> None:
    """Recordings to their end, time taken from them."""
    async with asyncio.TaskGroup() as playing:
        for recording in recordings:
            playing.create_task(recording.run(), name=recording.name)
    await sink.close_recording()


async def _serve(sink: KafkaSink, forwarder: Forwarder, adapters: list[Adapter], tick_s: float, clock: Clock) -> None:
    async with asyncio.TaskGroup() as tasks:
        for adapter in adapters:
            tasks.create_task(adapter.run(), name=adapter.name)
        if adapters and sink.ticks is None:
            tasks.create_task(_tick(sink, forwarder, clock, tick_s), name="ticks")


async def _tick(sink: KafkaSink, forwarder: Forwarder, clock: Clock, every_s: float) -> None:
    """Tell every partition that time moves on; not by way of the spool, for the next tick makes up for it."""
    while True:
        await asyncio.sleep(every_s)
        if not forwarder.away:
            with suppress(BackPressureError):
                await sink.tick(Tick(clock.now()))
