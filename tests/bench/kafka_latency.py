"""Reading to finding through gateway, broker and worker, under a steady load of columns over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from threading import Event, Thread
from typing import Final
from uuid import uuid4

import confluent_kafka
import httpx

from device_adapters.codecs.batches import MEDIA_TYPE
from pipeline.clock import SystemClock
from pipeline.connectors.kafka.topics import Topic
from pipeline.model.instant import NS_PER_S
from pipeline.runners.heap import settle
from tests.bench.field import ALARM_EVERY, READINGS_PER_POST, Sensors
from tests.bench.kafka_rig import Rig, rig
from tests.process import TOKEN

READINGS_PER_S: Final = 50_000
SENDERS: Final = 10
WARM_UP_S: Final = 10.0
ALARMS: Final = 250
_PATIENCE_S: Final = 10.0
_POST_EVERY_NS: Final = NS_PER_S * READINGS_PER_POST // READINGS_PER_S
CLOCK: Final = SystemClock()


def told_s() -> list[float]:
    """Seconds from the instant each alarm was due to be sent until its finding was read from Kafka."""
    with rig(1, time="wall") as one:
        one.start("worker")
        one.start("gateway")
        findings = _Findings(one)
        sensors = Sensors(one.config.inventory)
        settle()  # what stops the sender counts as late, and it holds 10,000 sensors too
        asyncio.run(_send(f"http://127.0.0.1:{one.port}/v1/readings", sensors))
        found_ns = findings.close()
    missing = sensors.leaking_ns.keys() - found_ns.keys()
    if missing:
        raise RuntimeError(f"{len(missing)} of {ALARMS} alarms without a finding")
    return [(found_ns[area] - at_ns) / NS_PER_S for area, at_ns in sensors.leaking_ns.items()]


async def _send(url: str, sensors: Sensors) -> None:
    begin_ns = CLOCK.now_ns() + NS_PER_S
    posts = round(WARM_UP_S * NS_PER_S / _POST_EVERY_NS) + ALARMS * ALARM_EVERY
    async with asyncio.TaskGroup() as senders:
        for first in range(SENDERS):
            senders.create_task(_push(url, sensors, range(first, posts, SENDERS), begin_ns))
    await asyncio.sleep(_PATIENCE_S)


async def _push(url: str, sensors: Sensors, numbers: range, begin_ns: int) -> None:
    """The schedule does not wait for answers: an alarm counts from when it was due."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": MEDIA_TYPE}
    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
        for number in numbers:
            due_ns = begin_ns + number * _POST_EVERY_NS
            await asyncio.sleep((due_ns - CLOCK.now_ns()) / NS_PER_S)
            alarm = number % ALARM_EVERY == 0 and number * _POST_EVERY_NS >= WARM_UP_S * NS_PER_S
            answer = await client.post(url, content=sensors.columns(number, due_ns, alarm=alarm))
            if answer.status_code != httpx.codes.ACCEPTED:
                raise RuntimeError(f"a post was not acknowledged: {answer.text}")


class _Findings:
    """Notes when the first finding of each area could be read."""

    def __init__(self, one: Rig) -> None:
        options = one.config.kafka
        self._area_of = {site.id: site.area for site in one.config.inventory.sites}
        self._topic = options.prefix + Topic.FINDINGS
        self._settings = {
            **options.librdkafka(),
            "group.id": uuid4().hex,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 5,
        }
        self._found_ns: dict[str, int] = {}
        self._stop = Event()
        self._thread = Thread(target=self._work)
        self._thread.start()

    def close(self) -> Mapping[str, int]:
        """Area -> when."""
        self._stop.set()
        self._thread.join()
        return self._found_ns

    def _work(self) -> None:
        consumer = confluent_kafka.Consumer(self._settings)
        consumer.subscribe([self._topic])
        while not self._stop.is_set():
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                finding = json.loads(message.value() or b"{}")
                if finding["hazard"] == "gas_leak":
                    self._found_ns.setdefault(self._area_of[finding["site"]], CLOCK.now_ns())
        consumer.close()
