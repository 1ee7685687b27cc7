"""What the page of a cluster shows of sensors: the readings in Kafka, flagged as the workers flag them.

It begins a little before the end of the topic, so that charts are not empty, belongs to no group, and acknowledges
nothing: whatever happens here, people are warned all the same. Who cannot keep up skips to where the end is.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event as Flag
from typing import Final

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, TopicPartition

from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.runners.live import Live
from pipeline.stages.core import Core
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "live"
SKIPPED: Final = "skipped"
NOT_A_BATCH: Final = "not_a_batch"
BEHIND_MAX: Final = 2_000
"""Messages of all partitions, of up to 2,000 readings each, that are looked back at the start, or may wait."""
_AT_ONCE: Final = 100
_LOOK_S: Final = 0.1
_ANSWER_S: Final = 5.0
RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


class LiveReadings:
    """One thread's, which runs `run`. What is found in the readings is left to the workers."""

    def __init__(self, config: Config, live: Live, clock: Clock, telemetry: Telemetry) -> None:
        self._options = config.kafka
        self._core = Core(replace(config.plan(), detectors=()))
        self._live = live
        self._clock = clock
        self._telemetry = telemetry
        self._look_back = max(1, BEHIND_MAX // config.kafka.partitions)
        self._timely = False

    def run(self, stop: Flag) -> None:
        """Until `stop`; a broker that is away is waited for."""
        # fmt: off
        consumer = Consumer({
            **self._options.librdkafka(),
            "group.id": f"{self._options.prefix}forewarn-page",  # the client asks for one; nothing is committed
            "enable.auto.commit": False,
        }, logger=log)
        # fmt: on
        try:
            while not stop.is_set() and not self._begin(consumer):
                stop.wait(RETRY_S)
            while not stop.is_set():
                messages = consumer.consume(_AT_ONCE, _LOOK_S)
                for message in messages:
                    if message.error() is None:
                        self._take(message)
                self._timely |= len(messages) < _AT_ONCE
                if len(messages) == _AT_ONCE:
                    self._keep_up(consumer)
        finally:
            consumer.close()

    def _begin(self, consumer: Consumer) -> bool:
        """Take up every partition a little before its end; False where the broker does not say where that is."""
        name = self._options.prefix + Topic.READINGS
        partitions = [TopicPartition(name, number) for number in range(self._options.partitions)]
        try:
            for one in partitions:
                one.offset = self._from(consumer, one, cached=False)
        except KafkaException:  # told by whoever needs the broker to warn people
            return False
        consumer.assign(partitions)
        return True

    def _from(self, consumer: Consumer, partition: TopicPartition, *, cached: bool) -> int:
        begin, end = consumer.get_watermark_offsets(partition, _ANSWER_S, cached=cached)
        return max(begin, end - self._look_back)

    def _keep_up(self, consumer: Consumer) -> None:
        """Leave out what is further from the end of its partition than may wait."""
        for one in consumer.position(consumer.assignment()):
            try:
                start = self._from(consumer, one, cached=True)
            except KafkaException:
                continue
            if 0 <= one.offset < start:
                self._telemetry.count(COMPONENT, Event.DROPPED, start - one.offset, SKIPPED)
                one.offset = start
                consumer.seek(one)

    def _take(self, message: confluent_kafka.Message) -> None:
        try:
            entry = decode(message.value())
        except BatchError:  # its worker buries it
            self._telemetry.count(COMPONENT, Event.DROPPED, 1, NOT_A_BATCH)
            return
        outcome = self._core.process(entry)
        received_at_ns = None
        if isinstance(entry, ReadingBatch):
            self._telemetry.count(COMPONENT, Event.RECEIVED, len(entry))
            self._telemetry.count(COMPONENT, Event.SENT, len(outcome.columns))
            received_at_ns = entry.received_at_ns if self._timely else None
        self._live.look(outcome.columns, received_at_ns)
