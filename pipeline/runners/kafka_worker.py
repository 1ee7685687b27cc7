"""The worker: a Faust application that takes `readings` through one core a partition.

What counts is the snapshot: it holds a partition's state and the offset it includes, and the stream is taken up after
that offset, whatever was committed. Offsets are committed when a snapshot includes them. No exception leaves the agent,
for Faust would count the message as done: what cannot be read goes to the dead letters, anything else ends the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any, Final

from faust.types import TP, EventT

from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.options import TimeSource
from pipeline.connectors.kafka.admin import require
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.states import States
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.errors import BackPressureError, BrokerError
from pipeline.model.entry import Tick
from pipeline.runners.embedded import ProcessingError
from pipeline.runners.heap import settle
from pipeline.runners.kafka_application import application
from pipeline.runners.kafka_assigned import Assigned
from pipeline.runners.kafka_partition import Means, Partition
from pipeline.runners.service import FINE, Gauge, Service
from pipeline.stages.shards import Shards
from pipeline.stages.warm_up import warm_up
from pipeline.telemetry import Telemetry

AWAY_MAX_S: Final = 60.0
"""How long Kafka may be away before a worker that has something to say ends, to be started again."""

WAITING_MAX: Final = 32
"""Messages that wait while others are taken in; they are then taken in as one, which costs less than one by one."""

NOT_JOINED: Final = "it is not a member of the group yet"

log = logging.getLogger(__name__)


class Worker:
    """One member of the group of workers."""

    def __init__(self, config: Config, producer: Producer, clock: Clock, telemetry: Telemetry, folder: str) -> None:
        options = config.kafka
        self._plan = config.plan()
        self._shards = Shards(self._plan, options.partitions)
        states = States(options, producer)
        self._means = Means(producer, states, clock, telemetry)
        self._save_every_s = config.process.snapshot_every_s
        self._assigned: dict[int, Assigned] = {}
        self._heard_s: dict[int, float] = {}
        self._floor_s = options.tick_floor_s if config.process.time is TimeSource.WALL else None
        self._waiting: asyncio.Queue[EventT[Any]] = asyncio.Queue(WAITING_MAX)
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._joined = False
        self._taking: asyncio.Task[None] | None = None
        self._beside: list[asyncio.Task[None]] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.app = application(config.kafka, folder)
        self.app.on_partitions_revoked.connect(self._revoked)
        self.app.on_partitions_assigned.connect(self._told_its_partitions)
        self.app.agent(self.app.topic(options.prefix + Topic.READINGS, value_type=bytes, key_type=bytes))(self._agent)

    async def _agent(self, stream: Any) -> None:
        """Hand on events for as long as they are taken in."""
        async for event in stream.noack().events():
            await self._waiting.put(event)

    async def _take_in(self) -> None:
        """Take in what waits until the process stops; after an error, nothing more."""
        while not self._stop.is_set():
            events = [await self._waiting.get()]
            while not self._waiting.empty():
                events.append(self._waiting.get_nowait())
            async with self._turn:
                await self._tried_to_take(events)

    async def _tried_to_take(self, events: Sequence[EventT[Any]]) -> None:
        """Take in, one partition after the other; what prevents it ends the worker."""
        by_partition = defaultdict(list)
        for event in events:
            by_partition[event.message.tp].append(event)
        for tp, every in by_partition.items():
            try:
                await self._take(tp, every)
            except Exception as error:  # handed to whoever waits for `ended`
                offsets = every[0].message.offset, every[-1].message.offset
                log.exception("processing stopped at offsets %d to %d of %s", *offsets, tp)
                self._fail(error)
                return

    def _fail(self, error: Exception) -> None:
        self._stop.set()
        if not self.ended.done():
            self.ended.set_exception(error)

    async def _take(self, tp: TP, events: Sequence[EventT[Any]]) -> None:
        self._heard_s[tp.partition] = self._means.clock.monotonic_s()
        if tp not in self.app.consumer.assignment():
            return  # fetched before the partition went to another worker
        held = await self._held(tp.partition)
        chosen, back = held.choose(events)
        if chosen:
            told = [(event.message.offset, event.message.value) for event in chosen]
            held.took(chosen, saved=await asyncio.to_thread(held.partition.take, told))
        if back is not None:
            log.warning("%s: going back to %d: more was committed than the state includes", tp, back)
            await self.app.consumer.seek(tp, back)

    async def _held(self, number: int) -> Assigned:
        held = self._assigned.get(number)
        if held is None:
            plan = self._shards.plan_of(number)
            held = Assigned(await asyncio.to_thread(Partition, number, plan, self._means))
            self._assigned[number] = held
            settle()
        return held

    async def _revoked(self, _app: Any, /, *revoked: Any, **_: Any) -> None:
        """Save what goes to another worker, so that it has little to take in again."""
        numbers = {tp.partition for tp in set().union(*revoked)}
        await self._tried_to_save(numbers)
        for number in numbers:
            self._assigned.pop(number, None)
            self._heard_s.pop(number, None)

    async def _told_its_partitions(self, _app: Any, /, *_assigned: Any, **_: Any) -> None:
        """Where there are more workers than partitions, some have none, and wait in case another dies."""
        self._joined = True

    def condition(self) -> str:
        """Whether it is a member of the group and goes on."""
        if self._stop.is_set():
            return "it stops"
        return FINE if self._joined else NOT_JOINED

    def positions(self) -> dict[str, float]:
        """Partition -> offset of the last message that was taken in."""
        return {str(number): held.partition.position for number, held in self._assigned.items()}

    async def start(self) -> None:
        """Join the group; save state as often as is configured, and see that time moves on."""
        await asyncio.to_thread(warm_up, self._plan)
        self._taking = asyncio.create_task(self._take_in(), name="readings")
        await self.app.start()
        self._beside.append(asyncio.create_task(self._save_regularly(), name="snapshots"))
        if self._floor_s:
            self._beside.append(asyncio.create_task(self._tick_where_silent(self._floor_s), name="ticks"))

    async def _save_regularly(self) -> None:
        while await self._goes_on_for(self._save_every_s):
            await self._tried_to_save(set(self._assigned))

    async def _goes_on_for(self, seconds: float) -> bool:
        """Whether it did not stop meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return True
        return False

    async def _tick_where_silent(self, floor_s: float) -> None:
        """Put a tick into the stream where nobody else does: whoever takes the partition up again finds it there."""
        begun_s = self._means.clock.monotonic_s()
        while await self._goes_on_for(floor_s / 4):
            now_s = self._means.clock.monotonic_s()
            for tp in self.app.consumer.assignment():
                if now_s - self._heard_s.get(tp.partition, begun_s) >= floor_s:
                    self._heard_s[tp.partition] = now_s
                    self._tick(tp.partition)

    def _tick(self, number: int) -> None:
        try:
            self._means.producer.send(Message(Topic.READINGS, encode(Tick(self._means.clock.now())), number))
        except BackPressureError as error:
            log.warning("partition %d is not told that time moves on: %s", number, error)

    async def _tried_to_save(self, numbers: set[int]) -> None:
        """Save; what prevents it ends the worker."""
        try:
            await self._save(numbers)
        except Exception as error:  # handed to whoever waits for `ended`
            log.exception("state of partitions %s cannot be saved", sorted(numbers))
            self._fail(error)

    async def _save(self, numbers: set[int]) -> None:
        """Save and acknowledge, one partition after the other, none while a message is taken in."""
        for number in sorted(numbers):
            async with self._turn:
                held = self._assigned.get(number)
                if held is not None and not self.ended.done():
                    await asyncio.to_thread(held.partition.save)
                    held.acknowledge()

    async def close(self) -> None:
        """Save all state and leave the group. After an error nothing is saved: the next start takes it in again."""
        self._stop.set()
        for task in self._beside:
            await task
        async with self._turn:  # nothing is under way
            if self._taking:
                self._taking.cancel()
        await self._tried_to_save(set(self._assigned))
        await self.app.stop()


async def run(config: Config, clock: Clock, telemetry: Telemetry, service: Service) -> None:
    """Take in readings until cancelled; then save state.

    Raises:
        BrokerError: Kafka cannot be reached, or its topics do not fit.
        ProcessingError: the core could not take a message in; the readings stay in Kafka.
    """
    service.checks["processing"] = lambda: NOT_JOINED
    await asyncio.to_thread(require, config.kafka)
    producer = Producer(config.kafka, max(AWAY_MAX_S, config.kafka.send_timeout_s))
    with TemporaryDirectory(prefix="forewarn-worker-") as folder:
        worker = Worker(config, producer, clock, telemetry, folder)
        service.checks["processing"] = worker.condition
        service.gauges.append(Gauge("position", "Offset taken in last.", worker.positions, "partition"))
        try:
            await worker.start()
            await _until_ended(worker)
        finally:
            await worker.close()
            await asyncio.to_thread(producer.close)


async def _until_ended(worker: Worker) -> None:
    stopped = asyncio.ensure_future(worker.app.wait_until_stopped())
    try:
        await asyncio.wait({worker.ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if worker.ended.done() and (error := worker.ended.exception()):
        raise ProcessingError(
            f"processing stopped: {error!r}; the readings are in Kafka and will be taken in again at the next start"
        ) from error
    raise BrokerError(f"the connection to Kafka ended: {worker.app.crash_reason!r}")
