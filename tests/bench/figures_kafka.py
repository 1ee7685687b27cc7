"""The figures of many machines: workers, gateway, latency on a real broker, and what others reach on it."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

import numpy as np

from tests.bench import kafka_gateway as gateway
from tests.bench import kafka_peers as peers
from tests.bench.figure import Figure
from tests.bench.kafka_latency import READINGS_PER_S, told_s
from tests.bench.kafka_worker import Pace, cold_start_s, pace

PEER_READINGS: Final = 500_000
FAUST_READINGS: Final = 60_000
_SAME: Final = "one JSON reading a message, EWMA, CUSUM and river's GaussianScorer of each of 10,000 sensors, one core"

_pace = cache(pace)
_told_s = cache(told_s)


def _of(workers: int) -> Pace:
    return _pace(workers, len(os.sched_getaffinity(0)))


def _two_workers_ratio() -> float:
    """How much more two workers do on the cores that broker and sender leave them, made up to two, than one does."""
    one, two = _of(1), _of(2)
    return two.per_s / one.per_s * 2 / min(two.free_cores, 2)


WORKER: Final = Figure(
    "kafka.worker",
    "readings/s",
    "one `forewarn worker` on a real broker, the broker on the other core: all installed detectors, findings, "
    "assessments and warnings sent; 10,000 sensors, 2,000 readings a message",
    lambda: _of(1).per_s,
)
TWO_WORKERS: Final = Figure(
    "kafka.two_workers_ratio",
    "times one worker",
    "two workers on two partitions over one worker; the processor time of broker and sender, measured meanwhile, is "
    "taken off: readings a second x 2 / (cores - cores that these used)",
    _two_workers_ratio,
)
BYTES: Final = Figure(
    "kafka.bytes_per_reading",
    "bytes",
    "what a broker keeps on disk of that load in `readings`, compressed, without replicas",
    lambda: _of(1).bytes_a_reading,
)
COLD_START: Final = Figure(
    "kafka.cold_start_s",
    "s",
    "from the start of a worker process until it has taken in a message, the state of 10,000 sensors taken up before",
    cold_start_s,
)
GATEWAY_HTTP: Final = Figure(
    "kafka.gateway_http",
    "readings/s",
    f"one `forewarn gateway`: our own columns over HTTP, {gateway.ROWS:,} readings a post, acknowledged when Kafka has "
    "them; the sender on the same two cores",
    gateway.columns_per_s,
)
GATEWAY_JSON: Final = Figure(
    "kafka.gateway_http_json", "readings/s", "the same as JSON", gateway.json_per_s, GATEWAY_HTTP.name
)
GATEWAY_MQTT: Final = Figure(
    "kafka.gateway_mqtt",
    "readings/s",
    f"one `forewarn gateway`: JSON from a real Mosquitto, QoS 1, {gateway.ROWS:,} readings a message, until Kafka has "
    "the last",
    gateway.mqtt_per_s,
)
GATEWAY_TOPIC: Final = Figure(
    "kafka.gateway_topic",
    "readings/s",
    "one `forewarn gateway`: single JSON readings from a topic of others, from when it is ready to the last",
    gateway.topic_per_s,
)
P50: Final = Figure(
    "kafka.latency_p50_s",
    "s",
    f"{READINGS_PER_S:,} readings/s over HTTP, gateway, broker, worker: from the instant a gas alarm is due to be "
    "sent until its finding can be read from Kafka; the median of 250 alarms",
    lambda: float(np.quantile(_told_s(), 0.50)),
)
P99: Final = Figure(
    "kafka.latency_p99_s", "s", "the same, the 99th percentile", lambda: float(np.quantile(_told_s(), 0.99)), P50.name
)
FAUST: Final = Figure(
    "kafka.peer_faust",
    "readings/s",
    f"Faust, one event at a time: {_SAME}",
    lambda: peers.per_s("faust_event", FAUST_READINGS, own=True),
    WORKER.name,
)
QUIX: Final = Figure(
    "kafka.peer_quix",
    "readings/s",
    f"Quix Streams: {_SAME}",
    lambda: peers.per_s("quix", PEER_READINGS),
    WORKER.name,
)
BYTEWAX: Final = Figure(
    "kafka.peer_bytewax",
    "readings/s",
    f"Bytewax: {_SAME}",
    lambda: peers.per_s("bytewax_flow", PEER_READINGS),
    WORKER.name,
)
ALL: Final = (
    WORKER,
    TWO_WORKERS,
    BYTES,
    COLD_START,
    GATEWAY_HTTP,
    GATEWAY_JSON,
    GATEWAY_MQTT,
    GATEWAY_TOPIC,
    P50,
    P99,
    FAUST,
    QUIX,
    BYTEWAX,
)
