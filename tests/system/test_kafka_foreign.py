"""Topics of others taken in from a real broker: committed when durable, and not before."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from device_adapters.kafka_options import KafkaTopicsOptions
from device_adapters.kafka_topics import KafkaTopics
from pipeline.errors import BackPressureError
from pipeline.model.instant import NS_PER_S
from tests.adapter_rig import AT, NOW_NS, MemorySink, context, counted, running, until
from tests.district import batches
from tests.kafka_field import Field, identities, messages_of
from tests.kafka_foreign import committed, make_topic, put
from tests.kafka_server import Broker, Kafka, fresh_prefix

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

NOW_S = NOW_NS // NS_PER_S
ADAPTER = """
[adapters.foreign]
kind = "kafka"
servers = "{servers}"
topics = ["{topic}"]
group = "{topic}"
messages_at_once = 50
"""


class Rig:
    """An adapter on a topic of its own."""

    def __init__(self, broker: Broker, **more: Any) -> None:
        self.servers, self.topic = broker.servers, fresh_prefix() + "foreign"
        make_topic(self.servers, self.topic)
        self.sink = MemorySink()
        self.context = context(self.sink)
        settings = {"servers": self.servers, "topics": [self.topic], "group": self.topic} | more
        self.adapter = KafkaTopics("foreign", KafkaTopicsOptions.model_validate(settings), self.context)

    def put(self, *payloads: bytes | None) -> None:
        put(self.servers, self.topic, payloads)

    def committed(self) -> int:
        return committed(self.servers, self.topic, self.topic)

    def values(self) -> list[tuple[str, float]]:
        return [(one.series.sensor, one.value) for one in self.sink.readings]


PLACES = [{"sensor": "{topic[0]}", "value": "v"}]


@pytest.mark.parametrize(
    ("options", "payload"),
    [
        pytest.param({}, json.dumps({"sensor": "north-h2s", "value": 1.5, "at": AT}), id="json"),
        pytest.param(
            {"json": {"places": [{"sensor": "north-{dev.gas}", "value": "v", "at": "t"}]}},
            json.dumps({"dev": {"gas": "h2s"}, "v": 1.5, "t": NOW_S * 1000}),
            id="configured places",
        ),
        pytest.param({"form": "lines"}, f"gas_ppm,sensor=north-h2s value=1.5 {NOW_NS}", id="line protocol"),
        pytest.param(
            {"form": "telegraf"},
            json.dumps(
                {"name": "gas_ppm", "tags": {"sensor": "north-h2s"}, "fields": {"value": 1.5}, "timestamp": NOW_S}
            ),
            id="telegraf",
        ),
    ],
)
def test_each_form_is_read_and_what_cannot_be_is_refused(broker: Broker, options: dict[str, Any], payload: str) -> None:
    rig = Rig(broker, max_payload_bytes=200, **options)

    async def story() -> None:
        rig.put(b"rubbish", None, b"x" * 201, payload.encode())
        async with running(rig.adapter):
            await until(rig.values)
            await until(lambda: len(rig.sink.rejects) > 1)

    asyncio.run(story())
    assert rig.values() == [("north-h2s", 1.5)]
    assert {one.reason.value for _, one in rig.sink.rejects} == {"malformed", "too_large"}
    counts = counted(rig.context)
    assert counts["received"] == sum(number for name, number in counts.items() if name != "received")


def test_offsets_are_committed_when_the_readings_are_durable_and_not_before(broker: Broker) -> None:
    rig = Rig(broker, messages_at_once=10)
    rig.sink.refusal = BackPressureError("not now", 0.2)
    rig.put(*(json.dumps({"sensor": "north-h2s", "value": n, "at": NOW_S * 1000 + n}).encode() for n in range(100)))

    async def story() -> None:
        async with running(rig.adapter):
            await until(lambda: rig.sink.refused > 2)
            assert await asyncio.to_thread(rig.committed) == 0
            rig.sink.refusal = None
            await until(lambda: len(rig.values()) == 100)
            assert [value for _, value in rig.values()] == list(range(100)), "they stay in their order"
            while await asyncio.to_thread(rig.committed) < 100:  # noqa: ASYNC110  # a broker tells nobody
                await asyncio.sleep(0.1)

    asyncio.run(asyncio.wait_for(story(), 180))
    assert [value for _, value in rig.values()] == list(range(100))


def test_a_broker_that_goes_and_comes_back_is_told_once_each(
    mortal_broker: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(mortal_broker)
    one, two = (json.dumps({"sensor": "north-h2s", "value": n, "at": NOW_S * 1000 + n}).encode() for n in (1, 2))

    async def story() -> None:
        rig.put(one)
        async with running(rig.adapter):
            await until(lambda: len(rig.values()) == 1)
            await asyncio.to_thread(mortal_broker.stop, signal.SIGKILL)
            await until(lambda: "trying again" in caplog.text)
            await asyncio.to_thread(mortal_broker.start)
            await asyncio.to_thread(rig.put, two)
            await until(lambda: len(rig.values()) == 2)
            await until(lambda: "answers again" in caplog.text)

    with caplog.at_level("INFO", "device_adapters.kafka_topics"):
        asyncio.run(story())
    assert [record.levelname for record in caplog.records if record.name == "device_adapters.kafka_topics"] == [
        "WARNING",
        "INFO",
    ]


def test_a_broker_that_goes_before_it_has_committed_keeps_nobody(mortal_broker: Kafka) -> None:
    rig = Rig(mortal_broker)
    rig.sink.refusal = BackPressureError("not now", 0.1)
    rig.put(json.dumps({"sensor": "north-h2s", "value": 1.0, "at": NOW_S * 1000}).encode())

    async def story() -> None:
        async with running(rig.adapter):
            await until(lambda: rig.sink.refused > 0)
            await asyncio.to_thread(mortal_broker.stop, signal.SIGKILL)
            rig.sink.refusal = None
            await until(rig.values)
            stopping_s.append(asyncio.get_running_loop().time())
        stopping_s.append(asyncio.get_running_loop().time())

    stopping_s: list[float] = []
    asyncio.run(story())
    assert stopping_s[1] - stopping_s[0] < 30, "much less than a client gives a broker to answer"


def test_a_gateway_that_is_killed_takes_in_again_what_it_had_not_handed_on(broker: Broker, tmp_path: Path) -> None:
    topic = fresh_prefix() + "foreign"
    make_topic(broker.servers, topic)
    field = Field(tmp_path, broker.servers, more=ADAPTER.format(servers=broker.servers, topic=topic))
    stream = list(batches(minutes=300))
    put(broker.servers, topic, (payload for batch in stream for _, payload in messages_of(batch)))
    with field.gateway() as gateway:
        gateway.wait_until(lambda: len(identities(field.entries())) > 100)
        gateway.kill()
    with field.gateway() as gateway:
        gateway.wait_until(lambda: committed(broker.servers, topic, topic) == 900)
        gateway.stop()
    assert set(identities(field.entries())) == set(identities(stream))
