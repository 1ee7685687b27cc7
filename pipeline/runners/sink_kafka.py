"""The sink: from the topics to InfluxDB and to Parquet, each with a group of its own, so that none waits for the other.

Offsets are committed when everything up to them is in InfluxDB, in its spool, or in a file of the recording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Flag
from typing import Final

import confluent_kafka

from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.influx.results import counter_lines, lag_line
from pipeline.connectors.influx.writer import Writer
from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.admin import identity_of, require
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.recorder.place import place_of
from pipeline.connectors.recorder.recorder import Recorder
from pipeline.errors import ConfigError
from pipeline.model.batch import BatchError
from pipeline.runners.service import FINE, Gauge, Service
from pipeline.runners.sink_influx import SINK_SPOOL, deliver, open_writer
from pipeline.runners.sink_points import COMPONENT, NOT_READABLE, Points
from pipeline.runners.sink_recorder import RecorderSink
from pipeline.runners.sink_stream import Stream
from pipeline.telemetry import Event, Telemetry

INFLUX_GROUP: Final = "forewarn-sink-influx"
INFLUX_TOPICS: Final = (Topic.READINGS, Topic.FINDINGS, Topic.ASSESSMENTS, Topic.WARNINGS, Topic.FORECASTS)
MESSAGES_AT_ONCE: Final = 100
"""Of up to 2,000 readings each: what is held in memory as points is some 25 MB."""
PROCESS: Final = "sink"


class InfluxSink:
    """One thread that writes to InfluxDB."""

    def __init__(self, config: Config, writer: Writer, producer: Producer, clock: Clock, telemetry: Telemetry) -> None:
        self._options = config.influx
        self._kafka = config.kafka
        self._writer = writer
        self._producer = producer
        self._points = Points(config.inventory, config.influx, telemetry)
        self._clock = clock
        self._telemetry = telemetry
        self._told_s = clock.monotonic_s()
        self.lag: dict[str, float] = {}

    def run(self, stop: Flag) -> None:
        """Until `stop`."""
        stream = Stream(self._kafka, INFLUX_GROUP, INFLUX_TOPICS)
        try:
            while not stop.is_set():
                messages = stream.take(MESSAGES_AT_ONCE, self._options.linger_s)
                lines = [line for message in messages for line in self._lines(stream, message)]
                if not deliver(self._writer, lines, stop, stream.hold):
                    return
                if messages:
                    stream.acknowledge()
                self._writer.pump()
                self._tell(stream, stop)
        finally:
            stream.close()
            self._writer.close()

    def _lines(self, stream: Stream, message: confluent_kafka.Message) -> list[bytes]:
        try:
            return self._points.of_message(stream.topic_of(message), message.value())
        except BatchError as error:
            _bury(self._producer, self._clock, self._telemetry, message, error)
            return []

    def _tell(self, stream: Stream, stop: Flag) -> None:
        """The sink's own figures."""
        now_s = self._clock.monotonic_s()
        if now_s < self._told_s + self._options.store_every_s:
            return
        self._told_s = now_s
        now_ns, lag = self._clock.now_ns(), stream.lag()
        self.lag = {f"{topic}/{partition}": float(messages) for (topic, partition), messages in lag.items()}
        lines = counter_lines(self._telemetry.counts(), PROCESS, now_ns)
        lines += [lag_line(topic, partition, messages, now_ns) for (topic, partition), messages in lag.items()]
        deliver(self._writer, lines, stop, stream.hold)


def _bury(
    producer: Producer, clock: Clock, telemetry: Telemetry, message: confluent_kafka.Message, error: BatchError
) -> None:
    """Keep what cannot be read, durable on return; of `readings` the worker does."""
    telemetry.count(COMPONENT, Event.DROPPED, 1, NOT_READABLE)
    topic = str(message.topic())
    if not topic.endswith(Topic.READINGS):
        source = f"{topic}/{message.partition()}@{message.offset()}"
        letter = DeadLetter(clock.now_ns(), source, NOT_READABLE, str(error), message.value() or b"")
        producer.bury(letter).result()


async def run(config: Config, clock: Clock, telemetry: Telemetry, service: Service) -> None:
    """Write what the configuration asks for until cancelled; what was taken by then is written.

    Raises:
        ConfigError: it asks for nothing.
        BrokerError: Kafka cannot be reached, or its topics do not fit.
        InfluxError: the token, the organisation or the bucket is wrong.
        RecordingError: no folder or key for the recording, or the last of it could not be written.
    """
    if not config.influx.url and config.recorder.path is None:
        raise ConfigError(config.path, "the sink has nothing to write: give influx.url, recorder.path or both")
    await asyncio.to_thread(require, config.kafka)
    producer = Producer(config.kafka)
    try:
        await _until_ended(await asyncio.to_thread(_jobs, config, producer, clock, telemetry, service), service)
    finally:
        await asyncio.to_thread(producer.close)


Job = Callable[[Flag], None]


def _jobs(config: Config, producer: Producer, clock: Clock, telemetry: Telemetry, service: Service) -> list[Job]:
    jobs: list[Job] = []
    if config.influx.url:
        writer = open_writer(config, clock, telemetry, SINK_SPOOL, must_fit=True)
        sink = InfluxSink(config, writer, producer, clock, telemetry)
        service.gauges.append(
            Gauge("spool_requests", "Requests that wait for InfluxDB on disk.", lambda: writer.waiting)
        )
        service.gauges.append(Gauge("lag_messages", "Messages not taken in yet.", lambda: sink.lag, "partition"))
        jobs.append(sink.run)
    if config.recorder.path is not None:
        log_of = identity_of(config.kafka, Topic.READINGS)
        recorder = Recorder(place_of(config.recorder), config.inventory.version, log_of)
        jobs.append(RecorderSink(config, recorder, clock, telemetry).run)
    return jobs


async def _until_ended(jobs: Sequence[Job], service: Service) -> None:
    """Run all of them; the end of one is the end of all."""
    stop = Flag()
    with ThreadPoolExecutor(len(jobs), "sink") as pool:
        running: list[Future[None]] = [pool.submit(job, stop) for job in jobs]
        service.checks["writing"] = lambda: "it has ended" if any(one.done() for one in running) else FINE
        try:
            await asyncio.wait([asyncio.wrap_future(one) for one in running], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            await asyncio.to_thread(lambda: [one.exception() for one in running])
    for one in running:
        one.result()
