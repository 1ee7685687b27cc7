"""From the topic `readings` to the recorder; Kafka is told how far it has come when the files are durable."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event as Flag
from typing import Final

import confluent_kafka

from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.connectors.recorder.recorder import Recorder
from pipeline.errors import BrokerAwayError, RecordingError
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.runners.sink_points import NOT_READABLE
from pipeline.runners.sink_stream import Partitions, Stream
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "recorder"
GROUP: Final = "forewarn-sink-recorder"
MESSAGES_AT_ONCE: Final = 100
LOOK_S: Final = 0.5
RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


class RecorderSink:
    """One thread that records."""

    def __init__(self, config: Config, recorder: Recorder, clock: Clock, telemetry: Telemetry) -> None:
        self._options = config.recorder
        self._kafka = config.kafka
        self._recorder = recorder
        self._clock = clock
        self._telemetry = telemetry
        self._stream: Stream | None = None

    def run(self, stop: Flag) -> None:
        """Until `stop`; what has gathered then is written."""
        self._stream = stream = Stream(self._kafka, GROUP, [Topic.READINGS], self._leave, self._lose)
        due_s = self._clock.monotonic_s() + self._options.roll_s
        try:
            while not stop.is_set():
                for message in stream.take(MESSAGES_AT_ONCE, LOOK_S):
                    self._take(message)
                full = self._recorder.readings >= self._options.roll_readings
                if full or self._clock.monotonic_s() >= due_s:
                    self._roll_patiently(stop)
                    due_s = self._clock.monotonic_s() + self._options.roll_s
            with suppress(BrokerAwayError):  # not acknowledged: the next recorder takes it in
                self._roll()
        finally:
            stream.close()

    def _take(self, message: confluent_kafka.Message) -> None:
        batch: ReadingBatch | None = None
        try:
            entry = decode(message.value())
            batch = entry if isinstance(entry, ReadingBatch) else None
        except BatchError:
            self._telemetry.count(COMPONENT, Event.DROPPED, 1, NOT_READABLE)  # the worker buries it
        self._recorder.take(message.partition() or 0, message.offset() or 0, batch)

    def _roll(self) -> None:
        begun = self._recorder.begun()
        if self._stream is None or not begun:
            return
        if not self._stream.are_mine(Topic.READINGS, begun):
            log.warning("partitions went to another recorder while this one stood still; what had gathered is its")
            self._lose(list(begun))
            return
        readings = self._recorder.readings
        reached = self._recorder.roll()
        self._telemetry.count(COMPONENT, Event.SENT, readings)
        self._stream.acknowledge_up_to(Topic.READINGS, reached)

    def _roll_patiently(self, stop: Flag) -> None:
        """A disk that is full may have room again: until then nothing more is taken, and Kafka keeps it."""
        told = False
        while not stop.is_set():
            try:
                self._roll()
            except (BrokerAwayError, RecordingError) as error:
                self._telemetry.count(
                    COMPONENT, Event.FAILED, 1, "disk" if isinstance(error, RecordingError) else "kafka"
                )
                if not told:
                    log.error("recording waits: %s", error)  # noqa: TRY400  # its text says all
                told = True
                if self._stream is not None:
                    self._stream.hold()
                stop.wait(RETRY_S)
            else:
                return

    def _leave(self, partitions: Partitions) -> None:
        try:
            self._roll()
        except (BrokerAwayError, RecordingError) as error:
            log.error("what had gathered is left to the next recorder: %s", error)  # noqa: TRY400  # its text says all
        self._lose(partitions)

    def _lose(self, partitions: Partitions) -> None:
        for partition in partitions:
            self._recorder.leave(partition)
