"""How many readings a second a gateway acknowledges: columns and JSON over HTTP, JSON over MQTT, JSON from a topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Final

import aiomqtt
import confluent_kafka
import httpx
import msgspec

from device_adapters.codecs.batches import MEDIA_TYPE
from pipeline.clock import SystemClock
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import from_ns, to_text
from pipeline.model.inventory import Inventory
from pipeline.stages.merge import merged
from tests.bench.kafka_rig import LOOK_EVERY_S, Running, rig
from tests.bench.workload import Stream
from tests.kafka_foreign import make_topic
from tests.process import TOKEN
from tests.servers import Mosquitto

READINGS: Final = 3_000_000
JSON_READINGS: Final = 600_000
ROWS: Final = 2_000
SENDERS: Final = 8
FOREIGN: Final = "foreign"
CLOCK: Final = SystemClock()

MQTT: Final = """
[adapters.field]
kind = "mqtt"
host = "127.0.0.1"
port = {port}
client_id = "bench"
topics = ["field/#"]
"""
TOPIC: Final = """
[adapters.foreign]
kind = "kafka"
servers = "{servers}"
topics = ["foreign"]
group = "bench"
"""


def columns_per_s() -> float:
    """Our own columns over HTTP, ROWS a post."""
    return _http(MEDIA_TYPE, READINGS, ReadingBatch.encode)


def json_per_s() -> float:
    """JSON over HTTP, ROWS a post."""
    return _http("application/json", JSON_READINGS, _as_json)


def _http(media_type: str, readings: int, encode: Callable[[ReadingBatch], bytes]) -> float:
    with rig(1) as one:
        one.start("gateway")
        bodies = [encode(batch) for batch in _batches(one.config.inventory, readings)]
        began_s = CLOCK.monotonic_s()
        asyncio.run(_post_all(f"http://127.0.0.1:{one.port}/v1/readings", media_type, bodies))
        return readings / (CLOCK.monotonic_s() - began_s)


async def _post_all(url: str, media_type: str, bodies: list[bytes]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": media_type}
    left = iter(bodies)

    async def post() -> None:
        async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:
            for body in left:
                answer = await client.post(url, content=body)
                if answer.status_code != httpx.codes.ACCEPTED:
                    raise RuntimeError(f"a post was not acknowledged: {answer.text}")

    async with asyncio.TaskGroup() as senders:
        for _ in range(SENDERS):
            senders.create_task(post())


def mqtt_per_s() -> float:
    """JSON over MQTT, QoS 1, ROWS a message, from when the first is sent until Kafka has the last."""
    with TemporaryDirectory() as folder:
        mosquitto = Mosquitto(Path(folder)).start()
        try:
            with rig(1, more=MQTT.format(port=mosquitto.port)) as one:
                gateway = one.start("gateway")
                bodies = [_as_json(batch) for batch in _batches(one.config.inventory, JSON_READINGS)]
                began_s = CLOCK.monotonic_s()
                asyncio.run(_publish(mosquitto.port, bodies))
                return _taken_per_s(gateway, began_s)
        finally:
            mosquitto.stop()


async def _publish(port: int, bodies: list[bytes]) -> None:
    async with aiomqtt.Client("127.0.0.1", port, max_queued_outgoing_messages=0) as client:
        for body in bodies:
            await client.publish("field/one", body, qos=1)


def topic_per_s() -> float:
    """Single JSON readings from a topic of others, written there before."""
    with rig(1, more=TOPIC) as one:
        servers = one.config.kafka.servers
        make_topic(servers, FOREIGN)
        producer = confluent_kafka.Producer({"bootstrap.servers": servers, "queue.buffering.max.messages": 0})
        for line in json_lines(one.config.inventory, JSON_READINGS):
            producer.produce(FOREIGN, line)
        producer.flush()
        gateway = one.start("gateway")
        return _taken_per_s(gateway, CLOCK.monotonic_s())


def _taken_per_s(gateway: Running, began_s: float) -> float:
    while gateway.count("gateway", "sent") < JSON_READINGS:
        sleep(LOOK_EVERY_S)
    return JSON_READINGS / (CLOCK.monotonic_s() - began_s)


def _batches(inventory: Inventory, readings: int) -> list[ReadingBatch]:
    return [merged([batch]) for batch in Stream(inventory).batches(readings, ROWS)]


def _items(batch: ReadingBatch) -> Iterator[dict[str, str | float]]:
    for reading in batch.readings():
        yield {
            "sensor": reading.series.sensor,
            "value": reading.value,
            "at": to_text(from_ns(reading.observed_at_ns)),
        }


def _as_json(batch: ReadingBatch) -> bytes:
    return msgspec.json.encode({"readings": list(_items(batch))})


def json_lines(inventory: Inventory, readings: int) -> Iterator[bytes]:
    """The workload, one JSON reading a message."""
    return (msgspec.json.encode(item) for batch in _batches(inventory, readings) for item in _items(batch))
